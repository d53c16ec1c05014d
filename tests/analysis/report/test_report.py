import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from archwright.analysis.report import sections as sections_module
from archwright.analysis.report import write_report
from archwright.analysis.report.facts import read_facts, stages_reached
from archwright.analysis.report.html import render_html
from archwright.analysis.report.lineage import lineage
from archwright.analysis.report.markdown import render_markdown, section_lines
from archwright.analysis.report.sections import Section, sections_of
from archwright.analysis.report.tables import Table, change_table
from archwright.archive import OpeningRow, Session
from archwright.candidate import Candidate, Failure, FailureKind, Fidelity, Key, Outcome, Program, Stage, Trial
from archwright.errors import StorageError, StudyError
from archwright.testing.records import scored, trial_of

GOLDEN = Path(__file__).parent / "golden" / "report.md"
MACHINE = {
    "archwright": "0.1.0",
    "python": "3.11.7",
    "libraries": {"torch": "2.13.0", "ray": None},
    "os": "Linux",
    "processor": "A Processor",
    "cores": 2,
    "memory_mb": 8192,
    "graphics": [],
}
VOID = {"meta", "line", "rect", "circle", "path", "polygon", "polyline", "br"}


class Structure(HTMLParser):
    """Checks that tags nest, and collects what could run or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.active: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "img", "iframe", "link", "object", "embed", "base", "form"):
            self.active.append(tag)
        self.active += [name for name, _ in attributes if name.startswith("on") or name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def parse(html: str) -> Structure:
    structure = Structure()
    structure.feed(html)
    structure.close()
    assert structure.open == []
    return structure


def test_markdown_is_the_golden_file(full_study):
    facts = replace(read_facts(full_study), sessions=(Session(1, datetime(2026, 1, 2, 3, 4, tzinfo=UTC), MACHINE, {}),))
    # The configuration grows with the product; it is tested by itself.
    found = re.sub(r"(?s)\n### Configuration\n.*", "\n", render_markdown(facts))
    if "ARCHWRIGHT_UPDATE_GOLDEN" in os.environ:
        GOLDEN.write_text(found, "utf-8")
    assert found == GOLDEN.read_text("utf-8")


def test_configuration_is_in_both_files_key_by_key(full_study):
    facts = read_facts(full_study)
    assert '| novelty.criterion | "lexical" |' in render_markdown(facts)
    assert "novelty.criterion" in parse(render_html(facts)).text


def test_settings_that_changed_between_sessions_are_in_both_files(full_study):
    facts = read_facts(full_study)
    (first,) = facts.sessions
    tune = {**facts.config.model_dump(mode="json")["tune"], "lr": 0.0003}
    later = Session(2, datetime(2026, 1, 2, 3, 4, tzinfo=UTC), MACHINE, {**first.config, "tune": tune, "new": 1})
    found = replace(facts, sessions=(first, replace(first, number=2), replace(later, number=3)))
    sentence = "From session 3 (2026-01-02 03:04 UTC) on: tune.lr = 0.0003 (before: 1e-05)."
    assert sentence in render_markdown(found).replace("\\", "")
    assert sentence in parse(render_html(found)).text
    assert "From session" not in render_markdown(facts)


def test_html_runs_and_loads_nothing_whatever_programs_contain(full_study):
    structure = parse(render_html(read_facts(full_study)))
    assert structure.active == []
    assert "</code></pre><script>alert(1)</script>" in structure.text


def test_neither_file_contains_control_or_reordering_characters(full_study):
    paths = write_report(full_study)
    for path in (paths.markdown, paths.html):
        text = path.read_text("utf-8")
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_a_program_cannot_end_its_code_fence(full_study):
    text = render_markdown(read_facts(full_study))
    fence = re.search(r"(?m)^(`{4,})python$", text)
    assert fence is not None
    opened = sum(text.count(f"\n{fence[1]}{language}\n") for language in ("python", "diff"))
    assert text.count(f"\n{fence[1]}\n") == opened


def test_report_is_written_beside_the_archive_and_changes_no_byte_of_it(full_study):
    before = {path.name: path.read_bytes() for path in full_study.iterdir()}
    paths = write_report(full_study)
    assert paths.markdown == full_study / "report.md"
    after = {path.name: path.read_bytes() for path in full_study.iterdir()}
    assert after.keys() - before.keys() == {"report.md", "report.html"}
    assert {name: after[name] for name in before} == before


def test_a_report_can_be_written_while_the_study_runs(new_study):
    study = new_study()
    study.valid(Key(1, 0), 0.5, "x = 1")
    html = write_report(study.folder).html.read_text("utf-8")
    study.archive.close()
    assert "unfinished" in html
    assert "7 candidates are still to be evaluated" in parse(html).text


def test_a_study_without_valid_candidates_has_a_report(new_study):
    study = new_study()
    study.failed(Key(1, 0), Stage.PARSE, FailureKind.PROSE, "this is text, not a program")
    study.archive.close()
    paths = write_report(study.folder)
    assert "No candidate was valid;" in paths.markdown.read_text("utf-8")
    assert "this is text, not a program" in parse(paths.html.read_text("utf-8")).text


def test_a_study_without_candidates_has_a_report(new_study):
    study = new_study()
    study.archive.close()
    assert "No candidate has been proposed yet." in write_report(study.folder).html.read_text("utf-8")


def test_a_study_without_a_model_names_the_operations(new_study):
    study = new_study()
    study.valid(Key(1, 0), 0.5, "x = 1", operation="widen a layer")
    study.archive.close()
    text = write_report(study.folder).markdown.read_text("utf-8")
    assert "widen a layer" in text
    assert "smollm2" not in text.partition("## Configuration")[0]


def test_the_lemur_protocol_is_called_what_it_is(new_study):
    study = new_study("data.protocol='lemur'")
    study.archive.close()
    assert "the search selected on it" in write_report(study.folder).markdown.read_text("utf-8")


def test_what_was_selected_on_the_test_split_is_not_called_a_validation_score(new_study):
    study = new_study("data.protocol='lemur'")
    study.valid(Key(1, 0), 0.5, "x = 1")
    study.archive.close()
    text = write_report(study.folder).markdown.read_text("utf-8")
    assert "a test accuracy of 50.0 % [41.9, 58.1], too good because it was selected by it; nothing is left" in text
    assert "no finalist" not in text


def test_finalists_are_listed_with_their_intervals(new_study):
    study = new_study()
    study.valid(Key(1, 0), 0.5, "x = 1")
    program, when = Program("x = 1").digest, datetime(2026, 1, 2, tzinfo=UTC)
    failure = Failure(Stage.SCORE, FailureKind.NOT_REPRODUCIBLE, "it takes the mean | of the batch")
    study.archive.add_opening(OpeningRow(1, (program,), (7, 8, 9), 2, when))
    for seed, accuracy in ((7, 0.8125), (9, None), (8, 0.8)):
        outcome = (
            Outcome(Stage.SCORE, failure=failure, seed=seed)
            if accuracy is None
            else Outcome(Stage.SCORE, scores=scored(accuracy, 0.5, 160), seed=seed)
        )
        study.archive.add_outcome(Key(1, 0), Trial(program, seed, Fidelity(epochs=2), "test"), outcome)
    study.archive.close()
    text = write_report(study.folder).markdown.read_text("utf-8")
    assert "the test split was opened once, for 1 finalist." in text
    assert "| 1 | 1.0 | 50.0 % | 7 | 81.2 % [74.5, 86.5] | 160 | 2026-01-02 00:00 |  |" in text
    assert "| 9 | – | 0 | 2026-01-02 00:00 | it takes the mean \\| of the batch |" in text
    assert "| mean of 2 | 80.6 % [72.7, 88.6] |" in text
    assert "mean of 2" in write_report(study.folder).html.read_text("utf-8")


def test_a_finalist_that_computes_the_same_as_another_is_named(new_study):
    study = new_study()
    sources = {Key(1, 0): "x = 1", Key(1, 1): "x = 2", Key(1, 2): "x = 3"}
    for index, (key, source) in enumerate(sources.items()):
        study.valid(key, 0.6 - index / 10, source)
    programs = [Program(source).digest for source in sources.values()]
    study.archive.add_opening(
        OpeningRow(1, tuple(programs), (7, 8), 2, datetime(2026, 1, 2, tzinfo=UTC), tuple(map(str, sources)))
    )
    for (key, program), losses in zip(
        zip(sources, programs, strict=True), ((0.5, 0.6), (0.5, 0.7), (0.5, 0.6)), strict=True
    ):
        for seed, loss in zip((7, 8), losses, strict=True):
            outcome = Outcome(Stage.SCORE, scores=scored(0.8, loss, 160), seed=seed, params=9)
            study.archive.add_outcome(key, Trial(program, seed, Fidelity(epochs=2), "test"), outcome)
    study.archive.close()
    text = write_report(study.folder).markdown.read_text("utf-8")
    assert text.count("computes what") == 1
    assert "1.2 computes what 1.0 does" in text


def test_a_second_opening_of_the_test_split_is_named(new_study):
    study = new_study()
    study.valid(Key(1, 0), 0.5, "x = 1")
    for number in (1, 2):
        study.archive.add_opening(
            OpeningRow(number, (Program("x = 1").digest,), (number,), 1, datetime(2026, 1, 2, tzinfo=UTC))
        )
    study.archive.close()
    text = write_report(study.folder).markdown.read_text("utf-8")
    assert "opened 2 times, after the first time with knowledge of results on it, for 1 finalist." in text


def test_a_folder_without_a_study_is_refused(tmp_path):
    with pytest.raises(StudyError, match="not a study folder"):
        write_report(tmp_path)


def test_a_report_that_cannot_be_written_says_so(full_study):
    (full_study / "report.md").mkdir()
    with pytest.raises(StorageError, match=r"report\.md cannot be written"):
        write_report(full_study)
    assert not (full_study / ".report.md.part").exists()


def test_lineage_follows_the_first_parent(full_study):
    facts = read_facts(full_study)
    assert [step.words for step in lineage(facts, facts.best[0])] == [
        "2.0: smollm2-135m + cycle-1, from 1.0",
        "1.0: smollm2-135m",
    ]


def test_each_step_of_a_lineage_has_its_edit_coloured_in_html_and_plain_in_markdown(full_study):
    facts = read_facts(full_study)
    step, first = lineage(facts, facts.best[0])
    assert (step.title, first.title) == (f"{step.words} (75.0 %, +25.0 points)", "1.0: smollm2-135m (50.0 %)")
    assert [line for line in step.diff if line[0] in "+-"] == ["-    pass", "+    width = 64"]
    assert first.diff == []
    html = render_html(facts)
    assert '<span class="deleted">-    pass</span>\n<span class="added">+    width = 64</span>' in html
    assert "\n-    pass\n+    width = 64\n" in render_markdown(facts)


def test_a_report_tells_machines_the_changes_and_the_lineage(full_study):
    findings = write_report(full_study).findings
    (kind,) = findings["changes"]["kinds"]
    assert (kind["kind"], kind["scored"], kind["mean_change"]) == ("full", 2, 0.1875)
    assert [row["change"] for row in findings["changes"]["candidates"]] == [0.25, 0.125]
    assert [row["edited_lines"] for row in findings["lineage"]] == [2, None]


def test_stages_count_what_entered_and_what_failed(full_study):
    reached = stages_reached(read_facts(full_study).records)
    assert reached == [(Stage.PARSE, 8, 1), (Stage.FORWARD, 7, 1), (Stage.TRAIN, 6, 1), (Stage.SCORE, 5, 0)]


def titles(text, pattern):
    return re.findall(pattern, text, re.MULTILINE)


def test_both_forms_have_the_same_sections_in_the_same_order(full_study):
    facts = read_facts(full_study)
    sections = sections_of(facts)
    assert titles(render_html(facts), "<h2>(.*?)</h2>") == [section.title for section in sections]
    in_words = [
        each.title for each in sections if each.lines or each.notes or each.tables or each.programs or each.steps
    ]
    assert titles(render_markdown(facts), "^## (.*)$") == in_words


def test_a_section_of_another_package_is_in_both_forms_and_escaped(full_study, monkeypatch):
    table = Table(("who", "<b>"), [("<i>|</i>", "1")], frozenset({0}))
    monkeypatch.setattr(sections_module, "SECTIONS", [lambda facts: Section("Theirs", ["1 < 2"], [table])])
    facts = read_facts(full_study)
    html, markdown = render_html(facts), render_markdown(facts)
    assert "## Theirs" in markdown
    assert r"\<i\>\|\</i\>" in markdown
    assert parse(html).text.count("<i>|</i>") == 1
    assert "<i>" not in html


def test_a_section_that_a_study_has_nothing_for_is_in_neither_form(new_study):
    study = new_study()
    study.valid(Key(1, 0), 0.5, "x = 1", operation="widen a layer")
    study.archive.close()
    facts = read_facts(study.folder)
    for title in ("Decoding", "Fine-tuning", "Finalists on the test split"):
        assert title not in render_html(facts)
        assert title not in render_markdown(facts)


def test_a_candidate_that_could_not_be_written_is_among_the_failures(new_study):
    study = new_study()
    study.valid(Key(1, 0), 0.5, "x = 1")
    refused = Failure(Stage.WRITE, FailureKind.REFUSED, "the patch does not apply")
    candidate = Candidate(Key(1, 1), None, "delta", seed=1, failure=refused)
    study.archive.add_candidates([candidate], {Key(1, 1): (Trial(None, 1), Outcome(Stage.WRITE, failure=refused))})
    study.archive.close()
    paths = write_report(study.folder)
    assert "| write | refused | 1 | 50.0 % | the patch does not apply |" in paths.markdown.read_text("utf-8")
    assert "the patch does not apply" in parse(paths.html.read_text("utf-8")).text


def test_the_data_that_a_study_ran_on_are_described(new_study):
    writer = new_study()
    writer.archive.note(
        {
            "data": {
                "classes": {"ant": 3, "bee": 4},
                "image_shape": [1, 8, 8],
                "pixel_range": [0, 9],
                "warnings": ["odd"],
            }
        }
    )
    text = write_report(writer.folder).markdown.read_text("utf-8")
    assert "## Data" in text
    assert "7 images of 2 classes (ant 3, bee 4), 1 × 8 × 8, pixels 0 to 9 of 255" in text
    assert "warning: odd" in text


def test_whatever_a_section_holds_is_text_in_markdown() -> None:
    strange = "<b> **x** `y` | [a](b) _z_ ~s~ &lt; \n# new"
    safe = r"\<b\> \*\*x\*\* \`y\` \| [a\](b) \_z\_ \~s\~ \&lt; # new"
    table = Table((strange,), [(strange,)], folded=strange)
    section = Section(strange, notes=[strange], tables=[table], warnings=[strange], lines=[strange])
    lines = [line for line in section_lines(section) if line]
    assert lines == [
        f"## {safe}",
        f"**Warning.** {safe}",
        safe,
        safe,
        f"### {safe}",
        f"| {safe} |",
        "|:--|",
        f"| {safe} |",
    ]


def test_what_was_never_run_is_not_said_to_have_run_nor_compared_with_nothing(new_study):
    """Every outcome is known from before, and the parents are programs that nobody scored here."""
    study = new_study()
    for index in range(2):
        program = Program(f"a = {index}\n")
        candidate = Candidate(Key(1, index), program, "mutation", index, parents=(Program("a = 9\n").digest,))
        study.archive.add_candidates([candidate])
        outcome = Outcome(Stage.SCORE, scores=scored(0.5), cached=True)
        study.archive.add_outcome(candidate.key, trial_of(candidate, outcome), outcome)
    study.archive.close()
    text = render_markdown(read_facts(study.folder))
    assert "No candidate ran in the sandbox: every outcome was known from before, looked up or settled" in text
    assert "none yet" not in text
    assert "Change against the parent" not in text
    assert "Largest changes" not in text


def test_a_study_without_outcomes_has_evaluated_nothing_yet(new_study):
    study = new_study()
    study.archive.close()
    assert "No candidate has been evaluated yet." in render_markdown(read_facts(study.folder))


def test_a_table_of_changes_has_no_rows_of_zeros(new_study):
    study = new_study()
    study.valid(Key(1, 0), 0.5, "a = 1\n")
    study.valid(Key(1, 1), 0.6, "a = 2\n", parents=(Program("a = 1\n").digest,))
    candidate = Candidate(Key(1, 2), Program("a = 3\n"), "mutation", 2, parents=(Program("a = 9\n").digest,))
    study.archive.add_candidates([candidate])
    outcome = Outcome(Stage.SCORE, scores=scored(0.5))
    study.archive.add_outcome(candidate.key, trial_of(candidate, outcome), outcome)
    study.archive.close()
    facts = read_facts(study.folder)
    assert [kind.kind for kind in facts.changes.kinds] == ["full", "mutation"]
    assert [row[0] for row in change_table(facts).rows] == ["full"]
