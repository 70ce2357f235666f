"""Evidence kept in a directory: the embedded default, and machines that share a disk.

In: a picture's bytes, or a key. Out: the key, or the bytes checked against it. Never a half-written object
under its key, never a path outside the root.
"""

from __future__ import annotations

import errno
import os
import secrets
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.adapters.content_key import is_key, key_of, require_key, require_match
from pipeline.errors import EvidenceMissing, PramanError, StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UNFINISHED = ".unfinished"  # no key starts with a dot
_LEFT_BEHIND_AFTER = timedelta(hours=1)  # reliability.md A4; no write takes this long
_PROBE_BYTES = 16

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_RIGHTS = frozenset({errno.EACCES, errno.EPERM})
_NOT_OURS = {
    errno.EROFS: "is mounted read-only; mount it for writing",
    errno.ENOTDIR: "leads through a file; name a directory in PRAMAN_STORE_URL",
    errno.ELOOP: "leads through symlinks in a circle; name the directory itself in PRAMAN_STORE_URL",
    errno.ENAMETOOLONG: "is too long for this file system; choose a shorter directory",
}


class FilesEvidenceStore:
    """`EvidenceStore` in the directory `root`, which the first `put` makes.

    An object is written under `.unfinished/`, synced, renamed to its key, and the folders above it are
    synced: once `put` has returned, the bytes survive a power cut. What a killed process left unfinished is
    removed an hour later, by the first `put` of whatever store comes next.

    Args:
        root: The directory.
        synced: Off, a power cut may take what was put; for a store that goes with its command.
    """

    def __init__(self, root: Path, *, synced: bool = True) -> None:
        self._root = root.absolute()
        self._synced = synced
        self._cleared = False

    def put(self, content: bytes) -> str:
        """Store `content` and return its key; see `EvidenceStore.put`."""
        key = key_of(content)
        target = self._root / key
        with self._told():
            self._clear_left_behind()
            if not _holds(target, content):
                self._write(target, content)
            # Also when the bytes were there: whoever renamed them may have died before this line.
            for folder in (target.parent, target.parent.parent, self._root):
                self._sync_folder(folder)
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes kept under `key`, checked against it; see `EvidenceStore.get`."""
        require_key(key)
        target = self._root / key
        with self._told():
            try:
                content = target.read_bytes()
            except (FileNotFoundError, IsADirectoryError) as error:
                raise self._absent(key) from error
        require_match(key, content, place=str(target))
        return content

    def delete(self, key: str) -> None:
        """Remove `key` for good; what is not there, or cannot be, is no error."""
        if not is_key(key):
            return
        target = self._root / key
        with self._told():
            try:
                target.unlink()
            except FileNotFoundError:
                return
            self._sync_folder(target.parent)  # an erased picture must not come back after a power cut

    def probe(self) -> str:
        """Write, read and delete a small object; return where the store is and how much room it has."""
        key = self.put(b"praman probe " + secrets.token_bytes(_PROBE_BYTES))
        self.get(key)
        self.delete(key)
        with self._told():
            disk = os.statvfs(self._root)
        return f"directory {self._root}, {disk.f_bavail * disk.f_frsize / 1e9:.1f} GB free"

    def _write(self, target: Path, content: bytes) -> None:
        if not self._root.is_dir():
            self._root.mkdir(parents=True, exist_ok=True, mode=0o750)
            self._sync_folder(self._root.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._root / _UNFINISHED / f"{target.name}.{secrets.token_hex(8)}"
        unfinished.parent.mkdir(exist_ok=True)
        try:
            _write(unfinished, content, synced=self._synced)
            unfinished.rename(target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def _sync_folder(self, folder: Path) -> None:
        if not self._synced:
            return
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _clear_left_behind(self) -> None:
        if self._cleared:
            return
        self._cleared = True
        before = time.time() - _LEFT_BEHIND_AFTER.total_seconds()
        for path in (self._root / _UNFINISHED).glob("*"):
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
            except FileNotFoundError:
                continue  # another process clears as well

    def _absent(self, key: str) -> PramanError:
        if self._root.is_dir():
            return EvidenceMissing(f"no evidence under {self._root / key}; bring it back from a backup")
        return StoreUnavailable(f"{self._root} is not there; mount the disk that holds the evidence")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _branch(error, self._root) from error


def _branch(error: OSError, root: Path) -> PramanError:
    if error.errno in _FULL:
        return StoreUnavailable(f"the disk of {root} is full; free some space or move PRAMAN_STORE_URL")
    if error.errno in _NO_RIGHTS:
        return StoreRefused(
            f"user {os.geteuid()} may not use {error.filename or root}; give that user read and write rights"
        )
    if error.errno in _NOT_OURS:
        return StoreRefused(f"{root} {_NOT_OURS[error.errno]}")
    return StoreUnavailable(f"the disk of {root} failed: {error}; look at the machine's log")


def _write(path: Path, content: bytes, *, synced: bool) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(handle, "wb", buffering=0) as file:
        left = memoryview(content)
        while left:
            left = left[file.write(left) :]
        if synced:
            os.fsync(file.fileno())


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False
