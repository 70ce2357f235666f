"""Marks of paint: what words that were laid over a page leave in its pixels, and what is made of it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.cuts import remains
from pipeline.ink import mixed
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import Box, CodeCheck, PositionCheck, Scene, Status, TextCheck
from tests.unit.test_places import BODY, HEADING, judged

CODE = (CodeCheck(value="PX-4471"),)
PAGE = Scene(hues=300, usual_px=28)


def drawn(ink: tuple[int, int, int], *, outline: bool = False) -> np.ndarray:
    """Return one word on grey, with a black outline if asked."""
    pixels = np.full((60, 200, 3), 120, np.uint8)
    for x, y in ((17, 37), (17, 43), (23, 37), (23, 43)) if outline else ():
        cv2.putText(pixels, "Play", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
    cv2.putText(pixels, "Play", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.2, ink, 2, cv2.LINE_AA)
    return pixels.astype(np.float32)


@pytest.mark.parametrize("ink", [(255, 255, 255), (255, 59, 48), (0, 0, 0)])
def test_smooth_edges_are_blends_and_an_outline_is_not(ink: tuple[int, int, int]) -> None:
    """A word of one ink on one ground has two colours and what lies between; an outline adds a third."""
    ground, full, policy = np.full(3, 120, np.float32), np.array(ink, np.float32), Policy()
    assert mixed(drawn(ink), ground, full, policy) < policy.mixed_ink
    if ink != (0, 0, 0):
        assert mixed(drawn(ink, outline=True), ground, full, policy) >= policy.mixed_ink


def framed() -> np.ndarray:
    """Return a word in a frame of dashes, whose upright sides break their distances."""
    pixels = np.full((200, 400, 3), 255, np.uint8)
    for x in range(20, 380, 14):
        pixels[118:122, x : x + 8] = 60
    pixels[118:122, 14:18] = pixels[118:122, 376:384] = 60
    pixels[119, 90:92] = 255  # a dash that a lossy file broke in one row
    cv2.putText(pixels, "Fresh vegetables", (40, 95), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0,) * 3, 2)
    return pixels


def sheet(*, cut: bool, dashes: bool = False) -> np.ndarray:
    """Return a page with a large line, and below it a small line, cut through its middle, or dashes."""
    pixels = np.full((200, 400, 3), 255, np.uint8)
    if dashes:
        pixels[106:110, 20:380] = np.tile(np.repeat([[0], [255]], 6, axis=0), (30, 1))[None]
    else:
        cv2.putText(
            pixels, "three days ago, seen by many", (20, 118), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (90,) * 3, 2
        )
    if cut:
        pixels[60:114] = 255
    cv2.putText(pixels, "Fresh vegetables", (20, 95), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0,) * 3, 2)
    return pixels


def test_a_line_cut_below_a_text_leaves_remains() -> None:
    """The lower half of a line under a plate's edge is low; a whole line and dashes are not cut."""
    line, policy = (20, 72, 300, 105), Policy()
    assert remains(sheet(cut=True), line, 20.0, policy) >= policy.remains_strokes
    assert remains(sheet(cut=False), line, 20.0, policy) == 0
    assert remains(sheet(cut=False, dashes=True), line, 20.0, policy) == 0
    assert remains(framed(), line, 20.0, policy) == 0


def test_a_code_over_the_edge_of_its_plate_is_doubt() -> None:
    """A page's code lies on one ground."""
    card = replace(BODY, plate=Box(x=20, y=500, w=600, h=110))
    over, inside = (("PX-4471", 40, y, card) for y in (596, 540))
    told = judged(over, checks=CODE, at=0, scene=PAGE)
    assert (told.status, told.code) == (Status.UNCLEAR, ReasonCode.PASTED_TEXT)
    assert judged(inside, checks=CODE, at=0, scene=PAGE).status is Status.PASS


@pytest.mark.parametrize("tall_px", [40, 28])
def test_a_text_beside_a_cut_line_is_doubt(tall_px: float) -> None:
    """What hides half of the page's own line was laid there, however large it is."""
    beside_remains = replace(HEADING, tall_px=tall_px, remains=12)
    name = replace(HEADING, stroke=0.3)
    rows = (("Nodi Tech", 40, 200, name), ("Subscribed", 300, 600, beside_remains))
    assert judged(*rows, scene=PAGE).status is Status.UNCLEAR


def test_a_cut_line_and_one_outsized_pen_are_sure_together() -> None:
    """Two signs of different kinds are no accident."""
    cut = replace(HEADING, remains=12)
    rows = (("Nodi Tech", 40, 200, HEADING), ("Subscribed", 300, 600, cut))
    result = judged(*rows, scene=PAGE)
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.PASTED_TEXT)


@pytest.mark.parametrize(("tall_px", "status"), [(120, Status.UNCLEAR), (60, Status.PASS)])
def test_a_giant_code_is_doubt(tall_px: float, status: Status) -> None:
    """A page that says more sets its code large, not giant."""
    big = replace(BODY, tall_px=tall_px)
    assert judged(("PX-4471", 40, 500, big), checks=CODE, at=0, scene=PAGE).status is status


def test_two_films_on_one_screen_are_doubt() -> None:
    """A page plays one film: a position of another length was added."""
    checks = (TextCheck(value="The boat makers"), PositionCheck(above_s=0))
    title, one = ("The boat makers", 40, 900, HEADING), ("2:14 / 5:09", 40, 400, BODY)
    told = judged(title, one, ("0:00 / 3:34", 40, 700, BODY), checks=checks, at=0, scene=PAGE)
    assert (told.status, told.code) == (Status.UNCLEAR, ReasonCode.PASTED_TEXT)
    assert judged(title, one, checks=checks, at=0, scene=PAGE).status is Status.PASS
