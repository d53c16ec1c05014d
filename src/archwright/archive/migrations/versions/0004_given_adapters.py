"""A study starts from an adapter that is given to it; earlier ones trained theirs in a warm start of their own."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

GONE = ("warm_start", "warm_start_epochs", "warm_start_mutations")


def upgrade() -> None:
    studies = sa.table("studies", sa.column("id", sa.Integer), sa.column("config", sa.Text))
    for number, text in op.get_bind().execute(sa.select(studies.c.id, studies.c.config)).all():
        config = json.loads(text)
        config["tune"] = {key: value for key, value in config.get("tune", {}).items() if key not in GONE}
        config["llm"] = {"adapter": "none"} | config.get("llm", {})
        op.execute(studies.update().where(studies.c.id == number).values(config=json.dumps(config)))
