"""Control groups, on folders that look like the kernel's; the kernel's own where it delegates them."""

import subprocess
from pathlib import Path

import pytest

from archwright.sandbox import groups
from archwright.sandbox.groups import Group, find_place


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return a hierarchy in which we are in /user/ours, and what says so."""
    monkeypatch.setattr(groups, "own_place", None)
    root = tmp_path / "cgroup"
    (root / "user" / "ours").mkdir(parents=True)
    for folder in (root, root / "user", root / "user" / "ours"):
        (folder / "cgroup.subtree_control").write_text("cpu\n")
        (folder / "cgroup.procs").touch()
    own = tmp_path / "own"
    own.write_text("1:name=systemd:/\n0::/user/ours\n")
    return root, own


def test_groups_are_made_in_our_own_group_where_its_children_have_the_memory_controller(tree):
    root, own = tree
    (root / "user" / "ours" / "cgroup.subtree_control").write_text("cpu memory pids\n")
    assert find_place(root, own) == root / "user" / "ours"


def test_else_beside_it_where_the_group_above_is_delegated(tree):
    root, own = tree
    (root / "user" / "cgroup.subtree_control").write_text("memory\n")
    assert find_place(root, own) == root / "user"


@pytest.mark.parametrize("text", ["", "4:memory:/a\n", "0::/nowhere\n"])
def test_without_delegation_there_is_no_group(tree, text):
    root, own = tree
    own.write_text(text)
    assert find_place(root, own) is None
    assert Group.make() is None


def test_groups_left_by_killed_keepers_are_removed(tree):
    root, own = tree
    (root / "user" / "cgroup.subtree_control").write_text("memory\n")
    left = root / "user" / "archwright-left"
    left.mkdir()
    find_place(root, own)
    assert not left.exists()


def test_a_box_is_put_into_a_group_with_its_limits(tree):
    root, own = tree
    (root / "user" / "cgroup.subtree_control").write_text("memory\n")
    find_place(root, own)
    group = Group.make()
    group.add(17)
    group.limit(2**30, 64)
    found = {path.name: path.read_text() for path in group.folder.iterdir()}
    assert found == {
        "cgroup.procs": "17",
        "memory.max": str(2**30),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "64",
    }


@pytest.mark.parametrize(("events", "has_run_out"), [("low 0\noom 1\noom_kill 1\n", True), ("oom_kill 0\n", False)])
def test_a_kill_for_lack_of_memory_is_told_from_others(tree, events, has_run_out):
    root, _ = tree
    (root / "memory.events").write_text(events)
    assert Group(root).has_run_out() is has_run_out


def test_the_kernel_ends_a_process_of_a_group_that_takes_more_than_its_limit(monkeypatch):
    monkeypatch.setattr(groups, "own_place", None)
    if find_place() is None:
        pytest.skip("no cgroup v2 with the memory controller is delegated here")
    group = Group.make()
    taker = subprocess.Popen(["python3", "-c", "input(); bytearray(2**28)"], stdin=subprocess.PIPE)
    group.add(taker.pid)
    group.limit(2**26, 64)
    taker.communicate(b"\n")
    assert taker.returncode == -9
    assert group.has_run_out()
    group.remove()
    assert not Path(group.folder).exists()
