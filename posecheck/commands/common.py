"""What the commands share: definitions, model, progress, options, exit statuses."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from posecheck.files import to_json, write_json
from posecheck.job import Progress, no_progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from posecheck.library import Library

DONE, DEFECT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses."""


class StrictnessOption(StrEnum):
    """How wide the silent bands are."""

    gentle = "gentle"
    standard = "standard"


def say(text: str) -> None:
    """Print a sentence on stderr: stdout carries the result."""
    print(text, file=sys.stderr)


def is_stdout(path: Path | None) -> bool:
    """Return whether a command's result goes to stdout, alone: ``-`` in place of a file."""
    return str(path) == "-"


def put_json(values: object, path: Path | None) -> None:
    """Write a command's result as JSON where ``--json`` asks for it."""
    if is_stdout(path):
        # Whoever reads it may expect any encoding, and Windows writes a pipe in that of the region.
        sys.stdout.write(to_json(values, ascii_only=True))
    elif path is not None:
        write_json(path, values)


def read_library() -> Library:
    """Return the definitions with one's own bands."""
    from posecheck.folders import own_bands_folder, routines_folder
    from posecheck.library import load_library, with_own_bands

    return with_own_bands(load_library(routines_folder()), own_bands_folder())


def fetch_model(show: Progress) -> Path:
    """Return the pose model's path; fetched first where this computer does not have it."""
    from posecheck.models import obtain_model

    return obtain_model(show)


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Give a function that shows progress with the time left: on stderr, and only where that is a terminal."""
    if not sys.stderr.isatty():
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Shown(bar)


class _Shown:
    """A progress bar that starts anew with each thing done, such as fetching the model."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._what: str | None = None
        self._task = bar.add_task("", total=None, visible=False)

    def __call__(self, fraction: float | None, what: str) -> None:
        if what != self._what:
            self._what = what
            self._bar.update(self._task, description=what, visible=True)
        total = None if fraction is None else 1.0
        self._bar.update(self._task, total=total, completed=fraction or 0.0)
