"""The directory of evidence when the disk will not have it, and after a crash."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from pipeline.adapters.files import FilesEvidenceStore
from pipeline.errors import EvidenceMissing, PramanError, StoreRefused, StoreUnavailable

CONTENT = b"a picture"


def _failing(number: int) -> object:
    def fail(*_args: object, **_named: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("number", "kind", "says"),
    [
        (errno.ENOSPC, StoreUnavailable, "is full"),
        (errno.EDQUOT, StoreUnavailable, "is full"),
        (errno.EIO, StoreUnavailable, "failed"),
        (errno.EMFILE, StoreUnavailable, "failed"),
        (errno.EACCES, StoreRefused, "rights"),
        (errno.EPERM, StoreRefused, "rights"),
        (errno.EROFS, StoreRefused, "read-only"),
    ],
)
def test_a_failing_disk_is_named_by_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[PramanError], says: str
) -> None:
    """A full disk is worth another try, missing rights are an operator's; nothing half-written stays."""
    store = FilesEvidenceStore(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr("pipeline.adapters.files.os.fsync", _failing(number))
        with pytest.raises(kind, match=says) as caught:
            store.put(CONTENT)
    assert str(tmp_path) in str(caught.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert store.get(store.put(CONTENT)) == CONTENT


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """A store URL that names a file says so."""
    (tmp_path / "store").write_text("not a directory")
    with pytest.raises(StoreRefused, match="leads through a file"):
        FilesEvidenceStore(tmp_path / "store" / "evidence").put(CONTENT)


def test_an_unmounted_disk_is_an_outage(tmp_path: Path) -> None:
    """While the whole directory is away, evidence is not called missing."""
    key = FilesEvidenceStore(tmp_path / "mounted").put(CONTENT)
    with pytest.raises(StoreUnavailable, match="mount the disk"):
        FilesEvidenceStore(tmp_path / "away").get(key)


def test_a_folder_in_place_of_an_object_is_missing_evidence(tmp_path: Path) -> None:
    """A folder under an object's name is no evidence."""
    store = FilesEvidenceStore(tmp_path)
    key = store.put(CONTENT)
    (tmp_path / key).unlink()
    (tmp_path / key).mkdir()
    with pytest.raises(EvidenceMissing):
        store.get(key)


def test_everything_is_synced_before_put_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is synced before it has its name, and each folder above it after."""
    synced: list[Path] = []
    really = os.fsync
    root = tmp_path / "evidence"

    def noted(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        really(handle)

    monkeypatch.setattr("pipeline.adapters.files.os.fsync", noted)
    key = FilesEvidenceStore(root).put(CONTENT)
    target = root / key
    file_at = next(at for at, path in enumerate(synced) if path.parent.name == ".unfinished")
    assert set(synced[:file_at]) <= {tmp_path}
    assert synced[file_at + 1 :] == [target.parent, target.parent.parent, root]


def test_what_a_killed_process_left_goes_after_an_hour(tmp_path: Path) -> None:
    """The first put of a new store removes old unfinished files and leaves fresh ones to their writers."""
    unfinished = tmp_path / ".unfinished"
    unfinished.mkdir()
    old, fresh = unfinished / "old", unfinished / "fresh"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 3700,) * 2)
    FilesEvidenceStore(tmp_path).put(CONTENT)
    assert not old.exists()
    assert fresh.exists()


def test_objects_are_not_for_every_user(tmp_path: Path) -> None:
    """Other users of the machine can neither list nor read evidence."""
    root = tmp_path / "evidence"
    key = FilesEvidenceStore(root).put(CONTENT)
    assert root.stat().st_mode & 0o007 == 0
    assert (root / key).stat().st_mode & 0o007 == 0
