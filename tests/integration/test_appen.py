"""From a judgment on Appen to a verdict that leaves by CSV; pictures are read by fakes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.ledger import SqlQueries
from pipeline.platforms.port import Hint, HintRefused
from pipeline.platforms.registry import open_adapter
from tests.appen import Appen, form
from tests.site_house import BAD, GOOD, NAME, House


class Jobs(House[Appen]):
    """The house that serves Appen."""

    def shows(self, number: int, text: str, **changes: Any) -> dict[str, Any]:
        self.draws(number, text)
        return self.site.judgment(number, **changes)


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Jobs]:
    with Appen.running() as site:
        yield Jobs(tmp_path, migrated_sqlite, site)


def test_judgments_of_all_pages_come_in_and_nothing_is_sent_back(house: Jobs) -> None:
    """Each is decided; the site hears no word, for it has no verb for one judgment."""
    for number in range(3):
        house.shows(number, GOOD)
    house.shows(3, BAD)
    assert house.poll() is None
    proofs = house.proofs()
    assert set(proofs) == {f"{1000 + number}:0" for number in range(4)}
    assert (proofs["1000:0"].submitter_id, proofs["1000:0"].answer) == ("7000", "Rana")
    calls = len(house.site.calls)
    house.work()
    assert len(house.site.calls) == calls
    found = SqlQueries(house.engine).verdicts_for(NAME, list(proofs))
    assert sorted(one.verdict.outcome.value for one in found.values()) == ["accept"] * 3 + ["reject"]


def test_odd_shapes_lose_no_other_judgment(house: Jobs) -> None:
    """A unit of sums without contributors, one without fields, one that is nothing."""
    house.site.units["u8"] = {"_ids": [1, 2], "screenshot": {"agg": "x"}}
    house.site.units["u9"] = None
    house.shows(1, GOOD, data=None, created_at="soon")
    house.shows(2, GOOD)
    told = house.poll()
    assert told is not None
    assert "without id" in told
    assert set(house.proofs()) == {"1001:0", "1002:0"}


@pytest.mark.parametrize(
    ("trouble", "told"),
    [(503, "answered 503"), (429, "answered 429"), (401, "refuses our key"), (b"1", "no judgments")],
)
def test_a_poll_that_fails_is_told(house: Jobs, trouble: int | bytes, told: str) -> None:
    """Whatever the site answers."""
    house.shows(1, GOOD)
    house.site.trouble = [trouble]
    assert told in str(house.poll())


def test_a_hint_is_believed_by_its_signature(house: Jobs) -> None:
    """Another payload, another token, no form at all: refused."""
    site = house.sites.sites.site(NAME)
    assert site is not None
    adapter = open_adapter(site)
    now = datetime.now(UTC)
    assert adapter.signed_at(Hint(headers={}, body=form('{"id": 1}'), now=now)) is None
    spoilt = form('{"id": 1}').replace(b"unit_complete&payload=", b"unit_complete&payload=x")
    for body in (spoilt, form("{}", token="guess"), b"", b"\xff\xfe", b"payload=%7B%7D&signature=%C3%A9"):
        with pytest.raises(HintRefused):
            adapter.signed_at(Hint(headers={}, body=body, now=now))
