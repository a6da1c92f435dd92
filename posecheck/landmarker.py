"""Pictures in, poses out: MediaPipe's pose landmarker, made safe for any frame size and any clock."""

from __future__ import annotations

import contextlib
import math
import os
import platform
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from posecheck import tracking
from posecheck.errors import ModelMissingError
from posecheck.pose import MIRROR, SILHOUETTE_SIZE, FloatArray, Pose, nobody
from posecheck.tracking import Tracking, TrackingLimits

_ALIGNMENT = 16
"""Frames are padded to multiples of this many pixels. Reading a mask whose rows are not contiguous in memory
ends the process (mediapipe 0.10.30 to 0.10.35, widths not a multiple of 4)."""
_MASK_THRESHOLD = 0.5
"""Mask values above this are the person: the model's mask is a probability."""

_MOST_BODIES = 3
"""Bodies looked for while in doubt: she, a child, one more."""
_TURN_MARGIN = 0.5
"""Torso lengths around a body's landmarks left visible to find it alone: hair, hands and feet stick out."""

_NATIVE_CHATTER = re.compile(
    rb"[IW]\d{4} \d\d:\d\d:|(INFO|VERBOSE|WARNING): (Created TensorFlow|All log messages before absl)"
)
_quiet_lock = threading.Lock()
_first_person_seen = threading.Event()


@dataclass(frozen=True)
class _Found:
    """One body as the model gives it.

    Attributes:
        image: Landmarks in pixels, shape ``(33, 2)``.
        visibility: Shape ``(33,)``.
        world: Landmarks in metres, shape ``(33, 3)``.
        mask: Probability of being the person for every pixel of the padded picture; None where not asked for.
    """

    image: FloatArray
    visibility: FloatArray
    world: FloatArray
    mask: NDArray[np.float32] | None

    @cached_property
    def body(self) -> tracking.Somebody:
        return tracking.measure_body(self.image, self.world, self.visibility)


class Landmarker:
    """The pose model on one stream of pictures; a context manager, closed exactly once, never shared.

    It keeps to one body (``tracking``): somebody else in the picture is not taken for her.

    Args:
        model: The ``.task`` bundle, from ``models.obtain_model``.
        silhouette: Whether to ask the model for the person's mask (about 3 ms a frame).
        video: Whether the pictures follow one another in time; False judges each on its own, and the largest
            body in it.
        limits: What is still the same body.

    Raises:
        ModelMissingError: where the file is no pose model, or MediaPipe cannot run on this computer.
    """

    def __init__(self, model: Path, *, limits: TrackingLimits, silhouette: bool, video: bool = True) -> None:
        self._silhouette = silhouette
        self._limits = limits
        self._tracking = Tracking()
        self._scene: FloatArray | None = None
        self._last_ms = -1
        self._company = False
        self._mirrored = False
        self._doubted = -math.inf
        self._closed = False
        # Following one body costs one inference a frame, two bodies twice that and the detector on top. So one is
        # followed, and a second instance looks at everybody in the picture while there is doubt whose body it is.
        self._follower = _create(model, silhouette=silhouette, video=True, bodies=1) if video else None
        try:
            self._looker = _create(model, silhouette=silhouette and not video, video=False, bodies=_MOST_BODIES)
        except BaseException:
            if self._follower:
                self._follower.close()
            raise

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
            self._looker.close()
            if self._follower:
                self._follower.close()

    @property
    def company(self) -> bool:
        """Whether somebody else was in the picture when it was last looked for."""
        return self._company

    def detect(self, image: NDArray[np.uint8], t: float) -> Pose:
        """Return the pose of the person in a picture; NaN where nobody is found, or nobody who can be she.

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
        if self._follower:
            found = self._keep_to_her(padded, t, (width, height))
        else:  # a picture by itself, whatever the one before was
            self._mirrored, self._doubted = False, -math.inf
            everybody = self._look(padded)
            _, index = tracking.step(
                Tracking(), t, [f.body for f in everybody], (width, height), self._limits, looked=True
            )
            found = None if index is None else everybody[index]
        if found is not None:
            doubtful = self._reversed(found)
            if doubtful or not self._follower or self._tracking.since == t:
                found = self._see_mirrored(found, padded, t, doubtful=doubtful)
        return _pose_of(found, t, (width, height), self._silhouette)

    def _keep_to_her(self, padded: NDArray[np.uint8], t: float, size: tuple[int, int]) -> _Found | None:
        self._watch_scene(padded)
        candidates = self._follow(padded, t)
        bodies = [f.body for f in candidates]
        looked = tracking.wants_look(self._tracking, t, bodies[0] if bodies else None, size, self._limits)
        if looked:
            everybody = self._look(padded)
            seen = [f.body for f in everybody]
            self._company = bool(tracking.apart(seen[0], seen[1:], self._limits)) if seen else False
            for i in tracking.apart(bodies[0], seen, self._limits):
                candidates.append(everybody[i])
                bodies.append(seen[i])
        self._tracking, index = tracking.step(self._tracking, t, bodies, size, self._limits, looked=looked)
        if index == 0:
            return candidates[0]
        rival = self._tracking.rival
        wanted = next((i for i, b in enumerate(bodies) if rival is not None and b is rival.body), None)
        if index is None:
            if wanted:  # not 0, which is followed already
                self._turn_to(candidates[wanted], padded, t)
            return None
        return self._turn_to(candidates[index], padded, t)

    def _watch_scene(self, padded: NDArray[np.uint8]) -> None:
        scene = tracking.sample_scene(padded)
        if tracking.shows_scene(scene, self._limits):
            if self._scene is not None and tracking.scene_changed(self._scene, scene, self._limits):
                self._tracking = tracking.forget(self._tracking)
            self._scene = scene

    def _follow(self, padded: NDArray[np.uint8], t: float) -> list[_Found]:
        assert self._follower is not None
        # The graph needs strictly increasing milliseconds; cameras and files repeat and go back.
        self._last_ms = max(int(t * 1000), self._last_ms + 1)
        return _run(self._follower.detect_for_video, padded, self._last_ms, mirrored=self._mirrored)

    def _look(self, padded: NDArray[np.uint8]) -> list[_Found]:
        return _run(self._looker.detect, padded, mirrored=self._mirrored)

    def _see_mirrored(self, found: _Found, padded: NDArray[np.uint8], t: float, *, doubtful: bool) -> _Found:
        """Look at the mirrored picture, in which the model often tells head and tail right; keep to it if so.

        The model is not quite the same in a mirror. A folded body whose long arms were taken for legs reads as
        lying straight, which is doubtful at any time: of one such clip every frame is right there. One on hands
        and knees whose feet were taken for the head reads as any that lies on its back, so it is told where a body
        is taken up: of 846 rendered clips one was, and three were seen less well in the mirror.
        """
        if abs(t - self._doubted) < self._limits.calm_look_s:
            return found
        self._mirrored = not self._mirrored
        everybody = self._look(padded)
        right = [f for f in everybody if _overlap(f, found) and not self._reversed(f)]
        if not doubtful:
            right = [f for f in right if tracking.outdoes(f.body, found.body, self._limits)]
            if len(tracking.apart(found.body, [f.body for f in everybody], self._limits)) < len(everybody):
                right = []  # seen there as well: the other is somebody beside her
        if doubtful or right:
            self._doubted = t
        if not right:
            self._mirrored = not self._mirrored
        elif self._follower:
            self._tracking = tracking.forget(self._tracking)
            return self._turn_to(right[0], padded, t)
        return right[0] if right else found

    def _reversed(self, found: _Found) -> bool:
        return bool(tracking.looks_reversed(found.image, found.visibility, self._limits))

    def _turn_to(self, wanted: _Found, padded: NDArray[np.uint8], t: float) -> _Found:
        """Make the follower follow another body, and return that body as the follower sees it.

        A black picture makes it lose whom it follows; one with only the wanted body visible makes it find that
        one. From then on it follows by itself. (A new instance would cost 100 ms.)
        """
        self._follow(np.zeros_like(padded), t)
        alone = np.full_like(padded, 128)
        margin = _TURN_MARGIN * wanted.body.torso
        (left, top), (right, bottom) = wanted.image.min(axis=0) - margin, wanted.image.max(axis=0) + margin
        window = np.s_[max(int(top), 0) : max(int(bottom), 0), max(int(left), 0) : max(int(right), 0)]
        alone[window] = padded[window]
        again = self._follow(alone, t)
        if again and not tracking.apart(wanted.body, [again[0].body], self._limits):
            return again[0]
        return wanted


def _create(model: Path, *, silhouette: bool, video: bool, bodies: int) -> Any:
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
        num_poses=bodies,
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


def _overlap(a: _Found, b: _Found) -> bool:
    """Return whether the middle of one body lies within the other."""
    middle = a.image.mean(axis=0)
    return bool((middle >= b.image.min(axis=0)).all() and (middle <= b.image.max(axis=0)).all())


def _unmirrored(found: _Found, width: int) -> _Found:
    """Return a body found in a mirrored picture as it is in the picture itself."""
    image, world = found.image[MIRROR], found.world[MIRROR]
    image[:, 0] = width - image[:, 0]
    world[:, 0] *= -1
    mask = None if found.mask is None else found.mask[:, ::-1]
    return _Found(image, found.visibility[MIRROR], world, mask)


def _run(
    detect: Callable[..., Any], padded: NDArray[np.uint8], *args: int, mirrored: bool = False
) -> list[_Found]:
    """Return the bodies that a native call finds in a padded picture, or in its mirror image."""
    import mediapipe as mp

    picture = mp.Image(mp.ImageFormat.SRGB, np.ascontiguousarray(padded[:, ::-1]) if mirrored else padded)
    # One native line comes with the first person found in the life of the process.
    with contextlib.nullcontext() if _first_person_seen.is_set() else _quiet():
        result = detect(picture, *args)
    if result.pose_landmarks:
        _first_person_seen.set()
    size = (padded.shape[1], padded.shape[0])
    masks = result.segmentation_masks or [None] * len(result.pose_landmarks)
    found = []
    for image, world, mask in zip(result.pose_landmarks, result.pose_world_landmarks, masks, strict=True):
        rows = [(p.x, p.y, p.visibility, q.x, q.y, q.z) for p, q in zip(image, world, strict=True)]
        points = np.array(rows, dtype=np.float64)
        view = None if mask is None else mask.numpy_view()[..., 0]
        found.append(_Found(points[:, :2] * size, points[:, 2], points[:, 3:], view))
    return [_unmirrored(f, size[0]) for f in found] if mirrored else found


def _pose_of(found: _Found | None, t: float, size: tuple[int, int], silhouette: bool) -> Pose:
    packed = _pack(None if found is None else found.mask, size) if silhouette else None
    scale = np.asarray(SILHOUETTE_SIZE / max(size)) if silhouette else None
    if found is None:
        return replace(nobody(t, size), silhouette=packed, silhouette_scale=scale)
    at, frame_size = np.asarray(t, dtype=np.float64), np.asarray(size, dtype=np.float64)
    return Pose(at, found.image, found.visibility, found.world, frame_size, packed, scale)


def _pack(mask: NDArray[np.float32] | None, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the mask scaled into the top-left corner of 192 x 192, as bits packed along the rows.

    Args:
        mask: Probability of being the person, of a padded picture; None for nobody.
        size: Width and height of the picture itself.
    """
    packed = np.zeros((SILHOUETTE_SIZE, SILHOUETTE_SIZE // 8), np.uint8)
    if mask is not None:
        # Linear, not area: the model's mask is smooth (256 pixels stretched over the body), so only 0.2 to 0.7 %
        # of the silhouette's pixels differ, at its rim, and it takes 0.1 ms instead of 1.
        width, height = (max(1, round(side * SILHOUETTE_SIZE / max(size))) for side in size)
        small = cv2.resize(mask[: size[1], : size[0]], (width, height)) > _MASK_THRESHOLD
        packed[:height, : -(-width // 8)] = np.packbits(small, axis=-1)
    return packed


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
