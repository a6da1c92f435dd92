"""Replay: sums over media time computed by hand, and recordings through the real definitions."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from posecheck.analysis import describe, failed_items
from posecheck.capture import open_video
from posecheck.columns import write_csv
from posecheck.errors import OutputError, PosecheckError, SourceError
from posecheck.files import to_json, write_json
from posecheck.judgement import Judgement, Settings, judge
from posecheck.ledger import Ledger, intervals
from posecheck.library import Library
from posecheck.moment import Event, Moment
from posecheck.outputs import Outputs
from posecheck.pose import Pose, nobody, stack
from posecheck.reader import PoseReader
from posecheck.recording import load_recording, save_recording
from posecheck.replay import analyse
from posecheck.spec import Exercise
from posecheck.survey import Survey, needs_silhouette

RECORDINGS = Path(__file__).parent / "data" / "recordings"
CLIPS = Path(__file__).parents[1] / "sample_videos"


def no_model() -> Path:
    raise AssertionError("a recording needs no model")


@pytest.fixture(scope="module")
def dog() -> Pose:
    return load_recording(RECORDINGS / "downdog.npz")


# --- sums computed by hand ------------------------------------------------------------------------------------


def an_exercise(*checks: str, advice: Sequence[str] = ()) -> Exercise:
    """Return as much of an exercise as the sums look at."""
    every = [SimpleNamespace(id=name) for name in (*checks, *advice)]
    return cast(Exercise, SimpleNamespace(id="dog", checks=every, advice=tuple(advice)))


def a_library() -> Library:
    return cast(Library, SimpleNamespace(coaching=SimpleNamespace(accept_share=0.8)))


def a_judgement(times: Sequence[float], moments: Sequence[Mapping[str, Any]]) -> Judgement:
    """Return a judgement of an empty picture with the given moments, in pose unless they say otherwise."""
    pose = stack([nobody(t, (640, 480)) for t in times])
    usual: dict[str, Any] = {"person": True, "in_pose": True, "phase": "hold"}
    told = tuple(Moment(t, **(usual | dict(more))) for t, more in zip(times, moments, strict=True))
    return Judgement(pose, an_exercise("knees", "back", advice=["breath"]), told, {"dog": 1.0}, "side")


def summary_of(times: Sequence[float], moments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    summary = describe("clip.mp4", a_judgement(times, moments), a_library())["summary"]
    assert isinstance(summary, dict)
    return summary


@pytest.mark.parametrize(
    ("times", "expected"),
    [([0.0], [0]), ([0, 0.1], [0.1, 0.1]), ([0, 0.1, 0.4, 0.5], [0.1, 0.3, 0.1, 0.1]), ([], [])],
)
def test_every_instant_lasts_until_the_next(times: Sequence[float], expected: Sequence[float]) -> None:
    assert intervals(np.array(times)) == pytest.approx(expected)


def test_seconds_are_media_seconds_whatever_the_frame_rate() -> None:
    # One slow picture of 2 s at fault among fast ones: frame counts would say a quarter, time says 2 / 2.3.
    summary = summary_of([0, 0.1, 2.1, 2.2], [{}, {"faults": ("knees",)}, {}, {}])
    assert summary["in_pose_s"] == 2.3
    assert summary["faults"] == {"knees": {"seconds": 2.0, "share": 0.87}}


def test_faults_are_summed_in_the_pose_only() -> None:
    out = {"in_pose": False, "phase": "out", "faults": ("knees",)}
    summary = summary_of([0, 1, 2, 3], [out, {"faults": ("knees", "back")}, {"faults": ("back",)}, {}])
    assert summary["in_pose_s"] == 3.0
    assert summary["faults"] == {
        "knees": {"seconds": 1.0, "share": 0.333},
        "back": {"seconds": 2.0, "share": 0.667},
    }


@pytest.mark.parametrize(
    ("at_fault", "advice", "accepted"),
    [(0, 0, True), (2, 0, True), (3, 0, False), (0, 10, True), (10, 0, False)],
)
def test_accepted_is_four_fifths_of_the_pose_without_fault(at_fault: int, advice: int, accepted: bool) -> None:
    moments: list[dict[str, Any]] = [{} for _ in range(10)]
    for moment in moments[:at_fault]:
        moment["faults"] = ("knees",)
    for moment in moments[:advice]:
        moment["faults"] = (*moment.get("faults", ()), "breath")
    assert summary_of([i / 10 for i in range(10)], moments)["accepted"] is accepted


def test_never_in_the_pose_is_not_accepted() -> None:
    summary = summary_of([0, 1], [{"in_pose": False}, {"in_pose": False}])
    assert summary["accepted"] is False
    assert summary["in_pose_s"] == 0.0


def test_held_seconds_go_on_through_pauses_and_new_holds() -> None:
    held = [0.0, 1.0, 1.0, 2.0, 0.0, 0.5]  # a pause at 1 s, a second hold from 0
    summary = summary_of(range(6), [{"held_s": h} for h in held])
    assert summary["held_s"] == 2.5


def test_cycles_sides_and_cues_are_the_trainers() -> None:
    cue = Event(1.0, "cue", id="knees", text="Soften your knees.")
    first = {"events": (Event(0.0, "cycle", count=4), Event(0.0, "cycle", id="neck", count=1))}
    last = {"sides_s": {"left": 2.0, "right": 0.5}, "events": (Event(1.0, "cycle", count=5), cue)}
    summary = summary_of([0, 1], [first, last])
    assert summary["cycles"] == 3
    assert summary["sides"] == {"left": 2.0, "right": 0.5}
    assert summary["cues"] == 1


def test_a_photograph_has_shares_but_no_seconds() -> None:
    analysis = describe("a.jpg", a_judgement([0], [{"faults": ("knees",)}]), a_library())
    assert analysis["duration_s"] == 0.0
    assert analysis["summary"]["in_pose_s"] == 0.0
    assert analysis["summary"]["faults"] == {"knees": {"seconds": 0.0, "share": 1.0}}
    assert analysis["summary"]["accepted"] is False
    assert describe("a.jpg", a_judgement([0], [{}]), a_library())["summary"]["accepted"] is True
    outside = a_judgement([0], [{"in_pose": False}])
    assert describe("a.jpg", outside, a_library())["summary"]["accepted"] is False


def test_the_shape_of_an_analysis() -> None:
    moment = {
        "measures": {"knee_angle": 171.26, "back_turn": -0.04, "hidden": np.nan},
        "faults": ("knees",),
        "unknown": ("head",),
        "events": (
            Event(0.12345, "entered"),
            Event(0.12345, "cue", id="knees", text="Soften your knees."),
            Event(0.12345, "held", seconds=8.00049, side="left"),
            Event(0.12345, "cycle", count=2),
        ),
    }
    analysis = describe("clip.mp4", a_judgement([0, 0.12345], [{}, moment]), a_library())
    assert list(analysis) == [
        *("schema", "source", "exercise", "view", "duration_s", "frames", "frame_size", "person_frames"),
        *("recognised", "timeline", "events", "summary"),
    ]
    assert analysis["schema"] == "posecheck/analysis@1"
    assert analysis["exercise"] == "dog"
    assert analysis["frame_size"] == [640, 480]
    assert analysis["duration_s"] == 0.247
    assert analysis["timeline"][1] == {
        "t": 0.123,
        "person": True,
        "in_pose": True,
        "phase": "hold",
        "measures": {"knee_angle": 171.3, "back_turn": 0.0},
        "faults": ["knees"],
        "unknown": ["head"],
    }
    assert "-0.0" not in to_json(analysis)
    assert analysis["events"] == [
        {"t": 0.123, "kind": "entered"},
        {"t": 0.123, "kind": "cue", "id": "knees", "text": "Soften your knees."},
        {"t": 0.123, "kind": "held", "seconds": 8.0, "side": "left"},
        {"t": 0.123, "kind": "cycle", "count": 2},
    ]


def test_the_csv_has_one_row_a_frame(tmp_path: Path) -> None:
    moments = [
        {"measures": {"knee_angle": 171.26}, "side": "left", "held_s": 0.25, "events": (Event(0.0, "cycle"),)},
        {
            "in_pose": False,
            "phase": "out",
            "measures": {"hip_angle": 90.0},
            "faults": ("knees", "back"),
            "unknown": (),
        },
    ]
    write_csv(tmp_path / "out.csv", Ledger(a_judgement([0, 0.5], moments).moments))
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        [
            "t",
            "person",
            "in_pose",
            "phase",
            "side",
            "held_s",
            "cycles",
            "knee_angle",
            "hip_angle",
            "faults",
            "unknown",
            "look",
        ],
        ["0.0", "1", "1", "hold", "left", "0.25", "1", "171.3", "", "", "", "1"],
        ["0.5", "1", "0", "out", "", "0.0", "1", "", "90.0", "knees back", "", "1"],
    ]


# --- recordings through the real definitions ------------------------------------------------------------------


def test_a_recording_needs_no_model(library: Library) -> None:
    analysis = analyse(RECORDINGS / "downdog.npz", library, model=no_model)
    assert analysis["exercise"] == "downward_dog"
    assert analysis["view"] == "side"
    assert analysis["summary"]["accepted"] is True
    assert set(analysis["recognised"]) == set(library.exercises)
    json.loads(to_json(analysis))


def test_times_start_at_zero_wherever_the_recording_does(library: Library, dog: Pose, tmp_path: Path) -> None:
    save_recording(tmp_path / "late.npz", replace(dog, t=dog.t + 1000.0))
    late = analyse(tmp_path / "late.npz", library, model=no_model)
    assert late["timeline"][0]["t"] == 0.0
    assert late["summary"] == analyse(RECORDINGS / "downdog.npz", library, model=no_model)["summary"]


def test_recognised_does_not_depend_on_the_exercise_named(library: Library, dog: Pose) -> None:
    shares = [judge(dog, library, Settings(exercise)).recognised for exercise in ("auto", *library.exercises)]
    assert all(share == shares[0] for share in shares)


def test_recognised_is_a_share_of_the_frames_with_a_person(library: Library, dog: Pose) -> None:
    whole = judge(dog, library, Settings()).recognised["downward_dog"]
    gone = replace(dog, image=dog.image.copy(), visibility=dog.visibility.copy(), world=dog.world.copy())
    for array in (gone.image, gone.visibility, gone.world):
        array[:30] = np.nan
    rest = judge(gone, library, Settings())
    assert rest.recognised["downward_dog"] > whole
    assert describe("a", rest, library)["person_frames"] == len(dog.t) - 30
    assert rest.moments[0].phase == "away"


def test_an_empty_picture_is_no_exercise(library: Library) -> None:
    pose = stack([nobody(i / 15, (640, 480)) for i in range(30)])
    analysis = describe("clip.mp4", judge(pose, library, Settings()), library)
    assert analysis["exercise"] is None
    assert analysis["view"] == "unknown"
    assert analysis["person_frames"] == 0
    assert set(analysis["recognised"].values()) == {0.0}
    assert analysis["summary"]["accepted"] is False
    assert analysis["timeline"][3] == {
        "t": 0.2, "person": False, "in_pose": False, "phase": "away", "measures": {}, "faults": [], "unknown": [],
    }  # fmt: skip


@pytest.mark.filterwarnings("error")
def test_a_photograph_without_anybody_or_a_size(library: Library, tmp_path: Path) -> None:
    save_recording(tmp_path / "a.npz", nobody(0.0, (0, 0)))
    for exercise in ("auto", *library.exercises):
        analysis = analyse(tmp_path / "a.npz", library, Settings(exercise), model=no_model)
        assert analysis["frame_size"] == [0, 0]
        assert analysis["person_frames"] == 0
        assert analysis["summary"]["accepted"] is False


def test_one_frame_is_judged_as_a_photograph(library: Library, dog: Pose, tmp_path: Path) -> None:
    save_recording(tmp_path / "one.npz", dog[60:61])
    analysis = analyse(tmp_path / "one.npz", library, model=no_model)
    assert analysis["exercise"] == "downward_dog"
    assert analysis["frames"] == 1
    assert analysis["timeline"][0]["in_pose"] is True
    assert analysis["summary"]["accepted"] is True
    assert analysis["summary"]["in_pose_s"] == 0.0


def test_long_recordings_are_looked_at_in_pieces_with_the_same_result(library: Library, dog: Pose) -> None:
    whole, pieces, one_by_one = Survey(library), Survey(library), Survey(library)
    whole.add_all(dog, len(dog.t))
    pieces.add_all(dog, 7)
    for i in range(len(dog.t)):
        one_by_one.add(dog[i])
    for survey in (pieces, one_by_one):
        assert survey.choose("auto") is whole.choose("auto") is library.exercises["downward_dog"]
        assert survey.shares() == whole.shares()
        assert survey.view() == whole.view()


def test_the_silhouette_is_asked_for_only_when_needed(library: Library) -> None:
    assert needs_silhouette("auto", library)
    for name, exercise in library.exercises.items():
        assert needs_silhouette(name, library) == exercise.needs_silhouette


def test_an_exercise_that_does_not_exist(library: Library) -> None:
    sentence = "There is no exercise 'downwarddog'. Did you mean 'downward_dog'? Known: "
    with pytest.raises(PosecheckError, match=re.escape(sentence)):
        analyse(RECORDINGS / "downdog.npz", library, Settings("downwarddog"), model=no_model)


# --- folders --------------------------------------------------------------------------------------------------


def test_a_folder_is_done_to_its_end(library: Library, dog: Pose, tmp_path: Path) -> None:
    save_recording(tmp_path / "b.npz", dog[60:61])
    (tmp_path / "a.npz").write_bytes(b"no recording")
    save_recording(tmp_path / "c.npz", dog[61:62])
    seen: list[float | None] = []
    result = analyse(tmp_path, library, model=no_model, progress=lambda fraction, what: seen.append(fraction))
    assert result["schema"] == "posecheck/analysis-set@1"
    assert [item["source"] for item in result["items"]] == ["a.npz", "b.npz", "c.npz"]
    assert failed_items(result) == [
        "a.npz is not a landmark recording that can be read. "
        "Make it again with `posecheck analyse SOURCE --record OUT.npz`."
    ]
    assert result["items"][0].keys() == {"source", "error"}
    assert result["items"][1]["exercise"] == "downward_dog"
    assert seen == sorted(cast("list[float]", seen))
    assert seen[-1] == 1.0


def test_a_folder_with_outputs_gives_each_source_its_own(library: Library, dog: Pose, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    save_recording(sources / "a.npz", dog[60:62])
    save_recording(sources / "b.npz", dog[62:64])
    outputs = Outputs(csv=tmp_path / "tables", parquet=tmp_path / "columns", record=tmp_path / "records")
    analyse(sources, library, outputs=outputs, model=no_model)
    assert sorted(p.name for p in (tmp_path / "columns").iterdir()) == ["a.parquet", "b.parquet"]
    assert sorted(p.name for p in (tmp_path / "tables").iterdir()) == ["a.csv", "b.csv"]
    assert sorted(p.name for p in (tmp_path / "records").iterdir()) == ["a.npz", "b.npz"]


def test_a_folder_does_not_fit_into_a_file(library: Library, dog: Pose, tmp_path: Path) -> None:
    save_recording(tmp_path / "a.npz", dog[60:62])
    out = tmp_path / "out.csv"
    sentence = f"{tmp_path} is a folder and {out} is not. Give --csv a folder as well."
    with pytest.raises(OutputError, match=re.escape(sentence)):
        analyse(tmp_path, library, outputs=Outputs(csv=out), model=no_model)


def test_nothing_is_written_among_the_sources_of_a_folder(library: Library, dog: Pose, tmp_path: Path) -> None:
    save_recording(tmp_path / "a.npz", dog[60:62])
    sentence = f"--record would write among the sources in {tmp_path}. Give another folder."
    with pytest.raises(OutputError, match=re.escape(sentence)):
        analyse(tmp_path, library, outputs=Outputs(record=tmp_path), model=no_model)


# --- outputs --------------------------------------------------------------------------------------------------


def test_a_recording_of_a_recording_is_judged_the_same(library: Library, tmp_path: Path) -> None:
    outputs = Outputs(record=tmp_path / "again.npz")
    first = analyse(RECORDINGS / "downdog_bad.npz", library, outputs=outputs, model=no_model)
    again = analyse(tmp_path / "again.npz", library, model=no_model)
    assert again == first | {"source": "again.npz"}


@pytest.mark.parametrize(
    ("outputs", "sentence"),
    [
        (
            lambda here: Outputs(record=here / "a.npz"),
            lambda here: f"--record would overwrite the source {here / 'a.npz'}. Choose another name.",
        ),
        (
            lambda here: Outputs(csv=here),
            lambda here: f"{here} is a folder. Give --csv the name of a file.",
        ),
        (
            lambda here: Outputs(csv=here / "none" / "x.csv"),
            lambda here: f"The folder {here / 'none'} does not exist. Make it first, or give --csv another.",
        ),
        (
            lambda here: Outputs(csv=here / "x", record=here / "x"),
            lambda here: f"{here / 'x'} is named twice. Give --csv a file of its own.",
        ),
        (
            lambda here: Outputs(parquet=here / "a.npz"),
            lambda here: f"--parquet would overwrite the source {here / 'a.npz'}. Choose another name.",
        ),
        (
            lambda here: Outputs(annotate=here / "x.avi"),
            lambda here: "--annotate does not write x.avi. Give a name that ends in .mp4.",
        ),
        (
            lambda here: Outputs(record=here / "x.json"),
            lambda here: "--record does not write x.json. Give a name that ends in .npz.",
        ),
    ],
)
def test_outputs_that_cannot_be_are_refused_before_the_work(
    library: Library,
    dog: Pose,
    tmp_path: Path,
    outputs: Callable[[Path], Outputs],
    sentence: Callable[[Path], str],
) -> None:
    save_recording(tmp_path / "a.npz", dog[:3])
    before = (tmp_path / "a.npz").read_bytes()
    with pytest.raises(OutputError, match=re.escape(sentence(tmp_path))):
        analyse(tmp_path / "a.npz", library, outputs=outputs(tmp_path), model=no_model)
    assert (tmp_path / "a.npz").read_bytes() == before


def test_json_is_written_whole(library: Library, tmp_path: Path) -> None:
    analysis = analyse(RECORDINGS / "catcow.npz", library, model=no_model)
    write_json(tmp_path / "out.json", analysis)
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == analysis


def test_a_wrong_file_is_said_before_the_model_is_fetched(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video")
    (tmp_path / "a.jpg").write_text("no photograph")
    with PoseReader(no_model, library.coaching.tracking) as reader:
        for name in ("a.mp4", "a.jpg"):
            with pytest.raises(SourceError, match="can be read"):
                reader.read(tmp_path / name, silhouette=False)


# --- real pictures -------------------------------------------------------------------------------------------


def write_frames(path: Path, keep: Callable[[int], bool], size: tuple[int, int] | None = None) -> Path:
    """Write the chosen frames of the dog's clip as a video, each at its own time."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        with open_video(CLIPS / "downdog.mp4") as video:
            stream.width, stream.height = size or video.frame_size
            stream.pix_fmt = "yuv444p"
            stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
            for i, frame in enumerate(video):
                if keep(i):
                    picture = av.VideoFrame.from_ndarray(frame.image, format="rgb24")
                    picture = picture.reformat(stream.width, stream.height, "yuv444p")
                    picture.pts, picture.time_base = round(frame.t * 1000), Fraction(1, 1000)
                    container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


@pytest.mark.model
def test_a_correct_dog_is_held_without_a_cue(library: Library, model: Path) -> None:
    analysis = analyse(CLIPS / "downdog.mp4", library, model=lambda: model)
    assert analysis["exercise"] == "downward_dog"
    assert analysis["frame_size"] == [640, 480]
    assert analysis["frames"] == analysis["person_frames"] == 90
    assert analysis["duration_s"] == 6.0
    assert analysis["summary"]["held_s"] > 2.5
    assert analysis["summary"]["cues"] == 0
    assert analysis["summary"]["accepted"] is True


@pytest.mark.model
def test_a_rounded_dog_is_entered_and_corrected(library: Library, model: Path) -> None:
    analysis = analyse(CLIPS / "downdog_bad.mp4", library, Settings("downward_dog"), model=lambda: model)
    assert analysis["summary"]["in_pose_s"] > 2.5
    assert "back_rounded" in analysis["summary"]["faults"]
    assert analysis["summary"]["accepted"] is False


@pytest.mark.model
def test_a_cat_is_counted(library: Library, model: Path) -> None:
    analysis = analyse(CLIPS / "catcow.mp4", library, model=lambda: model)
    assert analysis["exercise"] == "cat"
    assert analysis["summary"]["cycles"] == 1
    assert {"cat", "cow"} <= {moment["phase"] for moment in analysis["timeline"]}


@pytest.mark.model
def test_a_width_that_is_no_multiple_of_four(library: Library, model: Path, tmp_path: Path) -> None:
    path = write_frames(tmp_path / "odd.mp4", lambda i: i >= 60, (637, 479))
    analysis = analyse(path, library, model=lambda: model)
    assert analysis["frame_size"] == [637, 479]
    assert analysis["recognised"]["downward_dog"] > 0.9


@pytest.mark.model
def test_a_video_of_one_frame_is_judged_as_a_photograph(library: Library, model: Path, tmp_path: Path) -> None:
    analysis = analyse(write_frames(tmp_path / "one.mp4", lambda i: i == 60), library, model=lambda: model)
    assert analysis["frames"] == 1
    assert analysis["exercise"] == "downward_dog"
    assert analysis["timeline"][0]["in_pose"] is True


@pytest.mark.model
def test_a_variable_frame_rate_keeps_its_seconds(library: Library, model: Path, tmp_path: Path) -> None:
    path = write_frames(tmp_path / "vfr.mkv", lambda i: i < 45 or i % 3 == 0)
    sparse = analyse(path, library, model=lambda: model)["summary"]
    full = analyse(RECORDINGS / "downdog.npz", library, model=no_model)["summary"]
    assert sparse["held_s"] == pytest.approx(full["held_s"], abs=0.5)


@pytest.mark.model
def test_a_photograph_and_its_recording_are_judged_alike(library: Library, model: Path, tmp_path: Path) -> None:
    import cv2

    with open_video(CLIPS / "downdog.mp4") as video:
        image = next(frame.image for frame in video if frame.t >= 4.0)
    cv2.imwrite(str(tmp_path / "dog.png"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    outputs = Outputs(record=tmp_path / "dog.npz", annotate=tmp_path / "dog.jpg")
    analysis = analyse(tmp_path / "dog.png", library, outputs=outputs, model=lambda: model)
    assert analysis["exercise"] == "downward_dog"
    assert analysis["summary"]["accepted"] is True
    again = analyse(tmp_path / "dog.npz", library, model=no_model)
    assert again == analysis | {"source": "dog.npz"}
    assert (tmp_path / "dog.jpg").stat().st_size > 1000


@pytest.mark.model
def test_a_video_that_breaks_off_is_analysed_as_far_as_it_goes(
    library: Library, model: Path, tmp_path: Path
) -> None:
    path = write_frames(tmp_path / "whole.mkv", lambda i: i < 40)
    data = path.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) * 2 // 3])
    warnings: list[str] = []
    analysis = analyse(tmp_path / "cut.mkv", library, model=lambda: model, warn=warnings.append)
    assert 5 < analysis["frames"] < 40
    assert len(warnings) == 1
    assert re.fullmatch(
        r"cut\.mkv breaks off after \d\.\d s of \d\.\d s; only that part was analysed\.", warnings[0]
    )


# --- goldens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["catcow", "downdog", "downdog_bad"])
def test_the_events_of_a_recording_stay_what_they_are(library: Library, name: str) -> None:
    """A change of definitions or judgement shows here; POSECHECK_UPDATE_GOLDENS=1 writes the new text."""
    analysis = analyse(RECORDINGS / f"{name}.npz", library, model=no_model)
    lines = [f"{analysis['exercise']} from the {analysis['view']}"]
    lines += [
        " ".join([f"{event['t']:.3f}", *(str(value) for key, value in event.items() if key not in ("t", "text"))])
        for event in analysis["events"]
    ]
    lines += [f"{key}: {value}" for key, value in analysis["summary"].items()]
    text = "\n".join(lines) + "\n"
    golden = RECORDINGS / f"{name}.txt"
    if os.environ.get("POSECHECK_UPDATE_GOLDENS"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
