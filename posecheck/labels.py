"""Labelled sets: which file shows which exercise, with which mistakes from when to when."""

from __future__ import annotations

import csv
import json
import math
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from posecheck.errors import SourceError
from posecheck.fields import suggest
from posecheck.files import COPY_HINT, describe_unreadable, is_source
from posecheck.pose import Pose
from posecheck.recorded import marked_check

OTHER = "other"
"""The label of what is none of the exercises."""
LABELS, MANIFEST, TRUTH = "labels.csv", "manifest.json", ".truth.json"
COLUMNS = ("path", "start_s", "end_s", "label", "faults")

Checks = Mapping[str, Collection[str]]
"""Exercise id -> ids of its checks."""

CUE_WITHIN_S = 1.0
"""Seconds after its onset and the check's persistence by which a mistake should be told (accuracy goal)."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake that is really made, whether it can be seen or not.

    Attributes:
        check: Id of the check that must catch it.
        start: Onset, seconds from the first frame.
        end: Seconds; infinite where it lasts to the end.
        size: ``clear`` or ``slight``; empty where the label does not say.
    """

    check: str
    start: float = 0.0
    end: float = math.inf
    size: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A clip, photograph or recording, or a stretch of one, with what it shows.

    Attributes:
        name: Path within the set, and the stretch where it is only part of the file.
        path: The file.
        label: An exercise id, ``other``, or any other name: then no exercise may be found in it.
        mistakes: Made in it; times count from the first frame of the file.
        stretch: Seconds (from, to) where only a part of the file is meant.
        truth: File with the true joints (``posecheck/truth@1``), if there is one.
        about: Ids of the only checks whose mistakes the label speaks of; None where it speaks of all.
    """

    name: str
    path: Path
    label: str
    mistakes: tuple[Mistake, ...] = ()
    stretch: tuple[float, float] | None = None
    truth: Path | None = None
    about: tuple[str, ...] | None = None

    def part_of(self, pose: Pose) -> tuple[Pose, tuple[Mistake, ...]]:
        """Return the stretch that is meant of the file's pose, its times from 0, and the mistakes in its times.

        Raises:
            SourceError: where the file ends before what the label speaks of.
        """
        end = float(pose.t[-1])
        latest = max([0.0, *(m.start for m in self.mistakes), *([self.stretch[0]] if self.stretch else [])])
        if latest > end or (self.stretch and (pose.t >= self.stretch[0]).sum() < 2):
            raise SourceError(f"its label speaks of {latest:g} s, but it lasts {end:.1f} s.", f"Correct {LABELS}.")
        if self.stretch is None:
            return pose, self.mistakes
        first, last = np.searchsorted(pose.t, self.stretch)
        part = pose[int(first) : int(last)]
        start = float(part.t[0])
        moved = (replace(m, start=m.start - start, end=m.end - start) for m in self.mistakes)
        return replace(part, t=part.t - start), tuple(moved)

    def speaks_of(self, check: str) -> bool:
        """Return whether the label says if a check's mistake is made."""
        return self.about is None or check in self.about


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """What a folder holds.

    Attributes:
        cases: In the order of their names.
        warnings: Sentences about what was left out or is doubtful.
    """

    cases: tuple[Case, ...]
    warnings: tuple[str, ...]


def load_set(folder: Path, checks: Checks) -> LabelledSet:
    """Return the labelled clips of a folder.

    A file's label is said, in this order, by ``labels.csv``, by its truth (``<stem>.truth.json`` beside it), by a
    ``manifest.json`` beside it, or by the name of the folder it lies in. Files without a label are left out and
    counted in a warning. Where a file's name says that one correction was wrong in it (``recorded.marked_name``),
    and nothing else is said, it speaks of that one alone.

    Args:
        folder: ``<exercise id or "other">/*`` and, or, labelled files directly inside it.
        checks: The exercises that may be named, with their checks.

    Raises:
        SourceError: where nothing is labelled, or ``labels.csv``, a manifest or a truth cannot be understood:
            a sentence for every fault.
    """
    rows = _read_rows(folder, checks)
    named = {row[0].path for row in rows.values()}
    cases: list[Case] = []
    unlabelled: list[str] = []
    looked_in = {folder, *_subfolders(folder)}
    for place in sorted({*looked_in, *(path.parent for path in named)}):
        listed = _read_manifest(place)
        inside = {path for path in named if path.parent == place}
        for path in sorted(inside.union(_sources(place) if place in looked_in else ())):
            name = path.relative_to(folder).as_posix()
            case = _case(name, path, "" if place == folder else place.name, listed)
            found = _split(case, rows.get(name, []))
            cases += [case for case in found if case.label]
            unlabelled += [case.name for case in found if not case.label]
    if not cases:
        raise SourceError(
            f"{folder} holds no labelled video, photograph or recording.",
            f"Put them into folders named after their exercise, or {OTHER}, or list them in {LABELS}, "
            f"which begins: {','.join(COLUMNS)}",
        )
    warnings = [*_doubtful(cases, checks)]
    if unlabelled:
        some = ", ".join(unlabelled[:3]) + (" and others" if len(unlabelled) > 3 else "")
        warnings.append(f"{len(unlabelled)} without a label, left out: {some}.")
    return LabelledSet(tuple(sorted(cases, key=lambda case: case.name)), tuple(warnings))


def case_of(path: Path) -> Case:
    """Return one file as a case: its label is empty where neither its truth nor a manifest beside it says it.

    Raises:
        SourceError: where its truth or the manifest cannot be understood.
    """
    return _case(path.name, path, "", _read_manifest(path.parent))


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    except OSError as e:
        raise describe_unreadable(folder, e) from e


def _sources(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if is_source(path))
    except OSError as e:
        raise describe_unreadable(folder, e) from e


def _case(name: str, path: Path, label: str, listed: Mapping[str, Mapping[str, Any]]) -> Case:
    """Return a whole file as a case, its label empty where nothing says it."""
    truth = path.with_name(path.stem + TRUTH)
    if truth.is_file():
        return _said_of(Case(name, path, label, truth=truth), read_json(truth), truth)
    if path.stem in listed:
        return _said_of(Case(name, path, label), listed[path.stem], path.parent / MANIFEST)
    check = marked_check(path.stem)
    return Case(name, path, label, about=(check,) if check else None)


def _split(case: Case, rows: list[Case]) -> list[Case]:
    """Return the case with what ``labels.csv`` says: one for each stretch where rows name different labels."""
    rows = [replace(row, label=row.label or case.label) for row in rows]
    if len({row.label for row in rows}) > 1:
        return [_join(case, list(group)) for _, group in groupby(rows, key=lambda row: row.label)]
    if not rows:
        return [case]
    made = tuple(mistake for row in rows for mistake in row.mistakes)
    return [replace(case, label=rows[0].label, mistakes=made, about=None)]


def _join(case: Case, rows: list[Case]) -> Case:
    """Return one stretch of a file out of neighbouring rows of one label."""
    start, end = min(_start(row) for row in rows), max(row.stretch[1] if row.stretch else math.inf for row in rows)
    until = "end" if math.isinf(end) else f"{end:g} s"
    return replace(
        case,
        name=f"{case.name} {start:g}-{until}",
        label=rows[0].label,
        mistakes=tuple(mistake for row in rows for mistake in row.mistakes),
        stretch=(start, end),
        about=None,
    )


def _start(row: Case) -> float:
    return row.stretch[0] if row.stretch else 0.0


def _doubtful(cases: list[Case], checks: Checks) -> Iterator[str]:
    for label in sorted({case.label for case in cases} - {OTHER, *checks}):
        count = sum(case.label == label for case in cases)
        hint = suggest(label, [OTHER, *checks])
        files = "its one file counts" if count == 1 else f"its {count} files count"
        yield f"{label!r} is no exercise here: {files} as showing none.{hint}"
    unknown = Counter(
        (case.label, mistake.check)
        for case in cases
        for mistake in case.mistakes
        if mistake.check not in checks.get(case.label, [mistake.check])
    )
    for (label, check), count in sorted(unknown.items()):
        made = "one mistake counts" if count == 1 else f"{count} mistakes count"
        yield f"{label!r} has no check {check!r}: {made} as not caught."


# --- labels.csv -----------------------------------------------------------------------------------------------


def _read_rows(folder: Path, checks: Checks) -> dict[str, list[Case]]:
    """Return the rows of ``labels.csv`` by path, in the order of time; empty without the file."""
    path = folder / LABELS
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as e:
        raise SourceError(f"{path} is not UTF-8 text.", "Save it as CSV in UTF-8.") from e
    except OSError as e:
        raise describe_unreadable(path, e) from e
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        hint = f"Its first line must be: {','.join(COLUMNS)}"
        raise SourceError(f"{LABELS} has no column {' or '.join(map(repr, missing))}.", hint)
    rows: dict[str, list[Case]] = {}
    faults: list[str] = []
    for record in reader:
        try:
            row = _read_row(folder, record, checks)
        except ValueError as e:
            faults.append(f"{LABELS}:{reader.line_num}: {e}")
        else:
            rows.setdefault(row.name, []).append(row)
    if faults:
        raise SourceError("\n".join(faults))
    return {name: sorted(group, key=_start) for name, group in rows.items()}


def _read_row(folder: Path, cells: Mapping[Any, Any], checks: Checks) -> Case:
    """Return a row; an empty label means that of the file's folder.

    Raises:
        ValueError: what is wrong with it, one sentence.
    """
    if None in cells:  # what stands beyond the last column
        raise ValueError("the row has more cells than columns. Part several faults by a space or ';'.")
    record = {name: (cells[name] or "").strip() for name in COLUMNS}
    place = Path(os.path.normpath(record["path"] or "."))  # not resolved: a set may consist of links
    path = folder / place
    if place.is_absolute() or place.parts[:1] == ("..",):
        raise ValueError(f"the path {record['path']!r} must lie inside {folder}.")
    if not path.is_file():
        raise ValueError(f"there is no file {record['path']!r} in {folder}.")
    start = _seconds(record["start_s"], "start_s", 0.0)
    end = _seconds(record["end_s"], "end_s", math.inf)
    if not 0 <= start < end:
        raise ValueError(
            f"the stretch from {start:g} to {end:g} s must begin at 0 or later and end after it began."
        )
    label = record["label"]
    if label and label not in (OTHER, *checks):
        raise ValueError(f"there is no exercise {label!r}.{suggest(label, [OTHER, *checks])}")
    truthful = label or path.parent.name
    faults = re.findall(r"[^\s;,|]+", record["faults"])
    if faults and truthful not in (OTHER, *checks):
        raise ValueError(f"{truthful!r} is no exercise, so the row must name its label.")
    for fault in faults:
        known = list(checks.get(truthful, ()))
        if fault not in known:
            raise ValueError(f"{truthful!r} has no check {fault!r}.{suggest(fault, known)}")
    whole = not record["start_s"] and not record["end_s"]
    return Case(
        name=place.as_posix(),
        path=path,
        label=label,
        mistakes=tuple(Mistake(fault, start, end) for fault in faults),
        stretch=None if whole else (start, end),
    )


def _seconds(text: str, column: str, empty: float) -> float:
    if not text:
        return empty
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{column} must be a number of seconds, not {text!r}.")
    return value


# --- truth and manifest ---------------------------------------------------------------------------------------


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        SourceError: where it cannot be read or holds something else.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise describe_unreadable(path, e) from e
    except ValueError as e:
        raise SourceError(f"{path.name} is not JSON that can be read: {e}.", COPY_HINT) from e
    if not isinstance(said, dict):
        raise SourceError(f"{path.name} does not hold a JSON object.", COPY_HINT)
    return said


def _read_manifest(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Return what the folder's manifest says of each clip, by the file's stem; empty without one."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    clips = read_json(path).get("clips")
    if not isinstance(clips, list) or not all(isinstance(clip, dict) and "file" in clip for clip in clips):
        raise SourceError(f"{path} must hold a list 'clips', each with its 'file'.", COPY_HINT)
    return {Path(str(clip["file"])).stem: clip for clip in clips}


def _said_of(case: Case, said: Mapping[str, Any], path: Path) -> Case:
    return replace(case, label=_text(said, "exercise", path), mistakes=_mistakes(said, path))


def _text(said: Mapping[str, Any], key: str, path: Path) -> str:
    value = said.get(key)
    if not isinstance(value, str) or not value:
        raise SourceError(f"{path.name} does not say its {key}.", COPY_HINT)
    return value


def _mistakes(said: Mapping[str, Any], path: Path) -> tuple[Mistake, ...]:
    try:
        return tuple(
            Mistake(str(fault["id"]), float(fault["start_s"]), float(fault["end_s"]), str(fault.get("size", "")))
            for fault in said.get("faults", ())
        )
    except (KeyError, TypeError, ValueError) as e:
        raise SourceError(f"{path.name} must give each of its faults an id, start_s and end_s.", COPY_HINT) from e
