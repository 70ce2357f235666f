"""`praman deliveries` and `praman hold`: what goes out to platforms, and what waits before it does.

One command a function, no business rules; each imports what it needs when it runs.
"""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.options import EXIT_REPORTED, Db, Json

deliveries_app = typer.Typer(help="What went out to platforms, and what did not.", no_args_is_help=True)
hold_app = typer.Typer(help="Rejects that wait before they go out.", no_args_is_help=True)

Platform = Annotated[str | None, typer.Option("--platform", help="Only this platform's.")]
Whose = Annotated[str, typer.Argument(help="The platform.")]
Target = Annotated[str, typer.Argument(help="webhook, sqs or redis; kind:label for a second one.")]
JobId = Annotated[str | None, typer.Option("--job", help="Only this job's.")]
SubmitterId = Annotated[str | None, typer.Option("--submitter", help="Only this submitter's.")]


@deliveries_app.command("open")
def deliveries_open(
    platform: Whose,
    target: Target,
    address: Annotated[str, typer.Argument(help="https://..., a queue's URL, redis://HOST/DB?stream=NAME")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Send a platform's verdicts to a webhook, an SQS queue or a Redis stream."""
    from pipeline.commands.deliveries import open_endpoint

    open_endpoint(platform, target, address, db=db, as_json=as_json)


@deliveries_app.command("close")
def deliveries_close(platform: Whose, target: Target, db: Db = None, as_json: Json = False) -> None:
    """Send no more verdicts to a target; what waits for it waits."""
    from pipeline.commands.deliveries import close_endpoint

    close_endpoint(platform, target, db=db, as_json=as_json)


@deliveries_app.command("list")
def deliveries_list(
    platform: Platform = None,
    state: Annotated[
        str | None, typer.Option("--state", help="waiting, delivered, failed, stopped, taken_back, erased.")
    ] = None,
    proof: Annotated[str | None, typer.Option("--proof", help="One proof's, with every attempt.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many, the newest first.")] = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show where notices go and what did not go out."""
    from pipeline.commands.deliveries import list_deliveries

    list_deliveries(platform=platform, state=state, proof=proof, limit=limit, db=db, as_json=as_json)


@deliveries_app.command("replay")
def deliveries_replay(
    notices: Annotated[list[str] | None, typer.Argument(help="Notices by id; all that failed.")] = None,
    platform: Platform = None,
    target: Annotated[str | None, typer.Option("--target", help="Only this target's.")] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Open stopped endpoints and send again what failed."""
    from pipeline.commands.deliveries import replay_deliveries

    replay_deliveries(notices or (), platform=platform, target=target, db=db, as_json=as_json)


@hold_app.command("list")
def hold_list(
    platform: Platform = None,
    job: JobId = None,
    submitter: SubmitterId = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many, the soonest due first.")] = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show rejects that can still be taken back."""
    from pipeline.commands.hold import list_held

    list_held(platform=platform, job=job, submitter=submitter, limit=limit, db=db, as_json=as_json)


@hold_app.command("take-back")
def hold_take_back(
    proofs: Annotated[list[str] | None, typer.Argument(help="Proofs by the platform's own ids.")] = None,
    platform: Annotated[str, typer.Option("--platform", help="Whose; must be said.")] = "",
    job: JobId = None,
    submitter: SubmitterId = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Turn rejects that did not go out yet into manual."""
    from pipeline.commands.hold import take_back

    whole = take_back(
        proofs or (),
        platform=platform,
        job=job,
        submitter=submitter,
        everything=everything,
        db=db,
        as_json=as_json,
    )
    if not whole:
        raise typer.Exit(EXIT_REPORTED)
