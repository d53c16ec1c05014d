"""A local model computes with transformers alone; `llm.engine` and `improver.engine` are gone."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for name in ("studies", "sessions"):
        table = sa.table(name, sa.column("config", sa.Text))
        for text in op.get_bind().scalars(sa.select(table.c.config).distinct()).all():
            config = json.loads(text)
            for section in ("llm", "improver"):
                config.get(section, {}).pop("engine", None)
            op.execute(table.update().where(table.c.config == text).values(config=json.dumps(config)))
