"""The text rule that all peers share: what a competent developer writes in an afternoon.

In: all the text of a proof's pictures and the job. Out: yes or no. Fair to the peers: text is normalised,
the fuzzy ratio is rapidfuzz's best, and the job's checks are known as well as Praman knows them. Clocks and
player positions are left out, as such scripts do.
"""

from __future__ import annotations

import unicodedata
from functools import partial

from rapidfuzz import fuzz

from bench.corpus import Entry
from pipeline.records import AbsentCheck, AnswerCheck, Check, CodeCheck, StateCheck, TextCheck, UrlCheck

ALIKE_PERCENT = 85


def tidy(text: str) -> str:
    """Return the text in one form: composed, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def found(phrase: str, text: str) -> bool:
    """Tell whether the phrase stands somewhere in tidy text, nearly."""
    return fuzz.partial_ratio(tidy(phrase), text) >= ALIKE_PERCENT


def shows(entry: Entry, text: str) -> bool:
    """Tell whether tidy text satisfies every check of the job that the rule knows."""
    return all(map(partial(_passes, entry=entry, text=text), entry.job.checks))


def _passes(check: Check, *, entry: Entry, text: str) -> bool:
    passes = True
    match check:
        case TextCheck(value=value):
            passes = found(value, text)
        case StateCheck(done=done):
            passes = any(tidy(word) in text for word in done)
        case UrlCheck(host=host):
            passes = host.removeprefix("www.").casefold() in text
        case CodeCheck(value=value):
            passes = tidy(value) in text
        case AnswerCheck():
            passes = found(entry.answer, text)
        case AbsentCheck(any=phrases):
            passes = not any(tidy(phrase) in text for phrase in phrases)
    return passes
