"""`praman doctor`: probes each part that the settings name and says what to do about what is wrong."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import redis

from pipeline.adapters.engines import open_engine, require_languages
from pipeline.adapters.stores import open_store
from pipeline.errors import PramanError
from pipeline.fingerprint import version
from pipeline.ledger.auditing import SqlAudit
from pipeline.ledger.engine import make_engine
from pipeline.ledger.graveyard import SqlDead
from pipeline.ledger.outbox import SqlOutbox
from pipeline.ledger.queries import SqlQueries
from pipeline.ledger.rehashing import SqlRehashing
from pipeline.ledger.schema import schema_state
from pipeline.wiring import open_children, open_provider

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.settings import Settings

SHORT_S = 2.0
SKEW_LIMIT_S = 15.0
FREE_LIMIT_BYTES = 1_000_000_000
UNSEALED_LIMIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one probe found; `remedy` is empty where nothing is to be done."""

    part: str
    healthy: bool
    found: str
    remedy: str = ""


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Probe every part; one that fails stops no other."""
    probes: tuple[tuple[str, Callable[[Settings], Finding]], ...] = (
        ("engine", _engine),
        ("children", _children),
        ("ledger", _ledger),
        ("clock", _clock),
        ("broker", _broker),
        ("store", _store),
        ("deliveries", _deliveries),
        ("fingerprints", _fingerprints),
        ("quarantine", _quarantine),
        ("audit", _audit),
        ("sign-in", _sign_in),
        ("metrics", _metrics),
        ("disk", _disk),
    )
    return tuple(_probed(part, probe, settings) for part, probe in probes)


def _probed(part: str, probe: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return probe(settings)
    except PramanError as error:
        return Finding(part=part, healthy=False, found=str(error), remedy="see the message")


def _engine(settings: Settings) -> Finding:
    engine = open_engine(
        settings.ocr_engine, tessdata_dir=settings.tessdata_dir, limit_s=settings.child_limit_s
    )
    require_languages(engine, settings.ocr_languages)
    return Finding(part="engine", healthy=True, found=f"{engine.version}, {settings.ocr_languages}")


def _children(settings: Settings) -> Finding:
    """Start one as a worker does, with its limits, and have it read an empty page."""
    children = open_children(settings.model_copy(update={"children": 1}))
    try:
        why = children.probe()
    finally:
        children.close()
    if why is None:
        return Finding(part="children", healthy=True, found="start and read within their limits")
    found, _, remedy = why.partition("; ")
    return Finding(part="children", healthy=False, found=found, remedy=remedy or "see the message")


def _ledger(settings: Settings) -> Finding:
    state = schema_state(settings.database)
    if not state.is_current:
        found = f"schema at {state.current or 'nothing'}, this version needs {state.head}"
        return Finding(part="ledger", healthy=False, found=found, remedy="run `praman migrate`")
    dialect = make_engine(settings.database).dialect.name
    return Finding(part="ledger", healthy=True, found=f"{dialect}, schema at {state.current}")


def _clock(settings: Settings) -> Finding:
    database_now = SqlQueries(make_engine(settings.database)).now()
    skew_s = abs((datetime.now(UTC) - database_now).total_seconds())
    healthy = skew_s < SKEW_LIMIT_S
    remedy = "" if healthy else "run NTP on this machine and on the database's"
    return Finding(part="clock", healthy=healthy, found=f"{skew_s:.1f} s from the database's", remedy=remedy)


def _broker(settings: Settings) -> Finding:
    if settings.in_process:
        return Finding(part="broker", healthy=True, found="in this process")
    client = redis.Redis.from_url(
        str(settings.broker_url), socket_timeout=SHORT_S, socket_connect_timeout=SHORT_S
    )
    try:
        policy = dict(client.config_get("maxmemory-policy")).get("maxmemory-policy", "unknown")
    except redis.RedisError as error:
        remedy = "start Redis or mend PRAMAN_BROKER_URL; proofs wait in the ledger meanwhile"
        return Finding(part="broker", healthy=False, found=f"no answer: {error}", remedy=remedy)
    healthy = policy in {"noeviction", "unknown"}
    remedy = "" if healthy else "set maxmemory-policy noeviction: an evicted message is a late verdict"
    return Finding(part="broker", healthy=healthy, found=f"Redis, maxmemory-policy {policy}", remedy=remedy)


def _store(settings: Settings) -> Finding:
    store = open_store(settings.store, s3_endpoint_url=settings.s3_endpoint_url)
    return Finding(part="store", healthy=True, found=store.probe())


def _deliveries(settings: Settings) -> Finding:
    if not schema_state(settings.database).is_current:
        return Finding(part="deliveries", healthy=True, found="none before the schema is there")
    endpoints = SqlOutbox(make_engine(settings.database)).endpoints()
    stopped = [f"{one.platform} {one.target} ({one.stopped})" for one in endpoints if one.stopped]
    found = f"stopped: {', '.join(stopped)}" if stopped else f"{len(endpoints)} endpoints, none stopped"
    remedy = "mend the receiver, then `praman deliveries replay`" if stopped else ""
    return Finding(part="deliveries", healthy=not stopped, found=found, remedy=remedy)


def _fingerprints(settings: Settings) -> Finding:
    if not schema_state(settings.database).is_current:
        return Finding(part="fingerprints", healthy=True, found="none before the schema is there")
    left = SqlRehashing(make_engine(settings.database), version=version()).left()
    found = f"{left} of an older version: found by equal bytes or pixels only" if left else "all comparable"
    remedy = "run `praman rehash`; workers may go on" if left else ""
    return Finding(part="fingerprints", healthy=not left, found=found, remedy=remedy)


def _quarantine(settings: Settings) -> Finding:
    if not schema_state(settings.database).is_current:
        return Finding(part="quarantine", healthy=True, found="none before the schema is there")
    held = SqlDead(make_engine(settings.database)).quarantined()
    found = f"{held} pictures are opened no more" if held else "no picture"
    remedy = "`praman dead list` names their proofs, `praman dead replay` opens them again" if held else ""
    return Finding(part="quarantine", healthy=True, found=found, remedy=remedy)


def _audit(settings: Settings) -> Finding:
    if not schema_state(settings.database).is_current:
        return Finding(part="audit", healthy=True, found="none before the schema is there")
    left = SqlAudit(make_engine(settings.database)).unsealed()
    healthy = left < UNSEALED_LIMIT
    found = f"{left} verdicts wait to be sealed"
    remedy = (
        "" if healthy else "start `praman sweep`, which seals them; nothing shows tampering with them yet"
    )
    return Finding(part="audit", healthy=healthy, found=found, remedy=remedy)


def _sign_in(settings: Settings) -> Finding:
    provider = open_provider(settings)
    if provider is None:
        return Finding(part="sign-in", healthy=True, found="passwords (PRAMAN_OIDC_ISSUER names no provider)")
    asyncio.run(provider.begin("https://doctor.invalid/"))
    return Finding(part="sign-in", healthy=True, found=f"passwords, and {settings.oidc_issuer}")


def _metrics(settings: Settings) -> Finding:
    if not settings.metrics_port:
        told = "off" if settings.metrics_port is None else "on any free port; the log names it"
        return Finding(part="metrics", healthy=True, found=f"{told} (PRAMAN_METRICS_PORT)")
    host = f"[{settings.metrics_host}]" if ":" in settings.metrics_host else settings.metrics_host
    place = f"{host}:{settings.metrics_port}"
    try:
        answer = httpx.get(f"http://{place}/healthz", timeout=SHORT_S, trust_env=False)
    except httpx.HTTPError as error:
        remedy = "a worker or sweep with this setting answers there once it runs"
        return Finding(part="metrics", healthy=True, found=f"no answer at {place}: {error}", remedy=remedy)
    if answer.is_success:
        return Finding(part="metrics", healthy=True, found=f"answers at {place}")
    remedy = "restart it; if it is none of ours, choose another PRAMAN_METRICS_PORT"
    return Finding(part="metrics", healthy=False, found=f"ill at {place}: {answer.text[:200]}", remedy=remedy)


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    healthy = free > FREE_LIMIT_BYTES
    remedy = "" if healthy else "make room, or point PRAMAN_DATA_DIR elsewhere"
    return Finding(part="disk", healthy=healthy, found=f"{free / 1e9:.1f} GB free at {folder}", remedy=remedy)
