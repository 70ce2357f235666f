"""Tables for people, JSON for programs."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from pipeline.codec import encode
from pipeline.commands.terminal import escape
from pipeline.publish import verdict_line
from pipeline.settings import PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.commands.check import Answered
    from pipeline.commands.doctor import Finding
    from pipeline.commands.verify import Report
    from pipeline.records import Reading
    from pipeline.settings import Settings

COLOURS = {"accept": "green", "reject": "red", "manual": "yellow", "pass": "green", "fail": "red"}


def table(title: str, *columns: str, whole: str | None = None) -> Table:
    """Return an empty table in the house's look; `whole` is never broken, for it is copied."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column == whole)
    return made


def show_report(report: Report, *, as_json: bool) -> None:
    """Show what `verify` did: a summary on stderr, JSON on stdout when asked for."""
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))  # noqa: T201 (the command's output)
    console = Console(stderr=True)
    for fault in report.faults + report.problems:
        console.print(f"[yellow]{escape(str(fault))}[/]", soft_wrap=True)
    if not as_json:
        console.print(_verdict_table(report))
    rate = len(report.order) / report.seconds if report.seconds else 0.0
    console.print(f"{len(report.order)} proofs in {report.seconds:.1f} s ({rate:.1f}/s), {report.new} new")


def _verdict_table(report: Report) -> Table:
    made = table("Verdicts", "verdict", "proofs", "reasons")
    codes: dict[str, list[str]] = defaultdict(list)
    for (verdict, code), count in sorted(report.pairs.items(), key=lambda item: -item[1]):
        codes[verdict].append(f"{code} {count}")
    for verdict in ("accept", "reject", "manual"):
        proofs = str(report.verdicts[verdict])
        made.add_row(f"[{COLOURS[verdict]}]{verdict}[/]", proofs, ", ".join(codes[verdict]))
    return made


def show_verdicts(out: Path) -> None:
    """Show the verdict lines of a file, one a row, on stderr."""
    made = table("Proofs", "proof", "verdict", "reasons", "copy of")
    with out.open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            verdict = f"[{COLOURS[line['verdict']]}]{line['verdict']}[/]"
            codes = ", ".join(reason["code"] for reason in line["reasons"])
            original = line["duplicate_of"]["proof_id"] if line["duplicate_of"] else ""
            made.add_row(escape(line["proof_id"]), verdict, codes, escape(original))
    Console(stderr=True).print(made)


def show_check(answered: Answered, *, explain: bool, as_json: bool) -> None:
    """Show one verdict with its reasons and checks, and the reader's passes when asked."""
    line = verdict_line(answered.recorded)
    if as_json:
        if explain:
            line["readings"] = [json.loads(encode(reading)) for reading in answered.readings]
        print(json.dumps(line, ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    console = Console()
    console.print(f"[{COLOURS[line['verdict']]} bold]{line['verdict']}[/]  ({line['took_ms']} ms)")
    for reason in line["reasons"]:
        console.print(f"  {reason['code']}: {escape(reason['message'])}", soft_wrap=True)
    checks = table("Checks", "check", "expected", "status", "found", "similarity")
    for check in line["checks"]:
        status = f"[{COLOURS.get(check['status'], 'yellow')}]{check['status']}[/]"
        found = escape(check["found"] or "")
        checks.add_row(check["check"], escape(check["expected"]), status, found, f"{check['similarity']:.2f}")
    if checks.row_count:
        console.print(checks)
    if explain:
        console.print(_passes(answered.readings))


def _passes(readings: Sequence[Reading]) -> Table:
    made = table(
        "Passes of the reader", "image", "pass", "engine", "languages", "mode", "scale", "ms", "words"
    )
    for reading in readings:
        for one in reading.passes:
            made.add_row(
                str(reading.image),
                one.name,
                one.engine,
                one.languages,
                str(one.page_mode),
                f"{one.scale:.2f}",
                str(one.cpu_ms),
                str(one.words),
            )
    return made


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Show what `doctor` found."""
    if as_json:
        rows = [
            {"part": one.part, "healthy": one.healthy, "found": one.found, "remedy": one.remedy}
            for one in findings
        ]
        print(json.dumps(rows, ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    made = table("Doctor", "part", "", "found", "to do")
    for one in findings:
        mark = "[green]ok[/]" if one.healthy else "[red]ill[/]"
        made.add_row(one.part, mark, escape(one.found), escape(one.remedy))
    Console().print(made)


def show_settings(settings: Settings, *, as_json: bool) -> None:
    """Show every setting with its value in force; passwords in URLs are left out."""
    rows = [
        {
            "name": f"{PREFIX}{name.upper()}",
            "value": masked(getattr(settings, name)),
            "means": one.description,
        }
        for name, one in type(settings).model_fields.items()
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    made = table("Settings", "name", "in force", "means", whole="name")
    for row in rows:
        made.add_row(str(row["name"]), escape(row["value"] or ""), escape(row["means"] or ""))
    Console().print(made)


def masked(value: object) -> str | None:
    """Return the value as it is written in the environment, a password in a URL left out."""
    if isinstance(value, tuple):
        return ",".join(f"{one:g}" for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else re.sub(r"//([^:/@]*):[^@/]*@", r"//\1:***@", str(value))
