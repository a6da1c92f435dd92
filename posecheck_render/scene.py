"""What surrounds the person: camera, three rooms with clutter, three lights."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

from posecheck_render.rotations import Array, unit, vec

BOARDS, WALL, MAT, PAINT, RUG, CARPET, CLOTH, WINDOW = 5, 6, 7, 8, 9, 10, 11, 12
"""Materials of the room, as the shader numbers them."""
SHADOW_CASTERS = (MAT, PAINT, CLOTH)

Colour = tuple[float, float, float]
Mesh = tuple[Array, Array]


@dataclass(frozen=True)
class Item:
    """A thing in the room: triangle corners and normals, shape ``(3t, 3)``, world metres."""

    points: Array
    normals: Array
    material: int
    colour: Colour


class Camera:
    """A pinhole camera that looks from ``eye`` to ``target``, metres.

    Args:
        eye: Position of the lens.
        target: The point in the middle of the picture.
        vertical_fov: Degrees.
        size: Width and height of the picture, px.
    """

    near, far = 0.1, 30.0

    def __init__(
        self,
        eye: ArrayLike,
        target: ArrayLike,
        vertical_fov: float = 46.0,
        size: tuple[int, int] = (640, 480),
    ) -> None:
        self.eye = np.asarray(eye, dtype=float)
        self.target = np.asarray(target, dtype=float)
        self.vertical_fov, self.size = vertical_fov, size
        forward = unit(self.target - self.eye)
        right = unit(np.cross(forward, [0, 1, 0]))
        self.rotation = np.stack([right, np.cross(right, forward), -forward])
        self.view = np.eye(4)
        self.view[:3, :3] = self.rotation
        self.view[:3, 3] = -self.rotation @ self.eye
        zoom = 1 / np.tan(np.radians(vertical_fov) / 2)
        near, far, (width, height) = self.near, self.far, size
        self.projection = np.array(
            [
                [zoom * height / width, 0, 0, 0],
                [0, zoom, 0, 0],
                [0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)],
                [0, 0, -1, 0],
            ]
        )

    def project(self, points: Array) -> Array:
        """Return pixel positions, shape ``(N, 2)``, y down, of world points, shape ``(N, 3)``."""
        clip = np.c_[points, np.ones(len(points))] @ (self.projection @ self.view).T
        width, height = self.size
        x = (clip[:, 0] / clip[:, 3] * 0.5 + 0.5) * width
        y = (0.5 - clip[:, 1] / clip[:, 3] * 0.5) * height
        return np.stack([x, y], axis=1)


def frame_person(
    points: Array,
    azimuth: float,
    height: float,
    fill: float,
    size: tuple[int, int],
    vertical_fov: float = 46.0,
) -> Camera:
    """Return a camera that sees all ``points`` filling a share ``fill`` of the picture.

    Args:
        points: Everything the person touches in the clip, shape ``(N, 3)``, metres.
        azimuth: Degrees; 0 looks at the person's front (+z), 90 at her left side.
        height: Of the lens above the floor, metres.
        fill: Share of width or height, whichever is fuller.
        size: Width and height of the picture, px.
        vertical_fov: Degrees.
    """
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    direction = vec(np.sin(np.radians(azimuth)), 0, np.cos(np.radians(azimuth)))
    distance = 2.2
    camera = Camera(centre + direction * distance, centre, vertical_fov, size)
    for _ in range(12):
        eye = centre + direction * distance
        eye[1] = height
        camera = Camera(eye, centre, vertical_fov, size)
        # Aim at the middle of the picture of the person, not of her box.
        seen = camera.project(points)
        middle = (seen.min(axis=0) + seen.max(axis=0)) / 2 - np.array(size) / 2
        metre = distance * 2 * np.tan(np.radians(vertical_fov) / 2) / size[1]
        centre = centre + camera.rotation[0] * middle[0] * metre - camera.rotation[1] * middle[1] * metre
        extent = np.ptp(seen, axis=0) / np.array(size)
        distance *= float(extent.max()) / fill
    return camera


@dataclass(frozen=True)
class Light:
    """Colours are linear factors; angles in degrees; ``noise`` is the sensor's, in grey levels."""

    id: str
    key: Colour
    sky: Colour
    ground: Colour
    exposure: float
    elevation: float
    noise: float


LIGHTS = {
    light.id: light
    for light in (
        Light("bright", (1.30, 1.19, 1.05), (0.55, 0.58, 0.62), (0.30, 0.26, 0.22), 0.95, 50.0, 1.4),
        Light("evening", (1.25, 0.82, 0.46), (0.44, 0.36, 0.29), (0.26, 0.19, 0.13), 0.86, 36.0, 2.0),
        Light("dim", (0.50, 0.50, 0.56), (0.36, 0.38, 0.44), (0.20, 0.19, 0.19), 0.66, 58.0, 3.4),
    )
}


def box(low: ArrayLike, high: ArrayLike) -> Mesh:
    """Return the 12 triangles of a box."""
    corners = np.array([low, high], dtype=float)
    points, normals = [], []
    for axis in range(3):
        for end in (0, 1):
            a, b = (axis + 1) % 3, (axis + 2) % 3
            face = []
            for i, j in ((0, 0), (1, 0), (1, 1), (0, 1)):
                p = np.zeros(3)
                p[axis], p[a], p[b] = corners[end][axis], corners[i][a], corners[j][b]
                face.append(p)
            if not end:
                face.reverse()
            normal = np.zeros(3)
            normal[axis] = 1 if end else -1
            points += [face[k] for k in (0, 1, 2, 0, 2, 3)]
            normals += [normal] * 6
    return np.array(points), np.array(normals)


def lathe(profile: list[tuple[float, float]], centre: ArrayLike, around: int = 24) -> Mesh:
    """Return the surface a (radius, height) profile sweeps round the vertical through ``centre``."""
    angles = np.linspace(0, 2 * np.pi, around + 1)
    spokes = np.stack([np.cos(angles), np.zeros_like(angles), np.sin(angles)], axis=1)
    points, normals = [], []
    for (r0, y0), (r1, y1) in pairwise(profile):
        length = np.hypot(y1 - y0, r1 - r0) + 1e-9
        for k in range(around):
            ring = [(r0, y0, k), (r1, y1, k), (r1, y1, k + 1), (r0, y0, k + 1)]
            face = [spokes[i] * r + vec(0, y, 0) + np.asarray(centre, dtype=float) for r, y, i in ring]
            slope = [spokes[i] * (y1 - y0) / length + vec(0, -(r1 - r0) / length, 0) for _, _, i in ring]
            points += [face[j] for j in (0, 1, 2, 0, 2, 3)]
            normals += [slope[j] for j in (0, 1, 2, 0, 2, 3)]
    return np.array(points), np.array(normals)


def ball(centre: ArrayLike, radius: float) -> Mesh:
    """Return a ball."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 9)
    profile = [(float(radius * np.cos(a)), float(radius * np.sin(a))) for a in angles]
    return lathe(profile, centre, around=18)


Place = Callable[[Mesh], Mesh]
Furnish = Callable[[float, np.random.Generator], list[tuple[Mesh, int, Colour]]]


def _plant(x: float, z: float, rng: np.random.Generator) -> list[tuple[Mesh, int, Colour]]:
    pot = [(0.0, 0.0), (0.13, 0.0), (0.17, 0.30), (0.15, 0.30), (0.14, 0.27), (0.0, 0.27)]
    things: list[tuple[Mesh, int, Colour]] = [(lathe(pot, vec(x, 0, z)), PAINT, (0.72, 0.69, 0.64))]
    for _ in range(22):
        turn, length, spread = rng.uniform(0, 6.28), rng.uniform(0.35, 0.85), rng.uniform(0.12, 0.40)
        base = vec(x, 0.27, z)
        tip = base + vec(spread * np.cos(turn), length, spread * np.sin(turn) * 0.6)
        middle = (base + tip) / 2 + vec(0, 0.08, 0)
        side = vec(-np.sin(turn), 0, np.cos(turn)) * 0.035
        quad = [base, middle - side, tip, middle + side]
        points = np.array([quad[i] for i in (0, 1, 2, 0, 2, 3)])
        normal = unit(np.cross(points[1] - points[0], points[2] - points[0]))
        normal = normal if normal[1] >= 0 else -normal
        green = (0.16, float(0.30 + rng.uniform(-0.05, 0.10)), 0.14)
        things.append(((points, np.tile(normal, (6, 1))), PAINT, green))
    return things


def _picture(x: float, y: float, wall: float, colour: Colour) -> list[tuple[Mesh, int, Colour]]:
    return [
        (box([x - 0.28, y - 0.36, wall], [x + 0.28, y + 0.36, wall + 0.03]), PAINT, (0.17, 0.13, 0.10)),
        (
            box([x - 0.24, y - 0.32, wall + 0.03], [x + 0.24, y + 0.32, wall + 0.034]),
            PAINT,
            (0.82, 0.78, 0.68),
        ),
        (box([x - 0.12, y - 0.18, wall + 0.034], [x + 0.12, y + 0.10, wall + 0.036]), PAINT, colour),
    ]


def _window(x: float, wall: float) -> list[tuple[Mesh, int, Colour]]:
    things: list[tuple[Mesh, int, Colour]] = [
        (box([x - 0.55, 0.95, wall], [x + 0.55, 2.15, wall + 0.02]), WINDOW, (0.86, 0.93, 1.0)),
        (box([x - 0.60, 0.90, wall], [x + 0.60, 0.95, wall + 0.10]), PAINT, (0.92, 0.92, 0.90)),
        (box([x - 0.02, 0.95, wall], [x + 0.02, 2.15, wall + 0.04]), PAINT, (0.92, 0.92, 0.90)),
    ]
    for side in (-1, 1):
        for fold in range(5):
            left = x + side * (0.50 + 0.09 * fold)
            things.append(
                (
                    box([left - 0.05, 0.12, wall + 0.03], [left + 0.05, 2.3, wall + 0.07 + 0.03 * (fold % 2)]),
                    CLOTH,
                    (0.72, 0.62, 0.50),
                )
            )
    return things


def _blocks(x: float, z: float, rng: np.random.Generator) -> list[tuple[Mesh, int, Colour]]:
    colours: list[Colour] = [(0.78, 0.20, 0.16), (0.18, 0.38, 0.68), (0.90, 0.72, 0.18), (0.25, 0.55, 0.30)]
    things: list[tuple[Mesh, int, Colour]] = []
    for k in range(6):
        cx, cz = x + rng.uniform(-0.28, 0.28), z + rng.uniform(-0.12, 0.12)
        half = 0.035
        low = vec(cx - half, 0.0, cz - half)
        things.append((box(low, low + 2 * half), PAINT, colours[k % 4]))
    return things


def _living_room(wall: float, rng: np.random.Generator) -> list[tuple[Mesh, int, Colour]]:
    sofa: Colour = (0.42, 0.46, 0.50)
    return [
        (box([-2.7, 0.12, wall + 0.05], [-0.75, 0.42, wall + 0.85]), CLOTH, sofa),
        (box([-2.7, 0.42, wall + 0.05], [-0.75, 0.86, wall + 0.28]), CLOTH, sofa),
        (box([-0.87, 0.12, wall + 0.05], [-0.70, 0.60, wall + 0.85]), CLOTH, sofa),
        (box([-1.35, 0.42, wall + 0.30], [-0.95, 0.78, wall + 0.44]), CLOTH, (0.72, 0.38, 0.24)),
        (box([-2.2, 0.42, wall + 0.30], [-1.8, 0.76, wall + 0.43]), CLOTH, (0.80, 0.76, 0.66)),
        *_picture(-1.5, 1.5, wall, (0.55, 0.36, 0.26)),
        *_picture(0.95, 1.55, wall, (0.24, 0.36, 0.44)),
        *_plant(1.75, wall + 0.45, rng),
        *_blocks(0.75, wall + 0.55, rng),
    ]


def _nursery(wall: float, rng: np.random.Generator) -> list[tuple[Mesh, int, Colour]]:
    white: Colour = (0.90, 0.89, 0.86)
    things: list[tuple[Mesh, int, Colour]] = [
        (box([0.85, 0.30, wall + 0.08], [2.15, 0.46, wall + 0.72]), CLOTH, (0.88, 0.86, 0.80)),
        (box([0.85, 0.92, wall + 0.70], [2.15, 0.96, wall + 0.74]), PAINT, white),
        (box([0.85, 0.18, wall + 0.70], [2.15, 0.24, wall + 0.74]), PAINT, white),
        (box([0.80, 0.0, wall + 0.05], [0.86, 1.05, wall + 0.75]), PAINT, white),
        (box([2.12, 0.0, wall + 0.05], [2.18, 1.05, wall + 0.75]), PAINT, white),
    ]
    things += [
        (box([x, 0.2, wall + 0.71], [x + 0.02, 0.94, wall + 0.73]), PAINT, white)
        for x in np.arange(0.95, 2.1, 0.11)
    ]
    for shelf in (0.02, 0.42, 0.82):
        things.append((box([-1.95, shelf, wall], [-0.95, shelf + 0.03, wall + 0.30]), PAINT, (0.78, 0.62, 0.44)))
        for k in range(6):
            width, tall = rng.uniform(0.04, 0.14), rng.uniform(0.10, 0.28)
            left = -1.9 + 0.15 * k
            colour = tuple(float(c) for c in rng.uniform(0.2, 0.85, 3))
            things.append(
                (
                    box([left, shelf + 0.03, wall + 0.05], [left + width, shelf + 0.03 + tall, wall + 0.24]),
                    PAINT,
                    (colour[0], colour[1], colour[2]),
                )
            )
    things.append((ball(vec(0.35, 0.14, wall + 0.45), 0.14), PAINT, (0.80, 0.34, 0.28)))
    things.append((ball(vec(-0.55, 0.09, wall + 0.60), 0.09), PAINT, (0.92, 0.78, 0.30)))
    return [*things, *_blocks(-0.2, wall + 0.5, rng), *_picture(0.0, 1.6, wall, (0.70, 0.45, 0.50))]


def _bedroom(wall: float, rng: np.random.Generator) -> list[tuple[Mesh, int, Colour]]:
    return [
        (box([0.55, 0.15, wall + 0.05], [2.7, 0.48, wall + 0.95]), CLOTH, (0.56, 0.50, 0.60)),
        (box([0.55, 0.40, wall + 0.05], [1.9, 0.53, wall + 0.97]), CLOTH, (0.78, 0.74, 0.70)),
        (box([2.2, 0.48, wall + 0.15], [2.65, 0.62, wall + 0.85]), CLOTH, (0.93, 0.92, 0.90)),
        (box([-2.8, 0.0, wall], [-1.75, 2.2, wall + 0.55]), PAINT, (0.66, 0.55, 0.42)),
        (box([-2.29, 0.05, wall + 0.55], [-2.27, 2.15, wall + 0.56]), PAINT, (0.35, 0.28, 0.20)),
        (
            lathe(
                [(0.0, 0.0), (0.14, 0.0), (0.14, 0.03), (0.015, 0.04), (0.015, 1.25)],
                vec(-1.35, 0, wall + 0.35),
            ),
            PAINT,
            (0.25, 0.24, 0.23),
        ),
        (lathe([(0.20, 1.20), (0.13, 1.50)], vec(-1.35, 0, wall + 0.35)), PAINT, (0.95, 0.86, 0.68)),
        *_window(-0.35, wall),
        *_blocks(0.2, wall + 0.5, rng),
    ]


@dataclass(frozen=True)
class Room:
    """Wall and floor colours, the floor's material, rug and mat colours, and what stands about."""

    id: str
    wall: Colour
    floor: int
    floor_colour: Colour
    rug: Colour | None
    mat: Colour
    furnish: Furnish


ROOMS = {
    room.id: room
    for room in (
        Room(
            "living",
            (0.80, 0.79, 0.75),
            BOARDS,
            (0.66, 0.51, 0.36),
            (0.46, 0.27, 0.24),
            (0.36, 0.30, 0.46),
            _living_room,
        ),
        Room("nursery", (0.70, 0.79, 0.78), CARPET, (0.68, 0.63, 0.56), None, (0.20, 0.42, 0.52), _nursery),
        Room(
            "bedroom",
            (0.86, 0.80, 0.72),
            BOARDS,
            (0.80, 0.72, 0.60),
            (0.34, 0.40, 0.46),
            (0.30, 0.44, 0.32),
            _bedroom,
        ),
    )
}


def build_room(
    room: Room, azimuth: float, centre: Array, wall_distance: float, mat_along: Array, seed: int = 5
) -> list[Item]:
    """Return the room's items, turned so that its wall stands behind the person as the camera sees her.

    Args:
        room: Which room.
        azimuth: The camera's, degrees.
        centre: Middle of the exercise area, metres.
        wall_distance: From the centre to the wall, metres.
        mat_along: Direction of the mat's long side on the floor.
        seed: Arrangement of leaves, books and toys.
    """
    a = np.radians(azimuth)
    turn = np.stack([vec(np.cos(a), 0, -np.sin(a)), vec(0, 1, 0), vec(np.sin(a), 0, np.cos(a))], axis=1)
    origin = vec(centre[0], 0, centre[2])

    def placed(mesh: Mesh, material: int, colour: Colour) -> Item:
        return Item(mesh[0] @ turn.T + origin, mesh[1] @ turn.T, material, colour)

    far, back = 7.0, -wall_distance
    floor = np.array(
        [[-far, 0, -far], [-far, 0, far], [far, 0, far], [-far, 0, -far], [far, 0, far], [far, 0, -far]]
    )
    panel = [[-6, 0, back], [6, 0, back], [6, 3, back], [-6, 0, back], [6, 3, back], [-6, 3, back]]
    items = [
        Item(floor, np.tile(vec(0, 1, 0), (6, 1)), room.floor, room.floor_colour),
        placed((np.array(panel, dtype=float), np.tile(vec(0, 0, 1), (6, 1))), WALL, room.wall),
        placed(box([-6, 0, back], [6, 0.09, back + 0.018]), PAINT, (0.86, 0.85, 0.82)),
    ]
    items += [placed(*thing) for thing in room.furnish(back, np.random.default_rng(seed))]
    along = unit(vec(mat_along[0], 0, mat_along[2]))
    across = vec(along[2], 0, -along[0])
    frame = np.stack([across, vec(0, 1, 0), along], axis=1)
    surfaces: list[tuple[Mesh, int, Colour]] = [(box([-0.36, -0.02, -0.98], [0.36, 0.006, 0.98]), MAT, room.mat)]
    if room.rug is not None:
        surfaces.append((box([-0.85, -0.02, -1.35], [0.85, 0.003, 1.35]), RUG, room.rug))
    items += [Item(m[0] @ frame.T + origin, m[1] @ frame.T, kind, colour) for m, kind, colour in surfaces]
    return items


_LENS = ImageFilter.Kernel((3, 3), [1, 2, 1, 2, 8, 2, 1, 2, 1])
"""A cheap lens: a little soft, which also hides the stairs along edges."""


class Sensor:
    """A webcam's lens, vignette and noise.

    Args:
        size: Width and height of the picture, px.
        noise: Standard deviation, grey levels.
        rng: Source of the noise.
    """

    def __init__(self, size: tuple[int, int], noise: float, rng: np.random.Generator) -> None:
        width, height = size
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        self._vignette = (1 - 0.10 * (x * x + y * y))[..., None].astype(np.float32)
        grey = rng.standard_normal((height, width, 1), dtype=np.float32)
        colour = rng.standard_normal((height, width, 3), dtype=np.float32)
        self._noise = noise * (grey + 0.6 * colour)
        self._rng = rng

    def expose(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the picture as the sensor gives it; one noise field is shifted about, new every time."""
        height, width = picture.shape[:2]
        soft = np.asarray(Image.fromarray(picture).filter(_LENS))
        shift = (int(self._rng.integers(height)), int(self._rng.integers(width)))
        noisy = soft * self._vignette + np.roll(self._noise, shift, axis=(0, 1))
        return np.asarray(np.clip(noisy, 0, 255).astype(np.uint8))
