"""What the stages and doors need from outside, as roles.

An adapter or the ledger fulfils each; `wiring` chooses which. A contract suite in `tests/contract/` states
what every implementation promises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pipeline.seeing import Children, TextEngine

__all__ = ["Bell", "Children", "EvidenceStore", "Ledger", "PictureLinks", "TextEngine"]

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from pipeline.reasons import ReasonCode
    from pipeline.records import (
        Candidate,
        Claim,
        Counted,
        Fingerprint,
        Fingerprinted,
        Job,
        Kept,
        Notice,
        Once,
        Proof,
        Reading,
        RecordedVerdict,
        Ring,
        Standing,
        Step,
        StoredPicture,
        Stranger,
        Submission,
        Unclosed,
        Verdict,
    )


class EvidenceStore(Protocol):
    """Keeps pictures by what they hold: the key is derived from the bytes.

    Putting the same bytes twice is harmless and returns the same key. An object is there whole or not
    at all: a reader never sees half of one.
    """

    def put(self, content: bytes) -> str:
        """Store `content` and return its key.

        Raises:
            StoreUnavailable: No answer, or a failure on the store's side; try later.
            StoreRefused: The store will not have us; an operator must act.
        """
        ...

    def get(self, key: str) -> bytes:
        """Return the bytes kept under `key`, checked against it.

        Raises:
            EvidenceMissing: Nothing is there, or not what was stored.
            StoreUnavailable: No answer, or a failure on the store's side; try later.
            StoreRefused: The store will not have us; an operator must act.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove `key`; removing what is not there is no error.

        Raises:
            StoreUnavailable: No answer, or a failure on the store's side; try later.
            StoreRefused: The store will not have us; an operator must act.
        """
        ...

    def probe(self) -> str:
        """Write, read and delete a small object; return one line that says where the store is.

        Raises:
            StoreUnavailable: No answer; the message says from where.
            StoreRefused: The store will not have us; the message says what to change.
        """
        ...


class PictureLinks(Protocol):
    """Gets the bytes behind the links that platforms send: `https://`, `s3://`, `data:`."""

    def fetch(self, link: str, *, platform: str) -> bytes:
        """Return the bytes, cut one past the largest picture that is opened.

        Raises:
            LinkRefused: The link leads where we do not go, or there is nothing to get; the message says why.
            NoAnswer: Its server did not answer in time, or answered that it cannot now.
        """
        ...


class Bell(Protocol):
    """Says "look at this proof". Losing a ring loses no proof: `sweep` rings again."""

    def ring(self, ring: Ring) -> bool:
        """Put one message on the step's queue; False when the broker did not take it."""
        ...

    def depth(self, queue: str) -> int | None:
        """Return how many messages wait on `queue`, None when the broker does not answer."""
        ...

    def oldest(self, queue: str) -> timedelta:
        """Return how long the first message waits on `queue`; zero for none, and where nobody knows."""
        ...


class Tell(Protocol):
    """Writes the notices of a verdict; pure, for the ledger calls it while others wait."""

    def __call__(self, recorded: RecordedVerdict, targets: Sequence[str]) -> Sequence[Notice]:
        """Return one notice a target."""
        ...


class Ledger(Protocol):
    """The one place of truth: proofs, their steps, fingerprints, readings, verdicts and notices.

    Times are the database's own. Every method is one transaction. All may raise LedgerUnavailable.
    """

    def declare_platform(self, name: str) -> None:
        """Make the platform if it is not there."""
        ...

    def configure_platform(self, name: str, *, targets: Sequence[str], secret: str | None) -> None:
        """Set where the platform's notices go and what signs its messages.

        Raises:
            UsageError: The platform was never declared.
        """
        ...

    def targets(self, platform: str) -> tuple[str, ...]:
        """Return where the platform's notices go (`webhook`, ...); empty for a platform without any."""
        ...

    def webhook_secret(self, platform: str) -> str | None:
        """Return the platform's secret (`whsec_...`); None for an unknown platform or one without."""
        ...

    def declare_job(self, platform: str, job: Job) -> None:
        """Append `job` as the current version unless it equals the current one."""
        ...

    def current_job(self, platform: str, job_id: str) -> Job | None:
        """Return the job as it stands now."""
        ...

    def add_proof(
        self,
        submission: Submission,
        pictures: Sequence[StoredPicture],
        *,
        step: Step | None = None,
        once: Once | None = None,
    ) -> tuple[Proof, bool]:
        """Insert a proof with its pictures and return it, and whether it is new.

        Without a `step` it starts where the job that it keeps lets it start.

        The same platform, proof id and content returns the row that is there. The answer that `once` holds
        is kept in the same transaction.

        Raises:
            AlreadyAnswered: An answer is kept under the key of `once`; nothing was written.
            ProofConflict: The proof id is taken by other content.
        """
        ...

    def proof(self, proof: str) -> Proof | None:
        """Return the proof with this ULID."""
        ...

    def claim(self, proof: str, step: Step, *, worker: str, lease: timedelta, strikes: int) -> Claim | None:
        """Take the step if it waits, is due, nobody holds it and fewer than `strikes` attempts are used.

        The attempt is counted in the same transaction, before any work. None where it cannot be taken.
        """
        ...

    def onward(self, claim: Claim, step: Step, *, lease: timedelta) -> Kept:
        """Return the claim on a later step with which the holder of `claim` can end it and go on.

        It holds nothing before `finish_fingerprint` or `finish_read` is given it: they take the later step in
        the transaction that ends the first, counting its attempt, before any work on it.
        """
        ...

    def hand_back(
        self,
        claim: Claim,
        *,
        delay: timedelta,
        problem: ReasonCode | None,
        detail: str,
        strike: bool,
        died: bool = False,
    ) -> None:
        """Release the step for a later attempt; without `strike` the counted attempt is given back.

        Args:
            problem: What the verdict will say if this was the last attempt; kept with the attempt.
            detail: For operators, one line.
            died: A child died of it; a proof given up for deaths alone leaves its picture in quarantine.

        A claim that was lost meanwhile is left alone.
        """
        ...

    def finish_fingerprint(
        self,
        claim: Claim,
        fingerprints: Sequence[tuple[StoredPicture, Fingerprint | None, str | None]],
        faults: Sequence[tuple[StoredPicture, ReasonCode]],
        *,
        then: Step,
        kept: Kept | None = None,
    ) -> Fingerprinted | None:
        """Record fingerprints (with their sketch keys) and picture faults; move on to `then`.

        Returns:
            None where the next step is free, and its bell to be rung. Where the holder keeps it by `kept`,
            what it has to know to go on; it cannot keep it while an earlier proof of the job waits for
            somebody to fingerprint it, which should go first.

        Raises:
            LeaseLost: Another worker holds the step; nothing was written.
        """
        ...

    def finish_read(
        self, claim: Claim, readings: Sequence[Reading], *, then: Step, kept: Kept | None = None
    ) -> None:
        """Record readings and move on to `then`, `kept` by this worker or free.

        Raises:
            LeaseLost: Another worker holds the step; nothing was written.
        """
        ...

    def readings(self, proof: str) -> tuple[Reading, ...]:
        """Return the readings of a proof in picture order."""
        ...

    def fingerprints(self, proof: str) -> tuple[tuple[int, Fingerprint, str | None], ...]:
        """Return (image, fingerprint, sketch key) of each fingerprinted picture, `sketch` left empty."""
        ...

    def earlier_unseen(self, proof: str) -> bool:
        """Tell whether an earlier proof of the same job still waits to be fingerprinted."""
        ...

    def copied(self, proof: str) -> bool:
        """Tell whether a picture of the proof is the same as another person's earlier one."""
        ...

    def candidates(self, proof: str, *, limit: int) -> tuple[Candidate, ...]:
        """Return pictures of other proofs of the platform that may show the same capture, nearest first."""
        ...

    def rivals(self, proof: str, *, limit: int) -> tuple[Candidate, ...] | None:
        """Return `candidates`; None while an earlier proof of the same job waits to be fingerprinted."""
        ...

    def strangers(self, proof: str, *, limit: int) -> tuple[Stranger, ...]:
        """Return pictures of other platforms that may show the same capture, where both opted in."""
        ...

    def finish_judge(
        self,
        claim: Claim,
        verdict: Verdict,
        *,
        seen: Sequence[Candidate],
        limit: int,
        then: Step,
        tell: Tell | None = None,
        read: Unclosed | None = None,
    ) -> RecordedVerdict | None:
        """Append the verdict and move on to `then`; with `tell`, the notices of it are written too.

        With `read`, reading ends in the same transaction, and its claim is what is held: that of the later
        step was given by `onward`.

        None where a candidate outside `seen` that can change it turned up meanwhile: one that came earlier or
        is already accepted, or an earlier proof of the job that waits to be fingerprinted. Nothing is written
        then and the claim stays held: judge again.

        Raises:
            LeaseLost: Another worker holds the step; nothing was written.
        """
        ...

    def verdict(self, proof: str) -> RecordedVerdict | None:
        """Return the current verdict of a proof."""
        ...

    def finish_publish(self, claim: Claim, notices: Sequence[Notice], *, then: Step) -> None:
        """Write the outbox rows of the current verdict and move on to `then`.

        Raises:
            LeaseLost: Another worker holds the step; nothing was written.
        """
        ...

    def look(self, *, strikes: int, quiet: timedelta) -> tuple[Standing, ...]:
        """Return how the proofs at each step stand; a step without any is left out.

        Args:
            strikes: With so many attempts used a proof counts as exhausted.
            quiet: A bell not rung for so long counts as unheard.
        """
        ...

    def release_lapsed(self) -> tuple[Ring, ...]:
        """Release every lease that ran out, counting it against its proof."""
        ...

    def release_dead(self, worker_prefix: str, alive: frozenset[str]) -> int:
        """Release leases of workers whose name starts with the prefix and is not among `alive`."""
        ...

    def due(self, step: Step, *, rung_before: timedelta, limit: int) -> tuple[Ring, ...]:
        """Return waiting, due steps whose bell was not rung for a while, oldest first; mark them rung."""
        ...

    def waiting(self, step: Step) -> int:
        """Return how many proofs wait at `step`, due and not held."""
        ...

    def dead(self) -> int:
        """Return how many proofs were given up that nobody replayed, ruled on or erased."""
        ...

    def exhausted(self, *, strikes: int, limit: int) -> tuple[str, ...]:
        """Return waiting proofs whose current step (fingerprint, read or judge) has used its attempts."""
        ...

    def give_up(self, proof: str, *, strikes: int) -> bool:
        """Send an exhausted proof to judgement, its `failure` set from its last attempt.

        An attempt that never ended (its worker died) counts as ENGINE_FAILED. False if the proof is not
        (or no longer) waiting with `strikes` attempts used.
        """
        ...

    def counted(self, platform: str | None = None) -> Counted:
        """Return how many proofs stand at each step and how many verdicts say what."""
        ...
