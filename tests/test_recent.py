"""The last seconds as landmarks: how far they reach, and how they are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from bodies import DOG, film, times

from posecheck.errors import OutputError
from posecheck.labels import load_set
from posecheck.recent import Corrections, Recent, keep_marked
from posecheck.recording import load_recording

NOW = datetime(2026, 11, 22, 20, 15, 3)  # her own clock


def filled(seconds: float = 30.0) -> Recent:
    recent = Recent(15.0)
    for pose in film(lambda t: DOG, times(seconds, 10.0)):
        recent.push(pose)
    return recent


def test_it_reaches_back_as_far_as_asked_and_begins_at_zero() -> None:
    pose = filled().take()
    assert pose is not None
    assert pose.t[0] == 0.0
    assert pose.t[-1] == pytest.approx(15.0, abs=0.11)


def test_nothing_yet_is_nothing() -> None:
    recent = Recent()
    assert recent.take() is None
    recent.push(film(lambda t: DOG, [0.0])[0])
    assert recent.take() is None


def test_a_picture_of_another_size_begins_anew() -> None:
    recent = filled(3.0)
    for turned in film(lambda t: DOG, times(2.0, 10.0, start=3.1)):
        recent.push(replace(turned, frame_size=np.array([480.0, 640.0])))
    pose = recent.take()
    assert pose is not None
    assert pose.t[-1] == pytest.approx(2.0)


def test_what_is_kept_is_a_labelled_recording(tmp_path: Path) -> None:
    pose = filled().take()
    assert pose is not None
    path = keep_marked(pose, "downward_dog", "elbows_bent", tmp_path, NOW)
    assert path == tmp_path / "downward_dog" / "2026-11-22_20-15-03_not_elbows_bent.npz"
    assert np.array_equal(load_recording(path).image, pose.image)
    (case,) = load_set(tmp_path, {"downward_dog": ["elbows_bent"]}).cases
    assert (case.label, case.mistakes, case.about) == ("downward_dog", (), ("elbows_bent",))


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    pose = filled().take()
    assert pose is not None
    (tmp_path / "recordings").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError):
        keep_marked(pose, "downward_dog", "elbows_bent", tmp_path / "recordings", NOW)


def test_of_each_correction_the_latest_stretch_is_there_until_it_is_dropped() -> None:
    corrections = Corrections()
    corrections.note("cat", "rocking")
    assert corrections.given() == ()  # nothing was seen before it
    for pose in film(lambda t: DOG, times(4.0, 10.0)):
        corrections.push(pose)
    corrections.note("downward_dog", "elbows_bent")
    corrections.note("downward_dog", "hips_low")
    for pose in film(lambda t: DOG, times(2.0, 10.0, start=4.1)):
        corrections.push(pose)
    corrections.note("downward_dog", "elbows_bent")
    hips, elbows = corrections.given()
    assert (hips.check, elbows.check) == ("hips_low", "elbows_bent")
    assert hips.pose is not None
    assert elbows.pose is not None
    assert len(hips.pose.t) < len(elbows.pose.t)
    corrections.drop(hips)
    assert corrections.given() == (elbows,)


def test_only_so_many_are_kept() -> None:
    corrections = Corrections()
    for pose in film(lambda t: DOG, times(1.0, 10.0)):
        corrections.push(pose)
    for i in range(20):
        corrections.note("cat", f"check_{i}")
    assert [given.check for given in corrections.given()] == [f"check_{i}" for i in range(14, 20)]
