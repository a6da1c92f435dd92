"""The live shell without a browser: frames through a stub track."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from bodies import FRAME, all_fours, dog
from numpy.typing import NDArray
from streamlit_webrtc.process import AsyncVideoProcessTrack

from posecheck import live
from posecheck.capture import open_video
from posecheck.errors import ModelMissingError, PosecheckError
from posecheck.library import Library
from posecheck.live import LiveProcessor, MediaClock
from posecheck.pose import Pose, nobody
from posecheck.recent import Given
from posecheck.recorded import practices
from posecheck.recorder import Recorder
from posecheck.recording import load_recording
from posecheck.records import Record
from posecheck.routine import Item, Plan, Session
from posecheck.session import Problem, Settings, Snapshot
from posecheck.spec import Exercise

BRIGHT = 120.0
WIDTH, HEIGHT = (round(side) for side in FRAME)


@pytest.fixture
def downward_dog(exercise: Callable[[str], Exercise]) -> Exercise:
    return exercise("downward_dog")


# --- the clock ------------------------------------------------------------------------------------------------


def clock(raws: Sequence[float | None]) -> list[float | None]:
    media = MediaClock()
    return [media.step(raw) for raw in raws]


def test_media_time_starts_at_nought_and_follows_the_frames() -> None:
    assert clock([100.0, 100.1, 100.5]) == [0.0, pytest.approx(0.1), pytest.approx(0.5)]


@pytest.mark.parametrize(
    ("raws", "expected"),
    [
        ([1.0, 1.2, 1.1, 1.3], [0.0, 0.2, None, 0.3]),  # out of order: the late one is left out
        ([1.0, 1.2, 1.2], [0.0, 0.2, None]),  # twice the same
        ([50.0, 50.1, 0.0, 0.1], [0.0, 0.1, 0.1 + 1 / 15, 0.2 + 1 / 15]),  # set back: goes on
        ([0.0, 0.1, 9000.0, 9000.1], [0.0, 0.1, 0.1 + 1 / 15, 0.2 + 1 / 15]),  # set ahead: goes on
        ([0.0, 5.0], [0.0, 5.0]),  # nothing came for five seconds: they did pass
        ([None, None, None], [0.0, 1 / 15, 2 / 15]),  # no times at all
    ],
)
def test_media_time_only_moves_forward(raws: list[float | None], expected: list[float | None]) -> None:
    assert clock(raws) == [None if t is None else pytest.approx(t) for t in expected]


# --- the processor --------------------------------------------------------------------------------------------


class FakeLandmarker:
    """Gives the poses it was told to, and writes down what was asked of it."""

    def __init__(self, pose: Callable[[float], Pose] = dog) -> None:
        self.pose = pose
        self.images: list[NDArray[np.uint8]] = []
        self.times: list[float] = []
        self.threads: set[int] = set()
        self.closed = 0
        self.company = False

    def detect(self, image: NDArray[np.uint8], t: float) -> Pose:
        self.images.append(image.copy())
        self.times.append(t)
        self.threads.add(threading.get_ident())
        return self.pose(t)

    def close(self) -> None:
        self.closed += 1


def frame(t: float | None, value: int = 128, size: tuple[int, int] = (WIDTH, HEIGHT)) -> av.VideoFrame:
    image = np.full((size[1], size[0], 3), value, np.uint8)
    image[:, : size[0] // 4] = 20  # dark on the left: a mirrored picture would show
    made = av.VideoFrame.from_ndarray(image, format="rgb24")
    if t is not None:
        made.pts, made.time_base = round(t * 90_000), Fraction(1, 90_000)
    return made


@pytest.fixture
def session(library: Library, downward_dog: Exercise) -> Session:
    return Session(Plan((Item(downward_dog),)), library)


def test_the_newest_frame_is_judged_and_comes_back_with_a_skeleton(session: Session) -> None:
    landmarker = FakeLandmarker()
    processor = LiveProcessor(session, lambda: landmarker)
    out = asyncio.run(processor.recv_queued([frame(0.0, 10), frame(0.1, 20), frame(0.2, 130)]))
    assert len(out) == 1
    assert out[0].pts == frame(0.2).pts
    assert landmarker.times == [0.0]
    assert landmarker.images[0][0, -1, 0] == 130
    assert landmarker.images[0][0, 0, 0] == 20  # never mirrored before it is judged
    drawn = out[0].to_ndarray(format="rgb24")
    assert drawn[0, 0, 0] < 40
    assert not np.array_equal(drawn, landmarker.images[0])
    snapshot = processor.snapshot()
    assert snapshot.frames == 1
    assert snapshot.frame_size == (WIDTH, HEIGHT)
    assert snapshot.stage == "setup"


def test_a_large_picture_is_scaled_down_and_the_pose_drawn_in_its_place(session: Session) -> None:
    landmarker = FakeLandmarker()
    processor = LiveProcessor(session, lambda: landmarker)
    out = processor.recv(frame(0.0, size=(1920, 1080)))
    assert landmarker.images[0].shape == (540, 960, 3)
    assert (out.width, out.height) == (960, 540)


def test_brightness_reaches_the_set_up(session: Session) -> None:
    processor = LiveProcessor(session, lambda: FakeLandmarker(all_fours))
    processor.recv(frame(0.0, value=10))
    dark = processor.snapshot().setup
    processor.recv(frame(0.1, value=200))
    light = processor.snapshot().setup
    assert dark is not None
    assert light is not None
    assert (dark.parts["light"], light.parts["light"]) == ("adjust", "ok")


def test_late_frames_pass_through_unjudged(session: Session) -> None:
    landmarker = FakeLandmarker()
    processor = LiveProcessor(session, lambda: landmarker)
    for t in (0.0, 0.2, 0.1, 0.3):
        processor.recv(frame(t))
    assert landmarker.times == [0.0, pytest.approx(0.2), pytest.approx(0.3)]
    assert processor.snapshot().frames == 3


def test_a_failing_frame_does_not_stop_the_stream(
    session: Session, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(t: float) -> Pose:
        if t < 0.25:
            raise RuntimeError("a defect")
        return dog(t)

    processor = LiveProcessor(session, lambda: FakeLandmarker(fail))
    with caplog.at_level(logging.ERROR):
        for t in (0.0, 0.1, 0.2):
            sent = frame(t)
            assert processor.recv(sent) is sent
    assert processor.snapshot().problem == Problem(library.phrase("picture_problem", "en"))
    assert len(caplog.records) == 1  # told once, not fifteen times a second
    processor.recv(frame(0.3))
    assert processor.snapshot().problem is None
    assert processor.snapshot().frames == 1


def test_stopping_the_program_in_the_middle_of_a_frame_is_no_failure(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    def stopped(_: float) -> Pose:
        raise RuntimeError("cannot schedule new futures after shutdown")

    processor = LiveProcessor(session, lambda: FakeLandmarker(stopped))
    with caplog.at_level(logging.ERROR):
        processor.recv(frame(0.0))
        processor.recv(frame(0.1))
    assert not caplog.records


def test_a_missing_model_is_said_and_looked_for_again_later(session: Session) -> None:
    now = [0.0]
    opened: list[float] = []
    landmarker = FakeLandmarker()

    def open_landmarker() -> FakeLandmarker:
        opened.append(now[0])
        if now[0] < 5.0:
            raise ModelMissingError("No pose model here.", "Run `posecheck model`.")
        return landmarker

    processor = LiveProcessor(session, open_landmarker, wall=lambda: now[0])
    for i in range(80):
        now[0] = i / 10
        processor.recv(frame(now[0]))
        if i == 1:
            assert processor.snapshot().problem == Problem("No pose model here.", "Run `posecheck model`.")
    assert opened == [0.0, 5.0]
    assert processor.snapshot().problem is None
    assert landmarker.times


def test_the_landmarker_is_made_on_the_worker_thread_and_closed_once(session: Session) -> None:
    made_in: list[int] = []
    landmarker = FakeLandmarker()

    def open_landmarker() -> FakeLandmarker:
        made_in.append(threading.get_ident())
        return landmarker

    processor = LiveProcessor(session, open_landmarker)
    assert not made_in
    worker = threading.Thread(target=lambda: [processor.recv(frame(t / 10)) for t in range(3)])
    worker.start()
    worker.join()
    assert len(made_in) == 1
    assert made_in[0] != threading.get_ident()
    assert landmarker.threads == set(made_in)
    processor.on_ended()
    processor.on_ended()
    assert landmarker.closed == 1
    late = frame(1.0)
    assert processor.recv(late) is late
    assert len(made_in) == 1


def test_ending_before_the_first_frame_opens_nothing(session: Session) -> None:
    def refuse() -> FakeLandmarker:
        raise AssertionError("no landmarker is needed")

    processor = LiveProcessor(session, refuse)
    processor.on_ended()
    processor.recv(frame(0.0))
    assert processor.snapshot().problem is None


def test_settings_are_taken_over_with_the_next_frame(session: Session) -> None:
    processor = LiveProcessor(session, lambda: FakeLandmarker(all_fours))
    processor.recv(frame(0.0))
    processor.ask("pause")
    assert not processor.snapshot().paused
    processor.recv(frame(0.1))
    assert processor.snapshot().paused
    processor.update(Settings(talk="little"))
    processor.ask("resume")
    processor.recv(frame(0.2))
    assert not processor.snapshot().paused


def test_what_happens_is_written_down_as_it_does_and_where_she_stopped(session: Session) -> None:
    kept: list[Record] = []
    threads: set[int] = set()

    def keep(record: Record) -> None:
        kept.append(record)
        threads.add(threading.get_ident())

    processor = LiveProcessor(session, FakeLandmarker, keep=keep)
    for i in range(60):
        processor.recv(frame(i / 10))
    assert [record.kind for record in kept] == ["session_started", "exercise_started"]
    processor.on_ended()
    processor.on_ended()
    assert [record.kind for record in kept[2:]] == ["exercise_finished", "session_finished"]
    assert {record.outcome for record in kept[2:]} == {"stopped"}
    assert kept[2].unfinished_s > 0


def test_a_doubted_correction_is_kept_and_no_longer_asked_about(session: Session) -> None:
    kept: list[Record] = []
    marked: list[Given] = []
    processor = LiveProcessor(session, FakeLandmarker, keep=kept.append, mark=marked.append)
    for i in range(10):
        processor.recv(frame(i / 10))
    processor.corrections.note("downward_dog", "elbows_bent")
    processor.corrections.note("downward_dog", "head_lifted")
    session._records.append(Record("doubted", 1.0, exercise="downward_dog", check="elbows_bent"))
    processor.recv(frame(1.0))
    assert [(given.exercise, given.check) for given in marked] == [("downward_dog", "elbows_bent")]
    assert marked[0].pose is not None
    assert [given.check for given in processor.corrections.given()] == ["head_lifted"]
    assert "doubted" not in {record.kind for record in kept}


def test_stopping_needs_no_further_picture(session: Session) -> None:
    kept: list[Record] = []
    landmarker = FakeLandmarker()
    processor = LiveProcessor(session, lambda: landmarker, keep=kept.append)
    for i in range(20):
        processor.recv(frame(i / 10))
    processor.stop("dizzy")
    assert [record.kind for record in kept[2:]] == ["stopped_for", "exercise_finished", "session_finished"]
    assert kept[2].stop == "dizzy"
    assert kept[-1].outcome == "stopped"
    assert processor.snapshot().stage == "finished"
    assert processor.snapshot().frames == 20
    late = frame(2.0)
    assert processor.recv(late) is late
    assert processor.arrived == 21
    processor.on_ended()
    assert landmarker.closed == 1
    assert len(kept) == 5


def test_stopping_does_not_wait_for_a_model_on_its_way(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_STOP_WAIT_S", 0.01)
    kept: list[Record] = []
    opened, asked = threading.Event(), threading.Event()

    def open_slowly() -> FakeLandmarker:
        opened.set()
        asked.wait(20)
        return FakeLandmarker()

    processor = LiveProcessor(session, open_slowly, keep=kept.append)
    working = threading.Thread(target=processor.recv, args=(frame(0.0),))
    working.start()
    assert opened.wait(20)
    processor.stop("dizzy")
    asked.set()
    working.join()
    processor.on_ended()
    assert kept[-1].outcome == "stopped"


def test_what_cannot_be_written_is_said_and_tried_again(session: Session) -> None:
    kept: list[Record] = []
    full = [True]

    def keep(record: Record) -> None:
        if full[0]:
            raise PosecheckError("The disk is full.", "Make room, the practice goes on.")
        kept.append(record)

    processor = LiveProcessor(session, FakeLandmarker, keep=keep)
    out = processor.recv(frame(0.0))
    assert processor.snapshot().problem == Problem("The disk is full.", "Make room, the practice goes on.")
    assert out.pts == frame(0.0).pts
    full[0] = False
    processor.recv(frame(0.1))
    assert processor.snapshot().problem is None
    assert [record.kind for record in kept] == ["session_started", "exercise_started"]


def test_a_practice_is_recorded_where_she_asked_for_it_and_not_while_she_has_paused(
    session: Session, tmp_path: Path
) -> None:
    made = Recorder(tmp_path, datetime(2026, 11, 22, 20, 15, 3), video=True)
    landmarker = FakeLandmarker(all_fours)
    processor = LiveProcessor(session, lambda: landmarker, recorder=made)
    for i in range(20):
        processor.recv(frame(i / 10))
    processor.ask("pause")
    for i in range(20, 50):
        processor.recv(frame(i / 10))
    assert made.state.waits
    processor.ask("resume")
    for i in range(50, 60):
        processor.recv(frame(i / 10))
    assert not made.state.waits
    processor.on_ended()
    made.finish()
    (piece,) = practices(tmp_path)[0].pieces
    assert piece.exercise == "downward_dog"
    assert piece.landmarks is not None
    assert load_recording(piece.landmarks).t[-1] == pytest.approx(1.9 + 1.0 + 0.9)
    assert piece.video is not None
    with open_video(piece.video) as video:
        pictures = [shot.image for shot in video]
    assert len(pictures) == 30
    # As the camera gave it: no skeleton drawn in, and not mirrored.
    assert all(np.abs(image[:, 40:120].astype(int) - 20).max() < 12 for image in pictures)
    assert all(np.abs(image[:, 200:].astype(int) - 128).max() < 12 for image in pictures)


def test_a_recording_that_fails_leaves_the_practice_alone(session: Session, tmp_path: Path) -> None:
    (tmp_path / "practices").write_text("in the way", encoding="utf-8")
    made = Recorder(tmp_path / "practices", datetime(2026, 11, 22))
    processor = LiveProcessor(session, lambda: FakeLandmarker(all_fours), recorder=made)
    for i in range(10):
        processor.recv(frame(i / 10))
    assert processor.snapshot().frames == 10
    assert processor.snapshot().problem is None
    assert made.state.trouble == "failed"


def test_without_her_consent_not_one_file_is_written(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A practice with a set-up, a correction, a pause and an end leaves nothing on the disk."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME", "TMPDIR", "POSECHECK_DATABASE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    written: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and armed and isinstance(arguments[1], str) and set("wax+") & set(arguments[1]):
            written.append(str(arguments[0]))

    armed = [True]
    sys.addaudithook(watch)  # cannot be taken away again, hence the flag

    def pose(t: float) -> Pose:
        return all_fours(t) if t < 12 else dog(t, elbow=135.0)

    processor = LiveProcessor(session, lambda: FakeLandmarker(pose))
    said = set()
    for i in range(400):
        processor.recv(frame(i / 10, size=(64, 48)))
        said |= {saying.text for saying in processor.snapshot().sayings}
        if i in (380, 390):
            processor.ask("pause" if i == 380 else "stop")
    processor.on_ended()
    armed.clear()
    assert {check.say["en"] for check in session.plan.items[0].exercise.checks} & said
    assert processor.corrections.given()
    assert written == []
    assert list(tmp_path.rglob("*")) == []


def test_somebody_else_is_told_to_the_session(session: Session, library: Library) -> None:
    landmarker = FakeLandmarker(all_fours)
    landmarker.company = True
    processor = LiveProcessor(session, lambda: landmarker)
    said = set()
    for i in range(600):
        processor.recv(frame(i / 10, size=(64, 48)))
        said |= {saying.text for saying in processor.snapshot().sayings}
    assert library.phrase("somebody_else", "en") in said


@pytest.mark.parametrize(
    ("fps", "arrived", "slow"),
    [(15, 1, False), (5, 3, True), (5, 1, False)],
    ids=["keeps up", "drops frames", "a slow camera is not a slow computer"],
)
def test_a_slow_computer_is_told_once_and_not_for_ever(
    session: Session, fps: int, arrived: int, slow: bool
) -> None:
    now = [0.0]
    processor = LiveProcessor(session, FakeLandmarker, wall=lambda: now[0])
    told: list[bool] = []
    for i in range(25 * fps):
        now[0] = i / fps
        processor.process(frame(now[0], size=(160, 120)), arrived)
        told.append(processor.snapshot().slow)
    assert any(told) is slow
    assert not told[-1]
    assert sum(a != b for a, b in itertools.pairwise(told)) == (2 if slow else 0)
    assert processor.snapshot().pace == pytest.approx(fps, rel=0.05)


@pytest.mark.parametrize(
    ("changed", "slow"),
    [({}, True), ({"dropped_share": 2.5}, False), ({"below_fps": 4.0}, False), ({"sure_after": 5.9}, False)],
    ids=["as shipped", "dropped less than asked for", "more than asked for", "not for long enough"],
)
def test_when_a_computer_is_slow_is_for_the_definitions_to_say(
    session: Session, changed: dict[str, float], slow: bool
) -> None:
    coaching = session.library.coaching
    pace = coaching.pace.model_copy(update=changed)
    session.library = replace(session.library, coaching=coaching.model_copy(update={"pace": pace}))
    now = [0.0]
    processor = LiveProcessor(session, FakeLandmarker, wall=lambda: now[0])
    told = []
    for i in range(5 * 5 + 3):  # 5.4 s of a computer that leaves out two of three pictures
        now[0] = i / 5
        processor.process(frame(now[0], size=(160, 120)), 3)
        told.append(processor.snapshot().slow)
        assert (processor.snapshot().pace is None) == (now[0] < pace.known_after)
    assert any(told) is slow


def test_snapshots_are_swapped_whole(session: Session) -> None:
    """A reader on another thread never sees a frame count that belongs to another time."""
    processor = LiveProcessor(session, FakeLandmarker)
    seen: list[Snapshot] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(processor.snapshot())

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(30):
        processor.recv(frame(i / 10))
    stop.set()
    reader.join()
    assert all(s.frames == 0 or round(s.t * 10) == s.frames - 1 for s in seen)


# --- through streamlit-webrtc's own worker --------------------------------------------------------------------


class StubTrack(MediaStreamTrack):
    kind = "video"

    def __init__(self, frames: Sequence[av.VideoFrame]) -> None:
        super().__init__()
        self._frames = list(frames)

    async def recv(self) -> av.VideoFrame:
        if not self._frames:
            self.stop()
            raise MediaStreamError
        await asyncio.sleep(0.002)
        return self._frames.pop(0)


def run_track(processor: LiveProcessor, frames: Sequence[av.VideoFrame]) -> list[av.VideoFrame]:
    async def run() -> list[av.VideoFrame]:
        track: Any = AsyncVideoProcessTrack(StubTrack(frames), cast(Any, processor))
        out: list[av.VideoFrame] = []
        try:
            while True:
                out.append(await track.recv())
        except MediaStreamError:
            return out

    return asyncio.run(run())


def test_a_slow_model_drops_frames_in_silence_and_ends_cleanly(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    release = threading.Event()
    released: list[bool] = []

    def slow(t: float) -> Pose:
        if not released:
            release.wait(0.1)
            released.append(True)
        return dog(t)

    landmarker = FakeLandmarker(slow)
    processor = LiveProcessor(session, lambda: landmarker)
    with caplog.at_level(logging.WARNING):
        out = run_track(processor, [frame(i / 30) for i in range(40)])
    assert len(out) == 40
    assert 0 < len(landmarker.times) < 40
    assert landmarker.times == sorted(landmarker.times)
    assert landmarker.closed == 1
    assert "dropped" not in caplog.text


def test_an_exception_inside_does_not_end_the_track(session: Session) -> None:
    def fail(_: float) -> Pose:
        raise RuntimeError("a defect")

    assert (
        len(run_track(LiveProcessor(session, lambda: FakeLandmarker(fail)), [frame(i / 30) for i in range(9)]))
        == 9
    )


def test_an_empty_picture_is_a_picture(session: Session) -> None:
    processor = LiveProcessor(session, lambda: FakeLandmarker(lambda t: nobody(t, FRAME)))
    processor.recv(frame(0.0))
    assert processor.snapshot().problem is None
    assert replace(processor.snapshot(), setup=None).frames == 1
