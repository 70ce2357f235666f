"""Everything that goes wrong is told as problem details (RFC 9457).

In: an error. Out: status, `application/problem+json`, and where waiting helps `Retry-After`. What a database
or a store says of itself stays in the log.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from pipeline.errors import (
    BadPicture,
    JobFileError,
    JobUnknown,
    LinkRefused,
    NoAnswer,
    NotNow,
    NotYet,
    PramanError,
    ProofConflict,
    StepFailed,
    StoreRefused,
    TryLater,
    UsageError,
)
from pipeline.reasons import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:praman:problem:"
RETRY_S = "5"
_SHOWN = 10
_WAITING = frozenset({429, 503})


class Fault(BaseModel):
    """One of several faults."""

    problem: str = Field(description="What is wrong, and where.")
    remedy: str = Field(description="What to do; empty where the problem says it.")


class Problem(BaseModel):
    """What went wrong, as RFC 9457 tells it."""

    type: str = Field(description="A stable name to program against.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What is wrong with this request and what to do next.")
    errors: list[Fault] | None = Field(default=None, description="Each fault, where there may be several.")


class Refusal(Exception):
    """An answer other than the one that was asked for."""

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: list[Fault] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.name, self.detail = status, name, detail
        self.headers, self.errors = dict(headers or {}), errors


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of these refusals, for a route that may answer so."""
    return {status: _documented(status) for status in sorted(statuses)}


def _documented(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    told: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in _WAITING:
        told["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
    return told


def handle_problems(app: FastAPI) -> None:
    """Have every error of the app answered as a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(PramanError, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


def answer(refusal: Refusal) -> JSONResponse:
    """Return the response that tells the refusal."""
    problem = Problem(
        type=NAMESPACE + refusal.name,
        title=HTTPStatus(refusal.status).phrase,
        status=refusal.status,
        detail=refusal.detail,
        errors=refusal.errors,
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=refusal.status,
        media_type=MEDIA_TYPE,
        headers=refusal.headers,
    )


def refusal_of(error: PramanError) -> Refusal:
    """Return what a platform is told of an error of ours."""
    if isinstance(error, BadPicture):
        large = error.code is ReasonCode.TOO_LARGE
        return Refusal(413 if large else 415, error.code.value, error.detail)
    if isinstance(error, JobFileError):
        faults = [Fault(problem=one.problem, remedy=one.remedy) for one in error.faults]
        told = "; ".join(f"{one.problem}; {one.remedy}" for one in error.faults[:_SHOWN])
        return Refusal(422, "job-faulty", told, errors=faults)
    known: tuple[tuple[type[PramanError], int, str], ...] = (
        (JobUnknown, 422, "job-unknown"),
        (LinkRefused, 422, "link-refused"),
        (NoAnswer, 422, "link-unavailable"),
        (UsageError, 422, "invalid"),
        (ProofConflict, 409, "proof-conflict"),
        (NotYet, 409, "not-yet"),
        (NotNow, 409, "not-now"),
    )
    for kind, status, name in known:
        if isinstance(error, kind):
            headers = {"Retry-After": "1"} if kind is NotYet else None
            return Refusal(status, name, str(error), headers=headers)
    return _later(error)


def _later(error: PramanError) -> Refusal:
    log.error("web.unavailable", error=f"{type(error).__name__}: {error}")
    if isinstance(error, TryLater | StoreRefused | StepFailed):
        told = "a part of this service does not answer right now; nothing was accepted, send it again"
        return Refusal(503, "unavailable", told, headers={"Retry-After": RETRY_S})
    return Refusal(500, "ours", "a fault of ours; the log has it. Nothing was accepted, send it again")


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    return answer(error)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PramanError)
    return answer(refusal_of(error))


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(problem=f"{'.'.join(map(str, one['loc']))}: {one['msg']}", remedy="")
        for one in error.errors()[:_SHOWN]
    ]
    return answer(Refusal(422, "invalid", "; ".join(one.problem for one in faults), errors=faults))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    told = {404: f"there is nothing at {request.url.path}", 405: f"{request.method} is not answered here"}
    detail = told.get(error.status_code, str(error.detail))
    name = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    return answer(Refusal(error.status_code, name, detail, headers=error.headers))


async def _unforeseen(_request: Request, error: Exception) -> JSONResponse:
    log.error("web.fault", error=f"{type(error).__name__}: {error}", exc_info=error)
    return answer(Refusal(500, "ours", "a fault of ours; the log has it. Send it again"))
