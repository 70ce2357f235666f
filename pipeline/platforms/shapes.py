"""What job platforms write, read with patience: times, ids, links to pictures, lists.

In: a value that came as JSON. Out: what it means, or nothing where it means nothing. Pure; raises nothing.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.adapters.guarded_http import Answer

PICTURE_KEYS = ("url", "screenshot", "image", "file", "picture", "photo")
PICTURE_LINK = re.compile(r"https?://\S+\.(?:png|jpe?g|webp)(?:\?\S*)?", re.IGNORECASE)
LINK = re.compile(r"https?://\S+")
MOST_LINKS = 20
MOST_ANSWER_LETTERS = 10_000
MILLISECONDS_FROM = 10**11  # as seconds that would be the year 5138


def json_of(answer: Answer) -> Any:
    """Return the JSON value of a whole answer; None where it is none."""
    try:
        return json.loads(answer.body) if answer.whole else None
    except (ValueError, RecursionError):
        return None


def moment(told: object) -> datetime | None:
    """Read a time: seconds or milliseconds, or a date and time, in UTC where it names no zone."""
    if isinstance(told, datetime):
        read = told
    else:
        try:
            if str(told).isdigit():
                number = int(str(told))
                return datetime.fromtimestamp(number / (1000 if number >= MILLISECONDS_FROM else 1), tz=UTC)
            read = datetime.fromisoformat(str(told))
        except (ValueError, OverflowError, OSError):
            return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def named(told: object) -> bool:
    """Tell whether the value can be an id."""
    return isinstance(told, str | int) and not isinstance(told, bool) and str(told).strip() != ""


def first_of(told: object, *names: str) -> Any:
    """Return the first field of these names that holds something."""
    fields = told if isinstance(told, dict) else {}
    return next((fields[name] for name in names if fields.get(name) not in (None, "")), None)


def listed(told: object, *names: str) -> list[Any] | None:
    """Return the list itself, or the one under any of these names."""
    found = told if isinstance(told, list) else first_of(told, *names)
    return found if isinstance(found, list) else None


def proofs_among(given: object) -> tuple[tuple[str, ...], str | None]:
    """Return the links to pictures among what a submitter gave, and the other texts as their answer."""
    links: list[str] = []
    texts: list[str] = []
    for one in given if isinstance(given, list) else [given]:
        fields = one if isinstance(one, dict) else {"text": one}
        links += [str(fields[key]) for key in PICTURE_KEYS if LINK.fullmatch(str(fields.get(key) or ""))]
        text = str(fields.get("text") or "").strip()
        if PICTURE_LINK.fullmatch(text):
            links.append(text)
        elif text:
            texts.append(text)
    return tuple(dict.fromkeys(links))[:MOST_LINKS], answer_of(texts)


def fields_of(form: object) -> list[Any]:
    """Return what stands in a form's fields, for `proofs_among`: a link under its field's name, or a text."""
    if isinstance(form, list):
        return form
    return [
        {name: one} if isinstance(one, str) and LINK.fullmatch(one) else {"text": one}
        for name, held in (form.items() if isinstance(form, dict) else ())
        for one in (held if isinstance(held, list) else [held])
        if isinstance(one, str | int)
    ]


def answer_of(texts: Iterable[object]) -> str | None:
    """Return what the submitter typed, one text a line; None where they typed nothing."""
    return "\n".join(str(one) for one in texts if one not in (None, ""))[:MOST_ANSWER_LETTERS] or None
