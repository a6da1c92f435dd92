"""The rendered people through the real model: correct ones are left in peace, each mistake gets its own cue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posecheck.body import Body
from posecheck.instants import entered
from posecheck.library import Library
from posecheck.testing import assert_accepts, assert_faults, assert_no_cues, definitions, read_clip, watch

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("model")]

SAMPLES = Path(__file__).parents[1] / "sample_videos"
LATE_S = 1.5
"""A mistake may be shown so long after its end: the movement back, and the smoothing."""
NOT_SEEN = {
    "letter_t_shoulder_lifted_gita": "a far shoulder that lifts looks like a pelvis that rolls: only asked for",
    "twist_hips_uneven_gita": "the hip line stays level in the picture while one sitting bone lifts",
}
"""Mistakes the camera does not show well enough yet: they may go uncued, but nothing else may be cued instead."""

Clip = dict[str, Any]
CLIPS: list[Clip] = json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))["clips"]


def stem(clip: Clip) -> str:
    return Path(clip["file"]).stem


@pytest.fixture(scope="module")
def library() -> Library:
    """Return the definitions that the clips are judged with."""
    return definitions()


@pytest.mark.parametrize("clip", [clip for clip in CLIPS if not clip["faults"]], ids=stem)
def test_who_does_it_well_is_left_in_peace(clip: Clip) -> None:
    assert_accepts(clip["exercise"], SAMPLES / clip["file"])
    assert_no_cues(SAMPLES / clip["file"], exercise=clip["exercise"])


@pytest.mark.parametrize("clip", [clip for clip in CLIPS if clip["faults"]], ids=stem)
def test_a_mistake_gets_its_cue_and_no_other(clip: Clip) -> None:
    path = SAMPLES / clip["file"]
    made = {fault["id"]: (fault["start_s"], fault["end_s"] + LATE_S) for fault in clip["faults"]}
    assert_no_cues(path, exercise=clip["exercise"], but=made)
    said = watch(path, clip["exercise"]).cues
    assert [(t, check) for t, check in said if not made[check][0] <= t <= made[check][1]] == []
    if stem(clip) not in NOT_SEEN:
        for check, between in made.items():
            assert_faults(path, check, between=between, exercise=clip["exercise"])
        assert {check for _, check in said} == set(made)


@pytest.mark.parametrize("clip", CLIPS, ids=stem)
def test_what_is_shown_is_recognised_and_nothing_else(clip: Clip, library: Library) -> None:
    pose = read_clip(SAMPLES / clip["file"])
    assert pose.person.mean() >= 0.99
    body = Body.by_itself(pose, library.coaching.sight)
    share = {name: np.mean(entered(exercise, body)) for name, exercise in library.exercises.items()}
    assert share.pop(clip["exercise"]) > 0.5
    if clip["exercise"] == "downward_dog":
        share.pop("cat")  # it begins and ends on all fours, which is where a cat is
    assert max(share.values()) < 0.05, share
