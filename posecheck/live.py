"""The live shell: frames of one camera connection in, a steady picture and one snapshot for the page out.

``routine.Session`` folds the poses; ``LiveProcessor`` adds the connection's thread, its own landmarker and the
drawing.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from posecheck.coaching import Coaching
from posecheck.drawing import Tone as InkTone
from posecheck.drawing import annotate_frame
from posecheck.errors import PosecheckError
from posecheck.pose import N_LANDMARKS, Landmark, Pose
from posecheck.recent import Corrections, Given
from posecheck.recorder import Recorder
from posecheck.records import Record
from posecheck.routine import Command, Session
from posecheck.session import Problem, Snapshot, Wishes
from posecheck.smoothing import EuroParameters, euro_start, euro_step

logger = logging.getLogger(__name__)

MAX_SIDE = 960
"""Pixels; a larger camera picture is scaled down before anything else, the model looks at 256 anyway."""
_LATE_S = 1.0
"""Seconds a frame may be older than the newest and still be a late frame rather than a clock set back."""
_LEAP_S = 30.0
"""Seconds; a longer way ahead is a clock that was set, not time that passed in front of the camera."""
_NOMINAL_S = 1 / 15
_STOP_WAIT_S = 2.0
"""Seconds a frame that is being judged may take before a stop no longer waits for it."""
_REOPEN_S = 5.0
_SHUTDOWN = "cannot schedule new futures after shutdown"
"""What Python says to MediaPipe when the program is stopped while a picture is on its way: no fault."""
_LUMA = np.array([0.299, 0.587, 0.114])


class StreamClock:
    """Media time that only moves forward, from frame times that may stand still, go back or leap."""

    def __init__(self) -> None:
        self._raw: float | None = None
        self._t = 0.0

    def step(self, raw: float | None) -> float | None:
        """Return the media time of a frame in seconds, or None for one that came late and is to be left out."""
        if raw is None:  # a source that tells no times
            raw = 0.0 if self._raw is None else self._raw + _NOMINAL_S
        if self._raw is None:
            self._raw = raw
            return self._t
        ahead = raw - self._raw
        if -_LATE_S <= ahead <= 0:
            return None
        self._raw = raw
        self._t += ahead if 0 < ahead <= _LEAP_S else _NOMINAL_S
        return self._t


class Steadier:
    """Landmarks steadied for the eye alone; what is judged is smoothed where it is judged."""

    def __init__(self, coaching: Coaching) -> None:
        n = 2 * N_LANDMARKS
        spec = coaching.drawing
        self._parameters = EuroParameters(*(np.full(n, x) for x in (spec.min_cutoff, spec.beta, spec.d_cutoff)))
        self._gap = coaching.smoothing_gap
        self._state = euro_start(n)

    def step(self, pose: Pose) -> Pose:
        """Return the pose with steady image landmarks; the filter counts in pixels of a 640 px wide frame."""
        unit = float(pose.frame_size[0]) / 640.0
        self._state, x = euro_step(
            self._state, float(pose.t), pose.image.ravel() / unit, self._parameters, self._gap
        )
        return replace(pose, image=x.reshape(N_LANDMARKS, 2) * unit)


class Detector(Protocol):
    """What a stream needs of a landmarker."""

    @property
    def company(self) -> bool:
        """Whether somebody else was in the picture when it was last looked for."""

    def detect(self, image: NDArray[np.uint8], t: float) -> Pose:
        """Return the pose in an RGB picture at media time ``t``."""

    def close(self) -> None:
        """Let the model go."""


class LiveProcessor:
    """Frames of one connection in, the same frames with a skeleton out; streamlit-webrtc calls it on its thread.

    Nothing that goes wrong inside stops the stream: the frame passes through and the snapshot says what is wrong.

    Args:
        session: What the poses are folded into; used by this processor alone.
        open_landmarker: Makes the landmarker of this connection, at the first frame and on the worker thread.
        keep: Writes down what is worth remembering, on the worker thread and as it happens. What it cannot write
            it says by a PosecheckError, and is given again with the next.
        mark: Keeps the seconds before a correction that she signed was not right; its errors are as ``keep``'s.
        recorder: Keeps the practice, where she asked for that.
        wall: Seconds of a monotonic clock, only to know the pace.
    """

    def __init__(
        self,
        session: Session,
        open_landmarker: Callable[[], Detector],
        *,
        keep: Callable[[Record], None] | None = None,
        mark: Callable[[Given], None] | None = None,
        recorder: Recorder | None = None,
        wall: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._open_landmarker = open_landmarker
        self._keep = keep
        self._mark = mark
        self._unkept: deque[Record] = deque()
        self.corrections = Corrections()
        self.recorder = recorder
        coaching = session.library.coaching
        self._min_visibility = coaching.sight.min_visibility
        self._slow = coaching.pace
        self._trouble = Problem(session.library.phrase("picture_problem", session.language))
        self._steadier = Steadier(coaching)
        self._wall = wall
        self._clock = StreamClock()
        self._landmarker: Detector | None = None
        self._reopen_at = 0.0
        self._ended = False
        self._working = threading.Lock()  # held while a frame is judged, so that closing waits for it
        self._swap = threading.Lock()  # guards only the three below
        self._snapshot = Snapshot()
        self._wishes: Wishes | None = None
        self._asked: list[tuple[Command, str | None]] = []
        self._arrivals: deque[tuple[float, int]] = deque()
        self._frames = self._arrived = 0
        self._slow_since: float | None = None
        self._told: set[str] = set()

    def snapshot(self) -> Snapshot:
        """Return the latest snapshot; from any thread."""
        with self._swap:
            return self._snapshot

    @property
    def arrived(self) -> int:
        """How many pictures have come, judged or not: standing still, the camera has."""
        return self._arrived

    def update(self, wishes: Wishes) -> None:
        """Take over what she wishes from the next frame on; from any thread."""
        with self._swap:
            self._wishes = wishes

    def ask(self, command: Command, why: str | None = None) -> None:
        """Do what she asked for, with the next frame; from any thread. See ``routine.Session.ask``."""
        with self._swap:
            self._asked.append((command, why))

    def stop(self, why: str | None = None) -> None:
        """End the session now, whether or not another frame comes; from any thread. What was done is kept.

        Args:
            why: Id of the stop word that makes her stop, if one does.
        """
        if not self._working.acquire(timeout=_STOP_WAIT_S):  # the model is still being fetched
            self.ask("stop", why)
            return
        try:
            if self._ended:
                return
            self._ended = True
            self._obey()
            self._session.ask("stop", why)
            with contextlib.suppress(PosecheckError):
                self._remember()
            shown = self._session.snapshot()
            self._publish(replace(shown, frames=self._frames, frame_size=self._snapshot.frame_size))
        finally:
            self._working.release()

    async def recv_queued(self, frames: Sequence[av.VideoFrame]) -> list[av.VideoFrame]:
        """Return the newest frame with the skeleton on it; the others are dropped on purpose."""
        return [self.process(frames[-1], len(frames))]

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Return the frame with the skeleton on it."""
        return self.process(frame, 1)

    def process(self, frame: av.VideoFrame, arrived: int) -> av.VideoFrame:
        """Return the frame with the skeleton on it, or as it came where anything went wrong.

        Args:
            frame: The newest frame.
            arrived: How many frames came since the one before, this one included.
        """
        self._arrived += arrived
        with self._working:
            if self._ended:
                return frame
            try:
                return self._judge(frame, arrived)
            except PosecheckError as e:
                self._publish(problem=Problem(e.message, e.hint))
            except Exception as e:  # a defect of ours must not take her picture away
                if _SHUTDOWN in str(e):
                    self._ended = True
                elif type(e).__name__ not in self._told:
                    self._told.add(type(e).__name__)
                    logger.exception("A frame could not be judged")
                self._publish(problem=self._trouble)
            return frame

    def on_ended(self) -> None:
        """Let the landmarker go, and write down where she stopped; later calls do nothing."""
        with self._working:
            self._ended = True
            landmarker, self._landmarker = self._landmarker, None
            self._obey()
            self._session.stop()
            with contextlib.suppress(PosecheckError):
                self._remember()
            if self.recorder is not None:
                self.recorder.end()
        if landmarker is not None:
            landmarker.close()

    def _judge(self, frame: av.VideoFrame, arrived: int) -> av.VideoFrame:
        t = self._clock.step(frame.time)
        if t is None:
            return frame
        landmarker = self._detector()
        if landmarker is None:
            return frame
        image = _picture(frame)
        pose = landmarker.detect(image, t)
        self.corrections.push(pose)
        self._obey()
        snapshot = self._session.push(pose, _brightness(image), company=landmarker.company)
        self._record(pose, image, snapshot)  # before the skeleton is drawn into the picture
        problem = self._remember_or_say()
        highlight, tone = _emphasis(snapshot)
        steady = self._steadier.step(pose)
        drawn = annotate_frame(
            image, steady, highlight, tone=tone, min_visibility=self._min_visibility, in_place=True
        )
        self._frames += 1
        pace = self._measure_pace(arrived)
        self._publish(
            replace(
                snapshot,
                frames=self._frames,
                frame_size=(image.shape[1], image.shape[0]),
                pace=pace,
                slow=self._slow_since is not None and self._wall() - self._slow_since <= self._slow.told_for,
                problem=problem,
            )
        )
        out = av.VideoFrame.from_ndarray(drawn, format="rgb24")
        out.pts, out.time_base = frame.pts, frame.time_base
        return out

    def _record(self, pose: Pose, image: NDArray[np.uint8], snapshot: Snapshot) -> None:
        """Keep the instant where she asked for that; nothing while she has paused, nor after the end."""
        if self.recorder is None:
            return
        if snapshot.stage == "finished":
            self.recorder.end()
        elif snapshot.paused:
            self.recorder.wait()
        else:
            exercise = self._session.plan.items[snapshot.position].exercise
            self.recorder.push(pose, image, snapshot.position, exercise.id)

    def _obey(self) -> None:
        """Pass on what was changed and asked for meanwhile."""
        with self._swap:
            wishes, self._wishes = self._wishes, None
            asked, self._asked = self._asked, []
        if wishes is not None:
            self._session.update(wishes)
        for command, why in asked:
            self._session.ask(command, why)

    def _remember_or_say(self) -> Problem | None:
        """Write down what happened; return why it could not be, which must not take her picture away."""
        try:
            self._remember()
        except PosecheckError as e:
            return Problem(e.message, e.hint)
        return None

    def _remember(self) -> None:
        records = self._session.records()
        for record in records:
            if record.kind == "cue" and record.exercise and record.check:
                self.corrections.note(record.exercise, record.check)
        self._unkept += [record for record in records if record.kind != "doubted"]
        for record in records:
            if record.kind == "doubted":
                self._keep_doubted(record)
        while self._unkept and self._keep:
            self._keep(self._unkept[0])
            self._unkept.popleft()

    def _keep_doubted(self, record: Record) -> None:
        for given in self.corrections.given():
            if self._mark and (given.exercise, given.check) == (record.exercise, record.check):
                self._mark(given)
                self.corrections.drop(given)

    def _detector(self) -> Detector | None:
        if self._landmarker is None:
            now = self._wall()
            if now < self._reopen_at:
                return None
            self._reopen_at = now + _REOPEN_S
            self._landmarker = self._open_landmarker()
        return self._landmarker

    def _measure_pace(self, arrived: int) -> float | None:
        """Return frames judged a second; notes when they are few because the computer, not the camera, is slow."""
        now, limits = self._wall(), self._slow
        self._arrivals.append((now, arrived))
        while now - self._arrivals[0][0] > limits.window:
            self._arrivals.popleft()
        span = now - self._arrivals[0][0]
        if span < limits.known_after:
            return None
        judged = len(self._arrivals) - 1
        pace = judged / span
        dropped = sum(n for _, n in self._arrivals) - len(self._arrivals)
        behind = dropped > limits.dropped_share * judged
        slow = span > limits.sure_after and pace < limits.below_fps and behind
        if slow and self._slow_since is None:
            self._slow_since = now
        return pace

    def _publish(self, snapshot: Snapshot | None = None, problem: Problem | None = None) -> None:
        with self._swap:
            self._snapshot = snapshot or replace(self._snapshot, problem=problem)


def _picture(frame: av.VideoFrame) -> NDArray[np.uint8]:
    longest = max(frame.width, frame.height)
    if longest > MAX_SIDE:
        scale = MAX_SIDE / longest
        frame = frame.reformat(
            width=round(frame.width * scale / 2) * 2, height=round(frame.height * scale / 2) * 2
        )
    return frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def _brightness(image: NDArray[np.uint8]) -> float:
    """Return the mean luma, 0 to 255, of every eighth pixel both ways."""
    return float((image[::8, ::8] @ _LUMA).mean())


def _emphasis(snapshot: Snapshot) -> tuple[tuple[Landmark, ...], InkTone]:
    """Return which landmarks to colour, and how."""
    moment = snapshot.moment
    if moment is None or moment.sentence is None or snapshot.stage != "exercise":
        return (), "good" if snapshot.stage in ("rest", "between", "finished") else "neutral"
    if moment.sentence.tone == "praise":
        return (), "good"
    return moment.highlight, "adjust" if moment.sentence.tone in ("cue", "advice") else "neutral"
