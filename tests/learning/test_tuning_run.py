"""Runs of `archwright tune`: a real (tiny) model, real LoRA in a real process; only what it writes is made up."""

import errno
import json
import os
import re
from pathlib import Path

import pytest

from archwright.candidate import Program
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.corpus.edits import Edit, place_of
from archwright.corpus.noise import NoiseRow
from archwright.corpus.store import Corpus, CorpusProgram, Example
from archwright.errors import StorageError, UsageError
from archwright.learning import tuning_run
from archwright.learning.checkpoints import last_checkpoint
from archwright.learning.tuning_run import Examined, TuningRequest, TuningRun
from archwright.llm.adapters import is_adapter
from archwright.llm.model import Prompt
from archwright.llm.pairs import make_pair, read_pairs, write_pairs
from archwright.programs.patching import Patched, apply_patch
from archwright.prompts import shown, shown_in
from archwright.resumable import training_alone
from archwright.starters import load_seed_corpus
from archwright.testing.models import PROGRAM_ANSWER, FakeModel


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    write_pairs([make_pair(Prompt("", "Write."), f"width = {width}") for width in (8, 16, 32)], path)
    return path


def request(
    tiny: Path | str,
    corpus: Path,
    *settings: str,
    held_out: Path | None = None,
    samples: int = 0,
    tasks: tuple[str, ...] = (),
) -> TuningRequest:
    config = load_config("small", [f"llm.model={tiny}", "llm.adapter=none", "tune.epochs=1", *settings])
    return TuningRequest(
        corpus=corpus, held_out=held_out, samples=samples, config=config, command="archwright tune", tasks=tasks
    )


def test_a_run_is_stopped_resumed_examined_and_becomes_an_adapter(
    tiny: Path, pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "adapter"
    seen: list[int] = []

    def stop(step: int, steps: int, loss: float, speed: float) -> None:
        seen.append(step)
        raise KeyboardInterrupt

    run = TuningRun.begin(request(tiny, pairs, held_out=pairs, samples=4), folder)
    with pytest.raises(KeyboardInterrupt):
        run.run(stop)
    assert seen == [1]
    checkpoint = last_checkpoint(folder / "training" / "trainer")
    assert checkpoint is not None
    assert not is_adapter(folder)
    pairs.unlink()  # What is taught was copied: the corpus may be gone, or another, by now.

    model = FakeModel([PROGRAM_ANSWER, "```python\nclass Net:\n```"])
    monkeypatch.setattr(tuning_run, "load_model", lambda config: model)
    epochs: list[Examined] = []
    card = TuningRun.open(folder).run(lambda step, *_: seen.append(step), epochs.append)
    assert seen == [1, *range(checkpoint.state.global_step + 1, 4)]
    assert model.adapter == "epoch-1"
    assert len(model.asked) == 4
    assert "CIFAR-10" in str(model.asked[0])
    answers = [
        PROGRAM_ANSWER in model.texts[seed % 2] for seed in (tuning_run.derive_seed(0, "examine", n) for n in range(4))
    ]
    assert [(epoch.epoch, epoch.samples, epoch.valid, epoch.within_budget) for epoch in epochs] == [
        (1, 4, sum(answers), sum(answers))
    ]
    assert 0 < sum(answers) < 4

    assert is_adapter(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "card.json",
        "taught.jsonl.gz",
    ]
    assert card == json.loads((folder / "card.json").read_text("utf-8"))
    assert (card["pairs"], card["held_out_pairs"], card["steps"]) == (3, 3, 3)
    assert f"| 1 | {epochs[0].loss:.3f} |" in (folder / "README.md").read_text("utf-8")
    with pytest.raises(UsageError, match="complete"):
        TuningRun.open(folder)


def test_a_run_of_an_older_version_goes_on_whatever_it_said_of_the_improver(
    tiny: Path, pairs: Path, tmp_path: Path
) -> None:
    TuningRun.begin(request(tiny, pairs), tmp_path / "adapter")
    file = tmp_path / "adapter" / tuning_run.TRAINING / tuning_run.REQUEST
    about = json.loads(file.read_text("utf-8"))
    about["config"]["improver"]["form"] = "compact"
    file.write_text(json.dumps(about), "utf-8")
    assert TuningRun.open(tmp_path / "adapter").request.config.tune.epochs == 1


def test_what_a_full_disk_broke_off_is_begun_anew(
    tiny: Path, pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(tuning_run, "replace_json", full)
        with pytest.raises(StorageError, match=r"adapter/training cannot be written: No space left on device"):
            TuningRun.begin(request(tiny, pairs), tmp_path / "adapter")
    TuningRun.begin(request(tiny, pairs), tmp_path / "adapter")


def test_a_corpus_gives_its_pairs_its_held_out_side_and_its_licences(tiny: Path, tmp_path: Path) -> None:
    from archwright.config import SandboxConfig
    from archwright.corpus import funnel
    from archwright.corpus.shapes import TaskShape

    source = tmp_path / "networks"
    source.mkdir()
    for network in load_seed_corpus()[:2]:
        (source / f"{network.name}.py").write_text(network.program.source)
    funnel.build(tmp_path / "corpus", [str(source)], sandbox=SandboxConfig(workers=1))
    TuningRun.begin(request(tiny, tmp_path / "corpus"), tmp_path / "adapter")
    training = tmp_path / "adapter" / "training"
    taught = (training / "pairs.jsonl").read_text("utf-8").splitlines()
    held_out = (training / "held_out.jsonl").read_text("utf-8").splitlines()
    assert len(taught) + len(held_out) == 4  # Two networks, each under two data sets' wording.
    assert sum(json.loads((training / "request.json").read_text("utf-8"))["licences"].values()) == len(taught)
    with pytest.raises(UsageError, match="--task digits"):
        TuningRun.begin(request(tiny, tmp_path / "corpus", tasks=("digits",)), tmp_path / "other")
    funnel.build(tmp_path / "corpus", [str(source)], sandbox=SandboxConfig(workers=1), shapes=[TaskShape(1, 8, 8, 10)])
    TuningRun.begin(request(tiny, tmp_path / "corpus", tasks=("digits",)), tmp_path / "other")
    assert "Design a network for Digits" in (tmp_path / "other" / "training" / "pairs.jsonl").read_text("utf-8")


@pytest.mark.parametrize("model", ["openai:http://h#m", "smolm2-135m"])
def test_a_model_that_cannot_be_taught_is_refused(model: str, pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        TuningRun.begin(request(model, pairs), tmp_path / "adapter")
    assert not (tmp_path / "adapter").exists()


def test_a_folder_with_something_in_it_is_left_alone(tiny: Path, pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--resume"):
        TuningRun.begin(request(tiny, pairs), tmp_path)


def test_nothing_to_train_on_and_nothing_to_go_on_with_are_usage_errors(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(UsageError, match="no pairs"):
        TuningRun.begin(request(tiny, tmp_path / "empty.jsonl"), tmp_path / "adapter")
    with pytest.raises(UsageError, match="--task"):
        TuningRun.begin(request(tiny, tmp_path / "empty.jsonl", tasks=("digits",)), tmp_path / "adapter")
    with pytest.raises(UsageError, match="no fine-tuning to go on with"):
        TuningRun.open(tmp_path)


def test_two_processes_cannot_train_in_one_folder(tiny: Path, pairs: Path, tmp_path: Path) -> None:
    run = TuningRun.begin(request(tiny, pairs), tmp_path / "adapter")
    with training_alone(tmp_path / "adapter" / "training"), pytest.raises(UsageError, match="is training in"):
        run.run()


@pytest.fixture
def edits(tmp_path: Path) -> Path:
    """A corpus with an edit to teach and one to hold out."""
    better = NETWORK.starters()[0].program.source
    worse = better.replace("32", "16", 1)
    place = place_of(load_config())
    found = [Edit(worse, better, 0.5, 0.75, place, "train"), Edit(better, worse, 0.5, 0.75, place, "held-out")]
    with Corpus.create(tmp_path / "corpus", {}) as corpus:
        corpus.set_edits(found, [NoiseRow(place, 0.01, 10, 20)])
    return tmp_path / "corpus"


def test_edits_of_a_corpus_are_taught_as_diffs_of_the_task_they_are_of(tiny: Path, edits: Path, tmp_path: Path) -> None:
    run = TuningRun.begin(request(tiny, edits, "loop.generator=delta"), tmp_path / "adapter")
    (pair,) = read_pairs(run.folder / "training" / "pairs.jsonl")
    (held_out,) = read_pairs(run.folder / "training" / "held_out.jsonl")
    for each in (pair, held_out):
        assert "Improve a network for Digits" in each.prompt.user
        worse = shown_in(str(each.prompt))
        assert worse is not None
        assert apply_patch(worse, each.completion).source != worse
    assert apply_patch(shown_in(str(pair.prompt)), pair.completion).source == shown_in(str(held_out.prompt))


def test_a_corpus_that_was_not_built_from_studies_teaches_how_a_diff_is_written(tiny: Path, tmp_path: Path) -> None:
    sources = [network.program.source for network in load_seed_corpus()[:4]]
    sides = ["train", "train", "train", "held-out"]
    with Corpus.create(tmp_path / "corpus", {}) as corpus:
        corpus.add_programs([CorpusProgram(text, "here", "MIT", text, None) for text in sources])
        corpus.add_examples(
            [Example(text, text, text, text, {}, side) for text, side in zip(sources, sides, strict=True)]
        )
    edits = ("loop.generator=delta", "tune.dual_task=false")
    run = TuningRun.begin(request(tiny, tmp_path / "corpus", *edits, tasks=("digits",)), tmp_path / "adapter")
    training = run.folder / "training"
    taught, held_out = read_pairs(training / "pairs.jsonl"), read_pairs(training / "held_out.jsonl")
    tasks = [re.findall("network for (.*?):", pair.prompt.user)[0] for pair in taught]
    assert sorted(tasks) == ["CIFAR-10", "CIFAR-10", "Digits"]
    assert json.loads((training / "request.json").read_text("utf-8"))["licences"] == {"MIT": 3}
    programs = {shown(Program(source)) for source in sources}
    for pair in (*taught, *held_out):
        worse = shown_in(str(pair.prompt))
        assert worse not in programs
        patched = apply_patch(worse, pair.completion)
        assert isinstance(patched, Patched)
        programs.remove(patched.source)
    assert not programs


def test_a_corpus_without_edits_teaches_none(tiny: Path, tmp_path: Path) -> None:
    with Corpus.create(tmp_path / "corpus", {}) as corpus:
        corpus.set_edits([], [NoiseRow("{}", None, 3, 6)])
    with pytest.raises(UsageError, match="too little was trained with two seeds"):
        TuningRun.begin(request(tiny, tmp_path / "corpus", "loop.generator=delta"), tmp_path / "adapter")


def test_a_model_that_writes_edits_is_examined_by_edits_of_starters() -> None:
    starter = NETWORK.starters()[0].program.source
    model = FakeModel(["@@\n         super().__init__()\n-        nothing like it\n", f"```python\n{starter}```"])
    config = load_config(settings=["loop.generator=delta"])
    programs = tuning_run.sampled_programs(model, config, 8)
    assert {program.source for program in programs} == {"", starter}
    assert all("Answer with one unified diff" in asked.user for asked in model.asked)
