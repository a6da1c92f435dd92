"""The annotated video: the pictures with the skeleton drawn on, and a calm strip with the sentence below."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from posecheck.capture import read_photograph
from posecheck.drawing import AMBER, GREEN, LIGHT, Tone, annotate_frame
from posecheck.errors import OutputError
from posecheck.files import source_kind, whole_file
from posecheck.moment import Moment
from posecheck.pose import FloatArray, Pose

if TYPE_CHECKING:
    from av.video.stream import VideoStream

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

GROUND: Colour = (38, 36, 34)
"""Behind the caption, and behind the skeleton where a recording has no picture."""
_TRACK: Colour = (74, 70, 66)
_TICK = Fraction(1, 90_000)
"""Seconds a tick of the video written: fine enough for the times of any camera."""
_STILL_S = 3.0
"""How long a single picture is shown."""
_FONTS = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf", "Helvetica.ttc", "segoeui.ttf")
"""The first one on this computer is taken; all have Cyrillic letters. Else Pillow's own stands in."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the result, from media time ``t`` on."""

    t: float
    image: Image


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip says.

    Attributes:
        text: The sentence; may be empty.
        tone: Chooses its colour.
        count: Held seconds or cycles, such as ``"4 / 10 s"``; may be empty.
        done: How much of the target, in [0, 1], in steps that the eye can see.
    """

    text: str = ""
    tone: Tone = "neutral"
    count: str = ""
    done: float = 0.0


class Film:
    """An annotated video that is written picture by picture; a context manager.

    Args:
        path: MP4 (H.264, 4:2:0 colours, its index first, so that it plays everywhere and while it is loading).
        said_of: The path to name where it cannot be written, if that is another.
    """

    def __init__(self, path: Path, said_of: Path | None = None) -> None:
        self._path = said_of or path
        self._pending: Shown | None = None
        self._stream: av.VideoStream | None = None
        self._lasting: dict[int, int] = {}
        self._steps = array("d")
        with self._explained():
            self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            with self._explained() if error is None else suppress(av.FFmpegError, OSError):
                self._container.close()

    def add(self, image: Image | None, pose: Pose, moment: Moment) -> None:
        """Draw the next picture and what the trainer says of it; it stays until the next one's time.

        Without a picture, as in a recording, the skeleton is drawn on a plain ground.
        """
        if image is None:
            image = plain_ground(pose.frame_size)
        self._write_pending(until=moment.t)
        self._pending = Shown(moment.t, annotate(image, pose, moment))

    def _finish(self) -> None:
        if self._pending is not None:
            # The last picture stays as long as most do; a single one long enough to be looked at.
            self._write_pending(self._pending.t + (median(self._steps) if self._steps else _STILL_S))
        if self._stream is not None:
            self._mux(self._stream.encode(None))

    def _write_pending(self, until: float) -> None:
        shown, self._pending = self._pending, None
        if shown is None:
            return
        self._steps.append(until - shown.t)
        with self._explained():
            self._mux(self._encode(shown, until - shown.t))

    def _encode(self, shown: Shown, lasting: float) -> list[av.Packet[VideoStream]]:
        height, width = shown.image.shape[:2]
        # 4:2:0 colours need even sides.
        even = np.pad(shown.image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        if self._stream is None:
            self._stream = self._container.add_stream("libx264", rate=30)
            self._stream.width, self._stream.height = even.shape[1], even.shape[0]
            self._stream.pix_fmt = "yuv420p"
            self._stream.codec_context.time_base = self._stream.time_base = _TICK
            self._stream.options = {"preset": "veryfast", "crf": "21"}
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        frame.pts, frame.time_base = round(shown.t / _TICK), _TICK
        self._lasting[frame.pts] = round(lasting / _TICK)
        return self._stream.encode(frame)

    def _mux(self, packets: Iterable[av.Packet[VideoStream]]) -> None:
        for packet in packets:
            # The encoder does not pass on how long a picture lasts; without it the last one is not seen.
            packet.duration = self._lasting.pop(packet.pts or 0, 0)
            self._container.mux(packet)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except av.FFmpegError as e:
            if isinstance(e, OSError):  # the system's errors are both; whole_file has the sentences for them
                raise
            raise OutputError(f"{self._path} was not written: {e.strerror}.", "Choose another file.") from e


def write_annotated_photograph(source: Path, path: Path, pose: Pose, moment: Moment) -> None:
    """Write the annotated picture of one instant, whole or not at all.

    ``path`` ends in ``.jpg`` or ``.png``, or in ``.mp4`` for a film of a few seconds.

    Raises:
        OutputError: where the file cannot be written.
        SourceError: where the picture cannot be read again.
    """
    image = read_photograph(source) if source_kind(source) == "photograph" else plain_ground(pose.frame_size)
    with whole_file(path) as temporary:
        if path.suffix.lower() == ".mp4":
            with Film(temporary, path) as film:
                film.add(image, pose, moment)
        else:
            bgr = cv2.cvtColor(annotate(image, pose, moment), cv2.COLOR_RGB2BGR)
            _, data = cv2.imencode(path.suffix.lower(), bgr)
            temporary.write_bytes(data.tobytes())


def annotate(image: Image, pose: Pose, moment: Moment) -> Image:
    """Return the picture with the skeleton, taller by the caption's strip.

    Args:
        image: RGB, shape ``(H, W, 3)``.
        pose: One instant.
        moment: What the trainer says of it.
    """
    caption = strip_of(moment)
    drawn = annotate_frame(image, pose, moment.highlight, tone=caption.tone)
    return np.concatenate([drawn, _strip(caption, *image.shape[1::-1])])


def strip_of(moment: Moment) -> Strip:
    """Return what the strip says at a moment."""
    tone: Tone = "good" if moment.counting else "neutral"
    text = ""
    if moment.sentence is not None:
        text = moment.sentence.text
        if moment.sentence.tone in ("cue", "advice"):
            tone = "adjust"
        elif moment.sentence.tone == "praise":
            tone = "good"
    else:  # a photograph has no time to keep a sentence standing
        for event in moment.events:
            if event.kind == "cue":
                text, tone = event.text or "", "adjust"
    count, done = "", 0.0
    if moment.cycle_target:
        count, done = f"{moment.cycles} / {moment.cycle_target}", moment.cycles / moment.cycle_target
    elif moment.target_s and (moment.in_pose or moment.held_s):
        count, done = f"{int(moment.held_s)} / {moment.target_s:.0f} s", moment.held_s / moment.target_s
    return Strip(text, tone, count, round(min(1.0, done), 2))


# --- pictures -------------------------------------------------------------------------------------------------


def plain_ground(frame_size: FloatArray) -> Image:
    """Return what a skeleton without a picture is drawn on, shape ``(H, W, 3)``."""
    width, height = (round(float(side)) for side in frame_size)
    return np.full((height, width, 3), GROUND, np.uint8)


@lru_cache(maxsize=8)  # the strip changes about once a second, the picture thirty times
def _strip(caption: Strip, width: int, height: int) -> Image:
    """Return the caption's strip, shape ``(h, width, 3)``, its letters a share of the picture's size."""
    size = max(14, round(min(width, height) / 16))
    strip = Picture.new("RGB", (width, round(3.4 * size)), GROUND)
    draw = ImageDraw.Draw(strip)
    colour = {"neutral": LIGHT, "good": GREEN, "adjust": AMBER}[caption.tone]
    margin, middle = round(0.6 * size), strip.height / 2
    font = _font(size)
    room = width - 2 * margin
    if caption.count:
        draw.text((width - margin, middle), caption.count, fill=LIGHT, font=font, anchor="rm")
        room -= round(font.getlength(caption.count)) + 2 * margin
    text, font = _wrap(caption.text, size, room)
    draw.multiline_text((margin, middle), text, fill=colour, font=font, anchor="lm", spacing=0.25 * size)
    bar = max(2, size // 6)
    draw.rectangle((0, strip.height - bar, width, strip.height), fill=_TRACK)
    if caption.done > 0:
        draw.rectangle((0, strip.height - bar, caption.done * width, strip.height), fill=GREEN)
    return np.asarray(strip)


def _wrap(text: str, size: int, room: int) -> tuple[str, ImageFont.FreeTypeFont]:
    """Return the text on at most two lines with the largest letters that fit into ``room`` pixels."""
    while True:
        font = _font(size)
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if font.getlength(longer) <= room or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(word)
        fits = len(lines) <= 2 and all(font.getlength(line) <= room for line in lines)
        if fits or size <= 8:
            return "\n".join(lines), font
        size -= 1


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return cast(ImageFont.FreeTypeFont, ImageFont.load_default(size))
