"""A sample clip in the place of the camera."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from posecheck import folders
from posecheck.ui.clip import ClipTrack, samples_of


def test_the_manifest_says_which_clips_show_an_exercise(tmp_path: Path) -> None:
    assert samples_of("twist", tmp_path) == []
    (tmp_path / "manifest.json").write_text("[]")
    assert samples_of("twist", tmp_path) == []
    clips = [
        {"file": "bent.mp4", "exercise": "twist", "faults": [{"id": "leaning"}]},
        {"file": "other.mp4", "exercise": "cat", "faults": []},
        {"file": "straight.mp4", "exercise": "twist", "faults": []},
        {"file": "gone.mp4", "exercise": "lotus", "faults": []},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps({"clips": clips}))
    for name in ("bent.mp4", "other.mp4", "straight.mp4"):
        (tmp_path / name).touch()
    assert samples_of("twist", tmp_path) == [tmp_path / "straight.mp4", tmp_path / "bent.mp4"]
    assert samples_of("lotus", tmp_path) == []


def test_a_clip_goes_on_for_ever_with_times_that_only_rise(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_: float) -> None:
        return None

    async def run(track: ClipTrack, n: int) -> list[av.VideoFrame]:
        return [await track.recv() for _ in range(n)]

    monkeypatch.setattr("posecheck.ui.clip.asyncio.sleep", at_once)
    folder = folders.samples_folder()
    assert folder is not None
    track = ClipTrack(folder / "downdog.mp4", lead_s=1.0, pause_s=0.4, stay_s=2.0)
    frames = asyncio.run(run(track, 15 + 90 + 30 + 6 + 90 + 1))
    times = [frame.time for frame in frames]
    assert all(b - a == pytest.approx(1 / 15, abs=1e-3) for a, b in itertools.pairwise(times))
    first, last = frames[0].to_ndarray(format="rgb24"), frames[15 + 89].to_ndarray(format="rgb24")
    assert np.array_equal(frames[14].to_ndarray(format="rgb24"), first)  # the lead
    assert np.array_equal(frames[15 + 90 + 29].to_ndarray(format="rgb24"), last)  # the stay
    assert np.array_equal(frames[15 + 90 + 30 + 5].to_ndarray(format="rgb24"), first)  # and again
    track.stop()
    with pytest.raises(MediaStreamError):
        asyncio.run(track.recv())
