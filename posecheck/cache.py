"""Landmarks kept between runs, so that a clip goes through the pose model once: never a picture, only the body.

A kept recording is found by what it was made from: the file's content, the model's, and the code between them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from posecheck.errors import PosecheckError
from posecheck.folders import cache_folder
from posecheck.pose import Pose
from posecheck.recording import load_recording, save_recording
from posecheck.tracking import TrackingLimits

LIMIT_BYTES = 512 * 2**20
"""What is kept at most, about 3000 clips of ten seconds; the recordings longest unused go first."""
MAKERS = ("capture", "landmarker", "tracking", "geometry", "pose", "recording")
"""The modules between a file and its landmarks: where one changes, what it made before is not used again."""


@dataclass(frozen=True, slots=True)
class LandmarkCache:
    """A folder of landmark recordings.

    Attributes:
        folder: Where they lie; made when the first one is kept.
        model: SHA-256 of the pose model.
        limits: What counts as the same body; it decides whose landmarks are given.
    """

    folder: Path
    model: str
    limits: TrackingLimits

    def pose_of(self, source: Path, read: Callable[[], tuple[Pose, bool]]) -> Pose:
        """Return the pose over all instants of a source, from the cache or read now.

        Args:
            source: A video or photograph.
            read: Reads it with the silhouette; its second value says whether the pose is whole and may be kept.

        Raises:
            SourceError: as ``read`` does.
        """
        path = self.folder / f"{self._key(source)}.npz"
        with suppress(PosecheckError):  # not kept yet, or damaged: read again
            pose = load_recording(path)
            with suppress(OSError):
                path.touch()
            return pose
        pose, whole = read()
        if whole:
            with suppress(PosecheckError, OSError):  # a full disk is no reason to stop
                self.folder.mkdir(parents=True, exist_ok=True)
                save_recording(path, pose)
        return pose

    def trim(self, limit_bytes: int = LIMIT_BYTES) -> None:
        """Remove the recordings longest unused until the rest fits into the limit."""
        files: list[tuple[float, int, Path]] = []
        for path in self.folder.glob("*.npz"):
            with suppress(OSError):
                found = path.stat()
                files.append((found.st_mtime, found.st_size, path))
        room = limit_bytes
        for _, size, path in sorted(files, reverse=True):
            room -= size
            if room < 0:
                with suppress(OSError):
                    path.unlink()

    def _key(self, source: Path) -> str:
        parts = (file_sha256(source), source.suffix.lower(), self.model, repr(self.limits), _makers())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def open_cache(model: Path, limits: TrackingLimits) -> LandmarkCache:
    """Return the cache in the user's cache folder, for one model."""
    return LandmarkCache(cache_folder() / "landmarks", file_sha256(model), limits)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content; of nothing where it cannot be read, which its reader will say."""
    digest = hashlib.sha256()
    with suppress(OSError), path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


@cache
def _makers() -> str:
    """Return what identifies the code that turns a file into landmarks, and the library that runs the model."""
    here = Path(__file__).parent
    made = [file_sha256(here / f"{name}.py") for name in MAKERS]
    return "\n".join([*made, metadata.version("mediapipe"), metadata.version("av"), os.name])
