"""What the ledger promises of job platforms, on each kind of database."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from pipeline.errors import UsageError
from pipeline.ledger import SqlLedger, SqlSites
from pipeline.records import Site, Step
from tests.ledger_cases import PLATFORM, add

SOON, MINUTE = timedelta(0), timedelta(minutes=1)


@pytest.fixture
def sites(engine: Engine) -> SqlSites:
    SqlLedger(engine).declare_platform(PLATFORM)
    made = SqlSites(engine)
    made.put(PLATFORM, adapter="sproutgigs", config='{"secret": "hush"}')
    return made


LAPSED_S = 0.05  # longer than SOON


def test_one_process_polls_at_a_time(sites: SqlSites) -> None:
    """A turn is taken once, comes back when it is closed, and lapses with its lease."""
    held = sites.take(worker="a", lease=MINUTE)
    assert held is not None
    assert sites.take(worker="b", lease=MINUTE) is None
    sites.close(held, pause=SOON, problem="it snowed")
    time.sleep(LAPSED_S)
    again = sites.take(worker="b", lease=SOON)
    assert again is not None
    assert again.problem == "it snowed"
    time.sleep(LAPSED_S)
    third = sites.take(worker="c", lease=MINUTE)
    assert third is not None
    sites.close(again, pause=SOON, problem=None)
    assert sites.take(worker="d", lease=MINUTE) is None
    sites.close(third, pause=MINUTE, problem=None)
    assert sites.take(worker="d", lease=MINUTE) is None


def test_calls_are_booked_one_after_another(sites: SqlSites) -> None:
    """Each call waits for those booked before it; none is booked too far ahead; a rest holds for all."""
    first = sites.reserve(PLATFORM, interval=MINUTE, most=SOON)
    assert first == SOON
    assert sites.reserve(PLATFORM, interval=MINUTE, most=MINUTE / 2) is None
    second = sites.reserve(PLATFORM, interval=MINUTE, most=2 * MINUTE)
    assert second is not None
    assert MINUTE / 2 < second <= MINUTE
    sites.rest(PLATFORM, 5 * MINUTE)
    third = sites.reserve(PLATFORM, interval=MINUTE, most=9 * MINUTE)
    assert third is not None
    assert third > 4 * MINUTE


def test_a_configuration_is_replaced_and_shows_no_secret(sites: SqlSites) -> None:
    """The newest configuration serves; no representation holds it."""
    sites.put(PLATFORM, adapter="sproutgigs", config='{"secret": "newer"}')
    site = sites.site(PLATFORM)
    assert site is not None
    assert site.config == '{"secret": "newer"}'
    assert "newer" not in repr(site)
    assert sites.site("nobody") is None
    with pytest.raises(UsageError, match="nobody"):
        sites.put("nobody", adapter="sproutgigs", config="{}")


def test_a_proof_is_known_by_its_platforms_id(sites: SqlSites, ledger: SqlLedger) -> None:
    """Only its own platform's."""
    add(ledger, "t1:0", step=Step.JUDGE)
    assert sites.known(PLATFORM, "t1:0")
    assert not sites.known(PLATFORM, "t1:1")
    assert not sites.known("other", "t1:0")


def test_a_poll_asked_for_while_one_runs_is_not_forgotten(sites: SqlSites) -> None:
    """What is new may stand behind where the running poll has been: the site is due again at once."""
    held = sites.take(worker="a", lease=MINUTE)
    assert held is not None
    assert sites.hint(PLATFORM, signed_at=None, least=SOON)
    sites.close(held, pause=MINUTE, problem=None)
    again = sites.take(worker="b", lease=MINUTE)
    assert again is not None
    sites.close(again, pause=MINUTE, problem=None)
    assert sites.take(worker="c", lease=MINUTE) is None


def test_an_event_rings_once(sites: SqlSites) -> None:
    """Queues deliver twice; whatever an id holds, the second time it is known."""
    sites.close(_taken(sites), pause=MINUTE, problem=None)
    odd = "x" * 100_000 + "\ud800\x00"
    assert sites.heard(PLATFORM, ["e1", odd, "e1"]) == 2
    sites.close(_taken(sites), pause=MINUTE, problem=None)
    assert sites.heard(PLATFORM, ["e1", odd]) == 0
    assert sites.take(worker="b", lease=MINUTE) is None
    assert sites.heard(PLATFORM, ["e1", "e2"]) == 1
    assert sites.take(worker="b", lease=MINUTE) is not None


def test_one_process_listens_at_a_time(sites: SqlSites) -> None:
    """Its turn comes again after a while; what went wrong is kept until it goes well."""
    assert sites.hear(PLATFORM, every=MINUTE)
    assert not sites.hear(PLATFORM, every=MINUTE)
    assert sites.hear(PLATFORM, every=SOON)
    for problem in ("deaf", None):
        sites.listened(PLATFORM, problem)
        assert sites.known_sites()[PLATFORM].events_problem == problem


def _taken(sites: SqlSites) -> Site:
    held = sites.take(worker="a", lease=MINUTE)
    assert held is not None
    return held
