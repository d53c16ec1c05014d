"""An opening of the test split names the candidates that were selected; those from before know their programs alone."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("openings", sa.Column("candidates", sa.Text(), nullable=False, server_default="[]"))
