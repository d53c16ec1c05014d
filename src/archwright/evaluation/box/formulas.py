"""Operations of what torch computes in one piece and its own counter does not know: fused layers, products, solvers.

A layer comes in one piece on some devices and in some modes alone, and costs the same as in parts there. Only what is
as large as a product is counted: of a fused layer its products, not its activations. A sparse matrix costs what a dense
one of its shape does, a packed one what it was packed from.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

_aten = torch.ops.aten


def _attention(query: Tensor, key: Tensor, width: int) -> int:
    """Return the operations of scores and weighted sums, for `query` and `key` (N, L, E) or nested."""
    pairs = zip(_lengths(query), _lengths(key), strict=True)
    return sum(4 * one * other * width for one, other in pairs)


def _lengths(tokens: Tensor) -> list[int]:
    if tokens.is_nested:
        return [int(size) for size in tokens._nested_tensor_size()[:, 0]]
    return [tokens.shape[1]] * tokens.shape[0]


def _self_attention(query: Tensor, key: Tensor, value: Tensor, width: int, heads: int, *_: Any, **__: Any) -> int:
    tokens = 2 * query.numel() + key.numel() + value.numel()  # what goes in and what comes out is projected
    return 2 * tokens * width + _attention(query, key, width)


def _encoder_layer(tokens: Tensor, width: int, heads: int, *rest: Any, **__: Any) -> int:
    first: Tensor = rest[11]
    second: Tensor = rest[13]
    forward = 2 * (tokens.numel() // width) * (first.numel() + second.numel())
    return _self_attention(tokens, tokens, tokens, width, heads) + forward


def _flash_attention(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> int:
    n, heads, length, width = query.shape
    return 2 * n * heads * length * key.shape[2] * (width + value.shape[3])


def _one_recurrent_layer(inputs: Tensor, weight: Tensor, hidden_weight: Tensor, *_: Any, **__: Any) -> int:
    return 2 * (inputs.numel() // inputs.shape[-1]) * (weight.numel() + hidden_weight.numel())


def _recurrent_layers(inputs: Tensor, weights: Any, *_: Any, **__: Any) -> int:
    matrices = sum(int(weight.numel()) for weight in weights if weight.dim() == 2)
    return 2 * (inputs.numel() // inputs.shape[-1]) * matrices


def _trilinear(one: Tensor, two: Tensor, three: Tensor, *expanded: Any, **__: Any) -> int:
    shapes = []
    for factor, places in zip((one, two, three), expanded, strict=False):
        shape = list(factor.shape)
        for place in sorted(places):
            shape.insert(place, 1)
        shapes.append(shape)
    return 2 * math.prod(torch.broadcast_shapes(*shapes))  # type: ignore[no-untyped-call]


def _bag(table: Tensor, indices: Tensor, *rest: Any, per_sample_weights: Any = None, **__: Any) -> int:
    is_weighted = per_sample_weights is not None or (len(rest) > 4 and rest[4] is not None)
    return int((2 if is_weighted else 1) * indices.numel() * table.shape[1])


def _per_element_of(place: int) -> Callable[..., int]:
    """Return the formula of a product whose argument at `place` meets every one of its elements once."""
    return lambda *arguments, **_: 2 * int(arguments[place].numel())


def _factorised(factor: float, *, with_solution: bool = False) -> Callable[..., int]:
    """Return the formula of `factor` times n^3 for matrices (..., m, n), and of solving for the second argument."""

    def formula(matrix: Tensor, *rest: Any, **_: Any) -> int:
        solved = 2 * rest[0].numel() * matrix.shape[-1] if with_solution else 0
        return int(factor * matrix.numel() * min(matrix.shape[-2:])) + solved

    return formula


def _linear(inputs: Tensor, *_: Any, out_val: Tensor, **__: Any) -> int:
    """Return the operations of a product of which only the input and the result tell the size."""
    return 2 * int(inputs.numel()) * int(out_val.shape[-1])


def _times(factor: int, place: int, other: int, dimension: int = -1) -> Callable[..., int]:
    """Return the formula of `factor` operations for each element of one argument and row or column of another."""
    return lambda *arguments, **_: factor * int(arguments[place].numel()) * _side(arguments[other], dimension)


def _side(tensor: Tensor, dimension: int) -> int:
    sizes = tensor._nested_tensor_size()[:, dimension].max() if tensor.is_nested else tensor.shape[dimension]
    return int(sizes)


def _linear_layer(inputs: Tensor, weight: Tensor, *_: Any, **__: Any) -> int:
    return 2 * int(inputs.numel()) * int(weight.numel()) // int(weight.shape[-1])


def _transposed_convolution(images: Tensor, kernels: Tensor, *_: Any, **__: Any) -> int:
    return 2 * int(images.numel()) * int(kernels[0].numel())


def _convolution_backward(gradient: Tensor, _: Tensor, kernels: Tensor, *__: Any, **___: Any) -> int:
    """Return the operations of both gradients, whichever is wanted."""
    return 4 * int(gradient.numel()) // int(gradient.shape[1]) * int(kernels.numel())


def _flash_attention_backward(_: Tensor, *tensors: Tensor, **__: Any) -> int:
    return _flash_attention(*tensors[:3]) * 5 // 2


def _added_product(_: Tensor, one: Tensor, two: Tensor, **__: Any) -> int:
    return 2 * int(one.numel()) * int(two.shape[-1])


def _convolution(images: Tensor, kernels: Tensor, *_: Any, out_val: Tensor, **__: Any) -> int:
    return 2 * int(images.shape[0] * math.prod(out_val.shape[2:]) * kernels.numel())


def _fourier(signal: Tensor, dimensions: Sequence[int], *_: Any, out_val: Tensor, **__: Any) -> int:
    """Return the operations of a fast Fourier transform of complex numbers; half for real ones."""
    longer = max(signal, out_val, key=lambda tensor: int(tensor.numel()))
    points = math.prod(longer.shape[dimension] for dimension in dimensions)
    factor = 5 if signal.is_complex() and out_val.is_complex() else 2.5
    return int(factor * longer.numel() * math.log2(max(points, 2)))


FORMULAS: Mapping[Any, Callable[..., int]] = {
    _aten._native_multi_head_attention: _self_attention,
    _aten._transformer_encoder_layer_fwd: _encoder_layer,
    _aten._scaled_dot_product_flash_attention_for_cpu: _flash_attention,
    _aten.mkldnn_rnn_layer: _one_recurrent_layer,
    _aten._cudnn_rnn: _recurrent_layers,
    _aten._trilinear: _trilinear,
    _aten._embedding_bag: _bag,
    _aten._embedding_bag_forward_only: _bag,
    _aten.mv: _per_element_of(0),
    _aten.dot: _per_element_of(0),
    _aten.vdot: _per_element_of(0),
    _aten.addmv: _per_element_of(1),
    _aten.addmv_: _per_element_of(1),
    _aten.addr: lambda _, one, two, **__: 2 * int(one.numel()) * int(two.numel()),
    _aten.addbmm: lambda _, one, two, **__: 2 * int(one.numel()) * int(two.shape[-1]),
    _aten._addmm_activation: _added_product,
    _aten._sparse_addmm: _added_product,
    _aten.sparse_sampled_addmm: _added_product,
    _aten.sspaddmm: _added_product,
    **dict.fromkeys(
        (
            *(
                _aten._int_mm,
                _aten._sparse_sparse_matmul,
                _aten.hspmm,
                _aten._sparse_mm_reduce_impl,
                _aten.mkldnn_linear,
            ),
            *(_aten._weight_int8pack_mm, _aten._weight_int4pack_mm_for_cpu, _aten._dyn_quant_matmul_4bit),
            *(_aten._grouped_mm, _aten._scaled_grouped_mm, _aten._scaled_grouped_mm_v2, _aten._scaled_mm_v2),
            *(_aten._weight_int4pack_mm, _aten._mixed_dtypes_linear),
            *(_aten.fbgemm_linear_fp16_weight_fp32_activation, _aten.fbgemm_linear_fp16_weight),
        ),
        _linear,
    ),
    _aten.conv_tbc: lambda _, kernels, *__, out_val, **___: 2 * out_val.numel() // out_val.shape[2] * kernels.numel(),
    **dict.fromkeys(
        (
            *(_aten.mkldnn_convolution, _aten._nnpack_spatial_convolution, _aten.slow_conv3d_forward),
            *(_aten.slow_conv_dilated2d, _aten.slow_conv_dilated3d, _aten._conv_depthwise2d, _aten.conv_depthwise3d),
            *(_aten.cudnn_convolution_relu, _aten.cudnn_convolution_add_relu),
        ),
        _convolution,
    ),
    **dict.fromkeys(
        (_aten.slow_conv_transpose2d, _aten.slow_conv_transpose3d, _aten.cudnn_convolution_transpose),
        _transposed_convolution,
    ),
    _aten.linear: _linear_layer,
    _aten.matmul: _times(2, 0, 1),
    _aten.matmul_backward: _times(4, 0, 1),
    _aten.linear_backward: _times(4, 1, 2),
    _aten.mkldnn_linear_backward: _times(4, 1, 2),
    _aten.mkldnn_linear_backward_input: _times(2, 1, 2),
    _aten.mkldnn_linear_backward_weights: _times(2, 0, 1),
    _aten._slow_conv2d_backward: _convolution_backward,
    _aten._scaled_dot_product_flash_attention_for_cpu_backward: _flash_attention_backward,
    _aten._compute_linear_combination: lambda rows, factors, **_: 2 * int(factors.numel() * rows[0].numel()),
    _aten._embedding_bag_backward: _times(2, 1, 0),
    _aten._embedding_bag_dense_backward: _times(2, 1, 0),
    _aten._embedding_bag_per_sample_weights_backward: _times(2, 2, 0),
    _aten._cdist_backward: _times(3, 0, 1),
    _aten._pdist_backward: _times(6, 0, 1),
    _aten._pdist_forward: lambda points, *_, **__: 3 * points.shape[0] * int(points.numel()) // 2,
    **dict.fromkeys((_aten._fft_r2c, _aten._fft_c2r, _aten._fft_c2c), _fourier),
    _aten.linalg_householder_product: _factorised(2),
    _aten.geqrf: _factorised(2),
    _aten.ormqr: lambda one, _, two, *__, **___: 4 * int(two.numel()) * int(one.shape[-1]),
    _aten._cholesky_solve_helper: _times(2, 0, 1),
    _aten.cholesky_solve: lambda right, matrix, *_, **__: 2 * int(right.numel()) * int(matrix.shape[-1]),
    _aten.cholesky_inverse: _factorised(1),
    _aten.linalg_ldl_factor_ex: _factorised(1 / 3),
    _aten.linalg_ldl_solve: lambda matrix, _, right, **__: 2 * int(right.numel()) * int(matrix.shape[-1]),
    _aten.linalg_lu_solve: lambda matrix, _, right, **__: 2 * int(right.numel()) * int(matrix.shape[-1]),
    _aten._linalg_solve_ex: _factorised(2 / 3, with_solution=True),
    _aten.linalg_solve_triangular: _factorised(0, with_solution=True),
    _aten.triangular_solve: lambda right, matrix, **_: int(right.numel()) * int(matrix.shape[-1]),
    _aten.linalg_lu_factor_ex: _factorised(2 / 3),
    _aten.linalg_lu: _factorised(2 / 3),
    _aten._linalg_det: _factorised(2 / 3),
    _aten._linalg_slogdet: _factorised(2 / 3),
    _aten.linalg_inv_ex: _factorised(2),
    _aten.linalg_cholesky_ex: _factorised(1 / 3),
    _aten.linalg_matrix_exp: _factorised(10),
    _aten.linalg_qr: _factorised(4),
    _aten.linalg_lstsq: _factorised(2, with_solution=True),
    _aten._linalg_eigh: _factorised(9),
    _aten.linalg_eig: _factorised(25),
    _aten._linalg_svd: _factorised(14),
    _aten.linalg_pinv: _factorised(14),
}
"""By operator; each is called with the operator's arguments. What iterates counts as on ordinary matrices."""
