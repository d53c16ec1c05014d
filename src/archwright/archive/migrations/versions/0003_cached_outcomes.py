"""An outcome says whether it was computed for this study or comes from the result cache."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("outcomes", sa.Column("cached", sa.Boolean(), nullable=False, server_default=sa.false()))
