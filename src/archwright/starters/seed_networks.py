"""The seed corpus: compact programs under `networks/`, one file each, listed here in a fixed order.

Every network reads its channels from `in_shape` and its classes from `out_shape`, works from 1 x 8 x 8 to 3 x 64 x 64
and stays within 500,000 parameters there. All are written in the one layout of `programs.formatting`, widths named once
at the top of `Net`, so that both a mutation and a small language model can change a width in one place.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from archwright.candidate import Candidate, Key, Program, Record

TITLES = {
    "plain_conv": "three convolutions with max pooling",
    "resnet": "residual blocks with projected shortcuts",
    "inception": "parallel branches of several kernel sizes",
    "separable": "depthwise separable convolutions (MobileNet)",
    "flatten_head": "large kernels and a flattened hidden layer",
    "squeeze_excite": "channels gated by their own averages",
    "densenet": "layers that concatenate their input",
    "vit": "a small vision transformer",
    "vgg": "pairs of convolutions between poolings",
    "preact_resnet": "residual blocks with normalisation first",
    "inverted_residual": "wide depthwise bottlenecks (MobileNetV2)",
    "squeezenet": "fire modules: squeeze, then expand",
    "convnext": "large depthwise kernels and pointwise layers",
    "dilated": "dilated convolutions instead of depth",
    "shufflenet": "grouped convolutions with shuffled channels",
    "pyramid_pooling": "features pooled at three scales",
    "mlp_mixer": "layers that mix positions, then channels",
    "conv_attention": "a convolutional stem and self-attention",
    "gmlp": "gated multilayer perceptrons over positions",
    "bag_of_patches": "a small receptive field and 1 x 1 layers",
    "coordconv": "pixel coordinates as two more channels",
    "large_kernel": "a 7 x 7 stem and 9 x 9 depthwise layers",
    "ghostnet": "half of the channels made by cheap layers",
    "strided_only": "strides instead of pooling",
    "wide_shallow": "two wide layers",
    "resnext": "residual bottlenecks with grouped convolutions",
    "network_in_network": "1 x 1 layers after each convolution",
    "concat_relu": "positive and negative parts kept apart",
    "res2net": "a hierarchy of small convolutions in each block",
    "poolformer": "token mixing by average pooling",
    "gated_conv": "convolutions with gated linear units",
    "hypercolumn": "a classifier on every stage at once",
    "shared_weights": "one convolution applied several times",
    "fast_resnet": "a patch stem, one residual block, global max",
    "conv_mixer": "equal depthwise and pointwise blocks",
    "two_pools": "average and maximum pooling side by side",
}
"""Name -> title, in the order of the corpus; a file under `networks/` and a line here make a seed network."""


@dataclass(frozen=True, slots=True)
class SeedNetwork:
    """One network of the seed corpus."""

    name: str
    title: str
    program: Program


@cache
def _seed_corpus() -> tuple[SeedNetwork, ...]:
    folder = resources.files("archwright.starters") / "networks"
    return tuple(
        SeedNetwork(name, title, Program((folder / f"{name}.py").read_text("utf-8"))) for name, title in TITLES.items()
    )


def load_seed_corpus() -> list[SeedNetwork]:
    """Return the seed networks in their fixed order."""
    return list(_seed_corpus())


def as_record(network: SeedNetwork) -> Record:
    """Return `network` as a parent for requests: a record without an outcome, in cycle 0, that belongs to no study."""
    index = list(TITLES).index(network.name) if network.name in TITLES else len(TITLES)
    facts = {"operation": network.name}
    return Record(Candidate(Key(0, index), network.program, generator="corpus", seed=0, facts=facts))
