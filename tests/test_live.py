"""The live shell without a browser: frames through a stub track, and the practice folded over synthetic bodies."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from bodies import ALL_FOURS, FRAME, all_fours, dog, film, gone, in_phases, seated, still, timeline, times
from numpy.typing import NDArray
from streamlit_webrtc.process import AsyncVideoProcessTrack

from posecheck.errors import ModelMissingError
from posecheck.library import Library
from posecheck.live import LiveProcessor, MediaClock
from posecheck.pose import Pose, nobody
from posecheck.session import Caption, Practice, Problem, Saying, Settings, Snapshot
from posecheck.spec import Exercise, Strictness
from posecheck.trainer import Trainer

BRIGHT = 120.0
WIDTH, HEIGHT = (round(side) for side in FRAME)


# --- the practice ---------------------------------------------------------------------------------------------


def practise(practice: Practice, poses: Iterable[Pose], brightness: float = BRIGHT) -> list[Snapshot]:
    return [practice.push(pose, brightness) for pose in poses]


def said(snapshots: Sequence[Snapshot]) -> list[Saying]:
    """Everything for the ear, each once, in order."""
    return list({s.number: s for snapshot in snapshots for s in snapshot.sayings}.values())


def texts(snapshots: Sequence[Snapshot]) -> list[str]:
    return [s.text for s in said(snapshots) if s.text]


def stages(snapshots: Sequence[Snapshot]) -> list[str]:
    """The stages gone through, each named once."""
    found: list[str] = []
    for snapshot in snapshots:
        if not found or found[-1] != snapshot.stage:
            found.append(snapshot.stage)
    return found


@pytest.fixture
def downward_dog(exercise: Callable[[str], Exercise]) -> Exercise:
    return exercise("downward_dog")


def ready_after(library: Library) -> float:
    """Seconds on all fours, well in the picture, after which the exercise has begun."""
    return library.coaching.setup.ready_after + library.coaching.setup.countdown + 1.0


def test_from_set_up_to_rest_without_a_hand(library: Library, downward_dog: Exercise) -> None:
    practice = Practice(downward_dog, library)
    begun = ready_after(library)
    assert downward_dog.hold is not None
    held = begun + downward_dog.hold.target + 3.0
    shots = practise(practice, still(all_fours, times(begun, 10)))
    shots += practise(practice, still(dog, times(held - begun, 10, begun + 0.1)))
    assert stages(shots) == ["setup", "countdown", "exercise", "rest"]
    spoken = texts(shots)
    start, done = downward_dog.steps.start["en"], downward_dog.steps.done["en"]
    in_order = [
        library.phrase("ready", "en"),
        start,
        library.phrase("count_3", "en"),
        library.phrase("count_1", "en"),
    ]
    assert [text for text in spoken if text in in_order] == in_order
    assert spoken.index(done) > spoken.index(in_order[-1])
    assert [s.chime for s in said(shots) if s.chime] == ["start", "held"]
    assert shots[-1].holds == 1
    assert shots[-1].held_s == pytest.approx(downward_dog.hold.target, abs=0.2)
    numbers = [s.number for s in said(shots)]
    assert numbers == sorted(set(numbers))


def test_a_hold_again_without_a_hand_and_the_last_one_ends_the_set(
    library: Library, downward_dog: Exercise
) -> None:
    practice = Practice(downward_dog, library, Settings(skip_setup=True))
    assert downward_dog.hold is not None
    hold = downward_dog.hold.target + 3.0
    t, shots = 0.0, practise(practice, still(all_fours, times(ready_after(library), 10)))
    t = ready_after(library)
    for _ in range(downward_dog.hold.times):
        shots += practise(practice, still(dog, times(hold, 10, t + 0.1)))
        shots += practise(practice, still(all_fours, times(12.0, 10, t + hold + 0.2)))
        t += hold + 12.3
    assert stages(shots)[-4:] == ["exercise", "rest", "exercise", "finished"]
    assert library.phrase("again", "en") in texts(shots)
    assert texts(shots)[-1] == library.phrase("set_finished", "en")
    assert [s.chime for s in said(shots) if s.chime] == ["start", "held", "done"]
    assert shots[-1].holds == downward_dog.hold.times


def test_nothing_is_asked_of_her_while_she_rests(library: Library, downward_dog: Exercise) -> None:
    practice = Practice(downward_dog, library, Settings(skip_setup=True))
    assert downward_dog.hold is not None
    t = ready_after(library)
    shots = practise(practice, still(all_fours, times(t, 10)))
    shots += practise(practice, still(dog, times(downward_dog.hold.target + 3, 10, t + 0.1)))
    before = len(texts(shots))
    t += downward_dog.hold.target + 3.2
    shots += practise(practice, still(all_fours, times(40.0, 10, t)))
    assert texts(shots)[before:] == [library.phrase("again", "en")]


def test_both_sides_of_a_twist(library: Library, exercise: Callable[[str], Exercise]) -> None:
    twist = exercise("twist")
    assert twist.hold is not None
    practice = Practice(twist, library)
    t = ready_after(library)
    shots = practise(practice, still(seated, times(t, 10), twist=0.0, hand_on_knee=False))
    for side in (25.0, -25.0):
        raised = "left" if side > 0 else "right"
        shots += practise(
            practice, still(seated, times(twist.hold.target + 4, 10, t + 0.1), twist=side, raised=raised)
        )
        t += twist.hold.target + 4.2
        shots += practise(practice, still(seated, times(8.0, 10, t + 0.1), twist=0.0, hand_on_knee=False))
        t += 8.2
    assert library.phrase("other_side", "en") in texts(shots)
    assert shots[-1].stage == "finished"
    assert shots[-1].holds == 2


def test_rounds_are_chimed_and_the_last_one_ends_the_set(
    library: Library, exercise: Callable[[str], Exercise]
) -> None:
    cat = exercise("cat")
    assert cat.cycles is not None
    cat = cat.changed(cycles=cat.cycles.model_copy(update={"target": 2}))
    shape = {"round": {**ALL_FOURS, "turn": 45.0}, "dip": {**ALL_FOURS, "turn": -60.0}}
    stops = [(0.0, ALL_FOURS), (6.0, ALL_FOURS)]
    stops += [(6.0 + 4.0 * i, shape["round" if i % 2 else "dip"]) for i in range(1, 8)]
    shots = practise(Practice(cat, library), film(timeline(*stops), times(34.0, 10)))
    assert shots[-1].stage == "finished"
    assert shots[-1].cycles == 2
    assert [s.chime for s in said(shots) if s.chime] == ["start", "held", "done"]
    assert cat.steps.done["en"] in texts(shots)


def test_one_phase_follows_another_without_a_rest(library: Library, exercise: Callable[[str], Exercise]) -> None:
    shape = {"round": {**ALL_FOURS, "turn": 45.0}, "dip": {**ALL_FOURS, "turn": -60.0}}
    stops = [(0.0, ALL_FOURS), (6.0, ALL_FOURS)]
    stops += [(6.0 + 4.0 * i, shape["round" if i % 2 else "dip"]) for i in range(1, 5)]
    poses = film(timeline(*stops, (60.0, ALL_FOURS)), times(40.0, 10))
    shots = practise(Practice(in_phases(exercise("cat")), library), poses)
    stages = [stage for stage, _ in itertools.groupby(s.stage for s in shots)]
    assert stages == ["setup", "countdown", "exercise", "finished"]
    assert [s.chime for s in said(shots) if s.chime] == ["start", "held", "held", "held", "done"]
    assert (shots[-1].cycles, shots[-1].holds) == (2, 1)


def test_she_just_begins(library: Library, downward_dog: Exercise) -> None:
    """Going into the pose during the set-up is answer enough, even where the set-up finds fault."""
    shots = practise(Practice(downward_dog, library), still(dog, times(6.0, 10)), brightness=10.0)
    assert stages(shots)[-1] == "exercise"
    assert shots[-1].moment is not None
    assert shots[-1].moment.held_s > 1.0


def test_set_up_asks_for_one_thing_and_waits(library: Library, downward_dog: Exercise) -> None:
    shots = practise(Practice(downward_dog, library), still(all_fours, times(8.0, 10)), brightness=10.0)
    assert shots[-1].stage == "setup"
    assert shots[-1].setup is not None
    assert shots[-1].setup.parts["light"] == "adjust"
    assert shots[-1].caption == Caption(library.phrase("too_dark", "en"), "reason")
    assert set(texts(shots)) == {library.phrase("too_dark", "en")}


def test_she_leaves_and_the_hold_goes_on_where_it_was(library: Library, downward_dog: Exercise) -> None:
    practice = Practice(downward_dog, library)
    shots = practise(practice, still(dog, times(7.0, 10)))
    before = shots[-1].moment
    assert before is not None
    assert before.held_s > 2.0
    away = practise(practice, gone(times(10.0, 10, 7.1)))
    assert library.phrase("away", "en") in texts(away)
    assert away[-1].caption is not None
    assert away[-1].caption.text == library.phrase("away", "en")
    back = practise(practice, still(dog, times(2.5, 10, 17.2)))
    assert library.phrase("back", "en") in texts(back)
    after = back[-1].moment
    assert after is not None
    assert after.held_s > before.held_s


def test_pause_stops_time_and_says_so(library: Library, downward_dog: Exercise) -> None:
    practice = Practice(downward_dog, library)
    before = practise(practice, still(dog, times(6.0, 10)))[-1]
    practice.update(Settings(paused=True))
    paused = practise(practice, still(dog, times(60.0, 10, 6.1)))
    assert all(shot.paused for shot in paused)
    assert paused[-1].moment == before.moment
    assert paused[-1].caption == Caption(library.phrase("paused_by_hand", "en"), "guide")
    practice.update(Settings(paused=False))
    after = practise(practice, still(dog, times(1.0, 10, 66.2)))
    assert after[0].moment is not None
    assert before.moment is not None
    assert after[0].moment.held_s == pytest.approx(before.moment.held_s, abs=0.15)
    assert not after[-1].paused
    assert texts([*paused, *after])[-2:] == [
        library.phrase("paused_by_hand", "en"),
        library.phrase("resumed_by_hand", "en"),
    ]


def test_set_up_can_be_skipped(library: Library, downward_dog: Exercise) -> None:
    practice = Practice(downward_dog, library)
    practise(practice, gone(times(1.0, 10)))
    practice.update(Settings(skip_setup=True))
    shots = practise(practice, gone(times(1.0, 10, 1.1)))
    assert shots[-1].stage == "countdown"
    assert texts(shots) == [library.phrase("setup_skipped", "en")]
    assert shots[-1].left_s == pytest.approx(library.coaching.setup.countdown - 1.0)


def test_strictness_reaches_the_trainer(
    library: Library, downward_dog: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def spy(*args: Any, strictness: Strictness = "gentle", **others: Any) -> Trainer:
        asked.append(strictness)
        return Trainer(*args, strictness=strictness, **others)

    monkeypatch.setattr("posecheck.session.Trainer", spy)
    practise(Practice(downward_dog, library, Settings("standard")), still(dog, times(5.0, 10)))
    assert asked == ["gentle", "standard"]  # the first one only looks on, before it begins


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

    def detect(self, image: NDArray[np.uint8], t: float) -> Pose:
        self.images.append(image)
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
def practice(library: Library, downward_dog: Exercise) -> Practice:
    return Practice(downward_dog, library)


def test_the_newest_frame_is_judged_and_comes_back_with_a_skeleton(practice: Practice) -> None:
    landmarker = FakeLandmarker()
    processor = LiveProcessor(practice, lambda: landmarker)
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


def test_a_large_picture_is_scaled_down_and_the_pose_drawn_in_its_place(practice: Practice) -> None:
    landmarker = FakeLandmarker()
    processor = LiveProcessor(practice, lambda: landmarker)
    out = processor.recv(frame(0.0, size=(1920, 1080)))
    assert landmarker.images[0].shape == (540, 960, 3)
    assert (out.width, out.height) == (960, 540)


def test_brightness_reaches_the_set_up(practice: Practice) -> None:
    processor = LiveProcessor(practice, lambda: FakeLandmarker(all_fours))
    processor.recv(frame(0.0, value=10))
    dark = processor.snapshot().setup
    processor.recv(frame(0.1, value=200))
    light = processor.snapshot().setup
    assert dark is not None
    assert light is not None
    assert (dark.parts["light"], light.parts["light"]) == ("adjust", "ok")


def test_late_frames_pass_through_unjudged(practice: Practice) -> None:
    landmarker = FakeLandmarker()
    processor = LiveProcessor(practice, lambda: landmarker)
    for t in (0.0, 0.2, 0.1, 0.3):
        processor.recv(frame(t))
    assert landmarker.times == [0.0, pytest.approx(0.2), pytest.approx(0.3)]
    assert processor.snapshot().frames == 3


def test_a_failing_frame_does_not_stop_the_stream(
    practice: Practice, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(t: float) -> Pose:
        if t < 0.25:
            raise RuntimeError("a defect")
        return dog(t)

    processor = LiveProcessor(practice, lambda: FakeLandmarker(fail))
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
    practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    def stopped(_: float) -> Pose:
        raise RuntimeError("cannot schedule new futures after shutdown")

    processor = LiveProcessor(practice, lambda: FakeLandmarker(stopped))
    with caplog.at_level(logging.ERROR):
        processor.recv(frame(0.0))
        processor.recv(frame(0.1))
    assert not caplog.records


def test_a_missing_model_is_said_and_looked_for_again_later(practice: Practice) -> None:
    now = [0.0]
    opened: list[float] = []
    landmarker = FakeLandmarker()

    def open_landmarker() -> FakeLandmarker:
        opened.append(now[0])
        if now[0] < 5.0:
            raise ModelMissingError("No pose model here.", "Run `posecheck model`.")
        return landmarker

    processor = LiveProcessor(practice, open_landmarker, wall=lambda: now[0])
    for i in range(80):
        now[0] = i / 10
        processor.recv(frame(now[0]))
        if i == 1:
            assert processor.snapshot().problem == Problem("No pose model here.", "Run `posecheck model`.")
    assert opened == [0.0, 5.0]
    assert processor.snapshot().problem is None
    assert landmarker.times


def test_the_landmarker_is_made_on_the_worker_thread_and_closed_once(practice: Practice) -> None:
    made_in: list[int] = []
    landmarker = FakeLandmarker()

    def open_landmarker() -> FakeLandmarker:
        made_in.append(threading.get_ident())
        return landmarker

    processor = LiveProcessor(practice, open_landmarker)
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


def test_ending_before_the_first_frame_opens_nothing(practice: Practice) -> None:
    def refuse() -> FakeLandmarker:
        raise AssertionError("no landmarker is needed")

    processor = LiveProcessor(practice, refuse)
    processor.on_ended()
    processor.recv(frame(0.0))
    assert processor.snapshot().problem is None


def test_settings_are_taken_over_with_the_next_frame(practice: Practice) -> None:
    processor = LiveProcessor(practice, lambda: FakeLandmarker(all_fours))
    processor.recv(frame(0.0))
    processor.update(Settings(paused=True))
    assert not processor.snapshot().paused
    processor.recv(frame(0.1))
    assert processor.snapshot().paused


@pytest.mark.parametrize(
    ("fps", "arrived", "slow"),
    [(15, 1, False), (5, 3, True), (5, 1, False)],
    ids=["keeps up", "drops frames", "a slow camera is not a slow computer"],
)
def test_a_slow_computer_is_told_once_and_not_for_ever(
    practice: Practice, fps: int, arrived: int, slow: bool
) -> None:
    now = [0.0]
    processor = LiveProcessor(practice, FakeLandmarker, wall=lambda: now[0])
    told: list[bool] = []
    for i in range(25 * fps):
        now[0] = i / fps
        processor.process(frame(now[0], size=(160, 120)), arrived)
        told.append(processor.snapshot().slow)
    assert any(told) is slow
    assert not told[-1]
    assert sum(a != b for a, b in itertools.pairwise(told)) == (2 if slow else 0)
    assert processor.snapshot().pace == pytest.approx(fps, rel=0.05)


def test_snapshots_are_swapped_whole(practice: Practice) -> None:
    """A reader on another thread never sees a frame count that belongs to another time."""
    processor = LiveProcessor(practice, FakeLandmarker)
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
    practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    release = threading.Event()
    released: list[bool] = []

    def slow(t: float) -> Pose:
        if not released:
            release.wait(0.1)
            released.append(True)
        return dog(t)

    landmarker = FakeLandmarker(slow)
    processor = LiveProcessor(practice, lambda: landmarker)
    with caplog.at_level(logging.WARNING):
        out = run_track(processor, [frame(i / 30) for i in range(40)])
    assert len(out) == 40
    assert 0 < len(landmarker.times) < 40
    assert landmarker.times == sorted(landmarker.times)
    assert landmarker.closed == 1
    assert "dropped" not in caplog.text


def test_an_exception_inside_does_not_end_the_track(practice: Practice) -> None:
    def fail(_: float) -> Pose:
        raise RuntimeError("a defect")

    assert (
        len(run_track(LiveProcessor(practice, lambda: FakeLandmarker(fail)), [frame(i / 30) for i in range(9)]))
        == 9
    )


def test_an_empty_picture_is_a_picture(practice: Practice) -> None:
    processor = LiveProcessor(practice, lambda: FakeLandmarker(lambda t: nobody(t, FRAME)))
    processor.recv(frame(0.0))
    assert processor.snapshot().problem is None
    assert replace(processor.snapshot(), setup=None).frames == 1
