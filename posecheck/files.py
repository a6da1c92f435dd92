"""Files on disk: what a path holds, and results that appear whole under their name or not at all."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from babel.units import format_unit

from posecheck.errors import OutputError, SourceError

SourceKind = Literal["video", "photograph", "recording", "folder"]

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".3gp", ".gif"}
)
PHOTOGRAPH_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"}
)
RECORDING_SUFFIXES = frozenset({".npz"})

COPY_HINT = "Copy or record it again."


# --- reading --------------------------------------------------------------------------------------------------


def source_kind(path: Path) -> SourceKind:
    """Return what ``path`` holds, by its suffix, or by its first bytes where the suffix says nothing.

    Raises:
        SourceError: where the path does not exist, cannot be opened or is empty.
    """
    try:
        if path.is_dir():
            return "folder"
    except OSError as e:
        raise describe_unreadable(path, e) from e
    head = check_readable(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        raise SourceError(
            f"{path.name} is no video, photograph or recording.",
            "`posecheck import` reads what other tools found.",
        )
    if suffix in RECORDING_SUFFIXES:
        return "recording"
    if suffix in PHOTOGRAPH_SUFFIXES:
        return "photograph"
    if suffix in VIDEO_SUFFIXES:
        return "video"
    if head.startswith(b"PK\x03\x04"):
        return "recording"
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"BM", b"II*\0", b"MM\0*")) or head[8:12] == b"WEBP":
        return "photograph"
    return "video"


def folder_sources(folder: Path) -> list[Path]:
    """Return the videos, photographs and recordings directly inside ``folder``, in name order.

    Raises:
        SourceError: where there is none, or the folder cannot be listed.
    """
    try:
        found = [path for path in folder.iterdir() if is_source(path)]
    except OSError as e:
        raise describe_unreadable(folder, e) from e
    if not found:
        raise SourceError(
            f"{folder} holds no video, photograph or recording.",
            "Give a folder with MP4, MOV, WebM, JPEG, PNG or NPZ files directly inside it.",
        )
    return sorted(found, key=lambda path: path.name)


def is_source(path: Path) -> bool:
    """Return whether a path looks like a video, photograph or recording by its name."""
    known = VIDEO_SUFFIXES | PHOTOGRAPH_SUFFIXES | RECORDING_SUFFIXES
    # A leading dot marks what systems keep beside the files, such as "._clip.mp4".
    return path.suffix.lower() in known and not path.name.startswith(".") and not path.is_dir()


def check_readable(path: Path) -> bytes:
    """Return the first 64 bytes of a file, or all of a shorter one: enough to know its kind.

    Raises:
        SourceError: one sentence where it is missing, a folder, empty, or may not be read.
    """
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder, not a file.", "Give the file itself.")
        if path.exists() and not path.is_file():  # opening a pipe would wait for ever
            raise SourceError(f"{path} is neither a file nor a folder.", "Give a file.")
        with path.open("rb") as file:
            head = file.read(64)
    except (OSError, ValueError) as e:  # ValueError: a name that holds a null character
        raise describe_unreadable(path, e) from e
    if not head:
        raise SourceError(f"{path.name} is empty (0 bytes).", COPY_HINT)
    return head


def describe_unreadable(path: Path, error: OSError | ValueError) -> SourceError:
    """Return the sentence for a file or folder that the system would not open."""
    if isinstance(error, PermissionError):
        return SourceError(f"{path} may not be read by this account.", "Change its permissions, or copy it.")
    if isinstance(error, NotADirectoryError) and path.is_file():
        return SourceError(f"{path} is a file, not a folder.", "Give the folder it lies in.")
    if isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
        return SourceError(f"{path} does not exist.", "Check the spelling and the folder.")
    return SourceError(f"{path} cannot be read: {error.strerror or error}.", COPY_HINT)


# --- writing --------------------------------------------------------------------------------------------------


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write to; on success it takes the name ``path``.

    Where the block fails, or the program is stopped, what stood at ``path`` before is untouched.

    Raises:
        OutputError: one sentence where the folder is missing, may not be written, or the disk is full.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder.", "Give the name of a file.")
    temporary: Path | None = None
    try:
        # The suffix stays: video writers choose the format by it.
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as e:
        raise describe_unwritable(path, e) from e
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def check_apart(named: Mapping[str, Path]) -> None:
    """Say which option names a file that another one names as well.

    Args:
        named: The files to write, by the option that names each.

    Raises:
        OutputError: one sentence.
    """
    paths = [path.resolve() for path in named.values()]
    for option, path in named.items():
        if paths.count(path.resolve()) > 1:
            raise OutputError(f"{path} is named twice.", f"Give {option} a file of its own.")


def write_json(path: Path, values: object) -> None:
    """Write plain values as JSON, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(to_json(values), encoding="utf-8")


def to_json(values: object, *, ascii_only: bool = False) -> str:
    """Return plain values as JSON text; a number that is not finite would be a defect."""
    return json.dumps(values, ensure_ascii=ascii_only, allow_nan=False) + "\n"


def check_output(path: Path, option: str, source: Path | None = None) -> None:
    """Say before any work is done what would keep ``path`` from being written.

    Args:
        path: The file to write.
        option: The command's option that names it.
        source: What is being read, a file or a folder of such files; it is never overwritten.

    Raises:
        OutputError: one sentence.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder.", f"Give {option} the name of a file.")
    if not path.parent.is_dir():
        raise OutputError(f"The folder {path.parent} does not exist.", f"Make it first, or give {option} another.")
    if not os.access(path.parent, os.W_OK):
        raise describe_unwritable(path, PermissionError())
    if source is not None and path.exists():
        inside = source.is_dir() and is_source(path) and source.resolve() in path.resolve().parents
        if inside or path.samefile(source):
            raise OutputError(f"{option} would overwrite the source {path}.", "Choose another name.")


def put_aside(path: Path, now: datetime) -> Path:
    """Rename a file beside itself, so that its ending no longer tells what it was; return its new name.

    Raises:
        OutputError: one sentence where the folder does not allow it.
    """
    aside = path.with_name(f"{path.name}.aside-{now:%Y-%m-%d-%H%M%S}")
    try:
        path.rename(aside)
    except OSError as e:
        said = f"{path} could not be put aside: {e.strerror or e}."
        raise OutputError(said, "Move it away by hand, then reload this page.") from e
    return aside


def describe_unwritable(path: Path, error: OSError) -> OutputError:
    """Return the sentence for a file that could not be written."""
    if error.errno == errno.ENOSPC:
        return OutputError(f"{path} was not written: the disk is full.", "Free some space and try again.")
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return OutputError(f"{path} was not written: its folder does not exist.", "Make the folder first.")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return OutputError(f"{path} was not written: its folder may not be written.", "Choose another folder.")
    return OutputError(f"{path} was not written: {error.strerror or error}.", "Choose another folder.")


def _umask() -> int:
    # Reading the mask means setting it; mkstemp's private mode would otherwise stay on the result.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def format_size(size: float, language: str = "en") -> str:
    """Return a number of bytes as a person reads it: ``640 kB``, ``9.4 MB``, ``2.5 GB``."""
    units = ["gigabyte", "megabyte", "kilobyte"]
    number, unit = size / 1e3, units.pop()
    while units and round(number) >= 1000:
        number, unit = number / 1e3, units.pop()
    return format_unit(round(number, 1 if number < 10 else None), unit, "short", locale=language)
