"""The claim that comes with a proof, as platforms write it: manifest lines, queue messages, HTTP bodies.

In: JSON that strangers wrote. Out: a checked `Claim form`, or one sentence that says which field is wrong and
how to mend it. It never touches pictures.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipeline.errors import UsageError
from pipeline.records import Submission

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ID_LETTERS = 200
MAX_ANSWER_LETTERS = 10_000
MAX_IMAGES = 20
FIRST_YEAR, LAST_YEAR = 1970, 2999

PLAIN = r"[^\x00-\x1f\x7f]*"
Id = Annotated[
    str,
    Field(min_length=1, max_length=MAX_ID_LETTERS, pattern=rf"^{PLAIN}[^\s\x00-\x1f\x7f]{PLAIN}$"),
]


class ClaimForm(BaseModel):
    """One proof as a platform claims it; `images` are paths or links, read elsewhere."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    job_id: Id
    submitter_id: Id
    proof_id: Id | None = None
    submitted_at: AwareDatetime | None = None
    images: Annotated[tuple[str, ...], Field(min_length=1, max_length=MAX_IMAGES)]
    answer: Annotated[str, Field(max_length=MAX_ANSWER_LETTERS, pattern=r"^[^\x00]*$")] | None = None
    lang: Literal["en", "bn"] | None = None
    deadline: AwareDatetime | None = None

    @field_validator("submitted_at", "deadline", mode="before")
    @classmethod
    def _written_out(cls, value: object) -> object:
        if value is not None and not isinstance(value, str | datetime):
            raise ValueError("write a time with its zone, like 2026-11-01T08:04:06+00:00")
        return value

    @field_validator("submitted_at", "deadline")
    @classmethod
    def _within_time(cls, value: datetime | None) -> datetime | None:
        # A zone can push the first and the last hours of the calendar out of it; databases keep fewer years.
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ValueError(f"is in the year {value.year}; check the clock that wrote it")
        return value


def parse_claim(data: object) -> ClaimForm:
    """Check one claim.

    Raises:
        UsageError: One sentence a fault, each naming its field and what to write there.
    """
    try:
        return ClaimForm.model_validate(data)
    except ValidationError as error:
        raise UsageError("; ".join(_told(dict(fault)) for fault in error.errors())) from error


def submission_of(
    form: ClaimForm, *, platform: str, pictures: Sequence[bytes | None], now: datetime
) -> Submission:
    """Join a claim with the bytes of its pictures; a claim without a time was made `now`."""
    return Submission(
        platform=platform,
        job_id=form.job_id,
        submitter_id=form.submitter_id,
        submitted_at=(form.submitted_at or now).astimezone(UTC),
        pictures=tuple(pictures),
        proof_id=form.proof_id,
        answer=form.answer,
        lang=form.lang,
        deadline=form.deadline.astimezone(UTC) if form.deadline else None,
        timed=form.submitted_at is not None,
    )


_REMEDIES = {
    "missing": "is missing; add it",
    "timezone_aware": "has no zone; write it like 2026-11-01T08:04:06+00:00",
    "datetime_from_date_parsing": "is no time; write it like 2026-11-01T08:04:06+00:00",
    "datetime_parsing": "is no time; write it like 2026-11-01T08:04:06+00:00",
    "string_too_long": "is too long",
    "string_type": "must be a text",
    "string_pattern_mismatch": "holds only spaces, or control characters; write a plain id",
    "too_short": "is empty; name at least one picture",
    "too_long": f"has too many entries; at most {MAX_IMAGES}",
    "literal_error": 'is not a language we speak; write "en" or "bn"',
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
}


def _told(fault: dict[str, object]) -> str:
    place = fault.get("loc")
    name = ".".join(map(str, place)) if isinstance(place, tuple) and place else "the proof"
    said = str(fault.get("msg")).removeprefix("Value error, ")
    return f"{name} {_REMEDIES.get(str(fault.get('type')), said)}"
