"""The console's own words in English and Bengali.

In: a language. Out: a `Words`. What submitters are told stands in `reasons`; this is what moderators read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.reasons import label
from pipeline.web.admin_words import ADMIN_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipeline.reasons import ReasonCode

LANGUAGES = ("en", "bn")

_WORDS: Mapping[str, tuple[str, str]] = ADMIN_WORDS | {
    "review": ("Review", "পর্যালোচনা"),
    "sign_in": ("Sign in", "সাইন ইন"),
    "sign_out": ("Sign out", "সাইন আউট"),
    "email": ("Email", "ইমেইল"),
    "password": ("Password", "পাসওয়ার্ড"),
    "wrong": ("Email or password is wrong.", "ইমেইল বা পাসওয়ার্ড ভুল।"),
    "too_many": ("Too many tries. Wait a few minutes.", "অনেকবার চেষ্টা হয়েছে। কয়েক মিনিট অপেক্ষা করুন।"),
    "welcome": ("A calm place to decide.", "শান্তভাবে সিদ্ধান্ত নেওয়ার জায়গা।"),
    "waiting": ("waiting", "অপেক্ষায়"),
    "oldest": ("First deadline", "প্রথম সময়সীমা"),
    "no_deadline": ("No deadline", "সময়সীমা নেই"),
    "overdue": ("overdue", "সময় পেরিয়েছে"),
    "all_clear": ("All clear", "সব পরিষ্কার"),
    "all_clear_more": ("Nothing waits for a decision here.", "এখানে সিদ্ধান্তের অপেক্ষায় কিছু নেই।"),
    "start": ("Start", "শুরু করুন"),
    "platform": ("Platform", "প্ল্যাটফর্ম"),
    "job": ("Job", "কাজ"),
    "reason": ("Reason", "কারণ"),
    "submitter": ("Submitter", "জমাদানকারী"),
    "any": ("Any", "যেকোনো"),
    "filter": ("Filter", "বাছাই"),
    "clear": ("Clear", "মুছুন"),
    "more": ("Next page", "পরের পাতা"),
    "held_by": ("open with", "খোলা আছে"),
    "accept": ("Accept", "গ্রহণ"),
    "reject": ("Reject", "প্রত্যাখ্যান"),
    "resubmit": ("Ask again", "আবার চাই"),
    "skip": ("Skip", "পরে দেখি"),
    "undo": ("Undo", "ফেরত নিন"),
    "undo_of": ("Undo the decision on", "সিদ্ধান্ত ফেরত নিন:"),
    "why_here": ("Why a person looks", "কেন একজন মানুষ দেখছেন"),
    "checks": ("Asked and read", "যা চাওয়া ও যা পড়া গেছে"),
    "asked": ("asked", "চাওয়া"),
    "read": ("read", "পড়া"),
    "nothing": ("nothing found", "কিছু পাওয়া যায়নি"),
    "sentence": ("What the submitter will read", "জমাদানকারী যা পড়বেন"),
    "history": ("History", "ইতিহাস"),
    "other_proofs": ("Their other proofs", "তাঁর অন্য প্রমাণ"),
    "none_yet": ("None yet.", "এখনও নেই।"),
    "answer": ("Typed answer", "লেখা উত্তর"),
    "machine": ("Praman", "প্রমাণ"),
    "appealed": ("appealed", "আপিল করা হয়েছে"),
    "boxes": ("Evidence", "চিহ্ন"),
    "zoom": ("Zoom", "বড় করুন"),
    "this_picture": ("This proof", "এই প্রমাণ"),
    "twin": ("Earlier proof", "আগের প্রমাণ"),
    "side": ("Side by side", "পাশাপাশি"),
    "blink": ("Blink", "পালাক্রমে"),
    "slider": ("Slider", "স্লাইডার"),
    "difference": ("Difference", "পার্থক্য"),
    "differs": ("Black is the same; what shines differs.", "কালো অংশ একই; যা জ্বলজ্বল করে তা আলাদা।"),
    "all_waiting": ("Waiting in all", "মোট অপেক্ষায়"),
    "decisions": ("Export", "রপ্তানি"),
    "together": ("Decide together", "একসঙ্গে সিদ্ধান্ত"),
    "rings": ("Rings", "চক্র"),
    "rings_more": (
        "Submitters who sent copies of the same captures. Look first: a ring is a hint, not a proof.",
        "একই ছবির কপি জমা দিয়েছেন এমন জমাদানকারী। সিদ্ধান্তের আগে দেখুন: চক্র ইঙ্গিত মাত্র, প্রমাণ নয়।",
    ),
    "no_rings": ("No two submitters share a capture.", "কোনো দুজন একই ছবি জমা দেননি।"),
    "held": ("Held rejections", "আটকে রাখা প্রত্যাখ্যান"),
    "held_more": (
        "Decided, not yet told to anybody. Take a job's back, and a person decides each instead.",
        "সিদ্ধান্ত হয়েছে, এখনও কাউকে জানানো হয়নি। ফিরিয়ে নিলে প্রতিটি একজন মানুষ দেখবেন।",
    ),
    "none_held": ("No rejection waits to be sent.", "পাঠানোর অপেক্ষায় কোনো প্রত্যাখ্যান নেই।"),
    "take_back": ("Take all back", "সব ফিরিয়ে নিন"),
    "people": ("submitters", "জন জমাদানকারী"),
    "public": ("a picture that very many sent", "অনেকের পাঠানো একই ছবি"),
    "captures": ("Shared captures", "অভিন্ন ছবি"),
    "copies": ("copies", "কপি"),
    "chosen": ("chosen of", "টি বাছাই, মোট"),
    "open_alone": ("Look closer", "কাছ থেকে দেখুন"),
    "own_sentence": ("A sentence of your own (optional)", "নিজের বাক্য (ঐচ্ছিক)"),
    "left_out": ("Not decided", "সিদ্ধান্ত হয়নি"),
    "left_to_people": ("Left to a person", "মানুষের জন্য রাখা"),
    "no_picture": ("This picture cannot be shown.", "এই ছবিটি দেখানো যাচ্ছে না।"),
    "keys": ("Keys", "কী"),
    "next": ("Next", "পরেরটি"),
    "previous": ("Previous", "আগেরটি"),
    "close": ("Close", "বন্ধ করুন"),
    "confirm": ("Enter decides", "Enter চাপলে সিদ্ধান্ত হবে"),
    "edit": ("Edit the sentence", "বাক্যটি বদলান"),
    "offline": (
        "The server does not answer. Nothing was decided; try again.",
        "সার্ভার সাড়া দিচ্ছে না। কোনো সিদ্ধান্ত হয়নি; আবার চেষ্টা করুন।",
    ),
    "signed_out": (
        "Your session ended. Nothing was decided.",
        "আপনার সেশন শেষ হয়েছে। কোনো সিদ্ধান্ত হয়নি।",
    ),
    "gone": ("Somebody else has this one. Here is the next.", "এটি অন্য কারও কাছে আছে। এই নিন পরেরটি।"),
    "blur": ("Blur pictures until looked at", "না দেখা পর্যন্ত ছবি ঝাপসা রাখুন"),
    "unblur": ("Show picture", "ছবি দেখুন"),
    "accepted": ("Accepted", "গৃহীত"),
    "rejected": ("Rejected", "প্রত্যাখ্যাত"),
    "asked_again": ("Asked again", "আবার চাওয়া হয়েছে"),
    "undone": ("Undone", "ফেরত নেওয়া হয়েছে"),
    "not_open": ("This proof cannot be opened", "এই প্রমাণটি খোলা যাচ্ছে না"),
    "queue": ("Queue", "তালিকা"),
    "skip_to": ("Skip to content", "মূল অংশে যান"),
    "flagged": ("This kind of job breaks the named service's own terms.", "এই ধরনের কাজ ওই সেবার শর্ত ভাঙে।"),
    "seconds_short": ("s", "সে"),
    "minutes": ("min", "মি"),
    "hours": ("h", "ঘ"),
    "days": ("d", "দি"),
    "ago": ("ago", "আগে"),
    "just_now": ("just now", "এইমাত্র"),
    "left": ("left", "বাকি"),
}
_DIGITS = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")
_SCRIPTED = ("offline", "signed_out", "gone", "accepted", "rejected", "asked_again", "sign_in", "left_out")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_FINE = 0.1  # shares nearer to nothing or all are told to a tenth of a per cent


class Words:
    """The words of one language: `words.accept`, numbers, spans of time, labels of reasons."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else "en"
        self._place = LANGUAGES.index(self.lang)

    def __getattr__(self, name: str) -> str:
        try:
            return _WORDS[name][self._place]
        except KeyError:
            raise AttributeError(name) from None

    def number(self, value: object) -> str:
        """Return a number in the language's digits."""
        return str(value).translate(_DIGITS) if self.lang == "bn" else str(value)

    def label(self, code: ReasonCode) -> str:
        """Return the short label of a reason."""
        return label(code, self.lang)

    def outcome(self, outcome: str) -> str:
        """Return an outcome as a past participle."""
        told = {"accept": self.accepted, "reject": self.rejected}
        return told.get(outcome, self.left_to_people)

    def until(self, moment: datetime, now: datetime) -> str:
        """Return how long is left until a moment, or that it is over."""
        seconds = (moment - now).total_seconds()
        return self.overdue if seconds <= 0 else f"{self.span(seconds)} {self.left}"

    def since(self, moment: datetime, now: datetime) -> str:
        """Return how long ago a moment was."""
        seconds = (now - moment).total_seconds()
        return self.just_now if seconds < _MINUTE else f"{self.span(seconds)} {self.ago}"

    def percent(self, share: float) -> str:
        """Return a share, 0..1, in per cent."""
        fine = 0 < share < _FINE or 1 - _FINE < share < 1
        shown = f"{100 * share:.1f}".removesuffix(".0") if fine else f"{100 * share:.0f}"
        return f"{self.number(shown)}\N{NO-BREAK SPACE}%"

    def span(self, seconds: float) -> str:
        """Return a length of time, roughly."""
        if seconds < _MINUTE:
            return f"{self.number(int(seconds))} {self.seconds_short}"
        if seconds < _HOUR:
            return f"{self.number(int(seconds // _MINUTE))} {self.minutes}"
        if seconds < 2 * _DAY:
            return f"{self.number(int(seconds // _HOUR))} {self.hours}"
        return f"{self.number(int(seconds // _DAY))} {self.days}"


def told_by_script(words: Words) -> dict[str, str]:
    """Return the words that the page's script says by itself."""
    return {name: getattr(words, name) for name in _SCRIPTED}
