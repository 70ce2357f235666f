"""/healthz, /readyz and /metrics: for whoever runs this process. They need no key and name no platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from pipeline.web.problems import documented
from pipeline.web.schemas import Health

if TYPE_CHECKING:
    from pipeline.web.front import Front

METRICS = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter()


@router.get("/healthz")
async def healthz() -> Health:
    """Answer as long as this process can answer at all; a supervisor restarts it when it does not."""
    return Health(status="ok")


@router.get("/readyz", responses=documented(503))
async def readyz(request: Request) -> Health:
    """Answer ok while proofs can be taken in; a load balancer sends none here while it is not."""
    front: Front = request.app.state.front
    await run_in_threadpool(front.services.queries.now)
    return Health(status="ok")


@router.get(
    "/metrics",
    response_class=Response,
    responses=documented(503)
    | {200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Return what Prometheus reads."""
    front: Front = request.app.state.front
    told = await run_in_threadpool(front.measures.text, front.services.ledger, front.services.outbox)
    return Response(told, headers={"Content-Type": METRICS})
