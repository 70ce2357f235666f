"""Places: words that were typed or painted are told from words that a page shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.labels import see
from pipeline.match import check
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import (
    Ask,
    Box,
    Check,
    CheckResult,
    CodeCheck,
    Pass,
    Reading,
    Scene,
    Setting,
    StateCheck,
    Status,
    TextCheck,
    UrlCheck,
    Word,
)

WIDE_PX, TALL_PX = 720, 1600
PAGE = Box(x=0, y=60, w=WIDE_PX, h=1500)
BODY = Setting(ink=(20, 20, 20), ground=(255, 255, 255), tall_px=28, stroke=0.11, plate=PAGE)
HEADING = replace(BODY, tall_px=48, stroke=0.2)
NAME, STATE = TextCheck(value="Nodi Tech"), StateCheck(done=("Subscribed",), not_done=("Subscribe",))
Spot = tuple[str, int, int, Setting]


def test_a_heading_and_its_button_are_a_page() -> None:
    """Name and state of different size and plate pass."""
    pill = replace(BODY, plate=Box(x=20, y=280, w=220, h=60))
    assert judged(("Nodi Tech", 40, 200, HEADING), ("Subscribed", 40, 295, pill)).status is Status.PASS


def test_two_lines_of_a_bare_note_are_surely_typed() -> None:
    """One style, one margin and nothing else on the page: no proof."""
    result = judged(("Nodi Tech", 40, 200, BODY), ("Subscribed", 40, 245, BODY), lines=8)
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_two_alike_lines_of_a_full_page_are_doubt() -> None:
    """A page that says much more may set two texts alike: a person looks."""
    result = judged(("Nodi Tech", 40, 200, BODY), ("Subscribed", 40, 245, BODY), lines=60)
    assert (result.status, result.code) == (Status.UNCLEAR, ReasonCode.TYPED_NOT_SHOWN)


@pytest.mark.parametrize(
    "other",
    [replace(BODY, ink=(0, 90, 220)), replace(BODY, stroke=0.2), replace(BODY, tall_px=40)],
    ids=["colour", "weight", "size"],
)
def test_another_style_under_a_name_is_a_page(other: Setting) -> None:
    """A link, a bold word or a larger one under a name was not typed with it."""
    assert judged(("Nodi Tech", 40, 200, BODY), ("Subscribed", 40, 245, other)).status is Status.PASS


def test_one_line_of_a_search_field_is_surely_typed() -> None:
    """A field that holds just name and state is no page."""
    field = replace(BODY, plate=Box(x=20, y=90, w=640, h=70))
    result = judged(("Nodi Tech", 40, 110, field), ("Subscribed", 200, 110, field))
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_a_search_box_is_typed_into_whatever_else_it_holds() -> None:
    """More words behind name and state make a query no page."""
    field = replace(BODY, plate=Box(x=20, y=90, w=640, h=70))
    result = judged(
        ("Nodi Tech", 40, 110, field), ("Subscribed", 200, 110, field), ("Too many ads", 340, 110, field)
    )
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_messages_at_both_sides_are_surely_typed() -> None:
    """Name and state alone in bubbles, one received and one sent, are a chat."""
    got = replace(BODY, plate=Box(x=20, y=280, w=200, h=60))
    sent = replace(BODY, ground=(217, 253, 211), plate=Box(x=500, y=350, w=200, h=60))
    result = judged(("Nodi Tech", 40, 295, got), ("Subscribed", 520, 365, sent))
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_bubbles_at_one_side_without_a_time_are_doubt() -> None:
    """Two chips of a page look like bubbles."""
    first = replace(BODY, plate=Box(x=20, y=280, w=200, h=60))
    second = replace(BODY, plate=Box(x=20, y=350, w=220, h=60))
    result = judged(("Nodi Tech", 40, 295, first), ("Subscribed", 40, 365, second))
    assert (result.status, result.code) == (Status.UNCLEAR, ReasonCode.TYPED_NOT_SHOWN)


@pytest.mark.parametrize(("top", "status"), [(90, Status.PASS), (280, Status.FAIL)], ids=["bar", "bubble"])
def test_an_address_bar_is_no_bubble(top: int, status: Status) -> None:
    """A browser's bar at the left and a page's pill at the right are no talk of two."""
    bar = replace(BODY, plate=Box(x=20, y=top, w=300, h=60))
    pill = replace(BODY, ground=(217, 253, 211), plate=Box(x=500, y=350, w=200, h=60))
    rows = (("nodiherbs.com", 40, top + 15, bar), ("Subscribed", 520, 365, pill))
    assert judged(*rows, checks=(UrlCheck(host="nodiherbs.com"), STATE), at=1).status is status
    shop = TextCheck(value="nodiherbs")  # the site's name stands in its address, too
    assert judged(*rows, checks=(shop, UrlCheck(host="nodiherbs.com"), STATE), at=2).status is status


def test_a_state_that_also_stands_on_a_button_is_shown() -> None:
    """A typed line beside the page's own button spoils nothing."""
    pill = replace(BODY, plate=Box(x=20, y=880, w=220, h=60), stroke=0.2)
    rows = (("Nodi Tech", 40, 200, BODY), ("Subscribed", 40, 245, BODY), ("Subscribed", 40, 895, pill))
    assert judged(*rows, lines=8).status is Status.PASS


@pytest.mark.parametrize(("both", "status"), [(True, Status.FAIL), (False, Status.UNCLEAR)])
def test_sharp_plates_across_the_page_are_painted(both: bool, status: Status) -> None:  # noqa: FBT001 (a table)
    """Two words on plates that cut through the page were painted; a single one is doubt."""
    laid = {"square": True, "straddles": 0.5}
    name = replace(BODY, plate=Box(x=30, y=190, w=180, h=50), **laid)
    state = replace(HEADING, plate=Box(x=300, y=590, w=220, h=60), **(laid if both else {}))
    result = judged(("Nodi Tech", 40, 200, name), ("Subscribed", 310, 600, state))
    assert (result.status, result.code) == (status, ReasonCode.PASTED_TEXT)


def test_a_title_in_a_tab_alone_is_doubt() -> None:
    """A browser's tab above the address shows no page."""
    tab = replace(BODY, plate=Box(x=0, y=0, w=WIDE_PX, h=70))
    bar = replace(BODY, plate=Box(x=60, y=80, w=600, h=50))
    rows = (("Winter offers", 40, 20, tab), ("nodiherbs.com", 80, 90, bar))
    checks = (TextCheck(value="Winter offers"), UrlCheck(host="nodiherbs.com"))
    assert judged(*rows, checks=checks, at=0).status is Status.UNCLEAR


PLAIN, RICH = Scene(hues=4), Scene(hues=300)
CODE = CodeCheck(value="PX-4471")


@pytest.mark.parametrize(
    ("scene", "gap_px", "lines", "status"),
    [
        (PLAIN, 90, 20, Status.FAIL),
        (PLAIN, 90, 21, Status.UNCLEAR),
        (PLAIN, 140, 20, Status.UNCLEAR),
        (RICH, 90, 20, Status.UNCLEAR),
        (replace(PLAIN, keyboard=True), 90, 60, Status.FAIL),
    ],
    ids=["note", "long page", "wide note", "caption on a page", "above a keyboard"],
)
def test_name_and_state_in_one_run_of_type_are_typed(
    scene: Scene, gap_px: int, lines: int, status: Status
) -> None:
    """Two lines of one style at one margin are a note's on a bare picture, and doubt on any other."""
    rows = (("Nodi Tech", 40, 400, BODY), ("Subscribed", 40, 400 + gap_px, BODY))
    result = judged(*rows, lines=lines, scene=scene)
    assert (result.status, result.code) == (status, ReasonCode.TYPED_NOT_SHOWN)


def test_a_heading_and_a_button_need_no_photo() -> None:
    """A plain page sets its state on another ground than its name."""
    pill = replace(BODY, plate=Box(x=20, y=270, w=220, h=80), ink=(255, 255, 255), ground=(0, 0, 0))
    rows = (("Nodi Tech", 40, 200, HEADING), ("Subscribed", 40, 295, pill))
    assert judged(*rows, scene=PLAIN).status is Status.PASS


def test_a_marked_word_below_a_heading_is_doubt() -> None:
    """A document's marker leaves no room above and below a word, as a button does."""
    mark = replace(BODY, plate=Box(x=30, y=280, w=180, h=60), ground=(255, 235, 59))
    rows = (("Nodi Tech", 40, 200, HEADING), ("Subscribed", 40, 295, mark))
    assert judged(*rows, scene=PLAIN).status is Status.UNCLEAR
    assert judged(*rows, scene=RICH).status is Status.PASS


def test_a_low_pill_with_room_beside_its_label_is_a_button() -> None:
    """A plain page's button may be low; it is no marker's stroke."""
    pill = replace(BODY, plate=Box(x=0, y=280, w=240, h=60), ink=(255, 255, 255), ground=(21, 128, 61))
    rows = (("Nodi Tech", 40, 200, HEADING), ("Subscribed", 45, 295, pill))
    assert judged(*rows, scene=PLAIN).status is Status.PASS


def test_a_title_above_plain_text_without_an_address_is_doubt() -> None:
    """Notes have titles too: one ground, one colour, nothing but text."""
    rows = (("Nodi Tech", 40, 200, HEADING), ("Subscribed", 40, 800, BODY))
    assert judged(*rows, scene=PLAIN).code is ReasonCode.TYPED_NOT_SHOWN
    assert judged(*rows, scene=RICH).status is Status.PASS


def test_an_address_of_its_own_makes_plain_text_a_page() -> None:
    """A browser shows where it is, on another plate than the page."""
    bar = replace(BODY, plate=Box(x=60, y=80, w=600, h=50))
    code = ("PX-4471", 40, 600, BODY)
    assert judged(code, checks=(CODE,), at=0, scene=PLAIN).status is Status.UNCLEAR
    addressed = (("polls.example", 80, 90, bar), code)
    assert judged(*addressed, checks=(CODE,), at=0, scene=PLAIN).status is Status.PASS


@pytest.mark.parametrize("text", ["rahim@polls.example", "notes.docx"])
def test_a_mailbox_or_a_file_is_no_address(text: str) -> None:
    """A mail's receiver and a document's name stand at the top, too."""
    bar = replace(BODY, plate=Box(x=60, y=80, w=600, h=50))
    rows = ((text, 80, 90, bar), ("PX-4471", 40, 600, BODY))
    assert judged(*rows, checks=(CODE,), at=0, scene=PLAIN).status is Status.UNCLEAR


def test_a_code_set_apart_needs_no_address() -> None:
    """A page that says much and shows its code large is no note."""
    scene = replace(PLAIN, usual_px=20.0)
    large = replace(BODY, tall_px=44)
    assert judged(("PX-4471", 40, 600, large), checks=(CODE,), at=0, scene=scene).status is Status.PASS
    assert judged(("PX-4471", 40, 600, BODY), checks=(CODE,), at=0, scene=scene).status is Status.UNCLEAR


def test_a_keyboard_is_doubt_and_above_bare_text_sure() -> None:
    """Who types is not done; a code alone above a keyboard was typed."""
    pill = replace(BODY, plate=Box(x=20, y=280, w=220, h=60), ink=(255, 255, 255))
    rows = (("Nodi Tech", 40, 200, HEADING), ("Subscribed", 40, 295, pill))
    assert judged(*rows, scene=replace(RICH, keyboard=True)).status is Status.UNCLEAR
    code = ("PX-4471", 40, 600, BODY)
    keyed = judged(code, checks=(CODE,), at=0, scene=replace(PLAIN, keyboard=True))
    assert (keyed.status, keyed.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_a_screen_shown_inside_another_is_doubt() -> None:
    """The right page in a gallery or a chat may be anybody's."""
    pill = replace(BODY, plate=Box(x=220, y=480, w=220, h=60), ink=(255, 255, 255))
    rows = (("Nodi Tech", 240, 400, HEADING), ("Subscribed", 240, 495, pill))
    inside = replace(RICH, inset=Box(x=200, y=300, w=420, h=900))
    assert judged(*rows, scene=inside).status is Status.UNCLEAR
    assert judged(*rows, scene=replace(RICH, inset=Box(x=200, y=700, w=420, h=700))).status is Status.PASS


@pytest.mark.parametrize("both", [True, False])
def test_words_on_a_gradient_are_painted(both: bool) -> None:  # noqa: FBT001 (a table)
    """No page sets name and state on grounds of many colours; a name alone may stand over a photo."""
    name = replace(HEADING, rough=0.8)
    state = replace(BODY, rough=0.9 if both else 0.0, plate=Box(x=20, y=580, w=220, h=60))
    result = judged(("Nodi Tech", 40, 200, name), ("Subscribed", 40, 595, state))
    assert result.status is (Status.FAIL if both else Status.PASS)
    assert result.code is (ReasonCode.PASTED_TEXT if both else None)


def test_a_code_on_a_gradient_is_doubt() -> None:
    """Pages set codes on flat ground."""
    rough = judged(("PX-4471", 40, 600, replace(BODY, rough=0.8)), checks=(CODE,), at=0, scene=RICH)
    assert (rough.status, rough.code) == (Status.UNCLEAR, ReasonCode.PASTED_TEXT)


def test_a_pill_that_curves_away_from_its_page_is_no_paint() -> None:
    """A button's round ends uncover what is behind it; a name's plate should not."""
    pill = replace(BODY, plate=Box(x=20, y=280, w=220, h=60), straddles=0.35)
    name = ("Nodi Tech", 40, 200, HEADING)
    assert judged(name, ("Subscribed", 40, 295, pill)).status is Status.PASS
    plated = replace(HEADING, plate=Box(x=20, y=180, w=220, h=80), straddles=0.35)
    assert judged(("Nodi Tech", 40, 200, plated), ("Subscribed", 40, 295, pill)).status is Status.FAIL


def test_an_outsized_pill_across_the_page_is_doubt() -> None:
    """Round ends uncover what is behind a button; type half as large again as the page's was laid there."""
    pill = replace(BODY, plate=Box(x=20, y=280, w=260, h=100), straddles=0.8, tall_px=40)
    rows = (("Nodi Tech", 40, 200, HEADING), ("Subscribed", 40, 310, pill))
    assert judged(*rows, scene=replace(RICH, usual_px=20.0)).code is ReasonCode.PASTED_TEXT
    assert judged(*rows, scene=replace(RICH, usual_px=36.0)).status is Status.PASS


def test_words_below_the_screen_are_a_caption() -> None:
    """No page says name and state at its very foot."""
    larger = replace(HEADING, stroke=0.3)
    rows = (("Nodi Tech", 40, 1420, HEADING), ("Subscribed", 300, 1500, replace(larger, ink=(200, 0, 0))))
    assert judged(*rows, scene=RICH).code is ReasonCode.PASTED_TEXT


def test_large_words_where_a_status_bar_should_be_are_a_caption() -> None:
    """Words written above a screen begin at the very edge; a page has its clock and its header there."""
    scene = replace(RICH, usual_px=20.0)
    rows = (("Nodi Tech", 40, 8, HEADING), ("Subscribed", 40, 120, replace(HEADING, stroke=0.1)))
    assert judged(*rows, scene=scene).code is ReasonCode.PASTED_TEXT
    pill = replace(HEADING, stroke=0.1, plate=Box(x=20, y=185, w=240, h=70))
    lower = (("Nodi Tech", 40, 90, HEADING), ("Subscribed", 40, 200, pill))
    assert judged(*lower, scene=scene).status is Status.PASS


@pytest.mark.parametrize(
    ("tall_px", "shown", "plate", "status"),
    [
        (48, "Subscribed", PAGE, Status.UNCLEAR),
        (36, "Subscribed", PAGE, Status.PASS),
        (48, "Subscribed", Box(x=280, y=580, w=220, h=70), Status.PASS),
        (48, "Order placed", PAGE, Status.PASS),
    ],
    ids=["a heading's size", "a usual size", "a button", "told in headings"],
)
def test_a_buttons_label_as_large_as_a_heading_is_doubt(
    tall_px: int, shown: str, plate: Box, status: Status
) -> None:
    """Whoever paints over a button writes larger than it did."""
    pen = replace(BODY, tall_px=tall_px, plate=plate)
    checks = (NAME, StateCheck(done=(shown,), not_done=("Subscribe", "Place order")))
    rows = (("Nodi Tech", 40, 200, replace(BODY, tall_px=70)), (shown, 300, 600, pen))
    assert judged(*rows, checks=checks, scene=Scene(hues=300, usual_px=28)).status is status


def test_two_names_of_one_outsized_pen_are_doubt() -> None:
    """A page sets its title above its comment in another size; a story sets both alike."""
    checks = (TextCheck(value="Winter offers"), TextCheck(value="came in two days"))
    scene = replace(RICH, usual_px=20.0)
    title, told = ("Winter offers", 40, 500, HEADING), ("came in two days", 200, 900, HEADING)
    assert judged(title, told, checks=checks, at=0, scene=scene).code is ReasonCode.PASTED_TEXT
    body = (*told[:3], BODY)
    assert judged(title, body, checks=checks, at=0, scene=scene).status is Status.PASS


def test_a_name_at_the_foot_of_a_page_is_shown() -> None:
    """Tabs and footers name things; a code on a band of its own does not stand there."""
    foot = replace(BODY, plate=Box(x=0, y=1420, w=WIDE_PX, h=180))
    assert judged(("Nodi Tech", 40, 1500, foot), checks=(NAME,), at=0, scene=RICH).status is Status.PASS
    code = judged(("PX-4471", 40, 1500, foot), checks=(CODE,), at=0, scene=RICH)
    assert (code.status, code.code) == (Status.UNCLEAR, ReasonCode.PASTED_TEXT)


PEN = replace(BODY, tall_px=33, stroke=0.14)
OUTSIZED = ("Nodi Tech", 150, 456, PEN)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (PEN, Status.UNCLEAR),
        (replace(PEN, plate=Box(x=190, y=525, w=180, h=60), straddles=0.4), Status.FAIL),
        (replace(PEN, tall_px=22), Status.PASS),
        (replace(PEN, stroke=0.25, plate=Box(x=190, y=525, w=180, h=60)), Status.PASS),
    ],
    ids=["one pen", "one pen on a plate that cuts", "a smaller button", "a button of another weight"],
)
def test_name_and_state_of_one_outsized_pen_are_painted(state: Setting, status: Status) -> None:
    """A page sets its state smaller than its name; an editor's pen keeps its size, and no margin."""
    result = judged(OUTSIZED, ("Subscribed", 200, 540, state), scene=replace(RICH, usual_px=20.0))
    assert result.status is status
    assert result.code is (None if status is Status.PASS else ReasonCode.PASTED_TEXT)


@pytest.mark.parametrize(
    ("x_px", "usual_px", "lines"), [(150, 20.0, 40), (200, 28.0, 40), (200, 20.0, 12), (200, 0.0, 40)]
)
def test_large_type_in_order_or_on_a_bare_page_is_a_page(x_px: int, usual_px: float, lines: int) -> None:
    """A shared margin, a page of large letters, or hardly any letters at all say nothing of paint."""
    pill = replace(PEN, ink=(0, 90, 220), plate=Box(x=x_px - 10, y=525, w=180, h=60))
    result = judged(
        OUTSIZED, ("Subscribed", x_px, 540, pill), lines=lines, scene=replace(RICH, usual_px=usual_px)
    )
    assert result.status is Status.PASS


@pytest.mark.parametrize(("square", "status"), [(False, Status.UNCLEAR), (True, Status.PASS)])
def test_a_state_beside_a_time_on_a_rounded_plate_is_a_message(square: bool, status: Status) -> None:  # noqa: FBT001 (a table)
    """A bubble says when it was sent; a name in a tab above does not make it a page."""
    sent = replace(BODY, plate=Box(x=430, y=580, w=280, h=60), square=square)
    rows = (("Nodi Tech", 40, 20, HEADING), ("Subscribed", 450, 595, sent), ("2:40", 640, 595, sent))
    assert judged(*rows).status is status


@pytest.mark.parametrize(
    ("room", "status"), [(170, Status.UNCLEAR), (70, Status.PASS)], ids=["a time", "none"]
)
def test_a_code_with_room_for_a_time_on_its_rounded_plate_is_a_message(room: int, status: Status) -> None:
    """A chat shows a code as a page does, on a plate; behind it stands when it was sent."""
    sent = replace(BODY, plate=Box(x=20, y=580, w=105 + room, h=60))
    result = judged(("PX-4471", 40, 595, sent), checks=(CODE,), at=0, scene=RICH)
    assert result.status is status


def test_three_asked_texts_in_one_line_of_one_colour_are_doubt() -> None:
    """A query that a page repeats is no page, even where touching lines spoil one word's size."""
    quote = replace(BODY, tall_px=40, stroke=0.06)
    review = StateCheck(done=("Your review",))  # of two words: it may stand within a line
    checks = (NAME, review, TextCheck(value="came in two days"))
    spots = (
        ("Nodi Tech", 40, 800, BODY),
        ("Your review", 190, 800, quote),
        ("came in two days", 370, 800, BODY),
    )
    result = judged(*spots, checks=checks)
    assert (result.status, result.code) == (Status.UNCLEAR, ReasonCode.TYPED_NOT_SHOWN)


OFFER = ("Subscribe", 300, 330, replace(BODY, ink=(255, 255, 255), ground=(0, 90, 220)))


@pytest.mark.parametrize(
    ("tall_px", "plate", "status"),
    [
        (60, Box(x=20, y=230, w=300, h=90), Status.FAIL),
        (28, PAGE, Status.UNCLEAR),
        (28, Box(x=20, y=230, w=220, h=80), Status.PASS),
    ],
    ids=["an outsized plate", "no plate", "a button"],
)
def test_a_done_label_beside_a_button_that_still_offers(tall_px: int, plate: Box, status: Status) -> None:
    """Who writes a done word over a page leaves its own button: a page shows one of the two near a name."""
    state = ("Subscribed", 40, 250, replace(BODY, tall_px=tall_px, stroke=0.14, plate=plate))
    offer = (*OFFER[:3], replace(OFFER[3], plate=Box(x=280, y=315, w=180, h=70)))
    scene = replace(RICH, usual_px=24.0)
    result = judged(("Nodi Tech", 40, 190, HEADING), state, offer, scene=scene)
    assert result.status is status
    assert result.code is (None if status is Status.PASS else ReasonCode.PASTED_TEXT)


@pytest.mark.parametrize(
    ("top", "status"), [(1510, Status.UNCLEAR), (900, Status.PASS)], ids=["foot", "feed"]
)
def test_the_whole_screens_button_may_deny_what_stands_elsewhere(top: int, status: Status) -> None:
    """A group's one button lies at the foot, far from its name; others in a feed are somebody else's."""
    offer = ("Subscribe", 300, top, replace(OFFER[3], plate=Box(x=0, y=top - 20, w=720, h=80)))
    rows = (("Nodi Tech", 40, 60, HEADING), ("Subscribed", 40, 250, BODY), offer)
    assert judged(*rows, scene=replace(RICH, usual_px=24.0)).status is status


def test_messages_with_their_times_below_are_doubt() -> None:
    """Two plates of one colour at one side, each with room for a time, are a talk; chips leave none."""
    plates = [Box(x=400, y=y, w=280, h=110) for y in (280, 410)]
    sent = [replace(BODY, plate=plate, ground=(90, 60, 190)) for plate in plates]
    rows = (("Nodi Tech", 420, 295, sent[0]), ("Subscribed", 420, 425, sent[1]))
    assert judged(*rows).code is ReasonCode.TYPED_NOT_SHOWN
    other = replace(sent[1], ground=(230, 230, 230))
    assert judged(rows[0], ("Subscribed", 420, 425, other)).status is Status.PASS


def test_a_code_noted_with_the_address_is_surely_typed() -> None:
    """An address in the note's own type, on a bare page that shows none in a bar, is the cheat's list."""
    rows = (("forms.test", 40, 440, BODY), ("PX-4471", 40, 490, BODY))
    noted = judged(*rows, checks=(CODE,), at=0, lines=9, scene=PLAIN)
    assert (noted.status, noted.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)
    link = (("forms.test", 40, 440, replace(BODY, ink=(0, 90, 220))), rows[1])
    assert judged(*link, checks=(CODE,), at=0, lines=9, scene=PLAIN).status is Status.UNCLEAR


def test_a_title_that_a_browser_guesses_is_doubt() -> None:
    """A row that holds a title and its host is what a browser or a search offers, not the page."""
    bar = replace(BODY, plate=Box(x=60, y=80, w=600, h=50))
    checks = (TextCheck(value="Winter offers"), UrlCheck(host="nodiherbs.com"))
    address, title = ("nodiherbs.com", 80, 90, bar), ("Winter offers", 40, 300, HEADING)
    guess = (("Winter offers", 40, 220, BODY), ("nodiherbs.com", 250, 220, BODY))
    assert judged(address, *guess, checks=checks, at=0).code is ReasonCode.TYPED_NOT_SHOWN
    assert judged(address, *guess, title, checks=checks, at=0).status is Status.PASS


def test_a_name_and_other_words_of_one_paint_are_doubted_together() -> None:
    """A name may lie on a photo; where another asked text lies on paint as well, it was written with it."""
    painted = replace(BODY, rough=0.8)
    rows = (("Nodi Tech", 40, 200, painted), ("Subscribed", 40, 300, painted))
    own = ("Subscribed", 40, 900, replace(BODY, stroke=0.2))
    assert judged(*rows, own, scene=RICH).code is ReasonCode.PASTED_TEXT
    assert judged(rows[0], own, scene=RICH).status is Status.PASS


def judged(
    *spots: Spot,
    lines: int = 40,
    checks: tuple[Check, ...] = (NAME, STATE),
    at: int = 1,
    scene: Scene | None = None,
) -> CheckResult:
    """Return the result of one check on a page with these texts, each a line unless at one height."""
    rows = sorted({y for _, _, y, _ in spots})
    words = tuple(
        Word(
            text=one,
            box=Box(
                x=x + 16 * len(" ".join(text.split()[:number])) + 12 * bool(number),
                y=y,
                w=15 * len(one),
                h=30,
            ),
            confidence=0.95,
            line=rows.index(y),
            setting=setting,
        )
        for text, x, y, setting in spots
        for number, one in enumerate(text.split())
    )
    whole = Box(x=0, y=0, w=WIDE_PX, h=TALL_PX)
    past = Pass(
        name="page",
        engine="fake",
        languages="eng",
        page_mode=11,
        scale=1.0,
        region=whole,
        cpu_ms=1,
        words=len(words),
    )
    reading = Reading(
        image=0,
        width_px=WIDE_PX,
        height_px=TALL_PX,
        words=words,
        passes=(past,),
        engine_version="0",
        lines=lines,
        scene=scene,
    )
    ask = Ask(checks=checks, submitted_at=datetime(2026, 11, 1, tzinfo=UTC))
    return check(checks[at], (see(reading, Policy()),), ask, Policy())
