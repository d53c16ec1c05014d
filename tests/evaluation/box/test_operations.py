"""What is computed in one piece costs what it costs in parts, on every device."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils._python_dispatch import _disable_current_modes
from torch.utils.flop_counter import FlopCounterMode

from archwright.evaluation.box.operations import CountedOperations, counting
from archwright.evaluation.box.outputs import values_of

CPU, META = torch.device("cpu"), torch.device("meta")
N, L, E = 2, 16, 64


def operations_of(compute: Callable[..., object], *shapes: tuple[int, ...], device: torch.device = CPU) -> int:
    inputs = [torch.rand(shape, device=device) for shape in shapes]
    if isinstance(compute, nn.Module):
        compute = compute.to(device).eval()
    with torch.no_grad(), CountedOperations() as operations:
        compute(*inputs)
    return operations.total


class Attention(nn.MultiheadAttention):
    def forward(self, x: Any) -> Any:  # type: ignore[override]
        return super().forward(x, x, x, need_weights=False)


PROJECTIONS = 2 * N * L * E * 4 * E
SCORES = 4 * N * L * L * E


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Attention(E, 4, batch_first=True), PROJECTIONS + SCORES),
        (lambda: nn.TransformerEncoderLayer(E, 4, 128, batch_first=True), PROJECTIONS + SCORES + 4 * N * L * E * 128),
        (lambda: nn.LSTM(E, 32, 2, batch_first=True), 2 * N * L * 4 * 32 * (E + 32 + 32 + 32)),
        (lambda: nn.LSTM(E, 32, bidirectional=True), 2 * 2 * N * L * 4 * 32 * (E + 32)),
        (lambda: nn.GRU(E, 32), 2 * N * L * 3 * 32 * (E + 32)),
    ],
    ids=["attention", "encoder", "lstm", "two-way lstm", "gru"],
)
def test_a_fused_layer_counts_as_its_parts(make: Callable[[], nn.Module], expected: int) -> None:
    assert operations_of(make(), (N, L, E)) == operations_of(make(), (N, L, E), device=META) == expected


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_attention_to_tokens_that_are_padded_counts_the_others() -> None:
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(E, 4, 128, batch_first=True), 2)
    mask = torch.arange(L).expand(N, L) >= torch.tensor([[10], [L]])
    tokens = 2 * 26 * E * 4 * E + 4 * 26 * E * 128
    counted = operations_of(lambda x: encoder.eval()(x, src_key_padding_mask=mask), (N, L, E))
    assert counted == 2 * (tokens + 4 * (10 * 10 + L * L) * E)


@pytest.mark.parametrize(
    ("compute", "shapes", "expected"),
    [
        (
            lambda q, k: F.scaled_dot_product_attention(q, k, k),
            [(1, 4, 128, 32), (1, 4, 64, 32)],
            4 * 4 * 128 * 64 * 32,
        ),
        (torch.mv, [(E, L), (L,)], 2 * E * L),
        (torch.dot, [(E,), (E,)], 2 * E),
        (torch.addmv, [(E,), (E, L), (L,)], 2 * E * L),
        (torch.addr, [(E, L), (E,), (L,)], 2 * E * L),
        (torch.addbmm, [(4, 5), (3, 4, L), (3, L, 5)], 2 * 3 * 4 * L * 5),
        (F.bilinear, [(N, 8), (N, 4), (5, 8, 4)], 2 * N * 8 * 4 * 5),
        (
            lambda w, x: F.embedding_bag(x.long(), w, mode="sum", per_sample_weights=x),
            [(8, E), (N, L)],
            2 * N * L * E,
        ),
        (lambda a, b: torch._int_mm(a.to(torch.int8), b.to(torch.int8)), [(32, L), (L, 8)], 2 * 32 * L * 8),
        (lambda a, b: torch.complex(a, a) @ torch.complex(b, b), [(4, L), (L, 5)], 8 * 4 * L * 5),
        (lambda a, b: torch._addmm_activation(b[0], a, b), [(4, L), (L, 5)], 2 * 4 * L * 5),
        (torch.conv_tbc, [(9, 2, 4), (3, 4, 5), (5,)], 2 * 7 * 2 * 3 * 4 * 5),
        (lambda a, b: torch._foreach_addcmul([a], [a], [b]), [(L, L), (L, L)], 2 * L * L),
        (torch.addcmul, [(L, L), (L, L), (L, L)], 2 * L * L),
        (lambda a, b: torch.lerp(a, b, b), [(L, L), (L, L)], 2 * L * L),
        (lambda a, b: torch.add(a, b, alpha=3), [(L, L), (L, L)], 2 * L * L),
        (torch.fft.fft, [(N, 8)], 2.5 * N * 8 * 3),
        (torch.linalg.solve, [(L, L), (L, 3)], 2 * L**3 // 3 + 2 * L * L * 3),
        (torch.linalg.inv, [(L, L)], 2 * L**3),
    ],
    ids=[
        "sdpa",
        "mv",
        "dot",
        "addmv",
        "addr",
        "addbmm",
        "bilinear",
        "bag",
        "int",
        "complex",
        "fused",
        "tbc",
        "foreach",
        *("addcmul", "lerp", "alpha"),
        "fourier",
        "solve",
        "inv",
    ],
)
@pytest.mark.parametrize("device", [CPU, META], ids=str)
def test_every_kind_of_product_counts(
    compute: Callable[..., object], shapes: list[tuple[int, ...]], expected: int, device: torch.device
) -> None:
    assert operations_of(compute, *shapes, device=device) == expected


def test_a_loss_counts_by_what_it_is_of() -> None:
    """The distance of two vectors is their product, but for their lengths."""
    assert operations_of(lambda a, b: nn.functional.mse_loss(a, b, reduction="sum"), (4, 8), (4, 8)) == 32


def test_products_of_the_cpu_alone_count() -> None:
    def sparse(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.sparse.mm(a.to_sparse(), b)

    def packed(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch._C._nn.mkldnn_linear(a.to_mkldnn(), b.to_mkldnn(), b[:, 0].to_mkldnn())

    assert operations_of(sparse, (L, L), (L, 3)) == 2 * L * L * 3
    assert operations_of(packed, (N, L), (5, L)) == 2 * N * L * 5
    convolved = operations_of(
        lambda x, w: torch.mkldnn_convolution(x, w, None, (0, 0), (1, 1), (1, 1), 1), (N, 3, 8, 8), (4, 3, 3, 3)
    )
    assert convolved == 2 * N * 36 * 4 * 27


class Hiding(torch.Tensor):
    """A tensor that is asked for a sum and computes a product."""

    own: torch.Tensor

    @staticmethod
    def of(own: torch.Tensor) -> "Hiding":
        made: Hiding = torch.Tensor._make_wrapper_subclass(Hiding, own.shape)
        made.own = own
        return made

    @classmethod
    def __torch_dispatch__(cls, func: object, types: object, args: Any = (), kwargs: object = None) -> torch.Tensor:
        return args[0].own @ args[0].own


def test_operators_and_tensors_that_hide_what_they_compute_are_refused() -> None:
    x = torch.rand(3, 3)
    product = torch.library.custom_op(
        "hidden::product", lambda x: x @ x, mutates_args=(), schema="(Tensor x) -> Tensor"
    )
    for compute in (lambda: product(x), lambda: torch.add(Hiding.of(x), 1)):
        with counting(), pytest.raises(TypeError, match="FLOPs are not counted"):
            compute()


@pytest.mark.parametrize("kind", [torch.int64, torch.int8, torch.bool], ids=str)
def test_whole_numbers_and_truth_values_count_like_others(kind: torch.dtype) -> None:
    assert operations_of(lambda x: (x.to(kind) * x.to(kind)).sum(1), (N, L)) >= 2 * N * L


def test_while_it_is_counted_a_number_goes_to_numpy_and_a_tensor_does_not() -> None:
    x = torch.rand(3)
    with counting():
        assert x.sum().numpy() == x.sum().item()
        for leave in (lambda: x.numpy(), lambda: np.asarray(x), lambda: np.maximum(x, 0), lambda: np.from_dlpack(x)):
            with pytest.raises(TypeError, match="its FLOPs are not counted"):
                leave()
    assert x.numpy().shape == (3,)


def test_counting_cannot_be_switched_off_by_the_modes_of_torch() -> None:
    x = torch.rand(3)
    with counting() as operations, pytest.raises(RuntimeError, match="switches off"), _disable_current_modes():
        x * x
    with counting() as operations, torch.inference_mode(), FlopCounterMode(display=False):  # type: ignore[no-untyped-call]
        F.linear(x, x[None])
        x * x
    assert operations.total >= 6
    with _disable_current_modes():
        x * x


def test_sums_count_however_they_are_written() -> None:
    """Products of elements that are summed into places, by bins or by pooling are no cheaper than a matrix product."""
    rows = torch.arange(N * L).repeat_interleave(E)
    summed: list[Callable[[torch.Tensor], object]] = [
        lambda x: torch.zeros(N * L).index_put((rows,), (x * x).flatten(), accumulate=True),
        lambda x: torch.zeros(N * L).scatter_reduce(0, rows, (x * x).flatten(), "sum"),
        lambda x: torch.bincount(rows, (x * x).flatten()),
        lambda x: F.avg_pool1d(x * x, E),
    ]
    for compute in summed:
        assert operations_of(compute, (N, L, E)) >= 2 * N * L * E


def test_what_computes_by_another_name_counts_by_its_largest_tensor() -> None:
    """Normalisation multiplies by weights, and its mean is a sum."""
    weight = torch.rand(L * E)

    def product(x: torch.Tensor) -> torch.Tensor:
        scaled = torch.native_layer_norm(x.flatten(1), (L * E,), weight, None, 0.0)[0]
        return torch.native_layer_norm(scaled.view(N, L, E), (E,), None, None, 1.0)[1]

    assert operations_of(product, (N, L, E)) >= 2 * N * L * E
    assert operations_of(lambda x: torch.var_mean(x * x, 2)[1], (N, L, E)) >= 2 * N * L * E
    assert operations_of(lambda x: x.view(-1), (N, L, E)) == 0


def test_an_answer_leaves_torch_where_a_default_device_is_set() -> None:
    with torch.device("cpu"), counting():
        assert values_of(torch.ones(2)).tolist() == [1, 1]


def _bag_of_dots(rows: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    n, k = len(rows), len(table)
    bags = torch.arange(n)
    places = torch.arange(k).repeat(n)
    return torch.ops.aten._embedding_bag_per_sample_weights_backward(
        rows, table, places, bags * k, bags.repeat_interleave(k), 0
    ).view(n, k)


@pytest.mark.parametrize(
    "multiply",
    [
        lambda x, w: torch._compute_linear_combination(w.t(), x),
        lambda x, w: torch._C._nn.linear(x, w, out=torch.empty(len(x), len(w))),
        lambda x, w: torch.ops.aten.slow_conv_transpose2d(x[..., None, None], w.t()[..., None, None], [1, 1]),
        lambda x, w: torch.ops.aten._cdist_backward(x, x[:, :1].expand(-1, len(w)), w.t().contiguous(), 2.0, x),
        _bag_of_dots,
        lambda x, w: torch._grouped_mm(x.bfloat16()[None], w.bfloat16()[None].mT),
    ],
    ids=["combination", "out", "transposed", "distances", "bag", "grouped"],
)
def test_a_product_by_an_operator_of_torch_s_own_use_counts(multiply: Callable[..., object]) -> None:
    assert operations_of(multiply, (N, E), (8, E)) >= 2 * N * E * 8


def test_what_a_program_does_to_torch_s_formulas_and_modes_changes_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def product() -> int:
        return operations_of(torch.mm, (N, E), (E, 8))

    before = product()
    monkeypatch.setattr(torch.utils._python_dispatch.TorchDispatchMode, "__enter__", lambda mode: mode)
    monkeypatch.setattr(torch.utils._python_dispatch, "_push_mode", lambda mode: None)
    monkeypatch.setitem(torch.utils.flop_counter.flop_registry, torch.ops.aten.mm, lambda *_, **__: 0)
    assert product() == before == 2 * N * E * 8
