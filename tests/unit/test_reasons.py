"""Every reason code can be told to a submitter in both languages."""

from __future__ import annotations

import re

import pytest

from pipeline.reasons import REASONS, ReasonCode, label, sentence

CONTRACT = frozenset(
    """
duplicate.exact duplicate.altered_copy duplicate.same_screen evidence.target_missing evidence.target_near_miss
evidence.state_not_done evidence.state_missing evidence.url_mismatch evidence.code_mismatch evidence.stale
evidence.typed_not_shown forgery.pasted_text picture.unreadable picture.too_small picture.blank
picture.not_a_picture picture.too_large policy.refused engine.failed engine.timeout engine.unsupported_script
job.unknown
""".split()  # noqa: SIM905 (a page of names reads better than a page of quotes)
)
BENGALI = re.compile(r"[\u0980-\u09ff]")


def test_the_promised_codes_are_there() -> None:
    """Platforms program against these names; none may be renamed."""
    assert {code.value for code in ReasonCode} >= CONTRACT


@pytest.mark.parametrize("code", list(ReasonCode))
def test_each_code_speaks_both_languages(code: ReasonCode) -> None:
    """A sentence and a label in English and in Bengali script, with no place left unfilled."""
    assert set(REASONS) == set(ReasonCode)
    for lang in ("en", "bn"):
        told = sentence(code, lang)
        assert "$" not in told
        assert bool(BENGALI.search(told)) is (lang == "bn")
        assert label(code, lang)


def test_what_was_read_is_told_as_data() -> None:
    """A dollar sign or markup in read text neither breaks the sentence nor is interpreted."""
    told = sentence(ReasonCode.TARGET_NEAR_MISS, "en", (("found", "$expected <b>"), ("expected", "Nodi")))
    assert '"$expected <b>"' in told
    assert '"Nodi"' in told
