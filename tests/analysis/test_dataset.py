import pytest

from archwright.analysis.dataset import data_lines, describe_data
from archwright.task import DataFacts, DataSpec


def spec(counts: tuple[int, ...], warnings: tuple[str, ...] = ()) -> DataSpec:
    names = tuple(f"c{number}" for number in range(len(counts)))
    return DataSpec("pets", "Pets", (3, 8, 8), names, sum(counts), 5, facts=DataFacts(counts, (3, 200), warnings))


def test_a_line_names_classes_counts_shape_and_pixel_range() -> None:
    assert data_lines(describe_data(spec((7, 9), ("a\x1b[2Jb",)))) == [
        "data: 16 images of 2 classes (c0 7, c1 9), 3 × 8 × 8, pixels 3 to 200 of 255, 5 more for the test",
        "warning: a�[2Jb",
    ]


def test_many_classes_of_one_size_are_cut_short() -> None:
    (line,) = data_lines(describe_data(spec((4,) * 30)))
    assert line.startswith("data: 4 images of each of 30 classes (c0, c1,")
    assert "c11, and 18 more), 3 × 8 × 8" in line


@pytest.mark.parametrize("rubbish", [None, 3, [], {"classes": 1}, {"classes": {"a": "b"}, "image_shape": [1]}])
def test_what_an_archive_may_hold_instead_has_no_lines(rubbish: object) -> None:
    assert data_lines(rubbish) == []
