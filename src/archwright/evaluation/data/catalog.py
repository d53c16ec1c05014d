"""The data sets known by name: one table, one entry each.

Adding a data set is one entry here and its name in `task.TASK_NAMES`, or an entry point of another package
(`registry.DATA_SETS`).
"""

from dataclasses import dataclass
from pathlib import Path

from archwright.errors import UnknownNameError, UsageError
from archwright.registry import DATA_SETS


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A published file: the places it can be had from and its checksum."""

    name: str
    md5: str
    size: int
    """Bytes, roughly: to announce a download, not to check it."""
    mirrors: tuple[str, ...]
    """Folders that hold the file, ending in a slash; tried in order."""


@dataclass(frozen=True, slots=True)
class Normalisation:
    """Published mean and standard deviation per channel, for images scaled to [0, 1]."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a data set before it is read."""

    name: str
    title: str
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    """(C, H, W)."""
    train_images: int
    test_images: int
    terms: str
    """Licence or terms of use."""
    folders: tuple[str, ...] = ()
    """Names of folders and files, under ARCHWRIGHT_DATA or the cache, that may hold it."""
    system_folders: tuple[Path, ...] = ()
    """Where an operating system's package puts it."""
    files: tuple[RemoteFile, ...] = ()
    """What to download when it is nowhere."""
    normalisation: Normalisation | None = None
    is_original_lossless: bool = True
    """Whether JPEG images of it are a lesser copy, which its title then says."""
    side: int = 0
    """Images are resized to this side unless data.image_size says otherwise; 0 keeps their size."""

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)


_DIGITS = tuple("0123456789")
_CIFAR_MIRROR = "https://www.cs.toronto.edu/~kriz/"
_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_FASHION_MIRROR = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
_SVHN_MIRROR = "http://ufldl.stanford.edu/housenumbers/"
_IMAGENETTE_MIRROR = "https://s3.amazonaws.com/fast-ai-imageclas/"

# fmt: off
_CIFAR100_CLASSES = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
    "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
    "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest",
    "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard",
    "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid",
    "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum",
    "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper",
    "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone",
    "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf",
    "woman", "worm",
)
# fmt: on

# MD5 sums as published with the archives and checked by torchvision.
CATALOG = {
    entry.name: entry
    for entry in (
        Entry(
            name="digits",
            title="Digits",
            class_names=_DIGITS,
            image_shape=(1, 8, 8),
            train_images=1438,
            test_images=359,
            terms="UCI Optical Recognition of Handwritten Digits, CC BY 4.0; in scikit-learn (BSD-3-Clause)",
        ),
        Entry(
            name="cifar10",
            title="CIFAR-10",
            class_names=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
            image_shape=(3, 32, 32),
            train_images=50_000,
            test_images=10_000,
            terms="no licence stated; cite Krizhevsky 2009",
            folders=("cifar10", "cifar-10", "cifar-10-batches-py", "cifar-10-python.tar.gz"),
            files=(
                RemoteFile("cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a", 170_498_071, (_CIFAR_MIRROR,)),
            ),
            normalisation=Normalisation((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
        ),
        Entry(
            name="cifar100",
            title="CIFAR-100",
            class_names=_CIFAR100_CLASSES,
            image_shape=(3, 32, 32),
            train_images=50_000,
            test_images=10_000,
            terms="no licence stated; cite Krizhevsky 2009",
            folders=("cifar100", "cifar-100", "cifar-100-python", "cifar-100-python.tar.gz"),
            files=(
                RemoteFile(
                    "cifar-100-python.tar.gz", "eb9058c3a382ffc7106e4002c42a8d85", 169_001_437, (_CIFAR_MIRROR,)
                ),
            ),
            normalisation=Normalisation((0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)),
        ),
        Entry(
            name="mnist",
            title="MNIST",
            class_names=_DIGITS,
            image_shape=(1, 28, 28),
            train_images=60_000,
            test_images=10_000,
            terms="CC BY-SA 3.0",
            folders=("mnist", "MNIST/raw", "MNIST"),
            files=(
                RemoteFile("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422, _MNIST_MIRRORS),
                RemoteFile("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", 28_881, _MNIST_MIRRORS),
                RemoteFile("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", 1_648_877, _MNIST_MIRRORS),
                RemoteFile("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", 4_542, _MNIST_MIRRORS),
            ),
            normalisation=Normalisation((0.1307,), (0.3081,)),
        ),
        Entry(
            name="fashion-mnist",
            title="Fashion-MNIST",
            class_names=(
                *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
                *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
            ),
            image_shape=(1, 28, 28),
            train_images=60_000,
            test_images=10_000,
            terms="MIT",
            folders=("fashion-mnist", "fashion_mnist", "FashionMNIST/raw", "FashionMNIST"),
            system_folders=(Path("/usr/share/datasets/fashion-mnist"),),
            files=(
                RemoteFile(
                    "train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880, (_FASHION_MIRROR,)
                ),
                RemoteFile(
                    "train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29_515, (_FASHION_MIRROR,)
                ),
                RemoteFile(
                    "t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", 4_422_102, (_FASHION_MIRROR,)
                ),
                RemoteFile("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5_148, (_FASHION_MIRROR,)),
            ),
        ),
        Entry(
            name="svhn",
            title="SVHN",
            class_names=_DIGITS,
            image_shape=(3, 32, 32),
            train_images=73_257,
            test_images=26_032,
            terms="for non-commercial use; cite Netzer et al. 2011",
            folders=("svhn", "SVHN"),
            files=(
                RemoteFile("train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373", 182_040_794, (_SVHN_MIRROR,)),
                RemoteFile("test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3", 64_275_384, (_SVHN_MIRROR,)),
            ),
            normalisation=Normalisation((0.4377, 0.4438, 0.4728), (0.1980, 0.2010, 0.1970)),
        ),
        Entry(
            name="imagenette",
            title="Imagenette",
            class_names=(
                *("tench", "English springer", "cassette player", "chain saw", "church"),
                *("French horn", "garbage truck", "gas pump", "golf ball", "parachute"),
            ),
            image_shape=(3, 64, 64),
            train_images=9_469,
            test_images=3_925,
            terms="ImageNet terms, research use",
            folders=(
                "imagenette",
                "imagenette64",
                "imagenette2-160",
                "imagenette2-160.tgz",
                "imagenette2-320",
                "imagenette2",
            ),
            files=(
                RemoteFile(
                    "imagenette2-160.tgz", "e793b78cc4c9e9a4ccc0c1155377a412", 99_000_000, (_IMAGENETTE_MIRROR,)
                ),
            ),
            is_original_lossless=False,
            side=64,
        ),
    )
}


def known_names() -> list[str]:
    """Return the names of all data sets, those that other packages offer last."""
    return [*CATALOG, *(name for name in DATA_SETS.names() if name not in CATALOG)]


def find_entry(name: str) -> Entry:
    """Return the data set called `name`; raises UnknownNameError, and UsageError for one that cannot be used."""
    if name in CATALOG:
        return CATALOG[name]
    if name not in DATA_SETS.names():
        error = UnknownNameError.of("task", name, known_names())
        raise UnknownNameError(f"{error.what}, and no file or folder", error.remedy)
    entry = DATA_SETS.load(name)
    if not isinstance(entry, Entry):
        raise UsageError(
            f"the data set '{name}' is no Entry but {type(entry).__name__}", "mend or remove the package that offers it"
        )
    return entry
