"""`praman dead`, `erase`, `audit`: what did not go through, who wants theirs gone, whether all is as decided.

One command a function, no business rules; each imports what it needs when it runs.
"""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.options import EXIT_REPORTED, Db, Json

audit_app = typer.Typer(help="Whether verdicts are as they were decided.", no_args_is_help=True)
dead_app = typer.Typer(help="Proofs that did not go through.", no_args_is_help=True)

Whose = Annotated[str, typer.Option("--platform", help="Whose proof.")]


@dead_app.command("list")
def dead_list(
    platform: Annotated[str | None, typer.Option("--platform", help="Only this platform's.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many, the newest first.")] = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show proofs on which the machine gave up: attempts, deaths, the last error."""
    from pipeline.commands.dead import list_dead

    list_dead(platform=platform, limit=limit, db=db, as_json=as_json)


@dead_app.command("show")
def dead_show(
    proof: Annotated[str, typer.Argument(help="The proof by the platform's own id.")],
    platform: Whose = "local",
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Explain one of them: every attempt, pictures in quarantine, whether it can be replayed."""
    from pipeline.commands.dead import show_dead

    show_dead(proof, platform=platform, db=db, as_json=as_json)


@dead_app.command("replay")
def dead_replay(
    proofs: Annotated[list[str] | None, typer.Argument(help="Proofs by the platform's own ids.")] = None,
    platform: Whose = "local",
    everything: Annotated[bool, typer.Option("--all", help="All that can be.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Have dead proofs done afresh under their own ids; a person's verdict stands."""
    from pipeline.commands.dead import replay_dead

    if not replay_dead(proofs or (), platform=platform, everything=everything, db=db, as_json=as_json):
        raise typer.Exit(EXIT_REPORTED)


def erase(
    submitter: Annotated[str, typer.Option("--submitter", help="Whose proofs, by the platform's own id.")],
    platform: Whose = "local",
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Erase all that a person submitted: pictures, words, who it was; counts of verdicts stay."""
    from pipeline.commands.erase import erase_submitter

    if not erase_submitter(submitter, platform=platform, db=db, as_json=as_json):
        raise typer.Exit(EXIT_REPORTED)


@audit_app.command("verify")
def audit_verify(
    noted: Annotated[
        str | None, typer.Option("--head", help="A head noted earlier; the chain must lead through it.")
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Follow the chain of seals and name every verdict or ruling that was edited, removed or put in."""
    from pipeline.commands.audit import verify_chain

    if not verify_chain(db=db, noted=noted, as_json=as_json):
        raise typer.Exit(EXIT_REPORTED)
