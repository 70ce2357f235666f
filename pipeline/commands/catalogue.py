"""`praman kinds` and `praman job lint`: the catalogue and a job file's faults, for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console

from pipeline.catalogue import Kind, kinds
from pipeline.commands.show import table
from pipeline.commands.terminal import escape
from pipeline.errors import UsageError
from pipeline.lint import lint
from pipeline.settings import load_settings
from pipeline.specs.fields import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.lint import Lint


def catalogue(kinds_dir: Path | None) -> Mapping[str, Kind]:
    """Return the kinds in force: the built-in ones and those of the folder named here or by the settings."""
    return kinds(kinds_dir or load_settings().kinds_dir)


def show_kinds(kinds_dir: Path | None, *, as_json: bool) -> None:
    """Show every kind, one a row."""
    found = catalogue(kinds_dir).values()
    if as_json:
        print(json.dumps([_as_json(kind) for kind in found], ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    made = table("Kinds", "kind", "for", "params", "policy")
    for kind in found:
        params = ", ".join(one.name if one.required else f"{one.name}?" for one in kind.params)
        made.add_row(kind.name, escape(kind.label_en), params, kind.policy.stance.value)
    Console().print(made)


def show_kind(name: str, kinds_dir: Path | None, *, as_json: bool) -> None:
    """Show one kind in full.

    Raises:
        UsageError: There is no such kind.
    """
    found = catalogue(kinds_dir)
    if name not in found:
        near = nearest(name, found)
        hint = f"did you mean {near}?" if near else "`praman kinds` lists them"
        raise UsageError(f"kind {name!r} is not in the catalogue; {hint}")
    kind = found[name]
    if as_json:
        print(json.dumps(_as_json(kind), ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    console = Console()
    console.print(f"[bold]{kind.name}[/]  {escape(kind.label_en)} · {escape(kind.label_bn)}")
    console.print(escape(kind.description), soft_wrap=True)
    for param in kind.params:
        need = "required" if param.required else "optional"
        console.print(f"  param {param.name} ({need}): {escape(param.help)}", soft_wrap=True)
    if kind.words is not None:
        for lang, words in kind.words.done:
            console.print(f"  done ({lang}): {escape(', '.join(words))}", soft_wrap=True)
        for lang, words in kind.words.not_done:
            console.print(f"  not done ({lang}): {escape(', '.join(words))}", soft_wrap=True)
    policy = ": ".join(filter(None, (kind.policy.stance.value, kind.policy.rule)))
    console.print(f"  policy {escape(policy)}", soft_wrap=True)


def _as_json(kind: Kind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "label": {"en": kind.label_en, "bn": kind.label_bn},
        "description": kind.description,
        "params": [{"name": one.name, "required": one.required, "help": one.help} for one in kind.params],
        "policy": {"stance": kind.policy.stance.value, "rule": kind.policy.rule},
        "done": dict(kind.words.done) if kind.words else {},
        "not_done": dict(kind.words.not_done) if kind.words else {},
    }


def show_lint(path: Path, kinds_dir: Path | None, *, as_json: bool) -> bool:
    """Show every fault and every policy notice of a job file; return whether it can be used."""
    found = lint(path, kinds=catalogue(kinds_dir))
    if as_json:
        print(json.dumps(_lint_json(found), ensure_ascii=False))  # noqa: T201 (the command's output)
        return found.ok
    console = Console(stderr=not found.ok)
    for fault in found.faults:
        console.print(f"[red]{escape(str(fault))}[/]", soft_wrap=True)
    for notice in found.notices:
        console.print(f"[yellow]{escape(str(notice))}[/]", soft_wrap=True)
    if found.ok:
        console.print(f"{escape(str(path))}: {len(found.jobs)} jobs, no faults", soft_wrap=True)
    return found.ok


def _lint_json(found: Lint) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "jobs": [job.id for job in found.jobs],
        "faults": [
            {"file": one.file, "line": one.line, "problem": one.problem, "remedy": one.remedy}
            for one in found.faults
        ],
        "notices": [
            {"line": one.line, "kind": one.kind, "rule": one.rule, "sentence": one.sentence, "jobs": one.jobs}
            for one in found.notices
        ],
    }
