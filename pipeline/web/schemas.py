"""The shapes of requests and answers, for OpenAPI and for whoever reads it.

In: nothing. Out: pydantic models, and descriptions of the bodies that are read by hand. The verdict line
itself is made by `publish`; a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from pipeline.claims import ClaimForm

Box = Annotated[
    list[int], Field(min_length=4, max_length=4, description="[x, y, w, h] in px of the upright original.")
]
Verdict = Literal["accept", "reject", "manual"]
MAX_LINK_LETTERS = 50_000_000


class Received(BaseModel):
    """A proof is kept for good: its row and its pictures."""

    proof_id: str
    status: Literal["received"]


class ReasonLine(BaseModel):
    """Why the verdict is what it is; treat an unknown code by its remedy and message."""

    code: str = Field(examples=["evidence.state_not_done"])
    message: str = Field(description="A sentence for the submitter, in the proof's language.")
    remedy: Literal["resubmit", "none"]
    image: int | None = None
    box: Box | None = None


class CheckLine(BaseModel):
    """What one check of the job found."""

    check: str
    expected: str
    status: Literal["pass", "fail", "unclear"]
    found: str | None
    similarity: float
    image: int | None = None
    box: Box | None = None


class Original(BaseModel):
    """The earliest proof of the same capture."""

    proof_id: str
    relation: Literal["exact", "altered", "same_screen"]
    score: float


class ProofLine(BaseModel):
    """A proof; from `verdict` on, once it is decided."""

    proof_id: str
    job_id: str
    submitter_id: str
    status: Literal["received", "working", "decided"]
    verdict: Verdict | None = None
    reasons: list[ReasonLine] | None = None
    duplicate_of: Original | None = None
    checks: list[CheckLine] | None = None
    took_ms: int | None = None
    sequence: int | None = Field(default=None, description="Of the current verdict, in the feed's order.")
    supersedes: str | None = None
    decided_at: AwareDatetime | None = None


class ProofPage(BaseModel):
    """Proofs in the order in which they came in."""

    items: list[ProofLine]
    next: str = Field(description="Send it as `after` for what follows; never null.")


class VerdictLine(BaseModel):
    """One verdict as it was given; a later one of the same proof supersedes it."""

    proof_id: str
    job_id: str
    submitter_id: str
    verdict: Verdict
    reasons: list[ReasonLine]
    duplicate_of: Original | None
    checks: list[CheckLine]
    took_ms: int
    sequence: int = Field(description="Rises with each verdict of the platform.")
    supersedes: str | None = Field(description="Id of the verdict that this one replaces.")
    decided_at: AwareDatetime


class VerdictPage(BaseModel):
    """Verdicts in the order in which they were given."""

    items: list[VerdictLine]
    next: str = Field(description="Send it as `after` for what follows; never null.")


class NoticeLine(BaseModel):
    """A rule that jobs of this kind touch."""

    stance: Literal["flag", "refuse"]
    rule: str
    sentence: str
    url: str | None
    acknowledged_by: str | None = Field(description="Who answers for it at the platform.")


class JobLine(BaseModel):
    """A job as it now stands; proofs that came earlier keep the job they were sent for."""

    job_id: str
    kind: str | None
    title: str | None
    lang: Literal["en", "bn"]
    checks: list[str] = Field(description="What is looked for, in order.")
    images: dict[str, int] = Field(description="`min` and `max` pictures of a proof.")
    notice: NoticeLine | None = None


class AttemptLine(BaseModel):
    """One attempt to bring a notice to its target."""

    number: int
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = Field(description="Null while it is under way, or if we died over it.")
    status: int | None = Field(description="What the receiver answered.")
    error: str | None


class DeliveryLine(BaseModel):
    """One notice of a verdict to one target."""

    id: str = Field(description="The `webhook-id` of every attempt.")
    target: str
    proof_id: str
    sequence: int
    verdict: Verdict
    state: Literal["waiting", "delivered", "failed", "stopped", "taken_back", "erased"]
    created_at: AwareDatetime
    due_at: AwareDatetime
    attempts: list[AttemptLine]


class DeliveryPage(BaseModel):
    """Notices in the order in which they were written."""

    items: list[DeliveryLine]
    next: str = Field(description="Send it as `after` for what follows; never null.")


class Replayed(BaseModel):
    """The notice goes out again, under its id."""

    id: str
    state: Literal["waiting"]


class Appealed(BaseModel):
    """A person will look again; the verdict is manual meanwhile."""

    proof_id: str
    verdict: Literal["manual"]
    against: str = Field(description="Id of the verdict appealed against.")


class Health(BaseModel):
    """Whether this process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether proofs can be taken in."""

    status: Literal["ok"]
    parts: dict[str, str] = Field(
        description="How each part answers: ledger, store, broker. Without a broker proofs are taken in too."
    )


def _claim_schema(*, links: bool) -> dict[str, Any]:
    schema = ClaimForm.model_json_schema()
    images = schema["properties"].pop("images")
    schema["required"] = [name for name in schema["required"] if name != "images"]
    if links:
        images |= {"description": "Links: https://, s3:// of a bucket that the operator lists, or data:."}
        images["items"] = {"type": "string", "maxLength": MAX_LINK_LETTERS}
        schema["properties"]["images"] = images
        schema["required"].append("images")
    schema["title"] = "A proof with linked pictures" if links else "A proof"
    return schema


SUBMISSION: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["proof", "images"],
                "properties": {
                    "proof": _claim_schema(links=False),
                    "images": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 20,
                        "items": {"type": "string", "format": "binary"},
                        "description": "PNG, JPEG or WebP; the first bytes decide, not name or type.",
                    },
                },
            },
            "encoding": {"proof": {"contentType": "application/json"}},
        },
        "application/json": {"schema": _claim_schema(links=True)},
    },
}
"""Body of POST /v1/proofs."""

JOB: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "description": "One job as in a job file (docs/jobs.md); `id` may be left out.",
                "properties": {
                    "id": {"type": "string"},
                    "kind": {"type": "string", "examples": ["youtube_subscribe"]},
                    "params": {"type": "object", "additionalProperties": True},
                    "title": {"type": "string"},
                    "lang": {"enum": ["en", "bn"]},
                    "checks": {"type": "array", "items": {"type": "object"}},
                    "images": {"type": "object"},
                    "decide": {"type": "object"},
                },
            },
            "example": {"kind": "youtube_subscribe", "params": {"channel": "Nodi Tech"}},
        }
    },
}
"""Body of PUT /v1/jobs/{id}."""

APPEAL: dict[str, Any] = {
    "required": False,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"note": {"type": "string", "maxLength": 2000}},
            }
        }
    },
}
"""Body of POST /v1/proofs/{id}/appeal."""
