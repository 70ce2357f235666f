"""Builds the HTTP door out of its routes.

In: a `Front`. Out: an ASGI app that describes itself at `/openapi.json`. It starts nothing.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from pipeline.web import (
    admin,
    admin_acts,
    decisions,
    deliveries,
    evidence,
    health,
    held,
    hints,
    jobs,
    looks,
    pages,
    proofs,
    review,
    review_pictures,
    rulings,
    sign_in,
    single_sign_on,
    submit,
    together,
)
from pipeline.web.measures import Measured
from pipeline.web.paths import WholeIds
from pipeline.web.problems import Problem, handle_problems
from pipeline.web.sessions import SignInFirst, ask_to_sign_in

if TYPE_CHECKING:
    from pipeline.web.front import Front

DESCRIPTION = """
Praman verifies the screenshots that submitters send as proof of a finished task.

Put a job, post a proof, read its verdict: by asking for the proof, by reading the feed of verdicts, or by the
webhook. Every error is a problem (RFC 9457).
"""


def make_app(front: Front) -> FastAPI:
    """Return the app."""
    # No /docs: those pages load their scripts from elsewhere.
    app = FastAPI(
        title="Praman",
        version=version("praman"),
        description=DESCRIPTION.strip(),
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.front = front
    for room in (jobs, submit, evidence, proofs, deliveries, hints, health):
        app.include_router(room.router)
    for room in (pages, sign_in, single_sign_on, decisions, together, held, admin, admin_acts, looks):
        app.include_router(room.router)
    for room in (rulings, review, review_pictures):  # after those whose addresses theirs would take
        app.include_router(room.router)
    handle_problems(app)
    app.add_exception_handler(SignInFirst, ask_to_sign_in)
    app.add_middleware(WholeIds)
    app.add_middleware(Measured, measures=front.measures)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Have the OpenAPI document name the shape of every problem."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents
