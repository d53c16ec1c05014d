"""A verdict holds the similarity of the network's graph; those from before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("admissions", sa.Column("graph_value", sa.Double(), nullable=True))
    op.add_column("admissions", sa.Column("graph_nearest", sa.Text(), nullable=True))
