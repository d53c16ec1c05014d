"""A study that begins with a corpus: what it starts from, and the copy it goes on with."""

from pathlib import Path

import pytest

from archwright.assembly import Parts
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.contracts import complete
from archwright.contracts.network import NETWORK
from archwright.corpus.beginning import COPY, is_starter, read_copy, read_corpus, runs_at, write_copy
from archwright.corpus.shapes import GRAY, RGB, TaskShape
from archwright.corpus.store import DATABASE, Corpus, CorpusProgram, Example
from archwright.errors import StudyDamagedError, UsageError
from archwright.evaluation.data import load_spec
from archwright.generators.full import FullGenerator
from archwright.generators.generator import Setting
from archwright.prompts import DUAL_TASK_SPECS
from archwright.starters import load_seed_corpus
from archwright.study import Study
from archwright.task import DataSpec

DIGITS = TaskShape(1, 8, 8, 10)
SOURCES = [network.program.source for network in load_seed_corpus()[:5]]
SMALL = {DIGITS: 1_000, RGB: 400_000, GRAY: 300_000}


def example(name: str, params: dict[TaskShape, int | None], split: str = "train", form: str = "compact") -> Example:
    source = SOURCES[ord(name[0]) - ord("a")]
    return Example(name, name, source if form == "compact" else None, complete(source), params, split)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    with Corpus.create(folder, {"sources": []}) as made:
        made.add_programs([CorpusProgram(name, "here", None, name, None) for name in "abcde"])
        made.add_examples(
            [
                example("a", SMALL),
                example("b", {**SMALL, DIGITS: 600_000}),
                example("c", SMALL, "held-out"),
                example("d", SMALL, form="full"),
                example("e", {**SMALL, GRAY: None}),
            ]
        )
    return folder


def config_of(corpus: Path, *settings: str) -> StudyConfig:
    return load_config("random", [f"loop.corpus={corpus}", "loop.cycles=1", "loop.candidates=6", *settings])


def names(records: object) -> list[str | None]:
    return [record.candidate.operation for record in records]  # type: ignore[attr-defined]


def test_starters_are_taught_run_at_the_task_within_the_budget_and_have_the_form_asked_for(corpus: Path) -> None:
    known = read_corpus(config_of(corpus), load_spec("digits"))
    assert names(known) == ["a", "b", "c", "d", "e"]
    assert names(filter(is_starter, known)) == ["a", "e"]
    full = read_corpus(config_of(corpus, "llm.form=full"), load_spec("digits"))
    assert names(filter(is_starter, full)) == ["a", "d", "e"]
    assert [record.program.source for record in full] == [complete(source) for source in SOURCES]
    unlimited = read_corpus(config_of(corpus, "budget.max_params=0"), load_spec("digits"))
    assert names(filter(is_starter, unlimited)) == ["a", "b", "e"]


def test_the_file_in_the_folder_is_the_corpus_too(corpus: Path) -> None:
    assert read_corpus(config_of(corpus / DATABASE), load_spec("digits")) == read_corpus(
        config_of(corpus), load_spec("digits")
    )


def test_a_lesson_asks_for_a_program_in_the_words_of_tasks_it_runs_at_only(corpus: Path) -> None:
    config = config_of(corpus, "tune.dual_task=true")
    known = [record for record in read_corpus(config, load_spec("digits")) if is_starter(record)]
    mnist, cifar = DUAL_TASK_SPECS
    assert [runs_at(record, mnist) for record in known] == [True, False]
    assert [runs_at(record, cifar) for record in known] == [True, True]
    pairs = FullGenerator(Setting(config, load_spec("digits"), NETWORK)).lessons([], known)
    assert ["MNIST" in pair.prompt.user for pair in pairs] == [True, False, False]


def test_a_corpus_that_cannot_be_begun_with_is_refused_before_the_study_is_made(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.raises(UsageError, match=r"archwright corpus build"):
        Study(config_of(tmp_path / "none"), folder)
    with pytest.raises(UsageError, match=r"not verified at 1x16x16/10, .* leave data\.image_size out"):
        Study(config_of(corpus, "data.image_size=16"), folder)
    with pytest.raises(UsageError, match=r"raise budget\.max_params"):
        Study(config_of(corpus, "budget.max_params=10"), folder)
    assert not folder.exists()


def test_a_corpus_without_the_task_s_shape_says_how_to_verify_it(corpus: Path) -> None:
    spec = DataSpec("cifar100", "CIFAR-100", (3, 32, 32), tuple(map(str, range(100))), 50_000, 10_000)
    with pytest.raises(UsageError, match=r"not verified at 3x32x32/100, .* build it again with --task cifar100"):
        read_corpus(config_of(corpus, "task=cifar100"), spec)


def test_a_study_goes_on_with_its_copy_when_the_corpus_is_gone(corpus: Path, tmp_path: Path) -> None:
    with Study(config_of(corpus), tmp_path / "run") as study:
        asked = study.ask()
    assert {candidate.parents[0] for candidate in asked} <= {
        record.program.digest for record in read_copy(tmp_path / "run") or [] if is_starter(record)
    }
    for file in corpus.iterdir():
        file.unlink()
    with Study.open(tmp_path / "run", parts=Parts()) as study:
        assert study.ask() == asked


def test_a_copy_that_was_changed_is_not_used(corpus: Path, tmp_path: Path) -> None:
    known = read_corpus(config_of(corpus), load_spec("digits"))
    write_copy(known, tmp_path)
    assert read_copy(tmp_path) == known
    copy = tmp_path / COPY
    copy.write_text(copy.read_text("ascii").replace("class Net", "class Not"), "ascii")
    with pytest.raises(StudyDamagedError, match="not the corpus that the study began with"):
        read_copy(tmp_path)


def test_without_a_corpus_there_is_no_copy(tmp_path: Path) -> None:
    assert read_copy(tmp_path) is None
    with Study(load_config("random", ["loop.cycles=1", "loop.candidates=2"]), tmp_path / "run"):
        assert not (tmp_path / "run" / COPY).exists()
