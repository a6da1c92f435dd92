"""Videos, photographs and recordings read into poses.

OpenCV, PyAV and the pose model are imported where there are pictures: a landmark recording is read without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from posecheck.ahead import Ahead
from posecheck.files import source_kind
from posecheck.pose import Pose, stack
from posecheck.recording import load_recording
from posecheck.tracking import TrackingLimits

if TYPE_CHECKING:
    from posecheck.cache import LandmarkCache
    from posecheck.capture import Frame
    from posecheck.landmarker import Landmarker

Warn = Callable[[str], None]
"""Called with one sentence about input that was only partly readable."""


def no_warning(sentence: str) -> None:
    """Take no notice."""


class Seen(NamedTuple):
    """One picture of a video with what the model saw in it.

    Attributes:
        frame: The picture and its time.
        pose: Who is in it.
        fraction: How much of the file has been read, in [0, 1]; None where unknown.
    """

    frame: Frame
    pose: Pose
    fraction: float | None


class PoseReader:
    """Reads sources into poses; a context manager that keeps one model for all photographs of a folder."""

    def __init__(self, model: Callable[[], Path], limits: TrackingLimits) -> None:
        self._model = model
        self._limits = limits
        self._stack = ExitStack()
        self._still: Landmarker | None = None
        self._still_silhouette = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def read(self, source: Path, *, silhouette: bool, warn: Warn = no_warning) -> Pose:
        """Return the pose over all T instants of a source, media seconds from 0; T = 1 for a photograph.

        Raises:
            SourceError: where it cannot be read.
        """
        kind = source_kind(source)
        if kind == "recording":
            pose = load_recording(source)
            return replace(pose, t=pose.t - pose.t[0])
        if kind == "photograph":
            return stack([self._read_photograph(source, silhouette)])
        with self.stream(source, silhouette=silhouette, warn=warn) as seen:
            return stack([one.pose for one in seen])

    @contextmanager
    def stream(self, source: Path, *, silhouette: bool, warn: Warn = no_warning) -> Iterator[Iterator[Seen]]:
        """Give the instants of a video, a few at most made ahead: decoding and inference have a thread each.

        Raises:
            SourceError: where it cannot be read.
        """
        from posecheck.capture import open_video
        from posecheck.landmarker import Landmarker

        # The video before the model: a wrong file is said at once.
        with (
            open_video(source) as video,
            Landmarker(self._model(), limits=self._limits, silhouette=silhouette) as landmarker,
            Ahead(video) as frames,
        ):

            def look() -> Iterator[Seen]:
                for frame in frames:
                    yield Seen(frame, landmarker.detect(frame.image, frame.t), video.fraction(frame.t))

            with Ahead(look()) as seen:
                yield seen
        if video.warning:
            warn(video.warning)

    def read_kept(self, source: Path, kept: LandmarkCache | None, warn: Warn = no_warning) -> Pose:
        """Return the pose with its silhouettes, from the cache where the same file was read before.

        Raises:
            SourceError: where it cannot be read.
        """
        warnings: list[str] = []

        def read() -> tuple[Pose, bool]:
            return self.read(source, silhouette=True, warn=warnings.append), not warnings

        pose = kept.pose_of(source, read) if kept and source_kind(source) != "recording" else read()[0]
        for sentence in warnings:
            warn(sentence)
        return pose

    def _read_photograph(self, source: Path, silhouette: bool) -> Pose:
        from posecheck.capture import read_photograph
        from posecheck.landmarker import Landmarker

        image = read_photograph(source)
        if self._still is None or self._still_silhouette != silhouette:
            self._still = self._stack.enter_context(
                Landmarker(self._model(), limits=self._limits, silhouette=silhouette, video=False)
            )
            self._still_silhouette = silhouette
        return self._still.detect(image, 0.0)
