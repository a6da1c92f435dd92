"""Angles and lengths in the picture, against values a person can work out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from posecheck.geometry import (
    azimuth,
    elevation,
    included_angle,
    length,
    line_slope,
    side_lean,
    signed_angle,
    turn_about,
    wrap,
)
from posecheck.pose import FloatArray

coordinate = st.floats(-1000, 1000, allow_nan=False)
point = st.tuples(coordinate, coordinate).map(np.array)
degrees = st.floats(-180, 180)


def vector(*values: float) -> FloatArray:
    return np.array(values)


def turned(v: FloatArray, angle: float) -> FloatArray:
    """Return a vector turned clockwise on the screen."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return np.array([c * v[0] - s * v[1], s * v[0] + c * v[1]])


@pytest.mark.parametrize(
    ("a", "vertex", "c", "expected"),
    [
        ((0, 0), (10, 0), (20, 0), 180),
        ((0, 0), (10, 0), (10, 10), 90),
        ((0, 0), (10, 0), (10, -10), 90),
        ((0, 0), (10, 0), (0, 0), 0),
        ((0, 0), (10, 0), (0, 10), 45),
        ((0, 0), (10, 0), (20, 10 * 3**0.5 / 3), 150),
        ((0, 0), (0, 0), (1, 1), np.nan),  # a ray without length
        ((0, 0), (np.nan, 0), (1, 1), np.nan),
        ((0, np.nan), (1, 0), (1, 1), np.nan),
    ],
)
def test_included_angles_by_hand(a: object, vertex: object, c: object, expected: float) -> None:
    found = included_angle(*(np.array(p, dtype=np.float64) for p in (a, vertex, c)))
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(point, st.floats(1, 500), st.floats(1, 500), st.floats(0, 180), degrees)
def test_an_angle_is_recovered_wherever_however_large_and_however_turned(
    vertex: FloatArray, first: float, second: float, angle: float, heading: float
) -> None:
    ray = turned(vector(1, 0), heading)
    a, c = vertex + first * ray, vertex + second * turned(ray, angle)
    assert included_angle(a, vertex, c) == pytest.approx(angle, abs=1e-6)
    assert included_angle(c, vertex, a) == pytest.approx(angle, abs=1e-6)


@given(st.floats(1e-6, 1e-3))
def test_a_nearly_straight_joint_keeps_its_precision(bend: float) -> None:
    # The arc cosine of a dot product gives 0 here.
    a, c = vector(-100, 0), 100 * turned(vector(1, 0), bend)
    assert 180 - included_angle(a, vector(0, 0), c) == pytest.approx(bend, rel=1e-3)


@pytest.mark.parametrize(
    ("u", "v", "expected"),
    [
        ((1, 0), (0, 1), 90),  # y points down: from right to down is clockwise
        ((0, 1), (1, 0), -90),
        ((1, 0), (-1, 0), 180),
        ((1, 0), (1, 0), 0),
        ((0, -1), (1, 0), 90),
        ((0, 0), (1, 0), np.nan),
        ((1, 0), (np.nan, 0), np.nan),
    ],
)
def test_turns_are_clockwise_on_the_screen(u: object, v: object, expected: float) -> None:
    found = signed_angle(np.array(u, dtype=np.float64), np.array(v, dtype=np.float64))
    assert found == pytest.approx(expected, nan_ok=True)


@given(point, point)
def test_a_turn_and_its_mirror_image_are_opposite(u: FloatArray, v: FloatArray) -> None:
    assume(length(u) > 1e-3 and length(v) > 1e-3)
    flip = vector(-1, 1)
    turn = signed_angle(u, v)
    assume(abs(turn) < 179.999)
    assert signed_angle(u * flip, v * flip) == pytest.approx(-turn, abs=1e-6)
    assert signed_angle(v, u) == pytest.approx(-turn, abs=1e-6)


@pytest.mark.parametrize(
    ("function", "v", "expected"),
    [
        (elevation, (0, -5), 90),  # straight up
        (elevation, (0, 5), -90),
        (elevation, (3, 0), 0),
        (elevation, (-3, 0), 0),
        (elevation, (2, -2), 45),
        (elevation, (-2, -2), 45),
        (elevation, (2, 2), -45),
        (side_lean, (0, -5), 0),
        (side_lean, (5, -5), 45),  # to the right of the picture
        (side_lean, (-5, -5), -45),
        (side_lean, (0, 5), 180),
        (azimuth, (1, 0, 0), 0),
        (azimuth, (1, -7, 1), 45),
        (azimuth, (1, 3, -1), -45),
        (azimuth, (-1, 0, 0), 180),
        (length, (3, 4), 5),
        (length, (3, np.nan), np.nan),
        (length, (2, -3, 6), 7),
        (length, (2, np.nan, 6), np.nan),
        (elevation, (np.nan, 1), np.nan),
        (side_lean, (np.nan, 1), np.nan),
        (azimuth, (np.nan, 1, 1), np.nan),
    ],
)
def test_headings_by_hand(function: Callable[[FloatArray], FloatArray], v: object, expected: float) -> None:
    assert function(np.array(v, dtype=np.float64)) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((100, 50), (0, 50), 0),
        ((100, 0), (0, 100), 45),  # her left side higher
        ((0, 0), (100, 100), 45),  # ... also seen from behind
        ((100, 100), (0, 0), -45),
        ((0, 0), (0, 100), 90),
    ],
)
def test_a_slope_is_hers_whichever_way_she_faces(left: object, right: object, expected: float) -> None:
    found = line_slope(np.array(left, dtype=np.float64), np.array(right, dtype=np.float64))
    assert found == pytest.approx(expected)


UP = (0, -1, 0)  # world y points down


@pytest.mark.parametrize(
    ("axis", "u", "v", "expected"),
    [
        (UP, (1, 0, 0), (0, 0, 1), 90),  # from her left, seen from above: away from the camera is anticlockwise
        (UP, (0, 0, 1), (1, 0, 0), -90),
        ((0, 1, 0), (1, 0, 0), (0, 0, 1), -90),
        ((0, -7, 0), (2, 0, 0), (3, 0, 3), 45),  # lengths do not matter
        (UP, (1, 5, 0), (1, -3, 1), 45),  # nor what lies along the axis
        ((0, 0, 1), (1, 0, 0), (0, 1, 0), 90),
        ((1, 0, 0), (0, 1, 0), (0, -1, 0), 180),
        (UP, (0, 2, 0), (1, 0, 0), np.nan),  # along the axis: no direction about it
        (UP, (1, 0, 0), (0, -2, 0), np.nan),
        ((0, 0, 0), (1, 0, 0), (0, 0, 1), np.nan),
        ((0, np.nan, 0), (1, 0, 0), (0, 0, 1), np.nan),
        (UP, (1, 0, 0), (0, np.nan, 1), np.nan),
    ],
)
def test_turns_about_an_axis_by_hand(axis: object, u: object, v: object, expected: float) -> None:
    found = turn_about(*(np.array(x, dtype=np.float64) for x in (axis, u, v)))
    assert found == pytest.approx(expected, nan_ok=True)


@given(degrees, degrees, st.floats(-5, 5))
def test_a_turn_about_the_vertical_is_the_difference_of_headings(a: float, b: float, rise: float) -> None:
    u = vector(np.cos(np.radians(a)), rise, np.sin(np.radians(a)))
    v = vector(np.cos(np.radians(b)), -rise, np.sin(np.radians(b)))
    found = turn_about(vector(0, -2, 0), u, v)
    assert wrap(found - (b - a)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("angle", "expected"), [(0, 0), (179, 179), (180, -180), (181, -179), (-181, 179), (540, -180), (725, 5)]
)
def test_angles_are_brought_into_one_turn(angle: float, expected: float) -> None:
    assert wrap(np.array(float(angle))) == pytest.approx(expected)


@given(degrees, st.integers(-3, 3))
def test_a_whole_turn_changes_nothing(angle: float, turns: int) -> None:
    found = float(wrap(np.array(angle + 360.0 * turns)))
    assert -180 <= found <= 180  # 180 itself only by rounding
    assert np.sin(np.radians(found)) == pytest.approx(np.sin(np.radians(angle)), abs=1e-9)
    assert np.cos(np.radians(found)) == pytest.approx(np.cos(np.radians(angle)), abs=1e-9)
