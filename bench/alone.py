"""A proof read and judged alone: without database, queue or likeness.

In: an `Entry`. Out: the proof as the ledger would hold it, and hands as a worker's child has them.
"""

from __future__ import annotations

from datetime import datetime

from bench.corpus import Entry
from pipeline.adapters.child import Outfit
from pipeline.adapters.hands import Hands
from pipeline.policy import Policy
from pipeline.records import Proof, Step, StoredPicture
from pipeline.settings import load_settings


def proof_of(entry: Entry) -> Proof:
    """Return an entry as the ledger would hold it."""
    sent = datetime.fromisoformat(entry.line["submitted_at"])
    return Proof(
        id=entry.proof_id,
        platform="bench",
        proof_id=entry.proof_id,
        job_id=entry.job.id,
        job=entry.job,
        submitter_id=entry.line["submitter_id"],
        submitted_at=sent,
        received_at=sent,
        answer=entry.line.get("answer"),
        lang=entry.line.get("lang", entry.job.lang),
        deadline=None,
        step=Step.JUDGE,
        pictures=tuple(
            StoredPicture(id=str(at), index=at, key="k", sha256=None, size_bytes=1)
            for at in range(len(entry.images))
        ),
    )


def open_hands() -> Hands:
    """Return hands with default settings, warm."""
    settings = load_settings()
    outfit = Outfit(
        policy=Policy(),
        engine=settings.ocr_engine,
        tessdata_dir=settings.tessdata_dir,
        languages=settings.ocr_languages,
        budget_ms=settings.read_budget_ms,
        limit_s=settings.child_limit_s,
    )
    hands = Hands(outfit)
    hands.warm()
    return hands
