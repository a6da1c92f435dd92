"""Rotations and directions as pure functions. World: y up, z forward, x to the person's left, metres."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]


def vec(*values: float) -> Array:
    """Return the values as a float array."""
    return np.array(values, dtype=float)


def unit(v: ArrayLike) -> Array:
    """Return ``v``, shape ``(3,)``, at length 1 (zero stays zero)."""
    a = np.asarray(v, dtype=float)
    return np.asarray(a / (np.linalg.norm(a) + 1e-12))


def rotation_about(axis: ArrayLike, radians: float) -> Array:
    """Return the 3x3 matrix that turns by ``radians`` about ``axis`` (right-hand rule)."""
    x, y, z = unit(axis)
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(radians) * k + (1.0 - np.cos(radians)) * (k @ k))


def pitch(degrees: float) -> Array:
    """Return a turn about x: positive bends the upright body forward."""
    return rotation_about((1, 0, 0), np.radians(degrees))


def yaw(degrees: float) -> Array:
    """Return a turn about y: positive turns the face to the person's left."""
    return rotation_about((0, 1, 0), np.radians(degrees))


def roll(degrees: float) -> Array:
    """Return a turn about z: positive tips the head to the person's right."""
    return rotation_about((0, 0, 1), np.radians(degrees))


def rotation_vector(matrix: Array) -> Array:
    """Return axis times angle, radians, of a 3x3 rotation."""
    return np.asarray(Rotation.from_matrix(matrix).as_rotvec(), dtype=float)


def from_rotation_vector(vector: ArrayLike) -> Array:
    """Return the 3x3 rotation of an axis-times-angle vector, radians."""
    v = np.asarray(vector, dtype=float)
    return rotation_about(v, float(np.linalg.norm(v)))


def slerp(a: Array, b: Array, t: float) -> Array:
    """Return the rotation a share ``t`` of the way from ``a`` to ``b`` on the shortest path."""
    if np.array_equal(a, b):
        return a
    return a @ from_rotation_vector(t * rotation_vector(a.T @ b))


def align(d0: ArrayLike, a0: ArrayLike, d: ArrayLike, a: ArrayLike) -> Array:
    """Return the rotation that takes direction ``d0`` to ``d`` and, as far as it can, ``a0`` to ``a``."""
    return _frame(d, a) @ _frame(d0, a0).T


def _frame(d: ArrayLike, a: ArrayLike) -> Array:
    first = unit(d)
    second = np.asarray(a, dtype=float)
    second = unit(second - first * (second @ first))
    return np.stack([first, second, np.cross(first, second)], axis=1)


def swing(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the smallest rotation that takes direction ``a`` to direction ``b``."""
    u, v = unit(a), unit(b)
    axis = np.cross(u, v)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        return np.eye(3)
    return rotation_about(axis, float(np.arctan2(sine, u @ v)))


def twist_about(matrix: Array, axis: ArrayLike) -> float:
    """Return the part of a rotation that turns about ``axis``, radians in [-pi, pi)."""
    q = Rotation.from_matrix(matrix).as_quat()
    angle = 2.0 * np.arctan2(q[:3] @ unit(axis), q[3])
    return float((angle + np.pi) % (2.0 * np.pi) - np.pi)


def included_angle(a: Array, vertex: Array, c: Array) -> Array:
    """Return the angle at ``vertex`` between the rays to ``a`` and ``c``.

    Args:
        a: Points, shape ``(..., k)``.
        vertex: Points, shape ``(..., k)``.
        c: Points, shape ``(..., k)``.

    Returns:
        Degrees in [0, 180], shape ``(...,)``; 180 = straight.
    """
    u, v = a - vertex, c - vertex
    dot = (u * v).sum(-1)
    # |u x v| from Lagrange's identity, so that 2D and 3D points are served alike.
    cross = np.sqrt(np.maximum((u * u).sum(-1) * (v * v).sum(-1) - dot * dot, 0.0))
    return np.asarray(np.degrees(np.arctan2(cross, dot)))
