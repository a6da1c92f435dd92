"""The bench: every stage is timed once, and inner stages are not counted twice. No time is asserted."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from bodies import DOG, film, times

from posecheck import bench, smoothing
from posecheck.errors import SourceError
from posecheck.library import Library
from posecheck.pose import stack
from posecheck.recording import save_recording
from posecheck.trace import follow

CLIP = Path(__file__).parents[1] / "sample_videos" / "downdog.mp4"


def test_time_inside_counts_for_the_inner_stage_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 1.0, 4.0, 10.0])  # judging 0 to 10, smoothing 1 to 4 within it
    monkeypatch.setattr(time, "perf_counter", lambda: next(now))
    watch = bench._Watch()
    with watch("judging"), watch("smoothing"):
        pass
    assert watch.take() == {"smoothing": 3.0, "judging": 7.0}
    assert watch.take() == {}


def test_a_measured_function_is_itself_again_afterwards() -> None:
    before = smoothing.euro_start
    watch = bench._Watch()
    with watch.on(smoothing, "euro_start", "smoothing"):
        assert smoothing.euro_start is not before
        smoothing.euro_start(3)
    assert smoothing.euro_start is before
    assert list(watch.take()) == ["smoothing"]


def test_the_costs_add_up_beside_the_inference() -> None:
    stages = {stage: np.full(20, 0.001) for stage in bench.STAGES}
    stages[bench.INFERENCE] = np.full(20, 0.015)
    result = bench.Costs("clip.mp4", "downward_dog", (640, 480), stages).describe()
    assert result["frames"] == 20
    assert result["stages"]["inference"] == {"mean_ms": 15.0, "median_ms": 15.0, "p95_ms": 15.0}
    assert result["beside_inference"] == {"mean_ms": 6.0, "median_ms": 6.0, "p95_ms": 6.0}
    lines = bench.table(result)
    assert lines[0] == "clip.mp4, 640x480, 20 frames, judged as downward_dog; on one core, the least of 3 runs"
    assert lines[-1].split() == ["everything", "but", "the", "inference", "6.00", "6.00", "6.00"]


def test_only_a_video_can_be_measured(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"x")
    sentence = f"{tmp_path / 'a.npz'} is not a video. Give bench a video of a few seconds."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        bench.measure(tmp_path / "a.npz", "downward_dog", library, Path("model.task"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process to one core")
def test_measuring_on_one_core_leaves_the_others_afterwards() -> None:
    before = os.sched_getaffinity(0)
    with bench._on_one_core(1):
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


@pytest.mark.model
def test_every_stage_of_a_real_clip_is_measured(
    library: Library, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    result = bench.measure(CLIP, "downward_dog", library, model).describe()
    assert list(result["stages"]) == list(bench.STAGES)
    assert result["frames"] == 90 - bench.WARM_UP
    assert all(cost["mean_ms"] > 0 for cost in result["stages"].values())


def test_a_replay_is_compared_with_the_inference_just_before_and_after_it() -> None:
    # The machine is half as fast for the second round, and slows down within the first.
    alone = [2.0, 2.0, 2.4, 4.0, 4.0, 4.0, 4.0]
    replays = {
        "analyse": [(2.1, 2.0), (4.2, 4.0)],
        "annotate": [(2.64, 2.4), (4.8, 4.0)],
        "annotate_auto": [(4.0, 3.2), (5.0, 4.0)],
    }
    result = bench.Overlap(alone, replays).describe()
    assert result["analyse_ratio"] == 1.05
    assert result["annotate_ratio"] == 1.2
    assert result["annotate_own_ratio"] == 1.15
    assert result["annotate_auto_ratio"] == 1.25
    assert result["annotate_auto"] == 4.5
    lines = bench.overlap_table(result)
    assert lines[1].split()[-1] == "4.00"
    assert lines[3].split() == ["analyse", "--annotate", "3.72", "1.20", "1.15"]


@pytest.mark.model
def test_every_way_of_replaying_a_real_clip_is_measured(
    library: Library, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "PAIRS", 1)
    result = bench.measure_overlap(CLIP, "downward_dog", library, model).describe()
    assert all(seconds > 0 for seconds in result.values())


def test_only_a_video_can_be_replayed_for_measuring(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"x")
    sentence = f"{tmp_path / 'a.npz'} is not a video. Give bench a video of a few seconds."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        bench.measure_overlap(tmp_path / "a.npz", "downward_dog", library, Path("model.task"))


def test_a_moved_band_is_judged_in_every_recording(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "INSTANTS", 1000)
    limit = library.exercises["downward_dog"].checks[0].limits[0]
    assert limit.measure == "hip_angle"
    assert limit.max is not None
    hip = (limit.max.good + limit.max.ok) / 2
    low = stack(film(lambda t: {**DOG, "hip": hip}, times(8.0, 10.0)))
    save_recording(tmp_path / "low.npz", low)
    found = bench.measure_rejudging(tmp_path / "low.npz", "downward_dog", library, Path("model.task"))
    assert found is not None
    trace, _ = follow(library.exercises["downward_dog"], library, low)
    assert found.instants == found.recordings * len(trace.t) >= 1000
    assert found.knob == "hips_low: hip_angle max"
    assert found.changed == found.recordings  # her hips were fine, and are a fault now
    told = found.describe()
    assert told["instants"] == found.instants
    lines = bench.rejudging_table(told)
    assert lines[0] == f"{found.instants} instants of {found.recordings} recordings, {found.knob} moved"


def test_where_nothing_is_judged_nothing_is_judged_again(library: Library) -> None:
    assert bench.measure_rejudging(CLIP, "fitball", library, Path("model.task")) is None
