"""Manifests: one bad line stops no other, and no path leads out of the folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline.errors import ManifestError
from pipeline.manifest import ManifestLine, load_picture, read_manifest
from pipeline.records import Fault

LINE = {"proof_id": "p1", "job_id": "j", "submitter_id": "w", "images": ["a.png"]}


def written(folder: Path, *lines: bytes) -> Path:
    path = folder / "manifest.jsonl"
    path.write_bytes(b"\n".join(lines))
    return path


def test_bad_lines_are_reported_by_number_and_the_rest_goes_on(tmp_path: Path) -> None:
    """Broken JSON, another encoding, a missing field and a bomb of brackets each become one fault."""
    good = json.dumps(LINE).encode()
    path = written(tmp_path, good, b"{not json", b"", b"\xff\xfe", b'{"job_id": "j"}', b"[" * 100_000, good)
    lines = list(read_manifest(path))
    assert [one.line for one in lines if isinstance(one, ManifestLine)] == [1, 7]
    assert [one.line for one in lines if isinstance(one, Fault)] == [2, 4, 5, 6]
    assert "submitter_id is missing" in str(lines[3])


def test_a_line_that_is_too_long_costs_no_memory(tmp_path: Path) -> None:
    """A ten-megabyte text is refused by its length."""
    path = written(tmp_path, b'{"answer": "' + b"x" * 10_000_000 + b'"}')
    faults = [one for one in read_manifest(path) if isinstance(one, Fault)]
    assert "longer than" in faults[0].problem


def test_a_manifest_that_is_not_there_says_so(tmp_path: Path) -> None:
    """The message names the path."""
    with pytest.raises(ManifestError, match=r"nothing\.jsonl"):
        list(read_manifest(tmp_path / "nothing.jsonl"))


def test_a_byte_order_mark_is_harmless(tmp_path: Path) -> None:
    """Manifests saved on Windows begin with one."""
    lines = list(read_manifest(written(tmp_path, b"\xef\xbb\xbf" + json.dumps(LINE).encode())))
    assert isinstance(lines[0], ManifestLine)


def test_a_picture_inside_the_folder_is_read(tmp_path: Path) -> None:
    """The bytes come as they are."""
    (tmp_path / "a.png").write_bytes(b"abc")
    assert load_picture(tmp_path / "manifest.jsonl", "a.png", max_bytes=10).content == b"abc"


def test_only_one_byte_past_the_limit_is_read(tmp_path: Path) -> None:
    """A huge file costs no memory and is still seen to be too large."""
    (tmp_path / "a.png").write_bytes(b"x" * 100)
    loaded = load_picture(tmp_path / "manifest.jsonl", "a.png", max_bytes=10)
    assert loaded.content is not None
    assert len(loaded.content) == 11


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "link.png", "loop.png"])
def test_no_path_leaves_the_folder(tmp_path: Path, name: str) -> None:
    """Dots, absolute paths and symlinks that lead outside are not followed."""
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    loaded = load_picture(folder / "manifest.jsonl", name, max_bytes=10)
    assert loaded.content is None
    assert loaded.problem


@pytest.mark.parametrize("name", ["absent.png", ".", "nul\x00.png", "pipe", "x" * 5000])
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    """A folder, a pipe and a missing file each give a problem, no exception and no hang."""
    os.mkfifo(tmp_path / "pipe")
    loaded = load_picture(tmp_path / "manifest.jsonl", name, max_bytes=10)
    assert loaded.content is None
    assert "check" in str(loaded.problem)
