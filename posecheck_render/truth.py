"""The truth beside a clip: every joint of every frame in 3D and in the picture, angles, phases and faults."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from posecheck_render.errors import RenderError
from posecheck_render.exercises.base import Movement, Span
from posecheck_render.rig import LANDMARKS
from posecheck_render.rotations import Array, included_angle
from posecheck_render.scene import Camera

SCHEMA = "posecheck/truth@1"
ANGLES = {
    "left_knee": (23, 25, 27),
    "right_knee": (24, 26, 28),
    "left_hip": (11, 23, 25),
    "right_hip": (12, 24, 26),
    "left_elbow": (11, 13, 15),
    "right_elbow": (12, 14, 16),
    "left_shoulder": (23, 11, 13),
    "right_shoulder": (24, 12, 14),
    "left_arm_line": (15, 11, 23),
    "right_arm_line": (16, 12, 24),
}
"""Angles by name: the three landmarks, vertex in the middle."""
BACK_TURNS = ("back_turn_deg", "back_turn_lower_deg", "back_turn_upper_deg")


@dataclass(frozen=True)
class ClipFacts:
    """What the truth says about a clip as a whole."""

    clip: str
    person: str
    person_description: str
    room: str
    light: str
    size: str
    seed: int
    fps: int


def clip_truth(
    facts: ClipFacts,
    movement: Movement,
    camera: Camera,
    azimuth: float,
    joints: Sequence[Array],
    back_turns: Sequence[tuple[float, float, float]] | None,
) -> dict[str, Any]:
    """Return the truth of a clip as plain lists and numbers, ready for JSON.

    Args:
        facts: Of the whole clip.
        movement: What was done.
        camera: That saw it.
        azimuth: Of the camera, degrees; 0 = the person's front, 90 = her left side.
        joints: Landmarks per frame, each of shape ``(33, 3)``, metres.
        back_turns: Turn of the back's outline per frame, the whole, its lower and its upper half, degrees, + =
            rounded; None where it means nothing.
    """
    stack = np.asarray(joints)
    angles = {
        name: np.round(included_angle(stack[:, a], stack[:, b], stack[:, c]), 1).tolist()
        for name, (a, b, c) in ANGLES.items()
    }
    truth: dict[str, Any] = {
        "schema": SCHEMA,
        "clip": facts.clip,
        "exercise": movement.exercise,
        "view": movement.view,
        "fps": facts.fps,
        "frames": len(stack),
        "frame_size": list(camera.size),
        "duration_s": round(len(stack) / facts.fps, 3),
        "camera": {
            "eye_m": np.round(camera.eye, 4).tolist(),
            "target_m": np.round(camera.target, 4).tolist(),
            "vertical_fov_deg": camera.vertical_fov,
            "azimuth_deg": round(azimuth, 2),
        },
        "person": facts.person,
        "person_description": facts.person_description,
        "room": facts.room,
        "light": facts.light,
        "seed": facts.seed,
        "phases": [span_json(s) for s in movement.phases],
        "contacts": [
            {"joint": s.name, "start_s": round(s.start_s, 3), "end_s": round(s.end_s, 3)}
            for s in movement.contacts
        ],
        "faults": fault_json(movement, facts.size),
        "landmarks": list(LANDMARKS),
        "joints3d_m": np.round(stack, 3).tolist(),
        "joints2d_px": [np.round(camera.project(frame), 1).tolist() for frame in stack],
        "angles_deg": angles,
    }
    if back_turns is not None:
        for name, turns in zip(BACK_TURNS, np.round(np.asarray(back_turns), 1).T, strict=True):
            truth[name] = turns.tolist()
    return truth


def span_json(span: Span) -> dict[str, Any]:
    """Return a phase as the truth writes it."""
    out: dict[str, Any] = {
        "name": span.name,
        "start_s": round(span.start_s, 3),
        "end_s": round(span.end_s, 3),
    }
    if span.side:
        out["side"] = span.side
    return out


def fault_json(movement: Movement, size: str) -> list[dict[str, Any]]:
    """Return the list of faults, empty for a correct clip."""
    fault = movement.fault
    if fault is None:
        return []
    return [{"id": fault.name, "start_s": round(fault.start_s, 3), "end_s": round(fault.end_s, 3), "size": size}]


def find_truths(folder: Path) -> list[Path]:
    """Return the truths of the clips in a folder, in file name order.

    Raises:
        RenderError: If there is none.
    """
    found = sorted(folder.glob("*.truth.json"))
    if not found:
        hint = "Make some with `python -m posecheck_render samples`."
        raise RenderError(f"No clip with truth in {folder}.", hint)
    return found
