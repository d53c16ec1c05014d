from PIL import Image

from archwright.task import TASK_NAMES


def test_tasks_lists_every_name_with_shape_classes_and_sizes(run):
    entries = {entry["name"]: entry for entry in run("tasks", "--json").document["tasks"]}
    assert entries.keys() == set(TASK_NAMES)
    assert entries["digits"]["available"] is True
    assert entries["cifar10"]["image_shape"] == [3, 32, 32]
    assert entries["cifar10"]["classes"] == 10
    assert all(entry["where"] for entry in entries.values())


def test_tasks_for_people_is_a_table(run):
    out = run("tasks").out
    assert "3×32×32" in out
    assert "fashion-mnist" in out


def test_show_says_what_is_in_a_data_set_and_draws_it(run, tmp_path):
    sheet = tmp_path / "digits.png"
    ran = run("tasks", "show", "digits", "--sheet", sheet, "--json")
    document = ran.document
    assert sum(document["classes"].values()) == 1438
    assert document["splits"] == {"train": 1295, "validation": 143, "test": 359}
    assert (document["image_shape"], document["pixel_range"]) == ([1, 8, 8], [0, 255])
    assert document["contact_sheet"] == str(sheet)
    with Image.open(sheet) as image:
        assert image.size == (160 + 10 * 68 + 4, 10 * 68 + 4)


def test_show_tells_people_classes_counts_and_warnings(run, tmp_path):
    for number, name in enumerate(("ant", "bee")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for index in range(8):
            Image.new("RGB", (8, 8), (index, number, 0)).save(tmp_path / "pets" / name / f"{index}.png")
    out = run("tasks", "show", tmp_path / "pets", "--sheet", tmp_path / "a.png").out
    assert "pets: 3 × 8 × 8" in out
    assert "pixels 0 to 7 of 255" in out
    assert "train 12, validation 1, test 3 images" in out
    assert "warning: 13 of 13 images are empty" in out


def test_show_refuses_what_is_no_data_set(run, tmp_path):
    ran = run("tasks", "show", tmp_path)
    assert (ran.code, ran.error) == (2, ran.error)
    assert f"{tmp_path} is empty" in ran.error
