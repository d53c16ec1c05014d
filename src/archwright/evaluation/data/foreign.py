"""Forms of data that are not read: what they are called, and how to turn them into one that is."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from archwright.evaluation.data.sources import listed
from archwright.evaluation.data.tree import files_below


@dataclass(frozen=True, slots=True)
class ForeignForm:
    """Why something is not read, and what to do."""

    reason: str
    remedy: str


_ARRAYS = "np.savez('set.npz', x_train=..., y_train=..., x_test=..., y_test=...)"
_FORMS = {
    (".h5", ".hdf5", ".hdf", ".he5"): ForeignForm(
        "is HDF5",
        "turn it into .npz, with the names that the first line prints: import h5py, numpy as np; "
        "f = h5py.File('FILE'); print(list(f)); np.savez('set.npz', x_train=f['x'][:], y_train=f['y'][:])",
    ),
    (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt"): ForeignForm(
        "is a pickle, which is never loaded because it can run code", f"store its arrays with {_ARRAYS}"
    ),
    (".rar", ".7z", ".zst", ".lz4"): ForeignForm(
        "is packed in a form that is not read", "unpack it and name the folder, or pack it as .zip or .tar"
    ),
    (".mp4", ".avi", ".mov", ".mkv", ".webm"): ForeignForm("is a film", "store single pictures, in a folder per class"),
    (".xlsx", ".xls", ".ods"): ForeignForm("is a spreadsheet", "store it as CSV (file,label) beside the images"),
    (".safetensors", ".zarr", ".nii", ".mat"): ForeignForm(
        "holds arrays in another form", f"store them with {_ARRAYS}"
    ),
    (".tfrecord", ".tfrecords"): ForeignForm(
        "is a record file of TensorFlow", "store its pictures in a folder per class, or as .npz"
    ),
    (".mdb", ".lmdb"): ForeignForm("is an LMDB", "store its pictures in a folder per class, or as parquet"),
    (".arrow", ".feather"): ForeignForm(
        "is an Arrow file", "write parquet: datasets.load_from_disk('FOLDER')['train'].to_parquet('train.parquet')"
    ),
}
_BY_SUFFIX = {suffix: form for suffixes, form in _FORMS.items() for suffix in suffixes}
_MAGIC = {b"\x89HDF\r\n\x1a\n": ".h5", b"Rar!": ".rar", b"7z\xbc\xaf\x27\x1c": ".7z"}
_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
DEPTH, MOST = 3, 1000
"""Folders below the data set, and files, that are looked at."""


def foreign_form(path: Path) -> ForeignForm | None:
    """Return what a file, or most files of a folder, are and how to convert them; None for what we do not know."""
    files = [path] if path.is_file() else list(islice(files_below(path, DEPTH), MOST))
    kinds = Counter(kind for file in files if (kind := _kind(file)))
    if kinds:
        first = next(file for file in files if _kind(file) == kinds.most_common(1)[0][0])
        form = _BY_SUFFIX[kinds.most_common(1)[0][0]]
        remedy = form.remedy.replace("FILE", first.name).replace("FOLDER", path.name)
        return ForeignForm(f"{first.name} {form.reason}", remedy)
    if nameless := [file for file in files if not file.suffix and _begins(file).startswith(_IMAGES)]:
        names = listed([file.name for file in nameless], 2)
        return ForeignForm(
            f"the names of {len(nameless):,} images have no ending: {names}", "add .png, .jpg ... to them"
        )
    return None


def _kind(file: Path) -> str | None:
    """Return the ending that says what a file is, by its name or else its first bytes."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if any(suffix.startswith(".tfrecord") for suffix in suffixes):
        return ".tfrecord"
    if suffixes and suffixes[-1] in _BY_SUFFIX:
        return suffixes[-1]
    return next((kind for magic, kind in _MAGIC.items() if _begins(file).startswith(magic)), None)


def _begins(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(16)
    except OSError:
        return b""
