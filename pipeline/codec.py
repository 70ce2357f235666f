"""Records to JSON and back, for rows, queue bodies and files.

In: a frozen record, or JSON and the record's type. Out: the other. It checks types on the way in, so a row
written by an older version fails loudly instead of travelling on half right.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def encode(record: object) -> str:
    """Return the record as one line of JSON; times in ISO 8601, durations too."""
    return _adapter(cast("Any", type(record))).dump_json(record).decode()


def decode(kind: type[T], text: str | bytes) -> T:
    """Return the record of type `kind` that `encode` wrote.

    Raises:
        pydantic.ValidationError: The text is no such record; the row is damaged or from another version.
    """
    return cast("T", _adapter(cast("Any", kind)).validate_json(text))
