"""The wider corpus of fakes: planned from a seed, every kind in its turn, every montage on any picture."""

from __future__ import annotations

import importlib.util
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fixtures.montage import MONTAGES
from fixtures.overlays import OVERLAYS
from fixtures.pixels import generator

if TYPE_CHECKING:
    from fixtures.plan import Planned

HAS_DRAWING = all(importlib.util.find_spec(name) is not None for name in ("jinja2", "playwright"))
SAID = ("Nodi Tech", "সাবস্ক্রাইব করা হয়েছে", "PX-4471")


@pytest.mark.parametrize("name", [*MONTAGES, *OVERLAYS])
@pytest.mark.parametrize("shape", [(480, 216), (120, 300)])
def test_a_montage_repeats_itself_and_leaves_its_input(name: str, shape: tuple[int, int]) -> None:
    """Equal generators give equal pixels, other than the input's, whatever the picture's shape."""
    rgb = np.full((*shape, 3), 200, np.uint8)
    before = rgb.copy()
    first, second = ({**MONTAGES, **OVERLAYS}[name](rgb, generator(name, 3), SAID) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(rgb, before)
    assert first.dtype == np.uint8
    assert first.shape != rgb.shape or not np.array_equal(first, rgb)


@pytest.mark.skipif(not HAS_DRAWING, reason="the dependency group `draw` is not installed")
def test_a_plan_holds_every_kind_of_fake_and_the_honest_pages_that_look_like_them() -> None:
    """Two rounds of jobs with eight fakes each show all of them, and a seed always plans the same."""
    from fixtures.wider import PLAIN, fake_names, plan  # noqa: PLC0415 (the module needs the group `draw`)

    jobs, proofs = plan(5, 42, 8)
    kinds = Counter(one.attack for one in proofs if one.truth == "fake")
    assert set(kinds) == {name for job in jobs for name in fake_names(job)}
    looks = sum(len(PLAIN[job.sort.name][1]) for job in jobs if job.sort.name in PLAIN)
    assert sum(one.truth == "honest" for one in proofs) == looks
    assert [_told(one) for one in plan(5, 42, 8)[1]] == [_told(one) for one in proofs]


def _told(one: Planned) -> tuple[object, ...]:
    return one.key, one.attack, one.screens[0].template, one.screens[0].context.get("said")


@pytest.mark.skipif(
    not HAS_DRAWING or shutil.which("chromium") is None, reason="Chromium or the group `draw` is missing"
)
def test_every_typed_and_plain_scene_can_be_drawn() -> None:
    """Each template takes the words that the plan gives it."""
    from fixtures.browser import studio  # noqa: PLC0415 (the module needs the group `draw`)
    from fixtures.wider import plan  # noqa: PLC0415

    _, proofs = plan(5, 21, 8)
    screens = {(one.screens[0].template, one.attack): one.screens[0] for one in proofs}
    with studio() as open_studio:
        for shown in screens.values():
            assert open_studio.draw(shown).pixels.std() > 0
