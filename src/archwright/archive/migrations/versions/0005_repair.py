"""A candidate says what was done to the text a model wrote; a study begun before goes on without any of it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("candidates", sa.Column("repair", sa.Text()))
    op.execute("UPDATE candidates SET repair = 'raw' WHERE completion IS NOT NULL")
    studies = sa.table("studies", sa.column("id", sa.Integer()), sa.column("config", sa.Text()))
    for number, text in op.get_bind().execute(sa.select(studies.c.id, studies.c.config)).all():
        config = json.loads(text)
        if "llm" in config:
            config["llm"]["repair"] = False
            op.execute(studies.update().where(studies.c.id == number).values(config=json.dumps(config)))
