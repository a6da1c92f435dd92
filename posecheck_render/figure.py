"""A dressed person: skin texture, top, leggings, hair and eyes around a body, ready to be posed and drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import sparse

from posecheck_render.assets import Assets
from posecheck_render.body import Body, Skinner, cross_rows
from posecheck_render.people import Person
from posecheck_render.rig import SIDES, LandmarkFinder, Pose, Rig
from posecheck_render.rotations import Array, unit, vec

Index = NDArray[np.int64]
TEXTURE_SIZE = 1024
FLOOR_SKIN = 0.0075
"""Height of the mat's surface, metres: skin never goes below it."""
HIDDEN_MARGIN = 0.02
"""Metres beyond an edge to which hidden surface is kept."""
COVERED = 9.0
"""A cut value of "far inside the cloth"."""
SKIN, TOP, LEGGINGS, HAIR, EYES = range(5)
"""Materials of the figure, as the shader numbers them."""


@dataclass(frozen=True)
class Part:
    """One drawable surface of the figure.

    Args:
        material: Which material the shader uses.
        vertices: Index of each drawn vertex into the figure's vertices, shape ``(n,)``.
        uv: Texture coordinates, shape ``(n, 2)``.
        triangles: Into the drawn vertices, shape ``(t, 3)``.
        cut: Metres inside the edge of the surface, shape ``(n,)``; below 0 nothing is drawn.
    """

    material: int
    vertices: Index
    uv: Array
    triangles: NDArray[np.int32]
    cut: Array


@dataclass(frozen=True)
class PosedFigure:
    """Vertices and normals, shape ``(N, 3)`` each, and landmarks, shape ``(33, 3)``, metres."""

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    landmarks: Array


def noise_image(size: int, seed: int, octaves: tuple[int, ...]) -> NDArray[np.float32]:
    """Return smooth noise, shape ``(size, size)``, mean about 0 and deviation 1."""
    rng = np.random.default_rng(seed)
    out = np.zeros((size, size), dtype=np.float32)
    amplitude = 1.0
    for octave in octaves:
        coarse = Image.fromarray(rng.normal(0, 1, (octave + 1, octave + 1)).astype(np.float32))
        out += amplitude * np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC))
        amplitude *= 0.62
    return np.asarray(out / out.std())


def bake_skin(assets: Assets, person: Person, size: int = TEXTURE_SIZE) -> Image.Image:
    """Return the skin texture: base colour, mottling, and the CC0 masks for lips, lids, ears and nails."""
    base = np.array(person.skin, dtype=np.float32)

    def mask(name: str) -> NDArray[np.float32]:
        return assets.mask(name, size)[..., None]

    blood = mask("sss.png")
    texture = np.ones((size, size, 3), dtype=np.float32) * base
    texture *= 1 + 0.022 * noise_image(size, 3, (4, 8, 16, 32, 64, 128))[..., None]
    texture *= 1 + 0.012 * noise_image(size, 5, (128, 256, 512))[..., None]
    redness = np.array([1.05, 0.86, 0.84], dtype=np.float32)
    texture *= 1 + np.clip((blood - np.median(blood)) * 3, -0.3, 1) * (redness - 1) * 1.6
    layers = (
        (base * [1.0, 0.84, 0.80], 0.45 * mask("mpfb_ears.jpg")),
        (base * [0.88, 0.74, 0.72], 0.45 * mask("mpfb_eyelids.jpg")),
        (np.array(person.lips), 0.75 * mask("mpfb_lips.jpg")),
        (
            base * [1.08, 1.0, 0.98],
            0.6 * np.clip(mask("mpfb_fingernails.jpg") + mask("mpfb_toenails.jpg"), 0, 1),
        ),
        (np.array([0.35, 0.12, 0.12]), mask("mpfb_inside-mouth.jpg")),
    )
    for colour, share in layers:
        texture = texture * (1 - share) + colour.astype(np.float32) * share
    return Image.fromarray((np.clip(texture, 0, 1) * 255).astype(np.uint8))


def vertex_normals(vertices: Array, triangles: Index) -> Array:
    """Return unit normals, shape ``(N, 3)``, area-weighted over the triangles."""
    faces = np.cross(
        vertices[triangles[:, 1]] - vertices[triangles[:, 0]],
        vertices[triangles[:, 2]] - vertices[triangles[:, 0]],
    )
    out = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(out, triangles[:, k], faces)
    return np.asarray(out / (np.linalg.norm(out, axis=1, keepdims=True) + 1e-12))


def smoothstep(low: float, high: float, x: Array) -> Array:
    """Return 0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


TAIL_RINGS, TAIL_AROUND = 14, 12


class Figure:
    """A person with clothes and hair.

    Args:
        assets: The CC0 data.
        person: Whom to build.
    """

    def __init__(self, assets: Assets, person: Person) -> None:
        self.person = person
        self.body = Body(assets, person)
        self.rig = Rig(self.body)
        self.landmarks = LandmarkFinder(self.body)
        self.texture = bake_skin(assets, person)
        body = self.body
        self.scale = person.height / 1.66
        self.eyes = np.array([body.tail[body.index[f"special05.{s}"]] for s, _ in SIDES])
        self.eye = self.eyes.mean(axis=0)
        brows = [
            [
                body.head[body.index[f"oculi02.{s}"]],
                body.tail[body.index[f"oculi02.{s}"]],
                body.tail[body.index[f"oculi01.{s}"]],
            ]
            for s, _ in SIDES
        ]
        self.brows = np.array(brows).reshape(-1, 3)
        self.parts: list[Part] = []
        self._surfaces: list[Index] = []
        self._base_count = len(body.rest)
        self._dress(assets)
        self._finish()

    # ---- building ----
    def _dress(self, assets: Assets) -> None:
        body = self.body
        skin, skin_uv = body.mesh.triangles("body")
        tights, _ = body.mesh.triangles("helper-tights")
        base = body.rest.copy()
        normals = vertex_normals(base, skin)
        arm = {side: self._arm_weight(side) for side, _ in SIDES}
        top_cut = self._top_cut(base, arm)
        leg_cut = np.minimum(body.joint("upperleg01.L")[1] + 0.10 - base[:, 1], base[:, 1] - 0.085)
        skin_cut = 0.012 - np.maximum(top_cut, leg_cut)
        skin_cut[self._head_and_neck() > 0.25] = 1.0
        self._add_part(SKIN, skin, skin_uv, skin_cut)
        self._add_part(LEGGINGS, tights, None, leg_cut)
        self._add_top(tights, arm)
        self._add_hair(assets, base, normals, skin, skin_uv)
        eyes = [body.mesh.triangles(g) for g in ("helper-l-eye", "helper-r-eye")]
        triangles, uv = (np.concatenate([e[k] for e in eyes]) for k in (0, 1))
        self._add_part(EYES, triangles, uv, np.ones(self._base_count))

    def _arm_weight(self, side: str) -> Array:
        starts = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
        bones = [i for i, n in enumerate(self.body.bones) if n.endswith(f".{side}") and n.startswith(starts)]
        return np.asarray(self.body.weights[:, bones].sum(axis=1))

    def _head_and_neck(self) -> Array:
        body = self.body
        below = np.zeros(len(body.bones), dtype=bool)
        below[[body.index["head"], body.index["neck03"]]] = True
        for i, up in enumerate(body.parent):
            below[i] |= up >= 0 and below[up]
        return np.asarray(body.weights[: self._base_count][:, below].sum(axis=1))

    def _top_cut(self, points: Array, arm: dict[str, Array]) -> Array:
        """Return how far inside the top each rest point is, metres."""
        body, person, scale = self.body, self.person, self.scale
        cut = np.full(len(points), COVERED)
        for side, _ in SIDES:
            shoulder, elbow, wrist = (body.joint(f"{b}.{side}") for b in ("upperarm01", "lowerarm01", "wrist"))
            bone = elbow - shoulder
            length = float(np.linalg.norm(bone))
            end = min(person.sleeve, 0.97) * length
            inside = end - (points - shoulder) @ bone / length
            cut = np.where(arm[side] > 0.25, np.minimum(cut, inside), cut)
            del wrist
        neck = body.joint("neck01") + vec(0, 0.004, 0.022) * scale
        ball = (points - neck) / (vec(0.074, 0.050, 0.082) * scale)
        cut = np.minimum(cut, np.clip((np.linalg.norm(ball, axis=1) - 1) * 0.06, -1, COVERED))
        collar = neck[1] + 0.022 * scale - points[:, 1] - 0.20 * (points[:, 2] - neck[2])
        cut = np.minimum(np.minimum(cut, collar), neck[1] + 0.030 * scale - points[:, 1])
        hem = body.joint("upperleg01.L")[1] + 0.012 - 0.045 * person.looseness
        return np.asarray(np.minimum(cut, points[:, 1] - hem))

    def _add_top(self, tights: Index, arm: dict[str, Array]) -> None:
        """Add the top: a second shell over the body, further out the looser it is."""
        body, loose = self.body, self.person.looseness
        shell = np.unique(tights)
        rest = body.rest[shell]
        outward = vertex_normals(body.rest, tights)[shell]
        hem = np.clip((body.joint("spine02")[1] - rest[:, 1]) / 0.25, 0, 1)
        sleeve = np.clip(np.maximum(arm["L"], arm["R"])[shell] * 1.4 - 0.2, 0, 1)
        offset = 0.005 + 0.010 * hem + loose * (0.004 + 0.016 * hem + 0.014 * sleeve)
        start = self._append(rest + outward * offset[:, None], body.weights[shell])
        remap = np.full(self._base_count, -1)
        remap[shell] = np.arange(len(shell)) + start
        cut = np.full(len(body.rest), -1.0)
        cut[start : start + len(shell)] = self._top_cut(rest, {s: a[shell] for s, a in arm.items()})
        self._add_part(TOP, remap[tights], None, cut)
        # Only the middle of the trunk hangs away from the body when it faces the floor.
        self._drape = np.zeros(len(body.rest))
        below_chest = smoothstep(0.02, -0.12, rest[:, 1] - body.joint("spine02")[1])
        self._drape[start:] = 0.035 * loose * below_chest * (1 - sleeve) * smoothstep(0.0, 0.6, outward[:, 2])

    def _append(self, points: Array, weights: NDArray[np.float32]) -> int:
        body = self.body
        start = len(body.rest)
        body.rest = np.concatenate([body.rest, points])
        body.weights = np.concatenate([body.weights, weights]).astype(np.float32)
        return start

    def _rigid(self, count: int, bone: str) -> NDArray[np.float32]:
        weights = np.zeros((count, len(self.body.bones)), dtype=np.float32)
        weights[:, self.body.index[bone]] = 1
        return weights

    def _hairline(self, points: Array) -> Array:
        """Return how far inside the hair each rest point of the scalp is, metres."""
        z = (points[:, 2] - self.eye[2]) / self.scale
        y = (points[:, 1] - self.eye[1]) / self.scale
        if self.person.hair_style == "loose":
            line = np.interp(
                z,
                [-0.26, -0.16, -0.095, -0.062, -0.045, -0.02, 0.02],
                [-0.125, -0.12, -0.115, -0.075, 0.015, 0.055, 0.066],
            )
        else:
            line = np.interp(
                z, [-0.26, -0.16, -0.095, -0.055, -0.02, 0.02], [-0.085, -0.075, -0.012, 0.018, 0.058, 0.068]
            )
        return np.asarray((y - line) * self.scale)

    def _add_hair(self, assets: Assets, base: Array, normals: Array, skin: Index, skin_uv: Index) -> None:
        body, scale, loose = self.body, self.scale, self.person.hair_style == "loose"
        inside = self._hairline(base)
        head = self._head_and_neck() > (0.35 if loose else 0.55)
        scalp = np.zeros(self._base_count, dtype=bool)
        scalp[body.skin_indices] = True
        scalp &= head & (inside > -0.02)
        if not loose:
            scalp &= ~self._ears(assets, skin, skin_uv)
        faces = skin[scalp[skin].all(axis=1)]
        cap = np.unique(faces)
        edge = smoothstep(0.0, 0.035, inside[cap])
        behind = np.clip((self.eye[2] - 0.03 - base[cap, 2]) / 0.12, 0, 1)
        thickness = (0.004 + 0.011 * edge + (0.012 * edge + 0.014 * behind if loose else 0)) * scale
        points = base[cap] + normals[cap] * thickness[:, None]
        if loose:
            # Loose hair falls past the neck's hollow: pull the lower half out to a soft curtain.
            down = smoothstep(0.0, 0.11, self.eye[1] - base[cap, 1])
            radial = points - np.array([0, 0, self.eye[2] - 0.10])
            radial[:, 1] = 0
            reach = np.linalg.norm(radial, axis=1, keepdims=True) + 1e-9
            wanted = np.maximum(reach[:, 0], 0.088 * scale)
            points += radial / reach * ((wanted - reach[:, 0]) * down)[:, None]
        start = self._append(points, self._rigid(len(cap), "head"))
        remap = np.full(self._base_count, -1)
        remap[cap] = np.arange(len(cap)) + start
        triangles = [remap[faces]]
        cuts = [inside[cap]]
        if self.person.hair_style == "bun":
            centre = vec(0, self.eye[1] + 0.055 * scale, self.eye[2] - 0.185 * scale)
            globe, globe_faces = sphere(17, 33)
            at = self._append(
                centre + globe * 0.036 * scale * vec(1.05, 0.95, 0.85), self._rigid(len(globe), "head")
            )
            triangles.append(globe_faces + at)
            cuts.append(np.ones(len(globe)))
        self._tail_start = -1
        if self.person.hair_style == "ponytail":
            self._tail_root = vec(0, self.eye[1] + 0.050 * scale, self.eye[2] - 0.160 * scale)
            count = TAIL_RINGS * TAIL_AROUND
            self._tail_start = self._append(np.tile(self._tail_root, (count, 1)), self._rigid(count, "head"))
            body.rest[self._tail_start :] = self._tail_points(np.eye(3), self._tail_root, vec(0, -1, 0))
            triangles.append(tube_faces(TAIL_RINGS, TAIL_AROUND) + self._tail_start)
            cuts.append(np.ones(count))
        cut = np.full(len(body.rest), 1.0)
        cut[start:] = np.concatenate(cuts)
        self._add_part(HAIR, np.concatenate(triangles), None, cut)

    def _ears(self, assets: Assets, skin: Index, skin_uv: Index) -> NDArray[np.bool_]:
        mask = assets.mask("mpfb_ears.jpg", 512)
        uv = np.zeros((self._base_count, 2))
        uv[skin.ravel()] = self.body.mesh.uv[skin_uv.ravel()]
        pixel = np.clip((uv * 511).astype(int), 0, 511)
        ears = np.zeros(self._base_count, dtype=bool)
        own = self.body.skin_indices
        ears[own] = mask[511 - pixel[own, 1], pixel[own, 0]] > 0.4
        return ears

    def _add_part(self, material: int, triangles: Index, uv: Index | None, cut: Array) -> None:
        # Leave out what the cut hides anyway; a margin keeps the normals right along the edge.
        kept = (cut[triangles] > -HIDDEN_MARGIN).any(axis=1)
        triangles = triangles[kept]
        uv = None if uv is None else uv[kept]
        corner_uv = np.zeros(triangles.size, dtype=np.int64) if uv is None else uv.ravel()
        keys, inverse = np.unique(np.stack([triangles.ravel(), corner_uv], axis=1), axis=0, return_inverse=True)
        coordinates = np.zeros((len(keys), 2)) if uv is None else self.body.mesh.uv[keys[:, 1]]
        self.parts.append(
            Part(material, keys[:, 0], coordinates, inverse.reshape(-1, 3).astype(np.int32), cut[keys[:, 0]])
        )
        self._surfaces.append(triangles)

    def _finish(self) -> None:
        """Drop helper vertices nobody draws and prepare the normal operator."""
        body = self.body
        self.triangles = np.concatenate(self._surfaces)
        count = len(self.triangles)
        ones = np.ones(count * 3, dtype=np.float32)
        columns = np.tile(np.arange(count), 3)
        self._to_vertices = sparse.csr_matrix(
            (ones, (self.triangles.T.ravel(), columns)), shape=(len(body.rest), count)
        )
        self.visible = np.unique(self.triangles)
        self._corners = self.triangles.T.copy()
        drape = np.zeros(len(body.rest))
        drape[: len(self._drape)] = self._drape
        self._drape = drape
        spine = [i for i, n in enumerate(body.bones) if n.startswith("spine")]
        own = body.skin_indices
        rest = body.rest[own]
        middle = (abs(rest[:, 0]) < 0.008) & (body.weights[own][:, spine].sum(axis=1) > 0.3)
        middle &= rest[:, 2] < body.joint("spine03")[2]
        line = own[middle]
        self.back_line: Index = line[np.argsort(body.rest[line, 1])]
        self._used = np.union1d(self.visible, self.back_line)
        self._skinner = Skinner(body, self._used)

    # ---- posing ----
    def pose(self, pose: Pose) -> PosedFigure:
        """Return the figure in a pose, pressed softly on to the mat where it would sink in."""
        body = self.body
        rotations, root = self.rig.solve(pose)
        matrices, positions = body.forward(rotations, root)
        vertices = np.zeros_like(body.rest)
        vertices[self._used] = self._skinner(matrices, positions)
        if self.person.looseness > 0:
            hanging = np.clip(-(pose.chest @ vec(0, 0, 1))[1], 0, 1)
            vertices[:, 1] -= self._drape * hanging
        if self._tail_start >= 0:
            head = matrices[body.index["head"]]
            top = positions[body.index["head"]] + head @ (self._tail_root - body.joint("head"))
            vertices[self._tail_start : self._tail_start + TAIL_RINGS * TAIL_AROUND] = self._tail_points(
                head, top, vec(0, -1, 0)
            )
        vertices[:, 1] = press_on_floor(vertices[:, 1], FLOOR_SKIN)
        a, b, c = (vertices[k].astype(np.float32) for k in self._corners)
        normals = self._to_vertices @ cross_rows(b - a, c - a)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
        landmarks = self.landmarks(matrices, positions)
        return PosedFigure(vertices.astype(np.float32), normals.astype(np.float32), landmarks)

    def _tail_points(self, head: Array, top: Array, gravity: Array) -> Array:
        """Return the ponytail as rings, shape ``(rings * around, 3)``: out of the head, then down."""
        scale = self.scale
        out = head @ unit(vec(0, 0.25, -1))
        step = 0.205 * scale / (TAIL_RINGS - 1)
        centre, rings = top.astype(float).copy(), []
        back = head @ vec(0, 0, -1)
        for k in range(TAIL_RINGS):
            share = k / (TAIL_RINGS - 1)
            fall = min(1.0, share * 2.4) ** 0.7
            direction = unit(out * (1 - fall) + gravity * fall + back * 0.12)
            side = unit(np.cross(direction, head @ vec(1, 0, 0)))
            other = unit(np.cross(direction, side))
            radius = (
                (0.011 + 0.014 * np.sin(np.pi * min(1.0, share * 1.15)) ** 0.7) * scale * (1 - 0.75 * share**3)
            )
            angle = np.linspace(0, 2 * np.pi, TAIL_AROUND, endpoint=False)
            rings.append(centre + radius * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other))
            centre = centre + direction * step
        return np.concatenate(rings)

    def back_turn(self, posed: PosedFigure, pose: Pose) -> float:
        """Return the true turn of the back's outline, degrees; positive = rounded, negative = hollow.

        The outline is the row of skin points over the spine, seen along the pelvis' left-right axis, from 10
        to 90 % of the hip-to-shoulder line, fitted by a parabola: the angle between its end tangents.
        """
        return turn_of(*self._spine_line(posed, pose), degree=2)

    def half_turns(self, posed: PosedFigure, pose: Pose) -> tuple[float, float]:
        """Return the true turns of the lower and of the upper half of that outline, degrees.

        Fitted as a whole by a cubic: from its tangent at 10 % to that in the middle, and on to that at 90 %.
        """
        along, away = self._spine_line(posed, pose)
        lower, upper = (turn_of(along, away, 3, *part) for part in ((0.1, 0.5), (0.5, 0.9)))
        return lower, upper

    def _spine_line(self, posed: PosedFigure, pose: Pose) -> tuple[Array, Array]:
        """Return the skin over the spine from 10 to 90 % of the hip-to-shoulder line: along and away from it.

        In torso lengths, away = dorsal, shape ``(n,)`` each.
        """
        mid_hip = posed.landmarks[23:25].mean(axis=0)
        mid_shoulder = posed.landmarks[11:13].mean(axis=0)
        along = mid_shoulder - mid_hip
        torso = float(np.linalg.norm(along))
        along = along / torso
        across = pose.pelvis @ vec(1, 0, 0)
        dorsal = unit(np.cross(across, along))
        if dorsal @ ((pose.pelvis + pose.chest) @ vec(0, 0, -1)) < 0:
            dorsal = -dorsal
        points = posed.vertices[self.back_line].astype(float) - mid_hip
        u, d = points @ along / torso, points @ dorsal / torso
        keep = (u > 0.1) & (u < 0.9)
        return u[keep], d[keep]


def turn_of(along: Array, away: Array, degree: int, first: float = 0.1, last: float = 0.9) -> float:
    """Return the angle between the tangents at two places of the polynomial through a line, degrees."""
    slope = np.polynomial.Polynomial.fit(along, away, degree).deriv()
    return float(np.degrees(np.arctan(slope(first)) - np.arctan(slope(last))))


def press_on_floor(y: Array, floor: float, soft: float = 0.010) -> Array:
    """Return heights with everything near or under ``floor`` squeezed above it, order kept.

    A hard clamp would flatten a planted hand to a mitten; the squeeze keeps fingers apart.
    """
    depth = y - floor - soft
    return np.where(depth < 0, floor + soft * np.exp(np.minimum(depth, 0) / soft), y)


def sphere(rows: int, columns: int) -> tuple[Array, Index]:
    """Return points of a unit sphere, shape ``(rows * columns, 3)``, and its triangles."""
    theta, phi = np.meshgrid(np.linspace(0, np.pi, rows), np.linspace(0, 2 * np.pi, columns), indexing="ij")
    points = np.stack([np.sin(theta) * np.cos(phi), np.cos(theta), np.sin(theta) * np.sin(phi)], axis=-1)
    grid = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (g.ravel() for g in (grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]))
    return points.reshape(-1, 3), np.concatenate([np.stack([a, d, c], -1), np.stack([a, b, d], -1)])


def tube_faces(rings: int, around: int) -> Index:
    """Return the triangles of an open tube of ``rings`` rings of ``around`` points."""
    grid = np.arange(rings * around).reshape(rings, around)
    a, b = grid[:-1].ravel(), np.roll(grid, -1, axis=1)[:-1].ravel()
    c, d = grid[1:].ravel(), np.roll(grid, -1, axis=1)[1:].ravel()
    return np.concatenate([np.stack([a, d, c], -1), np.stack([a, b, d], -1)])
