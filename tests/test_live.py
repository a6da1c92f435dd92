"""The live shell without a browser: frames through a stub track."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from bodies import FRAME, all_fours, dog
from stream import HEIGHT, WIDTH, FakeLandmarker, frame
from streamlit_webrtc.process import AsyncVideoProcessTrack

from posecheck import live
from posecheck.errors import ModelMissingError
from posecheck.library import Library
from posecheck.live import LiveProcessor, Steadier, StreamClock
from posecheck.moment import Moment, Sentence, Tone
from posecheck.pose import N_LANDMARKS, Landmark, Pose, nobody
from posecheck.routine import Session
from posecheck.session import Problem, Snapshot, Stage, Wishes

# --- the clock ------------------------------------------------------------------------------------------------


def clock(raws: Sequence[float | None]) -> list[float | None]:
    media = StreamClock()
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


def test_what_the_camera_does_not_see_is_not_drawn(session: Session, library: Library) -> None:
    hidden = np.full(N_LANDMARKS, library.coaching.sight.min_visibility - 0.01)
    landmarker = FakeLandmarker(lambda t: replace(dog(t), visibility=hidden))
    out = LiveProcessor(session, lambda: landmarker).recv(frame(0.0))
    assert np.array_equal(out.to_ndarray(format="rgb24"), landmarker.images[0])


def test_a_large_picture_is_scaled_down_and_the_pose_drawn_in_its_place(session: Session) -> None:
    landmarker = FakeLandmarker()
    processor = LiveProcessor(session, lambda: landmarker)
    out = processor.recv(frame(0.0, size=(1920, 1080)))
    assert landmarker.images[0].shape == (540, 960, 3)
    assert (out.width, out.height) == (960, 540)


def test_a_larger_picture_is_steadied_alike(library: Library) -> None:
    small, large = Steadier(library.coaching), Steadier(library.coaching)
    for i in range(5):
        pose = dog(i / 10, elbow=170.0 - 10.0 * i)
        twice = replace(pose, image=2 * pose.image, frame_size=2 * pose.frame_size)
        np.testing.assert_allclose(large.step(twice).image, 2 * small.step(pose).image)


@pytest.mark.parametrize(
    ("stage", "tone", "expected"),
    [
        ("exercise", "cue", ((Landmark.LEFT_ELBOW,), "adjust")),
        ("exercise", "advice", ((Landmark.LEFT_ELBOW,), "adjust")),
        ("exercise", "reason", ((Landmark.LEFT_ELBOW,), "neutral")),
        ("exercise", "praise", ((), "good")),
        ("rest", "cue", ((), "good")),
        ("setup", "cue", ((), "neutral")),
    ],
)
def test_only_what_is_being_corrected_is_coloured(stage: Stage, tone: Tone, expected: object) -> None:
    sentence = Sentence("elbows_bent", "Long arms.", tone, since=0.0)
    moment = Moment(t=0.0, sentence=sentence, highlight=(Landmark.LEFT_ELBOW,))
    assert live._emphasis(Snapshot(stage=stage, moment=moment)) == expected


@pytest.mark.parametrize(("colour", "luma"), [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29)])
def test_brightness_is_that_of_the_eye(colour: tuple[int, int, int], luma: int) -> None:
    assert round(live._brightness(np.full((480, 640, 3), colour, np.uint8))) == luma


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
    processor.update(Wishes(talk="little"))
    processor.ask("resume")
    processor.recv(frame(0.2))
    assert not processor.snapshot().paused


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
    assert processor.snapshot().frames == 1
