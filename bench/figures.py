"""Verdicts and truths to figures. Pure.

In: labels and answers by proof id. Out: counted shares. A proof without an answer counts as `missing`:
neither accepted nor decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.corpus import Label

TWO_ATTACKS = "two together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one runner said of one proof.

    Attributes:
        verdict: `accept`, `reject` or `manual`.
        duplicate_of: The proof it was found to be a copy of.
        codes: The reasons given, where the runner gives any.
    """

    verdict: str
    duplicate_of: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    def __str__(self) -> str:
        """Return `3/40 (7.5 %)`, or a dash where there was none to count."""
        return f"{self.part}/{self.whole} ({100 * self.of_one:.1f} %)" if self.whole else "-"

    @property
    def of_one(self) -> float:
        """Return the share between 0 and 1."""
        return self.part / self.whole if self.whole else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well one runner did on some proofs.

    Attributes:
        decided: Accepted or rejected, without a person.
        right: Honest accepted, copy or fake rejected.
        wrong: Honest rejected, copy or fake accepted; the rest went to a person.
        sources_named: Copies whose true source was named, of all copies.
    """

    honest_accepted: Share
    honest_rejected: Share
    honest_manual: Share
    copies_accepted: Share
    fakes_accepted: Share
    decided: Share
    right: Share
    wrong: Share
    sources_named: Share


def figures(labels: Mapping[str, Label], answers: Mapping[str, Answer]) -> Figures:
    """Return the figures of one runner over the labelled proofs."""
    verdicts = {proof_id: _verdict(answers, proof_id) for proof_id in labels}
    right = {"honest": "accept", "copy": "reject", "fake": "reject"}
    wrong = {"honest": "reject", "copy": "accept", "fake": "accept"}

    def share(truth: str, verdict: str) -> Share:
        given = [verdicts[proof_id] for proof_id, label in labels.items() if label.truth == truth]
        return Share(given.count(verdict), len(given))

    def all_as(expected: Mapping[str, str]) -> Share:
        agreeing = sum(verdicts[proof_id] == expected[label.truth] for proof_id, label in labels.items())
        return Share(agreeing, len(labels))

    return Figures(
        honest_accepted=share("honest", "accept"),
        honest_rejected=share("honest", "reject"),
        honest_manual=share("honest", "manual"),
        copies_accepted=share("copy", "accept"),
        fakes_accepted=share("fake", "accept"),
        decided=Share(sum(verdict in {"accept", "reject"} for verdict in verdicts.values()), len(labels)),
        right=all_as(right),
        wrong=all_as(wrong),
        sources_named=_sources_named(labels, answers),
    )


def _verdict(answers: Mapping[str, Answer], proof_id: str) -> str:
    return answers[proof_id].verdict if proof_id in answers else "missing"


def _sources_named(labels: Mapping[str, Label], answers: Mapping[str, Answer]) -> Share:
    copies = {proof_id: label for proof_id, label in labels.items() if label.truth == "copy"}
    named = sum(
        proof_id in answers and answers[proof_id].duplicate_of == label.source
        for proof_id, label in copies.items()
    )
    return Share(named, len(copies))


def grouped(labels: Mapping[str, Label], by: Callable[[Label], str | None]) -> dict[str, dict[str, Label]]:
    """Return the labels in named groups, in the order of their names; None belongs to no group."""
    groups: dict[str, dict[str, Label]] = defaultdict(dict)
    for proof_id, label in labels.items():
        name = by(label)
        if name is not None:
            groups[name][proof_id] = label
    return dict(sorted(groups.items()))


def attack_group(label: Label) -> str | None:
    """Return what was done to a copy; two attacks on one picture are a group of their own."""
    if label.truth != "copy":
        return None
    return TWO_ATTACKS if "+" in (label.attack or "") else label.attack


def fake_group(label: Label) -> str | None:
    """Return the kind of fake."""
    return label.attack if label.truth == "fake" else None


def page_group(label: Label) -> str | None:
    """Return the page of an honest proof."""
    return label.page if label.truth == "honest" else None
