"""submit: bytes and a claim become a Proof.

In: a `Submission`. Out: its `Proof`, its pictures in the evidence store, its row in the ledger. It looks at
magic bytes and sizes and never decodes: decoding waits for a child that can be killed.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ulid import ULID

from pipeline.errors import JobUnknown
from pipeline.magic import sniff
from pipeline.reasons import ReasonCode
from pipeline.records import StoredPicture

if TYPE_CHECKING:
    from pipeline.policy import Policy
    from pipeline.ports import EvidenceStore, Ledger
    from pipeline.records import Once, Proof, Submission


def submit(
    submission: Submission,
    *,
    ledger: Ledger,
    store: EvidenceStore,
    policy: Policy,
    known_job: bool = False,
    once: Once | None = None,
) -> tuple[Proof, bool]:
    """Store the pictures, then the proof; return it and whether it is new.

    The pictures go first, so that a row never points at bytes that are not there; bytes without a row are
    swept later.

    Args:
        known_job: Refuse a proof of a job that nobody declared; it is taken in for a person otherwise.
        once: The answer to keep with the proof, for a request that may come again.

    Raises:
        JobUnknown: With `known_job`; nothing was stored.
        AlreadyAnswered: An answer is kept under the key of `once`; no proof was made.
        ProofConflict: The proof id is taken by other content.
        StoreUnavailable, StoreRefused, LedgerUnavailable: Nothing was accepted; send it again.
    """
    if known_job and ledger.current_job(submission.platform, submission.job_id) is None:
        raise JobUnknown(f"job {submission.job_id!r} was never declared; PUT it first, then send the proof")
    pictures = tuple(
        _keep(content, index, store=store, policy=policy) for index, content in enumerate(submission.pictures)
    )
    return ledger.add_proof(submission, pictures, once=once)


def _keep(content: bytes | None, index: int, *, store: EvidenceStore, policy: Policy) -> StoredPicture:
    fault = fault_of(content, policy)
    return StoredPicture(
        id=str(ULID()),
        index=index,
        key=store.put(content) if content and fault is None else None,
        sha256=None if content is None else hashlib.sha256(content).hexdigest(),
        size_bytes=len(content or b""),
        fault=fault,
    )


def fault_of(content: bytes | None, policy: Policy) -> ReasonCode | None:
    """Return why the bytes cannot be a picture of ours, as far as can be seen without decoding."""
    if content is None:
        return ReasonCode.UNAVAILABLE
    if len(content) > policy.max_bytes:
        return ReasonCode.TOO_LARGE
    return None if sniff(content) else ReasonCode.NOT_A_PICTURE
