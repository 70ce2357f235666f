"""Everything Praman raises, branched by what the reader should do.

PramanError
|-- UsageError            the caller's to mend; a command exits 2, the web answers 4xx
|   |-- SettingsError     a PRAMAN_* setting is wrong
|   |-- JobFileError      a job file has faults; carries all of them, each with its line
|   |-- ManifestError     the manifest as a whole cannot be used
|   |-- JobUnknown        nobody declared the job: declare it, send again
|   `-- LinkRefused       a URL that somebody named must not be contacted
|-- ProofConflict         the id is taken by other content: send a new id
|-- AlreadyAnswered       the request was answered before: give that answer again
|-- NotNow                the proof stands where this cannot be done; the message says why
|   `-- NotYet            it will stand elsewhere in a moment: ask again
|-- BadPicture            the submitter's to mend; carries the reason code of the verdict
|-- TryLater              nothing is wrong with the proof: the same call may work soon
|   |-- LedgerUnavailable
|   |-- BrokerUnavailable
|   |-- StoreUnavailable  the evidence store did not answer or failed on its side
|   |-- NoAnswer          a server that somebody named did not answer, or answered nonsense
|   `-- NotReady          no child can open or read pictures on this machine: an operator must act
|-- StoreRefused          the evidence store said no (rights, bucket): an operator must act
|-- EvidenceMissing       the stored bytes are gone: a person must look
|-- StepFailed            this proof cost us an attempt; after the third, manual
|   |-- EngineFailed      the engine raised
|   |-- EngineTimeout     a child outlived its time limit and was killed
|   `-- ChildDied         a child crashed or ran out of memory
`-- LeaseLost             another worker holds the step now: drop what you did, quietly
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.reasons import ReasonCode
    from pipeline.records import Fault


class PramanError(Exception):
    """Root of every error that Praman raises on purpose."""


class UsageError(PramanError):
    """The call is wrong; its message says what to change."""


class SettingsError(UsageError):
    """A setting is wrong; the message names it, its value and what is allowed."""


class JobFileError(UsageError):
    """A job file has faults.

    Attributes:
        faults: Every fault found, in file order, each with line and remedy.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class ManifestError(UsageError):
    """The manifest cannot be opened or read at all."""


class JobUnknown(UsageError):
    """No such job was declared; declare it and send the proof again."""


class LinkRefused(UsageError):
    """A URL leads where we do not go; the message says why and what to write."""


class ProofConflict(PramanError):
    """The proof id was used before with other content; use another id."""


class AlreadyAnswered(PramanError):
    """An answer is kept under this idempotency key; nothing was done."""


class NotNow(PramanError):
    """The proof stands where this cannot be done; the message says what can."""


class NotYet(NotNow):
    """The proof is between two steps; ask again in a moment."""


class BadPicture(PramanError):
    """The bytes cannot become a picture that we judge.

    Attributes:
        code: The reason code that the verdict carries.
    """

    def __init__(self, code: ReasonCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type[BadPicture], tuple[ReasonCode, str]]:
        """Pickle by both arguments: the error crosses from a child process."""
        return (type(self), (self.code, self.detail))


class TryLater(PramanError):
    """A part we need did not answer; the same call may work soon."""


class LedgerUnavailable(TryLater):
    """The database did not answer."""


class StoreUnavailable(TryLater):
    """The evidence store did not answer, or failed on its own side."""


class NoAnswer(TryLater):
    """A server outside did not answer within its limits, or not as its protocol says."""


class NotReady(TryLater):
    """Nobody can open or read a picture on this machine; the message says why and what to do."""


class StoreRefused(PramanError):
    """The evidence store refused us; check rights, bucket and credentials."""


class EvidenceMissing(PramanError):
    """The stored bytes are not there, or are not those that were stored."""


class StepFailed(PramanError):
    """The work on one proof failed in a way that counts against that proof."""


class EngineFailed(StepFailed):
    """The text engine raised."""


class EngineTimeout(StepFailed):
    """A child outlived its time limit and was killed."""


class ChildDied(StepFailed):
    """A child crashed, was killed or ran out of memory."""


class LeaseLost(PramanError):
    """The lease lapsed and another worker may hold the step; nothing of ours was written."""
