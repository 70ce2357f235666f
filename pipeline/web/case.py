"""One proof as the decision page shows it: evidence, choices, the notice of its kind's policy.

In: a `Case`, and where its page lies. Out: values for `case.html`. It decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pipeline.annotate import evidence
from pipeline.reasons import ReasonCode, sentence
from pipeline.records import Decision, LookKind, PolicyStance
from pipeline.review import CODES, MOST_LETTERS, suggested
from pipeline.web.bar import bar

if TYPE_CHECKING:
    from pipeline.records import Case, Job, Proof
    from pipeline.web.front import Front
    from pipeline.web.sessions import Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A reason that can be given, and the sentence it brings."""

    code: ReasonCode
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Where a case lies, where its decision goes, and where the one after it is asked for.

    Attributes:
        address: What the browser's bar shows; a look that is mixed in has none of its own to tell it by.
    """

    address: str
    act: str
    beside: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNotice:
    """The rule that a flagged kind of job touches.

    Attributes:
        acknowledged_by: Who answers for it at the platform.
        is_read: This moderator has read it: its rule is named, and the rest is folded.
    """

    kind: str
    rule: str
    sentence: str
    url: str | None
    acknowledged_by: str | None
    is_read: bool


def ways_of(case: Case, *, place: str | None = None) -> Ways:
    """Return where a case lies.

    Args:
        case: An open proof, or a look at a decided one.
        place: For a look that is mixed into the queue: the proof after which it comes.
    """
    proof, look = case.current.proof.id, case.look
    if look is None:
        own = f"/review/{proof}"
        return Ways(address=own, act=own, beside=f"/review/after?{urlencode({'of': proof})}")
    act = f"/review/looks/{look}"
    if place is None:
        return Ways(address=act, act=act, beside=f"/review/looks/after?{urlencode({'look': look})}")
    asked = urlencode({"of": place, "look": look})
    return Ways(address="/review/start", act=act, beside=f"/review/after?{asked}")


def told(front: Front, seat: Seat, case: Case, *, place: str | None = None) -> dict[str, Any]:
    """Return what the page of a case shows."""
    current, proof = case.current, case.current.proof
    lang = proof.lang
    kept = [one.index for one in proof.pictures if one.key is not None]
    choices = {
        decision: [Choice(code=code, sentence=sentence(code, lang)) for code in codes]
        for decision, codes in CODES.items()
    }
    return {
        "seat": seat,
        "case": case,
        "proof": proof,
        "verdict": current.verdict,
        "ways": ways_of(case, place=place),
        "copied": next((one.image for one in current.verdict.reasons if one.image is not None), 0),
        "audited": case.kind is LookKind.AUDIT,
        "pictures": [(index, evidence(current.verdict, index)) for index in kept],
        "choices": choices,
        "first": {decision: suggested(current.verdict, decision) for decision in Decision},
        "most_letters": MOST_LETTERS,
        "explained": [(one.code, sentence(one.code, lang, one.details)) for one in current.verdict.reasons],
        "policy": _policy(front, seat, proof),
        "now": case.now,
    }


def whole(front: Front, seat: Seat, case: Case) -> dict[str, Any]:
    """Return what the whole page shows, its top and the case."""
    return bar(front, seat.who) | told(front, seat, case)


def _policy(front: Front, seat: Seat, proof: Proof) -> PolicyNotice | None:
    job = proof.job
    if job is None or job.kind is None or job.stance is not PolicyStance.FLAG:
        return None
    rule, said, url = _rule(front, job)
    return PolicyNotice(
        kind=job.kind,
        rule=rule,
        sentence=said,
        url=url,
        acknowledged_by=front.platforms.acknowledged_by(proof.platform),
        is_read=front.reviews.has_read(seat.who, job.kind),
    )


def _rule(front: Front, job: Job) -> tuple[str, str, str | None]:
    kind = front.kinds.get(job.kind or "")
    if kind is None:
        return "", "", None  # a kind of the platform's own that this server no longer has
    return kind.policy.rule or "", kind.policy.sentence or "", kind.policy.url
