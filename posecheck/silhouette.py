"""The back's outline: how rounded or hollow the back is, read from the person's silhouette.

The 33 landmarks have no point on the spine, so a rounded back is invisible to them; the outline is not.
Tangents at the ends of the back's outline give an angle that behaves like a Cobb angle (Bonanni, contour and
angle-function monitoring): good for change within a person, not for clinical degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from posecheck import geometry
from posecheck.pose import SILHOUETTE_SIZE, BoolArray, FloatArray

STATIONS = np.linspace(0.10, 0.90, 33)
"""Where the outline is read, as shares of the way from hip to shoulder; the ends are buttock and hair."""
REACH = np.arange(-0.30, 1.005, 0.01)
"""How far from the hip-shoulder line the outline is looked for, torso lengths, positive = dorsal."""
_REACH = REACH.astype(np.float32)
_STEPS = np.arange(1, len(REACH) + 1, dtype=np.uint8)
_MIDDLE = float(STATIONS.mean())
_CENTRED = STATIONS - _MIDDLE
"""Centred: the normal equations stay well conditioned."""
_POWERS = np.stack([_CENTRED**k for k in range(7)])
_LIFTS = 3
"""How often a fit is lifted to the edge of the frame: it settles in two."""


@dataclass(frozen=True, slots=True)
class BackOutline:
    """The back's outline in the frame of the trunk.

    Attributes:
        distance: From the hip-shoulder line to the outline at each of ``STATIONS``, torso lengths, positive =
            dorsal, shape ``(..., 33)``; NaN where no outline was met or it lies at the edge of the frame.
        torso_px: Torso length in silhouette pixels, shape ``(...,)``: how fine the outline is.
        at_least: Distance to the edge of the frame where the outline lies there: hers is at least as far out,
            shape ``(..., 33)``; NaN elsewhere.
    """

    distance: FloatArray
    torso_px: FloatArray
    at_least: FloatArray

    @property
    def roughness(self) -> FloatArray:
        """Median size of the outline's second difference, torso lengths, shape ``(...,)``.

        A back is smooth: 230 real ones read up to 0.02, one pixel of the silhouette; ragged masks read more.
        NaN where nothing was met.
        """
        step = self.distance[..., 1:] - self.distance[..., :-1]
        bend = np.sort(np.abs(step[..., 1:] - step[..., :-1]), axis=-1)  # what is not known comes last
        count = np.isfinite(bend).sum(axis=-1)
        return np.where(count > 0, _pick(bend, np.maximum(count - 1, 0) // 2), np.nan)


def _pick(rows: FloatArray, index: NDArray[np.intp]) -> FloatArray:
    """Return one value of each row, shape ``(...,)``; for a single row cheaper than ``take_along_axis``."""
    picked: FloatArray = np.where(np.arange(rows.shape[-1]) == index[..., None], rows, 0.0).sum(axis=-1)
    return picked


def length_over_height(packed: NDArray[np.uint8]) -> FloatArray:
    """Return how many times as wide as high each silhouette is, shape ``(...,)``; NaN where it is empty.

    Args:
        packed: Shape ``(..., 192, 24)``.
    """
    rows = np.asarray(packed.any(axis=-1))
    columns = np.unpackbits(np.bitwise_or.reduce(packed, axis=-2), axis=-1).astype(bool)
    width, height = (
        np.where(
            line.any(axis=-1), SILHOUETTE_SIZE - line.argmax(axis=-1) - line[..., ::-1].argmax(axis=-1), np.nan
        )
        for line in (columns, rows)
    )
    ratio: FloatArray = width / height
    return ratio


def mean_width(packed: NDArray[np.uint8], scale: FloatArray, top: FloatArray, height: FloatArray) -> FloatArray:
    """Return how wide each silhouette is on average between two heights, pixels of the frame, shape ``(...,)``.

    Args:
        packed: Shape ``(..., 192, 24)``.
        scale: Silhouette pixels per frame pixel, shape ``(...,)``.
        top: Where the strip begins, pixels from the top of the frame, shape ``(...,)``.
        height: Of the strip, pixels, shape ``(...,)``; NaN, or a strip outside the frame, gives NaN.
    """
    widths = np.bitwise_count(packed).sum(axis=-1, dtype=np.float64)
    pixel = np.where(scale > 0, scale, np.nan)
    row = (np.arange(SILHOUETTE_SIZE) + 0.5) / pixel[..., None]
    inside = (row >= top[..., None]) & (row <= (top + height)[..., None])
    count = inside.sum(axis=-1)
    total = (widths * inside).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1) / pixel, np.nan)


def trace_back(
    packed: NDArray[np.uint8],
    scale: FloatArray,
    frame_size: FloatArray,
    hip: FloatArray,
    shoulder: FloatArray,
    ventral: FloatArray,
) -> BackOutline:
    """Return the outline of the back.

    From each station on the hip-shoulder line the end of the *longest* run of silhouette pixels along the
    dorsal normal is taken. Not the first pixel that leaves the silhouette: in a strongly rounded cat that line
    runs below the belly, outside the body. Nor the outermost one: a lifted head and stray islands of the mask
    lie farther out.

    Args:
        packed: Packed silhouettes, shape ``(..., 192, 24)``.
        scale: Silhouette pixels per frame pixel, shape ``(...,)``.
        frame_size: Width and height of the frame, pixels, shape ``(2,)``.
        hip: Hip in frame pixels, shape ``(..., 2)``.
        shoulder: Shoulder in frame pixels, shape ``(..., 2)``.
        ventral: Any point on the belly side of the trunk line, frame pixels, shape ``(..., 2)``.
    """
    lead = hip.shape[:-1]
    distance = np.full((*lead, 2, len(STATIONS)), np.nan)
    for i in product(*map(range, lead)):
        _trace(distance[i], packed[i], float(scale[i]), frame_size, hip[i], shoulder[i], ventral[i])
    return BackOutline(distance[..., 0, :], geometry.length(shoulder - hip) * scale, distance[..., 1, :])


def _trace(
    found: FloatArray,
    packed: NDArray[np.uint8],
    scale: float,
    frame_size: FloatArray,
    hip: FloatArray,
    shoulder: FloatArray,
    ventral: FloatArray,
) -> None:
    """Write the distances of the outline and of the frame's edge at one instant into ``found``, ``(2, 33)``."""
    # Plain numbers, as far as they go: at a few points array arithmetic costs more than it does.
    (hip_x, hip_y), (shoulder_x, shoulder_y), (x, y) = hip.tolist(), shoulder.tolist(), ventral.tolist()
    along_x, along_y = shoulder_x - hip_x, shoulder_y - hip_y
    belly = along_x * (y - (hip_y + shoulder_y) / 2) - along_y * (x - (hip_x + shoulder_x) / 2)
    dorsal = scale * ((belly < 0) - (belly > 0))
    if not math.isfinite(hip_x + hip_y + belly + dorsal):
        return
    outward = np.array([-along_y * dorsal, along_x * dorsal])
    start = np.array([hip_x + STATIONS * along_x, hip_y + STATIONS * along_y]) * scale
    # Bits of what is not her, with a rim around: what lies outside the silhouette is looked up there instead of
    # being told apart. A byte of columns is the least there can be.
    outside = np.full((SILHOUETTE_SIZE + 2, SILHOUETTE_SIZE // 8 + 2), 255, np.uint8)
    np.invert(packed, out=outside[1:-1, 1:-1])
    # Single precision and in place: this is the largest array of a frame.
    samples = (start[..., None] + 1.0).astype(np.float32) + outward.astype(np.float32)[:, None, None] * _REACH
    np.clip(samples, 0.0, SILHOUETTE_SIZE + 1.0, out=samples)
    columns, rows = samples.astype(np.int32)
    empty = np.unpackbits(outside)[7:].take(rows * (8 * outside.shape[1]) + columns)
    # How far each sample is from the last one that is not her: steps are numbered from 1 so that all fit a byte.
    run = _STEPS - np.maximum.accumulate(empty * _STEPS, axis=-1)
    last = run.argmax(axis=-1)
    # An outline at the edge of the frame is the frame's, not hers: one step further must still be inside.
    edge = start + REACH[np.minimum(last + 2, len(REACH) - 1)] * outward[:, None]
    inside = ((edge >= 0) & (edge < np.floor(frame_size * scale)[:, None])).all(axis=0)
    met = (run.max(axis=-1) > 0) & (last < len(REACH) - 1)
    np.copyto(found, REACH[last], where=[met & inside, met & ~inside])


def back_turn(outline: BackOutline, min_share: float, min_cut: float) -> FloatArray:
    """Return the turn of the back's outline.

    A quadratic is fitted to the outline by least squares; the turn is the angle between its tangents at the
    ends (design note B5, from Bonanni's end tangents). Where the outline lies at the edge of the frame, hers is
    at least as far out, so the fit is lifted to the edge where it falls short of it, and never lowered.

    Args:
        outline: The outline, leading shape ``(...,)``.
        min_share: Share of the stations that must have been met.
        min_cut: The same where the rest lies at the edge of the frame. A rounded back is then known to be at
            least that round; a flat or hollow one may be anything, and is unknown.

    Returns:
        Degrees, positive = rounded, negative = hollow, shape ``(...,)``; NaN where too little was met.
    """
    d, edge = outline.distance, outline.at_least
    met, cut = np.isfinite(d), np.isfinite(edge)
    d = np.where(met, d, np.where(cut, edge, 0.0))
    c0, c1, c2 = _fit_quadratic(_POWERS[:5], d, met)
    if cut.any():
        for _ in range(_LIFTS):
            fitted = c0[..., None] + c1[..., None] * _CENTRED + c2[..., None] * _POWERS[2]
            c0, c1, c2 = _fit_quadratic(_POWERS[:5], d, met | (cut & (fitted < d)))
    turn: FloatArray = np.degrees(np.arctan(c1 + 2 * c2 * _CENTRED[0]) - np.arctan(c1 + 2 * c2 * _CENTRED[-1]))
    n, seen, whole = len(STATIONS), met.sum(axis=-1), (met | cut).sum(axis=-1)
    rounded_beyond = (seen >= min_cut * n) & (whole >= min_share * n) & (turn > 0)
    return np.where((seen >= min_share * n) | rounded_beyond, turn, np.nan)


def part_turn(outline: BackOutline, first: float, last: float, min_share: float) -> FloatArray:
    """Return the turn of a part of the back: the angle between the tangents there of a cubic through all of it.

    Half an outline by itself says little: against the true lower back of rendered cats a quadratic through it is
    9 degrees off and the cubic 5. The parts add up to the whole cubic's turn, which may differ a little from
    ``back_turn``.

    Args:
        outline: The outline, leading shape ``(...,)``.
        first: Where the part begins, share of the way from hip to shoulder.
        last: Where it ends.
        min_share: Share of the stations that must have been met, in all and within the part.

    Returns:
        Degrees, positive = rounded, negative = hollow, shape ``(...,)``; NaN where too little was met.
    """
    met = np.isfinite(outline.distance)
    within = (first <= STATIONS) & (last >= STATIONS)
    enough = (met.sum(axis=-1) >= min_share * met.shape[-1]) & (
        (met & within).sum(axis=-1) >= min_share * within.sum()
    )
    d = np.where(met, outline.distance, 0.0)
    moments = (met[..., None, :] * _POWERS).sum(axis=-1)
    grade = np.arange(4)
    normal = np.where(enough[..., None, None], moments[..., grade[:, None] + grade], np.eye(4))
    c = np.linalg.solve(normal, (d[..., None, :] * _POWERS[:4]).sum(axis=-1)[..., None])[..., 0]
    slopes = (c[..., 1] + 2 * c[..., 2] * z + 3 * c[..., 3] * z**2 for z in (first - _MIDDLE, last - _MIDDLE))
    at_first, at_last = (np.degrees(np.arctan(slope)) for slope in slopes)
    return np.where(enough, at_first - at_last, np.nan)


def _fit_quadratic(
    powers: FloatArray, d: FloatArray, used: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return c0, c1, c2 of the least-squares c0 + c1 z + c2 z^2 through the stations used; NaN where too few."""
    rows = np.array([used, np.where(used, d, 0.0)])
    sums = (rows[..., None, :] * powers).sum(axis=-1)
    (s0, s1, s2, s3, s4), (t0, t1, t2, _, _) = map(geometry.components, sums)
    det = s0 * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s2 * s3) + s2 * (s1 * s3 - s2 * s2)
    det = np.where((s0 >= 3) & (np.abs(det) > 1e-12), det, np.nan)
    c0 = (t0 * (s2 * s4 - s3 * s3) - s1 * (t1 * s4 - s3 * t2) + s2 * (t1 * s3 - s2 * t2)) / det
    c1 = (s0 * (t1 * s4 - s3 * t2) - t0 * (s1 * s4 - s3 * s2) + s2 * (s1 * t2 - t1 * s2)) / det
    c2 = (s0 * (s2 * t2 - t1 * s3) - s1 * (s1 * t2 - t1 * s2) + t0 * (s1 * s3 - s2 * s2)) / det
    return c0, c1, c2


def back_sagitta(outline: BackOutline, min_share: float) -> FloatArray:
    """Return the outline's greatest signed distance from its own chord, over the chord's length.

    The sagitta index of flexicurve studies (Greendale 2011); 0.08 is an arc of about 36 degrees.

    Args:
        outline: The outline, leading shape ``(...,)``.
        min_share: Share of the stations that must have been met.

    Returns:
        A ratio, positive = rounded, shape ``(...,)``; NaN where too little was met.
    """
    d = outline.distance
    met = np.isfinite(d)
    enough = met.sum(axis=-1) >= min_share * d.shape[-1]
    first, last = met.argmax(axis=-1), d.shape[-1] - 1 - met[..., ::-1].argmax(axis=-1)
    begin = _pick(d, first)
    along, rise = STATIONS[last] - STATIONS[first], _pick(d, last) - begin
    chord = np.hypot(along, rise)
    # Twice the area between the chord and each station: over the chord it is the distance.
    away = along[..., None] * (d - begin[..., None]) - rise[..., None] * (STATIONS - STATIONS[first][..., None])
    highest, lowest = np.fmax.reduce(away, axis=-1), np.fmin.reduce(away, axis=-1)
    value = np.where(highest >= -lowest, highest, lowest) / np.where(chord > 0, chord**2, np.nan)
    return np.where(enough, value, np.nan)
