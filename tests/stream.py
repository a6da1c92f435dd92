"""A camera's pictures, and what stands where the model would find somebody in them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
from bodies import FRAME, dog
from numpy.typing import NDArray

from posecheck.pose import Pose

BRIGHT = 120.0
WIDTH, HEIGHT = (round(side) for side in FRAME)


class FakeLandmarker:
    """Gives the poses it was told to, and writes down what was asked of it."""

    def __init__(self, pose: Callable[[float], Pose] = dog) -> None:
        self.pose = pose
        self.images: list[NDArray[np.uint8]] = []
        self.times: list[float] = []
        self.threads: set[int] = set()
        self.closed = 0
        self.company = False

    def detect(self, image: NDArray[np.uint8], t: float) -> Pose:
        self.images.append(image.copy())
        self.times.append(t)
        self.threads.add(threading.get_ident())
        return self.pose(t)

    def close(self) -> None:
        self.closed += 1


def frame(t: float | None, value: int = 128, size: tuple[int, int] = (WIDTH, HEIGHT)) -> av.VideoFrame:
    image = np.full((size[1], size[0], 3), value, np.uint8)
    image[:, : size[0] // 4] = 20  # dark on the left: a mirrored picture would show
    made = av.VideoFrame.from_ndarray(image, format="rgb24")
    if t is not None:
        made.pts, made.time_base = round(t * 90_000), Fraction(1, 90_000)
    return made
