"""`praman doctor` on what operators keep: quarantine, seals, the port for measures."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from pipeline.adapters.exposition import answering
from pipeline.commands import doctor
from pipeline.ledger import SqlAudit, SqlLedger, make_engine
from pipeline.ledger.tables import quarantine
from pipeline.settings import Settings, load_settings
from tests.oidc_provider import CLIENT, Provider, running
from tests.review_cases import left
from tests.servers import free_port


@pytest.fixture
def kept(tmp_path: Path, migrated_sqlite: Path) -> Settings:
    """Settings on a ledger with two verdicts, nothing sealed."""
    url = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'ledger.db')}"
    engine = make_engine(url)
    for name in "ab":
        left(SqlLedger(engine), name)
    engine.dispose()
    return load_settings(database_url=url, data_dir=tmp_path)


def found(settings: Settings, part: str) -> doctor.Finding:
    return next(one for one in doctor.examine(settings) if one.part == part)


def test_verdicts_that_nobody_seals_are_told(kept: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few wait for the next sweep; many mean that no sweep runs."""
    assert (found(kept, "audit").healthy, found(kept, "audit").found[:2]) == (True, "2 ")
    monkeypatch.setattr(doctor, "UNSEALED_LIMIT", 2)
    told = found(kept, "audit")
    assert (told.healthy, "praman sweep" in told.remedy) == (False, True)
    SqlAudit(make_engine(kept.database)).seal(limit=9)
    assert found(kept, "audit").healthy


def test_pictures_in_quarantine_are_counted(kept: Settings) -> None:
    """None at first; one that killed its children is told with the command that shows it."""
    assert found(kept, "quarantine").remedy == ""
    engine = make_engine(kept.database)
    proof = left(SqlLedger(engine), "c")
    row = {"sha256": "0" * 64, "proof": proof.id, "deaths": 3, "since": datetime.now(UTC)}
    with engine.begin() as connection:
        connection.execute(insert(quarantine).values(**row))
    told = found(kept, "quarantine")
    assert (told.found[:2], "praman dead list" in told.remedy) == ("1 ", True)


@pytest.mark.parametrize("why", [None, "no sweep for 50 s"])
def test_the_port_for_measures_is_asked(kept: Settings, why: str | None) -> None:
    """Off says so; on, it is ill exactly when what answers there says so."""
    assert found(kept, "metrics").found.startswith("off")
    port = free_port()
    settings = kept.model_copy(update={"metrics_port": port})
    assert "no answer" in found(settings, "metrics").found
    with answering("127.0.0.1", port, metrics=lambda: b"", ill=lambda: why):
        told = found(settings, "metrics")
    assert (told.healthy, (why or "answers") in told.found) == (why is None, True)


def test_an_openid_provider_is_asked_whether_it_can_be_used(kept: Settings) -> None:
    """None is set at first; one that answers is named, one that is away is told with its address."""
    assert found(kept, "sign-in").found.startswith("passwords")
    with running(Provider()) as provider:
        named = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT}
        told = found(kept.model_copy(update=named), "sign-in")
        assert (told.healthy, provider.issuer in told.found) == (True, True)
        provider.told["issuer"] = "https://another.example"
        assert "another.example" in found(kept.model_copy(update=named), "sign-in").found
    gone = found(kept.model_copy(update=named), "sign-in")
    assert (gone.healthy, provider.issuer in gone.found) == (False, True)
