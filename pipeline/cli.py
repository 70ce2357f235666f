"""`praman`: one command a function, no business rules.

Each command imports what it needs when it runs, so that `--help` and the children of a worker start quickly.
How they end, and what is said when something is wrong, is in `cli_exits`.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli_exits import EXIT_USAGE, run_to_exit
from pipeline.cli_incoming import intake_app
from pipeline.cli_operating import audit_app, dead_app, erase
from pipeline.cli_outgoing import deliveries_app, hold_app
from pipeline.cli_review import moderator_app
from pipeline.options import EXIT_REPORTED, Db, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    name="praman",
    help="Praman verifies the screenshots that micro-job submitters send as proof.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
job_app = typer.Typer(help="Job files.", no_args_is_help=True)
app.add_typer(job_app, name="job")
platform_app = typer.Typer(help="Who may send proofs, and with which key.", no_args_is_help=True)
app.add_typer(platform_app, name="platform")
app.add_typer(intake_app, name="intake")
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(hold_app, name="hold")
app.add_typer(moderator_app, name="moderator")
app.add_typer(dead_app, name="dead")
app.add_typer(audit_app, name="audit")
app.command()(erase)

Workers = Annotated[int | None, typer.Option("--workers", min=1, help="OCR processes; one a core.")]
Host = Annotated[str, typer.Option("--host", help="Where to listen; 0.0.0.0 for every address.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 for any free one.")]
KindsDir = Annotated[Path | None, typer.Option("--kinds-dir", help="A platform's own kinds (*.yaml).")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"praman {version('praman')}")
        raise typer.Exit


@app.callback()
def _praman(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def verify(
    manifest: Annotated[Path, typer.Argument(help="One proof a line, JSON.")],
    jobs: Annotated[Path, typer.Option("--jobs", help="The job file.")],
    out: Annotated[Path, typer.Option("--out", help="Where the verdict lines go.")],
    workers: Workers = None,
    db: Db = None,
    kinds_dir: KindsDir = None,
    listed: Annotated[bool, typer.Option("--show", help="List every verdict, too.")] = False,
    as_json: Json = False,
) -> None:
    """Verify every proof of a manifest through the real actors."""
    from pipeline.commands.progress import Progress
    from pipeline.commands.show import show_report, show_verdicts
    from pipeline.commands.verify import verify as run

    _start_logging(quiet=True)
    report = run(
        manifest, jobs=jobs, out=out, workers=workers, db=db, kinds_dir=kinds_dir, progress=Progress()
    )
    if listed:
        show_verdicts(out)
    show_report(report, as_json=as_json)
    if report.faults:
        raise typer.Exit(EXIT_REPORTED)


@app.command()
def check(
    images: Annotated[list[Path], typer.Argument(help="The pictures of one proof.")],
    kind: Annotated[str | None, typer.Option("--kind", help="A kind of the catalogue.")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", help="name=value, repeatable.")] = None,
    jobs: Annotated[Path | None, typer.Option("--jobs", help="A job file, with --job.")] = None,
    job: Annotated[str | None, typer.Option("--job", help="Id of a job in the job file.")] = None,
    answer: Annotated[str | None, typer.Option("--answer", help="What the submitter typed.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the messages: en or bn.")] = "en",
    annotate: Annotated[Path | None, typer.Option("--annotate", help="Draw the evidence here.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the passes of the reader.")] = False,
    kinds_dir: KindsDir = None,
    as_json: Json = False,
) -> None:
    """Verify one proof without files to write."""
    from pipeline.commands.check import Question, check_one, draw, drawings
    from pipeline.commands.show import show_check

    _start_logging(quiet=True)
    question = Question(
        images=tuple(images),
        kind=kind,
        params=tuple(param or ()),
        jobs=jobs,
        job=job,
        answer=answer,
        lang=lang,
        kinds_dir=kinds_dir,
    )
    targets = drawings(images, annotate) if annotate is not None else ()
    answered = check_one(question)
    for path in draw(answered, images, targets) if targets else ():
        typer.echo(f"{path}: no picture that could be drawn on", err=True)
    show_check(answered, explain=explain, as_json=as_json)


@app.command()
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A picture file, or a proof's id.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one; it is laid over the first.")],
    out: Annotated[Path | None, typer.Option("--out", help="Draw both side by side here, PNG.")] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="Whose proofs, if several.")] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Compare two pictures: copy, another capture, or nobody can tell."""
    from pipeline.commands.compare import compare as run

    _start_logging(quiet=True)
    run(first, second, out=out, platform=platform, db=db, as_json=as_json)


@app.command()
def rings(
    platform: Annotated[str | None, typer.Option("--platform", help="Only this platform's.")] = None,
    job: Annotated[str | None, typer.Option("--job", help="Only copies sent to this job.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many, the largest first.")] = 50,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show submitters who share captures, for people to look at; nothing is rejected by it."""
    from pipeline.commands.rings import show_rings

    _start_logging(quiet=True)
    show_rings(platform=platform, job=job, limit=limit, db=db, as_json=as_json)


@app.command()
def rehash(
    platform: Annotated[str | None, typer.Option("--platform", help="Only this platform's.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="So many; all.")] = None,
    workers: Workers = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """After an upgrade: fingerprint stored pictures anew, while workers go on."""
    from pipeline.commands.progress import Progress
    from pipeline.commands.rehash import rehash as run
    from pipeline.commands.rehash import show_rehashed

    _start_logging(quiet=True)
    done = run(platform=platform, limit=limit, workers=workers, db=db, progress=Progress())
    show_rehashed(done, as_json=as_json)
    if done.skipped:
        raise typer.Exit(EXIT_REPORTED)


@app.command()
def kinds(
    name: Annotated[str | None, typer.Argument(help="One kind; all when left out.")] = None,
    kinds_dir: KindsDir = None,
    as_json: Json = False,
) -> None:
    """Show the catalogue of kinds, or one kind in full."""
    from pipeline.commands.catalogue import show_kind, show_kinds

    if name is None:
        show_kinds(kinds_dir, as_json=as_json)
    else:
        show_kind(name, kinds_dir, as_json=as_json)


@job_app.command("lint")
def job_lint(
    path: Annotated[Path, typer.Argument(help="The job file.")],
    kinds_dir: KindsDir = None,
    as_json: Json = False,
) -> None:
    """Name every fault of a job file with its line, before anything runs."""
    from pipeline.commands.catalogue import show_lint

    if not show_lint(path, kinds_dir, as_json=as_json):
        raise typer.Exit(EXIT_USAGE)


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = None) -> None:
    """Run the whole product in one process: HTTP API, worker, publisher and sweep."""
    from pipeline.commands.serve import serve as run
    from pipeline.settings import load_settings

    _start_logging(quiet=False)
    run(load_settings(children=workers), host=host, port=port)


@app.command()
def api(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Answer HTTP alone, for many machines on Redis and PostgreSQL."""
    from pipeline.commands.serve import api as run
    from pipeline.settings import load_settings

    _start_logging(quiet=False)
    run(load_settings(), host=host, port=port)


@platform_app.command("add")
def platform_add(
    name: Annotated[str, typer.Argument(help="A short name; it stays.")],
    webhook: Annotated[
        str | None, typer.Option("--webhook", help="Where its verdicts are posted to, https://...")
    ] = None,
    acknowledged_by: Annotated[
        str | None,
        typer.Option(
            "--policy-acknowledged-by", help="Who answers for jobs that break a service's own terms."
        ),
    ] = None,
    adapter: Annotated[
        str | None,
        typer.Option("--adapter", help="Serve it by one of docs/platforms.md."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="The adapter's configuration, YAML or JSON.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a platform; its API key and webhook secret are shown once."""
    from pipeline.commands.platform import add

    add(
        name,
        webhook=webhook,
        acknowledged_by=acknowledged_by,
        adapter=adapter,
        config=config,
        as_json=as_json,
    )


@platform_app.command("list")
def platform_list(as_json: Json = False) -> None:
    """List the platforms, without secrets."""
    from pipeline.commands.platform import show

    show(as_json=as_json)


@platform_app.command("rotate")
def platform_rotate(
    name: Annotated[str, typer.Argument(help="The platform.")],
    overlap_h: Annotated[
        float, typer.Option("--overlap", min=0, help="Hours that the old ones hold.")
    ] = 24.0,
    as_json: Json = False,
) -> None:
    """Give a platform a new API key and webhook secret; the old ones hold for a while."""
    from pipeline.commands.platform import rotate

    rotate(name, overlap_h=overlap_h, as_json=as_json)


@platform_app.command("elsewhere")
def platform_elsewhere(
    name: Annotated[str, typer.Argument(help="The platform.")],
    on: Annotated[
        bool, typer.Option("--on/--off", help="Compare its pictures with other platforms' that are on.")
    ],
    as_json: Json = False,
) -> None:
    """Say "seen elsewhere", and no more, of pictures that another platform received before; by consent."""
    from pipeline.commands.platform import look_elsewhere

    look_elsewhere(name, on=on, as_json=as_json)


@app.command()
def worker(
    queues: Annotated[str | None, typer.Option("--queues", help="intake,light,ocr,deliver; all.")] = None,
    workers: Workers = None,
) -> None:
    """Work on the queues until SIGTERM."""
    from actors.main import run_worker
    from pipeline.commands.queues import parse_queues
    from pipeline.settings import load_settings

    _start_logging(quiet=False)
    run_worker(load_settings(children=workers), parse_queues(queues))


@app.command()
def sweep() -> None:
    """Ring for what waits unheard and free what dead workers held, until SIGTERM."""
    from actors.broker import make_broker
    from actors.main import run_sweep
    from pipeline.settings import load_settings
    from pipeline.wiring import watched_services

    _start_logging(quiet=False)
    settings = load_settings()
    with watched_services(settings, make_broker(settings, patient=False)) as here:
        run_sweep(settings, here)


@app.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database to this version's schema."""
    from pipeline.ledger.schema import migrate as run
    from pipeline.settings import load_settings

    revision = run(load_settings().database).current
    typer.echo(json.dumps({"revision": revision}) if as_json else f"schema at {revision}")


@app.command()
def doctor(
    listed: Annotated[bool, typer.Option("--settings", help="List the settings in force instead.")] = False,
    as_json: Json = False,
) -> None:
    """Probe each part that the settings name and say what to do."""
    from pipeline.commands.doctor import examine
    from pipeline.commands.show import show_findings, show_settings
    from pipeline.settings import load_settings

    _start_logging(quiet=True)
    if listed:
        show_settings(load_settings(), as_json=as_json)
        return
    findings = examine(load_settings())
    show_findings(findings, as_json=as_json)
    if not all(one.healthy for one in findings):
        raise typer.Exit(EXIT_REPORTED)


@app.command()
def export(
    platform: Annotated[str, typer.Option("--platform", help="Whose verdicts.")] = "local",
    job: Annotated[str | None, typer.Option("--job", help="Only this job.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A file; standard output otherwise.")] = None,
    form: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    db: Db = None,
) -> None:
    """Write the current verdicts, oldest first, with the sentence to send."""
    from pipeline.commands.export import export as run

    run(platform, job=job, out=out, form=form, db=db)


app.command()(erase)


def _start_logging(*, quiet: bool) -> None:
    from pipeline.adapters.logs import start_logging
    from pipeline.settings import load_settings

    settings = load_settings()
    start_logging(settings.log_format, level="error" if quiet else settings.log_level)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `praman`; the console script's entry."""
    run_to_exit(app, arguments)


if __name__ == "__main__":
    main()
