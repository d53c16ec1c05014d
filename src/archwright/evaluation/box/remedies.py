"""What to change, for the mistakes that networks are usually made of.

Each rule looks at the message torch gives (of version 2.6 to 2.13) and answers with one instruction, with the numbers
filled in. A message that no rule knows is passed on as it is.
"""

import math
import re
from collections.abc import Callable, Sequence

import torch

SHAPE_WORDS = re.compile(
    r"shapes? |sizes? of|size is|input of size|of size:?\s*\[|\bsizes? must|must match|to have \d+ channels|dimension"
    r"|reduction dim|should contain \d+ elements|number of channels|num_channels|divisible|values to unpack"
    r"|Expected \d+D|expected \d+D|\dD \(|more than 1 value per channel|batch_size|Kernel size|normalized_shape"
    r"|out of range|non-singleton|broadcast"
)
DEVICE_WORDS = re.compile(r"CUDA error|CUDA driver error|(?:CUBLAS|CUDNN)_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR)")
TYPE_WORDS = re.compile(r"dtype|scalar type|Input type|can't be cast|same device|on device|must be .* not")

LayerOrNone = torch.nn.Module | None
Shape = tuple[int, ...] | None
Rule = tuple[str, Callable[[re.Match[str], LayerOrNone, Shape], str]]


def _matrix(match: re.Match[str], layer: LayerOrNone, shape: Shape) -> str:
    got, want = int(match[2]), int(match[3])
    if shape is not None and len(shape) > 2 and isinstance(layer, torch.nn.Linear):
        features = math.prod(shape[1:])
        return f"flatten the input first with torch.flatten(x, 1) and set in_features={features}"
    if isinstance(layer, torch.nn.Linear):
        return f"set its in_features={got}"
    return f"the first factor has {got} columns and the second {want} rows; they must be equal"


def _channels(match: re.Match[str], layer: LayerOrNone, shape: Shape) -> str:
    return f"set its in_channels={match[2]}, or make what comes before it give {match[1]} channels"


def _norm(match: re.Match[str], layer: LayerOrNone, shape: Shape) -> str:
    return f"set its num_features={match[1]}"


def _addition(match: re.Match[str], layer: LayerOrNone, shape: Shape) -> str:
    a, b, dimension = match[1], match[2], match[3]
    if dimension == "1":
        return f"{a} and {b} are channels: bring one to the other's with a 1x1 convolution (nn.Conv2d({b}, {a}, 1))"
    if dimension == "0":
        return "dimension 0 is the batch, whose size changes: take it from x.shape[0], never from in_shape[0]"
    what = {"2": "heights", "3": "widths"}.get(dimension, f"sizes of dimension {dimension}")
    return f"the {what} {a} and {b} differ: use the same stride and padding on both paths"


def _view(match: re.Match[str], layer: LayerOrNone, shape: Shape) -> str:
    return "flatten with torch.flatten(x, 1) and give the next Linear the number of features that are really there"


def _constant(text: str) -> Callable[[re.Match[str], LayerOrNone, Shape], str]:
    return lambda match, layer, shape: text


_TOO_SMALL = "the image has become too small here: use fewer strides and pools before it, padding, or a smaller kernel"

RULES: Sequence[Rule] = (
    (r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)", _matrix),
    (r"to have (\d+) channels, but got (\d+) channels", _channels),
    (r"running_mean should contain (\d+) elements not (\d+)", _norm),
    (
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)",
        _addition,
    ),
    (r"shape '\[.*\]' is invalid for input of size", _view),
    (r"view size is not compatible", _constant("use reshape instead of view")),
    (
        r"Kernel size can't be greater than actual input size|Output size is too small|smaller than kernel",
        _constant(_TOO_SMALL),
    ),
    (r"Padding size should be less than", _constant(_TOO_SMALL)),
    (
        r"Sizes of tensors must match except in dimension (\d+)",
        _constant("torch.cat needs equal sizes in every other dimension: use the same stride and padding on all paths"),
    ),
    (
        r"Expected more than 1 value per channel when training",
        _constant("batch normalisation needs more than one value per channel: put it before the global pooling"),
    ),
    (
        r"(?:Expected 3D \(unbatched\) or 4D|expected 4D input)",
        _constant("this layer takes images (N, C, H, W): keep it before flatten, or use the 1d or linear kind"),
    ),
    (
        r"values to unpack",
        _constant(
            "look at the shape first: images are (N, C, H, W), in_shape is (N, C, H, W), out_shape is (classes,)"
        ),
    ),
    (r"index out of range in self", _constant("nn.Embedding(n, width) takes whole numbers from 0 to n - 1")),
    (
        r"'dict' object has no attribute '(\w+)'",
        lambda match, layer, shape: f'prm is a dictionary: write prm["{match[1]}"], or prm.get("{match[1]}", ...)',
    ),
    (
        r"element of type tuple|tuple index out of range|'tuple' object cannot be interpreted as an integer",
        _constant("in_shape is (N, C, H, W) and out_shape is (classes,): write in_shape[1] and out_shape[0]"),
    ),
    (
        r"not compiled with CUDA|No CUDA GPUs",
        _constant("leave out .cuda() and device: the evaluator moves the network"),
    ),
    (r"cannot be compiled since it inherits", _constant("leave out torch.jit.script")),
    (r"divisible", _constant("choose numbers of channels that divide evenly")),
    (
        r"modified by an inplace operation|a leaf Variable that requires grad",
        _constant("write x = x + y instead of x += y, and inplace=False"),
    ),
    (
        r"does not require grad",
        _constant("some output must depend on a parameter of Net; leave out detach, no_grad and argmax"),
    ),
    (r"empty parameter list", _constant("Net has no parameters; assign the layers to self in __init__")),
    (r"'NoneType' object", _constant("forward must return its result on every path")),
    (
        r"KeyError: ",
        _constant(
            "prm holds lr, momentum, dropout, batch, epoch, transform and what supported_hyperparameters() names"
        ),
    ),
    (r"before Module.__init__\(\) call", _constant("call super().__init__() first in __init__")),
    (r"No module named", _constant("only torch, numpy and the standard library are there; write it with torch.nn")),
    (
        r"device-side assert|index out of bounds",
        _constant(
            "an index is outside its table (the line may be a later one): look at nn.Embedding, gather, indexing and "
            "the number of classes"
        ),
    ),
    (
        r"CUDA (?:error: )?out of memory",
        _constant("use fewer channels or an earlier stride; several programs share the GPU's memory"),
    ),
    (r"can't allocate memory|MemoryError", _constant("use smaller layers; the limit is budget.memory_mb")),
    (r"maximum recursion depth", _constant("a function or method calls itself without end")),
)


def remedy_for(error: BaseException, text: str, layer: LayerOrNone, shape: Shape) -> str | None:
    """Return one instruction that would have avoided `error`, or None when no rule knows it."""
    for pattern, answer in RULES:
        match = re.search(pattern, text)
        if match:
            return answer(match, layer, shape)
    return None
