"""What is exported must come back as it was, and must train where only LEMUR's own loop is at hand."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from archwright.archive import Archive
from archwright.candidate import Candidate, Failure, FailureKind, Key, Outcome, Program, Stage, Trial
from archwright.configuring import load_config
from archwright.contracts import complete
from archwright.corpus.funnel import build
from archwright.corpus.gathering import gather
from archwright.corpus.store import Corpus
from archwright.corpus.wheel import LemurWheel, PublishedResult
from archwright.errors import UsageError
from archwright.exports.lemur import export_lemur, lemur_source
from archwright.starters import load_seed_corpus
from archwright.testing.records import scored, trial_of

NETWORKS = [network.program for network in load_seed_corpus()[:3]]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study with three programs: one trained twice, one worse, one that failed."""
    config = load_config("evolution", ["task=cifar10", "budget.epochs=2", "recipe.augmentation=flip"])
    outcomes = [
        (NETWORKS[0], Outcome(Stage.SCORE, scores=scored(0.5, 1.0, 50), seconds={"train": 1.5})),
        (NETWORKS[1], Outcome(Stage.SCORE, scores=scored(0.25, 1.0, 50), seconds={"train": 2.0})),
        (NETWORKS[0], Outcome(Stage.SCORE, scores=scored(0.625, 1.0, 50), seconds={"train": 3.0})),
        (NETWORKS[2], Outcome(Stage.BUILD, Failure(Stage.BUILD, FailureKind.SHAPE, "no"))),
    ]
    with Archive.create(tmp_path / "study", config.model_dump(mode="json")) as archive:
        keys = [Key(1, index) for index in range(len(outcomes))]
        candidates = [Candidate(key, each, "test", 0) for key, (each, _) in zip(keys, outcomes, strict=True)]
        archive.add_candidates(candidates)
        for candidate, (_, outcome) in zip(candidates, outcomes, strict=True):
            archive.add_outcome(candidate.key, trial_of(candidate, outcome), outcome)
    return tmp_path / "study"


def test_what_is_exported_comes_back_with_its_trials(study: Path, tmp_path: Path) -> None:
    exported = export_lemur(study, tmp_path / "out")
    names = [f"archwright-{program.digest[:32]}" for program in NETWORKS[:2]]
    assert [(each.name, each.trials, each.accuracy) for each in exported] == [(names[0], 2, 0.625), (names[1], 1, 0.25)]
    file = tmp_path / "out/ab/nn/stat/train" / f"img-classification_cifar-10_acc_{names[0]}" / "2.json"
    assert [row["accuracy"] for row in json.loads(file.read_text())] == [0.5, 0.625]
    with Corpus.create(tmp_path / "corpus", {"sources": []}) as corpus:
        gather(corpus, [str(tmp_path / "out")])
        programs = corpus.programs()
        trials = list(corpus.trials(program=names[1]))
    assert [(each.name, each.accuracy) for each in programs] == [(names[0], 0.625), (names[1], 0.25)]
    assert {each.source for each in programs} == {lemur_source(program.source, 2) for program in NETWORKS[:2]}
    assert {(each.origin, each.licence) for each in programs} == {(str(tmp_path / "out"), None)}
    assert trials == [
        PublishedResult(
            names[1], "img-classification", "cifar-10", "acc", 2, 0.25, 2 * 10**9, 64, "norm_32_flip", trials[0].uid,
            {"lr": 0.01, "momentum": 0.9, "dropout": 0.2},
        )
    ]  # fmt: skip


def test_the_best_are_exported_when_only_some_are_asked_for(study: Path, tmp_path: Path) -> None:
    assert [each.accuracy for each in export_lemur(study, tmp_path / "out", top=1)] == [0.625]
    with LemurWheel(tmp_path / "out") as wheel:
        (one,) = wheel.architectures()
        assert {trial.architecture for trial in wheel.trials()} == {one.name}
    with pytest.raises(UsageError, match="an export already"):
        export_lemur(study, tmp_path / "out")


def test_each_trial_is_exported_with_the_recipe_and_the_epochs_it_was_trained_with(tmp_path: Path) -> None:
    config = load_config("evolution", ["task=cifar10", "budget.epochs=2", "recipe.lr=0.01"])
    own = config.as_task().fidelity
    recipe = config.recipe.model_copy(update={"lr": 0.05, "batch": 8, "augmentation": "flip"})
    other = replace(own, recipe=json.dumps(recipe.model_dump(mode="json"), sort_keys=True), image_size=16)
    with Archive.create(tmp_path / "study", config.model_dump(mode="json")) as archive:
        for index, at in enumerate((None, other, replace(own, epochs=5))):
            candidate = Candidate(Key(1, index), NETWORKS[0], "test", 0, at=at)
            archive.add_candidates([candidate])
            outcome = Outcome(Stage.SCORE, scores=scored(0.5 + index / 10))
            archive.add_outcome(candidate.key, Trial(NETWORKS[0].digest, 0, at or own), outcome)
    (exported,) = export_lemur(tmp_path / "study", tmp_path / "out")
    assert (exported.trials, exported.accuracy) == (3, 0.7)
    assert [file.name for file in exported.statistics] == ["2.json", "5.json"]
    with LemurWheel(tmp_path / "out") as wheel:
        trials = [
            (each.epoch, each.accuracy, each.hyperparameters["lr"], each.batch, each.transform)
            for each in wheel.trials()
        ]
    assert sorted(trials) == [
        (2, 0.5, 0.01, 64, "norm_32"),
        (2, 0.6, 0.05, 8, "norm_16_flip"),
        (5, 0.7, 0.01, 64, "norm_32"),
    ]
    assert exported.source.read_text("utf-8") == lemur_source(NETWORKS[0].source, 5)  # as its best was trained


@pytest.mark.parametrize(("contract", "generator"), [("transform", "transforms"), ("cell", "cell")])
def test_only_networks_are_exported_or_gathered(contract: str, generator: str, tmp_path: Path) -> None:
    config = load_config(settings=[f"loop.contract={contract}", f"loop.generator={generator}"])
    study = tmp_path / "study"
    candidate, outcome = Candidate(Key(1, 0), Program("anything"), "test", 0), Outcome(Stage.SCORE, scores=scored(0.5))
    with Archive.create(study, config.model_dump(mode="json")) as archive:
        archive.add_candidates([candidate])
        archive.add_outcome(candidate.key, trial_of(candidate, outcome), outcome)
    with pytest.raises(UsageError, match=f"a study of {contract}s and only networks can be exported"):
        export_lemur(study, tmp_path / "out")
    with pytest.raises(UsageError, match=f"a study of {contract}s and only networks can be gathered"):
        build(tmp_path / "corpus", ["seeds", str(study)])
    assert not (tmp_path / "out").exists()
    with Corpus.open(tmp_path / "corpus") as corpus:
        assert corpus.programs() == []


def test_networks_that_predict_images_are_not_exported(tmp_path: Path) -> None:
    config = load_config(settings=["loop.contract=restoration"])
    Archive.create(tmp_path / "study", config.model_dump(mode="json")).close()
    with pytest.raises(UsageError, match="has the psnr of its networks, and LEMUR's trials are of classifiers"):
        export_lemur(tmp_path / "study", tmp_path / "out")


def test_a_study_without_scores_has_nothing_to_export(tmp_path: Path) -> None:
    Archive.create(tmp_path / "study", load_config("evolution").model_dump(mode="json")).close()
    with pytest.raises(UsageError, match="was scored"):
        export_lemur(tmp_path / "study", tmp_path / "out")


def test_an_exported_program_trains_with_what_lemur_gives_it() -> None:
    """No number of epochs, only the hyper-parameters that were declared, and batches that were moved nowhere."""
    begin = "super().__init__()\n"
    reading = f"{begin}        self.drop = nn.Dropout(prm['dropout'])\n"
    source = NETWORKS[0].source.replace(begin, reading, 1).replace("x = self.body(x)", "x = self.drop(self.body(x))")
    names: dict = {"__name__": "candidate"}
    exec(lemur_source(source, 1), names)
    prm = dict.fromkeys(names["supported_hyperparameters"](), 0.1)
    assert set(prm) == {"lr", "momentum", "dropout"}
    torch.manual_seed(0)
    net = names["Net"]((8, 3, 16, 16), (10,), prm, torch.device("cpu"))
    before = [parameter.clone() for parameter in net.parameters()]
    net.train_setup(prm)
    net.learn([(torch.rand(8, 3, 16, 16), torch.arange(8))] * 3)
    assert any(not torch.equal(old, new) for old, new in zip(before, net.parameters(), strict=True))


def test_moving_a_batch_to_its_device_is_all_that_changes() -> None:
    exported = lemur_source(NETWORKS[0].source, 1)
    assert "self(inputs.to(device)), labels.to(device))" in exported
    assert lemur_source(exported, 1) == exported
    own = complete(NETWORKS[0].source).replace("weight_decay=0.01", "weight_decay=0.02")
    assert lemur_source(own, 1) == own
    assert lemur_source(Program(own).source, 5) == own
