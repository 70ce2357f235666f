"""How a command ends: its exit code, and what went wrong in one line that says what to do.

In: typer's app and the arguments. Out: 0; 1, something could only be reported; 2, the caller's to mend; 70, a
fault of ours; 130, stopped by hand.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer
from typer.exceptions import TyperException

from pipeline.errors import PramanError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_USAGE = 2
EXIT_OURS = 70
INTERRUPTED = 130
TELL_US = "run again with PRAMAN_LOG_LEVEL=debug and report the traceback"
GO_ON = "`praman verify` with --db goes on from here"


def run_to_exit(app: typer.Typer, arguments: Sequence[str] | None) -> None:
    """Run the command that `arguments`, or those of the process, name.

    Raises:
        SystemExit: Always, with the command's exit code.
    """
    try:
        given = None if arguments is None else list(arguments)
        code = app(args=given, prog_name="praman", standalone_mode=False)
    except TyperException as error:
        code = _misused(error)
    except PramanError as error:
        code = _told(str(error), EXIT_USAGE)
    except Exception as error:
        if os.environ.get("PRAMAN_LOG_LEVEL") == "debug":
            raise
        code = _told(f"a fault of ours ({type(error).__name__}: {error}); {TELL_US}", EXIT_OURS)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        _told(f"stopped; {GO_ON}", INTERRUPTED)
    sys.exit(code or 0)


def _misused(error: TyperException) -> int:
    """Tell what typer made of the arguments; where they are missing altogether it has printed the help."""
    problem = error.format_message().strip().rstrip(".")
    if not problem:
        return error.exit_code
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "praman"
    problem = problem[0].lower() + problem[1:]
    return _told(f"{problem}; `{command} --help` shows what it takes", error.exit_code)


def _told(message: str, code: int) -> int:
    typer.echo(f"praman: {message}", err=True)
    return code
