"""Compares verdict lines with a drawn corpus's labels: the confusion table, the rates, the worst cases.

In: `labels.jsonl` of a corpus and the verdict lines of `praman verify`. Out: tables, or `--json`.
    python bench/confusion.py fixtures/sample/labels.jsonl demo/verdicts.jsonl
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

VERDICTS = ("accept", "manual", "reject")


def rows(path: Path) -> dict[str, dict[str, Any]]:
    """Return the JSON lines of a file by proof id."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {row["proof_id"]: row for row in map(json.loads, lines)}


def confusion(labels: dict[str, Any], verdicts: dict[str, Any], by: str) -> dict[str, Counter[str]]:
    """Return how often each value of the label `by` got each verdict; `missing` where there is none."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for proof_id, label in labels.items():
        line = verdicts.get(proof_id)
        table[str(label.get(by))][line["verdict"] if line else "missing"] += 1
    return dict(sorted(table.items()))


def wrong(labels: dict[str, Any], verdicts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the proofs whose verdict is not the expected one, with the reasons given."""
    found = []
    for proof_id, label in labels.items():
        line = verdicts.get(proof_id)
        given = line["verdict"] if line else "missing"
        if given != label["expected_verdict"]:
            codes = [reason["code"] for reason in line["reasons"]] if line else []
            found.append(label | {"given": given, "codes": codes})
    return found


def shown(title: str, table: dict[str, Counter[str]]) -> Table:
    """Return one confusion table for people."""
    columns = [name for name in (*VERDICTS, "missing") if any(row[name] for row in table.values())]
    made = Table(title=title, title_justify="left")
    for column in ("", *columns, "all"):
        made.add_column(column, justify="right" if column else "left")
    for name, row in table.items():
        made.add_row(name, *(str(row[column]) for column in columns), str(row.total()))
    return made


def main(
    labels: Annotated[Path, typer.Argument(help="labels.jsonl of the corpus")],
    verdicts: Annotated[Path, typer.Argument(help="verdict lines")],
    by: Annotated[list[str] | None, typer.Option(help="label to group by, repeatable")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,  # noqa: FBT002 (an option)
) -> None:
    """Print the confusion tables and every wrong verdict."""
    truth, given = rows(labels), rows(verdicts)
    tables = {name: confusion(truth, given, name) for name in (by or ["truth", "expected_verdict", "lang"])}
    bad = wrong(truth, given)
    if as_json:
        print(json.dumps({"tables": tables, "wrong": bad}, ensure_ascii=False))
        return
    console = Console()
    for name, table in tables.items():
        console.print(shown(f"by {name}", table))
    for one in bad:
        parts = (one["proof_id"], one["truth"], one.get("attack"), one["expected_verdict"], one["given"])
        console.print(*parts, one["codes"], soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
