"""What a job asks: its checks, its decisions, its policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pipeline.records.values import AutoReject, Outcome, PolicyStance


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCheck:
    """`value` stands on the screen; `similarity` in 0..1 overrides the policy's threshold."""

    value: str
    similarity: float | None = None
    name: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCheck:
    """A done word stands as a whole label and no not-done word speaks against it."""

    done: tuple[str, ...]
    not_done: tuple[str, ...] = ()
    name: Literal["state"] = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlCheck:
    """The address bar shows `host` (a subdomain of it too) and, if given, `path`."""

    host: str
    path: str | None = None
    name: Literal["url"] = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentCheck:
    """None of the phrases stands on the screen."""

    any: tuple[str, ...]
    name: Literal["absent"] = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCheck:
    """What the submitter typed stands in the picture."""

    appears: bool = True
    name: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCheck:
    """The code stands on the screen, letter for letter."""

    value: str
    name: Literal["code"] = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshCheck:
    """An on-screen date or clock lies within `within` before `submitted_at`."""

    within: timedelta
    name: Literal["fresh"] = "fresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionCheck:
    """A player's position on the screen (`1:07 / 4:12`) lies above `above_s` seconds."""

    above_s: int = 0
    name: Literal["position"] = "position"


Check = TextCheck | StateCheck | UrlCheck | AbsentCheck | AnswerCheck | CodeCheck | FreshCheck | PositionCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """How a job wants doubt and rejection handled."""

    auto_reject: AutoReject = AutoReject.ON
    near_miss: Outcome = Outcome.REJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as it stands at one moment; a proof keeps the version it was submitted under.

    Attributes:
        id: The platform's own id of the job.
        kind: Name in the catalogue, or None for a job with explicit checks.
        checks: What the pictures must show; empty means picture and likeness only.
        stance: The kind's policy; `policy_source` names the rule behind it.
        images_min, images_max: How many pictures a proof may hold, both included.
    """

    id: str
    kind: str | None = None
    title: str | None = None
    lang: str = "en"
    checks: tuple[Check, ...] = ()
    images_min: int = 1
    images_max: int = 4
    decide: Decide = Decide()
    stance: PolicyStance = PolicyStance.ALLOW
    policy_source: str | None = None
