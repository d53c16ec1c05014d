"""An outcome holds the graph of the network; those from before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("outcomes", sa.Column("graph", sa.Text(), nullable=True))
