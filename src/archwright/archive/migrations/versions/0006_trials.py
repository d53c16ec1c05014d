"""Any number of calls and of outcomes per candidate; finalists become trials on the test split.

The rows are read, the tables made anew and the rows written back: the keys of three tables change.
"""

import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

from archwright.archive.columns import unescape

revision = "0006"
down_revision = "0005"

CALL = ("prompt", "completion", "model", "adapter", "prompt_tokens", "completion_tokens", "finish_reason")
FAILURE = ("failure_stage", "failure_kind", "failure_message", "failure_line")
SAME = ("params", "flops", "seconds", "cpu_s", "gpu_s", "memory_mb", "received_bytes", "protocol", "isolation", "log")

Rows = list[dict[str, Any]]


def upgrade() -> None:
    old = {name: _rows(name) for name in ("studies", "candidates", "outcomes", "admissions", "finals", "openings")}
    for name in ("admissions", "outcomes", "finals", "candidates"):
        op.drop_table(name)
    op.add_column("sessions", sa.Column("config", sa.Text(), nullable=False, server_default="{}"))
    configs = {study["id"]: json.loads(study["config"]) for study in old["studies"]}
    for number, study in ((study["id"], study) for study in old["studies"]):
        sessions = sa.table("sessions", sa.column("study_id"), sa.column("config"))
        op.execute(sessions.update().where(sessions.c.study_id == number).values(config=study["config"]))
    _create_tables()
    _insert("candidates", [_candidate(row) for row in old["candidates"]])
    _insert("calls", [_call(row) for row in old["candidates"] if any(row[name] is not None for name in CALL[:3])])
    searched = [_outcome(row, configs[row["study_id"]]) for row in old["outcomes"]]
    _insert("outcomes", searched + _finalists(old, configs))
    _insert("admissions", old["admissions"])


def _rows(name: str) -> Rows:
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    return [dict(row) for row in op.get_bind().execute(sa.select(table)).mappings()]


def _insert(name: str, rows: Rows) -> None:
    if rows:
        table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
        op.get_bind().execute(table.insert(), rows)


def _candidate(row: dict[str, Any]) -> dict[str, Any]:
    facts = {name: unescape(row[name]) for name in ("operation", "repair") if row[name] is not None}
    kept = ("study_id", "cycle", "position", "program", "generator", "seed", "parents", "generate_s", "created_at")
    return {name: row[name] for name in kept} | {"facts": json.dumps(facts)}


def _call(row: dict[str, Any]) -> dict[str, Any]:
    values = {name: row[name] for name in ("study_id", "cycle", "position", *CALL)}
    values |= {name: row[name] or "" for name in ("prompt", "completion", "model")}
    return values | {"number": 0, "role": "writer", "wall_s": row["generate_s"]}


def _outcome(row: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    values = {name: row[name] for name in ("study_id", "cycle", "position", "stage", *SAME, *FAILURE)}
    if row["failure_kind"] is not None and row["failure_stage"] is None:
        values["failure_stage"] = row["stage"]
    values |= {"cached": row["cached"], "finished_at": row["finished_at"]} | _scores(row)
    split = "test" if row["protocol"] == "lemur" else "validation"
    epochs = config.get("budget", {}).get("epochs", 1)
    return values | {"number": 0, "seed": row["seed"], "split": split} | _fidelity(config, epochs)


def _scores(row: dict[str, Any]) -> dict[str, Any]:
    if row["n"] is None or (row["n"] == 0 and row["accuracy"] is None):  # a finalist that failed had n = 0, no numbers
        return {"scores_values": None, "scores_n": None}
    nan = float("nan")
    values = {name: nan if row[name] is None else row[name] for name in ("accuracy", "loss")}
    return {"scores_values": json.dumps(values), "scores_n": row["n"]}


def _fidelity(config: dict[str, Any], epochs: int) -> dict[str, Any]:
    data = config.get("data", {})
    recipe = json.dumps(config["recipe"], sort_keys=True) if "recipe" in config else ""
    size = {"train_size": data.get("train_size", 0), "image_size": data.get("image_size", 0)}
    return {"epochs": epochs, "recipe": recipe, **size}


def _finalists(old: dict[str, Rows], configs: dict[int, dict[str, Any]]) -> Rows:
    """Return the finals as trials of the candidate that was selected: the best with that program."""
    accuracy = {(row["study_id"], row["cycle"], row["position"]): row["accuracy"] for row in old["outcomes"]}
    best: dict[tuple[int, str], tuple[float, int, int]] = {}
    for row in old["candidates"]:
        place = row["study_id"], row["cycle"], row["position"]
        score = accuracy.get(place)
        found = (-(score if score is not None else -1.0), row["cycle"], row["position"])
        pair = row["study_id"], row["program"]
        best[pair] = min(best.get(pair, found), found)
    epochs: dict[tuple[int, str, int], int] = {}
    for opening in old["openings"]:
        for program in json.loads(opening["programs"]):
            for seed in json.loads(opening["seeds"]):
                epochs[opening["study_id"], program, seed] = opening["epochs"]
    counts: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    rows: Rows = []
    for final in old["finals"]:
        study, program, seed = final["study_id"], final["program"], final["seed"]
        _, cycle, position = best[study, program]
        counts[study, cycle, position] += 1
        values = {name: final[name] for name in ("study_id", "protocol", "params", "isolation", *FAILURE)}
        values |= {"cycle": cycle, "position": position, "number": counts[study, cycle, position], "seed": seed}
        values |= {"split": "test", "stage": final["failure_stage"] or "score", "finished_at": final["opened_at"]}
        values |= {"flops": None, "seconds": "{}", "cpu_s": 0.0, "gpu_s": 0.0, "memory_mb": 0.0}
        values |= {"received_bytes": 0, "log": "", "cached": False} | _scores(final)
        rows.append(values | _fidelity(configs[study], epochs.get((study, program, seed), 1)))
    return rows


def _key(*names: str) -> list[sa.Column[int]]:
    return [sa.Column("study_id", sa.Integer(), primary_key=True)] + [
        sa.Column(name, sa.BigInteger(), primary_key=True, autoincrement=False) for name in names
    ]


def _failure() -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text()) for name in FAILURE[:-1]] + [sa.Column(FAILURE[-1], sa.BigInteger())]


def _of_candidate() -> sa.ForeignKeyConstraint:
    names = ("study_id", "cycle", "position")
    return sa.ForeignKeyConstraint(names, [f"candidates.{name}" for name in names])


def _create_tables() -> None:
    op.create_table(
        "candidates",
        *_key("cycle", "position"),
        sa.Column("program", sa.Text()),
        sa.Column("generator", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("parents", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        *_failure(),
        *(sa.Column(f"at_{name}", sa.BigInteger()) for name in ("epochs", "train_size", "image_size")),
        sa.Column("at_recipe", sa.Text()),
        sa.Column("generate_s", sa.Double()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"]),
        sa.ForeignKeyConstraint(["study_id", "program"], ["programs.study_id", "programs.digest"]),
    )
    op.create_index("candidates_by_program", "candidates", ["study_id", "program"])
    op.create_table(
        "calls",
        *_key("cycle", "position", "number"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("role", "prompt", "completion", "model")),
        sa.Column("adapter", sa.Text()),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("finish_reason", sa.Text()),
        sa.Column("wall_s", sa.Double()),
        _of_candidate(),
    )
    trial = ("seed", "split", "epochs", "train_size", "image_size", "recipe")
    op.create_table(
        "outcomes",
        *_key("cycle", "position", "number"),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("epochs", "train_size", "image_size")),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        *_failure(),
        sa.Column("scores_values", sa.Text()),
        sa.Column("scores_n", sa.BigInteger()),
        sa.Column("params", sa.Text()),
        sa.Column("flops", sa.Text()),
        sa.Column("seconds", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Double()) for name in ("cpu_s", "gpu_s", "memory_mb")),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("isolation", sa.BigInteger(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("cached", sa.Boolean(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=False),
        _of_candidate(),
        sa.UniqueConstraint("study_id", "cycle", "position", *trial, name="outcomes_by_trial"),
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
        _of_candidate(),
        sa.ForeignKeyConstraint(["study_id", "cycle"], ["cycles.study_id", "cycles.cycle"]),
    )
