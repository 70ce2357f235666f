"""Whatever is done to its bytes, a picture is decoded within its limits, or what is wrong is said."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import BadPicture
from pipeline.picture import decode
from pipeline.policy import Policy
from pipeline.records import Picture
from tests.screens import channel_page, encoded

POLICY = Policy()
FORMATS = ("PNG", "JPEG", "WEBP")
EXAMPLES = 60
SIZE_PX = (180, 320)

edits = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "repeat", "drop", "insert"]),
        st.floats(min_value=0, max_value=1, exclude_max=True),
        st.binary(min_size=1, max_size=12),
    ),
    min_size=1,
    max_size=6,
)
headers = st.tuples(st.integers(min_value=0, max_value=63), st.binary(min_size=1, max_size=8))


@cache
def honest(file_format: str) -> bytes:
    """Return a small page in the format."""
    return encoded(channel_page(person=1).resize(SIZE_PX), file_format)


def edited(content: bytes, kind: str, place: float, given_bytes: bytes) -> bytes:
    at = int(place * len(content))
    end = at + len(given_bytes)
    if kind == "set":
        return content[:at] + given_bytes + content[end:]
    if kind == "cut":
        return content[:at]
    if kind == "repeat":
        return content[:end] + content[at:]
    return content[:at] + content[end:] if kind == "drop" else content[:at] + given_bytes + content[at:]


def decoded_or_refused(content: bytes) -> None:
    """Decode; only `BadPicture`, with a detail to tell, may be raised."""
    try:
        picture = decode(content, policy=POLICY)
    except BadPicture as bad:
        told = bad.detail
    else:
        told = "a picture"
        check_limits(picture)
    assert told


def check_limits(picture: Picture) -> None:
    assert picture.pixels.shape == (picture.height_px, picture.width_px, 3)
    assert picture.width_px * picture.height_px <= POLICY.max_pixels


@pytest.mark.parametrize("file_format", FORMATS)
@given(changes=edits)
@settings(max_examples=EXAMPLES, deadline=None)
def test_edited_bytes_are_decoded_or_refused(
    file_format: str, changes: list[tuple[str, float, bytes]]
) -> None:
    """Bytes set, cut, repeated, dropped and put in anywhere."""
    content = honest(file_format)
    for kind, place, given_bytes in changes:
        content = edited(content, kind, place, given_bytes)
    decoded_or_refused(content)


@pytest.mark.parametrize("file_format", FORMATS)
@given(change=headers)
@settings(max_examples=EXAMPLES, deadline=None)
def test_edited_headers_are_decoded_or_refused(file_format: str, change: tuple[int, bytes]) -> None:
    """The first 64 bytes promise sizes and kinds that the rest does not keep."""
    at, given_bytes = change
    content = honest(file_format)
    decoded_or_refused(content[:at] + given_bytes + content[at + len(given_bytes) :])


@pytest.mark.parametrize("file_format", FORMATS)
@given(body=st.binary(max_size=400))
@settings(max_examples=EXAMPLES, deadline=None)
def test_anything_behind_a_true_beginning_is_decoded_or_refused(file_format: str, body: bytes) -> None:
    """Magic bytes alone open no door."""
    decoded_or_refused(honest(file_format)[:16] + body)
