"""What programs that never end, grow, fork, flood or cheat come to: a failure of their own and nothing else."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evaluation.failing import HIDDEN_OS, failure_of

from archwright.candidate import FailureKind, Program, Stage
from archwright.config import SandboxConfig
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.task import Budget
from archwright.testing.programs import GOOD, INIT_LINE, LEARN_LINE, MODULE_LINE
from archwright.testing.programs import network_with as net

MakeEvaluator = Callable[..., SandboxEvaluator]


ENDLESS = "while True: pass"


@pytest.mark.parametrize(
    ("program", "stage"),
    [
        pytest.param(net(module=ENDLESS), Stage.BUILD, id="import", marks=pytest.mark.slow),
        pytest.param(net(init=ENDLESS), Stage.BUILD, id="init"),
        pytest.param(net(forward=ENDLESS), Stage.FORWARD, id="forward"),
        pytest.param(
            net(forward="while self.training: pass"), Stage.FORWARD, id="forward-in-training", marks=pytest.mark.slow
        ),
        pytest.param(net(learn=ENDLESS), Stage.TRAIN, id="learn"),
        pytest.param(net(init="time.sleep(60)"), Stage.BUILD, id="sleep", marks=pytest.mark.slow),
        pytest.param(
            net(init="while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
            Stage.BUILD,
            id="catches-everything",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_never_ends_is_killed_at_the_wall_clock(
    make_evaluator: MakeEvaluator, program: Program, stage: Stage
) -> None:
    evaluator = make_evaluator(Budget(wall_s=1.0))
    begun = time.monotonic()
    failure = failure_of(evaluator, program)
    assert (failure.stage, failure.kind) == (stage, FailureKind.TIMEOUT)
    assert "1 s (budget.wall_s)" in failure.message
    assert time.monotonic() - begun < 10.0


@pytest.mark.parametrize(
    ("program", "stage", "line"),
    [
        pytest.param(net(init="self.huge = torch.ones(2**31)"), Stage.BUILD, INIT_LINE, id="one-huge-tensor"),
        pytest.param(
            net(learn="kept = []\nwhile True: kept.append(torch.ones(2**20))"),
            Stage.TRAIN,
            LEARN_LINE + 1,
            id="leak-in-training",
        ),
        pytest.param(net(module="text = 'x' * int(2**30)"), Stage.BUILD, MODULE_LINE, id="one-huge-string"),
        pytest.param(net(init="kept = []\nwhile True: kept.append([0] * 10**6)"), Stage.BUILD, 10, id="lists"),
    ],
)
def test_too_much_memory_ends_the_program_and_not_the_machine(
    make_evaluator: MakeEvaluator, program: Program, stage: Stage, line: int
) -> None:
    failure = failure_of(make_evaluator(Budget(memory_mb=512, wall_s=60.0)), program)
    assert (failure.stage, failure.kind) == (stage, FailureKind.OUT_OF_MEMORY), failure
    assert failure.line in (line, None)
    assert "memory_mb" in failure.message


def test_the_parameter_budget_is_enforced_before_any_training(make_evaluator: MakeEvaluator) -> None:
    evaluator = make_evaluator(Budget(max_params=500_000))
    begun = time.monotonic()
    failure = failure_of(evaluator, net(init="self.wide = nn.Linear(100_000, 100_000)"))
    assert (failure.stage, failure.kind) == (Stage.BUDGET, FailureKind.TOO_MANY_PARAMETERS)
    assert "10,000,100,170 parameters; the limit is 500,000 (budget.max_params)" in failure.message
    assert time.monotonic() - begun < 5.0


@pytest.mark.parametrize(
    "learn",
    [
        "self.extra = nn.Parameter(torch.zeros(5_000))",
        "self.register_buffer('table', torch.zeros(50_000, dtype=torch.float64))",
    ],
    ids=["parameter", "buffer"],
)
def test_what_is_added_during_training_is_not_among_the_weights(make_evaluator: MakeEvaluator, learn: str) -> None:
    outcome = make_evaluator(Budget(max_params=1_000)).evaluate(net(learn=learn), seed=0)
    assert outcome.is_valid, outcome
    assert outcome.params == 170


def test_a_buffer_that_becomes_another_is_refused(make_evaluator: MakeEvaluator) -> None:
    program = net(
        init="self.register_buffer('table', torch.zeros(100_000))",
        learn="self.register_buffer('table', torch.zeros(50_000, dtype=torch.float64))",
    )
    failure = failure_of(make_evaluator(Budget(max_params=1_000)), program)
    assert (failure.stage, failure.kind) == (Stage.BUDGET, FailureKind.NOT_REPRODUCIBLE)
    assert "table, (100000,) of float32" in failure.message


def test_the_flop_budget_is_enforced(make_evaluator: MakeEvaluator) -> None:
    failure = failure_of(make_evaluator(Budget(max_flops=100)), GOOD)
    assert (failure.stage, failure.kind) == (Stage.BUDGET, FailureKind.TOO_MANY_FLOPS)
    assert "1,280 FLOPs" in failure.message


def test_what_is_computed_when_an_answer_is_read_is_no_answer(evaluator: SandboxEvaluator) -> None:
    """It would not be counted: neither a class of tensors nor a method hung on one computes anything then."""
    logits = "return self.fc(torch.flatten(x, 1))"
    assert logits in GOOD.source
    hung = "out = x.new_zeros(len(x), 10); out.float = lambda: self.fc(torch.flatten(x, 1)); return out"
    program = Program(GOOD.source.replace(logits, f"if self.training: {logits}\n        {hung}"))
    outcome = evaluator.evaluate(program, seed=0)
    assert outcome.value("accuracy") is not None
    assert (outcome.value("accuracy") or 0) < 0.2


def test_printing_a_score_changes_nothing(evaluator: SandboxEvaluator) -> None:
    program = Program(GOOD.source + '\nprint(\'{"done": true, "accuracy": 1.0, "scores": {"accuracy": 1.0}}\')\n')
    honest, forged = evaluator.evaluate(GOOD, seed=0), evaluator.evaluate(program, seed=0)
    assert forged.scores == honest.scores
    assert "accuracy" in forged.log


def test_predictions_that_are_not_finite_are_no_score(evaluator: SandboxEvaluator) -> None:
    program = net(forward="y = y if self.training or len(x) < 3 else y / 0")
    failure = failure_of(evaluator, program)
    assert (failure.stage, failure.kind) == (Stage.SCORE, FailureKind.NOT_FINITE)
    assert "of 100 images" in failure.message


def test_a_flood_of_output_is_cut(make_evaluator: MakeEvaluator) -> None:
    evaluator = make_evaluator(sandbox=SandboxConfig(log_bytes=2_000))
    outcome = evaluator.evaluate(net(init="for _ in range(100_000): print('x' * 99)"), seed=0)
    assert outcome.is_valid
    assert 1_900 < len(outcome.log) <= 2_000


def test_output_is_kept_without_control_characters(evaluator: SandboxEvaluator) -> None:
    outcome = evaluator.evaluate(Program(GOOD.source + r"print('\x1b[31mred\x1b[0m \x07 \udcff \u202e end')"), seed=0)
    assert outcome.is_valid
    assert "red" in outcome.log
    assert not set(outcome.log) & set("\x1b\x07\u202e\udcff")


def test_a_patched_torch_does_not_reach_the_next_candidate(evaluator: SandboxEvaluator) -> None:
    before = evaluator.evaluate(GOOD, seed=0)
    patch = "torch.nn.Linear.forward = torch.isfinite = torch.save = None\ntorch.manual_seed = lambda seed: None"
    assert evaluator.evaluate(Program(GOOD.source + patch), seed=0).failure is not None
    assert evaluator.evaluate(GOOD, seed=0).scores == before.scores


@pytest.mark.parametrize("isolation", [1, 3])
def test_a_program_that_kills_itself_or_its_keeper_harms_only_itself(
    make_evaluator: MakeEvaluator, isolation: int
) -> None:
    evaluator = make_evaluator(isolation=isolation)
    for victim in ("hidden.getpid()", "hidden.getppid() or 1"):
        outcome = evaluator.evaluate(net(module=f"{HIDDEN_OS}\nhidden.kill({victim}, 9)"), seed=0)
        if outcome.isolation < 2:
            assert outcome.failure is not None
            assert outcome.failure.kind is FailureKind.KILLED
        assert evaluator.evaluate(GOOD, seed=0).is_valid


@pytest.mark.parametrize("isolation", [1, 3])
def test_a_daemon_does_not_outlive_its_program(make_evaluator: MakeEvaluator, tmp_path: Path, isolation: int) -> None:
    sign = tmp_path / "alive"
    daemon = f"""\
{HIDDEN_OS}
if hidden.fork() == 0:
    hidden.setsid()
    if hidden.fork() == 0:
        while True:
            hidden.write(hidden.open({str(sign)!r}, hidden.O_CREAT | hidden.O_APPEND | hidden.O_WRONLY), b"x")
            time.sleep(0.01)
    hidden._exit(0)
time.sleep(0.2)"""
    outcome = make_evaluator(isolation=isolation).evaluate(net(module=daemon), seed=0)
    if outcome.isolation < 2:
        assert outcome.is_valid
        assert sign.exists(), "the daemon never ran"
        size = sign.stat().st_size
        time.sleep(0.2)
        assert sign.stat().st_size == size
    else:
        assert outcome.failure is not None
        assert "not permitted" in outcome.failure.message
        assert not sign.exists()


@pytest.mark.parametrize("isolation", [1, 3])
def test_a_burst_of_forks_is_killed(make_evaluator: MakeEvaluator, isolation: int) -> None:
    evaluator = make_evaluator(Budget(wall_s=2.0), isolation=isolation)
    burst = f"{HIDDEN_OS}\nfor _ in range(5): hidden.fork()\nwhile True: time.sleep(0.1)"
    failure = failure_of(evaluator, net(module=burst))
    assert failure.kind in (FailureKind.TIMEOUT, FailureKind.EXCEPTION)
    assert evaluator.evaluate(GOOD, seed=0).is_valid


def test_nothing_of_the_environment_is_inside(evaluator: SandboxEvaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_SECRET", "hunter2")
    outcome = evaluator.evaluate(net(init="print(sorted(os.environ))"), seed=0)
    assert outcome.is_valid
    assert outcome.log.splitlines()[0] == "[]"


def test_the_scratch_folder_is_private_and_removed(evaluator: SandboxEvaluator) -> None:
    write = f"{HIDDEN_OS}\nhidden.makedirs('trace')\nprint(os.path.abspath('trace'))"
    outcome = evaluator.evaluate(net(module=write), seed=0)
    assert outcome.is_valid
    folder = Path(outcome.log.splitlines()[0]).parent
    deadline_s = time.monotonic() + 10.0
    while folder.exists() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert not folder.exists()
