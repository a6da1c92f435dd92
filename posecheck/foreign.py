"""Landmarks found by other tools: OpenPose's files, one a frame, and COCO keypoint files, as a pose.

Both give points in the picture with a confidence. Neither gives an outline of the body or its depth, so what needs
those stays unknown; so does every landmark that the tool has no point for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from posecheck.errors import SourceError
from posecheck.files import COPY_HINT, check_readable, describe_unreadable
from posecheck.pose import N_LANDMARKS, FloatArray, Landmark, Pose

_FACE_LAST = "right_eye left_eye right_ear left_ear"
_RIGHT_FIRST = "right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist"
_LEGS = "right_hip right_knee right_ankle left_hip left_knee left_ankle"
_FEET = "left_foot_index - left_heel right_foot_index - right_heel"
_IN_PAIRS = ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")

_OPENPOSE: Mapping[int, tuple[str, str]] = {
    25: ("OpenPose BODY_25", f"nose - {_RIGHT_FIRST} - {_LEGS} {_FACE_LAST} {_FEET}"),
    18: ("OpenPose COCO", f"nose - {_RIGHT_FIRST} {_LEGS} {_FACE_LAST}"),
}
_COCO: Mapping[int, tuple[str, str]] = {
    17: ("COCO", " ".join(["nose", *(f"{side}_{name}" for name in _IN_PAIRS for side in ("left", "right"))])),
}
"""How many points a person has -> what the layout is called, and the landmark each is; "-" for none of ours."""
_LABELS = frozenset({0.0, 1.0, 2.0})
"""Of a point that somebody has marked by hand: not there, there but hidden, seen."""
_MOST_GAPS = 10
"""Frames without a body for every frame with one, beyond which the numbers of the frames are not such."""

Person = tuple[str, FloatArray]
"""What the layout is called; x px, y px and visibility of every landmark, shape ``(33, 3)``, NaN where none."""


@dataclass(frozen=True, slots=True)
class Found:
    """What another tool has found.

    Attributes:
        layout: What its points are called.
        pose: T instants, frame by frame; without outline and depth.
        sized: Whether the size of the picture was known: it is else taken from where the points lie.
    """

    layout: str
    pose: Pose
    sized: bool


def read_foreign(source: Path, fps: float | None = None, size: tuple[int, int] | None = None) -> Found:
    """Return the landmarks in another tool's files.

    Args:
        source: A folder of OpenPose's files, one such file, or a COCO keypoint file (a data set or results).
        fps: Frames a second; may be None for a single frame.
        size: Width and height of the picture in pixels, where the files do not say it.

    Raises:
        SourceError: one sentence where the files cannot be understood, hold nobody, or ``fps`` is wanted.
    """
    frames, said = _read_folder(source) if source.is_dir() else _read_file(source)
    layout = next((name for each in frames.values() for name, points in each if _is_seen(points)), None)
    if layout is None:
        raise SourceError(
            f"There is nobody in {source.name}.", "Give the files of a recording that shows somebody."
        )
    first, last = min(frames), max(frames)
    if last - first + 1 > _MOST_GAPS * len(frames):
        raise SourceError(
            f"{source.name} is not numbered frame by frame: {len(frames)} of them from {first} to {last}.",
            "Give the frames of one video.",
        )
    if fps is None and last > first:
        raise SourceError(f"{source.name} does not say its frames a second.", "Give them: --fps 30.")
    chosen = list(_follow(frames.get(number, []) for number in range(first, last + 1)))
    points = np.stack(chosen)
    known = size or said
    frame_size = known or tuple(np.maximum(np.ceil(np.nanmax(points[..., :2], axis=(0, 1))), 1.0))
    count = len(points)
    pose = Pose(
        t=np.arange(count) / (fps or 1.0),
        image=points[..., :2],
        visibility=points[..., 2],
        world=np.full((count, N_LANDMARKS, 3), np.nan),
        frame_size=np.array(frame_size, dtype=np.float64),
    )
    return Found(layout, pose, known is not None)


# --- files ----------------------------------------------------------------------------------------------------

Frames = dict[int, list[Person]]
Size = tuple[int, int] | None


def _read_folder(folder: Path) -> tuple[Frames, Size]:
    try:
        paths = sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))
    except OSError as e:
        raise describe_unreadable(folder, e) from e
    if not paths:
        raise SourceError(f"{folder} holds no keypoint files (*.json).", "Give the folder that OpenPose wrote to.")
    frames: Frames = {}
    for path in paths:
        number = _number(path.stem.removesuffix("_keypoints"), path.name)
        if number in frames:
            raise SourceError(
                f"{path.name} is not the only frame {number} in {folder}.", "Give one video's frames."
            )
        frames[number] = _openpose(_load(path), path)
    return frames, None


def _read_file(path: Path) -> tuple[Frames, Size]:
    content = _load(path)
    if isinstance(content, dict) and "people" in content:
        return {0: _openpose(content, path)}, None
    return _coco(content, path)


def _load(path: Path) -> Any:
    check_readable(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise describe_unreadable(path, e) from e
    except (ValueError, RecursionError) as e:
        raise SourceError(f"{path.name} is not JSON that can be read.", COPY_HINT) from e


def _number(name: str, shown: str) -> int:
    """Return the frame that a name ends in: ``clip_000000000123`` is 123."""
    digits = re.search(r"(\d{1,15})\D*$", name)
    if digits is None:
        raise SourceError(
            f"{shown} has no frame number in its name.", "It should end in one, as clip_000012 does."
        )
    return int(digits[1])


def _openpose(content: Any, path: Path) -> list[Person]:
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
        raise SourceError(f"{path.name} has no list of 'people', as OpenPose writes it.", COPY_HINT)
    return [_person(person.get("pose_keypoints_2d"), _OPENPOSE, path) for person in people]


def _coco(content: Any, path: Path) -> tuple[Frames, Size]:
    """Return the frames of a COCO data set, ``{"images": [], "annotations": []}``, or of a list of results."""
    images: list[Any] = content.get("images", []) if isinstance(content, dict) else []
    rows = content.get("annotations") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "image_id" in row for row in rows):
        raise SourceError(
            f"{path.name} holds neither 'people' (OpenPose) nor keypoints with an 'image_id' (COCO).", COPY_HINT
        )
    names: dict[Any, str] = {}
    sizes: set[tuple[int, int]] = set()
    try:
        for image in images:
            names[image["id"]] = str(image.get("file_name", image["id"]))
            if "width" in image:
                sizes.add((int(image["width"]), int(image["height"])))
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        raise SourceError(f"{path.name} must give each of its images an id, width and height.", COPY_HINT) from e
    if len(sizes) > 1:
        raise SourceError(f"The images of {path.name} are of {len(sizes)} sizes.", "Give the frames of one video.")
    frames: Frames = {_number(Path(name).stem, path.name): [] for name in names.values()}
    by_hand = isinstance(content, dict)
    for row in rows:
        name = names.get(row["image_id"], str(row["image_id"]))
        person = _person(row.get("keypoints"), _COCO, path, by_hand=by_hand)
        frames.setdefault(_number(Path(name).stem, path.name), []).append(person)
    return frames, next(iter(sizes), None)


def _person(numbers: Any, layouts: Mapping[int, tuple[str, str]], path: Path, *, by_hand: bool = False) -> Person:
    try:
        points = np.array(numbers, dtype=np.float64)
    except (TypeError, ValueError):
        points = np.empty(0)
    count = points.size // 3
    if points.ndim != 1 or points.size % 3 or count not in layouts:
        known = " or ".join(f"{n} ({layout})" for n, (layout, _) in layouts.items())
        raise SourceError(
            f"A person in {path.name} has {points.size} numbers.", f"There must be three for each point: {known}."
        )
    if not np.isfinite(points).all():
        raise SourceError(f"A person in {path.name} has points that are no numbers.", COPY_HINT)
    layout, names = layouts[count]
    rows = points.reshape(count, 3)
    if by_hand and set(rows[:, 2].tolist()) <= _LABELS:
        rows[:, 2] /= max(_LABELS)
    found = np.full((N_LANDMARKS, 3), np.nan)
    found[:, 2] = 0.0
    for row, name in zip(rows, names.split(), strict=True):
        if name != "-" and row[2] > 0:  # both tools write 0, 0, 0 for a point they did not find
            found[Landmark[name.upper()]] = *row[:2], min(row[2], 1.0)
    return layout, found


# --- one body of several --------------------------------------------------------------------------------------


def _follow(frames: Iterable[list[Person]]) -> Iterable[FloatArray]:
    """Yield one person a frame: the largest where anybody is first seen, later whoever is nearest to her.

    Neither tool says who is who. A body farther away than the one before is tall is somebody else: nobody then.
    """
    nobody = np.full((N_LANDMARKS, 3), np.nan)
    before: FloatArray | None = None
    for people in frames:
        bodies = [points for _, points in people if _is_seen(points)]
        if before is None:
            chosen = max(bodies, key=_extent, default=None)
        else:
            away = [_apart(before, points) for points in bodies]
            near = min(range(len(bodies)), key=away.__getitem__, default=None)
            chosen = bodies[near] if near is not None and away[near] <= _extent(before) else None
        yield nobody if chosen is None else chosen
        before = before if chosen is None else chosen


def _is_seen(points: FloatArray) -> bool:
    return bool(np.isfinite(points[:, 0]).any())


def _extent(points: FloatArray) -> float:
    """Return the diagonal of the smallest box round a body, pixels."""
    return float(np.hypot(*np.ptp(points[np.isfinite(points[:, 0]), :2], axis=0)))


def _apart(one: FloatArray, other: FloatArray) -> float:
    """Return the mean distance of the landmarks two bodies both have; infinite without any, pixels."""
    distances = np.hypot(*(one[:, :2] - other[:, :2]).T)
    both = np.isfinite(distances)
    return float(distances[both].mean()) if both.any() else np.inf
