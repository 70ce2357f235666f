"""Settings: all optional, none silently misspelt."""

from __future__ import annotations

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import load_settings


def test_defaults_need_no_environment() -> None:
    """The embedded default is SQLite, local files and an in-process broker."""
    settings = load_settings()
    assert settings.database.startswith("sqlite:///")
    assert settings.in_process


def test_a_misspelt_name_is_an_error_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that nobody reads must not look as if it were in force."""
    monkeypatch.setenv("PRAMAN_DATABSE_URL", "sqlite:///x.db")
    with pytest.raises(SettingsError, match="did you mean PRAMAN_DATABASE_URL"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PRAMAN_DATABASE_URL", "mysql://x"),
        ("PRAMAN_BROKER_URL", "amqp://x"),
        ("PRAMAN_LEASE_S", "soon"),
        ("PRAMAN_CHILDREN", "0"),
        ("PRAMAN_LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The message holds the setting's full name and the value given."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert name in str(caught.value)
    assert value in str(caught.value)
