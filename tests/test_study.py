"""The loop itself on the real archive, strategies and novelty filter; scores are made up, nothing is trained."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from archwright.archive import Archive, digest, rows
from archwright.assembly import Assembly, Parts
from archwright.candidate import AdmissionReason, Candidate, Failure, FailureKind, Outcome, Scores, Stage
from archwright.config import StudyConfig
from archwright.configuring import build_config, changed_config, load_config
from archwright.errors import ArchwrightError, EvaluatorError, StudyError, UnknownNameError, UsageError
from archwright.evaluation.evaluator import Job
from archwright.events import Event, Observer
from archwright.llm.adapters import CARD, SETTINGS, WEIGHTS, write_taught
from archwright.llm.model import Completion, Decoding, FinishReason, Prompt
from archwright.llm.replay import ReplayModel
from archwright.planning import plan
from archwright.starters import load_seed_corpus
from archwright.study import Study
from archwright.task import DataSpec

SMALL = ["loop.cycles=3", "loop.candidates=6", "evolution.batch=2", "loop.top_up=2"]


def small(*settings: str, preset: str = "evolution") -> StudyConfig:
    return load_config(preset, [*SMALL, *settings])


def made_up(candidate: Candidate) -> Outcome:
    """A score that depends on nothing but the program; every seventh program is invalid."""
    assert candidate.program is not None
    number = int(hashlib.sha256(candidate.program.source.encode()).hexdigest()[:8], 16)
    if number % 7 == 0:
        return Outcome(Stage.BUILD, failure=Failure(Stage.BUILD, FailureKind.SHAPE, "shapes do not fit"))
    return Outcome(Stage.SCORE, scores=Scores({"accuracy": number % 1000 / 1000, "loss": 1.0}, n=100))


def run_made_up(study: Study, stop_after: int | None = None) -> int:
    told = 0
    while candidates := study.ask():
        for candidate in candidates:
            if told == stop_after:
                return told
            study.tell(candidate, made_up(candidate))
            told += 1
    return told


def test_ask_and_tell_run_every_cycle_to_its_end(tmp_path: Path) -> None:
    with Study(small(), tmp_path / "run") as study:
        assert run_made_up(study) == 18
        result = study.result()
    assert [cycle.generated for cycle in result.cycles] == [6, 6, 6]
    assert [cycle.cycle for cycle in result.cycles] == [1, 2, 3]
    assert result.best[0].outcome is not None
    accuracies = [record.value("accuracy") for record in result.best]
    assert accuracies == sorted(accuracies, reverse=True)  # type: ignore[type-var]


def test_the_same_seed_gives_the_same_archive_and_another_seed_another(tmp_path: Path) -> None:
    digests = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        with Study(small(f"seed={seed}"), tmp_path / name) as study:
            run_made_up(study)
        digests.append(digest(tmp_path / name))
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


@pytest.mark.parametrize(
    "stop_after", [1, 6, 13, *(pytest.param(after, marks=pytest.mark.slow) for after in (0, 5, 7))]
)
def test_a_study_that_was_left_goes_on_to_the_same_rows(tmp_path: Path, stop_after: int) -> None:
    with Study(small(), tmp_path / "whole") as study:
        run_made_up(study)
    with Study(small(), tmp_path / "left") as study:
        run_made_up(study, stop_after)
    with Study.open(tmp_path / "left") as study:
        run_made_up(study)
    assert digest(tmp_path / "left") == digest(tmp_path / "whole")


def test_a_finished_study_is_extended_by_more_cycles(tmp_path: Path) -> None:
    with Study(small("loop.cycles=4"), tmp_path / "long") as study:
        run_made_up(study)
    with Study(small("loop.cycles=2"), tmp_path / "short") as study:
        run_made_up(study)
    with Study.open(tmp_path / "short", ["loop.cycles=4"]) as study:
        assert run_made_up(study) == 12
    assert rows(tmp_path / "short") == rows(tmp_path / "long")


@pytest.mark.parametrize(
    "setting", ["budget.epochs=3", "sandbox.policy=off", "sandbox.threads=2", "sandbox.device=cpu"]
)
def test_a_setting_that_would_make_cycles_incomparable_is_refused(tmp_path: Path, setting: str) -> None:
    with Study(small(), tmp_path / "run"):
        pass
    before = digest(tmp_path / "run")
    with pytest.raises(UsageError, match=rf"{setting.partition('=')[0]} of a started study cannot be changed"):
        Study.open(tmp_path / "run", [setting])
    assert digest(tmp_path / "run") == before
    with Study.open(tmp_path / "run"):
        pass  # The lock was released.


@pytest.mark.parametrize("setting", ["sandbox.device=cuda:9", "sandbox.require=9", "loop.cycels=4"])
def test_settings_that_cannot_run_are_not_stored(tmp_path: Path, setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Study(small(), tmp_path / "run"):
        pass
    # A study that was begun on a GPU may go to another one, which need not be there.
    monkeypatch.setattr("archwright.configuring.DEVICE", "")
    before = digest(tmp_path / "run")
    with pytest.raises(ArchwrightError):
        Study.open(tmp_path / "run", ["loop.cycles=5", setting])
    assert digest(tmp_path / "run") == before
    with Study.open(tmp_path / "run") as study:
        assert study.config == small()


def test_a_started_study_moves_from_one_gpu_to_another_and_nowhere_else() -> None:
    on_gpu = small("sandbox.device=cuda:1")
    assert changed_config(on_gpu, ["sandbox.device=cuda:0"]).sandbox.device == "cuda:0"
    assert changed_config(on_gpu, ["sandbox.workers=2"]).sandbox.workers == 2
    with pytest.raises(UsageError, match=r"sandbox\.device of a started study cannot be changed — start a new study"):
        changed_config(on_gpu, ["sandbox.device=auto"])


def test_every_session_keeps_the_configuration_it_ran_with(tmp_path: Path) -> None:
    with Study(small("loop.cycles=1"), tmp_path / "run"):
        pass
    with Study.open(tmp_path / "run"):
        pass
    with Study.open(tmp_path / "run", ["loop.cycles=2"], parts=Parts(executor=Untrained())):
        pass
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        kept = [build_config(session.config).loop.cycles for session in archive.sessions()]
        assert build_config(archive.config) == small("loop.cycles=2")
    assert kept == [1, 1, 2]


def test_a_study_that_cannot_start_lets_go_of_its_folder(tmp_path: Path) -> None:
    def observers() -> Iterator[Observer]:
        raise RuntimeError("nobody watches")
        yield

    with pytest.raises(RuntimeError, match="nobody watches"):
        Study(small(), tmp_path / "run", observers())  # type: ignore[arg-type]
    with Study.open(tmp_path / "run") as study:  # else it would be locked
        assert study.config == small()


def test_an_outcome_is_told_once_and_of_candidates_that_were_asked_for(tmp_path: Path) -> None:
    with Study(small(), tmp_path / "run") as study:
        candidate = study.ask()[0]
        study.tell(candidate, made_up(candidate))
        with pytest.raises(ValueError, match="has its outcome already"):
            study.tell(candidate, made_up(candidate))
        with pytest.raises(ValueError, match="was not proposed by this study"):
            study.tell(replace(candidate, seed=7), made_up(candidate))


def test_a_bare_number_is_no_outcome_and_says_how_one_is_written(tmp_path: Path) -> None:
    with Study(small(), tmp_path / "run") as study:
        candidate = study.ask()[0]
        with pytest.raises(TypeError, match=r"Outcome\(stage=Stage.SCORE, scores=Scores\(\{'accuracy': 0.5\}, n=1\)\)"):
            study.tell(candidate, 0.5)  # type: ignore[arg-type]


def test_a_new_study_is_refused_where_one_is(tmp_path: Path) -> None:
    with Study(small(), tmp_path / "my run"):
        pass
    with pytest.raises(StudyError, match=rf"continue it with `archwright resume '{tmp_path}/my run'`"):
        Study(small(), tmp_path / "my run")


@pytest.mark.parametrize(("key", "value"), [("strategy", "evolutoin"), ("generator", "mutatoin")])
def test_unknown_parts_name_the_nearest_and_leave_no_folder(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(UnknownNameError, match="did you mean"):
        Study(small(f"loop.{key}={value}"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["sandbox.device=tpu"], "is no device"),
        (["sandbox.device=cuda:99"], "cannot be met"),
        (["recipe.augmentation=flop"], "unknown augmentation 'flop'"),
        (["loop.contract=transform", "loop.generator=compositions", "recipe.augmentation=flip"], "on top of the one"),
    ],
)
def test_what_no_candidate_could_be_trained_with_leaves_no_folder(
    tmp_path: Path, settings: list[str], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        Study(small(*settings), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_unknown_model_is_refused_before_the_study_starts(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="language model"):
        Study(load_config("demo", ["llm.model=smolm2-135m"]), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_fine_tuning_a_model_behind_a_server_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="tune.enabled=false"):
        Study(load_config("demo", ["llm.model=openai:http://127.0.0.1:1/v1#m"]), tmp_path / "run")


def test_admitted_networks_are_novel_and_above_the_top_up_floor(tmp_path: Path) -> None:
    with Study(small("loop.threshold=0.2", "loop.top_up=0", preset="random"), tmp_path / "run") as study:
        run_made_up(study)
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        records = archive.records()
    admitted = [record for record in records if record.admission and record.admission.is_admitted]
    assert admitted
    for record in admitted:
        accuracy = record.value("accuracy")
        assert accuracy is not None
        assert accuracy >= 0.2
        assert record.admission is not None
        assert record.admission.lexical is not None
        assert record.admission.lexical.value <= 0.90
    assert all(record.admission is not None for record in records)


def test_rejections_count_the_duplicates_before_each_accept(tmp_path: Path) -> None:
    with Study(small(), tmp_path / "run") as study:
        run_made_up(study)
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        records = [record for record in archive.records() if record.candidate.key.cycle == 1]
    waiting = 0
    for record in records:
        assert record.admission is not None
        if record.admission.reason is AdmissionReason.NEAR_DUPLICATE:
            waiting += 1
            assert record.admission.rejections is None
        elif record.outcome is not None and record.outcome.is_valid:
            assert record.admission.rejections == waiting
            waiting = 0


def test_the_filter_before_training_refuses_corpus_copies_without_training_them(tmp_path: Path) -> None:
    config = small("novelty.before_training=true", "loop.cycles=1")
    with Study(config, tmp_path / "run", parts=Parts(executor=Untrained())) as study:
        study.run()
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        outcomes = [record.outcome for record in archive.records()]
    refused = [o for o in outcomes if o and o.failure and o.failure.kind is FailureKind.NEAR_DUPLICATE]
    assert refused
    assert all(outcome.stage is Stage.NOVELTY for outcome in refused)


class Untrained:
    """An executor that scores everything 0.5 at once."""

    workers = 1

    def settle(self, job: Job) -> Outcome | None:
        return None

    def submit(self, job: Job) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        future.set_result(Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5, "loss": 1.0}, 10), seed=job.seed))
        return future

    def cancel(self) -> None:
        pass

    def close(self) -> None:
        pass


def recording(folder: Path) -> Path:
    """A recording of every seed network, one answer that is prose and one that is empty."""
    texts = [f"```python\n{network.program.source}```" for network in load_seed_corpus()] + ["I cannot do that.", ""]
    path = folder / "recording.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return path


@pytest.mark.parametrize("stop_after", [3, 8])
def test_recorded_completions_are_replayed_to_the_same_rows(tmp_path: Path, stop_after: int) -> None:
    model = f"llm.model=replay:{recording(tmp_path)}"
    config = load_config("laptop", ["loop.cycles=2", "loop.candidates=6", "llm.batch=4", "tune.enabled=false", model])
    with Study(config, tmp_path / "whole") as study:
        run_made_up(study)
    with Study(config, tmp_path / "left") as study:
        run_made_up(study, stop_after)
    with Study.open(tmp_path / "left") as study:
        run_made_up(study)
    assert rows(tmp_path / "left") == rows(tmp_path / "whole")


def test_everything_that_happens_is_told_in_order(tmp_path: Path) -> None:
    seen: list[Event] = []
    with Study(small("loop.cycles=1"), tmp_path / "run", [seen.append], parts=Parts(executor=Untrained())) as study:
        result = study.run()
    assert result.reason == "complete"
    kinds = [type(event).__name__ for event in seen]
    assert kinds[0] == "StudyStarted"
    assert kinds[-2:] == ["CycleFinished", "StudyStopped"]
    assert [kinds.count(name) for name in ("Proposed", "Evaluated", "Admitted")] == [6, 6, 6]


@pytest.mark.parametrize(
    ("settings", "cycles", "reason"),
    [
        (["loop.cycles=8"], 8, "complete"),
        (["loop.cycles=8", "loop.stop=true"], 3, "converged"),
        ([], 3, "converged"),
    ],
)
def test_a_study_that_has_converged_goes_on_when_it_is_asked_for_more_cycles(
    tmp_path: Path, settings: list[str], cycles: int, reason: str
) -> None:
    config = small("loop.stop=true", "loop.cycles=5")
    with Study(config, tmp_path / "run", parts=Parts(executor=Untrained())) as study:
        assert study.run().reason == "converged"
    with Study.open(tmp_path / "run", settings, parts=Parts(executor=Untrained())) as study:
        result = study.run()
    assert (len(result.cycles), result.reason) == (cycles, reason)


def test_a_study_extended_before_it_has_converged_keeps_the_stopping_rule(tmp_path: Path) -> None:
    with Study(small("loop.stop=true", "loop.cycles=2"), tmp_path / "run", parts=Parts(executor=Untrained())) as study:
        assert study.run().reason == "complete"
    with Study.open(tmp_path / "run", ["loop.cycles=8"], parts=Parts(executor=Untrained())) as study:
        result = study.run()
    assert (len(result.cycles), result.reason) == (3, "converged")


def test_an_open_cycle_does_not_decide_whether_a_study_has_converged(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Study(small("loop.stop=true", "loop.cycles=5"), folder, parts=Parts(executor=Untrained())) as study:
        assert study.run().reason == "converged"
    with Study.open(folder, ["loop.cycles=8"], parts=Parts(executor=Untrained())) as study:
        assert study.ask()  # begins a fourth cycle
    with Study.open(folder, ["loop.stop=true"], parts=Parts(executor=Untrained())) as study:
        assert study.ask() == []
        assert study.result().reason == "converged"


def test_a_plan_shows_the_first_prompt_and_bounds_the_cost() -> None:
    planned = plan(load_config("demo"))
    assert planned.candidates == 24
    assert planned.prompt is not None
    assert "Design a network for Digits" in planned.prompt
    assert planned.expected["lessons_at_most"] == 1
    assert plan(small()).prompt is None


def test_what_was_answered_before_a_kill_in_a_repair_round_is_not_paid_for_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [{"text": "BROKEN"}, {"text": f"```python\n{load_seed_corpus()[0].program.source}```", "when": "BROKEN"}]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    asked: list[bool] = []
    complete = ReplayModel.complete

    def counted(self: ReplayModel, prompts: list[Prompt], *more: object) -> list[Completion]:
        asked.extend("BROKEN" in prompt.user for prompt in prompts)
        if asked[-1] and is_killed:
            raise RuntimeError("killed")
        return complete(self, prompts, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(ReplayModel, "complete", counted)
    settings = [f"llm.model=replay:{tmp_path / 'answers.jsonl'}", "llm.repair_rounds=1", "tune.enabled=false"]
    config = load_config("laptop", ["loop.cycles=1", "loop.candidates=2", *settings])
    is_killed = True
    with (
        Study(config, tmp_path / "run", parts=Parts(executor=Untrained())) as study,
        pytest.raises(RuntimeError, match="killed"),
    ):
        study.run()
    assert asked == [False, False, True, True]
    is_killed = False
    asked.clear()
    with Study.open(tmp_path / "run", parts=Parts(executor=Untrained())) as study:
        study.run()
    assert asked == [True, True]
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        assert [len(record.candidate.calls) for record in archive.records()] == [2, 2]
        assert archive.asked() == {}


@pytest.mark.parametrize("rounds", [0, 1])
def test_a_network_that_cannot_be_built_goes_back_to_the_model_with_the_reason(tmp_path: Path, rounds: int) -> None:
    source = load_seed_corpus()[0].program.source
    broken = source.replace("super().__init__()", "super().__init__()\n        self.wrong = nn.Linear(3, 'many')", 1)
    assert broken != source
    lines = [{"text": f"```python\n{broken}```"}, {"text": f"```python\n{source}```", "when": "That failed: build"}]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    settings = [f"llm.model=replay:{tmp_path / 'answers.jsonl'}", f"llm.repair_rounds={rounds}", "tune.enabled=false"]
    shape = ["data.train_size=64", "loop.cycles=1", "loop.candidates=2", "loop.top_up=0"]
    with Study(load_config("laptop", ["task=digits", *shape, *settings]), tmp_path / "run") as study:
        study.run()
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        records = archive.records()
    for record in records:
        assert record.candidate.facts.get("failed_before") == ("build/type" if rounds else None)
        assert record.is_valid == bool(rounds)
        assert len(record.candidate.calls) == 1 + rounds


class Server:
    """Answers everything at once and hands it over one by one, as a server does; killed when it is to mend."""

    name, adapter = "server", None

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        if any("BROKEN" in prompt.user for prompt in prompts):
            raise RuntimeError("killed")
        for number, _ in enumerate(prompts):
            yield number, Completion("BROKEN", 10, 5, FinishReason.STOP, wall_s=0.1)

    def close(self) -> None:
        """Nothing."""


def test_nothing_is_mended_before_every_answer_of_the_server_is_archived(tmp_path: Path) -> None:
    settings = ["llm.model=openai:http://localhost/v1#m", "llm.repair_rounds=1", "tune.enabled=false"]
    config = load_config("laptop", ["loop.cycles=1", "loop.candidates=4", *settings])
    parts = Parts(executor=Untrained(), models={"writer": Server()})  # type: ignore[dict-item]
    with Study(config, tmp_path / "run", parts=parts) as study, pytest.raises(RuntimeError, match="killed"):
        study.run()
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        assert len(archive.asked()) == 4


SERVER = ["llm.model=openai:http://localhost/v1#m", "tune.enabled=false", "llm.max_new_tokens=100"]
ADVISED = ["loop.strategy=feedback", "llm.repair_rounds=1"]


@pytest.mark.parametrize(
    ("settings", "tokens"),
    [
        ([], 100),
        (["llm.repair_rounds=3"], 400),
        (ADVISED, 2 * 100 + 2 * 100),
        ([*ADVISED, "improver.model=openai:http://localhost/v1#n", "improver.max_new_tokens=7"], 2 * 100 + 2 * 7),
        ([*ADVISED, "feedback.improver=false"], 2 * 100),
        (["llm.extra={max_completion_tokens = 900}"], 900),
        (['llm.omit=["max_tokens"]'], None),
        ([*ADVISED, "improver.model=openai:http://localhost/v1#n", 'improver.omit=["max_tokens"]'], None),
    ],
)
def test_a_plan_counts_every_answer_that_a_candidate_may_take(settings: list[str], tokens: int | None) -> None:
    planned = plan(load_config(settings=[*SERVER, *SMALL, *settings])).expected
    assert planned["completion_tokens_at_most"] == (None if tokens is None else 18 * tokens)


def test_the_seconds_of_a_plan_hold_for_a_strategy_that_waits_for_each_candidate() -> None:
    planned = plan(small("budget.wall_s=10", "sandbox.workers=4")).expected
    assert planned["evaluation_wall_s_at_most"] == 18 * 10


@pytest.mark.parametrize(
    ("contract", "threshold", "error"),
    [
        ("network", 0.4, None),
        ("network", 28, "loop.threshold = 28 is not valid: accuracy must be within 0 and 1"),
        ("restoration", 28, None),
        ("restoration", 101, "loop.threshold = 101 is not valid: psnr must be within 0 and 100"),
    ],
)
def test_a_threshold_is_a_score_of_the_contract(
    tmp_path: Path, contract: str, threshold: float, error: str | None
) -> None:
    spec = DataSpec("fake", "fake images", (3, 8, 8), ("a", "b"), 100, 100)
    config = small(f"loop.contract={contract}", f"loop.threshold={threshold}")
    assembly = Assembly(config, tmp_path, Parts(spec=spec, executor=Untrained()))
    with nullcontext() if error is None else pytest.raises(UsageError, match=error):
        assembly.check()


@pytest.fixture
def adapted(tmp_path: Path) -> tuple[StudyConfig, Path]:
    """A study from an adapter that does not say what it was taught, and the adapter's folder."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").touch()
    (adapter := tmp_path / "adapter").mkdir()
    for name in (WEIGHTS, SETTINGS, CARD):
        (adapter / name).touch()
    known = [f"llm.model={tmp_path / 'model'}", f"llm.adapter={adapter}", "loop.strategy=cycles", "loop.generator=full"]
    return small(*known, 'novelty.against=["taught"]'), adapter


def test_an_adapter_that_does_not_say_what_it_was_taught_leaves_no_study_behind(
    tmp_path: Path, adapted: tuple[StudyConfig, Path]
) -> None:
    config, adapter = adapted
    with pytest.raises(UsageError, match="does not say what it was taught"):
        Study(config, tmp_path / "run", parts=Parts(executor=Untrained()))
    write_taught(adapter, ["class Net: pass"])
    Study(config, tmp_path / "run", parts=Parts(executor=Untrained())).close()


def test_what_the_adapter_was_taught_is_read_from_the_copy_when_the_original_is_gone(
    tmp_path: Path, adapted: tuple[StudyConfig, Path]
) -> None:
    config, adapter = adapted
    write_taught(adapter, ["class Net: pass"])
    Study(config, tmp_path / "run", parts=Parts(executor=Untrained())).close()
    (tmp_path / "run" / "adapters").mkdir(exist_ok=True)
    adapter.rename(tmp_path / "run" / "adapters" / "given")
    Study.open(tmp_path / "run", parts=Parts(executor=Untrained())).close()


def test_a_study_without_valid_candidates_has_no_threshold_and_goes_on(tmp_path: Path) -> None:
    failed = Outcome(Stage.PARSE, failure=Failure(Stage.PARSE, FailureKind.SYNTAX, "does not parse", 1))
    with Study(small("loop.cycles=2"), tmp_path / "run") as study:
        while candidates := study.ask():
            for candidate in candidates:
                study.tell(candidate, failed)
        result = study.result()
    assert [(cycle.valid, cycle.threshold, cycle.best) for cycle in result.cycles] == [(0, None, None)] * 2
    assert result.best == []


def test_nothing_is_proposed_where_boxes_are_not_isolated_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reaches_less(required: int) -> None:
        raise EvaluatorError(f"boxes reach isolation level 1 and {required} is required", "run `archwright doctor`")

    monkeypatch.setattr("archwright.assembly.require_isolation", reaches_less)
    with pytest.raises(EvaluatorError, match="3 is required"):
        plan(small("sandbox.require=3"))
    with Study(small("sandbox.require=3"), tmp_path / "run") as study:
        with pytest.raises(EvaluatorError, match="3 is required"):
            study.run()
        assert study.result().totals.generated == 0
        assert run_made_up(study) > 0  # an evaluator of one's own is one's own business
