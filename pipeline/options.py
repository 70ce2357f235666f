"""Options that several commands share, and exit codes.

In: nothing. Out: types that typer reads. It imports no command.
"""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Db = Annotated[str | None, typer.Option("--db", help="Database to go on with: a URL or a SQLite path.")]

EXIT_REPORTED = 1
