"""One written job to its `Job` record.

In: a node and the catalogue. Out: the job and its lines; faults go to the fields that read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.records import AutoReject, Check, Decide, Job, Outcome, PolicyStance
from pipeline.specs import wording
from pipeline.specs.checks import MAX_CHECKS, read_check
from pipeline.specs.fields import Fields, nearest
from pipeline.specs.nodes import Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.specs.kind import Kind, Param

MAX_IMAGES = 20
_IMAGES_MAX = 4  # as in the record, where slots hide the default
MAX_TITLE_CHARS = 200
_KEYS = ("kind", "params", "title", "lang", "checks", "images", "decide")
_LANGS = {"en": "en", "bn": "bn"}
_AUTO_REJECT = {
    "true": AutoReject.ON,
    "yes": AutoReject.ON,
    "on": AutoReject.ON,
    "hold": AutoReject.HOLD,
    "false": AutoReject.OFF,
    "no": AutoReject.OFF,
    "off": AutoReject.OFF,
}
_NEAR_MISS = {"reject": Outcome.REJECT, "manual": Outcome.MANUAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenJob:
    """A job and the lines on which it and its kind are written."""

    job: Job
    line: int
    kind_line: int


def read_job(fields: Fields, node: Node, kinds: Mapping[str, Kind]) -> WrittenJob | None:
    """Return one job; None where the node is no mapping. With faults in `fields` it is not to be used."""
    before = len(fields.faults)
    given = fields.entries(node, required=("id",), optional=_KEYS)
    if given is None:
        return None
    keys_are_known = len(fields.faults) == before
    job_id = fields.identifier(given.get("id"))
    kind = _kind(fields, given.get("kind"), kinds)
    if keys_are_known and "kind" not in given and "checks" not in given:
        fields.fault(
            node, "has neither `kind` nor `checks`", "add one; `checks: []` judges the picture alone"
        )
    images_min, images_max = _images(fields, given.get("images"))
    job = Job(
        id=job_id or "",
        kind=kind.name if kind else None,
        title=fields.text(given.get("title"), most_chars=MAX_TITLE_CHARS),
        lang=fields.choice(given.get("lang"), _LANGS) or "en",
        checks=_kind_checks(fields, kind, given) + _checks(fields, given.get("checks")),
        images_min=images_min,
        images_max=images_max,
        decide=_decide(fields, given.get("decide")),
        stance=kind.policy.stance if kind else PolicyStance.ALLOW,
        policy_source=kind.policy.rule if kind else None,
    )
    return WrittenJob(job=job, line=_line(given, "id", node), kind_line=_line(given, "kind", node))


def _line(given: Mapping[str, Node], key: str, node: Node) -> int:
    return given[key].line if key in given else node.line


def _kind(fields: Fields, node: Node | None, kinds: Mapping[str, Kind]) -> Kind | None:
    name = fields.text(node)
    if node is None or name is None:
        return None
    if name not in kinds:
        near = nearest(name, kinds)
        remedy = f"did you mean `{near}`?" if near else "`praman kinds` lists them"
        fields.fault(node, f"is {wording.shown(name)}, no kind of the catalogue", remedy)
    return kinds.get(name)


def _kind_checks(fields: Fields, kind: Kind | None, given: Mapping[str, Node]) -> tuple[Check, ...]:
    params = given.get("params")
    if "kind" not in given and params is not None:
        fields.fault(params, "belongs to a kind, and the job has none", "add `kind: ...` or remove `params`")
    if kind is None:
        return ()
    values = _values(fields, kind, params or given["kind"])
    return () if values is None else _read(fields, kind.fill(values, at=given["kind"]))


def _values(fields: Fields, kind: Kind, node: Node) -> dict[str, str] | None:
    """Return the parameters' values, or None where one is at fault; `node` is where faults are told."""
    before = len(fields.faults)
    if isinstance(node, Scalar) and node.path.endswith("kind"):
        given: dict[str, Node] | None = {}
        for one in kind.params:
            if one.required:
                fields.fault(node, f"is {kind.name}, which needs the parameter `{one.name}`", _example(one))
    else:
        required = tuple(one.name for one in kind.params if one.required)
        optional = tuple(one.name for one in kind.params if not one.required)
        given = fields.entries(node, required=required, optional=optional)
    read = {one.name: _value(fields, one, (given or {}).get(one.name)) for one in kind.params}
    found = {name: value for name, value in read.items() if value is not None}
    return found if len(fields.faults) == before else None


def _example(param: Param) -> str:
    return f"add `params: {{{param.name}: ...}}` ({param.help})"


def _value(fields: Fields, param: Param, node: Node | None) -> str | None:
    return fields.address(node) if param.form == "url" else fields.text(node)


def _checks(fields: Fields, node: Node | None) -> tuple[Check, ...]:
    return _read(fields, fields.items(node, most=MAX_CHECKS) or ())


def _read(fields: Fields, nodes: tuple[Node, ...]) -> tuple[Check, ...]:
    read = (read_check(fields, node) for node in nodes)
    return tuple(check for check in read if check is not None)


def _images(fields: Fields, node: Node | None) -> tuple[int, int]:
    given = fields.entries(node, optional=("min", "max")) or {}
    low = fields.integer(given.get("min"), low=1, high=MAX_IMAGES)
    high = fields.integer(given.get("max"), low=1, high=MAX_IMAGES)
    if low is not None and high is not None and low > high:
        fields.fault(given["min"], f"is {low}, more than the most, {high}", "swap `min` and `max`")
    least = low or 1
    return least, high or max(least, _IMAGES_MAX)


def _decide(fields: Fields, node: Node | None) -> Decide:
    given = fields.entries(node, optional=("auto_reject", "near_miss")) or {}
    auto_reject = fields.choice(given.get("auto_reject"), _AUTO_REJECT)
    near_miss = fields.choice(given.get("near_miss"), _NEAR_MISS)
    return Decide(auto_reject=auto_reject or AutoReject.ON, near_miss=near_miss or Outcome.REJECT)
