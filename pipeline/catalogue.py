"""The catalogue of job kinds: what each asks for, which words show it done, what policy says of it.

In: the YAML files in `pipeline/kinds/`, and a platform's own directory beside them. Out: `Kind` by name.
A kind is data: adding one is adding a file. Nothing is read before the first call.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

from pipeline.errors import JobFileError
from pipeline.records import Fault
from pipeline.specs.kind import Kind, KindPolicy, Param, Words
from pipeline.specs.kind_file import read_kind
from pipeline.specs.nodes import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Kind", "KindPolicy", "Param", "Words", "kinds", "read_kind"]


@cache
def kinds(extra_dir: Path | None = None) -> Mapping[str, Kind]:
    """Return every kind by name: the built-in ones and those of `extra_dir`, read once a process.

    Raises:
        JobFileError: A file of the directory has faults, or a kind of it has a built-in kind's name.
    """
    built_in = _built_in()
    if extra_dir is None:
        return built_in
    faults: list[Fault] = []
    found = dict(built_in)
    for path in _files(extra_dir):
        try:
            kind = read_kind(read_text(path), file=str(path))
        except JobFileError as error:
            faults.extend(error.faults)
            continue
        if kind.name in found:
            faults.append(_taken(kind, found[kind.name]))
        found.setdefault(kind.name, kind)
    if faults:
        raise JobFileError(tuple(faults))
    return MappingProxyType(found)


@cache
def _built_in() -> Mapping[str, Kind]:
    folder = resources.files("pipeline").joinpath("kinds")
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    read = (read_kind(one.read_text(encoding="utf-8"), file=one.name) for one in files)
    return MappingProxyType({kind.name: kind for kind in read})


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        problem = "the directory of your own kinds is not there"
        raise JobFileError((Fault(file=str(folder), line=1, problem=problem, remedy="check its path"),))
    return sorted(one for one in folder.iterdir() if one.suffix in {".yaml", ".yml", ".json"})


def _taken(kind: Kind, other: Kind) -> Fault:
    return Fault(
        file=kind.source,
        line=1,
        problem=f"`name` is `{kind.name}`, which {other.source} already defines",
        remedy="choose another name; a built-in kind cannot be replaced",
    )
