"""Angles and lengths in the picture: pure, on trailing axes, NaN where a point is not seen."""

from __future__ import annotations

import numpy as np

from posecheck.pose import FloatArray


def included_angle(a: FloatArray, vertex: FloatArray, c: FloatArray) -> FloatArray:
    """Return the angle at ``vertex`` between the rays to ``a`` and ``c``.

    Uses ``atan2(|u x v|, u . v)``: the arc cosine loses precision toward a straight joint, which is what
    yoga measures.

    Args:
        a: Points in pixels (never fractions of width and height: those bend every angle unless the frame
            is square), shape ``(..., 2)``.
        vertex: Points, shape ``(..., 2)``.
        c: Points, shape ``(..., 2)``.

    Returns:
        Degrees in [0, 180], 180 = straight, shape ``(...,)``; NaN where a point is NaN or falls on the vertex.
    """
    return np.abs(signed_angle(a - vertex, c - vertex))


def signed_angle(u: FloatArray, v: FloatArray) -> FloatArray:
    """Return the turn from ``u`` to ``v`` in a picture whose y points down.

    Args:
        u: Vectors, shape ``(..., 2)``.
        v: Vectors, shape ``(..., 2)``.

    Returns:
        Degrees in (-180, 180], positive = clockwise as seen on the screen, shape ``(...,)``; NaN where a
        component is NaN or a vector has no length.
    """
    (ux, uy), (vx, vy) = components(u), components(v)
    sine = ux * vy - uy * vx
    cosine = ux * vx + uy * vy
    degenerate = (sine == 0) & (cosine == 0)
    return np.where(degenerate, np.nan, np.degrees(np.arctan2(sine, cosine)))


def cross(u: FloatArray, v: FloatArray) -> FloatArray:
    """Return the cross product of vectors ``(..., 2)``, in their unit squared, shape ``(...,)``.

    Positive where ``v`` lies clockwise of ``u`` as seen on the screen: the sign of ``signed_angle``.
    """
    (ux, uy), (vx, vy) = components(u), components(v)
    product: FloatArray = ux * vy - uy * vx
    return product


def components(v: FloatArray) -> FloatArray:
    """Return an array ``(..., n)`` with its last axis first, to be taken apart.

    Of a single vector that gives plain numbers, with which arithmetic costs a sixth of what it costs with arrays.
    """
    return v.transpose(-1, *range(v.ndim - 1))


def length(v: FloatArray) -> FloatArray:
    """Return the length of vectors ``(..., 2)`` or ``(..., 3)`` in their own unit, shape ``(...,)``."""
    result: FloatArray = np.hypot(v[..., 0], v[..., 1])
    return result if v.shape[-1] == 2 else np.hypot(result, v[..., 2])


def elevation(v: FloatArray) -> FloatArray:
    """Return how steeply vectors ``(..., 2)`` rise: 90 = straight up, 0 = level, -90 = straight down.

    The same for a vector and its mirror image. Degrees, shape ``(...,)``; NaN where a component is NaN.
    """
    result: FloatArray = np.degrees(np.arctan2(-v[..., 1], np.abs(v[..., 0])))
    return result


def side_lean(v: FloatArray) -> FloatArray:
    """Return how far vectors ``(..., 2)`` lean from upright toward the right of the picture.

    Degrees in (-180, 180], 0 = straight up, shape ``(...,)``; NaN where a component is NaN.
    """
    result: FloatArray = np.degrees(np.arctan2(v[..., 0], -v[..., 1]))
    return result


def line_slope(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the slope of the line through a left and a right landmark, whichever way the body faces.

    Args:
        left: The subject's left landmark, shape ``(..., 2)``.
        right: The subject's right landmark, shape ``(..., 2)``.

    Returns:
        Degrees in [-90, 90], positive = her left side higher, shape ``(...,)``; NaN where a point is NaN.
    """
    return elevation(left - right)


def azimuth(v: FloatArray) -> FloatArray:
    """Return the heading of world vectors ``(..., 3)`` about the vertical, degrees in (-180, 180]."""
    result: FloatArray = np.degrees(np.arctan2(v[..., 2], v[..., 0]))
    return result


def turn_about(axis: FloatArray, u: FloatArray, v: FloatArray) -> FloatArray:
    """Return the turn from ``u`` to ``v`` about an axis in space; what lies along the axis does not count.

    Args:
        axis: World vectors, shape ``(..., 3)``.
        u: World vectors, shape ``(..., 3)``.
        v: World vectors, shape ``(..., 3)``.

    Returns:
        Degrees in (-180, 180], positive = anticlockwise seen from the axis's tip (so, about an axis that
        points up, the same as ``azimuth(v) - azimuth(u)``), shape ``(...,)``; NaN where a component is NaN,
        the axis has no length, or a vector lies along it.
    """
    axis, u, v = np.broadcast_arrays(axis, u, v)
    # The part of u across the axis, and that turned by a right angle: two directions that span the plane.
    aside = np.cross(axis, u)
    across = np.cross(aside, axis)
    sine = (aside * v).sum(axis=-1) * length(axis)
    cosine = (across * v).sum(axis=-1)
    degenerate = (sine == 0) & (cosine == 0)
    return np.where(degenerate, np.nan, np.degrees(np.arctan2(sine, cosine)))


def wrap(angle: FloatArray) -> FloatArray:
    """Return angles in degrees brought into [-180, 180)."""
    return (angle + 180.0) % 360.0 - 180.0
