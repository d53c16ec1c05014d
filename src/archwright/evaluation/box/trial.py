"""What runs inside a box: build the network, check it, train it, predict. The score is computed elsewhere.

`run` is the entry function of the sandbox. It gets the program and the training images with labels; the images it is
scored on come when it has trained, a batch at a time, and their labels never. Whatever it tells the supervisor is
advice; only the bytes of the predictions and of the weights count.
"""

import contextlib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch.nn.parameter import UninitializedParameter

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.box import gpu
from archwright.evaluation.box.allowance import Allowance
from archwright.evaluation.box.augmenting import Augmented, AugmentingTrial
from archwright.evaluation.box.batches import Batches, Normalise, Once, augment
from archwright.evaluation.box.control_flow import run_control_flow
from archwright.evaluation.box.diagnosis import NamedProblem, diagnose
from archwright.evaluation.box.gradients import close_side_doors
from archwright.evaluation.box.graph_trace import GraphTrace
from archwright.evaluation.box.graphs import NotRecordedError, StandardTraining
from archwright.evaluation.box.layout import Slots, mismatch, parameters_of, tell_layout
from archwright.evaluation.box.loading import FILE, NETWORK_FILE, forget_own_names, load_module, seed_everything
from archwright.evaluation.box.notes import OUTSIDE, UNSTEADY, differ
from archwright.evaluation.box.operations import CountedOperations, counting, watch_ways_out
from archwright.evaluation.box.originals import Originals
from archwright.evaluation.box.outputs import fault_of, main_output, values_of
from archwright.evaluation.box.plan import TRANSFORM, Plan, Purpose
from archwright.evaluation.box.questions import Questions
from archwright.evaluation.box.stopping import EarlyStop
from archwright.evaluation.box.strides import stay_within_arrays
from archwright.evaluation.box.tensors import layout_of
from archwright.evaluation.box.transfer import Arrays, load_weights, mapped_images, write_weights
from archwright.randomness import derive_seed
from archwright.sandbox.box import Tell

Net = Any
"""An instance of the candidate's class; nothing about it can be relied on."""

OTHER_HYPERPARAMETER = 0.5
"""Value of a hyper-parameter that a program declares and the recipe does not know: the middle of [0, 1]."""
NOTED_IMAGES = 3
"""So many are looked at to say what `final` would refuse."""


def run(payload: bytes, files: Mapping[str, int], tell: Tell) -> None:
    """Run one trial; ends by telling `failure` or `done`."""
    plan = Plan.from_json(payload)
    torch.set_num_threads(plan.threads)
    if plan.device != "cpu" and plan.gpu is not None:
        try:
            gpu.open_gpu(plan.gpu.environment, plan.gpu.memory_share)
        except (RuntimeError, AssertionError) as error:
            tell({"no_device": str(error)})  # before anything of a candidate has run
            return
    forget_own_names()
    trial = (AugmentingTrial if plan.is_for_augmenting else BoxTrial)(plan, files, tell)
    try:
        trial.run()
    except NamedProblem as problem:
        tell({"failure": problem.as_message()})
    except NotRecordedError as error:
        tell({"not_recorded": str(error)})
    except BaseException as error:  # noqa: BLE001 - the outermost place: whatever the candidate raised is its failure
        tell({"failure": diagnose(error, trial.stage, plan.source).as_message()})
    else:
        tell({"done": True})


def warm_up() -> None:
    """Do once what every trial would otherwise pay for: imports, allocator, one step on one thread, one count."""
    import torch._dynamo  # the first optimizer imports it, which takes more than a second

    _prepare_torch()
    conv, norm, last = torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Linear(72, 2)
    net = torch.nn.Sequential(conv, norm, torch.nn.ReLU(), torch.nn.Flatten(), last)
    for optimizer in (torch.optim.SGD(net.parameters(), lr=0.1), torch.optim.AdamW(net.parameters())):
        loss = torch.nn.functional.cross_entropy(net(torch.rand(2, 1, 8, 8)), torch.tensor([0, 1]))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 3)
        optimizer.step()
    with torch.no_grad(), CountedOperations():
        net.to("meta").eval()(torch.empty(1, 1, 8, 8, device="meta"))


def warm_up_for_gpu() -> None:
    """Do what of `warm_up` a box with a GPU allows: the first backward pass fixes which devices autograd knows.

    Nor does anything here ask for a device, and so for the driver, which has to be initialised after the fork.
    """
    import torch._dynamo

    _prepare_torch()
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Flatten())
    torch.optim.AdamW(net.parameters())
    with torch.no_grad(), CountedOperations():
        net(torch.rand(2, 1, 8, 8))
        net.to("meta").eval()(torch.empty(1, 1, 8, 8, device="meta"))


def _prepare_torch() -> None:
    """Let programs find torch as they are meant to, on one thread."""
    close_side_doors()
    run_control_flow()
    watch_ways_out()
    stay_within_arrays()
    torch.set_num_threads(1)


class BoxTrial:
    """One program on its way through the stages."""

    def __init__(self, plan: Plan, files: Mapping[str, int], tell: Tell) -> None:
        self.stage = Stage.BUILD
        self._plan = plan
        self._files = files
        self._tell = tell
        self._device = torch.device(plan.device)
        self._in_shape = (plan.batch, *plan.image_shape)
        self._out_shape = tuple(plan.output_shape)
        self._normalise = Normalise(plan.mean, plan.std, self._device)
        self._has_heads = self._is_noted = False
        self._augmented = Augmented(files) if plan.is_augmented else None

    def run(self) -> None:
        """Go through every stage; raises at the first thing wrong."""
        self._allowance = Allowance(self._plan, self._tell)
        with self._allowance.watching():
            self._originals = Originals()
            self._run()

    def _run(self) -> None:
        epochs = self._plan.epochs  # a name of ours: a program can find the plan and change it
        self._enter(Stage.BUILD)
        self._load()
        self._prm = self._hyperparameters()
        if self._plan.purpose is Purpose.PREDICT:
            self._predict_with_given_weights()
            return
        is_counted = self._check_on_meta()
        images = mapped_images(self._plan, self._files["train_images"])
        fresh = self._check_one_batch(images, is_counted=is_counted)
        if self._plan.trains:
            net = self._train(Arrays.mapped(self._plan, self._files), epochs)
            self._enter(Stage.PREDICT)
            block, is_all = write_weights(net, fresh, self._files["weights"])  # first: predicting must not change them
            if self._plan.purpose is Purpose.TRAIN:
                net = self._load_anew(net, fresh, block, images[:NOTED_IMAGES])
            elif not is_all:
                net = self._build_anew(fresh, block)
            self._predict(net, fresh, Questions(self._files, self._plan.image_shape))

    def _predict_with_given_weights(self) -> None:
        """Predict in a box that never saw the training: what the weights do not hold is not there."""
        net = self._build(self._device)
        self._enter(Stage.FORWARD)
        self._show_images(net)
        self._enter(Stage.PREDICT)
        layout = layout_of(net)
        tell_layout(layout, self._tell)
        questions = Questions(self._files, self._plan.image_shape)
        load_weights(net, layout, questions.read_block())
        self._predict(net, layout, questions)

    def _load(self) -> None:
        self._seed("import")
        self._module: Any = load_module(self._plan.full_source, NETWORK_FILE if self._plan.is_transform else FILE)
        if self._device.type == "cuda" and gpu.has_bfloat16():
            gpu.use_bfloat16(self._module.Net, self._device.type)

    def _load_anew(self, trained: Net, fresh: Slots, block: bytearray, images: torch.Tensor) -> Net:
        """Return a Net of the program loaded anew, with the weights in `block`; say so where it answers otherwise.

        What training left in attributes, closures, classes or the module was not counted and answers no questions. What
        it left in torch does, as in a program that cannot be loaded twice: `final` refuses both.
        """
        inputs = self._normalise(images.to(self._device))
        before = self._answer(trained, inputs)
        torch.set_default_dtype(torch.float32)  # as it was when the program was loaded first
        with contextlib.suppress(Exception):
            self._load()
        net = self._build_anew(fresh, block)
        if not self._is_noted and differ(before, self._answer(net, inputs), has_classes=self._plan.has_classes):
            print(OUTSIDE)
        return net

    def _answer(self, net: Net, inputs: torch.Tensor) -> torch.Tensor | None:
        """Return what a network predicts of a few images, None where it fails, as it need not with others."""
        try:
            with torch.no_grad(), self._allowance.predicting():
                return torch.from_numpy(values_of(main_output(net.eval()(inputs))))
        except Exception:  # noqa: BLE001 - see the docstring
            return None

    def _build_anew(self, fresh: Slots, block: bytearray) -> Net:
        """Return a new Net with the weights in `block`: what training put beside them answers no questions."""
        net = self._build(self._device)
        self._show_images(net)
        layout = layout_of(net)
        if finding := mismatch(fresh, layout):
            message = f"built a second time, the program is another network: {finding}; build it always the same"
            raise NamedProblem(Stage.BUDGET, FailureKind.NOT_REPRODUCIBLE, message)
        load_weights(net, layout, block)
        return net

    def _show_images(self, net: Net) -> None:
        """Let a new Net see images of noise: some layers take their sizes from the first."""
        images = torch.randint(256, (2, *self._plan.image_shape), dtype=torch.uint8, device=self._device)
        with torch.no_grad():
            net.eval()(self._normalise(images))

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self._tell({"stage": stage})

    def _seed(self, purpose: str) -> None:
        seed_everything(derive_seed(self._plan.seed, purpose))

    def _hyperparameters(self) -> dict[str, Any]:
        """Return the recipe's values, and some value for whatever else the program declares."""
        declare: Any = getattr(self._module, "supported_hyperparameters", set)
        declared: Iterable[object] = declare()
        return {str(name): OTHER_HYPERPARAMETER for name in declared} | dict(self._plan.prm)

    def _build(self, device: torch.device) -> Net:
        """Return a new Net on `device`; the same one every time."""
        self._seed("build")
        net = self._module.Net(self._in_shape, self._out_shape, dict(self._prm), device)
        if device.type != "meta":
            net = net.to(device)
        if any(isinstance(parameter, UninitializedParameter) for parameter in net.parameters()):
            with torch.no_grad():  # lazy layers take their sizes from the first input
                net.eval()(torch.zeros(2, *self._plan.image_shape, device=device))
        if device.type != "meta" and self._normalise.memory_format is not None:
            net = net.to(memory_format=self._normalise.memory_format)
        return net

    def _check_on_meta(self) -> bool:
        """Count parameters and FLOPs without memory or arithmetic and check the budget; False where that is impossible.

        Whatever goes wrong here may be the meta device's fault; the real build, which comes next, decides.
        """
        meta = torch.device("meta")
        try:
            with meta, torch.no_grad():
                net = self._build(meta).eval()
                self._enter(Stage.FORWARD)
                image = torch.empty(1, *self._plan.image_shape, device=meta)
                with counting() as operations, GraphTrace(image) as trace:
                    output = net(image)
            trace.tell(main_output(output), self._tell)
            params = parameters_of(layout_of(net))
        except BaseException:  # noqa: BLE001 - see the docstring
            return False
        finally:
            self._enter(Stage.BUILD)
        self._check_budget(params, operations.total)
        return True

    def _check_one_batch(self, images: torch.Tensor, *, is_counted: bool) -> Slots:
        """Run a network of its own on one real batch: training then starts from an untouched one. Return its layout.

        It is counted once more, because a program can tell the meta device from a real one.
        """
        net = self._build(self._device)
        if not is_counted:
            self._check_budget(_count_parameters(net), None)
        self._enter(Stage.FORWARD)
        if self._augmented is not None:
            self._augmented(images[: self._plan.batch])
        inputs = self._normalise(images[: self._plan.batch].to(self._device))
        if self._may_be_channels_last() and gpu.works_channels_last(lambda: self._build(self._device), inputs):
            self._normalise.memory_format = torch.channels_last
            net = net.to(memory_format=torch.channels_last)
            inputs = self._normalise(images[: self._plan.batch].to(self._device))
        with torch.no_grad():
            with counting() as operations, self._allowance.measuring(len(inputs[:2])):
                first = net.eval()(inputs[:2])
            self._check_output(first, len(inputs[:2]))
            fresh = layout_of(net)
            tell_layout(fresh, self._tell)
            self._check_budget(parameters_of(fresh), operations.total // len(inputs[:2]))
            if self._is_unsteady(net, inputs[:NOTED_IMAGES], main_output(first)):
                self._is_noted = True
                print(UNSTEADY)
            output = net.train()(inputs)
            if isinstance(output, tuple | list) or (self._plan.is_compact and not isinstance(output, torch.Tensor)):
                self._check_output(output, len(inputs))
                self._has_heads = True
        self._enter(Stage.BUDGET)
        return fresh

    def _is_unsteady(self, net: Net, inputs: torch.Tensor, first: torch.Tensor) -> bool:
        """Return whether the logits of the first images are others when they are predicted again, among more."""
        try:
            again = main_output(net(inputs))[: len(first)]
            return differ(first, again, has_classes=self._plan.has_classes)
        except Exception:  # noqa: BLE001 - whatever it raises here, it need not in the batches it is scored in
            return True

    def _may_be_channels_last(self) -> bool:
        """Return whether another order in memory pays and nothing but `forward`, which can be tried, depends on it."""
        plan = self._plan
        return plan.trains and (plan.gpu is not None or plan.is_compact)

    def _train(self, arrays: Arrays, epochs: int) -> Net:
        """Return the trained network."""
        plan = self._plan
        net = self._build(self._device)
        self._enter(Stage.TRAIN)
        self._seed("train")
        images, labels = arrays.images.to(self._device), arrays.labels.to(self._device)
        seed = derive_seed(plan.seed, "batches")
        augmentation = self._augmented or plan.augmentation
        batches = Batches(images, labels, plan.batch, self._normalise, augmentation, seed)
        learn: Any
        if plan.is_compact:
            on_gpu = plan.gpu if self._device.type == "cuda" else None
            is_graphed = on_gpu is not None and on_gpu.is_graphed and not self._has_heads
            learn = StandardTraining(
                net,
                dict(self._prm),
                self._originals,
                has_classes=plan.has_classes,
                has_heads=self._has_heads,
                is_graphed=is_graphed,
            ).learn
        else:
            net.train_setup(dict(self._prm))
            learn = net.learn
        if plan.stop_at and plan.has_classes:
            EarlyStop(net, batches, images, labels, plan.stop_at, self._allowance.predicting).watch(self._normalise)
        epoch_of_batches = Once(batches, self._allowance.begin_pass, self._allowance.take_batch)
        numbers = sum(parameter.numel() for parameter in torch.nn.Module.parameters(net))
        for epoch in range(1, epochs + 1):
            net.train()
            self._allowance.next_epoch(len(batches), numbers)
            learn(epoch_of_batches)
            self._allowance.finish()
            self._check_finite(net, epoch)
        return net

    def _predict(self, net: Net, fresh: Slots, questions: Questions) -> None:
        """Answer every batch of images with its logits, and count what that takes: it may have learned to compute more.

        A program cannot tell these images from those it is counted by, nor its size of batch.
        """
        plan = self._plan
        images_seen = flops = 0
        net.eval()
        generator = torch.Generator().manual_seed(derive_seed(plan.seed, "evaluation"))
        with torch.no_grad():
            for images in questions:
                images = images.to(self._device)
                if self._augmented is not None and plan.evaluation_augmentation == TRANSFORM:
                    images = self._augmented(images)
                else:
                    images = augment(images, plan.evaluation_augmentation, generator)
                inputs = self._normalise(images)
                with counting() as operations, self._allowance.predicting():
                    output = main_output(net(inputs))
                    self._check_output(output, len(inputs))
                    answer = values_of(output)  # here: what is computed once it is not counted comes too late
                images_seen, flops = images_seen + len(inputs), flops + operations.total
                questions.answer(answer)
        if images_seen:
            self._check_budget(parameters_of(fresh), flops // images_seen)

    def _check_output(self, output: object, n: int) -> None:
        fault = fault_of(main_output(output), (n, *self._out_shape), has_classes=self._plan.has_classes)
        if fault is not None:
            raise NamedProblem(self.stage, FailureKind.WRONG_OUTPUT, fault, self._line_of_forward())

    def _line_of_forward(self) -> int | None:
        forward = getattr(getattr(self._module, "Net", None), "forward", None)
        return getattr(getattr(inspect.unwrap(forward), "__code__", None), "co_firstlineno", None) if forward else None

    def _check_budget(self, params: int, flops: int | None) -> None:
        self._tell({"params": params, "flops": flops})
        limits = self._plan
        if params == 0:
            message = "Net has no parameters; assign layers with weights to self in __init__"
            raise NamedProblem(Stage.BUDGET, FailureKind.NO_PARAMETERS, message)
        if limits.max_params and params > limits.max_params:
            message = (
                f"Net has {params:,} parameters; the limit is {limits.max_params:,} (budget.max_params); "
                "use fewer or narrower layers, or pool before the first Linear"
            )
            raise NamedProblem(Stage.BUDGET, FailureKind.TOO_MANY_PARAMETERS, message)
        if limits.max_flops and flops is not None and flops > limits.max_flops:
            message = (
                f"Net needs {flops:,} FLOPs for one image; the limit is {limits.max_flops:,} (budget.max_flops); "
                "use fewer channels or an earlier stride"
            )
            raise NamedProblem(Stage.BUDGET, FailureKind.TOO_MANY_FLOPS, message)

    def _check_finite(self, net: Net, epoch: int) -> None:
        for name, parameter in torch.nn.Module.named_parameters(net):
            if not torch.isfinite(parameter).all():
                message = (
                    f"the weights of {name} became NaN or infinite in epoch {epoch}; use normalisation, a lower "
                    "learning rate or gradient clipping, and avoid dividing by zero and log of zero"
                )
                raise NamedProblem(Stage.TRAIN, FailureKind.NOT_FINITE, message)


def _count_parameters(net: torch.nn.Module) -> int:
    """Return the words of the parameters, also of a network that has not seen an image yet."""
    return parameters_of(layout_of(net))
