"""The bench counts what it says it counts, and its peers follow their rules."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.corpus import Entry, Label, label_of, sampled
from bench.figures import Answer, Share, attack_group, fake_group, figures, grouped, page_group
from bench.likeness_report import Row, by_attack, report
from bench.peers import rule
from bench.report import table
from bench.results import Run
from pipeline.records import AbsentCheck, CodeCheck, Job, StateCheck, TextCheck, UrlCheck

LABELS = {
    "h1": Label(truth="honest", page="group"),
    "h2": Label(truth="honest", page="group"),
    "h3": Label(truth="honest", page="quiz"),
    "c1": Label(truth="copy", source="h1", attack="mirror"),
    "c2": Label(truth="copy", source="h1", attack="tone+night"),
    "f1": Label(truth="fake", attack="chat"),
}
ANSWERS = {
    "h1": Answer(verdict="accept"),
    "h2": Answer(verdict="reject"),
    "h3": Answer(verdict="manual"),
    "c1": Answer(verdict="reject", duplicate_of="h1"),
    "c2": Answer(verdict="reject", duplicate_of="h2"),
    "f1": Answer(verdict="accept"),
}


def entry(proof_id: str, label: Label, *checks: object, answer: str = "") -> Entry:
    job = Job(id="job", checks=checks)
    line = {"proof_id": proof_id, "answer": answer}
    return Entry(proof_id=proof_id, job=job, line=line, images=(Path("x.png"),), label=label)


def test_each_figure_counts_the_proofs_of_its_truth() -> None:
    """Honest, copied and faked proofs are counted apart, each by what it was given."""
    found = figures(LABELS, ANSWERS)
    assert found.honest_accepted == found.honest_rejected == found.honest_manual == Share(1, 3)
    assert found.copies_accepted == Share(0, 2)
    assert found.fakes_accepted == Share(1, 1)


def test_what_went_to_a_person_is_neither_right_nor_wrong() -> None:
    """Only a decision without a person can be right or wrong."""
    found = figures(LABELS, ANSWERS)
    assert found.decided == Share(5, 6)
    assert found.right == Share(3, 6)
    assert found.wrong == Share(2, 6)


def test_a_copy_counts_as_named_only_with_its_true_source() -> None:
    """A copy traced to the wrong proof is found, but its source is not named."""
    assert figures(LABELS, ANSWERS).sources_named == Share(1, 2)


def test_a_proof_without_an_answer_counts_against_the_runner() -> None:
    """What is missing was neither accepted nor decided, and stays in the whole."""
    found = figures(LABELS, {"h1": Answer(verdict="accept")})
    assert found.honest_accepted == Share(1, 3)
    assert found.decided == Share(1, 6)


def test_no_proof_of_a_truth_shows_as_a_dash() -> None:
    """A share of nothing is not 0 %."""
    assert str(figures({}, {}).fakes_accepted) == "-"
    assert str(Share(3, 40)) == "3/40 (7.5 %)"


def test_groups_hold_only_the_truth_they_are_about() -> None:
    """Attacks are counted over copies, kinds of fake over fakes, pages over honest proofs."""
    assert {name: list(some) for name, some in grouped(LABELS, attack_group).items()} == {
        "mirror": ["c1"],
        "two together": ["c2"],
    }
    assert list(grouped(LABELS, fake_group)) == ["chat"]
    assert list(grouped(LABELS, page_group)) == ["group", "quiz"]


def test_a_twin_is_an_honest_proof() -> None:
    """A twin's label counts among the honest ones."""
    row = {
        "truth": "twin",
        "split": "tuned",
        "lang": "bn",
        "attack": None,
        "source_proof_id": None,
        "page": "quiz",
    }
    assert label_of(row).truth == "honest"


def test_a_sample_is_even_and_brings_each_copys_source() -> None:
    """Every truth is there, a copy never without its source, and the same limit chooses the same proofs."""
    honest = [entry(f"h{n}", Label(truth="honest", page=f"page {n % 3}")) for n in range(20)]
    copies = [entry(f"c{n}", Label(truth="copy", source=f"h{n}", attack="tone")) for n in range(10)]
    fakes = [entry(f"f{n}", Label(truth="fake", attack="chat")) for n in range(10)]
    everything = (*honest, *copies, *fakes)
    chosen = sampled(everything, 12)
    ids = {one.proof_id for one in chosen}
    assert len(ids) <= 12
    assert {one.label.truth for one in chosen} == {"honest", "copy", "fake"}
    assert all(one.label.source in ids for one in chosen if one.label.source)
    assert sampled(everything, 12) == chosen
    assert sampled(everything, None) == everything


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("example.com Nodi Tech Subscribed PX-1", True),
        ("example.com Nodi Tech Subscribe PX-1", False),
        ("example.com Padma Cooking Subscribed PX-1", False),
        ("other.com Nodi Tech Subscribed PX-1", False),
        ("example.com Nodi Tech Subscribed PX-2", False),
        ("example.com Nodi Tech Subscribed PX-1 Sign in", False),
    ],
)
def test_the_peers_text_rule_wants_every_check(text: str, *, shown: bool) -> None:
    """One check that the text does not meet is enough to reject."""
    checks = (
        TextCheck(value="Nodi Tech"),
        StateCheck(done=("Subscribed",)),
        UrlCheck(host="www.example.com"),
        CodeCheck(value="PX-1"),
        AbsentCheck(any=("Sign in",)),
    )
    asked = entry("p", Label(truth="honest"), *checks)
    assert rule.shows(asked, rule.tidy(text)) is shown


def test_cost_is_compared_on_the_proofs_that_both_decided() -> None:
    """A runner that takes the dear proofs only is not called dearer for it."""
    every = Run(
        name="a",
        answers=ANSWERS,
        each_s=1,
        with_start_s=1,
        start_s=0,
        cpu_s=dict.fromkeys(ANSWERS, 1.0) | {"f1": 4.0},
    )
    some = Run(name="b", answers={"f1": ANSWERS["f1"]}, each_s=2, with_start_s=2, start_s=0)
    assert some.ratio_to(every) == 0.5


def test_a_table_cell_cannot_break_its_table() -> None:
    """A bar in a cell does not make another column."""
    assert table(["a", "b"], [["x|y", "1"]]).splitlines()[-1] == "| x/y | 1 |"
    assert table(["a"], []) == "None."


def test_a_copy_of_two_attacks_counts_under_both() -> None:
    """Each attack stands by itself, and again with any other on top; honest proofs are no copies."""
    one = Row(
        name="a",
        truth="copy",
        page="page",
        attack="tone+photo",
        retrieved=True,
        relation=None,
        other=None,
        named=False,
        candidates=1,
        fingerprint_ms=1,
        lookup_ms=1,
        compare_ms=2,
    )
    rows = [one, replace(one, attack="tone", relation="altered"), replace(one, truth="honest", attack=None)]
    counts = {name: len(some) for name, some in by_attack(rows).items()}
    assert counts == {"all": 2, "photo + another": 1, "tone": 1, "tone + another": 1}
    assert "| tone | 0/1 (0.0 %) | 0/1 (0.0 %) | 1/1 (100.0 %) |" in report({"drawn": rows})
