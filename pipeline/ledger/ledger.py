"""`SqlLedger`: the port `Ledger` on SQLite and PostgreSQL, method by method.

In: an engine from `make_engine`, on a database that `migrate` brought to its schema. Out: what the port
promises. Each method is one transaction; what it does stands in the module it calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.ledger import (
    copies,
    dead,
    elsewhere,
    findings,
    intake,
    rows,
    similar,
    steps,
    sweeps,
    tenants,
    verdicts,
)
from pipeline.ledger.transact import Transactions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from sqlalchemy import Engine

    from pipeline.ports import Tell
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


class SqlLedger:
    """The ledger in a database; safe to share among threads, not across a fork."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def declare_platform(self, name: str) -> None:
        """Make the platform if it is not there."""
        self._do.write(intake.declare_platform, name)

    def configure_platform(self, name: str, *, targets: Sequence[str], secret: str | None) -> None:
        """Set where the platform's notices go and what signs its messages.

        Raises:
            UsageError: The platform was never declared.
        """
        self._do.write(tenants.configure, name, targets=targets, secret=secret)

    def targets(self, platform: str) -> tuple[str, ...]:
        """Return where the platform's notices go; empty for a platform without any."""
        return self._do.ask(tenants.targets, platform)

    def webhook_secret(self, platform: str) -> str | None:
        """Return the platform's secret; None for an unknown platform or one without."""
        return self._do.ask(tenants.webhook_secret, platform)

    def declare_job(self, platform: str, job: Job) -> None:
        """Append `job` as the current version unless it equals the current one.

        Raises:
            UsageError: The platform was never declared.
        """
        self._do.write(intake.declare_job, platform, job)

    def current_job(self, platform: str, job_id: str) -> Job | None:
        """Return the job as it stands now."""
        return self._do.ask(intake.current_job, platform, job_id)

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

        The platform's rung bell is assumed: sweep rings again only after a while.

        Raises:
            AlreadyAnswered: An answer is kept under the key of `once`; nothing was written.
            ProofConflict: The proof id is taken by other content.
            UsageError: The platform was never declared.
        """
        return self._do.write(intake.add_proof, submission, pictures, step=step, once=once)

    def proof(self, proof: str) -> Proof | None:
        """Return the proof with this ULID."""
        return self._do.ask(rows.load_proof, proof)

    def claim(self, proof: str, step: Step, *, worker: str, lease: timedelta, strikes: int) -> Claim | None:
        """Take the step, counting the attempt; None where it cannot be taken.

        Strikes end the steps that can fail (`flow.FAILABLE`); publishing is tried for ever.
        """
        return self._do.write(steps.claim, proof, step, worker=worker, lease=lease, strikes=strikes)

    def onward(self, claim: Claim, step: Step, *, lease: timedelta) -> Kept:
        """Return the claim on a later step with which the holder of `claim` can end it and go on."""
        return steps.onward(claim, step, lease=lease)

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
            died: A child died of the attempt.
        """
        self._do.write(
            steps.hand_back, claim, delay=delay, problem=problem, detail=detail, strike=strike, died=died
        )

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

        None where `then` is free; where it is `kept` by this worker, what that one has to know.

        Raises:
            LeaseLost: Another worker holds the step; nothing was written.
        """
        return self._do.write(findings.finish_fingerprint, claim, fingerprints, faults, then=then, kept=kept)

    def finish_read(
        self, claim: Claim, readings: Sequence[Reading], *, then: Step, kept: Kept | None = None
    ) -> None:
        """Record readings and move on to `then`, `kept` by this worker or free.

        Raises:
            LeaseLost: Another worker holds the step; nothing was written.
        """
        self._do.write(findings.finish_read, claim, readings, then=then, kept=kept)

    def readings(self, proof: str) -> tuple[Reading, ...]:
        """Return the readings of a proof in picture order."""
        return self._do.ask(findings.readings_of, proof)

    def fingerprints(self, proof: str) -> tuple[tuple[int, Fingerprint, str | None], ...]:
        """Return (image, fingerprint, sketch key) of each fingerprinted picture, `sketch` left empty."""
        return self._do.ask(findings.fingerprints_of, proof)

    def earlier_unseen(self, proof: str) -> bool:
        """Tell whether an earlier proof of the same job still waits to be fingerprinted."""
        return self._do.ask(verdicts.earlier_unseen, proof)

    def copied(self, proof: str) -> bool:
        """Tell whether a picture of the proof is the same as another person's earlier one."""
        return self._do.ask(copies.copied, proof)

    def candidates(self, proof: str, *, limit: int) -> tuple[Candidate, ...]:
        """Return pictures of other proofs of the platform that may show the same capture, nearest first."""
        return self._do.read(similar.candidates, proof, limit=limit)

    def rivals(self, proof: str, *, limit: int) -> tuple[Candidate, ...] | None:
        """Return `candidates`; None while an earlier proof of the same job waits to be fingerprinted."""
        return self._do.read(verdicts.rivals, proof, limit=limit)

    def strangers(self, proof: str, *, limit: int) -> tuple[Stranger, ...]:
        """Return pictures of other platforms that may show the same capture, where both opted in."""
        return self._do.read(elsewhere.strangers, proof, limit=limit)

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

        With `read`, reading ends in the same transaction: its claim is what is held.

        None where something outside `seen` that could change it turned up: a candidate that was submitted
        earlier or accepted, or an earlier proof of the job that waits to be fingerprinted. The claim stays
        held then: judge again.

        Raises:
            LeaseLost: Another worker holds the step; nothing was written.
        """
        try:
            return self._do.write(
                verdicts.finish_judge,
                claim,
                verdict,
                seen=seen,
                limit=limit,
                then=then,
                tell=tell,
                read=read,
            )
        except verdicts.Missed:
            return None

    def verdict(self, proof: str) -> RecordedVerdict | None:
        """Return the current verdict of a proof."""
        return self._do.read(rows.current_verdict, proof)

    def finish_publish(self, claim: Claim, notices: Sequence[Notice], *, then: Step) -> None:
        """Write the outbox rows of the current verdict and move on to `then`.

        Raises:
            LeaseLost: Another worker holds the step; nothing was written.
            UsageError: There are notices, but no verdict they could be of.
        """
        self._do.write(verdicts.finish_publish, claim, notices, then=then)

    def look(self, *, strikes: int, quiet: timedelta) -> tuple[Standing, ...]:
        """Return how the proofs at each step stand; a step without any is left out."""
        return self._do.ask(sweeps.look, strikes=strikes, quiet=quiet)

    def release_lapsed(self) -> tuple[Ring, ...]:
        """Release every lease that ran out, counting it against its proof."""
        return self._do.write(sweeps.release_lapsed)

    def release_dead(self, worker_prefix: str, alive: frozenset[str]) -> int:
        """Release leases of workers whose name starts with the prefix and is not among `alive`."""
        return self._do.write(sweeps.release_dead, worker_prefix, alive)

    def due(self, step: Step, *, rung_before: timedelta, limit: int) -> tuple[Ring, ...]:
        """Return waiting, due steps whose bell was not rung for a while, oldest first; mark them rung."""
        return self._do.write(sweeps.due, step, rung_before=rung_before, limit=limit)

    def waiting(self, step: Step) -> int:
        """Return how many proofs wait at `step`, due and not held."""
        return self._do.ask(sweeps.waiting, step)

    def dead(self) -> int:
        """Return how many proofs were given up that nobody replayed, ruled on or erased."""
        return self._do.ask(dead.count)

    def exhausted(self, *, strikes: int, limit: int) -> tuple[str, ...]:
        """Return waiting proofs whose current step (fingerprint, read or judge) has used its attempts."""
        return self._do.ask(sweeps.exhausted, strikes=strikes, limit=limit)

    def give_up(self, proof: str, *, strikes: int) -> bool:
        """Send an exhausted proof to judgement, its `failure` set from its last attempt."""
        return self._do.write(sweeps.give_up, proof, strikes=strikes)

    def counted(self, platform: str | None = None) -> Counted:
        """Return how many proofs stand at each step and how many verdicts say what."""
        return self._do.ask(sweeps.counted, platform)
