"""Proofs on which the machine gave up, pictures that killed children, and doing such a proof afresh.

In: a proof that used its attempts, or one that an operator names. Out: `DeadProof`s; a proof at its first
unfinished step again, under the same id. It never touches a proof whose verdict is not the machine's own
`manual`: what a person ruled stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, func, or_, select, update

from pipeline import flow
from pipeline.errors import NotNow
from pipeline.ledger.clock import now
from pipeline.ledger.intake import lock_platform
from pipeline.ledger.rows import load_proof, load_proofs
from pipeline.ledger.tables import DEAD, attempts, fingerprints, pictures, proofs, quarantine, readings
from pipeline.ledger.upsert import upsert
from pipeline.records import Outcome, Step

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from pipeline.records import Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """One picture of a proof that nobody opens any more, and how many deaths it is held for."""

    image: int
    sha256: str
    deaths: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadProof:
    """A proof that did not go through.

    Attributes:
        step: The last step that was tried.
        attempts: So often a step of it was tried without success.
        deaths: Of those, after so many a child or its whole worker was dead.
        last_error: What the last of them said; None where its worker died with it.
        refused: Why it cannot be replayed; None where it can.
    """

    proof: Proof
    step: Step
    attempts: int
    deaths: int
    last_error: str | None
    last_at: datetime
    poison: tuple[Poison, ...]
    refused: str | None


_LOST = attempts.c.ended_at.is_(None)
_FAILED = or_(_LOST, attempts.c.problem.is_not(None))
_OURS = (proofs.c.outcome == Outcome.MANUAL) & (proofs.c.step == Step.DONE) & proofs.c.erased_at.is_(None)


def quarantine_poison(connection: Connection, proof: str, step: Step, *, deaths: int) -> None:
    """Have a picture opened no more when each of a proof's last `deaths` attempts ended in a death.

    Only where one picture can be to blame: of several, the innocent would suffer with the poisonous one.
    """
    if step is Step.JUDGE:
        return
    died = case((or_(attempts.c.died, _LOST), 1), else_=0)
    tried = select(died.label("died")).where(attempts.c.proof == proof, attempts.c.step == step)
    newest = tried.order_by(attempts.c.started_at.desc(), attempts.c.id.desc()).limit(deaths).subquery()
    held = load_proof(connection, proof)
    usable = [] if held is None else [one for one in held.pictures if one.sha256 and one.fault is None]
    if len(usable) != 1 or connection.scalar(select(func.sum(newest.c.died))) != deaths:
        return
    row = {"sha256": usable[0].sha256, "proof": proof, "deaths": deaths, "since": now()}
    adding = upsert(connection, quarantine).values(row)
    more = {"deaths": quarantine.c.deaths + deaths, "proof": proof}
    connection.execute(adding.on_conflict_do_update(index_elements=["sha256"], set_=more))


def listed(connection: Connection, *, platform: str | None, limit: int) -> tuple[DeadProof, ...]:
    """Return proofs given up on, the newest first."""
    query = select(proofs.c.id).where(DEAD, proofs.c.erased_at.is_(None))
    if platform is not None:
        query = query.where(proofs.c.platform == platform)
    return _dead(connection, list(connection.scalars(query.order_by(proofs.c.id.desc()).limit(limit))))


def count(connection: Connection) -> int:
    """Return how many proofs wait for an operator: given up, and our own `manual` stands."""
    waiting = select(func.count()).select_from(proofs).where(DEAD, _OURS)
    return connection.scalar(waiting) or 0


def quarantined(connection: Connection) -> int:
    """Return how many pictures nobody opens any more."""
    return connection.scalar(select(func.count()).select_from(quarantine)) or 0


def named(connection: Connection, platform: str, proof_id: str) -> DeadProof | None:
    """Return one proof given up on; None where there is none under that id."""
    ours = (proofs.c.platform == platform) & (proofs.c.proof_id == proof_id) & DEAD
    found = _dead(connection, list(connection.scalars(select(proofs.c.id).where(ours))))
    return found[0] if found else None


def _dead(connection: Connection, ids: list[str]) -> tuple[DeadProof, ...]:
    loaded = load_proofs(connection, ids)
    replayable = set(connection.scalars(select(proofs.c.id).where(proofs.c.id.in_(ids), _OURS)))
    return tuple(_one(connection, loaded[one], replayable=one in replayable) for one in ids)


def _one(connection: Connection, proof: Proof, *, replayable: bool) -> DeadProof:
    query = select(attempts).where(attempts.c.proof == proof.id, _FAILED)
    tries = connection.execute(query.order_by(attempts.c.started_at, attempts.c.id)).all()
    last = tries[-1] if tries else None
    return DeadProof(
        proof=proof,
        step=Step(last.step) if last else proof.step,
        attempts=len(tries),
        deaths=sum(bool(one.died) or one.ended_at is None for one in tries),
        last_error=last.detail if last else None,
        last_at=last.started_at if last else proof.received_at,
        poison=_poison(connection, proof.id),
        refused=None if replayable else _why_not(proof),
    )


def _poison(connection: Connection, proof: str) -> tuple[Poison, ...]:
    query = select(pictures.c.image, quarantine).join(quarantine, quarantine.c.sha256 == pictures.c.sha256)
    rows = connection.execute(query.where(pictures.c.proof == proof).order_by(pictures.c.image))
    return tuple(
        Poison(image=row.image, sha256=row.sha256, deaths=row.deaths, since=row.since) for row in rows
    )


def _why_not(proof: Proof) -> str:
    if proof.step is not Step.DONE:
        return f"it is at {proof.step.value} right now"
    return "a verdict of a person stands, or it was erased"


def replay(connection: Connection, platform: str, proof_id: str) -> Proof:
    """Have a dead proof done afresh, out of quarantine; its next verdict supersedes the machine's `manual`.

    Raises:
        NotNow: There is no such dead proof, or something other than our own `manual` stands.
    """
    lock_platform(connection, platform)
    found = named(connection, platform, proof_id)
    if found is None:
        raise NotNow(f"{proof_id} is not among the dead; `praman dead list` names them")
    if found.refused is not None:
        raise NotNow(f"{proof_id} cannot be replayed: {found.refused}")
    proof = found.proof.id
    shown = select(pictures.c.sha256).where(pictures.c.proof == proof)
    connection.execute(delete(quarantine).where(quarantine.c.sha256.in_(shown)))
    connection.execute(delete(readings).where(readings.c.proof == proof))
    fresh = load_proof(connection, proof)
    assert fresh is not None  # `named` found it in this transaction
    again = {"step": _first_step(connection, fresh), "failure": None, "attempts_used": 0}
    free = {"lease": None, "lease_until": None, "due_at": now(), "rung_at": None}
    changed = update(proofs).where(proofs.c.id == proof, DEAD, _OURS).values(**again, **free)
    if connection.execute(changed).rowcount == 0:
        raise NotNow(f"{proof_id} is ruled on or replayed by somebody else right now")
    return fresh


def _first_step(connection: Connection, proof: Proof) -> Step:
    """Return the step to begin with: what was fingerprinted stays, for later proofs were judged by it."""
    if connection.scalar(select(fingerprints.c.proof).where(fingerprints.c.proof == proof.id).limit(1)):
        usable = sum(one.key is not None and one.fault is None for one in proof.pictures)
        return flow.after_fingerprint(proof.job, usable=usable)
    return flow.first(proof.job, proof.pictures)
