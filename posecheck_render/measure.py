"""How well the pose model finds the rendered people: detection and joint error against the truth."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from posecheck_render.errors import RenderError
from posecheck_render.rotations import included_angle
from posecheck_render.truth import ANGLES, find_truths

BODY = (11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Shoulders, elbows, wrists, hips, knees and ankles: the joints a skeleton and the pose model both have."""


@dataclass(frozen=True)
class ClipScore:
    """One clip against its truth.

    Args:
        exercise: Exercise id.
        view: front or side.
        frames: In the clip.
        found: Frames in which the model found a person.
        error: Mean distance of the body joints per found frame, shares of the figure's diagonal.
        angle_errors: Absolute 2D error of near-side elbow, knee, hip and arm line, degrees.
    """

    exercise: str
    view: str
    frames: int
    found: int
    error: NDArray[np.float64]
    angle_errors: NDArray[np.float64]


def padded(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture padded to multiples of 16 px, as the pose model's mask code needs it."""
    height, width = picture.shape[:2]
    return np.ascontiguousarray(np.pad(picture, ((0, -height % 16), (0, -width % 16), (0, 0))))


def frames_of(clip: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield the pictures of a clip, RGB."""
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="rgb24"))


def detect_clip(clip: Path, model: Path, fps: float) -> NDArray[np.float64]:
    """Return the model's landmarks, VIDEO mode, shape ``(T, 33, 3)``: x px, y px, visibility; NaN unfound."""
    try:
        import mediapipe as mp
    except ImportError as e:
        raise RenderError("Measuring needs mediapipe.", "Install the project first.") from e
    vision = mp.tasks.vision
    if not model.is_file():
        raise RenderError(f"There is no pose model at {model}.", "Fetch it with `posecheck model`.")
    options = vision.PoseLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=str(model)), running_mode=vision.RunningMode.VIDEO
    )
    rows = []
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        for k, picture in enumerate(frames_of(clip)):
            wide = padded(picture)
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=wide)
            result = landmarker.detect_for_video(image, round(k * 1000 / fps))
            if not result.pose_landmarks:
                rows.append(np.full((33, 3), np.nan))
                continue
            points = [(p.x * wide.shape[1], p.y * wide.shape[0], p.visibility) for p in result.pose_landmarks[0]]
            rows.append(np.array(points, dtype=float))
    return np.stack(rows)


def score_clip(seen: NDArray[np.float64], truth: dict[str, Any]) -> ClipScore:
    """Return how the model's landmarks compare with the truth of a clip.

    Args:
        seen: As returned by ``detect_clip``.
        truth: The clip's truth.
    """
    true = np.asarray(truth["joints2d_px"], dtype=float)[: len(seen)]
    seen = seen[: len(true)]
    found = np.isfinite(seen[:, 0, 0])
    body = list(BODY)
    extent = np.linalg.norm(np.ptp(true, axis=1), axis=1)
    distance = np.linalg.norm(seen[:, body, :2] - true[:, body], axis=2).mean(axis=1) / extent
    errors = []
    for name, (a, b, c) in ANGLES.items():
        if truth["view"] == "side" and not name.startswith(_near_side(truth)):
            continue
        wanted = included_angle(true[:, a], true[:, b], true[:, c])
        got = included_angle(seen[:, a, :2], seen[:, b, :2], seen[:, c, :2])
        errors.append(np.abs(got - wanted)[found])
    return ClipScore(
        truth["exercise"],
        truth["view"],
        len(true),
        int(found.sum()),
        distance[found],
        np.concatenate(errors) if errors else np.zeros(0),
    )


def _near_side(truth: dict[str, Any]) -> str:
    return "left" if truth["camera"]["eye_m"][0] > truth["camera"]["target_m"][0] else "right"


def measure_folder(folder: Path, model: Path) -> list[ClipScore]:
    """Return a score for every clip of a folder that has its truth beside it."""
    scores = []
    for path in find_truths(folder):
        truth = json.loads(path.read_text(encoding="utf-8"))
        scores.append(score_clip(detect_clip(folder / truth["clip"], model, truth["fps"]), truth))
    return scores


def table(scores: Sequence[ClipScore]) -> str:
    """Return the scores by exercise and view as a Markdown table."""
    lines = [
        "| exercise | view | clips | frames | found | joint error, median (p90), % of figure "
        "| 2D angle error, median (p90), deg |",
        "|---|---|---|---|---|---|---|",
    ]
    groups: dict[tuple[str, str], list[ClipScore]] = {}
    for score in scores:
        groups.setdefault((score.exercise, score.view), []).append(score)
        groups.setdefault(("all", ""), []).append(score)
    for (exercise, view), members in sorted(groups.items(), key=lambda g: (g[0][0] == "all", g[0])):
        frames, found = sum(m.frames for m in members), sum(m.found for m in members)
        error = 100 * np.concatenate([m.error for m in members])
        angle = np.concatenate([m.angle_errors for m in members])
        lines.append(
            f"| {exercise} | {view} | {len(members)} | {frames} | {100 * found / frames:.1f} % "
            f"| {np.median(error):.1f} ({np.percentile(error, 90):.1f}) "
            f"| {np.median(angle):.0f} ({np.percentile(angle, 90):.0f}) |"
        )
    return "\n".join(lines)
