"""The words of the field: landmark names, the mirror table, and the one value every room passes around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

N_LANDMARKS = 33
SILHOUETTE_SIZE = 192
"""Height and width of a stored silhouette, in silhouette pixels (recording format ``posecheck/recording@1``)."""


class Landmark(IntEnum):
    """MediaPipe's 33 pose landmarks; LEFT and RIGHT are the subject's own."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    LEFT_MOUTH = 9
    RIGHT_MOUTH = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


PAIRS: dict[str, tuple[Landmark, Landmark]] = {
    left.name.removeprefix("LEFT_").lower(): (left, Landmark[left.name.replace("LEFT_", "RIGHT_")])
    for left in Landmark
    if left.name.startswith("LEFT_")
}
"""Base name -> (left, right); left and right are written once, in the names above."""

NAMED: dict[str, tuple[Landmark, Landmark]] = {**PAIRS, "nose": (Landmark.NOSE, Landmark.NOSE)}
"""Every landmark by base name: ``PAIRS``, and the nose, which belongs to both sides."""

MIRROR: NDArray[np.intp] = np.arange(N_LANDMARKS)
"""``MIRROR[i]`` is the landmark that ``i`` becomes in a mirrored body."""
for _left, _right in PAIRS.values():
    MIRROR[_left], MIRROR[_right] = _right, _left


def _edge(a: str, b: str) -> list[tuple[Landmark, Landmark]]:
    return [(PAIRS[a][side], PAIRS[b][side]) for side in (0, 1)]


EDGES: tuple[tuple[Landmark, Landmark], ...] = (
    (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER),
    (Landmark.LEFT_HIP, Landmark.RIGHT_HIP),
    *_edge("shoulder", "elbow"),
    *_edge("elbow", "wrist"),
    *_edge("shoulder", "hip"),
    *_edge("hip", "knee"),
    *_edge("knee", "ankle"),
    *_edge("ankle", "foot_index"),
)
"""The limbs a skeleton is drawn with."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """One subject's landmarks at one instant ``()``, or over T instants ``(T,)``.

    Attributes:
        t: Media time in seconds, shape ``(...,)``.
        image: Landmarks in pixels of the frame, x to the right and y down, shape ``(..., 33, 2)``;
            NaN where nobody was found. May lie outside the frame: the model extrapolates.
        visibility: The model's visibility in [0, 1], shape ``(..., 33)``; NaN where nobody was found.
        world: Landmarks in metres, origin between the hips, x right, y down, z away from the camera,
            shape ``(..., 33, 3)``; NaN where nobody was found.
        frame_size: Width and height of the frame in pixels, shape ``(2,)``.
        silhouette: The person's mask with the whole frame scaled into the top-left corner of a
            192 x 192 square, bits packed along the last axis, shape ``(..., 192, 24)`` uint8;
            None where it was not asked of the model.
        silhouette_scale: Silhouette pixels per frame pixel, shape ``(...,)``; None with the silhouette.
    """

    t: FloatArray
    image: FloatArray
    visibility: FloatArray
    world: FloatArray
    frame_size: FloatArray
    silhouette: NDArray[np.uint8] | None = None
    silhouette_scale: FloatArray | None = None

    def __post_init__(self) -> None:
        lead = np.shape(self.t)
        for name, shape in (
            ("image", (*lead, N_LANDMARKS, 2)),
            ("visibility", (*lead, N_LANDMARKS)),
            ("world", (*lead, N_LANDMARKS, 3)),
            ("frame_size", (2,)),
            ("silhouette", (*lead, SILHOUETTE_SIZE, SILHOUETTE_SIZE // 8)),
            ("silhouette_scale", lead),
        ):
            value = getattr(self, name)
            if value is not None and np.shape(value) != shape:
                raise ValueError(f"Pose.{name} must have shape {shape} to match Pose.t, got {np.shape(value)}")
        if (self.silhouette is None) != (self.silhouette_scale is None):
            raise ValueError("Pose.silhouette and Pose.silhouette_scale go together: give both or neither")

    def __getitem__(self, index: int | slice) -> Self:
        """Return the instant or stretch at ``index`` of a pose over T instants."""
        return type(self)(
            **{
                f.name: value if f.name == "frame_size" or value is None else value[index]
                for f in fields(self)
                for value in [getattr(self, f.name)]
            }
        )

    @property
    def person(self) -> BoolArray:
        """Whether somebody was found, shape ``(...,)``: what other tools find may lack any of the landmarks."""
        return np.asarray(np.logical_or.reduce(np.isfinite(self.image[..., 0]), axis=-1))


def nobody(t: float, frame_size: Sequence[float]) -> Pose:
    """Return the pose of an empty frame: every landmark NaN."""
    return Pose(
        t=np.asarray(t, dtype=np.float64),
        image=np.full((N_LANDMARKS, 2), np.nan),
        visibility=np.full(N_LANDMARKS, np.nan),
        world=np.full((N_LANDMARKS, 3), np.nan),
        frame_size=np.asarray(frame_size, dtype=np.float64),
    )


def stack(poses: Sequence[Pose]) -> Pose:
    """Return the instants as one pose over T instants.

    An instant without a silhouette among others that have one gets an empty silhouette.

    Raises:
        ValueError: without any pose, or where frame sizes differ.
    """
    if not poses:
        raise ValueError("stack needs at least one pose, got none")
    if any(not np.array_equal(p.frame_size, poses[0].frame_size) for p in poses):
        raise ValueError("poses to stack must come from frames of one size")
    masked = any(p.silhouette is not None for p in poses)
    empty = np.zeros((SILHOUETTE_SIZE, SILHOUETTE_SIZE // 8), np.uint8)
    return Pose(
        t=np.array([p.t for p in poses], dtype=np.float64),
        image=np.stack([p.image for p in poses]),
        visibility=np.stack([p.visibility for p in poses]),
        world=np.stack([p.world for p in poses]),
        frame_size=poses[0].frame_size,
        silhouette=np.stack([empty if p.silhouette is None else p.silhouette for p in poses]) if masked else None,
        silhouette_scale=np.array(
            [np.nan if p.silhouette_scale is None else p.silhouette_scale for p in poses], dtype=np.float64
        )
        if masked
        else None,
    )


def mirror(pose: Pose) -> Pose:
    """Return the pose of the body seen in a mirror: x flipped, left and right names swapped."""
    image = pose.image[..., MIRROR, :].copy()
    image[..., 0] = pose.frame_size[0] - image[..., 0]
    world = pose.world[..., MIRROR, :].copy()
    world[..., 0] *= -1
    silhouette = pose.silhouette
    if silhouette is not None and pose.silhouette_scale is not None:
        silhouette = _mirror_silhouette(silhouette, pose.silhouette_scale, pose.frame_size[0])
    return Pose(
        pose.t, image, pose.visibility[..., MIRROR], world, pose.frame_size, silhouette, pose.silhouette_scale
    )


def unpack_silhouette(packed: NDArray[np.uint8]) -> BoolArray:
    """Return the mask ``(..., 192, 192)`` of a packed silhouette ``(..., 192, 24)``."""
    return np.unpackbits(packed, axis=-1).astype(bool)


def _mirror_silhouette(packed: NDArray[np.uint8], scale: FloatArray, width: float) -> NDArray[np.uint8]:
    mask = unpack_silhouette(packed).reshape(-1, SILHOUETTE_SIZE, SILHOUETTE_SIZE)
    out = np.zeros_like(mask)
    for i, s in enumerate(np.ravel(scale)):
        if np.isfinite(s):
            columns = round(width * s)
            out[i, :, :columns] = mask[i, :, :columns][:, ::-1]
    return np.packbits(out, axis=-1).reshape(packed.shape)
