"""What she has recorded: found, named, packed and deleted; see ``recorder`` for how it came to be."""

from __future__ import annotations

import re
import shutil
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from posecheck import folders
from posecheck.errors import OutputError

_STAMP = "%Y-%m-%d_%H-%M-%S"
_FOLDER = re.compile(r"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)(-\d+)?")
_MARKED = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_not_(?P<check>[a-z][a-z0-9_]*)")
_PIECE = re.compile(r"(?P<position>\d+)_(?P<exercise>[a-z][a-z0-9_]*?)(-\d+)?")
_LEFT_S = 3600.0
"""Seconds after which a file that was being written belongs to a program that is no more."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One exercise of a recorded practice, or ten minutes of it.

    Attributes:
        exercise: Its id.
        position: Which of the practice's exercises, from 1.
        landmarks: The landmark recording; None where the program was ended before it was written.
        video: The camera's picture; None where she did not ask for it.
        seconds: How long it lasts; None where that is not known.
    """

    exercise: str
    position: int
    landmarks: Path | None
    video: Path | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class RecordedPractice:
    """A recorded practice.

    Attributes:
        folder: All of it.
        when: It began, on her clock.
        pieces: In order.
        size: Bytes.
    """

    folder: Path
    when: datetime
    pieces: tuple[Piece, ...]
    size: int


def practices(parent: Path) -> tuple[RecordedPractice, ...]:
    """Return the recorded practices in a folder, the latest first; it need not exist."""
    found = [_practice(folder) for folder in parent.glob("*") if _FOLDER.fullmatch(folder.name)]
    return tuple(sorted((p for p in found if p.pieces), key=lambda p: p.folder.name, reverse=True))


def _practice(folder: Path) -> RecordedPractice:
    when = datetime.strptime(_FOLDER.sub(r"\1", folder.name), _STAMP)
    return RecordedPractice(
        folder, when, tuple(_pieces(folder)), sum(path.stat().st_size for path in _files(folder))
    )


def _pieces(folder: Path) -> Iterator[Piece]:
    found = {path.stem: _PIECE.fullmatch(path.stem) for path in _files(folder) if path.suffix in (".npz", ".mp4")}
    for stem, name in sorted(found.items(), key=lambda item: _in_order(item[0])):
        if name is None:
            continue
        landmarks, video = folder / f"{stem}.npz", folder / f"{stem}.mp4"
        has = landmarks.is_file()
        yield Piece(
            exercise=name["exercise"],
            position=int(name["position"]),
            landmarks=landmarks if has else None,
            video=video if video.is_file() else None,
            seconds=_seconds(landmarks) if has else None,
        )


def _in_order(stem: str) -> list[int | str]:
    return [int(part) if part.isdigit() else part for part in re.split(r"[_-]", stem)]


def _seconds(path: Path) -> float | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            return float(file["t"][-1])  # the times alone are read
    except (OSError, EOFError, ValueError, KeyError, IndexError, zipfile.BadZipFile):
        return None


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def marked_name(check: str, when: datetime) -> str:
    """Return what a stretch is called in which a correction was wrong, without the file's suffix."""
    return f"{when:{_STAMP}}_not_{check}"


def marked_check(name: str) -> str | None:
    """Return the correction that was wrong in a stretch called so; None where the name says none."""
    found = _MARKED.fullmatch(name)
    return found["check"] if found else None


def of_person(profile_id: str | None) -> Path:
    """Return the folder of one person's recorded practices, or of one nobody knows by name; need not exist."""
    return folders.practices_folder() / (profile_id or "nobody")


def belongings(profile_id: str | None = None) -> dict[str, Path]:
    """Return what is recorded of one person, or of all, as name -> folder; none need exist."""
    if profile_id is not None:
        return {"practices": of_person(profile_id)}
    return {"practices": folders.practices_folder(), "marked": folders.recordings_folder()}


def pack(places: Mapping[str, Path], archive: zipfile.ZipFile) -> None:
    """Add all recordings in some folders to an archive.

    Args:
        places: Name within the archive -> folder; need not exist.
        archive: Open for writing.
    """
    for name, folder in places.items():
        for path in _files(folder):
            if not _unfinished(path):
                # Both kinds are compressed already.
                archive.write(path, f"{name}/{path.relative_to(folder).as_posix()}", zipfile.ZIP_STORED)


def size_of(places: Mapping[str, Path]) -> int:
    """Return the bytes in some folders and those in them; 0 where they do not exist."""
    return sum(path.stat().st_size for folder in places.values() for path in _files(folder))


def delete(folder: Path) -> None:
    """Delete a folder of recordings with all that is in it; it need not exist.

    Raises:
        OutputError: where something in it cannot be deleted.
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as e:
        raise OutputError(f"{folder} could not be deleted: {e.strerror or e}.", "Delete it by hand.") from e


def delete_belongings(profile_id: str | None) -> None:
    """Delete what is recorded of one person, with None of all: before a history, which may need the room for that.

    Raises:
        OutputError: where something in it cannot be deleted.
    """
    for folder in belongings(profile_id).values():
        delete(folder)


def sweep(parent: Path) -> None:
    """Remove what programs ended by force were writing; what one writes now is left alone."""
    for path in _files(parent):
        with suppress(OSError):
            if _unfinished(path) and time.time() - path.stat().st_mtime > _LEFT_S:
                path.unlink()


def _unfinished(path: Path) -> bool:
    return path.name.startswith(".")  # see files.whole_file
