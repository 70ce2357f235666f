"""Text of strangers on a terminal: what a picture, a platform or a file says is shown, never obeyed.

In: any text. Out: text for `rich` whose markup is plain and whose control, direction and other unseen signs
are written out, so that nothing read from a picture moves a cursor, hides a line or turns it around.
"""

from __future__ import annotations

import unicodedata

from rich.markup import escape as escape_markup

_JOINERS = "\u200c\u200d"  # Bengali is spelt with them
_LINES = "\n\t"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def escape(text: str) -> str:
    r"""Return `text` as `rich` prints it literally, with `\u202e` and the like for what cannot be seen.

    Source: Unicode TR 36 (bidirectional text spoofing); ECMA-48 (control sequences).
    """
    return escape_markup("".join(sign if _is_seen(sign) else _written(sign) for sign in text))


def _is_seen(sign: str) -> bool:
    return sign in _JOINERS or sign in _LINES or unicodedata.category(sign) not in _UNSEEN


def _written(sign: str) -> str:
    code = ord(sign)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 (the basic plane)
