"""Whose things a command is about: `--platform` has to name one that is there.

In: the ledger's platforms and a name. Out: nothing, or an error that says where the names stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.ledger.platforms import SqlPlatforms


def refuse_unknown_platform(platforms: SqlPlatforms, name: str) -> None:
    """Do nothing for a platform that is there.

    Raises:
        UsageError: There is no such platform.
    """
    if name not in {one.name for one in platforms.known()}:
        raise UsageError(f"there is no platform {name!r}; `praman platform list` names those for --platform")
