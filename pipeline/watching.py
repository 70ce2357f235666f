"""What operators are told of the work as it happens, as a role.

In: steps that begin and end, what they found. Out: nothing the work could see: watching never fails a step.
`Unwatched` is for commands that nobody watches; `adapters.watch` counts and traces. No picture content, no
read text and no person's name goes this way: ids, steps, codes and times only.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from pipeline.records import Proof, Reading, Relation, Step, Verdict


@dataclass(slots=True)
class Ending:
    """How one attempt on a step ended; whoever accounts for it writes it here.

    Attributes:
        how: `done`, `waits` (for an earlier proof), `lost` (the lease), `later` (an outage), `failed`,
            `timeout` or `died`.
    """

    how: str = "done"


class Watch(Protocol):
    """Is told what happens; every method returns at once and raises nothing."""

    def submitted(self, proof: Proof) -> None:
        """A new proof is in the ledger."""
        ...

    def step(self, proof: str, step: Step, *, attempt: int) -> AbstractContextManager[Ending]:
        """Watch one attempt until the block ends."""
        ...

    def read(self, readings: Sequence[Reading]) -> None:
        """Pictures were read."""
        ...

    def compared(self, relation: Relation | None) -> None:
        """A candidate was compared; None where it shows another capture."""
        ...

    def judged(self, verdict: Verdict) -> None:
        """A verdict was recorded."""
        ...

    def gave_up(self) -> None:
        """A proof used its attempts."""
        ...

    def delivered(self, kind: str, state: str, *, seconds: float) -> None:
        """A delivery was tried: its endpoint's kind, what its notice is now, how long it took."""
        ...

    def lapsed(self, step: Step) -> None:
        """A lease ran out."""
        ...

    def rang(self, bells: int) -> None:
        """The sweep rang."""
        ...

    def text(self) -> bytes:
        """Return what was counted, as Prometheus reads it."""
        ...


class Unwatched:
    """Fulfils `Watch` for commands that nobody watches."""

    def submitted(self, proof: Proof) -> None:
        """Tell nobody."""

    @contextmanager
    def step(self, proof: str, step: Step, *, attempt: int) -> Iterator[Ending]:
        """Yield an ending that nobody reads."""
        del proof, step, attempt
        yield Ending()

    def read(self, readings: Sequence[Reading]) -> None:
        """Tell nobody."""

    def compared(self, relation: Relation | None) -> None:
        """Tell nobody."""

    def judged(self, verdict: Verdict) -> None:
        """Tell nobody."""

    def gave_up(self) -> None:
        """Tell nobody."""

    def delivered(self, kind: str, state: str, *, seconds: float) -> None:
        """Tell nobody."""

    def lapsed(self, step: Step) -> None:
        """Tell nobody."""

    def rang(self, bells: int) -> None:
        """Tell nobody."""

    def text(self) -> bytes:
        """Return nothing."""
        return b""
