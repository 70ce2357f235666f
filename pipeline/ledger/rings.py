"""Rings: submitters who share captures, grouped.

In: a platform, or one of its jobs. Out: `SharingRings`. What was judged a sure copy (the same file, the same
pixels, an altered copy or crop) links its submitter to all others of that capture; who only shows the same
page is not linked, for a popular page would link everybody. A capture that very many sent joins nobody else.
It reads the newest copies through an index and compares nothing anew. It writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from pipeline.codec import decode
from pipeline.ledger.tables import COPIES, fingerprints, platforms, proofs, verdicts
from pipeline.records import Relation, SharedScreen, SharingLink, SharingRing, SharingRings, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Row, Select

MOST_COPIES = 5000
MOST_SENDERS = 25
OWN_CAPTURES = 20
_LINKING = frozenset({Relation.EXACT, Relation.ALTERED})
_ROOTS = proofs.alias("roots")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Capture:
    """One capture and who sent it."""

    platform: str
    root: str
    members: frozenset[str]
    links: tuple[SharingLink, ...]


def rings(
    connection: Connection,
    *,
    platform: str | None = None,
    job_id: str | None = None,
    limit: int = 100,
    most_copies: int = MOST_COPIES,
) -> SharingRings:
    """Return who shares captures, the largest rings first.

    Args:
        platform: Only this platform's; each has submitters of its own.
        job_id: Only copies sent to this job, whichever job their originals were sent to.
        limit: So many rings.
        most_copies: Of each platform only the newest so many copies are looked at.
    """
    names = [platform] if platform is not None else list(connection.scalars(select(platforms.c.name)))
    found: list[SharingRing] = []
    whole = True
    for name in names:
        rows = connection.execute(_copies(name, job_id, most_copies)).all()
        whole = whole and len(rows) < most_copies
        found += _grouped(list(_captures(name, rows)))
    found.sort(key=lambda one: (one.public, -len(one.members), -len(one.links), one.members))
    return SharingRings(found=tuple(_with_screens(connection, one) for one in found[:limit]), whole=whole)


def _copies(platform: str, job_id: str | None, limit: int) -> Select[Any]:
    """Select current verdicts that name an original, the newest first."""
    query = (
        select(
            proofs.c.proof_id,
            proofs.c.submitter_id,
            proofs.c.job_id,
            proofs.c.submitted_at,
            verdicts.c.body,
            verdicts.c.root_proof,
            verdicts.c.root_proof_id,
            _ROOTS.c.submitter_id.label("root_submitter"),
            _ROOTS.c.submitted_at.label("root_at"),
            _ROOTS.c.erased_at.label("root_erased"),
        )
        .select_from(verdicts.join(proofs, proofs.c.verdict == verdicts.c.id))
        .outerjoin(_ROOTS, _ROOTS.c.id == verdicts.c.root_proof)
        .where(verdicts.c.platform == platform, COPIES, proofs.c.erased_at.is_(None))
        .order_by(verdicts.c.sequence.desc())
        .limit(limit)
    )
    if job_id is None:
        return query
    # Through the job's newest proofs: through the platform's copies it could be a long way to the job's.
    newest = select(proofs.c.id).where(proofs.c.platform == platform, proofs.c.job_id == job_id)
    return query.where(proofs.c.id.in_(newest.order_by(proofs.c.id.desc()).limit(4 * limit)))


def _captures(platform: str, rows: Iterable[Row[Any]]) -> Iterator[_Capture]:
    sent: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        sent[row.root_proof].append(row)
    for root, copies in sent.items():
        links = tuple(sorted(_links(copies), key=lambda one: (one.submitted_at, one.proof_id)))
        members = {one.submitter_id for one in links}
        members |= {one.original_submitter_id for one in links if one.original_submitter_id is not None}
        # A submitter's copy of an own capture links nobody.
        told = tuple(one for one in links if one.submitter_id != one.original_submitter_id)
        if len(members) > 1:
            yield _Capture(platform=platform, root=root, members=frozenset(members), links=told)


def _links(copies: Iterable[Row[Any]]) -> Iterator[SharingLink]:
    for row in copies:
        said = decode(Verdict, row.body).duplicate_of
        if said is None or said.relation not in _LINKING:
            continue
        gone = row.root_submitter is None or row.root_erased is not None
        yield SharingLink(
            proof_id=row.proof_id,
            submitter_id=row.submitter_id,
            job_id=row.job_id,
            submitted_at=row.submitted_at,
            original_id=row.root_proof_id,
            original_submitter_id=None if gone else row.root_submitter,
            original_at=None if gone else row.root_at,
            relation=said.relation,
            score=said.score,
        )


def _grouped(captures: Sequence[_Capture]) -> list[SharingRing]:
    """Join captures that share a member; one that very many sent stays alone."""
    leader: dict[str, str] = {}

    def led_by(member: str) -> str:
        while leader.setdefault(member, member) != member:
            leader[member] = leader[leader[member]]
            member = leader[member]
        return member

    joining = [one for one in captures if len(one.members) <= MOST_SENDERS]
    for capture in joining:
        first, *others = sorted(capture.members)
        for other in others:
            leader[led_by(other)] = led_by(first)
    groups: defaultdict[str, list[_Capture]] = defaultdict(list)
    for capture in joining:
        groups[led_by(min(capture.members))].append(capture)
    crowds = [[one] for one in captures if len(one.members) > MOST_SENDERS]
    return [_ring(some, public=False) for some in groups.values()] + [
        _ring(one, public=True) for one in crowds
    ]


def _ring(captures: Sequence[_Capture], *, public: bool) -> SharingRing:
    links = [link for one in captures for link in one.links]
    links.sort(key=lambda one: (one.submitted_at, one.proof_id))
    return SharingRing(
        platform=captures[0].platform,
        members=tuple(sorted(frozenset().union(*(one.members for one in captures)))),
        links=tuple(links),
        captures=len(captures),
        public=public,
        first_seen=min(one.original_at or one.submitted_at for one in links),
        last_seen=links[-1].submitted_at,
    )


def _with_screens(connection: Connection, ring: SharingRing) -> SharingRing:
    """Return the ring with the picture sizes that its members' own captures share."""
    if ring.public:
        return ring
    shown = select(proofs.c.submitter_id, fingerprints.c.width_px, fingerprints.c.height_px)
    shown = shown.join(fingerprints, fingerprints.c.proof == proofs.c.id)
    shown = shown.outerjoin(verdicts, verdicts.c.id == proofs.c.verdict)
    sizes: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for member in ring.members:
        own = shown.where(proofs.c.platform == ring.platform, proofs.c.submitter_id == member)
        own = own.where(verdicts.c.root_proof.is_(None)).order_by(proofs.c.id.desc()).limit(OWN_CAPTURES)
        for row in connection.execute(own):
            sizes[row.width_px, row.height_px].add(row.submitter_id)
    return replace(ring, screens=_shared(sizes))


def _shared(sizes: Mapping[tuple[int, int], set[str]]) -> tuple[SharedScreen, ...]:
    shared = [
        SharedScreen(width_px=width, height_px=height, members=tuple(sorted(members)))
        for (width, height), members in sizes.items()
        if len(members) > 1
    ]
    return tuple(sorted(shared, key=lambda one: (-len(one.members), one.width_px, one.height_px)))
