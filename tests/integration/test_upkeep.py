"""Upkeep on a real ledger and store: what a sweep forgets, and what later proofs make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from actors.upkeep import Upkeep
from pipeline.errors import StoreUnavailable
from pipeline.ledger.auditing import SqlAudit
from pipeline.ledger.door_tables import doomed_objects
from pipeline.ledger.expiring import SqlRetention
from pipeline.ledger.second_looks import SqlLooks
from pipeline.records import Outcome
from pipeline.wiring import UpkeepServices
from tests.integration.test_doors import SHOWN, Shop


@pytest.fixture
def shop(tmp_path: Path, ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr("actors.judge.WAIT_FOR_EARLIER_S", 0.0)
    return Shop(tmp_path, ledger_url)


def upkeep(shop: Shop) -> Upkeep:
    """Return what keeps nothing: whatever is settled is old."""
    settings = shop.services.settings.model_copy(update={"retention_days": -1})
    parts = UpkeepServices(
        retention=SqlRetention(shop.engine), audit=SqlAudit(shop.engine), looks=SqlLooks(shop.engine)
    )
    return Upkeep(replace(shop.services, settings=settings, upkeep=parts))


def objects(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "evidence").rglob("*"))


def age(shop: Shop) -> None:
    """Let the grace of deleted objects be over."""
    with shop.engine.begin() as connection:
        connection.execute(update(doomed_objects).values(doomed_at=datetime.now(UTC) - timedelta(days=1)))


def outcome(shop: Shop, proof: str) -> Outcome | None:
    recorded = shop.services.ledger.verdict(proof)
    return recorded.verdict.outcome if recorded else None


def test_what_expired_is_gone_from_the_store_and_copies_of_it_are_still_judged(
    shop: Shop, tmp_path: Path
) -> None:
    """The rows first, the objects a grace later; an exact copy is rejected, another picture is accepted."""
    first = shop.send("a", SHOWN)
    shop.run()
    assert outcome(shop, first) is Outcome.ACCEPT
    keeper = upkeep(shop)
    assert keeper.turn()
    assert objects(tmp_path) == 2
    age(shop)
    keeper = upkeep(shop)
    assert keeper.turn()
    assert objects(tmp_path) == 0
    copy, other = shop.send("b", SHOWN), shop.send("c", f"{SHOWN} again")
    shop.run()
    assert (outcome(shop, copy), outcome(shop, other)) == (Outcome.REJECT, Outcome.ACCEPT)


def test_a_store_that_is_away_loses_no_deletion(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row of an object goes after the object; the next turn deletes what is left."""
    shop.send("a", SHOWN)
    shop.run()
    assert upkeep(shop).turn()
    age(shop)
    with monkeypatch.context() as patch:
        patch.setattr(type(shop.services.store), "delete", _away)
        assert not upkeep(shop).turn()
    assert objects(tmp_path) == 2
    assert upkeep(shop).turn()
    assert objects(tmp_path) == 0


def _away(*_: object) -> None:
    raise StoreUnavailable("the store does not answer")


def test_batches_are_bounded_and_end_in_a_rest(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each turn takes the next few; when all was looked at, the ledger is left alone for a while."""
    monkeypatch.setattr("actors.upkeep.PROOFS", 2)
    for number in range(5):
        shop.send(f"p{number}", f"{SHOWN} {number}")
    shop.run()
    keeper = upkeep(shop)
    assert [keeper.turn() for _ in range(5)] == [True, True, True, False, False]
