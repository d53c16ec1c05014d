"""Feedback memory the whole way, with scripted models: configuration, archive, a kill between two models, `resume`."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.seams.conftest import SPEC

from archwright.analysis.report import write_report
from archwright.archive import Archive
from archwright.assembly import Assembly, Parts
from archwright.candidate import IMPROVER, WRITER, Call, Record
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.generators.advised import AdvisedGenerator
from archwright.llm.replay import ReplayModel
from archwright.study import Study
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor
from archwright.testing.models import PROGRAM_ANSWER

ADVICE = json.dumps({"reason": "too shallow", "improvement_suggestions": "add a layer"})
WIDER = PROGRAM_ANSWER.replace("super()", "width = 8\n        super()")


@pytest.fixture
def config(tmp_path: Path) -> StudyConfig:
    """Two scripted models: the writer does as it is told, and the improver sees what became of it."""
    writer = [
        {"text": PROGRAM_ANSWER, "prompt_tokens": 100, "completion_tokens": 50},
        {"text": WIDER, "when": "Suggestion: add a layer", "prompt_tokens": 100, "completion_tokens": 50},
        {"text": "no program", "when": "Suggestion: rest", "prompt_tokens": 100, "completion_tokens": 50},
    ]
    rest = json.dumps({"reason": "enough", "improvement_suggestions": "rest"})
    improver = [
        {"text": ADVICE, "prompt_tokens": 1_000, "completion_tokens": 10},
        {"text": rest, "when": "suggestion: add a layer", "prompt_tokens": 1_000, "completion_tokens": 10},
    ]
    for name, lines in (("writer", writer), ("improver", improver)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    settings = ["loop.cycles=1", "loop.candidates=4", "budget.wall_s=20", "llm.price_in=2", "llm.price_out=10"]
    models = [f"llm.model=replay:{tmp_path}/writer.jsonl", f"improver.model=replay:{tmp_path}/improver.jsonl"]
    return load_config("feedback", ["task=digits", "improver.price_in=1", *settings, *models])


def parts() -> Parts:
    return Parts(spec=SPEC, executor=SerialExecutor(FakeEvaluator()))


def rows(folder: Path) -> list[tuple[object, ...]]:
    """Return what of a study must not depend on whether it was killed."""
    with Archive.open(folder, read_only=True) as archive:
        return [(r.candidate.program, r.candidate.facts, calls(r), r.outcomes, r.admission) for r in archive.records()]


def calls(record: Record) -> list[tuple[str, str, str]]:
    return [(call.role, call.prompt, call.completion) for call in record.candidate.calls]


def test_the_preset_is_the_published_one_and_its_parts_fit_together(config: StudyConfig, tmp_path: Path) -> None:
    published = load_config("feedback")
    decoding = (published.llm.temperature, published.llm.top_p, published.llm.top_k, published.llm.max_new_tokens)
    assert decoding == (0.7, 0.9, 0, 2048)
    assert (published.recipe.batch, published.recipe.lr, published.recipe.momentum) == (128, 0.01, 0.9)
    assert "weight decay 5e-4" in published.llm.remarks
    assert (published.feedback.k, published.budget.epochs, published.tune.enabled) == (5, 1, False)
    assembly = Assembly(config, tmp_path, parts())
    assembly.check()
    assert isinstance(assembly.generator, AdvisedGenerator)
    assert [assembly.models[role].name.rpartition("/")[2] for role in (WRITER, IMPROVER)] == [
        "writer.jsonl",
        "improver.jsonl",
    ]
    alone = Assembly(load_config("feedback", [f"llm.model={config.llm.model}"]), tmp_path, parts())
    assert alone.models[IMPROVER] is alone.models[WRITER]
    assembly.close()


def test_a_run_killed_between_improver_and_writer_goes_on_to_the_same_rows(
    config: StudyConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Study(config, tmp_path / "whole", parts=parts()) as study:
        assert study.run().reason == "complete"
    asked: list[str] = []
    complete = ReplayModel.complete

    def killed(model: ReplayModel, prompts: Sequence[object], *more: object) -> object:
        if "writer" in model.name and len(asked) == 4:
            raise KeyboardInterrupt  # the improver has answered twice, the writer once
        asked.append(model.name)
        return complete(model, prompts, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(ReplayModel, "complete", killed)
    with Study(config, tmp_path / "left", parts=parts()) as study:
        study.run()
    with Archive.open(tmp_path / "left", read_only=True) as archive:
        assert len(archive.records()) == 2
        assert [call.role for call in archive.asked().values()] == [IMPROVER]
    monkeypatch.setattr(ReplayModel, "complete", complete)
    asked.clear()
    with Study.open(tmp_path / "left", parts=parts()) as study:
        assert study.run().reason == "complete"
    assert rows(tmp_path / "whole") == rows(tmp_path / "left")
    with Archive.open(tmp_path / "left", read_only=True) as archive:
        assert archive.asked() == {}
    suggestions = [facts["suggestion"] for _, facts, *_ in rows(tmp_path / "whole")[1:]]
    assert suggestions == ["add a layer", "rest", "rest"]


def test_money_is_counted_by_the_prices_of_each_model(config: StudyConfig, tmp_path: Path) -> None:
    with Study(config, tmp_path / "run", parts=parts()) as study:
        totals = study.run().totals
    assert totals.money == pytest.approx((4 * (100 * 2 + 50 * 10) + 3 * 1_000 * 1) / 1e6)
    assert "Language models cost 0.0058 at the prices given." in write_report(tmp_path / "run").markdown.read_text()


def test_a_limit_ends_the_run_and_a_higher_one_goes_on_to_the_same_rows(config: StudyConfig, tmp_path: Path) -> None:
    with Study(config, tmp_path / "whole", parts=parts()) as study:
        study.run()
    limited = load_config(settings=["llm.max_tokens_total=2800"], base=config.model_dump(mode="json"))
    with Study(limited, tmp_path / "left", parts=parts()) as study:
        result = study.run()
    assert (result.reason, result.totals.generated, result.totals.evaluated) == ("limit", 2, 2)
    assert result.limit is not None
    assert result.limit.what.startswith(
        "300 tokens are used of 2,800 (llm.max_tokens_total), and the next request may use"
    )
    assert result.limit.remedy == "go on with: archwright resume DIR --set llm.max_tokens_total=5600"
    with Study.open(tmp_path / "left", ["llm.max_tokens_total=100000"], parts=parts()) as study:
        assert study.run().reason == "complete"
    assert rows(tmp_path / "whole") == rows(tmp_path / "left")


def test_a_kept_answer_is_given_back_and_forgotten_with_its_candidate(tmp_path: Path) -> None:
    call = Call(IMPROVER, "p\0", "\ud800", "m", wall_s=0.5, is_estimated=True)
    with Archive.create(tmp_path / "run", {}) as archive:
        archive.add_asked(2**62, call)
        assert archive.asked() == {2**62: call}
