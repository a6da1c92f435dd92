from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from posecheck.drawing import AMBER, GREEN, LIGHT, annotate_frame
from posecheck.pose import N_LANDMARKS, Landmark, Pose, nobody

SIZE = (320, 240)


def standing(visibility: float = 1.0) -> Pose:
    """A body facing the camera in the middle of the frame, limbs along the axes."""
    image = np.full((N_LANDMARKS, 2), 120.0)
    for side, x in (("LEFT", 190.0), ("RIGHT", 130.0)):
        for name, y in (("EAR", 40), ("SHOULDER", 70), ("HIP", 130), ("KNEE", 170), ("ANKLE", 215)):
            image[Landmark[f"{side}_{name}"]] = (x, y)
        outward = 1 if side == "LEFT" else -1
        image[Landmark[f"{side}_ELBOW"]] = (x + 30 * outward, 70)
        image[Landmark[f"{side}_WRIST"]] = (x + 60 * outward, 70)
        image[Landmark[f"{side}_FOOT_INDEX"]] = (x + 10 * outward, 220)
    image[Landmark.NOSE] = (160, 42)
    return replace(nobody(0.0, SIZE), image=image, visibility=np.full(N_LANDMARKS, visibility))


def grey(width: int = SIZE[0], height: int = SIZE[1]) -> NDArray[np.uint8]:
    return np.full((height, width, 3), 110, np.uint8)


def near(image: NDArray[np.uint8], x: float, y: float, colour: tuple[int, int, int], within: int = 75) -> bool:
    """Whether a pixel within 3 px of the point has about the colour."""
    patch = image[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4].reshape(-1, 3).astype(int)
    return bool((np.abs(patch - np.array(colour)).max(axis=1) < within).any())


def test_limbs_are_drawn_light_and_the_frame_given_stays_as_it_was() -> None:
    frame = grey()
    drawn = annotate_frame(frame, standing())
    assert (frame == 110).all()
    assert drawn.shape == frame.shape
    assert drawn.dtype == np.uint8
    assert near(drawn, 130, 100, LIGHT)  # her right side, between shoulder and hip
    assert (drawn[:20] == 110).all()


def test_only_the_part_at_fault_is_amber() -> None:
    arm = (Landmark.LEFT_SHOULDER, Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST)
    drawn = annotate_frame(grey(), standing(), arm, tone="adjust")
    assert near(drawn, 205, 70, AMBER, within=12)
    assert near(drawn, 235, 70, AMBER, within=12)
    assert not near(drawn, 115, 70, AMBER, within=40)
    assert not near(drawn, 190, 150, AMBER, within=40)


def test_a_landmark_without_a_limb_gets_a_ring() -> None:
    drawn = annotate_frame(grey(), standing(), [Landmark.LEFT_KNEE], tone="adjust")
    ring = (np.abs(drawn.astype(int) - np.array(AMBER)).max(axis=2) < 12).nonzero()
    assert ring[0].size
    assert abs(ring[0].mean() - 170) < 2
    assert abs(ring[1].mean() - 190) < 2


def test_a_head_landmark_colours_the_head() -> None:
    drawn = annotate_frame(grey(), standing(), [Landmark.NOSE, Landmark.LEFT_EAR], tone="adjust")
    rows, _ = (np.abs(drawn.astype(int) - np.array(AMBER)).max(axis=2) < 12).nonzero()
    assert rows.size
    assert rows.max() < 70


def test_good_is_green_all_over() -> None:
    drawn = annotate_frame(grey(), standing(), tone="good")
    assert near(drawn, 130, 100, GREEN)
    assert near(drawn, 190, 190, GREEN)


def test_what_cannot_be_seen_is_not_drawn() -> None:
    frame = grey()
    assert np.array_equal(annotate_frame(frame, nobody(0.0, SIZE)), frame)
    assert np.array_equal(annotate_frame(frame, standing(visibility=0.3)), frame)
    assert not np.array_equal(annotate_frame(frame, standing(visibility=0.3), min_visibility=0.2), frame)
    unseen = standing()
    unseen.visibility[Landmark.LEFT_KNEE] = 0.1
    drawn = annotate_frame(frame, unseen, [Landmark.LEFT_KNEE], tone="adjust")
    assert not near(drawn, 190, 150, LIGHT)
    assert (np.abs(drawn.astype(int) - np.array(AMBER)).max(axis=2) > 40).all()


def test_landmarks_far_outside_the_frame_are_harmless() -> None:
    pose = standing()
    pose.image[Landmark.LEFT_WRIST] = (1e12, -1e12)
    pose.image[Landmark.RIGHT_WRIST] = (np.inf, 0.0)
    drawn = annotate_frame(grey(), pose, tone="adjust", highlight=tuple(Landmark))
    assert drawn.shape == grey().shape
    everything_outside = replace(pose, image=pose.image + 5000.0)
    assert np.array_equal(annotate_frame(grey(), everything_outside), grey())


def test_a_pose_of_another_frame_size_is_scaled_to_the_picture() -> None:
    drawn = annotate_frame(grey(640, 480), standing())
    assert near(drawn, 260, 200, LIGHT)


@pytest.mark.parametrize("width", [637, 17, 1])
def test_any_picture_size_will_do(width: int) -> None:
    assert annotate_frame(grey(width, 200), standing(), tuple(Landmark), tone="adjust").shape == (200, width, 3)


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ValueError, match=re.escape("image must have shape (H, W, 3), got (240, 320)")):
        annotate_frame(grey()[..., 0], standing())
    many = Pose(
        np.zeros(2), np.zeros((2, 33, 2)), np.ones((2, 33)), np.zeros((2, 33, 3)), np.array(SIZE, dtype=np.float64)
    )
    with pytest.raises(ValueError, match=re.escape("pose must be of one instant, got 2 instants")):
        annotate_frame(grey(), many)


def test_a_frame_nobody_looks_at_again_is_drawn_on_itself() -> None:
    frame, copy = grey(), grey()
    drawn = annotate_frame(frame, standing(), in_place=True)
    assert drawn is frame
    assert np.array_equal(drawn, annotate_frame(copy, standing()))
    fixed = grey()
    fixed.flags.writeable = False
    assert np.array_equal(annotate_frame(fixed, standing(), in_place=True), drawn)
