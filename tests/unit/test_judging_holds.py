"""What holds of every judgement, whatever was read: found by trying, not by example."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.judge import judge
from pipeline.policy import Policy
from pipeline.records import (
    AbsentCheck,
    AutoReject,
    Box,
    CodeCheck,
    Decide,
    Job,
    Outcome,
    Pass,
    Proof,
    Reading,
    Scene,
    Setting,
    StateCheck,
    Step,
    StoredPicture,
    TextCheck,
    UrlCheck,
    Verdict,
    Word,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
POLICY = Policy()
RANK = {Outcome.REJECT: 0, Outcome.MANUAL: 1, Outcome.ACCEPT: 2}
WIDE_PX, TALL_PX = 720, 1600
PAGE = Box(x=0, y=60, w=WIDE_PX, h=1500)
BODY = Setting(ink=(20, 20, 20), ground=(255, 255, 255), tall_px=28, stroke=0.11, plate=PAGE)
HEADING = replace(BODY, tall_px=48, stroke=0.2)
PILL = replace(BODY, ink=(255, 255, 255), ground=(0, 0, 0), plate=Box(x=20, y=280, w=240, h=60))
NAME, STATE = TextCheck(value="Nodi Tech"), StateCheck(done=("Subscribed",), not_done=("Subscribe",))
CHECKS = (
    NAME,
    STATE,
    CodeCheck(value="PX-4471"),
    UrlCheck(host="polls.example"),
    AbsentCheck(any=("Sign in",)),
)

texts = st.sampled_from(
    ["Nodi Tech", "Nodi Tach", "Subscribed", "Subscribe", "PX-4471", "PX-4477", "polls.example", "Sign in"]
) | st.text(max_size=30)
words = st.builds(
    lambda text, x, y, sure, setting: Word(
        text=text, box=Box(x=x, y=y, w=16 * max(1, len(text)), h=30), confidence=sure, line=y, setting=setting
    ),
    texts,
    st.integers(0, 500),
    st.integers(0, 1500),
    st.floats(0, 1),
    st.sampled_from([None, BODY, HEADING, PILL]),
)
scenes = st.none() | st.builds(Scene, hues=st.integers(0, 400), keyboard=st.booleans())
readings = st.builds(
    lambda found, scene, lines: reading(sorted(found, key=lambda one: (one.line, one.box.x)), scene, lines),
    st.lists(words, max_size=12),
    scenes,
    st.integers(0, 80),
)
jobs = st.lists(st.sampled_from(CHECKS), min_size=1, max_size=4, unique=True)
several = settings(max_examples=60, deadline=None)


def reading(found: list[Word], scene: Scene | None, lines: int, image: int = 0) -> Reading:
    """Return one pass's reading."""
    whole = Box(x=0, y=0, w=WIDE_PX, h=TALL_PX)
    past = Pass(
        name="page",
        engine="fake",
        languages="eng+ben",
        page_mode=11,
        scale=1.0,
        region=whole,
        cpu_ms=1,
        words=len(found),
    )
    return Reading(
        image=image,
        width_px=WIDE_PX,
        height_px=TALL_PX,
        words=tuple(found),
        passes=(past,),
        engine_version="fake",
        lines=lines,
        scene=scene,
    )


def outcome(checks: list[object], *seen: Reading, decide: Decide | None = None) -> Outcome:
    """Return what is decided on a proof that shows `seen`."""
    return verdict_on(checks, *seen, decide=decide).outcome


def verdict_on(checks: list[object], *seen: Reading, decide: Decide | None = None) -> Verdict:
    """Return the verdict on a proof that shows `seen`."""
    job = Job(id="job", checks=tuple(checks), images_max=9, decide=decide or Decide())
    pictures = tuple(
        StoredPicture(id=str(at), index=at, key="k", sha256="s", size_bytes=1) for at in range(len(seen))
    )
    proof = Proof(
        id="01B",
        platform="p",
        proof_id="b",
        job_id="job",
        job=job,
        submitter_id="w",
        submitted_at=NOON,
        received_at=NOON,
        answer=None,
        lang="en",
        deadline=None,
        step=Step.JUDGE,
        pictures=pictures,
    )
    numbered = tuple(replace(one, image=at) for at, one in enumerate(seen))
    verdict = judge(proof, numbered, resemblances=(), policy=POLICY)
    for reason in verdict.reasons:
        assert verdict.outcome is not Outcome.ACCEPT, reason
    return verdict


@several
@given(jobs, readings, readings)
def test_another_picture_never_spoils_what_one_shows(
    checks: list[object], shown: Reading, other: Reading
) -> None:
    """A check passes if any picture shows it, so one more can only help; what must be absent is apart."""
    positive = [one for one in checks if not isinstance(one, AbsentCheck)] or [NAME]
    assert RANK[outcome(positive, shown, other)] >= RANK[outcome(positive, shown)]


@several
@given(jobs, readings)
def test_an_unread_picture_beside_it_makes_no_reject_of_an_accept(
    checks: list[object], shown: Reading
) -> None:
    """A picture without a word on it takes nothing away."""
    empty = reading([], None, 0)
    if outcome(checks, shown) is Outcome.ACCEPT:
        assert outcome(checks, shown, empty) is Outcome.ACCEPT


@several
@given(readings)
def test_a_heading_and_its_button_beat_whatever_else_was_read(other: Reading) -> None:
    """A picture that shows name and state as a page does is accepted beside any other."""
    page = reading(
        [
            Word(text="Nodi", box=Box(x=40, y=200, w=100, h=50), confidence=0.95, line=0, setting=HEADING),
            Word(text="Tech", box=Box(x=150, y=200, w=100, h=50), confidence=0.95, line=0, setting=HEADING),
            Word(text="Subscribed", box=Box(x=60, y=295, w=150, h=30), confidence=0.95, line=1, setting=PILL),
        ],
        Scene(hues=300),
        40,
    )
    assert outcome([NAME, STATE], page) is Outcome.ACCEPT
    assert outcome([NAME, STATE], other, page) is Outcome.ACCEPT


@several
@given(jobs, readings)
def test_a_photo_on_the_page_never_speaks_against_it(checks: list[object], shown: Reading) -> None:
    """The same words on a page with pictures are decided as well or better than on a bare one."""
    bare = replace(shown, scene=Scene(hues=0))
    rich = replace(shown, scene=Scene(hues=400))
    assert RANK[outcome(checks, rich)] >= RANK[outcome(checks, bare)]


@several
@given(jobs, readings)
def test_an_open_keyboard_never_helps(checks: list[object], shown: Reading) -> None:
    """Typing in progress is never better evidence than the same page without it."""
    without = replace(shown, scene=Scene(hues=300))
    typing = replace(shown, scene=Scene(hues=300, keyboard=True))
    assert RANK[outcome(checks, typing)] <= RANK[outcome(checks, without)]


@several
@given(jobs, readings)
def test_a_spent_budget_never_rejects(checks: list[object], shown: Reading) -> None:
    """What was not read to the end may be left to people, not held against the submitter."""
    assert outcome(checks, replace(shown, out_of_budget=True)) is not Outcome.REJECT


@several
@given(jobs, readings)
def test_a_job_that_rejects_nothing_by_itself_gets_no_reject(checks: list[object], shown: Reading) -> None:
    """`auto_reject: false` turns each reject into manual and leaves the rest alone."""
    plain, left = outcome(checks, shown), outcome(checks, shown, decide=Decide(auto_reject=AutoReject.OFF))
    assert left is (Outcome.MANUAL if plain is Outcome.REJECT else plain)


@several
@given(jobs, readings)
def test_a_stricter_near_miss_rule_only_moves_rejects_to_people(checks: list[object], shown: Reading) -> None:
    """`near_miss: manual` never rejects more, and never accepts."""
    plain = outcome(checks, shown)
    left = outcome(checks, shown, decide=Decide(near_miss=Outcome.MANUAL))
    assert left is plain or (plain, left) == (Outcome.REJECT, Outcome.MANUAL)


@several
@given(readings, st.floats(0, 1))
def test_a_done_word_read_more_surely_never_lowers_a_verdict(shown: Reading, sure: float) -> None:
    """What speaks for the proof may be read as surely as can be: no rule takes that amiss."""
    surer = tuple(
        replace(one, confidence=max(one.confidence, sure)) if one.text == "Subscribed" else one
        for one in shown.words
    )
    assert RANK[outcome([NAME, STATE], replace(shown, words=surer))] >= RANK[outcome([NAME, STATE], shown)]


@several
@given(jobs, readings, st.floats(0.15, 1.0))
def test_a_mark_of_paint_never_helps(checks: list[object], shown: Reading, share: float) -> None:
    """Ink of a third colour and remains of a cut line speak against words, never for them."""
    marked = tuple(
        replace(one, setting=replace(one.setting, mixed=share, remains=12)) if one.setting else one
        for one in shown.words
    )
    positive = [one for one in checks if not isinstance(one, AbsentCheck)] or [NAME]
    assert RANK[outcome(positive, replace(shown, words=marked))] <= RANK[outcome(positive, shown)]


@several
@given(jobs, readings)
def test_a_verdict_that_decides_states_its_confidence(checks: list[object], shown: Reading) -> None:
    """A share in 0..1 for accept and reject, none for what is left to people."""
    stated = verdict_on(checks, shown)
    if stated.outcome is Outcome.MANUAL:
        assert stated.confidence is None
    else:
        assert stated.confidence is not None
        assert 0.9 <= stated.confidence <= 1.0
