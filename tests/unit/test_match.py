"""`match` against readings written by hand."""

# ruff: noqa: RUF001 (Bengali digits and long dashes are what these tests are about)

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import match
from pipeline.labels import see
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import (
    AbsentCheck,
    AnswerCheck,
    Ask,
    Box,
    Check,
    CheckResult,
    CodeCheck,
    FreshCheck,
    Pass,
    PositionCheck,
    Reading,
    Scene,
    Setting,
    StateCheck,
    Status,
    TextCheck,
    UrlCheck,
    Word,
)

NOW = datetime(2026, 11, 1, 8, 4, 6, tzinfo=UTC)
POLICY = Policy()
PASS, FAIL, UNCLEAR = Status.PASS, Status.FAIL, Status.UNCLEAR
SUBSCRIBED = StateCheck(done=("Subscribed", "সাবস্ক্রাইব করা হয়েছে"), not_done=("Subscribe", "সাবস্ক্রাইব করুন"))
REST = (("Home page of things", 500), ("Another line", 600))

Row = tuple[str, int]


def words(
    text: str, y: int, *, line: int, x: int = 10, reader: int = 0, confidence: float = 0.95
) -> list[Word]:
    """Set the words of one line, 20 px tall."""
    found = []
    for part in text.split(" "):
        if not part:
            x += 60  # two spaces: another label in the same row
            continue
        found.append(
            Word(
                text=part,
                box=Box(x=x, y=y, w=10 * len(part), h=20),
                confidence=confidence,
                line=line,
                reader=reader,
            )
        )
        x += 10 * len(part) + 6
    return found


def reading(*rows: Row, image: int = 0, **of_words: float) -> Reading:
    """Make the reading of one pass from rows of text and their y."""
    confidence = of_words.get("confidence", 0.95)
    found = [
        word
        for line, (text, y) in enumerate((*rows, *REST))
        for word in words(text, y, line=line, confidence=confidence)
    ]
    return of(found, image=image)


def of(found: list[Word], *, image: int = 0, languages: str = "eng+ben") -> Reading:
    whole = Box(x=0, y=0, w=720, h=1600)
    past = Pass(
        name="page",
        engine="fake",
        languages=languages,
        page_mode=11,
        scale=1.0,
        region=whole,
        cpu_ms=1,
        words=len(found),
    )
    return Reading(
        image=image, width_px=720, height_px=1600, words=tuple(found), passes=(past,), engine_version="fake"
    )


def checked(
    check: Check, *readings: Reading, beside: tuple[Check, ...] = (), answer: str | None = None
) -> CheckResult:
    ask = Ask(checks=(check, *beside), submitted_at=NOW, answer=answer)
    return match.check(check, [see(one, POLICY) for one in readings], ask, POLICY)


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ("Nodi Tech", "nodi TECH"),
        ("Nodi Tech", "NodiTech"),
        ("Nodi-Tech!", "Nodi Tech"),
        ("ﬁne Tech", "fine Tech"),
        ("আয় বাড়ান", "আ\u09df বা\u09dcান"),
        ("ক্‌ষেত", "ক্ষেত"),
        ("শ্লোক নং ১৭", "শ্লোক নং 17"),
        ("Nodi\u200bTech", "Nodi Tech"),
        ("\u202eNodi Tech\u202c", "Nodi Tech"),
        ("রান্নাঘর TV", "রান্নাঘর tv"),
        ("অ্যাকাউন্ট", "\u0986\u09cd\u09afকাউন্ট"),
    ],
)
def test_writing_differences_that_nobody_sees_do_not_count(expected: str, shown: str) -> None:
    """Case, spaces, punctuation, invisible characters, nukta and digit forms are one."""
    assert checked(TextCheck(value=expected), reading((shown, 100))).status is PASS


def test_a_name_may_go_on_in_the_next_line() -> None:
    """A wrapped name is found, with one box around both lines."""
    result = checked(TextCheck(value="Daily Harvest BD"), reading(("Daily Harvest", 100), ("BD", 125)))
    assert (result.status, result.box) == (PASS, Box(x=10, y=100, w=126, h=45))


def test_a_name_that_is_nowhere_is_missing() -> None:
    """A well read picture without the name fails."""
    result = checked(TextCheck(value="Nodi Tech"), reading())
    assert (result.status, result.code) == (FAIL, ReasonCode.TARGET_MISSING)


def test_nothing_is_missing_from_a_picture_that_could_not_be_read() -> None:
    """Doubt, not rejection, where hardly a word was surely read."""
    result = checked(TextCheck(value="Nodi Tech"), reading(confidence=0.3))
    assert (result.status, result.code) == (UNCLEAR, ReasonCode.UNCLEAR)


def looks(*reads: tuple[str, float]) -> Reading:
    """Make several passes over one place."""
    found = [
        word
        for reader, (text, sure) in enumerate(reads)
        for word in words(text, 100, line=len(REST), reader=reader, confidence=sure)
    ]
    return of([*found, *reading().words])


def test_one_letter_that_two_sure_passes_agree_on_is_another_name() -> None:
    """The copycat is told apart from a slip."""
    result = checked(TextCheck(value="Meghna Kids"), looks(("Meghna Klds", 0.93), ("Meghna Klds", 0.95)))
    assert (result.status, result.code, result.found) == (FAIL, ReasonCode.TARGET_NEAR_MISS, "Meghna Klds")


def test_one_bengali_consonant_is_another_name() -> None:
    """Letters are grapheme clusters: a changed consonant is one letter."""
    result = checked(TextCheck(value="মেঘনা কিডস"), looks(("মেঘনা কিতস", 0.93), ("মেঘনা কিতস", 0.95)))
    assert result.code is ReasonCode.TARGET_NEAR_MISS


@pytest.mark.parametrize(
    "reads",
    [
        [("Meghna Klds", 0.93)],
        [("Meghna Klds", 0.6), ("Meghna Klds", 0.6)],
        [("Meghna Klds", 0.93), ("Meghna Kids", 0.93)],
        [("Meghna Klds", 0.68), ("Meghna Kids", 0.91)],
    ],
)
def test_doubt_about_a_letter_is_left_to_people(reads: list[tuple[str, float]]) -> None:
    """One look, unsure looks and looks that disagree decide nothing."""
    assert checked(TextCheck(value="Meghna Kids"), looks(*reads)).status is UNCLEAR


def test_an_i_without_a_dot_is_an_l_whatever_was_read() -> None:
    """A model that knows the word reads "Kids" for "Klds": the dot is seen in the pixels, or not."""
    plate = Box(x=0, y=0, w=9, h=9)
    setting = Setting(ink=(0, 0, 0), ground=(255, 255, 255), tall_px=40, stroke=0.1, plate=plate)
    seen = looks(("Meghna Kids", 0.95))
    for dots, status in ((0, UNCLEAR), (1, PASS), (None, PASS)):
        told = [replace(setting, dots=dots if word.text == "Kids" else None) for word in seen.words]
        words_told = [replace(word, setting=one) for word, one in zip(seen.words, told, strict=True)]
        assert checked(TextCheck(value="Meghna Kids"), of(words_told)).status is status


def test_another_word_that_three_passes_surely_read_is_another_name() -> None:
    """Two letters of a word differ in each look, and none showed the asked ones."""
    looked = looks(*[("Repair a phone scream", 0.95)] * 3)
    result = checked(TextCheck(value="Repair a phone screen"), looked)
    assert (result.status, result.code) == (FAIL, ReasonCode.TARGET_NEAR_MISS)
    told = looks(*[("Repair a phone scream", 0.95)] * 3, ("Repair a phone screen", 0.9))
    assert checked(TextCheck(value="Repair a phone screen"), told).status is not FAIL


def test_a_lost_chandrabindu_is_no_other_name() -> None:
    """Marks of a pixel or two are lost by readers, and by those who write: they name nothing else."""
    result = checked(TextCheck(value="ফাঁকা গ্রিডের আচরণ"), looks(*[("ফাকা গ্রিডের আচরণ", 0.95)] * 2))
    assert result.status is PASS


def test_a_short_word_is_exact_to_its_smallest_mark() -> None:
    """In a word of few letters a chandrabindu makes another word."""
    result = checked(TextCheck(value="চাঁদ"), looks(*[("চাদ", 0.95)] * 2))
    assert result.status is not PASS


@pytest.mark.parametrize(("sure", "status"), [(0.65, UNCLEAR), (0.95, FAIL), (0.2, FAIL)])
def test_a_short_name_but_for_an_unsure_letter_is_doubt(sure: float, status: Status) -> None:
    """A heading beside an avatar was read with one slip, and an honest person rejected for it."""
    result = checked(TextCheck(value="বাস কই"), looks(("বাসবই ২৬০", sure)))
    assert result.status is status


def set_in(ink: tuple[int, int, int], tall_px: float) -> Reading:
    """Make two sure looks at another name, set in an ink on dark ground."""
    ground, plate = (41, 15, 22), Box(x=0, y=0, w=720, h=1600)
    setting = Setting(
        ink=ink,
        ground=ground,
        tall_px=tall_px,
        stroke=0.12,
        plate=plate,
        square=True,
        straddles=0.0,
        rough=0.0,
        mixed=0.0,
    )
    both = looks(("পলাশ মেহল", 0.95), ("পলাশ মেহল", 0.95))
    return replace(both, words=tuple(replace(word, setting=setting) for word in both.words))


@pytest.mark.parametrize(
    ("ink", "tall_px", "status"),
    [
        ((241, 241, 241), 24.0, FAIL),
        ((182, 23, 70), 24.0, UNCLEAR),
        ((241, 241, 241), 9.0, UNCLEAR),
    ],
    ids=["legible", "hardly differs from its ground", "low"],
)
def test_another_letter_is_surely_read_in_legible_type_alone(
    ink: tuple[int, int, int], tall_px: float, status: Status
) -> None:
    """In pale or low type all sizes of one look share a slip; nobody is rejected for it."""
    result = checked(TextCheck(value="পলাশ মেইল"), set_in(ink, tall_px))
    assert (result.status, result.found) == (status, "পলাশ মেহল")


@pytest.mark.parametrize(
    ("check", "usual_px", "steep", "status"),
    [
        (TextCheck(value="Nodi Tech"), 5.0, 0.7, UNCLEAR),
        (TextCheck(value="Nodi Tech"), 16.0, 0.2, UNCLEAR),
        (TextCheck(value="Nodi Tech"), 16.0, 0.7, FAIL),
        (UrlCheck(host="nodi.org"), 5.0, 0.7, UNCLEAR),
        (CodeCheck(value="PX-4471"), 16.0, 0.2, UNCLEAR),
        (SUBSCRIBED, 9.0, 0.7, UNCLEAR),
        (SUBSCRIBED, 20.0, 0.7, FAIL),
        (SUBSCRIBED, 20.0, 0.0, FAIL),
    ],
)
def test_nothing_is_missing_from_low_or_soft_type(
    check: Check, usual_px: float, steep: float, status: Status
) -> None:
    """A messenger squeezes wide screens and blurs others; low Bengali type hides short labels at once."""
    scene = Scene(hues=300, usual_px=usual_px, steep=steep)
    assert checked(check, replace(reading(), scene=scene)).status is status


def test_what_was_read_counts_in_soft_type_too() -> None:
    """A not-done label that was surely read is no matter of legibility."""
    scene = Scene(hues=300, usual_px=16.0, steep=0.2)
    result = checked(SUBSCRIBED, replace(reading(("Subscribe", 300)), scene=scene))
    assert (result.status, result.code) == (FAIL, ReasonCode.STATE_NOT_DONE)


def test_joined_letters_read_with_two_slips_are_doubt() -> None:
    """Half the clusters of a word differ after two slips of a character: no reason to reject it."""
    result = checked(TextCheck(value="শ্রীমদ্ভগবদ্গীতা"), looks(("শ্রীমদ্ডগবদগীতা", 0.9)))
    assert result.status is UNCLEAR
    assert result.found == "শ্রীমদ্ডগবদগীতা"


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("শ্রীমদ্ভগবদ্গীতা", "শ্রীমদ্তগবদগীতা"),
        ("সবার জন্য ফ্রি কোর্স", "সবার জন্য ক্রি কোর্স"),
        ("যেকোনো ত্রুটি জানান", "যেকোনো ব্রুটি জানান"),
    ],
)
def test_slips_that_every_reader_makes_do_not_count(asked: str, read: str) -> None:
    """Joined consonants that models take for one another at any size are the asked ones in a long name."""
    assert checked(TextCheck(value=asked), looks((read, 0.9), (read, 0.9))).status is PASS


def test_a_slip_is_outvoted_by_looks_that_read_the_name() -> None:
    """Two exact looks stand against one slip."""
    reads = looks(("Meghna Klds", 0.93), ("Meghna Kids", 0.95), ("Meghna Kids", 0.9))
    assert checked(TextCheck(value="Meghna Kids"), reads).status is PASS


@pytest.mark.parametrize(("confidence", "expected"), [(0.92, PASS), (0.94, UNCLEAR)])
def test_another_word_in_a_sentence_is_doubt_where_it_was_surely_read(
    confidence: float, expected: Status
) -> None:
    """One letter in a sentence names nothing else, unless it surely makes another word."""
    shown = reading(("Start freelancing with one still", 100), confidence=confidence)
    assert checked(TextCheck(value="Start freelancing with one skill"), shown).status is expected


def test_a_label_is_not_found_inside_another_word() -> None:
    """A short name must be whole words."""
    assert checked(TextCheck(value="Tech"), reading(("Techno music", 100))).status is FAIL


@pytest.mark.parametrize("shown", ["Subscribed", "D Subscribed", "Subscribed v", "সাবস্ক্রাইব করা হয়েছে"])
def test_a_done_label_passes(shown: str) -> None:
    """An icon read as a letter does not spoil the label."""
    assert checked(SUBSCRIBED, reading((shown, 200))).status is PASS


def test_a_not_done_label_fails() -> None:
    """The word "Subscribe" is not "Subscribed", however alike they are."""
    result = checked(SUBSCRIBED, reading(("Subscribe", 200)))
    assert (result.status, result.code) == (FAIL, ReasonCode.STATE_NOT_DONE)


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ("সাবস্ক্রাইব করা", UNCLEAR),
        ("সাবস্কাইব করা", UNCLEAR),
        ("Q সাবস্ক্রাইব করা", UNCLEAR),
        ("আমাদের চ্যানেলে সাবস্ক্রাইব করা", FAIL),
        ("করা হয়েছে", FAIL),
    ],
)
def test_the_beginning_of_a_done_label_alone_is_doubt(shown: str, status: Status) -> None:
    """The edge of its button may have swallowed the rest; a sentence that ends so is none."""
    result = checked(SUBSCRIBED, reading((shown, 200)))
    assert (result.status, result.code) == (status, ReasonCode.STATE_MISSING)


def test_a_sentence_that_mentions_the_word_is_no_label() -> None:
    """Words of an advert say nothing of the state."""
    result = checked(SUBSCRIBED, reading(("Please subscribe to our channel today", 200)))
    assert (result.status, result.code) == (FAIL, ReasonCode.STATE_MISSING)


def test_a_done_phrase_inside_a_line_passes() -> None:
    """A line "X shared a post" names the one who did it."""
    check = StateCheck(done=("shared a post",))
    assert checked(check, reading(("Oliver Grant shared a post.", 200))).status is PASS


@pytest.mark.parametrize(
    ("own", "feed", "status"), [("Subscribed", "Subscribe", PASS), ("Subscribe", "Subscribed", FAIL)]
)
def test_the_label_beside_the_name_decides(own: str, feed: str, status: Status) -> None:
    """A button of another item in the feed neither spoils nor makes a proof."""
    page = reading(("Nodi Tech", 100), (own, 150), ("Other channel", 900), (feed, 950))
    assert checked(SUBSCRIBED, page, beside=(TextCheck(value="Nodi Tech"),)).status is status


@pytest.mark.parametrize(
    "rows", [(("Nodi Tech", 100), ("Subscribed", 140)), (("Nodi Tech Subscribed", 100),)]
)
def test_name_and_state_typed_together_are_no_proof(rows: tuple[Row, ...]) -> None:
    """Two lines of a note, or one line of a search box, are not a page."""
    result = checked(SUBSCRIBED, reading(*rows), beside=(TextCheck(value="Nodi Tech"),))
    assert (result.status, result.code) in {
        (UNCLEAR, ReasonCode.TYPED_NOT_SHOWN),
        (UNCLEAR, ReasonCode.STATE_MISSING),
    }


def test_two_labels_without_a_name_are_doubt() -> None:
    """Without a name nothing says which button is meant."""
    assert checked(SUBSCRIBED, reading(("Subscribed", 200), ("Subscribe", 900))).status is UNCLEAR


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ("example.com", PASS),
        ("https://www.example.com/offer?x=1", PASS),
        ("m.example.com", PASS),
        ("google.com", FAIL),
        ("example.com.evil.net", FAIL),
        ("notexample.com", FAIL),
        ("examp1e.com", UNCLEAR),
        ("exarnple.com", UNCLEAR),
        ("Reload page", FAIL),
    ],
)
def test_the_address_bar_must_show_the_host(shown: str, status: Status) -> None:
    """Subdomains pass, hosts that only contain it fail, look-alikes are looked at."""
    result = checked(UrlCheck(host="example.com"), reading((shown, 60)))
    assert result.status is status
    assert (result.code is ReasonCode.URL_MISMATCH) is (status is FAIL)


def test_a_look_alike_host_that_passes_agree_on_is_another_host() -> None:
    """Two sure passes tell a copycat from a slip."""
    result = checked(UrlCheck(host="example.com"), looks(("examp1e.com", 0.93), ("examp1e.com", 0.95)))
    assert (result.status, result.code) == (FAIL, ReasonCode.URL_MISMATCH)


@pytest.mark.parametrize(
    ("dots", "status"), [(1, PASS), (0, UNCLEAR), (None, UNCLEAR)], ids=["an i", "an l", "too low to tell"]
)
def test_a_host_that_passes_disagree_on_is_told_by_its_dots(dots: int | None, status: Status) -> None:
    """A language model reads nodlherbs as nodiherbs; the ink of an l wears no dot."""
    shown = looks(("nodlherbs.com", 0.9), ("nodlherbs.com", 0.9), ("nodiherbs.com", 0.9))
    ink = Setting(
        ink=(0,) * 3, ground=(255,) * 3, tall_px=20, stroke=0.1, plate=shown.words[0].box, dots=dots
    )
    shown = replace(shown, words=tuple(replace(one, setting=ink) for one in shown.words))
    assert checked(UrlCheck(host="nodiherbs.com"), shown).status is status


def test_a_host_whose_first_part_was_not_read_is_doubt() -> None:
    """A reader drops the beginning of a line more often than anyone owns the parent domain."""
    check = UrlCheck(host="mail.example.com")
    result = checked(check, looks(("example.com", 0.93), ("example.com", 0.95)))
    assert (result.status, result.code) == (UNCLEAR, ReasonCode.UNCLEAR)


def test_half_a_name_alone_is_doubt_and_another_name_is_not() -> None:
    """Where the rest of a name was not read, nobody is rejected; where another word stands, somebody is."""
    check = TextCheck(value="Meghna Kids")
    assert checked(check, reading(("Meghna", 200), ("Videos", 400), ("About us", 600))).status is UNCLEAR
    other = checked(check, reading(("Meghna Vlogs", 200), ("Videos", 400), ("About us", 600)))
    assert (other.status, other.code) == (FAIL, ReasonCode.TARGET_MISSING)


def test_letters_read_in_another_script_are_no_copycat() -> None:
    """A Latin model that meets a Bengali letter returns whatever looks like it."""
    check = TextCheck(value="SleepGuard-এ স্বাগতম")
    result = checked(check, looks(("SleepGuard-4 স্বাগতম", 0.95), ("SleepGuard-4 স্বাগতম", 0.95)))
    assert result.status is UNCLEAR


def test_a_host_in_the_page_is_no_address_bar() -> None:
    """Anyone can write a host into a page."""
    assert checked(UrlCheck(host="example.com"), reading(("Visit example.com", 700))).status is UNCLEAR


@pytest.mark.parametrize(
    ("shown", "status"),
    [("example.com/offer/2", PASS), ("example.com", PASS), ("example.com/login", FAIL)],
)
def test_a_path_counts_where_it_is_shown(shown: str, status: Status) -> None:
    """Browsers hide paths; a shown one must fit."""
    assert checked(UrlCheck(host="example.com", path="/offer"), reading((shown, 60))).status is status


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ("Your code: PX-4470.", PASS),
        ("Your code: PX – 4470", PASS),
        ("PX-৪৪৭০", PASS),
        ("PX-447O", UNCLEAR),
        ("X-4470", UNCLEAR),
        ("4470", UNCLEAR),
        ("PX-4472", FAIL),
        ("PX-4470-B", FAIL),
        ("No code here", FAIL),
    ],
)
def test_a_code_is_compared_letter_for_letter(shown: str, status: Status) -> None:
    """Letters that readers confuse are doubt, others another code."""
    assert checked(CodeCheck(value="PX-4470"), reading((shown, 200))).status is status


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ("Nov 1, 2026 8:02 AM", PASS),
        ("1st November", PASS),
        ("১ নভেম্বর ২০২৬", PASS),
        ("2026-11-01", PASS),
        ("01/11/2026", PASS),
        ("12 Oct 2026", FAIL),
        ("১২ অক্টোবর, ২০২৬", FAIL),
        ("১লা নভেম্বর, ২০২৬", PASS),
        ("২১শে অক্টোবর ২০২৬", FAIL),
        ("০১/১১/২০২৬", PASS),
        ("1 Nov 2025", FAIL),
        ("14:03", PASS),
        ("Nothing of time", FAIL),
    ],
)
def test_a_date_on_the_screen_must_be_fresh(shown: str, status: Status) -> None:
    """Dates are read in both languages; a date outweighs a clock."""
    result = checked(FreshCheck(within=timedelta(hours=24)), reading((shown, 200), ("8:03", 5)))
    assert result.status is (PASS if shown == "Nothing of time" else status)


def test_a_task_bars_date_does_not_outweigh_the_pages_own() -> None:
    """An old page captured today is doubt; today's date on the page itself is fresh."""
    check, today = FreshCheck(within=timedelta(hours=24)), ("1 Nov 2026", 1580)
    assert checked(check, reading(("12 Oct 2026", 700), today)).code is ReasonCode.STALE
    assert checked(check, reading(("12 Oct 2026", 700), today)).status is UNCLEAR
    assert checked(check, reading(("1 Nov 2026", 400), ("12 Oct 2026", 700), today)).status is PASS
    assert checked(check, reading(today)).status is PASS


def test_the_devices_own_clock_goes_before_times_within_the_page() -> None:
    """An opening hour that happens to fit makes no old screen fresh; it is doubt, since zones differ."""
    shown = reading(("23:45", 10), ("Open until 14:03", 700))
    assert checked(FreshCheck(within=timedelta(hours=1)), shown).status is UNCLEAR


@pytest.mark.parametrize(("clock", "status"), [("14:03", PASS), ("7:50", PASS), ("11:43", UNCLEAR)])
def test_a_clock_alone_is_compared_in_the_submitters_zones(clock: str, status: Status) -> None:
    """14:03 in Dhaka is 8:03 in UTC; a clock from elsewhere is doubt, not staleness."""
    assert checked(FreshCheck(within=timedelta(hours=1)), reading((clock, 5))).status is status


@pytest.mark.parametrize(
    ("shown", "status", "code"),
    [
        ("1:07 / 4:12", PASS, None),
        ("১:০৭ / ৪:১২", PASS, None),
        ("1:07  4:12", PASS, None),
        ("0:00 / 4:12", FAIL, ReasonCode.STATE_NOT_DONE),
        ("2:23 12:46", PASS, None),
        ("10:46 8:46", UNCLEAR, ReasonCode.STATE_MISSING),
        ("39/18:17", UNCLEAR, ReasonCode.STATE_MISSING),
        ("$208 /'5:24", UNCLEAR, ReasonCode.STATE_MISSING),
        ("7/10 of the quiz", FAIL, ReasonCode.STATE_MISSING),
        ("No player", FAIL, ReasonCode.STATE_MISSING),
        ("O:31  5:24", PASS, None),
        ("o:oo / 4:12", FAIL, ReasonCode.STATE_MISSING),
        ("video:24 of 36", FAIL, ReasonCode.STATE_MISSING),
    ],
)
def test_a_player_must_have_moved(shown: str, status: Status, code: ReasonCode | None) -> None:
    """The position counts, in the digits of either language, at both ends of a seek bar too."""
    result = checked(PositionCheck(), reading((shown, 300)))
    assert (result.status, result.code) == (status, code)


def test_what_must_be_absent_fails_where_it_stands() -> None:
    """The worst picture decides."""
    check = AbsentCheck(any=("Sign in to continue",))
    clean, dirty = reading(), reading(("Sign in to continue", 200), image=1)
    result = checked(check, clean, dirty)
    assert (result.status, result.code, result.image) == (FAIL, ReasonCode.FORBIDDEN_TEXT, 1)
    assert checked(check, clean).status is PASS


@pytest.mark.parametrize(
    ("answer", "status"), [("rahim99", PASS), ("karim77", FAIL), ("", FAIL), (None, FAIL)]
)
def test_the_answer_must_stand_in_the_picture(answer: str | None, status: Status) -> None:
    """A missing answer cannot be there."""
    result = checked(AnswerCheck(), reading(("rahim99", 200)), answer=answer)
    assert result.status is status
    assert (result.code is ReasonCode.ANSWER_MISSING) is (status is FAIL)


def test_any_picture_may_show_it() -> None:
    """Several pictures: the one that shows it is named."""
    result = checked(TextCheck(value="Nodi Tech"), reading(), reading(("Nodi Tech", 100), image=1))
    assert (result.status, result.image) == (PASS, 1)


@pytest.mark.parametrize("value", ["हिन्दी चैनल", "قناة", "频道"])
def test_a_script_that_no_model_reads_is_left_to_people(value: str) -> None:
    """The reader's limits are never the submitter's fault."""
    result = checked(TextCheck(value=value), reading())
    assert (result.status, result.code) == (UNCLEAR, ReasonCode.UNSUPPORTED_SCRIPT)


def test_signs_without_letters_cannot_be_read() -> None:
    """A name of emoji is doubt."""
    assert checked(TextCheck(value="★☆★"), reading()).status is UNCLEAR


def test_without_readings_everything_is_doubt() -> None:
    """A proof whose pictures were not read fails nothing."""
    assert checked(TextCheck(value="Nodi Tech")).status is UNCLEAR


@pytest.mark.parametrize("value", ["(.*)+", "a" * 5_000, "\\", "\u0000", "\u202e" * 50, "{}", "%s"])
def test_any_text_is_only_data(value: str) -> None:
    """Patterns, control characters and long texts are compared, never interpreted."""
    for check in (
        TextCheck(value=value),
        CodeCheck(value=value),
        UrlCheck(host=value),
        AbsentCheck(any=(value,)),
    ):
        assert checked(check, reading((value.replace(" ", "_"), 100))).check == check.name
