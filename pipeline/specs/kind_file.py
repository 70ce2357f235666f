"""One file of the catalogue to its `Kind`.

In: YAML text. Out: the kind, its template tried out with sample values, or every fault with its line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pipeline.errors import JobFileError
from pipeline.records import PolicyStance
from pipeline.specs import wording
from pipeline.specs.checks import MAX_CHECKS, read_check
from pipeline.specs.fields import Fields
from pipeline.specs.kind import Kind, KindPolicy, Param, Words
from pipeline.specs.nodes import Entries, Listing, Node, Scalar, parse
from pipeline.specs.template import places

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = ("en", "bn")
_STANCES = {stance.value: stance for stance in PolicyStance}
_FORMS: dict[str, Literal["text", "url"]] = {"text": "text", "url": "url"}
_WORDS = "words"


def read_kind(text: str, *, file: str) -> Kind:
    """Return the kind that a file's text says.

    Raises:
        JobFileError: The text has faults; all of them are told.
    """
    fields = Fields(file)
    kind = _kind(fields, parse(text, file=file))
    if kind is not None and not fields.faults:
        _try_out(fields, kind)
    if kind is None or fields.faults:
        raise JobFileError(tuple(fields.faults))
    return kind


def _kind(fields: Fields, node: Node) -> Kind | None:
    required = ("name", "label", "description", "policy", "checks")
    given = fields.entries(node, required=required, optional=("params", _WORDS))
    if given is None:
        return None
    words = _words(fields, given.get(_WORDS))
    labels = fields.entries(given.get("label"), required=LANGUAGES) or {}
    return Kind(
        name=_name(fields, given.get("name")),
        label_en=fields.text(labels.get("en")) or "",
        label_bn=fields.text(labels.get("bn")) or "",
        description=fields.text(given.get("description")) or "",
        params=_params(fields, given.get("params")),
        policy=_policy(fields, given.get("policy")),
        words=words,
        checks=_checks(fields, given.get("checks"), words),
        source=fields.file,
    )


def _name(fields: Fields, node: Node | None) -> str:
    name = fields.identifier(node) or ""
    if node is not None and name and not (name.isascii() and name.isidentifier() and name == name.lower()):
        fields.fault(
            node, f"is {wording.shown(name)}", "use small letters, digits and _, such as `forum_post`"
        )
    return name


def _params(fields: Fields, node: Node | None) -> tuple[Param, ...]:
    read = (_param(fields, item) for item in fields.items(node, most=MAX_CHECKS) or ())
    return tuple(one for one in read if one is not None)


def _param(fields: Fields, node: Node) -> Param | None:
    given = fields.entries(node, required=("name", "required", "help"), optional=("form",)) or {}
    name = _name(fields, given.get("name"))
    required = fields.truth(given.get("required"))
    form = fields.choice(given.get("form"), _FORMS) or "text"
    told = fields.text(given.get("help")) or ""
    return Param(name=name, required=required is not False, help=told, form=form) if name else None


def _policy(fields: Fields, node: Node | None) -> KindPolicy:
    given = fields.entries(node, required=("stance",), optional=("rule", "sentence", "url")) or {}
    stance = fields.choice(given.get("stance"), _STANCES) or PolicyStance.ALLOW
    rule, sentence = fields.text(given.get("rule")), fields.text(given.get("sentence"))
    if node is not None and stance is not PolicyStance.ALLOW and not (rule and sentence):
        fields.fault(node, f"is {stance.value} without its rule", "add `rule: ...` and `sentence: ...`")
    return KindPolicy(stance=stance, rule=rule, sentence=sentence, url=fields.address(given.get("url")))


def _words(fields: Fields, node: Node | None) -> Words | None:
    given = fields.entries(node, required=("done",), optional=("not_done",))
    if given is None:
        return None
    done, not_done = (_by_language(fields, given.get(key)) for key in ("done", "not_done"))
    return Words(done=done, not_done=not_done)


def _by_language(fields: Fields, node: Node | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    given = fields.entries(node, optional=LANGUAGES) or {}
    return tuple((lang, fields.texts(given[lang]) or ()) for lang in LANGUAGES if lang in given)


def _checks(fields: Fields, node: Node | None, words: Words | None) -> tuple[Node, ...]:
    found = []
    for item in fields.items(node, most=MAX_CHECKS) or ():
        if not _asks_for_words(item):
            found.append(item)
        elif words is None:
            fields.fault(item, f"asks for `{_WORDS}`, and the kind has none", f"add `{_WORDS}: ...`")
        else:
            found.append(_state(words, item))
    return tuple(found)


def _asks_for_words(node: Node) -> bool:
    if not isinstance(node, Entries) or len(node.entries) != 1:
        return False
    key, body = node.entries[0]
    return key.text == "state" and isinstance(body, Scalar) and body.text == _WORDS


def _state(words: Words, at: Node) -> Node:
    def scalar(text: str) -> Scalar:
        return Scalar(text=text, line=at.line, path=at.path)

    def listing(by_language: tuple[tuple[str, tuple[str, ...]], ...]) -> Listing:
        texts = (scalar(word) for _, some in by_language for word in some)
        return Listing(items=tuple(texts), line=at.line, path=at.path)

    pairs = ((scalar("done"), listing(words.done)), (scalar("not_done"), listing(words.not_done)))
    body = Entries(entries=pairs, line=at.line, path=at.path)
    return Entries(entries=((scalar("state"), body),), line=at.line, path=at.path)


def _try_out(fields: Fields, kind: Kind) -> None:
    """Fill the template with sample values, so that a fault shows here and not in somebody's job."""
    known = set(_sample_places(kind))
    for check in kind.checks:
        for place in places(check):
            if place not in known:
                remedy = f"the places are {', '.join(sorted(known)) or 'none: add params'}"
                fields.fault(check, f"has the unknown place {{{place}}}", remedy)
                return
    samples = {
        one.name: "https://example.com/page" if one.form == "url" else "Sample 1" for one in kind.params
    }
    for filled in kind.fill(samples, at=kind.checks[0]) if kind.checks else ():
        read_check(fields, filled)


def _sample_places(kind: Kind) -> Iterator[str]:
    for one in kind.params:
        yield one.name
        if one.form == "url":
            yield f"{one.name}.host"
            yield f"{one.name}.path"
