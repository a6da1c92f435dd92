"""The rendered people through the real model: correct ones are left in peace, each mistake gets its own cue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from posecheck.cache import LandmarkCache, open_cache
from posecheck.library import Library
from posecheck.replay import PoseReader, Settings, judge

pytestmark = pytest.mark.model

SAMPLES = Path(__file__).parents[1] / "sample_videos"
LATE_S = 1.5
"""A cue may come so long after its mistake has ended: the movement back, and the smoothing."""
NOT_SEEN = {
    "letter_t_shoulder_lifted_gita": "a far shoulder that lifts looks like a pelvis that rolls: only asked for",
    "twist_hips_uneven_gita": "the hip line stays level in the picture while one sitting bone lifts",
}
"""Mistakes the camera does not show well enough yet: they may go uncued, but nothing else may be cued instead."""


def clips(library_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    manifest = json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))
    return [clip for clip in manifest["clips"] if clip["exercise"] in library_ids]


@pytest.fixture(scope="module")
def kept(library: Library, model: Path) -> LandmarkCache:
    """Return the user's cache, where clips are kept by their contents, the model and the code that reads them."""
    return open_cache(model, library.coaching.tracking)


@pytest.mark.parametrize(
    "clip", clips(("downward_dog", "cat", "child", "letter_t", "twist")), ids=lambda clip: Path(clip["file"]).stem
)
def test_a_sample_gets_its_cue_and_no_other(
    clip: dict[str, Any], library: Library, model: Path, kept: LandmarkCache
) -> None:
    exercise = library.exercises[clip["exercise"]]
    with PoseReader(lambda: model, library.coaching.tracking) as reader:
        pose = reader.read_kept(SAMPLES / clip["file"], kept)
    judgement = judge(pose, library, Settings(exercise.id))
    cues = [event for moment in judgement.moments for event in moment.events if event.kind == "cue"]
    wrong = {fault["id"]: fault for fault in clip["faults"]}
    assert {cue.id for cue in cues} <= set(wrong)
    if Path(clip["file"]).stem not in NOT_SEEN:
        assert {cue.id for cue in cues} == set(wrong)
    for cue in cues:
        fault = wrong[str(cue.id)]
        assert fault["start_s"] <= cue.t <= fault["end_s"] + LATE_S
    assert pose.person.mean() >= 0.99
    assert judgement.recognised[exercise.id] > 0.5
    others = {name: share for name, share in judgement.recognised.items() if name != exercise.id}
    # A downward dog begins and ends on all fours, which is where a cat is.
    assert all(share < 0.05 for name, share in others.items() if (exercise.id, name) != ("downward_dog", "cat"))
