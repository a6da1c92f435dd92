"""Pictures in, poses out: MediaPipe's pose landmarker, made safe for any frame size and any clock."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from posecheck.errors import ModelMissingError
from posecheck.pose import N_LANDMARKS, SILHOUETTE_SIZE, Pose

_ALIGNMENT = 16
"""Frames are padded to multiples of this many pixels. Reading a mask whose rows are not contiguous in memory
ends the process (mediapipe 0.10.30 to 0.10.35, widths not a multiple of 4)."""
_MASK_THRESHOLD = 0.5
"""Mask values above this are the person: the model's mask is a probability."""

_NATIVE_CHATTER = re.compile(
    rb"[IW]\d{4} \d\d:\d\d:|(INFO|VERBOSE|WARNING): (Created TensorFlow|All log messages before absl)"
)
_quiet_lock = threading.Lock()
_first_person_seen = threading.Event()


class Landmarker:
    """The pose model on one stream of pictures; a context manager, closed exactly once, never shared.

    Args:
        model: The ``.task`` bundle, from ``models.obtain_model``.
        silhouette: Whether to ask the model for the person's mask (about 3 ms a frame).
        video: Whether the pictures follow one another in time; False judges each on its own.

    Raises:
        ModelMissingError: where the file is no pose model, or MediaPipe cannot run on this computer.
    """

    def __init__(self, model: Path, *, silhouette: bool, video: bool = True) -> None:
        self._silhouette = silhouette
        self._video = video
        self._last_ms = -1
        self._native = _create(model, silhouette=silhouette, video=video)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the model; later calls do nothing."""
        if not self._closed:
            self._closed = True
            self._native.close()

    def detect(self, image: NDArray[np.uint8], t: float) -> Pose:
        """Return the pose of the person in a picture; NaN where nobody is found.

        Args:
            image: RGB, shape ``(height, width, 3)``, any size, not mirrored.
            t: Media time in seconds. May stand still or go back: the model is then told a later time.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
            raise ValueError(
                f"image must be RGB of shape (height, width, 3) and type uint8, got {image.shape} {image.dtype}"
            )
        if self._closed:
            raise ValueError("this Landmarker is closed: make a new one for a new stream")
        height, width = image.shape[:2]
        padded = _pad(image)
        result = self._run(padded, t)
        return _pose_of(result, t, (width, height), (padded.shape[1], padded.shape[0]), self._silhouette)

    def _run(self, padded: NDArray[np.uint8], t: float) -> Any:
        import mediapipe as mp

        picture = mp.Image(mp.ImageFormat.SRGB, padded)
        # One native line comes with the first person found in the life of the process.
        hush = contextlib.nullcontext() if _first_person_seen.is_set() else _quiet()
        with hush:
            if self._video:
                # The graph needs strictly increasing milliseconds; cameras and files repeat and go back.
                self._last_ms = max(int(t * 1000), self._last_ms + 1)
                result = self._native.detect_for_video(picture, self._last_ms)
            else:
                result = self._native.detect(picture)
        if result.pose_landmarks:
            _first_person_seen.set()
        return result


def _create(model: Path, *, silhouette: bool, video: bool) -> Any:
    try:
        from mediapipe.tasks.python import BaseOptions, vision
    except (ImportError, OSError) as e:
        raise ModelMissingError(
            f"MediaPipe, which finds the body in the picture, does not run on this computer "
            f"({platform.system()} {platform.machine()}): {e}.",
            "It is made for Linux and Windows on x86-64 and for macOS on Apple silicon.",
        ) from e

    options = vision.PoseLandmarkerOptions(
        # The bytes, not the path: MediaPipe cannot open every path (such as non-ASCII ones on Windows).
        base_options=BaseOptions(model_asset_buffer=_read(model)),
        running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
        output_segmentation_masks=silhouette,
    )
    try:
        with _quiet():
            return vision.PoseLandmarker.create_from_options(options)
    except OSError as e:  # the library itself is loaded here
        raise ModelMissingError(
            f"MediaPipe's library cannot be loaded on this computer "
            f"({platform.system()} {platform.machine()}): {e}.",
            "On a bare Linux, install the packages libgl1, libegl1 and libgles2.",
        ) from e
    except (ValueError, RuntimeError) as e:
        raise ModelMissingError(
            f"{model} cannot be used as a pose model.",
            "Run `posecheck model` to see which model is used and to fetch the right one.",
        ) from e


def _read(model: Path) -> bytes:
    try:
        return model.read_bytes()
    except OSError as e:
        raise ModelMissingError(
            f"The pose model {model} cannot be read: {e.strerror}.", "Run `posecheck model` to fetch it."
        ) from e


def _pad(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture with black added right and below, so that both sides are multiples of 16."""
    height, width = image.shape[:2]
    bottom, right = -height % _ALIGNMENT, -width % _ALIGNMENT
    if bottom or right:
        padded = np.zeros((height + bottom, width + right, 3), np.uint8)
        padded[:height, :width] = image
        return padded
    return np.ascontiguousarray(image)


def _pose_of(result: Any, t: float, size: tuple[int, int], padded_size: tuple[int, int], silhouette: bool) -> Pose:
    width, height = size
    image = np.full((N_LANDMARKS, 2), np.nan)
    visibility = np.full(N_LANDMARKS, np.nan)
    world = np.full((N_LANDMARKS, 3), np.nan)
    mask: NDArray[np.float32] | None = None
    if result.pose_landmarks:
        image = np.array([(p.x, p.y) for p in result.pose_landmarks[0]]) * padded_size
        visibility = np.array([p.visibility for p in result.pose_landmarks[0]], dtype=np.float64)
        world = np.array([(p.x, p.y, p.z) for p in result.pose_world_landmarks[0]], dtype=np.float64)
        if silhouette:
            mask = result.segmentation_masks[0].numpy_view()[:height, :width, 0]
    scale = SILHOUETTE_SIZE / max(size)
    return Pose(
        t=np.asarray(t, dtype=np.float64),
        image=image,
        visibility=visibility,
        world=world,
        frame_size=np.array(size, dtype=np.float64),
        silhouette=_pack(mask, size) if silhouette else None,
        silhouette_scale=np.asarray(scale) if silhouette else None,
    )


def _pack(mask: NDArray[np.float32] | None, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the mask scaled into the top-left corner of 192 x 192, as bits packed along the rows."""
    square = np.zeros((SILHOUETTE_SIZE, SILHOUETTE_SIZE), bool)
    if mask is not None:
        width, height = (max(1, round(side * SILHOUETTE_SIZE / max(size))) for side in size)
        square[:height, :width] = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA) > _MASK_THRESHOLD
    return np.packbits(square, axis=-1)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the native library's routine log lines from the terminal; whatever else was written comes out after.

    The library writes to file descriptor 2 itself and reads no setting that would stop it (measured:
    GLOG_minloglevel, TF_CPP_MIN_LOG_LEVEL and ABSL_MIN_LOG_LEVEL change nothing), so the descriptor is turned to
    a temporary file for the length of one call. Lines of other threads end up there as well and are passed on.
    """
    with _quiet_lock:
        try:
            sys.stderr.flush()
            terminal = os.dup(2)
        except (OSError, ValueError, AttributeError):  # no standard error at all, as under pythonw
            yield
            return
        with tempfile.TemporaryFile() as caught:
            os.dup2(caught.fileno(), 2)
            try:
                yield
            finally:
                with contextlib.suppress(OSError, ValueError):
                    sys.stderr.flush()
                os.dup2(terminal, 2)
                os.close(terminal)
                caught.seek(0)
                for line in caught:
                    if not _NATIVE_CHATTER.match(line):
                        _write_all(line)


def _write_all(line: bytes) -> None:
    with contextlib.suppress(OSError):
        while line:
            line = line[os.write(2, line) :]
