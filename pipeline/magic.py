"""What a file is, by its first bytes: the one thing that may be asked of them before a child opens them.

In: bytes. Out: `PNG`, `JPEG`, `WEBP` or None. It loads no library of pictures, for who only takes proofs in
needs none.
"""

from __future__ import annotations

PNG, JPEG, WEBP = "PNG", "JPEG", "WEBP"


def sniff(content: bytes) -> str | None:
    """Return `PNG`, `JPEG` or `WEBP` by the first bytes, None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    return None
