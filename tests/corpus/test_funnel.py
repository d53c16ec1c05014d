"""A corpus built of real files, through the real checks: a folder with copies, slips and strangers among networks."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from archwright.archive import Archive
from archwright.config import NoveltyConfig, SandboxConfig
from archwright.configuring import load_config
from archwright.contracts import STANDARD_METHODS
from archwright.corpus import store
from archwright.corpus.conversion import Draft, Rejection, Verifier, convert
from archwright.corpus.funnel import build, measure
from archwright.corpus.gathering import gather
from archwright.corpus.shapes import GRAY, RGB, TaskShape
from archwright.corpus.store import Corpus, CorpusProgram, Example
from archwright.corpus.wheel import PublishedResult
from archwright.errors import DataError, StorageError, UsageError
from archwright.programs.canonical import canonical_digest
from archwright.starters import load_seed_corpus

SEEDS = {network.name: network.program.source for network in load_seed_corpus()[:6]}
VGG = SEEDS["plain_conv"]
HUGE = SEEDS["plain_conv"].replace("32, 64, 128", "512, 1024, 2048")
DIGITS = TaskShape(1, 8, 8, 10)
COPY = "# the same again\n" + SEEDS["inception"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("networks")
    (folder / "more").mkdir(parents=True)
    files = {**SEEDS, "huge": HUGE, "more/copy": COPY, "no_net": "import torch\n", "empty": "", "text": "not Python ("}
    for name, source in files.items():
        (folder / f"{name}.py").write_text(source)
    return folder


@pytest.fixture(scope="module")
def corpus(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    target = tmp_path_factory.mktemp("built") / "corpus"
    build(target, [str(folder)], sandbox=SandboxConfig(workers=1), mutations=1, shapes=[DIGITS])
    with Corpus.open(target) as corpus:
        yield corpus


def test_every_program_ends_as_an_example_or_with_its_reason(corpus: Corpus) -> None:
    fates = corpus.fates()
    assert {example.program for example in corpus.examples()} == set(SEEDS)
    assert fates["more/copy"][0] == "inception"
    assert fates["huge"][1:] == ("size", fates["huge"][2])
    assert "too_many_parameters" in str(fates["huge"][2])
    assert fates["no_net"][1] == "convert"
    assert str(fates["no_net"][2]).startswith("empty: ")
    assert fates["text"][1] == "convert"
    assert fates["empty"] == (None, "cluster", "nothing to compare")
    counts = measure(corpus)
    assert (counts.programs, counts.examples, counts.running) == (len(SEEDS) + 5, len(SEEDS), len(SEEDS))
    assert (counts.converted, counts.any_size, counts.small) == (len(SEEDS) + 1, len(SEEDS) + 1, len(SEEDS))
    assert counts.held_out == sum(each.split == "held-out" and not each.is_mutation for each in corpus.examples())
    assert counts.mutations == len(corpus.examples()) - counts.examples


def test_examples_are_tidy_compact_and_measured(corpus: Corpus) -> None:
    for example in corpus.examples():
        assert example.compact is not None
        assert "#" not in example.compact
        rgb, gray = example.params[RGB], example.params[GRAY]
        assert rgb is not None
        assert gray is not None
        assert 1_000 < gray < rgb < 500_000
        assert DIGITS in example.params
        assert example.split in ("train", "held-out")


def test_a_mutation_is_an_example_of_its_program_on_the_same_side(corpus: Corpus) -> None:
    originals = {example.name: example for example in corpus.examples() if not example.is_mutation}
    mutations = [example for example in corpus.examples() if example.is_mutation]
    assert {each.program for each in mutations} <= {name for name, each in originals.items() if each.split == "train"}
    assert len(mutations) >= len(originals) // 2
    for mutation in mutations:
        assert mutation.name == f"{mutation.program}+1"
        assert mutation.split == "train"
        assert canonical_digest(mutation.shortest) != canonical_digest(originals[mutation.program].shortest)
        assert canonical_digest(mutation.full) != canonical_digest(originals[mutation.program].full)


def test_mutations_that_cannot_be_stored_count_as_not_tried(corpus: Corpus) -> None:
    before, first = corpus.mutations_tried(), corpus.examples()[0]
    with pytest.raises(IntegrityError):
        corpus.add_mutations(dict.fromkeys(before, 99), [first])
    assert corpus.mutations_tried() == before


def test_building_again_changes_nothing_and_another_build_is_refused(corpus: Corpus, folder: Path) -> None:
    before = corpus.examples(), corpus.fates()
    build(corpus.folder, [str(folder)], sandbox=SandboxConfig(workers=1), mutations=1, shapes=[DIGITS])
    assert (corpus.examples(), corpus.fates()) == before
    with pytest.raises(UsageError, match="another corpus"):
        build(corpus.folder, [str(folder)], novelty=NoveltyConfig(threshold=0.8))


def test_a_full_disk_and_a_damaged_file_are_named_whatever_was_asked(tmp_path: Path) -> None:
    example = Example("a", "a", None, "x" * 100_000, {})
    with Corpus.create(tmp_path / "corpus", {}) as corpus:
        corpus.add_programs([CorpusProgram("a", "here", None, "x = 1", None)])
        with corpus.engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 24")
        with pytest.raises(StorageError, match=r"cannot be read or written: .* full — check the folder"):
            corpus.add_examples([example])
        with corpus.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE programs")
        with pytest.raises(DataError, match="is damaged: no such table: programs — remove it"):
            corpus.programs()


def test_names_and_links_of_a_strangers_folder_do_no_harm(tmp_path: Path) -> None:
    folder = tmp_path / "nets"
    folder.mkdir()
    (folder / "zero.py").symlink_to("/dev/zero")
    (folder / "\x1b[31m\udcff\n.py").write_text("x = 1\n")
    with Corpus.create(tmp_path / "corpus", {}) as corpus:
        gather(corpus, [str(folder)])
        assert [each.name for each in corpus.programs()] == ["\ufffd"]


def test_programs_of_one_name_are_told_apart_also_where_another_has_that_name(tmp_path: Path) -> None:
    for name in ("one/a.py", "one/a~2.py", "two/a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"# {name}")
    with Corpus.create(tmp_path / "corpus", {}) as corpus:
        gather(corpus, [str(tmp_path / "one"), str(tmp_path / "two")])
        assert {program.name for program in corpus.programs()} == {"a", "a~2", "a~3"}


def test_sources_without_any_program_are_refused(tmp_path: Path) -> None:
    Archive.create(tmp_path / "study", load_config("evolution").model_dump(mode="json")).close()
    with pytest.raises(UsageError, match="there is no scored program in .*study"):
        build(tmp_path / "corpus", [str(tmp_path / "study")])


def test_a_build_killed_while_it_stores_its_clusters_stores_none(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpus: Corpus
) -> None:
    """Whatever was stored before the kill, the build that goes on knows why every program left the funnel."""
    set_rows = store.set_rows

    def set_and_die(*arguments: object) -> None:
        set_rows(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(Corpus, "drop", killed)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "set_rows", set_and_die)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "corpus", [str(folder)], sandbox=SandboxConfig(workers=1))
    with Corpus.open(tmp_path / "corpus") as begun:
        fates = begun.fates()
    assert fates["empty"] == corpus.fates()["empty"] == (None, "cluster", "nothing to compare")


_BUILD = """
import sys
from pathlib import Path
from archwright.config import SandboxConfig
from archwright.corpus import funnel
funnel.BATCH = 1
if __name__ == "__main__":
    report = lambda step, done, total: print(step, done, flush=True)
    funnel.build(Path(sys.argv[2]), [sys.argv[1]], sandbox=SandboxConfig(workers=1), on_progress=report)
"""


def test_a_build_that_was_killed_goes_on(folder: Path, tmp_path: Path) -> None:
    script, target = tmp_path / "build.py", tmp_path / "corpus"
    script.write_text(_BUILD)
    process = subprocess.Popen([sys.executable, script, folder, target], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("convert 5"):
            break
    process.kill()
    process.wait()
    process.stdout.close()
    time.sleep(0.5)
    with Corpus.open(target) as corpus:
        begun = {example.program for example in corpus.examples()}
    assert 2 <= len(begun) < len(SEEDS)
    counts = build(target, [str(folder)], sandbox=SandboxConfig(workers=1))
    assert counts.examples == len(SEEDS)


def test_the_second_member_of_a_cluster_stands_in_for_one_that_does_not_run(tmp_path: Path) -> None:
    folder = tmp_path / "networks"
    folder.mkdir()
    (folder / "a.py").write_text(SEEDS["plain_conv"].replace("out_shape[0]", "out_shape[9]"))
    (folder / "b.py").write_text(SEEDS["plain_conv"] + "\n\n# longer, so less preferred\n")
    build(tmp_path / "corpus", [str(folder)], sandbox=SandboxConfig(workers=1))
    with Corpus.open(tmp_path / "corpus") as corpus:
        assert [example.program for example in corpus.examples()] == ["b"]
        assert corpus.fates()["a"][1] == "verify"
        assert corpus.fates()["b"][0] == "a"


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no study and no folder"):
        build(tmp_path / "corpus", [str(tmp_path / "nothing")])


def test_conversion_keeps_a_program_that_trains_itself_whole() -> None:
    source = SEEDS["plain_conv"] + (
        "\n    def train_setup(self, prm):\n        pass\n\n    def learn(self, train_data):\n        pass\n"
        "\n\ndef supported_hyperparameters():\n    return {'lr', 'momentum'}\n"
    )
    draft = convert("x", source)
    assert isinstance(draft, Draft)
    assert draft.compact is not None
    assert "learn" not in draft.compact
    assert "learn" in draft.full
    forbidden = convert("x", source.replace("prm):\n        pass", "prm):\n        import os\n        os.remove('a')"))
    assert isinstance(forbidden, Draft)
    assert forbidden.compact == draft.compact
    assert "remove" not in forbidden.full
    assert STANDARD_METHODS.splitlines()[0] in forbidden.full
    fenced = convert("x", SEEDS["plain_conv"] + '\nFENCE = "```"\n')
    assert isinstance(fenced, Draft)  # nothing refers to it, so it is gone
    read = SEEDS["plain_conv"].replace("super().__init__()", 'super().__init__()\n        len("```")', 1)
    kept = convert("x", read)
    assert kept == Rejection("convert", "a code fence inside cannot be fenced")


def test_too_large_is_told_from_too_large_and_wrong() -> None:
    drafts = [Draft("huge", HUGE, HUGE), Draft("wrong", HUGE.replace("c3 * 16", "c3 * 17"), HUGE)]
    with closing(Verifier(SandboxConfig(workers=1))) as verifier:
        verdicts = verifier.verify(drafts, (RGB, GRAY))
    assert [verdict.step for verdict in verdicts if isinstance(verdict, Rejection)] == ["size", "verify"]


def test_trials_are_stored_and_asked_for(tmp_path: Path) -> None:
    def trial(program: str, dataset: str, epoch: int, accuracy: float) -> PublishedResult:
        return PublishedResult(
            program, "img-classification", dataset, "acc", epoch, accuracy, 10**12, 64, "norm", "u", {"lr": 0.1}
        )

    trials = [trial("a", "cifar-10", 1, 0.4), trial("a", "cifar-10", 5, 0.6), trial("b", "mnist", 1, 0.9)]
    with Corpus.create(tmp_path, {"sources": []}) as corpus:
        corpus.add_trials(trials * 2)
        corpus.add_trials(trials)
        corpus.add_programs(
            [CorpusProgram("a", "here", None, "x = 1", 0.6), CorpusProgram("b", "here", "MIT", "y", None)]
        )
    with Corpus.open(tmp_path) as corpus:
        assert list(corpus.trials()) == trials
        assert list(corpus.trials(program="a", epoch=5)) == trials[1:2]
        assert list(corpus.trials(dataset="mnist")) == trials[2:]
        assert corpus.best_accuracies("cifar-10") == {"a": 0.6}
        assert [program.name for program in corpus.programs()] == ["a", "b"]


def test_what_is_no_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no corpus"):
        Corpus.open(tmp_path)
    (tmp_path / "corpus.db").write_bytes(b"not a database" * 100)
    with pytest.raises(DataError, match="damaged"):
        Corpus.open(tmp_path)


def test_the_seed_networks_are_a_source(tmp_path: Path) -> None:
    with Corpus.create(tmp_path, {}) as corpus:
        gather(corpus, ["seeds"])
        programs = corpus.programs()
    assert {each.name: each.source for each in programs} == {
        each.name: each.program.source for each in load_seed_corpus()
    }
    assert {program.licence for program in programs} == {"Apache-2.0"}
