"""A page that ten thousand people photographed, the same but for the clock: the next honest one, and a copy.

The ten thousand are rows, written at once as `bench/growth.py` does; nobody draws or opens their pictures.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import event, update

from actors.fingerprint import fingerprint
from bench.bulk import PLATFORM, fill, identity, job_name
from bench.crowd import NAMES, VERSION, Block, Crowd, Kind
from pipeline.adapters.child import Outfit
from pipeline.adapters.files import FilesEvidenceStore
from pipeline.adapters.inline_children import InlineChildren
from pipeline.ledger.tables import fingerprints
from pipeline.policy import Policy
from pipeline.publish import verdict_line
from pipeline.records import Fingerprint, Job, Likeness, Submission
from pipeline.settings import load_settings
from pipeline.submit import submit
from tests.fakes import FakeBell
from tests.screens import encoded
from tests.workers import services_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Engine

SIZE = 10_000
COPIED = 4_711
LATER = datetime(2026, 12, 1, tzinfo=UTC)
RULES = "Terms of the campaign. Follow the page, stay for a week, and write your name below. "


def page(*, clock: str, battery: int) -> bytes:
    """Draw the page as somebody sees it: nothing on it moves but the clock and the battery."""
    picture = Image.new("RGB", (720, 1600), "white")
    draw, small = ImageDraw.Draw(picture), ImageFont.load_default(24)
    draw.text((30, 12), clock, font=small, fill="black")
    draw.text((610, 12), f"{battery}%", font=small, fill="black")
    draw.rectangle((0, 70, 720, 250), fill=(30, 90, 140))
    for line in range(24):
        draw.text((40, 300 + 50 * line), RULES[line:][:44], font=small, fill=(20, 20, 20))
        draw.rectangle((640, 304 + 50 * line, 640 + line * 3, 322 + 50 * line), fill=(200, 60 + 7 * line, 40))
    return encoded(picture)


@dataclass(frozen=True, kw_only=True)
class StaticPage(Crowd):
    """Pictures of one page for one job: all its words, hashes that differ in a few bits."""

    seen: Fingerprint

    @cached_property
    def jobs(self) -> NDArray[np.int64]:
        return np.zeros(self.size, np.int64)

    def _block(self, first: int, count: int) -> Block:
        rng = np.random.default_rng((self.seed, first))
        known = dict(self.seen.hashes)
        hashes = np.tile(np.array([known[name] for name in NAMES], np.uint64), (count, 1))
        for _ in range(3):
            turned = np.uint64(1) << rng.integers(0, 64, hashes.shape, np.uint64)
            hashes ^= np.where(rng.random(hashes.shape) < 0.3, turned, np.uint64(0))
        said = np.tile(np.array(self.seen.words, np.int64), (count, 1))
        return Block(
            first=first,
            jobs=self.jobs[first : first + count],
            hashes=hashes,
            words=said,
            kept=np.ones(said.shape, np.bool_),
        )


class CountingChildren(InlineChildren):
    """Real eyes, whose comparisons are counted and whose fingerprints are of the crowd's version."""

    compared = 0

    def fingerprint(self, content: bytes) -> Fingerprint:
        return replace(super().fingerprint(content), version=VERSION)

    def compare(self, sketch: bytes, other: bytes, **told: Any) -> Likeness:
        self.compared += 1
        return super().compare(sketch, other, **told)

    def close(self) -> None:
        """Nothing is to be ended."""


class Crowded:
    """A worker whose ledger holds the ten thousand."""

    def __init__(self, url: str, engine: Engine, folder: Path) -> None:
        settings = load_settings(database_url=url)
        self.children = CountingChildren(
            Outfit(policy=Policy(), engine="auto", tessdata_dir=None, languages="eng", budget_ms=1, limit_s=9)
        )
        store = FilesEvidenceStore(folder / "evidence")
        seen = self.children.fingerprint(page(clock="8:15", battery=71))
        fill(url, StaticPage(kind=Kind.REALISTIC, size=SIZE, seen=seen))
        with engine.begin() as connection:
            connection.execute(update(fingerprints).values(sketch_key=store.put(seen.sketch)))
        self.services = services_on(
            engine, folder, settings=settings, children=self.children, bell=FakeBell()
        )
        self.services.ledger.declare_job(PLATFORM, Job(id=job_name(0)))

    def judged(self, name: str, content: bytes) -> dict[str, Any]:
        """Send a proof, let its one bell be answered, and return its verdict line."""
        services = self.services
        sent = Submission(
            platform=PLATFORM,
            job_id=job_name(0),
            submitter_id=f"w-{name}",
            submitted_at=LATER + timedelta(minutes=len(name)),
            pictures=(content,),
            proof_id=name,
        )
        proof, _ = submit(sent, ledger=services.ledger, store=services.store, policy=services.policy)
        fingerprint(services, proof.id)
        return verdict_line(services.queries.verdicts_for(PLATFORM, [name])[name])


@pytest.fixture
def crowded(ledger_url: str, engine: Engine, tmp_path: Path) -> Crowded:
    """The ten thousand, and who judges the next."""
    return Crowded(ledger_url, engine, tmp_path)


@pytest.fixture
def statements(engine: Engine) -> Iterator[Counter[str]]:
    """Counts what is asked of the database."""
    seen: Counter[str] = Counter()

    def count(*_: object) -> None:
        seen.update(["asked"])

    event.listen(engine, "before_cursor_execute", count)
    yield seen
    event.remove(engine, "before_cursor_execute", count)


def test_the_next_proofs_of_a_page_that_ten_thousand_sent(
    crowded: Crowded, engine: Engine, statements: Counter[str]
) -> None:
    """An honest twin costs what any proof does and is not rejected; a copy is found, its original named."""
    crowd_is_of_one_page(engine)
    statements.clear()
    began_s = time.process_time()
    line = crowded.judged("twin", page(clock="21:40", battery=12))
    assert time.process_time() - began_s < 5
    assert statements["asked"] < 40
    assert 0 < crowded.children.compared <= 2 * Policy().max_candidates
    assert line["verdict"] != "reject"

    content = page(clock="10:02", battery=44)
    sent_before = {"bytes_sha256": hashlib.sha256(content).hexdigest()}
    with engine.begin() as connection:
        mine = fingerprints.c.picture == identity(COPIED)
        connection.execute(update(fingerprints).where(mine).values(sent_before))
    line = crowded.judged("copy", content)
    assert line["verdict"] == "reject"
    assert [one["code"] for one in line["reasons"]] == ["duplicate.exact"]
    assert (line["duplicate_of"]["proof_id"], line["duplicate_of"]["relation"]) == (f"p{COPIED}", "exact")


def crowd_is_of_one_page(engine: Engine) -> None:
    """All of it is there, and near in every hash."""
    with engine.connect() as connection:
        kept = connection.execute(fingerprints.select()).all()
    assert len(kept) == SIZE
    first = dict(json.loads(kept[0].hashes))
    for row in kept[:: SIZE // 50]:
        bits = [first[name] ^ theirs for name, theirs in json.loads(row.hashes)]
        assert max(one.bit_count() for one in bits) <= 6
