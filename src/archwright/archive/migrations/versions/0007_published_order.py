"""A study begun with the novelty filter before the threshold goes on so."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    studies = sa.table("studies", sa.column("id", sa.Integer()), sa.column("config", sa.Text()))
    for number, text in op.get_bind().execute(sa.select(studies.c.id, studies.c.config)).all():
        config = json.loads(text)
        if "loop" in config:
            config["loop"]["threshold_first"] = False
            op.execute(studies.update().where(studies.c.id == number).values(config=json.dumps(config)))
