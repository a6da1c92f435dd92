"""Landmark recordings: what the camera saw of a body, without the picture (``posecheck/recording@1``)."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecheck.errors import SourceError
from posecheck.files import check_readable, whole_file
from posecheck.pose import N_LANDMARKS, SILHOUETTE_SIZE, FloatArray, Pose, stack

SCHEMA = "posecheck/recording@1"

_SHAPES: Mapping[str, tuple[str | int, ...]] = {
    "t": ("T",),
    "image_landmarks": ("T", N_LANDMARKS, 3),
    "world_landmarks": ("T", N_LANDMARKS, 3),
    "frame_size": (2,),
    "silhouette": ("T", SILHOUETTE_SIZE, SILHOUETTE_SIZE // 8),
    "silhouette_scale": ("T",),
}
_OPTIONAL = ("silhouette", "silhouette_scale")
_HINT = "Make it again with `posecheck analyse SOURCE --record OUT.npz`."


class PoseLog:
    """The instants of a long recording, kept small: a silhouette takes a tenth of its room when packed.

    Half an hour at 30 pictures a second is 54,000 instants, 2.5 kB each.
    """

    def __init__(self) -> None:
        self._poses: list[Pose] = []
        self._silhouettes: list[tuple[bytes, FloatArray] | None] = []

    def __len__(self) -> int:
        return len(self._poses)

    def append(self, pose: Pose) -> None:
        """Keep one more instant."""
        packed = None
        if pose.silhouette is not None and pose.silhouette_scale is not None:
            packed = (zlib.compress(pose.silhouette.tobytes(), 1), pose.silhouette_scale)
        self._poses.append(replace(pose, silhouette=None, silhouette_scale=None))
        self._silhouettes.append(packed)

    def __getitem__(self, index: int) -> Pose:
        """Return one instant as it was."""
        pose, packed = self._poses[index], self._silhouettes[index]
        if packed is None:
            return pose
        return replace(pose, silhouette=_unpack(packed[0]), silhouette_scale=packed[1])

    def whole(self) -> Pose:
        """Return all of them as one pose over T instants, unpacked."""
        whole = stack(self._poses)
        if not any(self._silhouettes):
            return whole
        # Each into its place: all of them unpacked beside the result would be half as much again.
        silhouette = np.zeros((len(self), SILHOUETTE_SIZE, SILHOUETTE_SIZE // 8), np.uint8)
        scale = np.full(len(self), np.nan)
        for i, packed in enumerate(self._silhouettes):
            if packed is not None:
                silhouette[i], scale[i] = _unpack(packed[0]), packed[1]
        return replace(whole, silhouette=silhouette, silhouette_scale=scale)


def _unpack(packed: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(zlib.decompress(packed), np.uint8).reshape(SILHOUETTE_SIZE, SILHOUETTE_SIZE // 8)


def save_recording(path: Path, pose: Pose) -> None:
    """Write a pose over T instants, or of one instant (then T = 1), whole or not at all.

    Numbers keep their full precision, so that a recording is judged exactly like what it was made from.

    Raises:
        OutputError: where the file cannot be written.
    """
    lead = () if np.ndim(pose.t) else (1,)
    arrays: dict[str, NDArray[Any]] = {
        "schema": np.array(SCHEMA),
        "t": np.reshape(pose.t, (*lead, *np.shape(pose.t))),
        "image_landmarks": np.concatenate([pose.image, pose.visibility[..., None]], axis=-1),
        "world_landmarks": pose.world,
        "frame_size": pose.frame_size,
    }
    if pose.silhouette is not None and pose.silhouette_scale is not None:
        arrays |= {"silhouette": pose.silhouette, "silhouette_scale": np.asarray(pose.silhouette_scale)}
    if lead:
        arrays |= {
            name: array[None] for name, array in arrays.items() if name not in ("schema", "t", "frame_size")
        }
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def load_recording(path: Path) -> Pose:
    """Return a recording as a pose over T instants; T may be 1.

    Raises:
        SourceError: one sentence naming everything that is missing or wrong.
    """
    check_readable(path)
    arrays = _read_arrays(path)
    _check_schema(path, arrays)
    faults = _find_faults(arrays)
    if faults:
        raise SourceError(f"{path.name} is not a complete landmark recording: {'; '.join(faults)}.", _HINT)
    landmarks = arrays["image_landmarks"].astype(np.float64)
    masked = "silhouette" in arrays
    return Pose(
        t=arrays["t"].astype(np.float64),
        image=landmarks[..., :2],
        visibility=landmarks[..., 2],
        world=arrays["world_landmarks"].astype(np.float64),
        frame_size=arrays["frame_size"].astype(np.float64),
        silhouette=arrays["silhouette"] if masked else None,
        silhouette_scale=arrays["silhouette_scale"].astype(np.float64) if masked else None,
    )


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    try:
        file = np.load(path, allow_pickle=False)  # a recording from a stranger must not run code
        if isinstance(file, np.ndarray):
            raise SourceError(f"{path.name} is not a landmark recording: it is a single array.", _HINT)
        with file:
            return {name: file[name] for name in ("schema", *_SHAPES) if name in file.files}
    except (ValueError, EOFError, OSError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as e:
        raise SourceError(f"{path.name} is not a landmark recording that can be read.", _HINT) from e


def _check_schema(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    if "schema" not in arrays:
        raise SourceError(f"{path.name} is not a landmark recording: it names no schema.", _HINT)
    schema = str(arrays["schema"]) if arrays["schema"].ndim == 0 else ""
    if schema != SCHEMA:
        raise SourceError(f"{path.name} follows {schema!r}; this version reads {SCHEMA!r}.", _HINT)


def _find_faults(arrays: Mapping[str, NDArray[Any]]) -> list[str]:
    faults = [f"{name} is missing" for name in _SHAPES if name not in arrays and name not in _OPTIONAL]
    if ("silhouette" in arrays) != ("silhouette_scale" in arrays):
        faults.append("silhouette and silhouette_scale go together, and one is missing")
    t = arrays.get("t")
    n = len(t) if t is not None and t.ndim == 1 else "T"
    for name, array in arrays.items():
        if name == "schema":
            continue
        wanted = tuple(n if size == "T" else size for size in _SHAPES[name])
        if not _fits(array.shape, wanted):
            faults.append(f"{name} must have shape {_show(wanted)}, not {_show(array.shape)}")
        elif name == "silhouette" and array.dtype != np.uint8:
            faults.append(f"silhouette must be uint8, not {array.dtype}")
        elif array.dtype.kind not in "fiu":
            faults.append(f"{name} must hold numbers, not {array.dtype}")
    return faults or _find_value_faults(arrays)


def _find_value_faults(arrays: Mapping[str, NDArray[Any]]) -> list[str]:
    t, size = arrays["t"], arrays["frame_size"]
    faults = []
    if len(t) == 0:
        faults.append("it holds no frame")
    if not np.isfinite(t).all() or (np.diff(t) <= 0).any():
        faults.append("t must be finite and increasing")
    # Where nobody was found, some keep no size of the picture either.
    least = 1 if np.isfinite(arrays["image_landmarks"]).any() else 0
    if not np.isfinite(size).all() or (size < least).any():
        faults.append(f"frame_size must be a width and a height in pixels, not {size.tolist()}")
    if np.isinf(arrays["image_landmarks"]).any() or np.isinf(arrays["world_landmarks"]).any():
        faults.append("landmarks must be finite, or NaN where nobody was found")
    return faults


def _fits(shape: tuple[int, ...], wanted: tuple[str | int, ...]) -> bool:
    return len(shape) == len(wanted) and all(w in ("T", s) for s, w in zip(shape, wanted, strict=True))


def _show(shape: tuple[str | int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
