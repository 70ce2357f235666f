"""PUT and GET /v1/jobs/{id}: a platform says what proofs of a job must show, and sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool

from pipeline.claims import PLAIN
from pipeline.errors import UsageError
from pipeline.jobs import parse_job
from pipeline.records import PolicyStance
from pipeline.web.access import Caller
from pipeline.web.bodies import JSON, BodyLimits, media_type, read_json
from pipeline.web.paths import SLASH, Sent
from pipeline.web.problems import Refusal, documented
from pipeline.web.schemas import JOB, JobLine, NoticeLine

if TYPE_CHECKING:
    from pipeline.records import Job
    from pipeline.web.front import Front

MOST_BYTES = 1_000_000
_ID = re.compile(PLAIN)

router = APIRouter()


def _job_id(id: Sent) -> str:  # noqa: A002 (the contract's name)
    return id.replace(SLASH, "/")


@router.put(
    "/v1/jobs/{id}",
    summary="Declare a job, or change it for proofs to come",
    openapi_extra={"requestBody": JOB},
    responses=documented(400, 401, 408, 413, 415, 422, 429, 503),
)
async def put_job(request: Request, caller: Caller, job_id: Annotated[str, Depends(_job_id)]) -> JobLine:
    """Take one job as in a job file; every fault is named with its remedy, and nothing is guessed."""
    front: Front = request.app.state.front
    if media_type(request) != JSON:
        raise Refusal(415, "content-type", f"send the job as {JSON}")
    limits = BodyLimits(most_bytes=MOST_BYTES, wait_s=front.services.settings.body_wait_s)
    body = await read_json(request, limits)
    if not isinstance(body, dict):
        raise Refusal(422, "job-faulty", "a job is a JSON object, like one item of a job file")
    return await run_in_threadpool(_declare, front, caller, job_id, body)


@router.get(
    "/v1/jobs/{id}", summary="See a job as it now stands", responses=documented(401, 404, 422, 429, 503)
)
async def get_job(request: Request, caller: Caller, job_id: Annotated[str, Depends(_job_id)]) -> JobLine:
    """Return what is looked for in proofs that come now; another platform's job is answered as none."""
    front: Front = request.app.state.front
    return await run_in_threadpool(_shown, front, caller, job_id)


def _shown(front: Front, platform: str, job_id: str) -> JobLine:
    job = front.services.ledger.current_job(platform, job_id) if _ID.fullmatch(job_id) else None
    if job is None:
        raise Refusal(404, "no-such-job", "you have no job with this id; declare it with PUT")
    return _line(front, platform, job)


def _declare(front: Front, platform: str, job_id: str, body: dict[str, Any]) -> JobLine:
    job = parse_job(body, id=job_id, kinds=front.kinds, source="the body")
    try:
        front.services.ledger.declare_job(platform, job)
    except UsageError as error:
        raise Refusal(401, "no-key", "the platform of this key is gone") from error
    return _line(front, platform, job)


def _line(front: Front, platform: str, job: Job) -> JobLine:
    return JobLine(
        job_id=job.id,
        kind=job.kind,
        title=job.title,
        lang="bn" if job.lang == "bn" else "en",
        checks=[check.name for check in job.checks],
        images={"min": job.images_min, "max": job.images_max},
        notice=_notice(front, platform, job),
    )


def _notice(front: Front, platform: str, job: Job) -> NoticeLine | None:
    if job.kind is None or job.stance is PolicyStance.ALLOW:
        return None
    kind = front.kinds.get(job.kind)
    if kind is None:
        return None  # a kind of the platform's own that this server no longer has
    policy = kind.policy
    return NoticeLine(
        stance="flag" if job.stance is PolicyStance.FLAG else "refuse",
        rule=policy.rule or "",
        sentence=policy.sentence or "",
        url=policy.url,
        acknowledged_by=front.platforms.acknowledged_by(platform),
    )
