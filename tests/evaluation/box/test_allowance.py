"""What trains one epoch is let through however it is written, and what trains more is refused however it is written."""

import copy
import itertools
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from torch.autograd import grad as grad_of
from torch.autograd.graph import GradientEdge, get_gradient_edge, save_on_cpu, saved_tensors_hooks
from torch.func import functional_call, grad
from torch.nn.functional import cross_entropy, linear, nll_loss
from torch.utils.checkpoint import checkpoint

from archwright.evaluation.box.allowance import Allowance
from archwright.evaluation.box.batches import Batches, Normalise, Once
from archwright.evaluation.box.diagnosis import NamedProblem

BATCH, IMAGES = 8, 40


class Net(nn.Module):
    """Two layers, an optimizer, and the batches of an epoch."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 3))
        self.optimizer: Any = torch.optim.SGD(self.parameters(), lr=0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x)

    def loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return cross_entropy(self(x), y)

    def step(self, x: torch.Tensor, y: torch.Tensor) -> None:
        self.optimizer.zero_grad()
        self.loss(x, y).backward()
        self.optimizer.step()


def train(learn: Callable[[Net, Any], None]) -> list[str]:
    """Return what an epoch of `learn` was told."""
    torch.manual_seed(0)
    plan: Any = SimpleNamespace(source="", is_compact=False, batch=BATCH, image_shape=[1, 4, 4], output_shape=[3])
    told: list[str] = []
    allowance = Allowance(plan, lambda content: told.append(str(content["failure"])))
    images = torch.randint(256, (IMAGES, 1, 4, 4), dtype=torch.uint8)
    batches = Batches(
        images, torch.arange(IMAGES) % 3, BATCH, Normalise((0.5,), (0.5,), torch.device("cpu")), "none", 0
    )
    with allowance.watching():
        with allowance.measuring(2), torch.no_grad():
            Net()(torch.zeros(2, 1, 4, 4))
        allowance.next_epoch(len(batches), 163)
        try:
            learn(Net(), Once(batches, allowance.begin_pass, allowance.take_batch))
            allowance.finish()
        except NamedProblem:
            assert told
    return told


def with_lbfgs(net: Net, batches: Any, **options: Any) -> None:
    net.optimizer = torch.optim.LBFGS(net.parameters(), lr=0.1, **options)
    for x, y in batches:

        def closure(x: torch.Tensor = x, y: torch.Tensor = y) -> torch.Tensor:
            net.optimizer.zero_grad()
            loss = net.loss(x, y)
            loss.backward()
            return loss

        net.optimizer.step(closure)


def with_noise_by_lbfgs(net: Net, batches: Any) -> None:
    net.body.insert(3, nn.Dropout(0.5))
    with_lbfgs(net, batches, tolerance_change=0.0)


def node_by_node(net: Net, batches: Any) -> None:
    for x, y in batches:
        chances = net(x).log_softmax(1)
        loss = nll_loss(chances, y)
        for node, slope in ((loss.grad_fn, torch.ones(())), (get_gradient_edge(chances).node, chances)):
            with pytest.raises(TypeError, match="not callable"):
                node(slope)
            with pytest.raises((AttributeError, TypeError)):
                type(node).__call__(node, slope)
        assert "AddmmBackward0" in str(chances.grad_fn.next_functions)
        net.step(x, y)


def several_losses(net: Net, batches: Any) -> None:
    for x, y in batches:
        net.optimizer.zero_grad()
        output = net(x)
        for _ in range(5):
            cross_entropy(output, y).backward(retain_graph=True)
        for _ in range(3):
            net.loss(x, y).backward()
        net.optimizer.step()


def image_by_image(net: Net, batches: Any) -> None:
    for x, y in batches:
        net.optimizer.zero_grad()
        for image, label in zip(x, y, strict=True):
            net.loss(image[None], label[None]).backward()
        net.optimizer.step()


def accumulated(net: Net, batches: Any) -> None:
    for number, (x, y) in enumerate(batches):
        net.loss(x, y).backward()
        if number % 2:
            net.optimizer.step()


def measured(net: Net, batches: Any) -> None:
    for measures in (True, False, True):
        with torch.set_grad_enabled(not measures):
            for x, y in batches:
                net(x).argmax(1) if measures else net.step(x, y)


def sharpness_aware(net: Net, batches: Any) -> None:
    for x, y in batches:
        for sign in (1, -1):
            net.optimizer.zero_grad()
            net.loss(x, y).backward()
            with torch.no_grad():
                for parameter in net.parameters():
                    parameter.add_(sign * 0.01)
        net.optimizer.step()


def attacked(net: Net, batches: Any) -> None:
    for x, y in batches:
        attack = x.clone().requires_grad_()
        for _ in range(5):
            (slope,) = torch.autograd.grad(net.loss(attack, y), attack)
            attack = (attack + 0.1 * slope.sign()).detach().requires_grad_()
        net.step(attack.detach(), y)


def by_torch_func(net: Net, batches: Any) -> None:
    """Gradients of a function of the weights; its tensors are wrapped and have no storage."""
    for x, y in batches:
        weights = {name: value.detach() for name, value in net.named_parameters()}
        slopes = grad(lambda own, x, y: cross_entropy(functional_call(net, own, (x,)), y))(weights, x, y)
        for name, value in net.named_parameters():
            value.data -= 0.1 * slopes[name]


def by_torch_func_again(net: Net, batches: Any) -> None:
    by_torch_func(net, 4 * list(batches))


def checkpointed(net: Net, batches: Any) -> None:
    """Reentrant, as is the default: torch asks for a gradient within the gradient, once for each checkpoint."""
    for x, y in batches:
        net.optimizer.zero_grad()
        output = x.flatten(1).requires_grad_()
        for layer in net.body[1:]:
            output = checkpoint(layer, output, use_reentrant=True)
        cross_entropy(output, y).backward()
        net.optimizer.step()


def several_losses_saved_elsewhere(net: Net, batches: Any) -> None:
    """What is saved is kept elsewhere or computed anew, and is what it was."""
    for x, y in batches:
        net.optimizer.zero_grad()
        with save_on_cpu():
            output = net(x)
            again = checkpoint(net.body, x, use_reentrant=False)
        for each in (output, output, again, again, again):
            cross_entropy(each, y).backward(retain_graph=True)
        net.optimizer.step()


def by_patches(net: Net, batches: Any, *, is_laid_out: bool = True) -> None:
    """Eight patches of an image, each with as many features as there are classes."""
    for x, y in batches:
        patches = x.reshape(len(x), 8, 2)
        features = torch.relu(nn.functional.linear(patches, net.body[1].weight[:3, :2]))
        features = torch.relu(nn.functional.linear(features, net.body[1].weight[:, :3]))[..., :3]
        classes = nn.functional.linear(features, net.body[3].weight[:, :3], net.body[3].bias)
        net.optimizer.zero_grad()
        loss = cross_entropy(classes.mean(1), y)
        if not is_laid_out:
            loss = loss + cross_entropy(classes.flatten(0, 1), y.repeat_interleave(8))
        loss.backward()
        net.optimizer.step()


def by_patches_with_many_features(net: Net, batches: Any) -> None:
    """The weight has the shape of outputs for many images."""
    weight = torch.zeros(3, 800, requires_grad=True)
    for x, y in batches:
        patches = x.reshape(len(x), 8, 2).repeat(1, 1, 400)
        cross_entropy(nn.functional.linear(patches, weight).mean(1), y).backward()


def by_patches_in_a_table(net: Net, batches: Any) -> None:
    by_patches(net, batches, is_laid_out=False)


def by_image(net: Net, batches: Any) -> None:
    """Under `vmap`, in which torch draws no random numbers."""
    for x, y in batches:
        net.optimizer.zero_grad()
        cross_entropy(torch.func.vmap(lambda image: net(image[None])[0])(x), y).backward()
        net.optimizer.step()


def penalised_by_an_edge(net: Net, batches: Any) -> None:
    for x, y in batches:
        hidden = net.body[:2](x)
        loss = cross_entropy(net.body[2:](hidden), y)
        (gradient,) = torch.autograd.grad(loss, get_gradient_edge(hidden), create_graph=True)
        net.optimizer.zero_grad()
        (loss + gradient.square().sum()).backward()
        net.optimizer.step()


def by_exits(net: Net, batches: Any) -> None:
    """Four outputs of an image, with one label."""
    for x, y in batches:
        outputs = torch.stack([net(x) * factor for factor in (1, 2, 3, 4)], 2)
        cross_entropy(outputs, y[:, None].expand(-1, 4)).backward()


def checkpointed_again(net: Net, batches: Any) -> None:
    checkpointed(net, 3 * list(batches))


def listed(net: Net, batches: Any) -> None:
    for x, y in list(batches):
        net.step(x, y)


class Centred(torch.optim.SGD):
    """Changes the gradients and leaves the update to torch, as often as it is told."""

    times = 1

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for parameter in self.param_groups[0]["params"]:
            parameter.grad.sub_(parameter.grad.mean())
        for _ in range(self.times):
            with torch.enable_grad():
                loss = closure() if closure is not None else None
            super().step()
        return loss


class Around(torch.optim.Optimizer):
    """Owns the parameters of another optimizer, and leaves the update to it."""

    def __init__(self, inner: torch.optim.Optimizer) -> None:
        super().__init__(inner.param_groups, {})
        self.inner = inner

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        if closure is not None:  # sharpness-aware minimisation
            for parameter in self.inner.param_groups[0]["params"]:
                parameter.add_(0.01 * parameter.grad)
            with torch.enable_grad():
                closure()
        self.inner.step()


def stepped(net: Net, batches: Any, *, has_closure: bool = True) -> None:
    for x, y in batches:

        def closure(x: torch.Tensor = x, y: torch.Tensor = y) -> torch.Tensor:
            net.optimizer.zero_grad()
            loss = net.loss(x, y)
            loss.backward()
            return loss

        closure()
        net.optimizer.step(closure if has_closure else None)


def by_a_subclass(net: Net, batches: Any) -> None:
    net.optimizer = Centred(net.parameters(), lr=0.1)
    stepped(net, batches, has_closure=False)


def by_a_subclass_with_closure(net: Net, batches: Any) -> None:
    net.optimizer = Centred(net.parameters(), lr=0.1)
    stepped(net, batches)


def around_another(net: Net, batches: Any) -> None:
    net.optimizer = Around(Around(Centred(net.parameters(), lr=0.1)))
    stepped(net, batches, has_closure=False)


def sharpness_aware_with_closure(net: Net, batches: Any) -> None:
    net.optimizer = Around(net.optimizer)
    stepped(net, batches)


@pytest.mark.parametrize(
    "learn",
    [
        *(by_a_subclass, by_a_subclass_with_closure, around_another, sharpness_aware_with_closure),
        *(several_losses, image_by_image, accumulated, measured, sharpness_aware, attacked, by_torch_func, listed),
        *(with_noise_by_lbfgs, node_by_node, several_losses_saved_elsewhere),
        *(with_lbfgs, checkpointed, by_patches, by_patches_with_many_features, by_image, by_exits),
        penalised_by_an_edge,
    ],
)
def test_one_epoch_is_let_through(learn: Callable[[Net, Any], None]) -> None:
    assert train(learn) == []


def test_a_line_search_is_let_through() -> None:
    assert train(lambda net, batches: with_lbfgs(net, batches, line_search_fn="strong_wolfe")) == []


def looped(net: Net, batches: Any) -> None:
    for _ in range(3):
        for x, y in batches:
            net.step(x, y)


def kept(net: Net, batches: Any) -> None:
    for x, y in 3 * list(batches):
        net.step(x, y)


def kept_without_gradients(net: Net, batches: Any) -> None:
    with torch.no_grad():
        found = list(batches)
    for x, y in found:
        net.step(x, y)


def by_hand(net: Net, batches: Any) -> None:
    for x, y in 3 * list(batches):
        slopes = torch.autograd.grad(net.loss(x, y), list(net.parameters()))
        for parameter, slope in zip(net.parameters(), slopes, strict=True):
            parameter.data.sub_(0.1 * slope)


def functionally(net: Net, batches: Any) -> None:
    weights = {name: value.detach().clone().requires_grad_() for name, value in net.named_parameters()}
    for x, y in 3 * list(batches):
        loss = cross_entropy(functional_call(net, weights, (x,)), y)
        slopes = torch.autograd.grad(loss, list(weights.values()))
        weights = {
            name: (value - 0.1 * slope).detach().requires_grad_()
            for (name, value), slope in zip(weights.items(), slopes, strict=True)
        }


def by_the_engine(net: Net, batches: Any) -> None:
    engine = torch._C._ImperativeEngine()  # type: ignore[attr-defined]
    for x, y in 3 * list(batches):
        engine.run_backward((net.loss(x, y),), (torch.ones(()),), False, False, (), True, True)
        for parameter in net.parameters():
            parameter.data.sub_(0.1 * parameter.grad)  # type: ignore[operator]


def exchanged(net: Net, batches: Any) -> None:
    """Gradients of one graph, computed with what another network saved of other images."""
    own, shadow = list(net.parameters()), copy.deepcopy(net)
    kept = list(batches)
    saved, places = list[torch.Tensor](), itertools.count()
    with saved_tensors_hooks(lambda _: next(places), lambda place: saved[place]):
        loss = net.loss(*kept[0])
    for x, y in 3 * kept:
        saved.clear()
        with saved_tensors_hooks(lambda tensor: saved.append(tensor.detach()), lambda _: None):
            cross_entropy(functional_call(shadow, {}, (x,)), y)
        for parameter, gradient in zip(shadow.parameters(), grad_of(loss, own, retain_graph=True), strict=True):
            parameter.data.sub_(0.1 * gradient)


def layers_made_anew(net: Net, batches: Any) -> None:
    """All images in each gradient, by layers that share their weights and are called once each."""
    own, kept = list(net.parameters()), list(batches)
    for _ in range(4):
        loss = torch.zeros(())
        for x, y in 2 * kept:
            one, two = nn.Linear(16, 8), nn.Linear(8, 3)
            (one.weight, one.bias), (two.weight, two.bias) = own[:2], own[2:]
            loss = loss + cross_entropy(two(one(x.flatten(1)).relu()), y)
        for parameter, gradient in zip(own, grad_of(loss, own), strict=True):
            parameter.data.sub_(0.1 * gradient)


def everything_at_once(net: Net, batches: Any) -> None:
    found = list(batches)
    x, y = (torch.cat(parts) for parts in zip(*(4 * found), strict=True))
    for _ in found:
        net.step(x, y)


def beside_one_another(net: Net, batches: Any, *, is_turned: bool = True) -> None:
    """Of every step (N, batches, features), as if they were parts of one image."""
    found = list(batches)
    x, y = (torch.stack(parts, 1) for parts in zip(*found, strict=True))
    for _ in found:
        output = net.body[1:](x.flatten(2))
        logits = output.transpose(1, 2) if is_turned else output.logsumexp(2) - output[..., 0]
        loss = cross_entropy(logits, y) if is_turned else logits.mean()
        net.optimizer.zero_grad()
        loss.backward()
        net.optimizer.step()


def beside_one_another_with_a_loss_of_its_own(net: Net, batches: Any) -> None:
    beside_one_another(net, batches, is_turned=False)


def beside_one_another_by_a_twin(net: Net, batches: Any) -> None:
    beside_one_another(copy.deepcopy(net), batches)


class Layer(nn.Module):
    """Computes with the weights of another one."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.w, self.c = layer.weight, layer.bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.w.T + self.c


def beside_one_another_by_another_layer(net: Net, batches: Any) -> None:
    net.body[1] = Layer(net.body[1])
    beside_one_another(net, batches, is_turned=False)


def beside_one_another_by_functions(net: Net, batches: Any) -> None:
    found = list(batches)
    x, y = (torch.stack(parts, 1) for parts in zip(*found, strict=True))
    for _ in found:
        features = nn.functional.conv1d(x.flatten(2).transpose(1, 2), net.body[1].weight[..., None]).relu()
        cross_entropy(nn.functional.conv1d(features, net.body[3].weight[..., None]), y).backward()


def everything_by_lbfgs(net: Net, batches: Any) -> None:
    found = list(batches)
    x, y = (torch.cat(parts) for parts in zip(*found, strict=True))
    with_lbfgs(net, [(x, y)] * len(found), tolerance_change=0.0)


def in_turn_by_lbfgs(net: Net, batches: Any) -> None:
    found = list(batches)
    endless = itertools.cycle(found)
    net.optimizer = torch.optim.LBFGS(net.parameters(), lr=0.01, tolerance_change=0.0)

    def closure() -> torch.Tensor:
        net.optimizer.zero_grad()
        loss = net.loss(*next(endless))
        loss.backward()
        return loss

    for _ in found:
        net.optimizer.step(closure)


def behind_a_decoy_by_lbfgs(net: Net, batches: Any, *, as_leaves: bool = False) -> None:
    """Show a layer the same batch whenever L-BFGS looks again, and compute with kept ones by functions."""
    found = list(batches)
    more = itertools.cycle([(x.flatten(1).requires_grad_(as_leaves), y) for x, y in found])
    net.optimizer = torch.optim.LBFGS(net.parameters(), lr=1e-9, tolerance_change=0.0, tolerance_grad=0.0)
    weight, bias, last, last_bias = net.parameters()
    for x, _ in found:

        def closure(x: torch.Tensor = x) -> torch.Tensor:
            net.body(x)
            images, labels = next(more)
            net.optimizer.zero_grad()
            loss = cross_entropy(linear(linear(images * 1, weight, bias).relu(), last, last_bias), labels)
            loss.backward()
            for parameter in net.parameters():
                parameter.data.sub_(0.1 * parameter.grad)
            return loss

        net.optimizer.step(closure)


def ten_times_in_a_step(net: Net, batches: Any) -> None:
    net.optimizer = Centred(net.parameters(), lr=0.1)
    net.optimizer.times = 10
    stepped(net, batches)


def twice_in_a_step(net: Net, batches: Any) -> None:
    """With two gradients for each batch it would stay within what is allowed of those."""
    net.optimizer = Centred(net.parameters(), lr=0.1)
    net.optimizer.times = 2
    stepped(net, batches)


def twice_around_another(net: Net, batches: Any) -> None:
    net.optimizer = Centred(net.parameters(), lr=0.1)
    net.optimizer.times = 2
    net.optimizer = Around(net.optimizer)
    stepped(net, batches, has_closure=False)


def with_gradients_of_closures_alone(net: Net, batches: Any) -> None:
    """No parameter has a gradient when a step begins."""
    for x, y in batches:

        def closure(x: torch.Tensor = x, y: torch.Tensor = y) -> None:
            net.loss(x, y).backward()

        for _ in range(2):
            net.optimizer.zero_grad()
            net.optimizer.step(closure)


def within_the_closure_of_another(net: Net, batches: Any) -> None:
    """One of torch's own optimizers updates after its closure, in which another one has."""
    other = Centred(net.parameters(), lr=0.1)
    for x, y in batches:
        net.loss(x, y).backward()

        def closure(x: torch.Tensor = x, y: torch.Tensor = y) -> torch.Tensor:
            other.step()
            other.zero_grad()
            loss = net.loss(x, y)
            loss.backward()
            return loss

        net.optimizer.step(closure)


class Graphless(torch.Tensor):
    """Says of a loss that nothing leads to it."""

    grad_fn = None


class Edge(GradientEdge):
    """Names another graph at every other look."""

    looks = 0
    other = (torch.zeros(1, requires_grad=True) * 1).sum()

    @property
    def node(self) -> Any:  # type: ignore[override]
        Edge.looks += 1
        return self.other.grad_fn if Edge.looks % 2 else self[0]


class Same(torch.autograd.Function):
    """Its node says that nothing comes before it, and that it is every other node."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        return gradient


class Cover(torch.autograd.function.BackwardCFunction):
    next_functions = ()
    __hash__ = int
    __eq__ = __int__ = lambda *_: 1  # type: ignore[assignment]


Same._backward_cls = type("SameBackward", (Cover,), {"_forward_cls": Same})  # type: ignore[attr-defined]


def of(root: Callable[[torch.Tensor], Any]) -> Callable[[Net, Any], None]:
    """Return a training that takes its gradients of what `root` makes of each loss, on batches that it keeps."""

    def learn(net: Net, batches: Any) -> None:
        found, parameters = list(batches), list(net.parameters())
        for x, y in found * 5:
            gradients = torch.autograd.grad(root(net.loss(x, y)), parameters, grad_outputs=torch.ones(()))
            with torch.no_grad():
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    parameter -= 0.1 * gradient

    return learn


@pytest.mark.parametrize(
    ("learn", "finding"),
    [
        (ten_times_in_a_step, "updated a parameter 2 times with 1 batches"),
        (twice_in_a_step, "updated a parameter 2 times with 1 batches"),
        (twice_around_another, "updated a parameter 2 times with 1 batches"),
        (with_gradients_of_closures_alone, "updated a parameter 2 times with 1 batches"),
        (within_the_closure_of_another, "updated a parameter 2 times with 1 batches"),
        (looped, "a second pass over train_data"),
        (kept, "updated a parameter 6 times with 5 batches"),
        (checkpointed_again, "updated a parameter 6 times with 5 batches"),
        (kept_without_gradients, "updated a parameter 1 times with 0 batches"),
        (by_hand, "gradients at 13 values of the parameters with 5 batches"),
        (functionally, "gradients at 13 values of the parameters with 5 batches"),
        (by_torch_func_again, "with 5 batches"),
        (by_the_engine, "gradients at 13 values of the parameters with 5 batches"),
        (exchanged, "gradients at 13 values of the parameters with 5 batches"),
        (layers_made_anew, "images with gradients, having got 5 batches"),
        (everything_at_once, "images with gradients, having got 5 batches"),
        (beside_one_another, "saw 160 images with gradients, having got 5 batches"),
        (beside_one_another_with_a_loss_of_its_own, "saw 160 images with gradients"),
        (beside_one_another_by_a_twin, "saw 160 images with gradients"),
        (beside_one_another_by_another_layer, "saw 160 images with gradients"),
        (beside_one_another_by_functions, "images with gradients"),
        (by_patches_in_a_table, "images with gradients"),
        (everything_by_lbfgs, "images with gradients, having got 5 batches"),
        (of(get_gradient_edge), "gradients at 13 values of the parameters with 5 batches"),
        (of(lambda loss: Edge(*get_gradient_edge(loss))), "gradients at 13 values of the parameters with 5 batches"),
        (of(lambda loss: loss.as_subclass(Graphless)), "gradients at 13 values of the parameters with 5 batches"),
        (of(Same.apply), "gradients at 13 values of the parameters with 5 batches"),
        (behind_a_decoy_by_lbfgs, "gradients at 13 values of the parameters with 5 batches"),
        (partial(behind_a_decoy_by_lbfgs, as_leaves=True), "gradients at 13 values of the parameters with 5 batches"),
        (in_turn_by_lbfgs, "gradients at 13 values of the parameters with 5 batches"),
    ],
)
def test_more_than_one_epoch_is_refused(learn: Callable[[Net, Any], None], finding: str) -> None:
    (told,) = train(learn)
    assert finding in told
    assert "one call of learn is one epoch" in told


def test_what_learn_is_given_says_how_many_images_there_are_and_holds_none() -> None:
    def learn(net: Net, batches: Any) -> None:
        assert (len(batches.dataset), batches.batch_size) == (IMAGES, BATCH)
        assert not any(isinstance(each, torch.Tensor) for each in batches.dataset)
        for x, y in batches:
            net.step(x, y)

    assert not train(learn)
