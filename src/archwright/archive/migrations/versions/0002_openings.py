"""Openings of the test split are decided and stored before anything is seen; a finalist says more of itself."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "openings",
        sa.Column("study_id", sa.Integer(), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("programs", sa.Text(), nullable=False),
        sa.Column("seeds", sa.Text(), nullable=False),
        sa.Column("epochs", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"]),
    )
    for name in ("failure_stage", "failure_kind", "failure_message"):
        op.add_column("finals", sa.Column(name, sa.Text()))
    op.add_column("finals", sa.Column("failure_line", sa.BigInteger()))
    op.add_column("finals", sa.Column("params", sa.Text()))
    op.add_column("finals", sa.Column("isolation", sa.BigInteger(), nullable=False, server_default="0"))
