"""The right to work on a step, and what rings for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pipeline.records.proofs import Proof
from pipeline.records.readings import Reading
from pipeline.records.values import Outcome, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work on one step of one proof until the lease lapses.

    Attributes:
        lease: Token that the closing compare-and-set must still find.
        attempt: Counted before the work; 1 for the first.
    """

    proof: Proof
    step: Step
    lease: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The next step of a proof, taken by the worker that ends this one, in one transaction.

    Attributes:
        claim: What the worker goes on with once that transaction is kept.
        lease: How long it may take.
    """

    claim: Claim
    lease: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprinted:
    """What the ledger tells whoever fingerprinted a proof and goes on with it.

    Attributes:
        copied: A picture of it is the same as another person's earlier one.
        shared: Its platform compares pictures with others that opted in.
    """

    copied: bool
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclosed:
    """Reading that is done, and written down together with the verdict that comes of it.

    Attributes:
        claim: What is held until then.
        readings: What was read.
        shared: As in `Fingerprinted`; true where nobody asked.
    """

    claim: Claim
    readings: tuple[Reading, ...]
    shared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A step of a proof whose bell should be rung; at the deliver door, `proof` is an endpoint's id."""

    proof: str
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the proofs at one step stand, for sweep.

    Attributes:
        waiting: Due, and held by nobody.
        unheard: Of those, the ones whose bell was not rung for a while.
        lapsed: Held by a lease that ran out.
        exhausted: Waiting with all attempts used.
        held: Held by a worker, lapsed or not.
        oldest_due: How long the oldest of the waiting is due.
    """

    step: Step
    waiting: int
    unheard: int
    lapsed: int
    exhausted: int
    held: int = 0
    oldest_due: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many proofs stand where, for progress and for sweep."""

    by_step: tuple[tuple[Step, int], ...] = ()
    by_outcome: tuple[tuple[Outcome, int], ...] = ()
