"""MoE4 and loss x optimizer: a design chooses, the generator assembles, the choice is on the row."""

from itertools import combinations, product

from tests.seams.designs import Assembler, Design

from archwright.assembly import Parts


def test_every_four_experts_of_a_deck_are_assembled_once(run) -> None:
    cells = [{"experts": list(four)} for four in combinations(("vgg", "resnet", "vit", "mlp", "unet", "gmlp"), 4)]

    def parts(executor: object) -> Parts:
        return Parts(strategy=Design(cells), generator=Assembler(), executor=executor)

    records = run(["loop.cycles=2"], parts)
    assert [record.candidate.facts for record in records] == cells[:12]


def test_a_factorial_of_losses_and_optimizers_ends_when_it_is_complete(run) -> None:
    cells = [{"loss": a, "optimizer": b} for a, b in product(("ce", "nll", "ngl"), ("sgd", "adam", "adamw", "adagrad"))]

    def parts(executor: object) -> Parts:
        return Parts(strategy=Design(cells), generator=Assembler(), executor=executor)

    records = run([], parts)
    assert [record.candidate.facts for record in records] == cells
