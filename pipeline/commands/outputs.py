"""Files that a command is asked to write: found out before the work, not after it, whether they can be.

In: an option and the path that it names. Out: the path's folder, made if it is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def refuse_unwritable(option: str, out: Path) -> None:
    """Make the folder of `out`, and leave a file that is there as it is.

    Raises:
        UsageError: Nothing can be written there.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise UsageError(
            f"{option} {out}: cannot be written ({error.strerror}); name another place"
        ) from error
    if out.stat().st_size == 0:
        out.unlink()
