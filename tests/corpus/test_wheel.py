"""The wheel as published, in miniature; the whole one where it is at hand (`LEMUR_WHEEL`)."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from archwright.corpus import wheel as module
from archwright.corpus.wheel import Architecture, LemurWheel, PublishedResult, find_wheel, licence_of
from archwright.errors import DataError

ROW = {"accuracy": 0.5, "batch": 64, "duration": 12_000_000_000, "lr": 0.01, "momentum": 0.9, "transform": "norm_32"}
Pack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    def write(**files: str) -> Path:
        path = tmp_path / "nn_dataset-2.1.2-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return path

    return write


def test_architectures_and_trials_are_read(pack: Pack) -> None:
    stat = "ab/nn/stat/train/img-classification_cifar-10_acc_Res_Net-1"
    path = pack(
        **{
            "ab/nn/nn/__init__.py": "",
            "ab/nn/nn/VGG-x.py": "class Net: pass\n",
            "ab/nn/nn/Res_Net-1.py": "# é\n",
            "ab/nn/loader/other.py": "not an architecture",
            f"{stat}/1.json": json.dumps([ROW | {"uid": "a"}, ROW | {"uid": "b", "accuracy": 0.25}]),
            f"{stat}/12.json": json.dumps([ROW | {"uid": "c"}]),
            "ab/nn/stat/run/img-classification_VGG/phone.json": "{}",
        }
    )
    with LemurWheel(path) as wheel:
        assert list(wheel.architectures()) == [
            Architecture("Res_Net-1", "# é\n", "MIT (ABrain One and contributors)"),
            Architecture("VGG-x", "class Net: pass\n", "BSD-3-Clause (Soumith Chintala)"),
        ]
        trials = list(wheel.trials())
    assert [(trial.uid, trial.epoch, trial.accuracy) for trial in trials] == [
        ("a", 1, 0.5),
        ("b", 1, 0.25),
        ("c", 12, 0.5),
    ]
    assert trials[0] == PublishedResult(
        architecture="Res_Net-1",
        task="img-classification",
        dataset="cifar-10",
        metric="acc",
        epoch=1,
        accuracy=0.5,
        duration_ns=12_000_000_000,
        batch=64,
        transform="norm_32",
        uid="a",
        hyperparameters={"lr": 0.01, "momentum": 0.9},
    )


@pytest.mark.parametrize(
    "text", ["{", "[1]", '[{"accuracy": "high"}]', "[{}]", json.dumps([ROW | {"accuracy": float("nan"), "uid": "a"}])]
)
def test_damaged_statistics_are_named(pack: Pack, text: str) -> None:
    file = "ab/nn/stat/train/img-classification_mnist_acc_VGG/1.json"
    with LemurWheel(pack(**{"ab/nn/nn/VGG.py": "", file: text})) as wheel, pytest.raises(DataError, match="VGG/1.json"):
        list(wheel.trials())


def test_what_is_no_wheel_or_has_no_corpus_is_refused(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "text").write_text("no zip")
    with pytest.raises(DataError, match="not a wheel"):
        LemurWheel(tmp_path / "text")
    with pytest.raises(DataError, match="no architectures"):
        LemurWheel(pack(**{"ab/nn/nn/__init__.py": ""}))


def test_another_file_of_the_same_name_is_refused(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="SHA-256"):
        find_wheel(pack(**{"ab/nn/nn/VGG.py": ""}))
    with pytest.raises(DataError, match="cannot be read"):
        find_wheel(tmp_path / "missing.whl")


def test_a_download_that_fails_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "PACKAGE", "nn-dataset==0.0.0.nowhere")
    with pytest.raises(DataError, match="pip download --no-deps"):
        find_wheel()


def test_derived_names_keep_their_licence() -> None:
    assert licence_of("FractalNet-0ab") == "MIT (Oleg Sémery)"
    assert licence_of("MoE4-x") == "MIT (Phil Wang)"
    assert licence_of("ga-mut-12") == licence_of("ast-dimension-AlexNet-1") == "MIT (ABrain One and contributors)"


@pytest.mark.skipif("LEMUR_WHEEL" not in os.environ, reason="LEMUR_WHEEL does not name the wheel (103 MB)")
def test_the_published_wheel() -> None:
    with LemurWheel(find_wheel(Path(os.environ["LEMUR_WHEEL"]))) as wheel:
        assert sum(1 for _ in wheel.architectures()) == 10_482
        assert sum(1 for _ in wheel.trials()) == 578_595


def test_what_unpacks_without_end_is_refused(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_FILE", 1_000)
    with LemurWheel(pack(**{"ab/nn/nn/VGG.py": "x" * 1_001})) as wheel, pytest.raises(DataError, match="1,000 bytes"):
        list(wheel.architectures())


def test_a_damaged_member_is_named(pack: Pack) -> None:
    path = pack(**{"ab/nn/nn/VGG.py": "x = 1\n" * 10})
    path.write_bytes(path.read_bytes().replace(b"x = 1", b"x = 2", 1))
    with LemurWheel(path) as wheel, pytest.raises(DataError, match=r"VGG.py cannot be unpacked"):
        list(wheel.architectures())


def test_links_out_of_a_folder_in_its_layout_are_left_out_and_its_names_can_be_stored(tmp_path: Path) -> None:
    nets, secret = tmp_path / "lemur" / "ab" / "nn" / "nn", tmp_path / "secret.py"
    nets.mkdir(parents=True)
    secret.write_text("of the user")
    (nets / "linked.py").symlink_to(secret)
    (nets / os.fsdecode(b"\xff.py")).write_text("x = 1")
    with LemurWheel(tmp_path / "lemur") as wheel:
        assert [each.name for each in wheel.architectures()] == ["\ufffd"]


def test_a_folder_of_links_alone_holds_no_architectures(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "nn" / "nn").mkdir(parents=True)
    (tmp_path / "elsewhere" / "nn" / "nn" / "a.py").write_text("x = 1")
    (tmp_path / "lemur").mkdir()
    (tmp_path / "lemur" / "ab").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="no architectures"):
        LemurWheel(tmp_path / "lemur")
