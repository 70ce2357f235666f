"""What is written, cleaned: texts, hosts, addresses, durations.

In: a string as a person typed or pasted it. Out: the cleaned value, or None where there is none.
ZWJ and ZWNJ stay, because Bengali spelling uses them; `match` looks past them.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from urllib.parse import urlsplit

# Zero-width and bidirectional controls that pasted text carries along; none changes what a screen shows here.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_JOINERS = re.compile("[\u200c\u200d]")
_DURATION = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MAX_LABEL, _MAX_HOST = 63, 253
LONGEST = timedelta(days=366)


def clean(text: str) -> str:
    """Return `text` in NFC, without invisible and control characters, white space collapsed."""
    visible = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def is_readable(text: str) -> bool:
    """Tell whether `text` has a letter or a digit, which an engine could read."""
    return any(unicodedata.category(sign)[0] in "LN" for sign in text)


def folded(text: str) -> str:
    """Return the form in which two words are one: no case, no joiners."""
    return _JOINERS.sub("", clean(text)).casefold()


def shown(text: str) -> str:
    """Return `text` for a message: in backquotes, cut, with escapes for what cannot be seen."""
    cut = text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 (a readable length)
    return f"`{_CONTROL.sub(_escaped, _INVISIBLE.sub(_escaped, cut))}`"


def _escaped(hit: re.Match[str]) -> str:
    return f"\\u{ord(hit[0]):04x}"


def duration(text: str) -> timedelta | None:
    """Return the time that `90s`, `30m`, `24h` or `7d` says, above zero and at most `LONGEST`."""
    hit = _DURATION.fullmatch(text.strip())
    if hit is None:
        return None
    length = timedelta(**{_UNITS[hit[2]]: int(hit[1])})
    return length if timedelta(0) < length <= LONGEST else None


def host(text: str) -> str | None:
    """Return a host name in small letters without `www.`, which browsers hide; None if it is none."""
    name = clean(text).lower().removesuffix(".").removeprefix("www.")
    labels = name.split(".")
    if len(name) > _MAX_HOST or (len(labels) == 1 and name != "localhost"):
        return None
    return name if all(_is_label(label) for label in labels) else None


def _is_label(label: str) -> bool:
    # Joiners are legal in Bengali domain names (RFC 5892, appendix A).
    signs = all(unicodedata.category(sign)[0] in "LMN" or sign in "-\u200c\u200d" for sign in label)
    return signs and 0 < len(label) <= _MAX_LABEL and not label.startswith("-") and not label.endswith("-")


def address(text: str) -> tuple[str, str | None] | None:
    """Return host and path of a web address, with or without its scheme; the path is None for the root."""
    whole = clean(text)
    try:
        parts = urlsplit(whole if "://" in whole else f"https://{whole}")
        name = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or name is None or (found := host(name)) is None:
        return None
    return found, parts.path.rstrip("/") or None
