"""Delta code the whole way: the answer is an edit of the parent, applied or refused in words."""

from archwright.assembly import Parts
from archwright.candidate import WRITER, FailureKind
from archwright.testing.models import FakeModel

EDITS = (
    "@@ ... @@\n import torch.nn as nn\n+\n+WIDTH = 8\n",
    "@@ ... @@\n-no such line\n+whatever\n",
    "@@ ... @@\n import torch.nn as nn\n+\n+DEPTH = 8\n",
)


def test_an_edit_that_does_not_apply_is_a_candidate_with_its_reason(run) -> None:
    def parts(executor: object) -> Parts:
        return Parts(models={WRITER: FakeModel(EDITS)}, executor=executor)

    settings = ["loop.generator=delta", "loop.parents=novelty", "llm.adapter=none", "tune.enabled=false", "task=digits"]
    records = run(settings, parts)
    refused = [record for record in records if record.candidate.program is None]
    assert {record.outcome.failure.kind for record in refused} == {FailureKind.REFUSED}
    assert {record.candidate.facts["refused"] for record in refused} == {"missing_context"}
    assert all(record.candidate.calls and record.candidate.parents for record in records)
    assert {record.candidate.facts["how"] for record in records if record.candidate.program} == {"relocated"}
    assert any(record.is_valid for record in records)
