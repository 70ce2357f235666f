"""Fingerprints by the million that look like real ones, for `growth.py`.

In: a kind of crowd, a size, a seed. Out: blocks of numpy arrays, the same for the same seed. Uniform: hashes
and words from all that there can be, jobs of 200. Realistic: jobs of every size, the most popular page holds
5 % of all; a page is seen on six devices, hashes of one device differ in up to six bits; a quarter of the
words are the page's, the rest are drawn as unevenly as the words of the sample proofs in `fixtures/` are (the
most frequent stands in every fifth picture; 84 to 96 words a picture).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.keypoints import MOST_WORDS, WORD_BITS

NAMES = ("page", "body", "trimmed", "mirrored")
VERSION = "praman-bench"
BLOCK = 20_000
POPULAR_SHARE = 0.05
_JOB_SIZE = 200
_DEVICES = 6
_MOST_FLIPS = 6
_PAGE_WORDS = MOST_WORDS // 4
_UNEVENNESS = 2.23
# An odd factor orders all words anew, so that frequent ones are no neighbours.
_SCATTER = 0x9E37_79B1


class Kind(StrEnum):
    """How the pictures of a crowd resemble each other."""

    UNIFORM = "uniform"
    REALISTIC = "realistic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Consecutive pictures.

    Attributes:
        first: Number of the first one.
        jobs: Each one's job, shape (n,).
        hashes: In the order of `NAMES`, uint64 of shape (n, 4).
        words: Strongest first, shape (n, 96); `kept` is False where one says a word again.
    """

    first: int
    jobs: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    words: NDArray[np.int64]
    kept: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """So many pictures of one kind."""

    kind: Kind
    size: int
    seed: int = 4

    def blocks(self) -> Iterator[Block]:
        """Yield all pictures in the order of their numbers."""
        for first in range(0, self.size, BLOCK):
            yield self._block(first, min(BLOCK, self.size - first))

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """The page hash of every picture: what an index of one hash holds."""
        return np.concatenate([block.hashes[:, 0] for block in self.blocks()])

    @cached_property
    def jobs(self) -> NDArray[np.int64]:
        """The job of every picture; in a realistic crowd number 0 is the popular page's."""
        rng = np.random.default_rng((self.seed, 1))
        count = max(2, self.size // _JOB_SIZE)
        if self.kind is Kind.UNIFORM:
            return rng.integers(0, count, self.size)
        popular = rng.random(self.size) < POPULAR_SHARE
        others = 1 + (rng.random(self.size) ** 2 * (count - 1)).astype(np.int64)
        return np.where(popular, 0, others)

    def _block(self, first: int, count: int) -> Block:
        rng = np.random.default_rng((self.seed, 2, first))
        jobs = self.jobs[first : first + count]
        if self.kind is Kind.UNIFORM:
            hashes = rng.integers(0, 1 << 64, (count, len(NAMES)), np.uint64)
            words = rng.integers(0, 1 << WORD_BITS, (count, MOST_WORDS), np.int64)
        else:
            hashes, words = _seen(jobs, rng), _said(jobs, rng)
        return Block(first=first, jobs=jobs, hashes=hashes, words=words, kept=_first_said(words))


def _seen(jobs: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.uint64]:
    """Return the hashes of pages as people's devices show them."""
    device = rng.integers(0, _DEVICES, len(jobs))
    page = (jobs * _DEVICES + device).astype(np.uint64)[:, None] * np.uint64(len(NAMES))
    hashes = _mixed(page + np.arange(len(NAMES), dtype=np.uint64))
    for _ in range(_MOST_FLIPS):
        turned = np.uint64(1) << rng.integers(0, 64, hashes.shape, np.uint64)
        hashes ^= np.where(rng.random(hashes.shape) < 0.5, turned, np.uint64(0))  # noqa: PLR2004 (a coin)
    return hashes


def _said(jobs: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the words of pages: some of the page's own, the rest as frequent as everywhere."""
    ranks = rng.random((len(jobs), MOST_WORDS)) ** _UNEVENNESS * (1 << WORD_BITS)
    words = ranks.astype(np.int64) * _SCATTER & (1 << WORD_BITS) - 1
    own = _mixed(jobs.astype(np.uint64)[:, None] << np.uint64(8) | np.arange(_PAGE_WORDS, dtype=np.uint64))
    places = rng.permuted(np.tile(np.arange(MOST_WORDS), (len(jobs), 1)), axis=1)[:, :_PAGE_WORDS]
    np.put_along_axis(words, places, (own >> np.uint64(64 - WORD_BITS)).astype(np.int64), axis=1)
    return words


def _first_said(words: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return where each picture says a word for the first time."""
    order = np.argsort(words, axis=1, kind="stable")
    inorder = np.take_along_axis(words, order, axis=1)
    kept = np.ones(words.shape, np.bool_)
    np.put_along_axis(kept, order[:, 1:], inorder[:, 1:] != inorder[:, :-1], axis=1)
    return kept


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers that look random, the same for the same values.

    Source: SplitMix64 (Steele et al. 2014), its output function.
    """
    with np.errstate(over="ignore"):
        values = (values + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ values >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ values >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return values ^ values >> np.uint64(31)
