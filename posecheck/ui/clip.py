"""A sample clip in the place of the camera, so that the trainer shows itself without one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

_TIME_BASE = Fraction(1, 90_000)
_FRAME_S = 1 / 15
SAMPLES = {
    "downward_dog": ("downdog.mp4", "downdog_bad.mp4"),
    "cat": ("catcow.mp4",),
}
"""Exercise id -> the short clips that show it; for the others the folder's manifest is asked."""
_STAYS_S = {
    "downdog.mp4": (12.0, 4.0, 12.0),
    "downdog_bad.mp4": (12.0, 4.0, 12.0),
    "catcow.mp4": (4.0, 0.0, 0.0),
}
_USUAL_STAYS_S = (12.0, 2.0, 4.0)
"""Seconds a clip stays on its first picture at the beginning (set-up and count-in pass as they would with her), on
its first picture whenever it begins again (she has come down and rests), and on its last (she holds)."""


class ClipTrack(MediaStreamTrack):
    """A clip as a video track that goes on for ever, at the clip's own pace.

    Args:
        path: The clip.
        lead_s: Seconds to stay on its first picture at the beginning.
        pause_s: Seconds to stay on its first picture whenever it begins again.
        stay_s: Seconds to stay on its last picture.
    """

    kind = "video"

    def __init__(self, path: Path, *, lead_s: float = 0.0, pause_s: float = 0.0, stay_s: float = 0.0) -> None:
        super().__init__()
        self._container = av.open(str(path))
        self._frames = self._play(lead_s, pause_s, stay_s)
        self._t = 0.0
        self._started: float | None = None

    async def recv(self) -> av.VideoFrame:
        """Return the next frame, when it is due."""
        if self.readyState != "live":
            raise MediaStreamError
        step, frame = next(self._frames)
        now = time.monotonic()
        if self._started is None:
            self._started = now
        self._t += step
        await asyncio.sleep(max(0.0, self._started + self._t - now))
        frame.pts, frame.time_base = round(self._t / _TIME_BASE), _TIME_BASE
        return frame

    def stop(self) -> None:
        """Close the clip."""
        super().stop()
        self._container.close()

    def _play(self, lead_s: float, pause_s: float, stay_s: float) -> Iterator[tuple[float, av.VideoFrame]]:
        """Yield each frame with the seconds since the one before."""
        first_s = lead_s
        while True:
            last: av.VideoFrame | None = None
            before = 0.0
            for frame in self._container.decode(video=0):
                at = frame.time or 0.0  # kept here: whoever gets a frame changes its time
                if last is None:
                    yield from _stay(frame, first_s)
                step = _FRAME_S if last is None else at - before
                last, before = _copy(frame), at
                yield step, frame
            if last is None:
                raise MediaStreamError
            yield from _stay(last, stay_s)
            self._container.seek(0)
            first_s = pause_s


def _stay(frame: av.VideoFrame, seconds: float) -> Iterator[tuple[float, av.VideoFrame]]:
    for _ in range(round(seconds / _FRAME_S)):
        yield _FRAME_S, _copy(frame)


def _copy(frame: av.VideoFrame) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(frame.to_ndarray(format="yuv420p"), format="yuv420p")


class ClipPlayer:
    """What streamlit-webrtc asks of a player: a video track and no sound."""

    audio = None

    def __init__(self, path: Path) -> None:
        lead_s, pause_s, stay_s = _STAYS_S.get(path.name, _USUAL_STAYS_S)
        self.video = ClipTrack(path, lead_s=lead_s, pause_s=pause_s, stay_s=stay_s)


def samples_of(exercise_id: str, folder: Path | None) -> list[Path]:
    """Return a clip that shows an exercise and, where there is one, another with something to put right.

    Empty where there are none, or where the folder's manifest cannot be read.
    """
    if folder is None:
        return []
    short = [folder / name for name in SAMPLES.get(exercise_id, ())]
    return [clip for clip in short or _from_manifest(exercise_id, folder) if clip.is_file()]


def _from_manifest(exercise_id: str, folder: Path) -> list[Path]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        clips = [clip for clip in manifest["clips"] if clip["exercise"] == exercise_id]
        right = [folder / clip["file"] for clip in clips if not clip["faults"]]
        wrong = [folder / clip["file"] for clip in clips if clip["faults"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return right[:1] + wrong[:1] if right else []
