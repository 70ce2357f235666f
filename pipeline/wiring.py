"""Builds the services from the settings; the only place that chooses adapters.

In: `Settings` and a broker. Out: `Services`. Nothing connects before it is asked for.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pipeline.adapters.children import PebbleChildren
from pipeline.adapters.couriers import open_couriers
from pipeline.adapters.dispatch import DramatiqBell
from pipeline.adapters.guarded_http import GuardedHttp, Limits
from pipeline.adapters.links import Links, open_buckets
from pipeline.adapters.process import worker_name
from pipeline.adapters.siblings import Siblings
from pipeline.adapters.sqs import SqsEvents
from pipeline.adapters.stores import open_store
from pipeline.errors import SettingsError
from pipeline.flow import QUEUE_OF
from pipeline.ledger.auditing import SqlAudit
from pipeline.ledger.engine import make_engine
from pipeline.ledger.expiring import SqlRetention
from pipeline.ledger.ledger import SqlLedger
from pipeline.ledger.outbox import SqlOutbox
from pipeline.ledger.queries import SqlQueries
from pipeline.ledger.second_looks import SqlLooks
from pipeline.ledger.sites import SqlSites
from pipeline.platforms.calls import BODY_BYTES
from pipeline.platforms.courier import RATING, RatingCourier
from pipeline.policy import Policy
from pipeline.records import Step
from pipeline.watching import Unwatched

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dramatiq import Broker
    from sqlalchemy import Engine

    from pipeline.adapters.oidc import OpenIdProvider
    from pipeline.adapters.traces import Traces
    from pipeline.outward import Courier, Outbox
    from pipeline.ports import Bell, Children, EvidenceStore, Ledger, PictureLinks
    from pipeline.settings import Settings
    from pipeline.watching import Watch

WITHOUT_CHILDREN = frozenset({QUEUE_OF[Step.DELIVER]})
"""Queues whose work opens no picture and judges none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteServices:
    """What serving job platforms takes."""

    sites: SqlSites
    http: GuardedHttp
    events: SqsEvents


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepServices:
    """What keeping the ledger in order takes."""

    retention: SqlRetention
    audit: SqlAudit
    looks: SqlLooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What doors and commands work with."""

    settings: Settings
    policy: Policy
    ledger: Ledger
    outbox: Outbox
    couriers: Mapping[str, Courier]
    queries: SqlQueries
    store: EvidenceStore
    bell: Bell
    links: PictureLinks
    worker: str
    sites: SiteServices | None = None
    upkeep: UpkeepServices | None = None
    watch: Watch = field(default_factory=Unwatched)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerServices(Services):
    """Services of a process that also opens pictures.

    Attributes:
        queues: Which queues the process takes from; all when None.
    """

    children: Children
    queues: frozenset[str] | None = None


def services(settings: Settings, broker: Broker) -> Services:
    """Build what a command needs that opens no pictures."""
    return Services(**_parts(settings, broker))


@contextmanager
def watched_services(settings: Settings, broker: Broker) -> Iterator[Services]:
    """Build what a long-lived process needs that opens no pictures, and send its last traces afterwards."""
    with open_watch(settings) as watch:
        yield Services(watch=watch, **_parts(settings, broker))


@contextmanager
def worker_services(
    settings: Settings, broker: Broker, *, queues: frozenset[str] | None = None, watched: bool = False
) -> Iterator[WorkerServices]:
    """Build the services of a worker process and end its children afterwards.

    Args:
        settings: Say which parts.
        broker: Where bells ring.
        queues: Which queues the process takes from; all when None.
        watched: Somebody asks for its measures: false in commands that end by themselves.
    """
    watching = open_watch(settings) if watched else nullcontext(Unwatched())
    children = open_children(settings, late=queues is not None and queues <= WITHOUT_CHILDREN)
    try:
        with watching as watch:
            parts = _parts(settings, broker)
            yield WorkerServices(children=children, queues=queues, watch=watch, **parts)
    finally:
        children.close()


@contextmanager
def open_watch(settings: Settings) -> Iterator[Watch]:
    """Count this process's work, and trace it where the settings name a collector.

    Raises:
        SettingsError: Traces are asked for, and the extra is not installed.
    """
    # These imports cost 0.06 s of CPU, which a command that ends by itself need not pay.
    from pipeline.adapters.watch import Watched  # noqa: PLC0415 (see above)

    traces = _traces(settings)
    try:
        yield Watched(traces)
    finally:
        if traces is not None:
            traces.close()


def _traces(settings: Settings) -> Traces | None:
    if settings.otlp_endpoint is None:
        return None
    try:
        from pipeline.adapters.traces import open_traces  # noqa: PLC0415 (an extra)
    except ImportError as error:
        told = "traces need the extra: install praman[otel], or unset it"
        raise SettingsError(f"PRAMAN_OTLP_ENDPOINT={settings.otlp_endpoint!r}: {told}") from error
    return open_traces(settings.otlp_endpoint, worker=worker_name())


def _parts(settings: Settings, broker: Broker) -> dict[str, Any]:
    engine = make_engine(settings.database, synced=settings.synced)
    sites = open_sites(settings, engine)
    return {
        "settings": settings,
        "policy": Policy(),
        "ledger": SqlLedger(engine),
        "outbox": SqlOutbox(engine),
        "couriers": {**open_couriers(settings), RATING: RatingCourier(sites.http, sites.sites)},
        "sites": sites,
        "upkeep": UpkeepServices(
            retention=SqlRetention(engine), audit=SqlAudit(engine), looks=SqlLooks(engine)
        ),
        "queries": SqlQueries(engine),
        "store": open_stored(settings),
        "bell": DramatiqBell(broker),
        "links": open_links(settings),
        "worker": worker_name(),
    }


def open_stored(settings: Settings) -> EvidenceStore:
    """Return the evidence store; it connects when first asked."""
    return open_store(settings.store, s3_endpoint_url=settings.s3_endpoint_url, synced=settings.synced)


def open_sites(settings: Settings, engine: Engine) -> SiteServices:
    """Return what serves job platforms; private addresses are called where webhooks may go there too."""
    limits = Limits(total_s=settings.webhook_timeout_s, body_bytes=BODY_BYTES)
    http = GuardedHttp(allow_private=settings.webhook_allow_private, limits=limits)
    events = SqsEvents(endpoint_url=settings.sqs_endpoint_url, limit_s=settings.webhook_timeout_s)
    return SiteServices(sites=SqlSites(engine), http=http, events=events)


def open_provider(settings: Settings) -> OpenIdProvider | None:
    """Return the OpenID provider that the settings name; it is contacted at the first sign-in.

    Raises:
        SettingsError: The extra is not installed, or it is not said what the provider calls us.
    """
    if settings.oidc_issuer is None:
        return None
    if not settings.oidc_client_id:
        raise SettingsError("PRAMAN_OIDC_ISSUER needs PRAMAN_OIDC_CLIENT_ID: register Praman there first")
    try:
        from pipeline.adapters.oidc import OpenIdProvider  # noqa: PLC0415 (an extra)
    except ImportError as error:
        told = "signing in through a provider needs the extra: install praman[oidc], or unset it"
        raise SettingsError(f"PRAMAN_OIDC_ISSUER={settings.oidc_issuer!r}: {told}") from error
    secret = settings.oidc_client_secret
    return OpenIdProvider(
        settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
    )


def open_links(settings: Settings) -> Links:
    """Return what fetches linked pictures; it connects when first asked."""
    most = Policy().max_bytes
    limits = Limits(total_s=settings.link_limit_s, body_bytes=most + 1)
    return Links(
        GuardedHttp(allow_private=settings.links_allow_private, limits=limits),
        max_bytes=most,
        buckets=open_buckets(settings.link_buckets),
        get_object=partial(_linked_object, settings, most),
    )


def _linked_object(settings: Settings, max_bytes: int, bucket: str, key: str) -> bytes:
    # The import costs 0.8 s of CPU (measured, boto3 1.44), which who links no S3 need not pay.
    from pipeline.adapters.s3_links import S3Objects  # noqa: PLC0415 (see above)

    reader = S3Objects(settings.s3_endpoint_url, max_bytes=max_bytes, limit_s=settings.link_limit_s)
    return reader.get(bucket, key)


def child_count(settings: Settings) -> int:
    """Return how many children open pictures: one a core unless the settings say otherwise."""
    return settings.children or len(os.sched_getaffinity(0))


def open_children(settings: Settings, *, late: bool = False) -> Children:
    """Start the children that open pictures; with `late`, each when it is first needed."""
    one = partial(
        PebbleChildren,
        late=late,
        count=1,
        limit_s=settings.child_limit_s,
        memory_bytes=settings.child_memory_bytes,
        engine=settings.ocr_engine,
        tessdata_dir=settings.tessdata_dir,
        languages=settings.ocr_languages,
        budget_ms=settings.read_budget_ms,
        policy=Policy(),
    )
    return Siblings([one() for _ in range(child_count(settings))])
