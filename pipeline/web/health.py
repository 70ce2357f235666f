"""/healthz, /readyz and /metrics: for whoever runs this process. They need no key and name no platform."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from pipeline.adapters.exposition import METRICS
from pipeline.adapters.standing import LedgerStanding
from pipeline.errors import EvidenceMissing, StoreRefused, TryLater
from pipeline.web.problems import RETRY_S, Fault, Refusal, documented
from pipeline.web.schemas import Health, Readiness

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.web.front import Front

NEEDED = ("ledger", "store")
REMEDIES = {
    "ledger": "start the database, or mend PRAMAN_DATABASE_URL",
    "store": "start the evidence store, or mend PRAMAN_STORE_URL and its rights",
}
UNREADY = "cannot start or read; proofs wait; run `praman doctor` on this machine"

router = APIRouter()


@router.get("/healthz")
async def healthz() -> Health:
    """Answer as long as this process can answer at all; a supervisor restarts it when it does not."""
    return Health(status="ok")


@router.get("/readyz", responses=documented(503))
async def readyz(request: Request) -> Readiness:
    """Answer ok while proofs can be taken in; a load balancer sends none here while it is not."""
    front: Front = request.app.state.front
    parts = await run_in_threadpool(_parts, front)
    missing = [part for part in NEEDED if parts[part] != "ok"]
    if missing:
        faults = [Fault(problem=f"{part}: {parts[part]}", remedy=REMEDIES[part]) for part in missing]
        told = f"not ready: {', '.join(missing)}; run `praman doctor` on this machine"
        raise Refusal(503, "not-ready", told, headers={"Retry-After": RETRY_S}, errors=faults)
    return Readiness(status="ok", parts=parts)


def _parts(front: Front) -> dict[str, str]:
    """Ask each part; no answer names an address, for this page needs no key."""
    services = front.services
    return {
        "ledger": _asked(services.queries.now),
        "store": _asked(partial(front.probe, services.store)),
        "broker": "ok" if services.bell.depth("light") is not None else "no answer; sweep rings later",
        "children": "ok" if front.children.unready() is None else UNREADY,
    }


def _asked(ask: Callable[[], object]) -> str:
    try:
        ask()
    except (TryLater, StoreRefused, EvidenceMissing) as error:
        return f"no answer ({type(error).__name__})"
    return "ok"


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}
    },
)
async def metrics(request: Request) -> Response:
    """Return what Prometheus reads."""
    front: Front = request.app.state.front
    services = front.services
    standing = LedgerStanding(
        services.ledger, services.outbox, services.bell, strikes=services.settings.strikes
    )
    told = front.measures.text() + services.watch.text() + await run_in_threadpool(standing.text)
    return Response(told, headers={"Content-Type": METRICS})
