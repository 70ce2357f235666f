"""Settings from the environment, prefix `PRAMAN_`, all optional.

In: environment variables. Out: one frozen `Settings`. An unknown `PRAMAN_*` name is an error, so that a
misspelt setting never silently means its default.
"""

from __future__ import annotations

import os
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pipeline.errors import SettingsError

PREFIX = "PRAMAN_"
LIST_THEM = "`praman doctor --settings` lists what there is"
LONGEST_DELAY_S = 30 * 86_400


class Settings(BaseSettings):
    """What an operator can set; each field is `PRAMAN_` plus its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Path = Field(default=Path("data"), description="Where the embedded default keeps its things")
    database_url: str | None = Field(
        default=None, description="SQLite in the data directory, or postgresql+psycopg://"
    )
    broker_url: str | None = Field(default=None, description="In-process, or redis://host:port/db")
    store_url: str | None = Field(default=None, description="A directory, or s3://bucket/prefix")
    synced: bool = Field(
        default=True, description="Sync SQLite and a directory to disk; off, a power cut may take all of it"
    )
    s3_endpoint_url: str | None = Field(default=None, description="For S3 services other than Amazon's")
    namespace: str = Field(default="dramatiq", description="Prefix of our keys in Redis")

    kinds_dir: Path | None = Field(default=None, description="A platform's own kinds (*.yaml)")
    ocr_languages: str = Field(default="eng+ben", description="Tesseract's names, joined by +")
    ocr_engine: Literal["auto", "tesserocr", "pytesseract"] = Field(
        default="auto", description="Which text engine; the quickest installed"
    )
    tessdata_dir: Path | None = Field(default=None, description="Where *.traineddata lie; found if unset")
    children: int | None = Field(default=None, ge=1, description="OCR processes; one a core if unset")
    child_limit_s: float = Field(default=20.0, gt=0, description="A child that takes longer is killed")
    child_memory_bytes: int = Field(default=1_500_000_000, gt=0, description="Address space of a child")
    read_budget_ms: int = Field(default=6_000, gt=0, description="CPU that reading one proof may cost")

    lease_s: float = Field(default=60.0, gt=0, description="How long a worker may hold a step")
    sweep_every_s: float = Field(default=2.0, gt=0, description="How often sweep looks for lost bells")
    ring_again_s: float = Field(default=10.0, gt=0, description="A step not taken this long is rung again")
    strikes: int = Field(default=3, ge=1, description="Failed attempts on one step before manual")

    rate_per_s: float = Field(default=200.0, gt=0, description="Requests a platform may send in a second")
    max_body_bytes: int = Field(default=50_000_000, gt=0, description="Largest body of a request")
    body_wait_s: float = Field(default=20.0, gt=0, description="Grace for a body that arrives slowly")
    links_allow_private: bool = Field(
        default=False, description="Fetch pictures from private addresses and over plain http:// too"
    )
    link_buckets: str = Field(
        default="", description="Buckets that s3:// links may name: bucket,platform:bucket,..."
    )
    link_limit_s: float = Field(default=15.0, gt=0, description="How long one linked picture may take")
    webhook_retry_s: Annotated[tuple[float, ...], NoDecode] = Field(
        default=(0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400),
        description="Seconds before each attempt to deliver, joined by commas",
    )
    webhook_timeout_s: float = Field(default=15.0, gt=0, description="How long one delivery may take")
    webhook_allow_private: bool = Field(
        default=False, description="Deliver to private and loopback addresses and plain http:// too"
    )
    deliver_threads: int = Field(default=16, ge=1, description="Deliveries at a time in one worker")
    sqs_endpoint_url: str | None = Field(default=None, description="For SQS services other than Amazon's")
    reject_brake: bool = Field(
        default=True, description="Rejects far above a job's or submitter's usual become manual"
    )

    retention_days: int = Field(default=90, ge=1, description="How long pictures, words and notices are kept")
    hold_s: float = Field(default=900.0, ge=0, description="How long a held reject can be taken back")
    undo_s: float = Field(default=60.0, ge=0, description="How long a ruling can be undone")
    audit_share: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Automatic decisions drawn at random for an audit, 0 to 1",
    )
    second_share: float = Field(
        default=0.0, ge=0, le=1, description="Rulings that a second moderator decides too, 0 to 1"
    )
    known_share: float = Field(
        default=0.0, ge=0, le=1, description="How often a known answer is mixed into a queue, 0 to 1"
    )
    blur_pictures: bool = Field(
        default=False, description="The console blurs pictures until they are looked at"
    )
    oidc_issuer: str | None = Field(
        default=None, description="Moderators may sign in through this OpenID provider; needs the extra oidc"
    )
    oidc_client_id: str | None = Field(default=None, description="What the provider calls us")
    oidc_client_secret: SecretStr | None = Field(default=None, description="What it knows us by")
    metrics_host: str = Field(default="127.0.0.1", description="Where worker and sweep answer /metrics")
    metrics_port: int | None = Field(
        default=None, ge=0, le=65535, description="Their port for /metrics and /healthz; 0 any, unset none"
    )
    otlp_endpoint: str | None = Field(
        default=None, description="Traces go to this OTLP collector over HTTP; needs the extra otel"
    )
    log_format: Literal["auto", "text", "json"] = Field(
        default="auto", description="auto: text on a terminal"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="What is logged"
    )

    @field_validator("webhook_retry_s", mode="before")
    @classmethod
    def _delays(cls, value: object) -> object:
        return [one.strip() for one in value.split(",")] if isinstance(value, str) else value

    @field_validator("webhook_retry_s")
    @classmethod
    def _some_delays(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or not all(0 <= one < LONGEST_DELAY_S for one in value):
            raise ValueError("write seconds joined by commas, one for each attempt, as in 0,5,300")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _safe_issuer(cls, value: str | None) -> str | None:
        here = ("http://127.0.0.1:", "http://localhost:", "http://[::1]:")
        if value is not None and not value.startswith(("https://", *here)):
            raise ValueError("start it with https://, as the provider's own configuration does")
        return value

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "unix://", "memory://")):
            raise ValueError("start it with redis://, rediss:// or unix://, or leave it unset for in-process")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("start it with sqlite:/// or postgresql+psycopg://")
        return value

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'praman.db').absolute()}"

    @property
    def store(self) -> str:
        """The store URL in force: `s3://...` or a directory."""
        return self.store_url or str((self.data_dir / "evidence").absolute())

    @property
    def in_process(self) -> bool:
        """Whether the broker lives in this process."""
        return self.broker_url is None or self.broker_url.startswith("memory://")

    @property
    def delivery_lease(self) -> timedelta:
        """How long a deliverer may hold a notice: longer than one delivery can take."""
        return timedelta(seconds=max(self.lease_s, 2 * self.webhook_timeout_s))

    @property
    def lease(self) -> timedelta:
        """How long a worker may hold a step."""
        return timedelta(seconds=self.lease_s)


def load_settings(**overrides: object) -> Settings:
    """Read the environment and return the settings, `overrides` winning.

    Raises:
        SettingsError: A value is not allowed, or a `PRAMAN_*` name is unknown.
    """
    _refuse_unknown_names()
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("; ".join(_told(dict(fault)) for fault in error.errors())) from error


def _refuse_unknown_names() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.75)
            hint = (
                f"did you mean {near[0]}?" if near else "unset it; `praman doctor --settings` lists them all"
            )
            raise SettingsError(f"{name} is no setting; {hint}")


def _told(fault: dict[str, object]) -> str:
    place = fault.get("loc")
    name = PREFIX + str(place[0]).upper() if isinstance(place, tuple) and place else PREFIX
    told = str(fault.get("msg")).removeprefix("Value error, ")
    return f"{name}={fault.get('input')!r}: {told}"
