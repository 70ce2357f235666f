"""`SqlPlatforms`: what platforms do and see through their doors, method by method.

In: an engine from `make_engine`, on a database at its schema. Out: records of the platform that is named
first, and of no other. Each method is one transaction; what it does stands in the module it calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.ledger import elsewhere, erasing, feeds, keys, requests, superseding
from pipeline.ledger.transact import Transactions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from sqlalchemy import Engine

    from pipeline.records import Appeal, KnownPlatform, Once, Outcome, RecordedVerdict, Shown


class SqlPlatforms:
    """Platforms in a database; safe to share among threads, not across a fork. All may raise TryLater."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def owner(self, digest: str) -> str | None:
        """Return the platform whose key has this digest; None where no such key opens the door."""
        return self._do.read(keys.owner, digest)

    def add(self, name: str, *, digest: str, secret: str, acknowledged_by: str | None) -> None:
        """Make a platform with its first key.

        Raises:
            UsageError: There is one of that name with a key.
        """
        self._do.write(keys.add_platform, name, digest=digest, secret=secret, acknowledged_by=acknowledged_by)

    def rotate(self, name: str, *, digest: str, overlap: timedelta) -> None:
        """Add a key and let the others end after `overlap`.

        Raises:
            UsageError: There is no such platform.
        """
        self._do.write(keys.rotate, name, digest=digest, overlap=overlap)

    def known(self) -> tuple[KnownPlatform, ...]:
        """Return every platform, by name."""
        return self._do.read(keys.known_platforms)

    def acknowledge(self, name: str, *, by: str) -> None:
        """Keep who answers for the platform's flagged kinds of job, unless somebody does already."""
        self._do.write(keys.acknowledge, name, by=by)

    def look_elsewhere(self, name: str, *, on: bool) -> None:
        """Let the platform in among those whose pictures find each other, or take it and its keys out.

        Raises:
            UsageError: There is no such platform.
        """
        self._do.write(elsewhere.join if on else elsewhere.leave, name)

    def acknowledged_by(self, name: str) -> str | None:
        """Return who answers for the platform's flagged kinds of job."""
        return self._do.read(keys.acknowledged_by, name)

    def kept_answer(self, platform: str, key: str) -> Once | None:
        """Return the answer kept under an idempotency key."""
        return self._do.read(requests.kept_answer, platform, key)

    def shown(self, platform: str, proof_id: str) -> Shown | None:
        """Return one proof by the platform's own id; None where it has none, or had it erased."""
        return self._do.read(feeds.shown, platform, proof_id)

    def page(
        self, platform: str, *, after: str, limit: int, outcome: Outcome | None, job_id: str | None
    ) -> list[Shown]:
        """Return up to `limit` proofs whose ULID comes after `after`, in that order."""
        return self._do.read(feeds.page, platform, after=after, limit=limit, outcome=outcome, job_id=job_id)

    def feed(self, platform: str, *, after: int, limit: int) -> list[RecordedVerdict]:
        """Return up to `limit` verdicts whose sequence comes after `after`, superseded ones too."""
        return self._do.read(feeds.feed, platform, after=after, limit=limit)

    def appeal(self, platform: str, proof_id: str, *, note: str | None) -> Appeal | None:
        """Hand a rejected proof to a person; None where the platform has no such proof.

        Raises:
            NotNow: There is no reject to appeal against.
        """
        return self._do.write(superseding.appeal, platform, proof_id, note=note)

    def erase(self, platform: str, proof_id: str) -> str | None:
        """Erase a proof's rows and return its ULID; None where the platform has no such proof."""
        return self._do.write(erasing.erase, platform, proof_id)

    def of_submitter(self, platform: str, submitter_id: str) -> tuple[str, ...]:
        """Return the ids of the platform's proofs that this person submitted."""
        return self._do.read(erasing.of_submitter, platform, submitter_id)

    def unfinished(self, platform: str) -> tuple[str, ...]:
        """Return the ULIDs of erased proofs whose objects are not all deleted."""
        return self._do.read(erasing.unfinished, platform)

    def keep_receipt(
        self, platform: str, subject: str, *, erased: Sequence[str], objects: int, finished: bool
    ) -> str:
        """Note that a person's proofs were erased, and return the receipt's id."""
        return self._do.write(
            erasing.keep_receipt, platform, subject, erased=erased, objects=objects, finished=finished
        )

    def doomed(self, proof: str) -> tuple[str, ...]:
        """Return the keys that an erased proof still has in the evidence store and shares with no other."""
        return self._do.write(erasing.doomed, proof)

    def gone(self, proof: str, key: str) -> None:
        """Note that an object of an erased proof is deleted."""
        self._do.write(erasing.gone, proof, key)
