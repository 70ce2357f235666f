"""The frozen values that travel between stages.

Every record is frozen, has slots and keyword arguments only, holds tuples rather than lists, and
carries aware datetimes. Pixels are numpy arrays and are treated as read-only. Import them from here.
"""

from pipeline.records.deliveries import (
    Backlog,
    Delivery,
    Endpoint,
    Message,
    NoticeLine,
    NoticeState,
    Reply,
    Settlement,
    Tried,
)
from pipeline.records.jobs import (
    AbsentCheck,
    AnswerCheck,
    Check,
    CodeCheck,
    Decide,
    FreshCheck,
    Job,
    PositionCheck,
    StateCheck,
    TextCheck,
    UrlCheck,
)
from pipeline.records.likeness import (
    Answer,
    Candidate,
    Contrast,
    Fingerprint,
    Likeness,
    Region,
    Resemblance,
)
from pipeline.records.platforms import Appeal, KnownPlatform, Once, Shown
from pipeline.records.proofs import Picture, Proof, StoredPicture, Submission
from pipeline.records.queue import Claim, Counted, Kept, Ring, Standing
from pipeline.records.rates import HeldReject, History, Rate
from pipeline.records.readings import Ask, Pass, Reading, Setting, Word
from pipeline.records.rings import SharedScreen, SharingLink, SharingRing, SharingRings
from pipeline.records.sites import Site
from pipeline.records.values import AutoReject, Box, Fault, Outcome, PolicyStance, Relation, Status, Step
from pipeline.records.verdicts import CheckResult, DuplicateOf, Notice, Reason, RecordedVerdict, Verdict

__all__ = [
    "AbsentCheck",
    "Answer",
    "AnswerCheck",
    "Appeal",
    "Ask",
    "AutoReject",
    "Backlog",
    "Box",
    "Candidate",
    "Check",
    "CheckResult",
    "Claim",
    "CodeCheck",
    "Contrast",
    "Counted",
    "Decide",
    "Delivery",
    "DuplicateOf",
    "Endpoint",
    "Fault",
    "Fingerprint",
    "FreshCheck",
    "HeldReject",
    "History",
    "Job",
    "Kept",
    "KnownPlatform",
    "Likeness",
    "Message",
    "Notice",
    "NoticeLine",
    "NoticeState",
    "Once",
    "Outcome",
    "Pass",
    "Picture",
    "PolicyStance",
    "PositionCheck",
    "Proof",
    "Rate",
    "Reading",
    "Reason",
    "RecordedVerdict",
    "Region",
    "Relation",
    "Reply",
    "Resemblance",
    "Ring",
    "Setting",
    "Settlement",
    "SharedScreen",
    "SharingLink",
    "SharingRing",
    "SharingRings",
    "Shown",
    "Site",
    "Standing",
    "StateCheck",
    "Status",
    "Step",
    "StoredPicture",
    "Submission",
    "TextCheck",
    "Tried",
    "UrlCheck",
    "Verdict",
    "Word",
]
