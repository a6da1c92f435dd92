"""The laws a clip is tried by: mirrored, at other frame rates, with noise."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from bodies import DOG, FRAME, dog
from labelled import BENT, bent_dog, clip, measure, save_set

from posecheck.evaluation_page import print_tables
from posecheck.laws import add_noise, resample, same_cues
from posecheck.library import Library
from posecheck.pose import nobody, stack


def test_the_laws_of_a_clip_are_tried_and_shown(
    tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    where = save_set(tmp_path, downward_dog__bent=bent_dog(3.0, 6.0, 9.0), downward_dog__still=stack([dog()]))
    findings = measure(where, library, laws=True)[0].findings
    laws = findings[0].laws
    assert laws is not None
    assert laws.mirrored
    assert dict(laws.rates) == {10.0: True, 15.0: True, 30.0: True}
    assert (laws.changes, laws.jittered) == (2, 2)  # the elbows bend, and straighten again
    assert laws.seconds == pytest.approx(8.5, abs=0.5)
    assert findings[1].laws is None  # a photograph has no time
    print_tables(findings, library, 160)
    assert re.search(r"all +1 +100\.0 % +100\.0 % +100\.0 % +100\.0 % +2\.\d\d +0\.00", capsys.readouterr().out)


def test_cues_are_the_same_where_they_come_in_the_same_order_and_within_half_a_second() -> None:
    cues = [("bent", 4.0), ("low", 9.0)]
    assert same_cues(cues, [("bent", 4.5), ("low", 8.6)])
    assert not same_cues(cues, [("bent", 4.6), ("low", 9.0)])
    assert not same_cues(cues, cues[:1])
    assert not same_cues(cues, cues[::-1])


def test_another_frame_rate_lies_on_the_lines_between_frames() -> None:
    pose = clip((0.0, DOG), (1.0, BENT))
    own = resample(pose, 15.0)
    np.testing.assert_allclose(own.image, pose.image)
    half = resample(pose, 30.0)
    assert len(half.t) == 2 * len(pose.t) - 1
    np.testing.assert_allclose(half.image[1], (pose.image[0] + pose.image[1]) / 2)
    gap = stack([dog(0.0), nobody(0.1, FRAME), dog(0.2)])
    assert resample(gap, 20.0).person.tolist() == [True, False, False, False, True]


def test_a_frame_keeps_nothing_of_its_neighbours_at_its_own_time() -> None:
    """Nine fifteenths of a second are three fifths, but not to the last bit."""
    poses = [dog(i / 15) for i in range(30)]
    poses[10] = nobody(10 / 15, FRAME)
    pose = stack(poses)
    assert np.flatnonzero(~resample(pose, 10.0).person).tolist() == [7]  # the only one between two frames


def test_the_noise_is_a_share_of_her_torso() -> None:
    pose = stack([dog(t / 15) for t in range(200)])
    noise = add_noise(pose, 0.01).image - pose.image
    assert noise.std() == pytest.approx(0.01 * 130.0, rel=0.03)
    np.testing.assert_array_equal(add_noise(pose, 0.01).image, add_noise(pose, 0.01).image)
