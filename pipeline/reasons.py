"""Every reason code, with its label, its sentence for the submitter and its remedy.

In: a code, a language, the details of one case. Out: text. Codes are promises: add, never rename.
Sentences speak to the submitter, who may be honest: they say what was seen and what to do, and accuse no one.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING

from pipeline.reason_codes import ReasonCode, Remedy

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REASONS", "ReasonCode", "ReasonText", "Remedy", "label", "sentence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonText:
    """How one code is told. `$name` places come from the case's details."""

    remedy: Remedy
    label_en: str
    label_bn: str
    sentence_en: str
    sentence_bn: str


_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "en": {"expected": "what the job asks for", "found": "something else", "source": "the service's terms"},
    "bn": {"expected": "কাজে যা চাওয়া হয়েছে", "found": "অন্য কিছু", "source": "সেবাটির শর্তাবলি"},
}


def _text(remedy: Remedy, label_en: str, label_bn: str, sentence_en: str, sentence_bn: str) -> ReasonText:
    return ReasonText(
        remedy=remedy, label_en=label_en, label_bn=label_bn, sentence_en=sentence_en, sentence_bn=sentence_bn
    )


_R, _N = Remedy.RESUBMIT, Remedy.NONE
REASONS: Mapping[ReasonCode, ReasonText] = {
    ReasonCode.DUPLICATE_EXACT: _text(
        _N,
        "Same file as an earlier proof",
        "আগের প্রমাণের একই ফাইল",
        "This is the same picture that was already submitted as another proof.",
        "এই ছবিটি আগেই অন্য একটি প্রমাণ হিসেবে জমা দেওয়া হয়েছে।",
    ),
    ReasonCode.DUPLICATE_ALTERED: _text(
        _N,
        "Altered copy of an earlier proof",
        "আগের প্রমাণের পরিবর্তিত কপি",
        "This picture is a changed copy of one that was already submitted as another proof.",
        "এই ছবিটি আগে জমা দেওয়া অন্য একটি প্রমাণের পরিবর্তিত কপি।",
    ),
    ReasonCode.DUPLICATE_SAME_SCREEN: _text(
        _N,
        "May be the same capture as an earlier proof",
        "আগের প্রমাণের একই স্ক্রিনশট হতে পারে",
        "This picture looks the same as an earlier one and we could not tell them apart; a person will look.",
        "এই ছবিটি আগের একটি ছবির মতোই দেখাচ্ছে এবং আমরা পার্থক্য নিশ্চিত করতে পারিনি; একজন মানুষ দেখবেন।",
    ),
    ReasonCode.DUPLICATE_LATE_ORIGINAL: _text(
        _N,
        "A copy of this proof was accepted before it arrived",
        "এটি পৌঁছানোর আগেই এর একটি কপি গৃহীত হয়েছে",
        "Another proof with the same picture was accepted before yours reached us; a person will look.",
        "আপনার প্রমাণ পৌঁছানোর আগেই একই ছবির আরেকটি প্রমাণ গৃহীত হয়েছে; একজন মানুষ দেখবেন।",
    ),
    ReasonCode.SEEN_ELSEWHERE: _text(
        _N,
        "Seen elsewhere",
        "অন্য কোথাও দেখা গেছে",
        "This picture was seen elsewhere before it reached us; a person will look.",
        "এই ছবিটি আমাদের কাছে পৌঁছানোর আগে অন্য কোথাও দেখা গেছে; একজন মানুষ দেখবেন।",
    ),
    ReasonCode.TARGET_MISSING: _text(
        _R,
        "Expected text not found",
        "প্রত্যাশিত লেখা পাওয়া যায়নি",
        'We could not find "$expected" in your picture. Send a capture in which it can be read.',
        "আপনার ছবিতে “$expected” পাওয়া যায়নি। যে স্ক্রিনশটে লেখাটি পড়া যায় সেটি পাঠান।",
    ),
    ReasonCode.TARGET_NEAR_MISS: _text(
        _N,
        "Another, similar name",
        "অন্য একটি কাছাকাছি নাম",
        'Your picture shows "$found", but the job asks for "$expected".',
        "আপনার ছবিতে “$found” দেখা যাচ্ছে, কিন্তু কাজে চাওয়া হয়েছে “$expected”।",
    ),
    ReasonCode.STATE_NOT_DONE: _text(
        _R,
        "The task is not done on the screen",
        "স্ক্রিনে কাজটি সম্পন্ন হয়নি",
        'Your picture still shows "$found", so the task does not look done. '
        "Finish it and send a capture that shows it done.",
        "আপনার ছবিতে এখনও “$found” দেখা যাচ্ছে, তাই কাজটি সম্পন্ন মনে হচ্ছে না। কাজটি শেষ করে নতুন স্ক্রিনশট পাঠান।",
    ),
    ReasonCode.STATE_MISSING: _text(
        _R,
        "The done state is not visible",
        "সম্পন্ন অবস্থা দেখা যাচ্ছে না",
        'We could not see "$expected" in your picture. Send a capture in which it is visible.',
        "আপনার ছবিতে “$expected” দেখা যায়নি। যেখানে এটি দেখা যায় এমন স্ক্রিনশট পাঠান।",
    ),
    ReasonCode.URL_MISMATCH: _text(
        _R,
        "Another address",
        "অন্য ওয়েব ঠিকানা",
        'The address bar shows "$found", but the job asks for "$expected".',
        "অ্যাড্রেস বারে “$found” দেখা যাচ্ছে, কিন্তু কাজে চাওয়া হয়েছে “$expected”।",
    ),
    ReasonCode.CODE_MISMATCH: _text(
        _R,
        "The code does not match",
        "কোড মেলেনি",
        'We could not find the code "$expected" in your picture.',
        "আপনার ছবিতে “$expected” কোডটি পাওয়া যায়নি।",
    ),
    ReasonCode.ANSWER_MISSING: _text(
        _R,
        "The typed answer is not in the picture",
        "টাইপ করা উত্তরটি ছবিতে নেই",
        'You typed "$expected", but it does not appear in your picture.',
        "আপনি “$expected” লিখেছেন, কিন্তু ছবিতে তা দেখা যাচ্ছে না।",
    ),
    ReasonCode.FORBIDDEN_TEXT: _text(
        _R,
        "Shows what must not be there",
        "যা থাকা উচিত নয় তা দেখা যাচ্ছে",
        'Your picture shows "$found", which must not be there when the task is done.',
        "আপনার ছবিতে “$found” দেখা যাচ্ছে, কাজ সম্পন্ন হলে এটি থাকার কথা নয়।",
    ),
    ReasonCode.STALE: _text(
        _R,
        "The capture is too old",
        "স্ক্রিনশটটি পুরোনো",
        'The date or time on your picture ("$found") is too far from the time you submitted it.',
        "আপনার ছবির তারিখ বা সময় (“$found”) জমা দেওয়ার সময় থেকে অনেক দূরে।",
    ),
    ReasonCode.TYPED_NOT_SHOWN: _text(
        _R,
        "Right words, wrong place",
        "ঠিক লেখা, ভুল জায়গা",
        'The words "$expected" stand in a note, a chat or a search box, not on the page itself. '
        "Send a capture of the page.",
        "“$expected” লেখাটি মূল পাতায় নয়, কোনো নোট, চ্যাট বা সার্চ বক্সে আছে। মূল পাতার স্ক্রিনশট পাঠান।",
    ),
    ReasonCode.UNCLEAR: _text(
        _N,
        "Could not be read with certainty",
        "নিশ্চিতভাবে পড়া যায়নি",
        'We could not read "$expected" in your picture with certainty; a person will look.',
        "আপনার ছবিতে “$expected” নিশ্চিতভাবে পড়া যায়নি; একজন মানুষ দেখবেন।",
    ),
    ReasonCode.PASTED_TEXT: _text(
        _N,
        "Words were put over the picture",
        "ছবির উপর লেখা বসানো হয়েছে",
        'The words "$found" look as if they were added to the picture afterwards.',
        "“$found” লেখাটি পরে ছবির উপর বসানো হয়েছে বলে মনে হচ্ছে।",
    ),
    ReasonCode.UNREADABLE: _text(
        _R,
        "Too blurred to read",
        "পড়ার মতো স্পষ্ট নয়",
        "Your picture is too blurred to be read. Send the original screenshot.",
        "আপনার ছবিটি এত ঝাপসা যে পড়া যায় না। মূল স্ক্রিনশটটি পাঠান।",
    ),
    ReasonCode.TOO_SMALL: _text(
        _R,
        "Too small to read",
        "পড়ার জন্য খুব ছোট",
        "Your picture is too small to be read. Send the screenshot in its full size.",
        "আপনার ছবিটি পড়ার জন্য খুব ছোট। স্ক্রিনশটটি পূর্ণ আকারে পাঠান।",
    ),
    ReasonCode.BLANK: _text(
        _R,
        "Blank picture",
        "ফাঁকা ছবি",
        "Your picture is blank. Send a capture of the page.",
        "আপনার ছবিটি ফাঁকা। মূল পাতার স্ক্রিনশট পাঠান।",
    ),
    ReasonCode.NOT_A_PICTURE: _text(
        _R,
        "Not a picture we can open",
        "এটি খোলার মতো ছবি নয়",
        "The file you sent is not a PNG, JPEG or WebP picture, or it is damaged. Send the screenshot again.",
        "আপনার পাঠানো ফাইলটি PNG, JPEG বা WebP ছবি নয়, অথবা এটি নষ্ট। স্ক্রিনশটটি আবার পাঠান।",
    ),
    ReasonCode.TOO_LARGE: _text(
        _R,
        "Larger than we open",
        "খুব বড় ছবি",
        "Your picture is larger than we can open. Send one screenshot as your device saves it.",
        "আপনার ছবিটি খুব বড়। আপনার ডিভাইস যেভাবে সংরক্ষণ করে সেভাবে একটি স্ক্রিনশট পাঠান।",
    ),
    ReasonCode.UNAVAILABLE: _text(
        _N,
        "The picture could not be fetched",
        "ছবিটি আনা যায়নি",
        "We could not get at your picture; this is not your fault, and a person will look.",
        "আমরা আপনার ছবিটি আনতে পারিনি; এটি আপনার দোষ নয়, একজন মানুষ দেখবেন।",
    ),
    ReasonCode.WRONG_COUNT: _text(
        _R,
        "Too few or too many pictures",
        "ছবির সংখ্যা ঠিক নয়",
        "The job asks for $expected picture(s), you sent $found.",
        "কাজে $expected টি ছবি চাওয়া হয়েছে, আপনি $found টি পাঠিয়েছেন।",
    ),
    ReasonCode.POLICY_REFUSED: _text(
        _N,
        "We do not verify this kind of job",
        "আমরা এই ধরনের কাজ যাচাই করি না",
        "This kind of job is not verified automatically: $source.",
        "এই ধরনের কাজ স্বয়ংক্রিয়ভাবে যাচাই করা হয় না: $source।",
    ),
    ReasonCode.AUTO_REJECT_OFF: _text(
        _N,
        "The job leaves rejections to people",
        "প্রত্যাখ্যানের সিদ্ধান্ত মানুষ নেন",
        "A person will look at your proof before it is decided.",
        "সিদ্ধান্তের আগে একজন মানুষ আপনার প্রমাণ দেখবেন।",
    ),
    ReasonCode.ENGINE_FAILED: _text(
        _N,
        "Our reader failed",
        "আমাদের পাঠক ব্যর্থ হয়েছে",
        "We could not read your picture because of a fault on our side; a person will look.",
        "আমাদের দিকের ত্রুটির কারণে আপনার ছবি পড়া যায়নি; একজন মানুষ দেখবেন।",
    ),
    ReasonCode.ENGINE_TIMEOUT: _text(
        _N,
        "Reading took too long",
        "পড়তে বেশি সময় লেগেছে",
        "Reading your picture took too long; a person will look.",
        "আপনার ছবি পড়তে বেশি সময় লেগেছে; একজন মানুষ দেখবেন।",
    ),
    ReasonCode.ENGINE_BUDGET: _text(
        _N,
        "Reading stopped at its budget",
        "নির্ধারিত সীমায় পড়া থেমেছে",
        "Your picture holds more than we read automatically; a person will look.",
        "আপনার ছবিতে এত কিছু আছে যে স্বয়ংক্রিয়ভাবে সব পড়া হয়নি; একজন মানুষ দেখবেন।",
    ),
    ReasonCode.UNSUPPORTED_SCRIPT: _text(
        _N,
        "A script that we cannot read",
        "এই লিপি আমরা পড়তে পারি না",
        'The job asks for "$expected", in a script that we cannot read yet; a person will look.',
        "কাজে “$expected” চাওয়া হয়েছে, এই লিপি আমরা এখনও পড়তে পারি না; একজন মানুষ দেখবেন।",
    ),
    ReasonCode.JOB_UNKNOWN: _text(
        _N,
        "Unknown job",
        "অজানা কাজ",
        "We do not know this job yet; a person will look.",
        "আমরা এই কাজটি এখনও জানি না; একজন মানুষ দেখবেন।",
    ),
    ReasonCode.APPEALED: _text(
        _N,
        "Appealed",
        "আপিল করা হয়েছে",
        "This decision was appealed; a person will look again.",
        "এই সিদ্ধান্তের বিরুদ্ধে আপিল করা হয়েছে; একজন মানুষ আবার দেখবেন।",
    ),
    ReasonCode.BRAKE_JOB: _text(
        _N,
        "Unusually many rejections for this job",
        "এই কাজে অস্বাভাবিক বেশি প্রত্যাখ্যান",
        "More proofs of this job than usual were rejected lately; a person will look at yours.",
        "সম্প্রতি এই কাজের স্বাভাবিকের চেয়ে বেশি প্রমাণ প্রত্যাখ্যাত হয়েছে; সিদ্ধান্তের আগে একজন মানুষ আপনারটি দেখবেন।",
    ),
    ReasonCode.BRAKE_SUBMITTER: _text(
        _N,
        "Unusually many rejections for this submitter",
        "এই জমাদানকারীর অস্বাভাবিক বেশি প্রত্যাখ্যান",
        "More of your proofs than usual were rejected lately; a person will look at this one.",
        "সম্প্রতি আপনার স্বাভাবিকের চেয়ে বেশি প্রমাণ প্রত্যাখ্যাত হয়েছে; সিদ্ধান্তের আগে একজন মানুষ এটি দেখবেন।",
    ),
    ReasonCode.TAKEN_BACK: _text(
        _N,
        "A rejection that was taken back",
        "ফিরিয়ে নেওয়া প্রত্যাখ্যান",
        "The first decision was taken back before it was sent; a person will look at your proof.",
        "প্রথম সিদ্ধান্তটি পাঠানোর আগেই ফিরিয়ে নেওয়া হয়েছে; একজন মানুষ আপনার প্রমাণ দেখবেন।",
    ),
    ReasonCode.RULED_ACCEPTED: _text(
        _N,
        "Accepted by a moderator",
        "মডারেটর গ্রহণ করেছেন",
        "A person looked at your proof and accepted it.",
        "একজন মানুষ আপনার প্রমাণ দেখেছেন এবং গ্রহণ করেছেন।",
    ),
    ReasonCode.RULED_NOT_DONE: _text(
        _N,
        "The task is not done",
        "কাজটি সম্পন্ন হয়নি",
        "A person looked at your proof: the task does not look done in it.",
        "একজন মানুষ আপনার প্রমাণ দেখেছেন: এতে কাজটি সম্পন্ন হয়েছে বলে দেখা যাচ্ছে না।",
    ),
    ReasonCode.RULED_OTHER_TARGET: _text(
        _N,
        "Another channel, page or app",
        "অন্য চ্যানেল, পেজ বা অ্যাপ",
        "A person looked at your proof: it shows something other than what the job asks for.",
        "একজন মানুষ আপনার প্রমাণ দেখেছেন: কাজে যা চাওয়া হয়েছে, এতে তার বদলে অন্য কিছু আছে।",
    ),
    ReasonCode.RULED_COPIED: _text(
        _N,
        "The picture of another proof",
        "অন্য একটি প্রমাণের ছবি",
        "A person looked at your proof: its picture was already submitted as another proof.",
        "একজন মানুষ আপনার প্রমাণ দেখেছেন: এর ছবিটি আগেই অন্য একটি প্রমাণ হিসেবে জমা দেওয়া হয়েছে।",
    ),
    ReasonCode.RULED_ALTERED: _text(
        _N,
        "The picture was changed",
        "ছবিটি পরিবর্তন করা হয়েছে",
        "A person looked at your proof: its picture looks as if it was changed after it was taken.",
        "একজন মানুষ আপনার প্রমাণ দেখেছেন: ছবিটি তোলার পরে পরিবর্তন করা হয়েছে বলে মনে হচ্ছে।",
    ),
    ReasonCode.RULED_REJECTED: _text(
        _N,
        "Does not show what the job asks for",
        "কাজে যা চাওয়া হয়েছে তা দেখা যাচ্ছে না",
        "A person looked at your proof: it does not show what the job asks for.",
        "একজন মানুষ আপনার প্রমাণ দেখেছেন: কাজে যা চাওয়া হয়েছে, এতে তা দেখা যাচ্ছে না।",
    ),
    ReasonCode.RULED_UNREADABLE: _text(
        _R,
        "A clearer picture is needed",
        "আরও স্পষ্ট ছবি দরকার",
        "A person looked at your proof and could not read it. Send the original screenshot again.",
        "একজন মানুষ আপনার প্রমাণ দেখেছেন কিন্তু পড়তে পারেননি। মূল স্ক্রিনশটটি আবার পাঠান।",
    ),
    ReasonCode.RULED_INCOMPLETE: _text(
        _R,
        "A part that matters is missing",
        "দরকারি একটি অংশ নেই",
        "A person looked at your proof: a part that the job asks for is not in the picture. "
        "Send a capture that shows it.",
        "একজন মানুষ আপনার প্রমাণ দেখেছেন: কাজে চাওয়া একটি অংশ ছবিতে নেই। যে স্ক্রিনশটে তা দেখা যায় সেটি পাঠান।",
    ),
    ReasonCode.UNDONE: _text(
        _N,
        "A ruling that was undone",
        "ফিরিয়ে নেওয়া সিদ্ধান্ত",
        "A moderator took a decision back before it was sent; a person will look at your proof.",
        "একজন মডারেটর পাঠানোর আগেই একটি সিদ্ধান্ত ফিরিয়ে নিয়েছেন; একজন মানুষ আপনার প্রমাণ দেখবেন।",
    ),
    ReasonCode.REOPENED: _text(
        _N,
        "Opened again after a check",
        "যাচাইয়ের পরে আবার খোলা",
        "A check raised doubts about the first decision; a person will look at your proof again.",
        "যাচাইয়ে প্রথম সিদ্ধান্ত নিয়ে সন্দেহ দেখা দিয়েছে; একজন মানুষ আপনার প্রমাণ আবার দেখবেন।",
    ),
}


def sentence(code: ReasonCode, lang: str, details: tuple[tuple[str, str], ...] = ()) -> str:
    """Return the submitter's sentence for `code`.

    Args:
        code: The reason.
        lang: `bn` for Bengali, anything else for English.
        details: Values for the sentence's places, by name; a place without one gets a plain phrase. `message`
            is a moderator's own sentence, said instead.
    """
    language = "bn" if lang == "bn" else "en"
    own = dict(details).get("message")
    if own:
        return own
    text = REASONS[code]
    template = text.sentence_bn if language == "bn" else text.sentence_en
    given = {name: value for name, value in details if value}
    return Template(template).safe_substitute({**_DEFAULTS[language], **given})


def label(code: ReasonCode, lang: str) -> str:
    """Return the short label of `code` in `bn` or English."""
    text = REASONS[code]
    return text.label_bn if lang == "bn" else text.label_en
