"""A video on its way through: what is kept, what is drawn, and what is left behind when it is stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from posecheck import replay, survey
from posecheck.ahead import Ahead
from posecheck.analysis import describe
from posecheck.annotate import GROUND
from posecheck.capture import open_video
from posecheck.drawing import AMBER, GREEN, LIGHT
from posecheck.files import to_json
from posecheck.judgement import Settings, judge
from posecheck.library import Library
from posecheck.outputs import Outputs
from posecheck.pose import EDGES, Landmark, Pose, nobody, stack
from posecheck.reader import PoseReader, Seen
from posecheck.recording import PoseLog, load_recording
from posecheck.replay import analyse

RECORDINGS = Path(__file__).parent / "data" / "recordings"
SIZE = (320, 240)
JOINTS = sorted({end for edge in EDGES for end in edge})


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 90 pictures without anything in them, at the times of the recordings."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        ground = np.full((SIZE[1], SIZE[0], 3), GROUND, np.uint8)
        for i in range(90):
            frame = av.VideoFrame.from_ndarray(ground, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 15)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


class Actor(PoseReader):
    """Sees in every video the body of a recording, instant by instant, as if the model had found it there."""

    part: Pose

    @contextmanager
    def stream(self, source: Path, *, silhouette: bool, warn: Any = None) -> Iterator[Iterator[Seen]]:
        with open_video(source) as video, Ahead(video) as frames:

            def look() -> Iterator[Seen]:
                for i, frame in enumerate(frames):
                    yield Seen(frame, self.part[i], video.fraction(frame.t))

            with Ahead(look()) as seen:
                yield seen


@pytest.fixture
def act(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the reader see a recording in place of the model's eyes."""

    def choose(pose: Pose) -> None:
        monkeypatch.setattr(Actor, "part", pose, raising=False)
        monkeypatch.setattr(replay, "PoseReader", Actor)

    return choose


def no_model() -> Path:
    raise AssertionError("the model is played by a recording")


@pytest.mark.parametrize("name", ["downdog_bad", "catcow"])
@pytest.mark.parametrize("named", [False, True])
def test_a_video_is_judged_as_its_recording_is(
    library: Library, clip: Path, act: Any, name: str, named: bool, tmp_path: Path
) -> None:
    act(load_recording(RECORDINGS / f"{name}.npz"))
    expected = analyse(RECORDINGS / f"{name}.npz", library, model=no_model)
    settings = Settings(expected["exercise"]) if named else Settings()
    outputs = Outputs(csv=tmp_path / "a.csv", annotate=tmp_path / "a.mp4", record=tmp_path / "a.npz")
    analysis = analyse(clip, library, settings, outputs, model=no_model)
    assert analysis == expected | {"source": "clip.mp4"}
    again = analyse(tmp_path / "a.npz", library, settings, model=no_model)
    assert again == expected | {"source": "a.npz"}


def test_an_exercise_that_leads_only_at_first_is_not_what_is_drawn(
    library: Library, clip: Path, act: Any, tmp_path: Path
) -> None:
    cat, dog = load_recording(RECORDINGS / "catcow.npz"), load_recording(RECORDINGS / "downdog.npz")
    # A cat for 2 s, a dog for 4: at the first looks the cat leads.
    order = [cat[i] for i in range(30)] + [dog[i] for i in range(30, 90)]
    mixed = stack([replace(pose, t=np.asarray(i / 15)) for i, pose in enumerate(order)])
    act(mixed)
    monkey = pytest.MonkeyPatch()
    monkey.setattr(survey, "_STRETCH", 8)
    try:
        analysis = analyse(clip, library, outputs=Outputs(annotate=tmp_path / "a.mp4"), model=no_model)
    finally:
        monkey.undo()
    assert analysis["exercise"] == "downward_dog"
    expected = describe("clip.mp4", judge(mixed, library, Settings()), library)
    assert analysis == expected
    assert skeletons(tmp_path / "a.mp4") == [green_or_light(row) for row in counting(analysis)]


def test_the_drawing_is_what_the_analysis_says_frame_by_frame(
    library: Library, clip: Path, act: Any, tmp_path: Path
) -> None:
    body = load_recording(RECORDINGS / "downdog_bad.npz")
    # She jumps to and fro, and is out of the picture for a moment: no picture is like the one before or after.
    jump = np.where(np.arange(90) % 2 == 0, -40, 40)[:, None, None] * np.array([1.0, 0.0])
    body = replace(body, image=body.image + jump)
    body.image[:, [Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW], 1] += 40  # bent: something to say
    body = stack([body[i] if not 10 <= i < 14 else nobody(float(body.t[i]), (640, 480)) for i in range(90)])
    act(body)
    outputs = Outputs(annotate=tmp_path / "a.mp4", record=tmp_path / "a.npz")
    analysis = analyse(clip, library, Settings("downward_dog"), outputs, model=no_model)
    (tmp_path / "a.json").write_text(to_json(analysis), encoding="utf-8")
    timeline = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["timeline"]
    seen = load_recording(tmp_path / "a.npz")
    scale = SIZE[0] / 640

    with open_video(tmp_path / "a.mp4") as film:
        frames = list(film)
    assert [round(frame.t, 3) for frame in frames] == pytest.approx([row["t"] for row in timeline], abs=0.001)
    pictures = [frame.image[: SIZE[1]] for frame in frames]
    drawn = [np.argwhere(np.abs(p.astype(int) - GROUND).max(axis=2) > 90) for p in pictures]
    assert [len(d) > 0 for d in drawn] == [row["person"] for row in timeline]
    for i, pixels in enumerate(drawn):
        if len(pixels):
            # The drawing reaches as far as the limbs do; those of its neighbours are 40 px away.
            limbs = [joint for joint in JOINTS if seen.visibility[i, joint] >= 0.5]
            across, down = (seen.image[i, limbs] * scale).T
            assert pixels[:, 1].min() == pytest.approx(across.min(), abs=16)  # or the head does
            assert pixels[:, 1].max() == pytest.approx(across.max(), abs=16)
            assert pixels[:, 0].max() == pytest.approx(down.max(), abs=8)
    cue = next(event for event in analysis["events"] if event["kind"] == "cue")
    at = next(i for i, row in enumerate(timeline) if row["t"] == cue["t"])
    assert skeletons(tmp_path / "a.mp4") == [
        # While something is to be put right, that part alone is coloured.
        green_or_light(runs and row["t"] < cue["t"]) if row["person"] else "none"
        for row, runs in zip(timeline, counting(analysis), strict=True)
    ]
    assert [share_of(p, AMBER) > 0.001 for p in pictures] == [row["t"] >= cue["t"] for row in timeline]
    # The sentence stands from its very picture on, in its colour.
    strips = [frame.image[SIZE[1] :] for frame in frames]
    assert [share_of(strip, AMBER) > 0.005 for strip in strips[:at]] == [False] * at
    assert all(share_of(strip, AMBER) > 0.005 for strip in strips[at : at + 15])


def counting(analysis: dict[str, Any]) -> list[bool]:
    """Return for each instant whether the hold's clock runs, from the events alone."""
    runs, rows = False, []
    for row in analysis["timeline"]:
        for event in analysis["events"]:
            if event["t"] == row["t"]:
                runs = event["kind"] == "counting" or (runs and event["kind"] not in ("paused", "held", "left"))
        rows.append(runs and row["phase"] not in ("out", "away", "leave"))
    return rows


def green_or_light(runs: bool) -> str:
    return "green" if runs else "light"


def skeletons(path: Path) -> list[str]:
    """Return the colour of the skeleton in each picture of a film."""
    with open_video(path) as film:
        return [colour_of(frame.image[: SIZE[1]]) for frame in film]


def colour_of(picture: np.ndarray[Any, Any]) -> str:
    green, light = share_of(picture, GREEN), share_of(picture, LIGHT)
    if max(green, light) < 0.0005:
        return "none"
    return "green" if green > light else "light"


def share_of(picture: np.ndarray[Any, Any], colour: tuple[int, int, int]) -> float:
    """Return the share of pixels near a colour; the video's coarse colours blur it."""
    return float((np.abs(picture.astype(int) - colour).max(axis=2) < 60).mean())


# --- bounds and ends ------------------------------------------------------------------------------------------


def test_poses_are_kept_only_where_they_are_needed(
    library: Library, clip: Path, act: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(load_recording(RECORDINGS / "downdog.npz"))
    kept: list[Pose] = []
    monkeypatch.setattr(PoseLog, "append", lambda self, pose: kept.append(pose))
    analyse(clip, library, Settings("downward_dog"), Outputs(annotate=tmp_path / "a.mp4"), model=no_model)
    assert kept == []
    looked = survey.Survey(library)
    for _ in range(10 * survey._STRETCH + 5):
        looked.add(nobody(0.0, (640, 480)))
        assert len(looked._waiting) < survey._STRETCH


def test_a_log_gives_back_what_it_was_given() -> None:
    pose = load_recording(RECORDINGS / "catcow.npz")
    log = PoseLog()
    for i in range(len(pose.t)):
        log.append(pose[i])
    whole = log.whole()
    for name in ("t", "image", "visibility", "world", "silhouette", "silhouette_scale"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(pose, name))
    log.append(nobody(7.0, (640, 480)))
    assert log[-1].silhouette is None
    whole = log.whole()
    assert whole.silhouette is not None
    assert whole.silhouette_scale is not None
    assert not whole.silhouette[-1].any()
    assert np.isnan(whole.silhouette_scale[-1])


@pytest.mark.parametrize("exercise", ["auto", "downward_dog"])
@pytest.mark.parametrize("at", [1, 30, 89])
def test_stopped_it_leaves_nothing_behind(
    library: Library, clip: Path, act: Any, tmp_path: Path, exercise: str, at: int
) -> None:
    act(load_recording(RECORDINGS / "downdog.npz"))
    told: list[float | None] = []

    def press_ctrl_c(fraction: float | None, what: str) -> None:
        told.append(fraction)
        if len(told) >= at:
            raise KeyboardInterrupt

    outputs = Outputs(csv=tmp_path / "a.csv", annotate=tmp_path / "a.mp4", record=tmp_path / "a.npz")
    with pytest.raises(KeyboardInterrupt):
        analyse(clip, library, Settings(exercise), outputs, model=no_model, progress=press_ctrl_c)
    assert list(tmp_path.iterdir()) == []
    assert len(told) == at


@pytest.mark.parametrize("exercise", ["auto", "downward_dog"])
def test_progress_only_rises(library: Library, clip: Path, act: Any, tmp_path: Path, exercise: str) -> None:
    act(load_recording(RECORDINGS / "downdog.npz"))
    told: list[float] = []
    analyse(
        clip,
        library,
        Settings(exercise),
        Outputs(annotate=tmp_path / "a.mp4"),
        model=no_model,
        progress=lambda fraction, what: told.append(fraction or 0.0),
    )
    assert told == sorted(told)
    assert 0.97 < told[-1] <= 1.0
