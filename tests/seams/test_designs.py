"""MoE4 and loss x optimizer: a design chooses, the generator assembles, the choice is on the row."""

from archwright.assembly import Parts


def test_a_complete_factorial_is_ranked_in_its_report(run, tmp_path) -> None:
    settings = ["loop.strategy=sweep", "loop.generator=pairing", 'pairing.networks=["vgg","vit"]']
    settings += ['pairing.losses=["CE","NLL"]', 'pairing.optimizers=["SGD","Adam","AdamW"]']
    records = run(settings, lambda executor: Parts(executor=executor))
    assert len({tuple(record.candidate.facts.items()) for record in records}) == 12
    report = (tmp_path / "0" / "whole" / "report.md").read_text()
    assert "12 of 12 cells have an outcome" in report
    assert "Mean ranks over 2 blocks (network)" in report
    assert "critical difference</title>" in (tmp_path / "0" / "whole" / "report.html").read_text()


def test_mixtures_are_dealt_and_their_families_have_effects(run, tmp_path) -> None:
    families = 'moe4.families=["vgg","resnet","vit","gmlp","plain_conv"]'
    settings = ["loop.strategy=sweep", "loop.generator=moe4", "loop.cycles=2", "moe4.experts=2", families]
    records = run(settings, lambda executor: Parts(executor=executor))
    assert len(records) == 10  # of five families there are ten pairs
    assert "| pairs of experts | 10 of 10 |" in (tmp_path / "0" / "whole" / "report.md").read_text()
