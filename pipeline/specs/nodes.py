"""Text that a person wrote (YAML or JSON) to a tree in which everything knows its line and path.

In: text, or values that came over HTTP. Out: nodes. Scalars stay as written: `on`, `no`, `0123` and `12:30`
are never turned into a truth value, an octal or a sexagesimal number; the field that reads one decides.
Never resolves tags, anchors or aliases, and never builds anything but nodes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import yaml

from pipeline.errors import JobFileError
from pipeline.records import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One value as written; `text` is None for null, `boolean` is set for a JSON truth value over HTTP."""

    text: str | None
    line: int
    path: str
    boolean: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list."""

    items: tuple[Node, ...]
    line: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """A mapping in the order written, double keys included."""

    entries: tuple[tuple[Scalar, Node], ...]
    line: int
    path: str


Node = Scalar | Listing | Entries


def read_text(path: Path) -> str:
    """Return the text of a file of at most `MAX_BYTES`.

    Raises:
        JobFileError: The file cannot be opened, is too large or is not UTF-8.
    """
    content = _content(path)
    if len(content) > MAX_BYTES:
        _refuse(str(path), 1, "the file is larger than 1 MB", "split it into several files")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        _refuse(str(path), line, "the file is not UTF-8 text here", "save it as UTF-8")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        _refuse(str(path), 1, f"the file cannot be read: {error.strerror}", "check its path and its rights")


def parse(text: str, *, file: str) -> Node:
    """Return the tree of a YAML or JSON text; `file` names it in faults.

    Raises:
        JobFileError: The text is no YAML, or uses what we refuse (anchors, aliases, tags, several documents).
    """
    text = _json_as_yaml(text)
    _refuse_unprintable(text, file)
    try:
        return _Builder(yaml.parse(text, Loader=_LOADER), file).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        _refuse(
            file, line, f"this is not valid YAML: {error.problem or error.context}", _syntax_remedy(error)
        )
    except yaml.YAMLError as error:
        _refuse(file, 1, f"this is not valid YAML: {error}", "save the file as UTF-8 text")


def from_plain(value: object, *, file: str) -> Node:
    """Return the tree of values that JSON gave; every line is 1, the paths say where.

    Raises:
        JobFileError: Nested too deeply, or holds what JSON cannot.
    """
    return _plain(value, "", file)


def _plain(value: object, path: str, file: str) -> Node:
    if path.count(".") + path.count("[") > MAX_DEPTH:
        _refuse(file, 1, f"`{path[:80]}` is nested too deeply", "a job needs no more than a few levels")
    if isinstance(value, Mapping):
        entries = (
            (Scalar(text=str(key), line=1, path=path), _plain(item, child_path(path, str(key)), file))
            for key, item in value.items()
        )
        return Entries(entries=tuple(entries), line=1, path=path)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        items = (_plain(item, f"{path}[{index}]", file) for index, item in enumerate(value))
        return Listing(items=tuple(items), line=1, path=path)
    if isinstance(value, bool):
        return Scalar(text=str(value).lower(), line=1, path=path, boolean=True)
    if value is not None and not isinstance(value, str | int | float):
        _refuse(
            file, 1, f"`{path}` is a {type(value).__name__}", "send text, numbers, lists and objects only"
        )
    return Scalar(text=None if value is None else str(value), line=1, path=path)


def child_path(path: str, key: str) -> str:
    """Return the path of `key` below `path`, long keys cut."""
    short = key if len(key) <= 40 else f"{key[:40]}..."  # noqa: PLR2004 (a readable length)
    return f"{path}.{short}" if path else short


def _json_as_yaml(text: str) -> str:
    """Change valid JSON where YAML 1.1 reads it otherwise: tabs, escaped surrogate pairs. Lines stay."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    # A raw tab cannot stand inside a JSON string, so every tab is layout.
    return _SURROGATES.sub(lambda hit: hit[1] + json.loads(f'"{hit[2]}"'), text.replace("\t", " "))


def _refuse_unprintable(text: str, file: str) -> None:
    hit = _UNPRINTABLE.search(text)
    if hit:
        line = text.count("\n", 0, hit.start()) + 1
        problem = f"the control character U+{ord(hit[0]):04X} stands in the file"
        _refuse(file, line, problem, "remove it; in double quotes it can be written as \\x..")


def _syntax_remedy(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or ""
    if "cannot start any token" in problem:
        return "indent with spaces, not tabs, and put a text that starts with @, ` or % in quotes"
    if "mapping values are not allowed" in problem:
        return "put the text in quotes if it holds a colon, and check the indentation"
    return "check indentation, quotes and brackets on this line and the one before"


def _refuse(file: str, line: int, problem: str, remedy: str) -> NoReturn:
    raise JobFileError((Fault(file=file, line=line, problem=problem, remedy=remedy),)) from None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Builder:
    """Builds nodes from the parser's events, which arrive one by one, so nothing can multiply."""

    def __init__(self, events: Iterator[yaml.Event], file: str) -> None:
        self._events = events
        self._file = file

    def document(self) -> Node:
        next(self._events)
        opening = next(self._events)
        if isinstance(opening, yaml.StreamEndEvent):
            return Scalar(text=None, line=1, path="")
        node = self._node(next(self._events), "", 0)
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._stop(after, "a second document starts here", "keep one document a file, without `---`")
        return node

    def _node(self, event: yaml.Event, path: str, depth: int) -> Node:
        self._check(event, depth)
        line = _line(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(items=tuple(self._items(path, depth)), line=line, path=path)
        if isinstance(event, yaml.MappingStartEvent):
            return Entries(entries=tuple(self._entries(path, depth)), line=line, path=path)
        assert isinstance(event, yaml.ScalarEvent)
        null = event.implicit[0] and event.value in _NULLS
        return Scalar(text=None if null else event.value, line=line, path=path)

    def _items(self, path: str, depth: int) -> Iterator[Node]:
        index = 0
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, f"{path}[{index}]", depth + 1)
            index += 1

    def _entries(self, path: str, depth: int) -> Iterator[tuple[Scalar, Node]]:
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, path, depth + 1)
            if not isinstance(key, Scalar):
                self._stop(event, "a key is a list or a mapping", "write a plain word before the colon")
            below = child_path(path, key.text or "")
            yield key, self._node(next(self._events), below, depth + 1)

    def _check(self, event: yaml.Event, depth: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._stop(event, f"the alias `*{event.anchor}` is used", "aliases are refused; write it out")
        if getattr(event, "anchor", None):
            self._stop(
                event, "an anchor (`&...`) is used", "anchors are refused; put a text with & in quotes"
            )
        if getattr(event, "tag", None) not in {None, "!"}:
            self._stop(event, "a tag (`!...`) is used", "tags are refused; put a text with ! in quotes")
        if depth > MAX_DEPTH:
            self._stop(event, "nested too deeply", "a job needs no more than a few levels")

    def _stop(self, event: yaml.Event, problem: str, remedy: str) -> NoReturn:
        _refuse(self._file, _line(event), problem, remedy)
