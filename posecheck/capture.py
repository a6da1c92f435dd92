"""Pictures from files: upright RGB frames of videos with exact media times, and photographs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from posecheck.errors import SourceError
from posecheck.files import COPY_HINT, check_readable, describe_unreadable, source_kind

__all__ = ["FileClock", "Frame", "Video", "open_video", "read_photograph", "source_kind"]

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.sidedata.sidedata import SideData
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

Image = NDArray[np.uint8]

MAX_SIDE = 1280
"""Long side of the frames given, in pixels: the model looks at 256 x 256, so more only costs time."""

_VIDEO_HINT = "Use an MP4, MOV, WebM or MKV video."
_TEXT = frozenset({"adf", "bin", "idf", "tty", "xbin"})
"""FFmpeg draws a text file as the pictures of a terminal, in which nobody would be found."""
_PHOTOGRAPH_HINT = "Use a JPEG or PNG picture."


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a video.

    Attributes:
        t: Media seconds since the first frame; strictly increasing within a video.
        image: Upright RGB, shape ``(height, width, 3)``.
    """

    t: float
    image: Image


# --- photographs ----------------------------------------------------------------------------------------------


def read_photograph(path: Path) -> Image:
    """Return a photograph as upright RGB ``(height, width, 3)``, its long side at most ``MAX_SIDE`` pixels.

    Raises:
        SourceError: where the file is missing, empty or not a picture.
    """
    check_readable(path)
    if path.suffix.lower() in {".heic", ".heif"}:
        raise SourceError(
            f"{path.name} is a HEIC photograph, which cannot be read here.", "Save it as JPEG first."
        )
    # Read by Python and decoded from memory: cv2.imread loses paths outside ASCII on Windows.
    try:
        data = path.read_bytes()
    except OSError as e:
        raise describe_unreadable(path, e) from e
    if _is_cut_short(data):
        raise SourceError(f"{path.name} is cut short: the end of the picture is missing.", COPY_HINT)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)  # applies the EXIF orientation
    except cv2.error:  # a header that promises more pixels than OpenCV takes
        image = None
    if image is None:
        raise SourceError(f"{path.name} is not a photograph that can be read.", _PHOTOGRAPH_HINT)
    height, width = image.shape[:2]
    fitted = _fit(width, height, MAX_SIDE)
    if fitted != (width, height):
        image = cv2.resize(image, fitted, interpolation=cv2.INTER_AREA)
    return cast(Image, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def _is_cut_short(data: bytes) -> bool:
    """Return whether a JPEG or PNG lacks its end; OpenCV would fill it with grey, or write to the terminal."""
    if data.startswith(b"\x89PNG"):
        return b"IEND" not in data
    return data.startswith(b"\xff\xd8") and b"\xff\xd9" not in data


def _fit(width: float, height: float, max_side: int) -> tuple[int, int]:
    """Return whole ``(width, height)`` with the same proportions and the long side at most ``max_side``."""
    scale = min(1.0, max_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


# --- videos ---------------------------------------------------------------------------------------------------


class FileClock:
    """Turns the times written in a file into strictly increasing media seconds from the first frame.

    Cameras, cutters and recorders leave out times, repeat them or step back. A time left out follows the
    last by the usual interval; one that repeats or steps back is set half an interval after the last, so
    that the next good time still fits; when times stay behind, the clock carries on from where it was.
    """

    _BEHIND_FRAMES = 3
    _BEHIND_S = 0.25

    def __init__(self, interval_s: float) -> None:
        self._interval = interval_s
        self._shift: float | None = None
        self._last: float | None = None
        self._written_last: float | None = None
        self._behind = 0

    def step(self, written: float | None) -> float:
        """Return the media seconds of the next frame, whose file time is ``written`` (None: left out)."""
        follows = 0.0 if self._last is None else self._last + self._interval
        self._last = follows if written is None else self._place(written, follows)
        return self._last

    def _place(self, written: float, follows: float) -> float:
        if self._shift is None:
            self._shift = follows - written
        t = written + self._shift
        forward = self._written_last is None or written > self._written_last
        self._written_last = written
        if self._last is None or t > self._last:
            if forward and self._behind == 0 and self._last is not None:
                # The usual interval follows the file; a pause in it must not become the usual interval.
                self._interval = min(t - self._last, 4 * self._interval)
            self._behind = 0 if forward else self._behind
            return t
        self._behind += 1
        if self._behind > self._BEHIND_FRAMES or self._last - t > self._BEHIND_S:
            # Not a glitch but a new count of time, as after a cut: carry on one interval later.
            self._shift = follows - written
            return follows
        return self._last + self._interval / 2


class Video:
    """The frames of a video file, decoded one at a time; use as a context manager and iterate once.

    Attributes:
        path: The file.
        frame_size: Width and height in pixels of every frame given.
        duration_s: Seconds the file says it lasts, or None where it does not say.
        frame_count: Frames the file says it holds, or None.
        warning: After the last frame: one sentence where part of the file could not be read, else None.
    """

    def __init__(self, path: Path, max_side: int) -> None:
        self.path = path
        self.warning: str | None = None
        self._max_side = max_side
        self._size = path.stat().st_size
        self._position = 0
        self._packets = 0
        self._damaged = 0
        self._end_s = 0.0
        self._reformatter = VideoReformatter()  # keeps what it prepared for the frame before
        self._container = _open_container(path)
        try:
            self._stream = _video_stream(self._container, path)
            self.duration_s = _duration_s(self._container, self._stream)
            self.frame_count = self._stream.frames or None
            self._frames = self._decode()
            self._next = next(self._frames, None)
        except BaseException:
            self._container.close()
            raise
        if self._next is None:
            self._container.close()
            raise SourceError(f"{path.name} holds no picture that can be decoded.", COPY_HINT)
        self._matrix = _display_matrix(self._next)
        self._decoded_size = self._target_size(self._next)
        width, height = self._decoded_size
        self.frame_size: tuple[int, int] = (height, width) if _transposes(self._matrix) else (width, height)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def fraction(self, t: float) -> float | None:
        """Return how much of the file has been read at media time ``t``, in [0, 1], or None where unknown."""
        if self.duration_s:
            return min(1.0, t / self.duration_s)
        return min(1.0, self._position / self._size) if self._position else None

    def __iter__(self) -> Iterator[Frame]:
        rate = self._stream.guessed_rate or self._stream.average_rate
        clock = FileClock(1 / float(rate) if rate else 1 / 25)
        frame, self._next = self._next, None
        while frame is not None:
            t = clock.step(frame.time)
            self._end_s = t + float((frame.duration or 0) * (frame.time_base or 0))
            yield Frame(t, self._upright(frame))
            frame = next(self._frames, None)
        self.warning = self._describe_damage()

    # --- decoding

    def _decode(self) -> Iterator[VideoFrame]:
        """Yield every frame that can be decoded; a damaged stretch is counted and passed over."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.FFmpegError, OSError):
                self._damaged += 1
                packet = None
            if packet is None:
                return
            if packet.size:
                self._packets += 1
                self._position = max(self._position, packet.pos or 0)
            try:
                frames = packet.decode()
            except av.EOFError:
                return
            except (av.FFmpegError, OSError):
                self._damaged += 1
                continue
            for frame in frames:
                if frame.is_corrupt:
                    self._damaged += 1
                else:
                    yield frame

    def _describe_damage(self) -> str | None:
        name, read = self.path.name, f"{self._end_s:.1f} s"
        missing = (self.frame_count or 0) - self._packets
        promised = self.duration_s or 0.0
        if missing > 0 or promised - self._end_s > max(1.0, 0.1 * promised):
            return f"{name} breaks off after {read} of {promised:.1f} s; only that part was analysed."
        if self._damaged:
            return f"{name} is damaged in {self._damaged} place{'s' * (self._damaged > 1)}; the rest was analysed."
        return None

    # --- pixels

    def _target_size(self, frame: VideoFrame) -> tuple[int, int]:
        """Return the size to scale a frame to before it is turned upright: square pixels, long side limited."""
        # Pixels that are not square (older cameras) would bend every angle.
        aspect = self._stream.sample_aspect_ratio
        return _fit(frame.width * float(aspect or 1), frame.height, self._max_side)

    def _upright(self, frame: VideoFrame) -> Image:
        width, height = self._decoded_size
        if self._target_size(frame) == self._decoded_size:
            pixels = self._rgb(frame, width, height)
        else:
            # Browsers change the size in the middle of a recording: fit it into the first frame's shape.
            pixels = self._letterbox(frame, width, height)
        return _turn(pixels, self._matrix)

    def _rgb(self, frame: VideoFrame, width: int, height: int) -> Image:
        """Return the frame scaled to ``(height, width, 3)`` RGB; scaling happens while colours are converted."""
        # Averaging when smaller, so that thin limbs of a 4K picture do not flicker.
        scaling = "FAST_BILINEAR" if (frame.width, frame.height) == (width, height) else "AREA"
        # On one thread: to share a picture out takes longer than its colours, and twice the work.
        converted = self._reformatter.reformat(frame, width, height, "rgb24", interpolation=scaling, threads=1)
        return cast(Image, np.ascontiguousarray(converted.to_ndarray()))  # FFmpeg's rows may be padded

    def _letterbox(self, frame: VideoFrame, width: int, height: int) -> Image:
        scale = min(width / frame.width, height / frame.height)
        w, h = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
        out = np.zeros((height, width, 3), np.uint8)
        top, left = (height - h) // 2, (width - w) // 2
        out[top : top + h, left : left + w] = self._rgb(frame, w, h)
        return out


def open_video(path: Path, max_side: int = MAX_SIDE) -> Video:
    """Open a video and decode its first frame.

    Args:
        path: The file.
        max_side: Long side of the frames given, at most, in pixels.

    Raises:
        SourceError: one sentence for a file that is missing, empty, cut short, without pictures or no video.
    """
    check_readable(path)
    try:
        return Video(path, max_side)
    except OSError as e:
        raise describe_unreadable(path, e) from e


def _open_container(path: Path) -> InputContainer:
    try:
        # "file:" and the whitelist keep names such as "a:b.mp4", and play-lists inside files, off the network.
        container = av.open(f"file:{path}", "r", container_options={"protocol_whitelist": "file"})
    except (av.FFmpegError, OSError) as e:
        if isinstance(e, (PermissionError, FileNotFoundError)):
            raise describe_unreadable(path, e) from e
        head = check_readable(path)
        if head[4:8] in (b"ftyp", b"mdat", b"wide") or head.startswith(b"\x1aE\xdf\xa3"):
            raise SourceError(
                f"{path.name} is cut short: the index of its pictures is missing ({path.stat().st_size} bytes).",
                COPY_HINT,
            ) from e
        raise SourceError(f"{path.name} is not a video that can be read.", _VIDEO_HINT) from e
    if container.format.name in _TEXT:
        container.close()
        raise SourceError(f"{path.name} is not a video that can be read.", _VIDEO_HINT)
    return container


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    for stream in container.streams.video:
        # The cover of a song is a video stream of one picture, to FFmpeg.
        if av.stream.Disposition.attached_pic not in stream.disposition:
            stream.thread_type = "AUTO"
            return stream
    if container.streams.audio:
        raise SourceError(f"{path.name} holds sound but no pictures.", _VIDEO_HINT)
    raise SourceError(f"{path.name} is not a video that can be read.", _VIDEO_HINT)


def _duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _display_matrix(frame: VideoFrame) -> tuple[int, int, int, int]:
    """Return ``(a, b, c, d)``: a stored point (x, y) belongs at (a x + c y, b x + d y) on the screen."""
    for data in cast("Iterable[SideData]", frame.side_data):  # PyAV's container iterates over its values
        if data.type.name == "DISPLAYMATRIX":
            m = np.frombuffer(bytes(data), np.int32)
            if m.size >= 5 and (m[0] or m[1]):
                return int(m[0]), int(m[1]), int(m[3]), int(m[4])
    return 1, 0, 0, 1


def _transposes(matrix: Sequence[int]) -> bool:
    a, b, _, _ = matrix
    return abs(b) > abs(a)


def _turn(image: Image, matrix: Sequence[int]) -> Image:
    """Return the image turned by quarter turns and flips as the display matrix says."""
    a, b, c, d = matrix
    if _transposes(matrix):
        image = cast(Image, cv2.transpose(image))
        flip_x, flip_y = c < 0, b < 0
    else:
        flip_x, flip_y = a < 0, d < 0
    if flip_x or flip_y:
        image = cast(Image, cv2.flip(image, -1 if flip_x and flip_y else 1 if flip_x else 0))
    return image
