"""The names of every reason: what stands in verdicts, and what can be done about it.

In: nothing. Out: `ReasonCode` and `Remedy`; `reasons` tells each in words. Names are promises: add, never
rename.
"""

from __future__ import annotations

from enum import StrEnum


class ReasonCode(StrEnum):
    """Stable names; platforms program against them."""

    DUPLICATE_EXACT = "duplicate.exact"
    DUPLICATE_ALTERED = "duplicate.altered_copy"
    DUPLICATE_SAME_SCREEN = "duplicate.same_screen"
    DUPLICATE_LATE_ORIGINAL = "duplicate.late_original"
    SEEN_ELSEWHERE = "seen.elsewhere"
    TARGET_MISSING = "evidence.target_missing"
    TARGET_NEAR_MISS = "evidence.target_near_miss"
    STATE_NOT_DONE = "evidence.state_not_done"
    STATE_MISSING = "evidence.state_missing"
    URL_MISMATCH = "evidence.url_mismatch"
    CODE_MISMATCH = "evidence.code_mismatch"
    ANSWER_MISSING = "evidence.answer_missing"
    FORBIDDEN_TEXT = "evidence.forbidden_text"
    STALE = "evidence.stale"
    TYPED_NOT_SHOWN = "evidence.typed_not_shown"
    UNCLEAR = "evidence.unclear"
    PASTED_TEXT = "forgery.pasted_text"
    UNREADABLE = "picture.unreadable"
    TOO_SMALL = "picture.too_small"
    BLANK = "picture.blank"
    NOT_A_PICTURE = "picture.not_a_picture"
    TOO_LARGE = "picture.too_large"
    UNAVAILABLE = "picture.unavailable"
    WRONG_COUNT = "picture.wrong_count"
    POLICY_REFUSED = "policy.refused"
    AUTO_REJECT_OFF = "policy.auto_reject_off"
    ENGINE_FAILED = "engine.failed"
    ENGINE_TIMEOUT = "engine.timeout"
    ENGINE_BUDGET = "engine.out_of_budget"
    UNSUPPORTED_SCRIPT = "engine.unsupported_script"
    JOB_UNKNOWN = "job.unknown"
    APPEALED = "appeal.open"
    BRAKE_JOB = "brake.job_rate"
    BRAKE_SUBMITTER = "brake.submitter_rate"
    TAKEN_BACK = "brake.taken_back"
    RULED_ACCEPTED = "moderator.accepted"
    RULED_NOT_DONE = "moderator.not_done"
    RULED_OTHER_TARGET = "moderator.other_target"
    RULED_COPIED = "moderator.copied"
    RULED_ALTERED = "moderator.altered"
    RULED_REJECTED = "moderator.rejected"
    RULED_UNREADABLE = "moderator.unreadable"
    RULED_INCOMPLETE = "moderator.incomplete"
    UNDONE = "moderator.undone"
    REOPENED = "moderator.reopened"


class Remedy(StrEnum):
    """What the submitter can do."""

    RESUBMIT = "resubmit"
    NONE = "none"
