"""A sample clip in the place of the camera, so that the trainer shows itself without one."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction
from pathlib import Path

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

_TIME_BASE = Fraction(1, 90_000)
_STAY_FPS = 15
SAMPLES = {
    "downward_dog": ("downdog.mp4", "downdog_bad.mp4"),
    "cat": ("catcow.mp4",),
}
"""Exercise id -> clips that show it."""
_STAYS = {"downdog.mp4": 14.0, "downdog_bad.mp4": 14.0}
"""Seconds a clip stays on its last picture, which is the pose, before it begins again."""


class ClipTrack(MediaStreamTrack):
    """A clip as a video track that goes on for ever, at the clip's own pace.

    Args:
        path: The clip.
        stay_s: Seconds to stay on its last picture before it begins again.
    """

    kind = "video"

    def __init__(self, path: Path, stay_s: float = 0.0) -> None:
        super().__init__()
        self._container = av.open(str(path))
        self._frames = self._container.decode(video=0)
        self._stay_s = stay_s
        self._stay_left = stay_s
        self._last: av.VideoFrame | None = None
        self._offset = 0.0
        self._t = 0.0
        self._started: float | None = None

    async def recv(self) -> av.VideoFrame:
        """Return the next frame, when it is due."""
        if self.readyState != "live":
            raise MediaStreamError
        frame = self._next()
        if self._started is None:
            self._started = time.monotonic() - self._t
        await asyncio.sleep(max(0.0, self._started + self._t - time.monotonic()))
        frame.pts, frame.time_base = round(self._t / _TIME_BASE), _TIME_BASE
        return frame

    def stop(self) -> None:
        """Close the clip."""
        super().stop()
        self._container.close()

    def _next(self) -> av.VideoFrame:
        frame = next(self._frames, None)
        if frame is not None:
            self._t = self._offset + float(frame.time or 0.0)
            self._last, self._stay_left = frame, self._stay_s
            return frame
        if self._last is None:
            raise MediaStreamError
        if self._stay_left > 0:
            self._stay_left -= 1 / _STAY_FPS
            self._t += 1 / _STAY_FPS
            return av.VideoFrame.from_ndarray(self._last.to_ndarray(format="rgb24"), format="rgb24")
        self._container.seek(0)
        self._frames = self._container.decode(video=0)
        self._offset = self._t + 1 / _STAY_FPS
        self._last = None
        return self._next()


class ClipPlayer:
    """What streamlit-webrtc asks of a player: a video track and no sound."""

    audio = None

    def __init__(self, path: Path) -> None:
        self.video = ClipTrack(path, _STAYS.get(path.name, 0.0))


def samples_of(exercise_id: str, folder: Path | None) -> list[Path]:
    """Return the clips that show an exercise; empty where there are none."""
    if folder is None:
        return []
    return [folder / name for name in SAMPLES.get(exercise_id, ()) if (folder / name).is_file()]
