"""A whole practice kept because she asked for it: as landmarks; the picture only if she asked for that as well.

Nothing here is ever made without her consent: who gives no ``Recorder`` keeps nothing.
"""

from __future__ import annotations

import errno
import shutil
import threading
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from posecheck.errors import PosecheckError
from posecheck.pose import Pose
from posecheck.recorded import sweep
from posecheck.recording import PoseLog, save_recording

Trouble = Literal["full", "failed", "long"]
"""Why no more is kept: the disk has no room, it cannot be written, or it is as long as a recording may be."""

MOST_S = 3600.0
"""Seconds of one recording; a practice forgotten about does not fill the disk."""
_PART_S = 600.0
"""Seconds after which a long exercise goes on in another file: what waits in memory stays below 30 MB."""
_LEAST_FREE = 500e6
"""Bytes: what is left below that belongs to everything else on her computer."""
_LOOK_AGAIN_S = 10.0
"""Between two looks at the room on the disk."""
_GAP_S = 1.0
"""Seconds that a pause lasts in the recording, however long it was: nothing was recorded in it."""
_AWAY_S = 2.0
"""Seconds with nobody in the picture, after which an empty room is not recorded."""
_SIDE = 640
"""Pixels of the long side: browsers change the size of the picture as they please, a recording has one."""
_TICK = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True)
class Recording:
    """How a recording stands.

    Attributes:
        seconds: Recorded so far.
        video: Whether the picture is kept as well.
        waits: Nothing is recorded just now: she has paused, or nobody is in the picture.
        trouble: Why nothing more is recorded, or None.
        ended: It is over.
    """

    seconds: float = 0.0
    video: bool = False
    waits: bool = False
    trouble: Trouble | None = None
    ended: bool = False


class Recorder:
    """Keeps one practice in a folder of its own, a file for each exercise; a second one for the picture.

    Filled on the stream's thread; ``state`` may be asked from any. What cannot be written ends the recording,
    never the practice. Landmarks of an exercise are written whole when it is over; a video can be played up to its
    last seconds even where the program was ended by force.

    Args:
        parent: Where the practice's folder is made, with the first picture.
        now: Of her clock, for the folder's name.
        video: Keep the picture as well.
    """

    def __init__(self, parent: Path, now: datetime, *, video: bool = False) -> None:
        self._parent, self._name = parent, f"{now:%Y-%m-%d_%H-%M-%S}"
        self._folder: Path | None = None
        self._part: _Part | None = None
        self._parts: Counter[str] = Counter()
        self._looked_at: float | None = None
        self._last_t: float | None = None
        self._seen_t = 0.0
        self._writing: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._state = Recording(video=video)

    @property
    def state(self) -> Recording:
        """How it stands."""
        with self._lock:
            return self._state

    @property
    def folder(self) -> Path | None:
        """Where it is; None before the first picture."""
        return self._folder

    def push(self, pose: Pose, image: NDArray[np.uint8], position: int, exercise: str) -> None:
        """Record one more instant.

        Args:
            pose: Later than the one before.
            image: RGB, as the camera gave it, shape ``(height, width, 3)``; used for a video alone.
            position: Which of the planned exercises she is in, from 0.
            exercise: Its id.
        """
        if self.state.ended:
            return
        t = float(pose.t)
        self._seen_t = t if bool(pose.person) or self._last_t is None else self._seen_t
        if t - self._seen_t > _AWAY_S:
            self.wait()
            return
        step = 0.0 if self._last_t is None else min(t - self._last_t, _GAP_S)
        self._last_t = t
        seconds = self.state.seconds + step
        self._change(seconds=seconds, waits=False)
        if seconds > MOST_S:
            self._give_up("long")
            return
        try:
            self._look_for_room(t)
            self._part_for(pose, position, exercise).add(pose, image, step)
        except (OSError, av.FFmpegError) as e:
            self._give_up(_why(e))

    def wait(self) -> None:
        """Record nothing until the next ``push``."""
        self._change(waits=True)

    def end(self) -> None:
        """Keep what was recorded; later calls do nothing."""
        self._change(ended=True)
        part, self._part = self._part, None
        if part is not None:
            self._close(part)

    def finish(self) -> None:
        """End, and wait until all is written."""
        self.end()
        for thread in self._writing:
            thread.join()

    def _change(self, **values: Any) -> None:
        with self._lock:
            self._state = replace(self._state, **values)

    def _give_up(self, why: Trouble) -> None:
        self._change(trouble=why)
        self.end()

    def _look_for_room(self, t: float) -> None:
        if self._looked_at is not None and t - self._looked_at < _LOOK_AGAIN_S:
            return
        self._looked_at = t
        self._parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._parent).free < _LEAST_FREE:
            raise OSError(errno.ENOSPC, "little room is left")

    def _part_for(self, pose: Pose, position: int, exercise: str) -> _Part:
        """Return the part an instant belongs to; a new one with each exercise, shape of picture, ten minutes."""
        stem, size = f"{position + 1}_{exercise}", _fitted(pose)
        part = self._part
        if part is not None:
            if (part.stem, part.size) == (stem, size) and part.seconds < _PART_S:
                return part
            self._part = None
            self._close(part)
        self._parts[stem] += 1
        number = self._parts[stem]
        path = self._place() / (f"{stem}-{number}.npz" if number > 1 else f"{stem}.npz")
        self._part = _Part(path, stem, size, video=self.state.video)
        return self._part

    def _place(self) -> Path:
        if self._folder is None:
            sweep(self._parent)
            folder, others = self._parent / self._name, 1
            while folder.exists():
                others += 1
                folder = self._parent / f"{self._name}-{others}"
            folder.mkdir(mode=0o700)
            self._folder = folder
        return self._folder

    def _close(self, part: _Part) -> None:
        """Write a part on another thread: ten minutes take seconds, and her picture must not stand still."""

        def write() -> None:
            try:
                part.write()
            except (PosecheckError, OSError, av.FFmpegError) as e:
                self._change(trouble=_why(e), ended=True)

        # No daemon: a program that ends in good order waits for it.
        thread = threading.Thread(target=write, name="posecheck-recorder")
        self._writing.append(thread)
        thread.start()


class _Part:
    """One file of landmarks, its instants in memory until it is written, and its video."""

    def __init__(self, path: Path, stem: str, size: tuple[int, int], *, video: bool) -> None:
        self.stem, self.size, self.seconds = stem, size, 0.0
        self._log = PoseLog()
        self._path = path
        self._film = _Film(path.with_suffix(".mp4"), size) if video else None

    def add(self, pose: Pose, image: NDArray[np.uint8], step: float) -> None:
        """Add an instant, ``step`` seconds after the one before."""
        self.seconds = self.seconds + step if len(self._log) else 0.0
        self._log.append(_resized(replace(pose, t=np.asarray(self.seconds)), _SIDE))
        if self._film is not None:
            self._film.add(image, self.seconds)

    def write(self) -> None:
        """Write what there is, the video's end first."""
        try:
            if self._film is not None:
                self._film.close()
        finally:
            save_recording(self._path, self._log.whole())


class _Film:
    """The camera's pictures as H.264 in pieces of two seconds, so that what is there can always be played."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self._sink = _Sink(path)
        pieces = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
        self._container = av.open(self._sink, "w", format="mp4", options=pieces)
        stream: VideoStream = self._container.add_stream("libx264", rate=30)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = stream.time_base = _TICK
        # The least work for the encoder: the computer is busy looking.
        stream.options = {"preset": "ultrafast", "crf": "24", "g": "30"}
        self._stream = stream

    def add(self, image: NDArray[np.uint8], t: float) -> None:
        """Add a picture at media time ``t``.

        Raises:
            OSError: where what was made so far could not be written.
        """
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame = frame.reformat(width=self._stream.width, height=self._stream.height, format="yuv420p")
        frame.pts, frame.time_base = round(t / _TICK), _TICK
        self._container.mux(self._stream.encode(frame))
        self._sink.check()

    def close(self) -> None:
        """Write the last pictures and let go of the file.

        Raises:
            OSError: where they could not be written.
        """
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
        finally:
            self._sink.close()
        self._sink.check()


class _Sink:
    """A file that takes everything and says later what could not be written.

    FFmpeg itself must not meet a full disk: its MP4 writer then ends the whole program (seen with PyAV 18.1).
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write, unless that failed before."""
        if self._error is None:
            rest = memoryview(data)
            try:
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError as e:
                self._error = e
        return len(data)

    def check(self) -> None:
        """Raise what stood in the way, if anything did."""
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _why(error: BaseException) -> Trouble:
    numbers = (getattr(e, "errno", None) for e in (error, error.__cause__))
    return "full" if errno.ENOSPC in numbers else "failed"


def _fitted(pose: Pose) -> tuple[int, int]:
    """Return the even sides of a picture of the recording's size and this one's shape."""
    scale = _SIDE / float(pose.frame_size.max())
    width, height = (max(2, 2 * round(float(side) * scale / 2)) for side in pose.frame_size)
    return width, height


def _resized(pose: Pose, long_side: float) -> Pose:
    """Return the pose as in a picture of the same shape whose long side has that many pixels."""
    scale = long_side / float(pose.frame_size.max())
    outline = None if pose.silhouette_scale is None else pose.silhouette_scale / scale
    size = np.round(pose.frame_size * scale)
    return replace(pose, image=pose.image * scale, frame_size=size, silhouette_scale=outline)
