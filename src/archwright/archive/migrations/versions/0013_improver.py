"""The improver has the settings of a model alone; those of a writer, which meant nothing to it, are gone."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
GONE = ("repair", "repair_rounds", "repair_by", "form", "examples", "remarks")


def upgrade() -> None:
    for name in ("studies", "sessions"):
        table = sa.table(name, sa.column("config", sa.Text))
        for text in op.get_bind().scalars(sa.select(table.c.config).distinct()).all():
            config = json.loads(text)
            for key in GONE:
                config.get("improver", {}).pop(key, None)
            op.execute(table.update().where(table.c.config == text).values(config=json.dumps(config)))
