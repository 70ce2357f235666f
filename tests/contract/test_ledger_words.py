"""The ledger's promises about key-point words: crops and photos are found, popular pages stay cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.ledger.words import BUCKET_LIMIT, JOB_WORDS, PLATFORM_WORDS
from tests.ledger_cases import add, candidates, fingerprint, fingerprinted

if TYPE_CHECKING:
    from pipeline.ledger import SqlLedger
    from pipeline.records import Proof

PAGE, FAR = 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210
RARE = tuple(range(100, 100 + JOB_WORDS))


def seed(
    ledger: SqlLedger,
    name: str,
    words: tuple[int, ...],
    *,
    minutes: float = 0,
    job: str = "job-1",
    page: int = FAR,
) -> Proof:
    """Add a fingerprinted proof whose page hash is far from `PAGE`."""
    proof = add(ledger, name, minutes=minutes, job_id=job)
    fingerprinted(ledger, proof, fingerprint(name, words=words, page=page))
    return proof


def test_the_ledger_keeps_the_words(ledger: SqlLedger) -> None:
    """They come back as they were found, strongest first."""
    proof = seed(ledger, "one", (7, 3, 5))
    ((_, kept, _),) = ledger.fingerprints(proof.id)
    assert kept.words == (7, 3, 5)


@pytest.mark.parametrize("job", ["job-1", "job-2"])
def test_a_few_rare_words_find_a_crop(ledger: SqlLedger, job: str) -> None:
    """No hash is near, yet the source comes first, of the job and of another one."""
    seed(ledger, "source", RARE)
    seed(ledger, "stranger", tuple(range(9000, 9000 + JOB_WORDS)), job=job)
    crop = seed(ledger, "crop", (*RARE[4:9], *range(5000, 5060)), minutes=1, job=job, page=PAGE)
    assert next(iter(candidates(ledger, crop))) == "source"


def test_strangers_that_share_one_word_of_the_platform_are_no_candidates(ledger: SqlLedger) -> None:
    """One look of a corner may be anybody's."""
    seed(ledger, "stranger", (1, 2, 3), job="job-2")
    assert candidates(ledger, seed(ledger, "mine", (3, 4, 5), minutes=1, page=PAGE)) == {}


def test_words_that_all_share_say_nothing(ledger: SqlLedger) -> None:
    """A popular page's words lead to nobody; the one word that is rare leads to its source."""
    common = tuple(range(PLATFORM_WORDS - 2))
    source = seed(ledger, "source", (*common, 777, 778), job="job-2")
    for number in range(BUCKET_LIMIT + 2):
        seed(ledger, f"other {number}", common, job="job-2")
    mine = seed(ledger, "mine", (*common, 777, 778), minutes=1, page=PAGE)
    assert list(candidates(ledger, mine)) == [source.proof_id]


def test_the_newest_of_the_job_fill_up(ledger: SqlLedger) -> None:
    """Where nothing else speaks, the job's earlier pictures are looked at; no later ones, no other job's."""
    seed(ledger, "earlier", (1,))
    seed(ledger, "elsewhere", (2,), job="job-2")
    mine = seed(ledger, "mine", (3,), minutes=5, page=PAGE)
    seed(ledger, "later", (4,), minutes=9)
    assert list(candidates(ledger, mine)) == ["earlier"]


def test_a_picture_without_key_points_fills_nothing_up(ledger: SqlLedger) -> None:
    """It can be laid over nothing."""
    seed(ledger, "empty", ())
    assert candidates(ledger, seed(ledger, "mine", (3,), minutes=5, page=PAGE)) == {}
    assert candidates(ledger, seed(ledger, "empty too", (), minutes=6, page=0)) == {}


def test_words_of_another_version_are_not_compared(ledger: SqlLedger) -> None:
    """An upgrade of the libraries moves their bits."""
    proof = add(ledger, "old")
    fingerprinted(ledger, proof, fingerprint("old", words=RARE, version="v0", page=FAR))
    assert candidates(ledger, seed(ledger, "mine", RARE, minutes=1, page=PAGE)) == {}


def test_a_page_that_all_send_costs_no_more_than_a_rare_one(ledger: SqlLedger) -> None:
    """Buckets of one static page are read up to their limits, and its first sender is still found exactly."""
    sent = [seed(ledger, f"sent {number}", RARE, page=PAGE, minutes=number) for number in range(160)]
    mine = add(ledger, "mine", minutes=200)
    fingerprinted(ledger, mine, fingerprint("sent 0", words=RARE, page=PAGE))
    found = ledger.candidates(mine.id, limit=12)
    assert len(found) == 12
    assert (found[0].proof, found[0].exact) == (sent[0].id, True)
