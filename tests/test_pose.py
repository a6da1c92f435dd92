"""The one value every room passes around: its contract, its mirror, its pieces."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bodies import FRAME, all_fours, dog, seated
from hypothesis import given
from hypothesis import strategies as st

from posecheck.pose import (
    EDGES,
    MIRROR,
    N_LANDMARKS,
    PAIRS,
    Landmark,
    Pose,
    mirror,
    nobody,
    stack,
    unpack_silhouette,
)


def a_pose(lead: tuple[int, ...] = (), **changes: Any) -> Pose:
    values: dict[str, Any] = {
        "t": np.zeros(lead),
        "image": np.zeros((*lead, 33, 2)),
        "visibility": np.zeros((*lead, 33)),
        "world": np.zeros((*lead, 33, 3)),
        "frame_size": np.array(FRAME),
    }
    return Pose(**{**values, **changes})


def assert_same(a: Pose, b: Pose) -> None:
    for name in ("t", "image", "visibility", "world", "frame_size", "silhouette", "silhouette_scale"):
        x, y = getattr(a, name), getattr(b, name)
        assert (x is None) == (y is None), name
        if x is not None:
            np.testing.assert_array_equal(x, y, err_msg=name)


# --- names -------------------------------------------------------------------------------------------------------


def test_left_and_right_are_pairs_and_the_nose_has_none() -> None:
    assert len(PAIRS) == 16
    for name, (left, right) in PAIRS.items():
        assert left.name == f"LEFT_{name.upper()}"
        assert right.name == f"RIGHT_{name.upper()}"
    assert {x for pair in PAIRS.values() for x in pair} == set(Landmark) - {Landmark.NOSE}


def test_the_mirror_table_is_its_own_inverse() -> None:
    np.testing.assert_array_equal(MIRROR[MIRROR], np.arange(N_LANDMARKS))
    assert MIRROR[Landmark.LEFT_WRIST] == Landmark.RIGHT_WRIST
    assert MIRROR[Landmark.NOSE] == Landmark.NOSE


def test_the_skeleton_is_its_own_mirror() -> None:
    edges = {frozenset(edge) for edge in EDGES}
    assert {frozenset(Landmark(int(MIRROR[x])) for x in edge) for edge in edges} == edges
    assert len(edges) == len(EDGES) == 14


# --- contract ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lead", "changes", "message"),
    [
        ((), {"world": np.zeros((32, 3))}, "Pose.world must have shape (33, 3) to match Pose.t, got (32, 3)"),
        ((), {"image": np.zeros((33, 3))}, "Pose.image must have shape (33, 2) to match Pose.t, got (33, 3)"),
        ((4,), {"image": np.zeros((33, 2))}, "Pose.image must have shape (4, 33, 2) to match Pose.t, got (33, 2)"),
        ((2,), {"visibility": np.zeros(33)}, "Pose.visibility must have shape (2, 33) to match Pose.t, got (33,)"),
        ((), {"frame_size": np.zeros(3)}, "Pose.frame_size must have shape (2,) to match Pose.t, got (3,)"),
        (
            (),
            {"silhouette": np.zeros((192, 192), np.uint8), "silhouette_scale": np.array(0.3)},
            "Pose.silhouette must have shape (192, 24) to match Pose.t, got (192, 192)",
        ),
        (
            (2,),
            {"silhouette": np.zeros((2, 192, 24), np.uint8), "silhouette_scale": np.array(0.3)},
            "Pose.silhouette_scale must have shape (2,) to match Pose.t, got ()",
        ),
        (
            (),
            {"silhouette": np.zeros((192, 24), np.uint8)},
            "Pose.silhouette and Pose.silhouette_scale go together: give both or neither",
        ),
        (
            (),
            {"silhouette_scale": np.array(0.3)},
            "Pose.silhouette and Pose.silhouette_scale go together: give both or neither",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(
    lead: tuple[int, ...], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        a_pose(lead, **changes)


def test_nothing_to_stack() -> None:
    with pytest.raises(ValueError, match=re.escape("stack needs at least one pose, got none")):
        stack([])


def test_frames_of_two_sizes_do_not_stack() -> None:
    message = "poses to stack must come from frames of one size"
    with pytest.raises(ValueError, match=re.escape(message)):
        stack([nobody(0.0, (640, 480)), nobody(0.1, (1280, 720))])


# --- pieces ------------------------------------------------------------------------------------------------------


def test_nobody_is_unseen_everywhere() -> None:
    pose = nobody(1.5, FRAME)
    assert float(pose.t) == 1.5
    assert not pose.person
    for values in (pose.image, pose.visibility, pose.world):
        assert np.isnan(values).all()


def test_a_stack_gives_its_instants_back() -> None:
    poses = [dog(0.0), all_fours(0.1, turn=30.0), dog(0.2, near="left")]
    whole = stack(poses)
    assert whole.t.shape == (3,)
    assert whole.person.tolist() == [True] * 3
    for i, pose in enumerate(poses):
        assert_same(whole[i], pose)
    assert_same(whole[1:], stack(poses[1:]))


def test_an_instant_without_a_silhouette_among_others_gets_an_empty_one() -> None:
    whole = stack([dog(0.0), nobody(0.1, FRAME), dog(0.2, turn=None)])
    assert whole.person.tolist() == [True, False, True]
    assert whole.silhouette is not None
    assert whole.silhouette_scale is not None
    assert not whole.silhouette[1:].any()
    assert np.isnan(whole.silhouette_scale[1:]).all()
    assert stack([seated(0.0)]).silhouette is None


# --- mirror ------------------------------------------------------------------------------------------------------


@given(st.floats(-60, 60), st.sampled_from([(640.0, 480.0), (480.0, 640.0), (1280.0, 720.0)]))
def test_the_mirrored_body_is_the_same_body_facing_the_other_way(turn: float, size: tuple[float, float]) -> None:
    scale = 192 / max(size)
    one = dog(turn=turn, near="right", size=size, scale=scale)
    other = dog(turn=turn, near="left", size=size, scale=scale)
    seen = mirror(one)
    np.testing.assert_allclose(seen.image, other.image, atol=1e-9)
    np.testing.assert_array_equal(seen.visibility, other.visibility)
    assert seen.silhouette is not None
    assert other.silhouette is not None
    np.testing.assert_array_equal(seen.silhouette, other.silhouette)


def test_a_mirror_in_a_mirror_is_the_body_itself() -> None:
    for pose in (dog(), seated(twist=30.0), stack([all_fours(0.0), nobody(0.1, FRAME)])):
        twice = mirror(mirror(pose))
        np.testing.assert_allclose(twice.image, pose.image, atol=1e-9)
        np.testing.assert_array_equal(twice.world, pose.world)
        np.testing.assert_array_equal(twice.visibility, pose.visibility)
        if pose.silhouette is not None:
            assert twice.silhouette is not None
            np.testing.assert_array_equal(twice.silhouette, pose.silhouette)


def test_the_mirror_leaves_the_body_it_is_given_as_it_was() -> None:
    pose = seated(twist=20.0)
    before = replace(pose, image=pose.image.copy(), world=pose.world.copy(), visibility=pose.visibility.copy())
    mirror(pose)
    assert_same(pose, before)


def test_the_silhouette_is_mirrored_within_the_frame_not_within_its_square() -> None:
    packed = np.zeros((192, 24), np.uint8)
    packed[7, 0] = 0b1000_0000  # the leftmost pixel of row 7
    pose = replace(a_pose(frame_size=np.array([480.0, 640.0])), silhouette=packed, silhouette_scale=np.array(0.3))
    seen = mirror(pose)
    assert seen.silhouette is not None
    row, column = np.nonzero(unpack_silhouette(seen.silhouette))
    assert (row.tolist(), column.tolist()) == ([7], [143])  # the frame is 144 silhouette pixels wide
