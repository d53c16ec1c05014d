"""What mistakes come to: the stage, the kind, the line and the words of each failure."""

from collections.abc import Callable

import pytest
from tests.evaluation.failing import HIDDEN_OS, failure_of

from archwright.candidate import FailureKind, Program, Stage
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.testing.programs import FORWARD_LINE, INIT_LINE, LEARN_LINE, MODULE_LINE
from archwright.testing.programs import network_with as net

MakeEvaluator = Callable[..., SandboxEvaluator]


@pytest.mark.parametrize(
    ("program", "stage", "kind", "line", "words"),
    [
        pytest.param(
            net(forward="y = self.fc(y.flatten(1)); y = y[..., None, None]"),
            Stage.FORWARD,
            FailureKind.SHAPE,
            FORWARD_LINE,
            ["fc = Linear(in_features=8", "(2, 512)", "set its in_features=512"],
            id="wrong-in-features",
        ),
        pytest.param(
            net(init="self.wide = nn.Linear(512, 8)", forward="y = self.wide(y)"),
            Stage.FORWARD,
            FailureKind.SHAPE,
            FORWARD_LINE,
            ["torch.flatten(x, 1)", "in_features=512"],
            id="not-flattened",
        ),
        pytest.param(
            net(init="self.conv = nn.Conv2d(3, 8, 3)"),
            Stage.FORWARD,
            FailureKind.SHAPE,
            11,
            ["conv = Conv2d(3, 8", "in_channels=1"],
            id="wrong-channels",
        ),
        pytest.param(
            net(init="self.norm = nn.BatchNorm2d(16)", forward="y = self.norm(y)"),
            Stage.FORWARD,
            FailureKind.SHAPE,
            FORWARD_LINE,
            ["norm = BatchNorm2d(16", "num_features=8"],
            id="wrong-norm",
        ),
        pytest.param(
            net(forward="y = nn.functional.max_pool2d(y, 16)"),
            Stage.FORWARD,
            FailureKind.SHAPE,
            FORWARD_LINE,
            ["too small here"],
            id="pooled-away",
        ),
        pytest.param(
            net(forward="y = y + nn.functional.avg_pool2d(y, 2)"),
            Stage.FORWARD,
            FailureKind.SHAPE,
            FORWARD_LINE,
            ["same stride"],
            id="unequal-paths",
        ),
        pytest.param(
            net(forward="y = self.con(x)"),
            Stage.FORWARD,
            FailureKind.NAME,
            FORWARD_LINE,
            ["did you mean conv?"],
            id="misspelt-attribute",
        ),
        pytest.param(
            net(init="width = chanels"),
            Stage.BUILD,
            FailureKind.NAME,
            INIT_LINE,
            ["define chanels"],
            id="undefined-name",
        ),
        pytest.param(
            net(init="self.bad = nn.Conv2d(1)"),
            Stage.BUILD,
            FailureKind.TYPE,
            INIT_LINE,
            ["TypeError"],
            id="missing-argument",
        ),
        pytest.param(
            net(module="import torchvision; VGG = torchvision.models.VGG", init="self.vgg = VGG"),
            Stage.BUILD,
            FailureKind.MISSING_DEPENDENCY,
            MODULE_LINE,
            ["torchvision"],
            id="missing-dependency",
        ),
        pytest.param(
            net(init="raise ValueError('no such width')"),
            Stage.BUILD,
            FailureKind.EXCEPTION,
            INIT_LINE,
            ["no such width"],
            id="own-exception",
        ),
        pytest.param(
            net(init="value = prm['width']"),
            Stage.BUILD,
            FailureKind.EXCEPTION,
            INIT_LINE,
            ["prm holds lr"],
            id="unknown-hyperparameter",
        ),
        pytest.param(
            net(forward="return y"), Stage.FORWARD, FailureKind.WRONG_OUTPUT, None, ["(2, 10)"], id="wrong-output-shape"
        ),
        pytest.param(
            net(forward="return None"), Stage.FORWARD, FailureKind.WRONG_OUTPUT, None, ["nothing"], id="no-output"
        ),
        pytest.param(
            net(forward="return y, self.fc(y.mean((2, 3)))"),
            Stage.FORWARD,
            FailureKind.WRONG_OUTPUT,
            None,
            ["(2, 10)"],
            id="tuple-output",
        ),
        pytest.param(
            net(forward='return {"logits": self.fc(y.mean((2, 3)))} if self.training else self.fc(y.mean((2, 3)))'),
            Stage.FORWARD,
            FailureKind.WRONG_OUTPUT,
            None,
            ["a dict", "return only the logits"],
            id="dict-in-training",
        ),
        pytest.param(
            net(forward="return self.fc(y.mean((2, 3))).argmax(1)"),
            Stage.FORWARD,
            FailureKind.WRONG_OUTPUT,
            None,
            ["without argmax"],
            id="integer-output",
        ),
        pytest.param(
            net(init="del self.conv, self.fc"),
            Stage.BUDGET,
            FailureKind.NO_PARAMETERS,
            None,
            ["assign layers"],
            id="no-parameters",
        ),
        pytest.param(
            net(forward="y = y * float('nan')"),
            Stage.TRAIN,
            FailureKind.NOT_FINITE,
            None,
            ["NaN"],
            id="nan-everywhere",
        ),
        pytest.param(
            net(learn="loss = self(torch.zeros(2, 1, 8, 8)).detach().sum()\nloss.backward()"),
            Stage.TRAIN,
            FailureKind.EXCEPTION,
            LEARN_LINE + 1,
            ["leave out detach"],
            id="no-gradient",
        ),
        pytest.param(
            net(learn="for inputs, labels in train_data:\n    loss = self(inputs) - labels"),
            Stage.TRAIN,
            FailureKind.SHAPE,
            LEARN_LINE + 1,
            ["must match"],
            id="wrong-loss",
        ),
        pytest.param(
            net(init="return self.later()"), Stage.BUILD, FailureKind.NAME, INIT_LINE, ["later"], id="missing-method"
        ),
        pytest.param(net(module="sys.exit"), Stage.POLICY, FailureKind.FORBIDDEN, 3, ["sys.exit"], id="forbidden"),
        pytest.param(
            net(module="raise SystemExit(0)"), Stage.BUILD, FailureKind.KILLED, 3, ["ended its own"], id="exit-import"
        ),
        pytest.param(
            net(forward="raise SystemExit(0)"), Stage.FORWARD, FailureKind.KILLED, FORWARD_LINE, [], id="exit-forward"
        ),
        pytest.param(
            net(init=f"{HIDDEN_OS}; hidden._exit(0)"),
            Stage.BUILD,
            FailureKind.KILLED,
            None,
            ["exit code 0"],
            id="os-exit",
        ),
        pytest.param(
            net(init=f"{HIDDEN_OS}; hidden.abort()"),
            Stage.BUILD,
            FailureKind.KILLED,
            None,
            ["its process crashed"],
            id="aborts",
        ),
        pytest.param(
            net(
                init="self.init()", module="class E(Exception):\n    def __str__(self): raise self\ndef init(): raise E"
            ),
            Stage.BUILD,
            FailureKind.NAME,
            None,
            ["init"],
            id="evil-name",
        ),
        pytest.param(
            net(module="class E(Exception):\n    def __str__(self): raise self\nraise E"),
            Stage.BUILD,
            FailureKind.EXCEPTION,
            5,
            ["cannot be printed"],
            id="evil-exception",
        ),
        pytest.param(
            net(init="return self.__init__(in_shape, out_shape, prm, device)"),
            Stage.BUILD,
            FailureKind.EXCEPTION,
            None,
            ["without end"],
            id="recursion",
        ),
        pytest.param(net(module="return 1"), Stage.PARSE, FailureKind.SYNTAX, 3, ["outside function"], id="compile"),
    ],
)
def test_each_mistake_is_named(
    evaluator: SandboxEvaluator, program: Program, stage: Stage, kind: FailureKind, line: int | None, words: list[str]
) -> None:
    failure = failure_of(evaluator, program)
    assert (failure.stage, failure.kind) == (stage, kind), failure
    if line is not None:
        assert failure.line == line, failure
    assert all(word in failure.message for word in words), failure.message
