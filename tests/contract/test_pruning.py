"""What was delivered long ago is forgotten; what somebody may still send is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from pipeline.ledger import SqlLedger
from pipeline.ledger.delivery_tables import deliveries
from pipeline.records import NoticeState, Reply, Settlement
from tests.contract.test_outbox import AT_ONCE, DELIVERED, Post

FAILED = Settlement(state=NoticeState.FAILED)


@pytest.fixture
def post(ledger: SqlLedger, engine: Engine) -> Post:
    return Post(ledger, engine)


def attempts(post: Post) -> int:
    with post.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(deliveries)) or 0


def test_old_delivered_notices_go_in_batches_with_their_attempts(post: Post) -> None:
    """The oldest first, at most so many; failed and waiting ones stay, and nothing that is young goes."""
    first, second = post.write("a"), post.write("b")
    for said in (AT_ONCE, DELIVERED, DELIVERED):
        post.close(post.taken(), said, Reply(status=200))
    third = post.write("c")
    post.close(post.taken(), FAILED, Reply(status=500))
    fourth = post.write("d")
    soon, past = datetime.now(UTC) + timedelta(minutes=1), datetime.now(UTC) - timedelta(minutes=1)
    assert attempts(post) == 4
    assert post.outbox.prune(before=past, limit=9) == 0
    assert post.outbox.prune(before=soon, limit=1) == 1
    kept = {one.id for one in post.outbox.listed(platform=None, state=None, proof_id=None, limit=9)}
    assert kept == {second, third, fourth}
    assert first not in kept
    assert [post.outbox.prune(before=soon, limit=9) for _ in range(2)] == [1, 0]
    assert {post.state(third), post.state(fourth)} == {NoticeState.FAILED, NoticeState.WAITING}
    assert attempts(post) == 1
