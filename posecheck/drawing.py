"""Draw a person's skeleton on a frame: soft light lines, with only the part that matters in colour."""

from __future__ import annotations

import math
from collections.abc import Collection, Set
from dataclasses import dataclass
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from posecheck.pose import EDGES, Landmark, Pose

Tone = Literal["neutral", "good", "adjust"]
Colour = tuple[int, int, int]
Point = tuple[float, float]

LIGHT: Colour = (240, 234, 225)
SHADOW: Colour = (62, 54, 50)
GREEN: Colour = (134, 208, 164)
AMBER: Colour = (245, 166, 35)
"""RGB. Amber for "adjust", green for "yes"; there is no red for a body."""

HEAD = frozenset(landmark for landmark in Landmark if landmark <= Landmark.RIGHT_MOUTH)
_DRAWN = sorted({*(end for edge in EDGES for end in edge), Landmark.NOSE, Landmark.LEFT_EAR, Landmark.RIGHT_EAR})

_SHIFT = 3
"""Fractional bits of the coordinates given to OpenCV, so that a slow movement does not jitter by pixels."""
_ONE = 1 << _SHIFT
_LARGEST_HEAD = 400.0
"""Pixels; somebody whose face fills the picture."""
_FAR = 16_000
"""Pixels; the model extrapolates far outside the frame, where OpenCV's fixed-point numbers would overflow."""
_CIRCLE = np.stack([f(np.linspace(0, 2 * np.pi, 21)) for f in (np.cos, np.sin)], axis=-1)
"""A closed line round the unit circle."""


class Ink(NamedTuple):
    """What a line is drawn with.

    Attributes:
        colour: RGB.
        width: Pixels.
        edge: OpenCV's line type.
    """

    colour: Colour
    width: int
    edge: int


def annotate_frame(
    image: NDArray[np.uint8],
    pose: Pose,
    highlight: Collection[Landmark] = (),
    *,
    tone: Tone = "neutral",
    min_visibility: float = 0.5,
    in_place: bool = False,
) -> NDArray[np.uint8]:
    """Return the frame with the skeleton drawn on it; no text, never mirrored.

    A limb is coloured where both its ends are in ``highlight``; a landmark without such a limb gets a ring.

    Args:
        image: The frame, shape ``(H, W, 3)``, RGB; left as it is, unless it may be drawn on.
        pose: One instant, in pixels of a frame of any size; scaled to ``image``.
        highlight: Landmarks the current sentence is about.
        tone: ``good`` draws the whole skeleton green; ``adjust`` draws the highlighted part amber,
            ``neutral`` draws it a little stronger without a colour.
        min_visibility: Landmarks less visible than this are not drawn, nor those that are NaN.
        in_place: Draw on ``image`` itself: a frame that nobody looks at again needs no copy.

    Raises:
        ValueError: where the image is not ``(H, W, 3)`` or the pose is not of one instant.
    """
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image must have shape (H, W, 3), got {image.shape}")
    if pose.image.ndim != 2:
        raise ValueError(f"pose must be of one instant, got {pose.image.shape[0]} instants")
    out = image if in_place and image.flags.writeable else image.copy()
    height, width = image.shape[:2]
    wide, high = (float(side) for side in np.array([width, height]) / pose.frame_size)
    body = _Body.place(
        {
            landmark: (_within(x * wide), _within(y * high))
            for landmark, (x, y), seen in zip(
                _DRAWN, pose.image[_DRAWN].tolist(), pose.visibility[_DRAWN].tolist(), strict=True
            )
            if seen >= min_visibility and math.isfinite(x) and math.isfinite(y)
        }
    )
    thickness = max(2, round(min(width, height) / 130))
    _draw_skeleton(out, body, GREEN if tone == "good" else LIGHT, thickness)
    marked = body.points.keys() & set(highlight)
    if marked or HEAD & set(highlight):
        colour = {"neutral": LIGHT, "good": GREEN, "adjust": AMBER}[tone]
        _draw_highlight(out, body, marked, bool(HEAD & set(highlight)), colour, thickness)
    return out


def _within(pixels: float) -> float:
    return min(max(pixels, -_FAR), _FAR)


@dataclass(frozen=True, slots=True)
class _Body:
    """What is drawn, in plain numbers: a frame has 60 strokes, and array arithmetic would cost more than they do.

    Attributes:
        points: Pixels of every joint that is shown.
        head: Centre of the head; None where neither ear nor nose is shown, or no shoulder.
        neck: Between the shoulders, where the head is joined on.
        head_radius: Pixels; 0 without a head.
    """

    points: dict[Landmark, Point]
    head: Point | None = None
    neck: Point = (0.0, 0.0)
    head_radius: float = 0.0

    @classmethod
    def place(cls, there: dict[Landmark, Point]) -> _Body:
        """Return the body whose landmarks are shown at these pixels."""
        joints = {landmark: point for landmark, point in there.items() if landmark not in HEAD}
        head = _middle(there, Landmark.LEFT_EAR, Landmark.RIGHT_EAR) or there.get(Landmark.NOSE)
        neck = _middle(there, Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
        if head is None or neck is None:
            return cls(joints)
        return cls(joints, head, neck, min(0.5 * math.dist(head, neck), _LARGEST_HEAD))


def _middle(points: dict[Landmark, Point], a: Landmark, b: Landmark) -> Point | None:
    """Return the point between the two, or the one of them that is shown."""
    p, q = points.get(a), points.get(b)
    if p is None or q is None:
        return p or q
    return ((p[0] + q[0]) / 2, (p[1] + q[1]) / 2)


def _fixed(point: Point) -> tuple[int, int]:
    return round(point[0] * _ONE), round(point[1] * _ONE)


def _disc(canvas: NDArray[np.uint8], centre: Point, radius: float, colour: Colour) -> None:
    cv2.circle(canvas, _fixed(centre), round(radius * _ONE), colour, -1, cv2.LINE_AA, _SHIFT)


def _ring(centre: Point, radius: float) -> list[NDArray[np.int32]]:
    """Return a circle for ``_stroke``: OpenCV's own thick one costs three times as much and looks the same."""
    return [np.rint((_CIRCLE * radius + centre) * _ONE).astype(np.int32)]


def _lines(ends: Collection[tuple[Point, Point]]) -> list[NDArray[np.int32]]:
    """Return lines for ``_stroke``."""
    return list(np.rint(np.array(list(ends)).reshape(-1, 2, 2) * _ONE).astype(np.int32))


def _stroke(canvas: NDArray[np.uint8], lines: list[NDArray[np.int32]], ink: Ink) -> None:
    cv2.polylines(canvas, lines, False, ink.colour, ink.width, ink.edge, _SHIFT)


def _inks(colour: Colour, width: int) -> tuple[Ink, Ink]:
    """Return what every line is drawn with, one after the other.

    The wider dark one first: light lines stay visible before a light wall. Its rim needs no smoothing, which is
    what costs most.
    """
    return Ink(SHADOW, width + 2, cv2.LINE_8), Ink(colour, width, cv2.LINE_AA)


def _draw_skeleton(canvas: NDArray[np.uint8], body: _Body, colour: Colour, thickness: int) -> None:
    points = body.points
    limbs = [(a, b) for a, b in EDGES if a in points and b in points]
    lines = [(points[a], points[b]) for a, b in limbs]
    head = body.head if body.head_radius > thickness else None
    if head is not None:
        reach = body.head_radius / math.dist(head, body.neck)
        chin = (head[0] + (body.neck[0] - head[0]) * reach, head[1] + (body.neck[1] - head[1]) * reach)
        lines.append((body.neck, chin))
    strokes = _lines(lines)
    if head is not None:
        strokes += _ring(head, body.head_radius)
    for ink in _inks(colour, thickness):
        _stroke(canvas, strokes, ink)
    for joint in {end for limb in limbs for end in limb}:
        _disc(canvas, points[joint], thickness * 1.1, colour)


def _draw_highlight(
    canvas: NDArray[np.uint8], body: _Body, marked: Set[Landmark], head: bool, colour: Colour, thickness: int
) -> None:
    points = body.points
    limbs = [(a, b) for a, b in EDGES if a in marked and b in marked]
    ends = {landmark for limb in limbs for landmark in limb}
    for ink in _inks(colour, 0):
        rim = ink.width
        if limbs:
            lines = _lines([(points[a], points[b]) for a, b in limbs])
            _stroke(canvas, lines, ink._replace(width=2 * thickness + rim))
        for landmark in ends:
            _disc(canvas, points[landmark], 1.7 * thickness + rim / 2, ink.colour)
        circle = ink._replace(width=thickness + 1 + rim)
        for landmark in marked - ends:
            _stroke(canvas, _ring(points[landmark], 3.5 * thickness), circle)
        if head and body.head is not None:
            _stroke(canvas, _ring(body.head, max(body.head_radius, 3.5 * thickness)), circle)
