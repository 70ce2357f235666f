"""A kind of job as a record, and how one job fills its checks.

In: the values of a job's parameters. Out: written checks without places. Reads no file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pipeline.specs import wording
from pipeline.specs.template import fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.records import PolicyStance
    from pipeline.specs.nodes import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One thing a job of the kind must or may name.

    Attributes:
        form: `url` for a web address, which gives the places `{name.host}` and `{name.path}` too.
    """

    name: str
    required: bool
    help: str
    form: Literal["text", "url"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPolicy:
    """What is done with the kind, and the rule behind that.

    Attributes:
        rule: The rule's name; None for an allowed kind.
        sentence: What the rule says and what follows here, for the platform.
        url: Where the rule can be read.
    """

    stance: PolicyStance
    rule: str | None = None
    sentence: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The labels that say done and not done, as (language, labels) pairs; every language is looked for."""

    done: tuple[tuple[str, tuple[str, ...]], ...]
    not_done: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of job.

    Attributes:
        checks: The template, as nodes with places; `fill` makes checks of it.
        source: The file it comes from.
    """

    name: str
    label_en: str
    label_bn: str
    description: str
    params: tuple[Param, ...]
    policy: KindPolicy
    words: Words | None
    checks: tuple[Node, ...] = field(repr=False)
    source: str

    def label(self, lang: str) -> str:
        """Return the kind's name for people, in `bn` or English."""
        return self.label_bn if lang == "bn" else self.label_en

    def param(self, name: str) -> Param | None:
        """Return the parameter of that name."""
        return next((one for one in self.params if one.name == name), None)

    def fill(self, values: Mapping[str, str], *, at: Node) -> tuple[Node, ...]:
        """Return the kind's checks for one job, those of absent optional parameters dropped.

        Args:
            values: Cleaned parameter values by name.
            at: Where the job names the kind; faults in the checks are told there.
        """
        filled = (fill(check, self._places(values), at=at) for check in self.checks)
        return tuple(check for check in filled if check is not None)

    def _places(self, values: Mapping[str, str]) -> dict[str, str]:
        found = dict(values)
        for one in self.params:
            split = wording.address(values[one.name]) if one.form == "url" and one.name in values else None
            if split:
                found[f"{one.name}.host"] = split[0]
                if split[1]:
                    found[f"{one.name}.path"] = split[1]
        return found
