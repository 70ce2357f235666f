"""Short ways to put a ledger into a state: a proof that waits at a step, a fingerprint, a verdict.

In: a ledger and what matters to the test. Out: records. Everything unsaid is plain and the same each time.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ulid import ULID

from pipeline.records import (
    AbsentCheck,
    AnswerCheck,
    AutoReject,
    Box,
    CodeCheck,
    Decide,
    DuplicateOf,
    Fingerprint,
    FreshCheck,
    Job,
    Outcome,
    Pass,
    PositionCheck,
    Reason,
    Relation,
    StateCheck,
    Step,
    StoredPicture,
    Submission,
    TextCheck,
    UrlCheck,
    Verdict,
    Word,
)

if TYPE_CHECKING:
    from pipeline.ports import Ledger
    from pipeline.reasons import ReasonCode
    from pipeline.records import Candidate, Claim, Proof, RecordedVerdict

PLATFORM = "p"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=60)
WORKER = "host:1:1"
STRIKES = 3
LIMIT = 12

JOB = Job(
    id="job-1",
    kind="youtube_subscribe",
    title="Subscribe",
    lang="bn",
    checks=(
        TextCheck(value="রান্নাঘর TV", similarity=0.9),
        StateCheck(done=("Subscribed",), not_done=("Subscribe",)),
        UrlCheck(host="example.com", path="/a"),
        AbsentCheck(any=("Sign in to continue", "Log in")),
        AnswerCheck(appears=False),
        CodeCheck(value="PX-4471"),
        FreshCheck(within=timedelta(hours=24)),
        PositionCheck(above_s=7),
    ),
    images_max=3,
    decide=Decide(auto_reject=AutoReject.HOLD, near_miss=Outcome.MANUAL),
)


READING = {
    "image": 0,
    "width_px": 1080,
    "height_px": 2400,
    "words": (Word(text="সাবস্ক্রাইব", box=Box(x=1, y=2, w=3, h=4), confidence=0.5, line=1),),
    "passes": (
        Pass(
            name="page",
            engine="tesserocr",
            languages="eng+ben",
            page_mode=11,
            scale=1.5,
            region=Box(x=0, y=0, w=9, h=9),
            cpu_ms=7,
            words=1,
        ),
    ),
    "engine_version": "5.3",
}


def at(minutes: float) -> datetime:
    """Return a time that many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def stored(content: str = "picture", *, index: int = 0, fault: ReasonCode | None = None) -> StoredPicture:
    """Return a picture as `submit` would store it."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    return StoredPicture(
        id=str(ULID()), index=index, key=f"k/{digest}", sha256=digest, size_bytes=9, fault=fault
    )


def submission(
    proof_id: str | None = None,
    *,
    minutes: float = 0,
    job_id: str = JOB.id,
    submitter: str = "w1",
    answer: str | None = None,
    lang: str | None = None,
) -> Submission:
    """Return a claim made that many minutes after noon; its pictures are given to the ledger apart."""
    return Submission(
        platform=PLATFORM,
        job_id=job_id,
        submitter_id=submitter,
        submitted_at=at(minutes),
        pictures=(b"picture",),
        proof_id=proof_id,
        answer=answer,
        lang=lang,
    )


def add(
    ledger: Ledger,
    proof_id: str | None = None,
    *,
    step: Step = Step.FINGERPRINT,
    minutes: float = 0,
    job_id: str = JOB.id,
    submitter: str = "w1",
) -> Proof:
    """Add a proof with one picture that waits at `step`."""
    ledger.declare_platform(PLATFORM)
    claim = submission(proof_id, minutes=minutes, job_id=job_id, submitter=submitter)
    proof, _ = ledger.add_proof(claim, [stored(proof_id or "picture")], step=step)
    return proof


def take(ledger: Ledger, proof: Proof, step: Step, *, lease: timedelta = LEASE) -> Claim:
    """Claim a step that must be free."""
    claim = ledger.claim(proof.id, step, worker=WORKER, lease=lease, strikes=STRIKES)
    assert claim is not None
    return claim


def fingerprint(
    content: str,
    *,
    flat: bool = False,
    version: str = "v1",
    pixels: str | None = None,
    words: tuple[int, ...] = (),
    fault: ReasonCode | None = None,
    **hashes: int,
) -> Fingerprint:
    """Return a fingerprint whose digests follow from `content`; without `hashes`, those do too."""
    digest = hashlib.sha256(content.encode())
    made = {"page": int.from_bytes(digest.digest()[:8])}
    return Fingerprint(
        version=version,
        bytes_sha256=digest.hexdigest(),
        pixels_sha256=hashlib.sha256((pixels or content).encode()).hexdigest(),
        width_px=1080,
        height_px=2400,
        hashes=tuple((hashes or made).items()),
        flat=flat,
        words=words,
        sketch=b"sketch",
        fault=fault,
    )


def fingerprinted(ledger: Ledger, proof: Proof, found: Fingerprint, *, then: Step = Step.JUDGE) -> None:
    """Finish the fingerprint step of a proof with one picture."""
    claim = take(ledger, proof, Step.FINGERPRINT)
    ledger.finish_fingerprint(claim, [(claim.proof.pictures[0], found, "sketch-key")], [], then=then)


def verdict(outcome: Outcome = Outcome.ACCEPT, *codes: ReasonCode, root: Proof | None = None) -> Verdict:
    """Return a verdict, a duplicate's if there is a `root`."""
    of = root and DuplicateOf(proof_id=root.proof_id, relation=Relation.EXACT, proof=root.id)
    return Verdict(outcome=outcome, reasons=tuple(Reason(code=code) for code in codes), duplicate_of=of)


def judged(
    ledger: Ledger, proof: Proof, said: Verdict | None = None, *, then: Step = Step.PUBLISH
) -> RecordedVerdict:
    """Judge a proof that waits for it, having seen all its candidates."""
    claim = take(ledger, proof, Step.JUDGE)
    recorded = ledger.finish_judge(claim, said or verdict(), seen=seen(ledger, proof), limit=LIMIT, then=then)
    assert recorded is not None
    return recorded


def candidates(ledger: Ledger, proof: Proof) -> dict[str, Candidate]:
    """Return the candidates by the platform's own proof id, nearest first."""
    return {one.proof_id: one for one in ledger.candidates(proof.id, limit=LIMIT)}


def seen(ledger: Ledger, proof: Proof) -> tuple[Candidate, ...]:
    """Return what a judge of this one would look at."""
    return ledger.candidates(proof.id, limit=LIMIT)


def loaded(ledger: Ledger, proof: Proof) -> Proof:
    """Return the proof as the ledger holds it now."""
    found = ledger.proof(proof.id)
    assert found is not None
    return found
