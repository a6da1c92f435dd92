"""What somebody gives to be looked at: a place for it that is gone when she is, and what can be taken in."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from posecheck.capture import open_video
from posecheck.files import RECORDING_SUFFIXES, VIDEO_SUFFIXES, check_readable

MOST_BYTES = 500_000_000
MOST_MINUTES = 30
_CHUNK = 1 << 20


class Refused(Exception):  # noqa: N818 - no error: something to be said and answered
    """A file that cannot be taken in.

    Attributes:
        phrase: Id of the sentence; the one of what to do next is ``<phrase>_next``.
        values: What fills its gaps.
    """

    def __init__(self, phrase: str, **values: object) -> None:
        super().__init__(phrase)
        self.phrase = phrase
        self.values = values


class Workplace:
    """A folder of one visit; it goes with this object, at the end of the program, or at the next start of one.

    Args:
        parent: Where such folders are; made where it is missing. What earlier programs left in it, when they were
            ended by force, is removed.
    """

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
        handle, name = tempfile.mkstemp(prefix="visit-", suffix=".lock", dir=parent)
        os.close(handle)
        self._lock = FileLock(name)
        self._lock.acquire()
        self.path = Path(name).with_suffix("")
        self.path.mkdir(mode=0o700)
        self._end = weakref.finalize(self, _remove, self.path, self._lock)

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        self._end()


def _sweep(parent: Path) -> None:
    for marker in parent.glob("visit-*.lock"):
        lock = FileLock(marker)
        with suppress(Timeout, OSError):  # somebody is there
            lock.acquire(timeout=0)
            _remove(marker.with_suffix(""), lock)


def _remove(folder: Path, lock: FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()
    with suppress(OSError):
        Path(lock.lock_file).unlink(missing_ok=True)


def take_in(name: str, size: int, content: IO[bytes], folder: Path) -> Path:
    """Write an upload into a folder and return where; what cannot be looked at is refused and removed.

    Args:
        name: As the file was called; only its last part is used.
        size: Bytes.
        content: Read piece by piece.
        folder: Of the visit.

    Raises:
        Refused: where it is empty, too large, too long, an archive or a picture.
        SourceError: where it is none of these, and no video that can be read either.
    """
    plain = Path(name.replace("\\", "/")).name
    plain = "upload" if plain in ("", "..") else plain
    if not size:
        raise Refused("upload_empty", name=plain)
    if size > MOST_BYTES:
        raise Refused("upload_huge", name=plain, size=size, most=MOST_BYTES)
    path = Path(tempfile.mkdtemp(dir=folder)) / plain
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(content, file, _CHUNK)
        _check(path)
    except BaseException:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    return path


def _check(path: Path) -> None:
    """Refuse by what the file holds, whatever its name says."""
    head = check_readable(path)
    if path.suffix.lower() in RECORDING_SUFFIXES:
        return  # whether it is one is said when it is read
    if head.startswith((b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        raise Refused("upload_archive", name=path.name)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"BM", b"II*\0", b"MM\0*")) or head[8:12] == b"WEBP":
        raise Refused("upload_picture", name=path.name)
    with open_video(path) as video:
        seconds = video.duration_s or 0.0
    if round(seconds / 60) > MOST_MINUTES:  # as it is said: the last picture may end a little later
        raise Refused("upload_long", name=path.name, minutes=f"{seconds / 60:.0f}", most=MOST_MINUTES)


ACCEPTED = tuple(sorted(suffix.removeprefix(".") for suffix in {*VIDEO_SUFFIXES, *RECORDING_SUFFIXES} - {".gif"}))
"""What a dialogue for choosing a file offers."""
