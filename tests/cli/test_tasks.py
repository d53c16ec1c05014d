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
