"""Many verdicts on their way to receivers: platforms with endpoints, proofs that need no picture opened.

In: a ledger's URL, how many. Out: proofs that a worker judges, publishes and delivers.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ulid import ULID

from pipeline.ledger import SqlLedger, SqlOutbox, make_engine
from pipeline.reasons import ReasonCode
from pipeline.records import Job, NoticeState, Step, StoredPicture, Submission

if TYPE_CHECKING:
    from sqlalchemy import Engine

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Posts:
    """Platforms with one webhook each, on one ledger."""

    def __init__(self, url: str, *, platforms: int, receiver: str) -> None:
        self.engine: Engine = make_engine(url)
        self.ledger, self.outbox = SqlLedger(self.engine), SqlOutbox(self.engine)
        self.platforms = [f"p{number}" for number in range(platforms)]
        for name in self.platforms:
            self.ledger.declare_platform(name)
            self.ledger.declare_job(name, Job(id="job-1"))
            self.outbox.rotate_secret(name, secret=SECRET, overlap=timedelta(0))
            self.outbox.open_endpoint(name, "webhook", address=f"{receiver}/{name}")

    def send(self, count: int, *, first: int = 0) -> None:
        """Add proofs whose files are no pictures, every third of an unknown job: rejects and manuals."""
        for number in range(first, first + count):
            platform = self.platforms[number % len(self.platforms)]
            claim = Submission(
                platform=platform,
                job_id="job-1" if number % 3 else "nobody-declared-me",
                submitter_id=f"w{number}",
                submitted_at=NOON,
                pictures=(b"",),
                proof_id=f"q{number}",
            )
            self.ledger.add_proof(claim, [_no_picture()], step=Step.JUDGE)

    def states(self) -> dict[NoticeState, int]:
        """Return how many notices stand how."""
        lines = self.outbox.listed(platform=None, state=None, proof_id=None, limit=1_000_000)
        return {state: sum(line.state is state for line in lines) for state in {line.state for line in lines}}


def _no_picture() -> StoredPicture:
    fault = ReasonCode.NOT_A_PICTURE
    return StoredPicture(id=str(ULID()), index=0, key=None, sha256=None, size_bytes=0, fault=fault)
