"""The annotated video: the pictures with the skeleton drawn on, and a calm strip with the sentence below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from posecheck.capture import Frame, open_video, read_photograph
from posecheck.drawing import AMBER, GREEN, LIGHT, Tone, annotate_frame
from posecheck.errors import OutputError
from posecheck.files import source_kind, whole_file
from posecheck.moment import Moment
from posecheck.pose import FloatArray, Pose

if TYPE_CHECKING:
    from av.container import OutputContainer
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
    """One picture of the result: from ``t`` on, for ``lasting`` seconds."""

    t: float
    lasting: float
    image: Image


@dataclass(frozen=True, slots=True)
class Caption:
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


def write_annotated(
    source: Path,
    path: Path,
    pose: Pose,
    moments: Sequence[Moment],
    lasting: FloatArray,
    progress: Callable[[float | None, str], None] = lambda fraction, what: None,
) -> None:
    """Write the annotated pictures of a source, whole or not at all, each at its own time.

    Args:
        source: The video or photograph; a recording has no pictures and gives a skeleton on a plain ground.
        path: ``.mp4``, or for a photograph ``.jpg`` or ``.png``.
        pose: T instants, one a picture.
        moments: T moments.
        lasting: How long each is shown, seconds, shape ``(T,)``.
        progress: Told the share done and the file.

    Raises:
        OutputError: where the file cannot be written.
        SourceError: where the pictures cannot be read again.
    """

    def annotated() -> Iterator[Shown]:
        for i, (frame, moment) in enumerate(zip(_frames(source, pose), moments, strict=False)):
            yield Shown(frame.t, float(lasting[i]), annotate(frame.image, pose[i], moment))
            progress((i + 1) / len(moments), path.name)

    with whole_file(path) as temporary:
        if path.suffix.lower() == ".mp4":
            _write_video(path, temporary, annotated())
        else:
            bgr = cv2.cvtColor(next(annotated()).image, cv2.COLOR_RGB2BGR)
            _, data = cv2.imencode(path.suffix.lower(), bgr)
            temporary.write_bytes(data.tobytes())


def annotate(image: Image, pose: Pose, moment: Moment) -> Image:
    """Return the picture with the skeleton, taller by the caption's strip.

    Args:
        image: RGB, shape ``(H, W, 3)``.
        pose: One instant.
        moment: What the trainer says of it.
    """
    caption = caption_of(moment)
    drawn = annotate_frame(image, pose, moment.highlight, tone=caption.tone)
    return np.concatenate([drawn, _strip(caption, *image.shape[1::-1])])


def caption_of(moment: Moment) -> Caption:
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
    return Caption(text, tone, count, round(min(1.0, done), 2))


# --- pictures -------------------------------------------------------------------------------------------------


def _frames(source: Path, pose: Pose) -> Iterator[Frame]:
    kind = source_kind(source)
    if kind == "photograph":
        yield Frame(0.0, read_photograph(source))
    elif kind == "recording":
        width, height = (round(float(side)) for side in pose.frame_size)
        ground = np.full((height, width, 3), GROUND, np.uint8)
        yield from (Frame(float(t), ground) for t in pose.t)
    else:
        with open_video(source) as video:
            yield from video


@lru_cache(maxsize=8)  # the strip changes about once a second, the picture thirty times
def _strip(caption: Caption, width: int, height: int) -> Image:
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


# --- video ----------------------------------------------------------------------------------------------------


def _write_video(path: Path, temporary: Path, pictures: Iterable[Shown]) -> None:
    try:
        with av.open(str(temporary), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            _encode(container, pictures)
    except av.FFmpegError as e:
        if isinstance(e, OSError):  # the system's errors are both; whole_file has the sentences for them
            raise
        raise OutputError(f"{path} was not written: {e.strerror}.", "Choose another file.") from e


def _encode(container: OutputContainer, pictures: Iterable[Shown]) -> None:
    stream: av.VideoStream | None = None
    lasting: dict[int, int] = {}

    def mux(packets: Iterable[av.Packet[VideoStream]]) -> None:
        for packet in packets:
            # The encoder does not pass on how long a picture lasts; without it the last one is not seen.
            packet.duration = lasting.pop(packet.pts or 0, 0)
            container.mux(packet)

    for shown in pictures:
        height, width = shown.image.shape[:2]
        # 4:2:0 colours need even sides.
        even = np.pad(shown.image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        if stream is None:
            stream = container.add_stream("libx264", rate=30)
            stream.width, stream.height, stream.pix_fmt = even.shape[1], even.shape[0], "yuv420p"
            stream.codec_context.time_base = stream.time_base = _TICK
            stream.options = {"preset": "veryfast", "crf": "21"}
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        frame.pts, frame.time_base = round(shown.t / _TICK), _TICK
        lasting[frame.pts] = round((shown.lasting or _STILL_S) / _TICK)
        mux(stream.encode(frame))
    if stream is not None:
        mux(stream.encode(None))
