"""Studies, programs, candidates, outcomes, cycles, admissions, adapters, costs and openings of the test split."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _key(*names: str) -> list[sa.Column[int]]:
    return [sa.Column("study_id", sa.Integer(), primary_key=True)] + [
        sa.Column(name, sa.BigInteger(), primary_key=True, autoincrement=False) for name in names
    ]


def upgrade() -> None:
    op.create_table(
        "studies",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("archwright", sa.Text(), nullable=False),
    )
    op.create_table(
        "sessions",
        *_key("number"),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"]),
    )
    op.create_table(
        "programs",
        *_key(),
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"]),
    )
    op.create_table(
        "candidates",
        *_key("cycle", "position"),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("generator", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("parents", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text()),
        sa.Column("prompt", sa.Text()),
        sa.Column("completion", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("adapter", sa.Text()),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("finish_reason", sa.Text()),
        sa.Column("generate_s", sa.Double()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"]),
        sa.ForeignKeyConstraint(["study_id", "program"], ["programs.study_id", "programs.digest"]),
    )
    op.create_index("candidates_by_program", "candidates", ["study_id", "program"])
    op.create_table(
        "outcomes",
        *_key("cycle", "position"),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("failure_stage", sa.Text()),
        sa.Column("failure_kind", sa.Text()),
        sa.Column("failure_message", sa.Text()),
        sa.Column("failure_line", sa.BigInteger()),
        sa.Column("accuracy", sa.Double()),
        sa.Column("loss", sa.Double()),
        sa.Column("n", sa.BigInteger()),
        sa.Column("params", sa.Text()),
        sa.Column("flops", sa.Text()),
        sa.Column("seconds", sa.Text(), nullable=False),
        sa.Column("cpu_s", sa.Double()),
        sa.Column("gpu_s", sa.Double()),
        sa.Column("memory_mb", sa.Double()),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("isolation", sa.BigInteger(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "cycle", "position"], ["candidates.study_id", "candidates.cycle", "candidates.position"]
        ),
    )
    op.create_table(
        "cycles",
        *_key("cycle"),
        sa.Column("threshold", sa.Double()),
        sa.Column("closed_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"]),
    )
    op.create_table(
        "admissions",
        *_key("cycle", "position"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lexical_value", sa.Double()),
        sa.Column("lexical_nearest", sa.Text()),
        sa.Column("canonical_value", sa.Double()),
        sa.Column("canonical_nearest", sa.Text()),
        sa.Column("rejections", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["study_id", "cycle", "position"], ["outcomes.study_id", "outcomes.cycle", "outcomes.position"]
        ),
        sa.ForeignKeyConstraint(["study_id", "cycle"], ["cycles.study_id", "cycles.cycle"]),
    )
    op.create_table(
        "adapters",
        *_key(),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("cycle", sa.BigInteger(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("parents", sa.Text(), nullable=False),
        sa.Column("pairs", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.BigInteger(), nullable=False),
        sa.Column("loss", sa.Double()),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"]),
    )
    op.create_table(
        "costs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("wall_s", sa.Double()),
        sa.Column("cpu_s", sa.Double()),
        sa.Column("gpu_s", sa.Double()),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"]),
    )
    op.create_index("costs_by_study", "costs", ["study_id"])
    op.create_table(
        "finals",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("accuracy", sa.Double()),
        sa.Column("loss", sa.Double()),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id", "program"], ["programs.study_id", "programs.digest"]),
    )
    op.create_index("finals_by_study", "finals", ["study_id"])
