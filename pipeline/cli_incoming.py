"""`praman intake`: proofs of platforms without an API.

One command a function, no business rules; each imports what it needs when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.options import EXIT_REPORTED, Json

intake_app = typer.Typer(help="Take in proofs of a platform without an API.", no_args_is_help=True)

Whose = Annotated[str, typer.Option("--platform", help="Whose proofs; `praman platform add` makes one.")]
Jobs = Annotated[Path | None, typer.Option("--jobs", help="A job file whose jobs are declared first.")]
JobId = Annotated[str | None, typer.Option("--job", help="The job, where rows or names say none.")]


@intake_app.command("csv")
def intake_csv(
    file: Annotated[Path, typer.Argument(help="Columns job_id, submitter_id, images, and more.")],
    platform: Whose,
    jobs: Jobs = None,
    job: JobId = None,
    as_json: Json = False,
) -> None:
    """Take in one proof a row; pictures are paths beside the file, or links, joined by |."""
    from pipeline.commands.intake import intake_csv as run

    if not run(file, platform=platform, jobs=jobs, job=job, as_json=as_json):
        raise typer.Exit(EXIT_REPORTED)


@intake_app.command("folder")
def intake_folder(
    folder: Annotated[Path, typer.Argument(help="Pictures whose names say whose they are.")],
    platform: Whose,
    pattern: Annotated[
        str, typer.Option("--pattern", help="Names without their ending; {image} counts pictures.")
    ] = "{job_id}__{submitter_id}__{proof_id}",
    jobs: Jobs = None,
    job: JobId = None,
    as_json: Json = False,
) -> None:
    """Take in the pictures of a folder, several of one proof_id as one proof."""
    from pipeline.commands.intake import intake_folder as run

    if not run(folder, platform=platform, pattern=pattern, jobs=jobs, job=job, as_json=as_json):
        raise typer.Exit(EXIT_REPORTED)
