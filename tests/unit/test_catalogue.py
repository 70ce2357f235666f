from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from pipeline.catalogue import Kind, kinds, read_kind
from pipeline.errors import JobFileError
from pipeline.jobs import job_for_kind
from pipeline.records import CodeCheck, Job, PolicyStance, PositionCheck, StateCheck, TextCheck, UrlCheck

if TYPE_CHECKING:
    from pathlib import Path

PARAMS = {  # what the contract's table says: required, optional
    "youtube_subscribe": ("channel", ""),
    "youtube_view": ("title", "channel"),
    "video_watch": ("title", "channel"),
    "youtube_channel_create": ("channel", ""),
    "telegram_join": ("channel", ""),
    "facebook_follow": ("page", ""),
    "social_share": ("page", "post"),
    "app_install": ("app", ""),
    "app_review": ("app", "review"),
    "review_comment": ("title", "review"),
    "website_visit": ("url", "title"),
    "website_signup": ("site", "url"),
    "email_create": ("provider", "url"),
    "website_comment": ("comment", "title"),
    "survey_code": ("code", ""),
    "account_sale": ("", ""),
}
STATES = {  # kind: (done, not done) that the contract names
    "youtube_subscribe": ("Subscribed সাবস্ক্রাইব_করা_হয়েছে", "Subscribe সাবস্ক্রাইব_করুন"),
    "youtube_channel_create": ("Customise_channel Manage_videos", "Subscribe"),
    "telegram_join": ("Mute Unmute Leave You_joined Joined মিউট আনমিউট যোগ_দিয়েছেন", "Join যোগ_দিন"),
    "facebook_follow": ("Following Liked ফলো_করছেন অনুসরণ_করছেন", "Follow ফলো_করুন অনুসরণ_করুন"),
    "social_share": ("shared_a_post shared শেয়ার_করেছেন", ""),
    "app_install": ("Uninstall Open আনইনস্টল_করুন খুলুন", "Install ইনস্টল_করুন"),
    "app_review": ("Your_review Edit_your_review আপনার_রিভিউ", ""),
    "review_comment": ("Your_review Edit_your_review আপনার_রিভিউ", ""),
    "website_signup": ("Welcome Log_out Dashboard স্বাগতম লগ_আউট", "Sign_up Create_account Password"),
    "email_create": (
        "Welcome Account_created Log_out Dashboard স্বাগতম লগ_আউট",
        "Sign_up Create_account Password",
    ),
    "website_comment": ("Just_now এইমাত্র", ""),
}
OWN = """
name: {name}
label: {{en: Own, bn: নিজস্ব}}
description: A kind of a platform's own.
params: [{{name: topic, required: true, help: The topic}}]
policy: {{stance: allow}}
checks: {checks}
"""


def sample(kind: Kind, *, optional: bool) -> Job:
    params = {one.name: "example.com/a/" if one.form == "url" else "Nodi 1" for one in kind.params}
    given = {name: value for name, value in params.items() if optional or _needed(kind, name)}
    return job_for_kind(kind.name, given, id="j", kinds=kinds())


def _needed(kind: Kind, name: str) -> bool:
    param = kind.param(name)
    return param is not None and param.required


def state(job: Job) -> StateCheck:
    return next(check for check in job.checks if isinstance(check, StateCheck))


def words(written: str) -> list[str]:
    return [unicodedata.normalize("NFC", word.replace("_", " ")) for word in written.split()]


def test_the_catalogue_holds_what_the_contract_lists() -> None:
    """Every kind of the contract is there, with its required and optional parameters."""
    found = {
        name: tuple(
            " ".join(one.name for one in kind.params if one.required is required)
            for required in (True, False)
        )
        for name, kind in kinds().items()
    }
    assert found == PARAMS


def test_kinds_carry_the_policy_of_the_contract() -> None:
    """Paid engagement and reviews are flagged with a rule, account sale is refused, the rest allowed."""
    by_stance = {
        stance: {name for name, kind in kinds().items() if kind.policy.stance is stance}
        for stance in PolicyStance
    }
    assert by_stance[PolicyStance.REFUSE] == {"account_sale"}
    assert by_stance[PolicyStance.FLAG] == {
        "youtube_subscribe",
        "youtube_view",
        "video_watch",
        "facebook_follow",
        "social_share",
        "app_install",
        "app_review",
        "review_comment",
    }
    told = [kind for kind in kinds().values() if kind.policy.stance is not PolicyStance.ALLOW]
    assert all(kind.policy.rule and kind.policy.sentence and kind.policy.url for kind in told)


@pytest.mark.parametrize("name", STATES)
def test_state_words_hold_what_the_contract_names(name: str) -> None:
    """Each done and not-done word of the contract is looked for, in whatever language the phone is."""
    check = state(sample(kinds()[name], optional=True))
    done, not_done = STATES[name]
    assert set(words(done)) <= set(check.done)
    assert set(words(not_done)) <= set(check.not_done)
    assert {word.casefold() for word in check.done}.isdisjoint(word.casefold() for word in check.not_done)


@pytest.mark.parametrize("name", PARAMS)
def test_every_kind_makes_a_job_with_and_without_its_options(name: str) -> None:
    """A kind fills with all parameters and with the required ones; an absent option drops its check."""
    kind = kinds()[name]
    full, least = sample(kind, optional=True), sample(kind, optional=False)
    optional = [one for one in kind.params if not one.required]
    assert len(full.checks) - len(least.checks) == len(optional)
    assert bool(least.checks) is (name != "account_sale")
    assert kind.label("en") != kind.label("bn")


def test_a_view_asks_for_the_player_and_never_for_a_button() -> None:
    """A video's page is judged by title and position; a Subscribe button on it says nothing."""
    for name in ("youtube_view", "video_watch"):
        job = job_for_kind(name, {"title": "Padma bridge"}, id="j", kinds=kinds())
        assert job.checks == (TextCheck(value="Padma bridge"), PositionCheck(above_s=0))


def test_a_visit_asks_for_the_host_of_its_address() -> None:
    """Scheme, port, `www.` and path of the address are left out of what the bar must show."""
    for url in ("https://www.Example.com:8443/a/b?c=d#e", "example.com", "http://example.com/"):
        job = job_for_kind("website_visit", {"url": url}, id="j", kinds=kinds())
        assert job.checks == (UrlCheck(host="example.com"),)


def test_a_survey_asks_for_its_code() -> None:
    """A survey's proof is its code, letter for letter."""
    job = job_for_kind("survey_code", {"code": "PX-4471"}, id="j", kinds=kinds())
    assert job.checks == (CodeCheck(value="PX-4471"),)


def test_account_sale_is_refused_with_its_source() -> None:
    """A job of account sale loads, so that its proofs can be answered with the rule."""
    job = job_for_kind("account_sale", {}, id="j", kinds=kinds())
    assert job.stance is PolicyStance.REFUSE
    assert "Terms of Service" in (job.policy_source or "")


def test_a_platforms_own_kind_stands_beside(tmp_path: Path) -> None:
    """A directory's kinds are added to the built-in ones, and its other files are left alone."""
    (tmp_path / "own.yaml").write_text(OWN.format(name="forum_post", checks='[text: {value: "{topic}"}]'))
    (tmp_path / "notes.txt").write_text("no kind")
    found = kinds(tmp_path)
    assert set(found) == set(PARAMS) | {"forum_post"}
    job = job_for_kind("forum_post", {"topic": "Hilsa"}, id="j", kinds=found)
    assert job.checks == (TextCheck(value="Hilsa"),)


def test_a_built_in_kind_cannot_be_replaced(tmp_path: Path) -> None:
    """A directory whose kind has a built-in kind's name is refused, with file and remedy."""
    path = tmp_path / "own.yaml"
    path.write_text(OWN.format(name="survey_code", checks="[]"))
    with pytest.raises(
        JobFileError, match=r"survey_code\.yaml already defines; choose another name"
    ) as caught:
        kinds(tmp_path)
    assert caught.value.faults[0].file == str(path)


def test_a_missing_directory_is_a_clear_fault(tmp_path: Path) -> None:
    """A directory that is not there is told, not taken for an empty one."""
    with pytest.raises(JobFileError, match="is not there; check its path"):
        kinds(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "checks", "told"),
    [
        ("own", '[text: {value: "{topics}"}]', "unknown place {topics}; the places are topic"),
        ("own", "[state: words]", "the kind has none; add `words: ...`"),
        ("own", "[txet: {value: a}]", "did you mean `text`?"),
        ("Own Kind", "[]", "use small letters"),
    ],
)
def test_a_faulty_kind_is_told_when_it_is_read(name: str, checks: str, told: str) -> None:
    """A fault of a kind shows with its file and line before any job uses the kind."""
    with pytest.raises(JobFileError) as caught:
        read_kind(OWN.format(name=name, checks=checks), file="own.yaml")
    assert told in str(caught.value)
    assert str(caught.value).startswith("own.yaml:")


def test_a_flagged_kind_needs_its_rule() -> None:
    """A kind that is flagged without naming a rule is refused."""
    text = OWN.format(name="own", checks="[]").replace("stance: allow", "stance: flag")
    with pytest.raises(JobFileError, match="without its rule"):
        read_kind(text, file="own.yaml")


def test_a_word_cannot_be_done_and_not_done() -> None:
    """A kind whose word lists share a word is refused."""
    text = (
        OWN.format(name="own", checks="[state: words]")
        + "words: {done: {en: [Joined]}, not_done: {bn: [JOINED]}}\n"
    )
    with pytest.raises(JobFileError, match="`Joined` as done and as not_done"):
        read_kind(text, file="own.yaml")
