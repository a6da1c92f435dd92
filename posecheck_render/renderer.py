"""Draws a posed figure in a room on software OpenGL (EGL); no display and no graphics card needed."""

from typing import Any

import moderngl
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from posecheck_render import shaders
from posecheck_render.errors import RenderError
from posecheck_render.figure import EYES, TOP, Figure, PosedFigure
from posecheck_render.rotations import Array, unit, vec
from posecheck_render.scene import BOARDS, CARPET, MAT, RUG, SHADOW_CASTERS, WALL, Camera, Item, Light

SHADOW_SIZE = 1024
_DRAW_LAST = {MAT: 1, RUG: 2, BOARDS: 3, CARPET: 3, WALL: 4}


def open_context() -> Any:
    """Return an off-screen OpenGL context, or raise ``RenderError`` naming what is missing."""
    options: dict[str, Any] = {"standalone": True, "backend": "egl"}
    try:
        return moderngl.create_context(**options)
    except Exception as e:  # moderngl raises bare Exceptions and ImportErrors of many kinds here
        raise RenderError(
            f"No OpenGL without a display (EGL) on this machine: {e}.",
            "On Debian and Ubuntu: `apt-get install libegl1 libgl1 libgl1-mesa-dri`.",
        ) from e


class Renderer:
    """One picture size and one figure, many frames.

    Args:
        figure: Whom to draw.
        size: Width and height, px.
        supersampling: Pixels drawn per picture pixel along each side.
    """

    def __init__(self, figure: Figure, size: tuple[int, int] = (640, 480), supersampling: float = 1.0) -> None:
        self.figure, self.size = figure, size
        self.inner = (int(size[0] * supersampling), int(size[1] * supersampling))
        ctx = self.ctx = open_context()
        self.programs = {
            "depth": ctx.program(vertex_shader=shaders.VERTEX, fragment_shader=shaders.DEPTH),
            "normals": ctx.program(vertex_shader=shaders.VERTEX, fragment_shader=shaders.NORMALS),
            "mask": ctx.program(vertex_shader=shaders.VERTEX, fragment_shader=shaders.MASK),
            "compose": ctx.program(vertex_shader=shaders.QUAD, fragment_shader=shaders.COMPOSE),
            "occlusion": ctx.program(vertex_shader=shaders.QUAD, fragment_shader=shaders.OCCLUSION),
            "blur": ctx.program(vertex_shader=shaders.QUAD, fragment_shader=shaders.BLUR),
        }
        self._shades: dict[int, Any] = {}
        self._make_targets()
        self._upload_figure()
        self._items: list[tuple[Item, dict[str, Any]]] = []

    def _make_targets(self) -> None:
        ctx, size = self.ctx, self.size
        texture = self.figure.texture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        self._skin = ctx.texture(texture.size, 3, texture.tobytes())
        self._skin.build_mipmaps()
        self._shadow = ctx.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self._shadow.compare_func = "<="
        self._shadow.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._shadow.repeat_x = self._shadow.repeat_y = False
        self._shadow_target = ctx.framebuffer(depth_attachment=self._shadow)
        # Occlusion is smooth: it is computed coarser than the picture, not at the supersampled size.
        self._coarse = (size[0] * 2 // 5, size[1] * 2 // 5)
        self._depth = ctx.depth_texture(self._coarse)
        self._depth.compare_func = ""
        self._normals = ctx.texture(self._coarse, 4)
        self._normal_target = ctx.framebuffer([self._normals], self._depth)
        self._rough, self._smooth = (ctx.texture(self._coarse, 1, dtype="f2") for _ in range(2))
        self._rough_target, self._smooth_target = (ctx.framebuffer([t]) for t in (self._rough, self._smooth))
        self._colour = ctx.texture(self.inner, 3)
        self._colour_target = ctx.framebuffer([self._colour], ctx.depth_renderbuffer(self.inner))
        self._empty_target = ctx.framebuffer([ctx.renderbuffer(self.inner, 3)])
        self._lit, self._dark = (ctx.texture(self.inner, 3, dtype="f2") for _ in range(2))
        self._room_depth = ctx.depth_texture(self.inner)
        self._room_depth.compare_func = ""
        self._room_depth.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._room_target = ctx.framebuffer([self._lit, self._dark], self._room_depth)
        self._mask = ctx.texture(size, 1)
        self._mask_target = ctx.framebuffer([self._mask], ctx.depth_renderbuffer(size))
        quad = ctx.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], dtype=np.float32))
        self._quads = {
            name: ctx.vertex_array(self.programs[name], [(quad, "2f", "v")])
            for name in ("occlusion", "blur", "compose")
        }

    def _upload_figure(self) -> None:
        rest = self.figure.body.rest
        self._parts = []
        for part in self.figure.parts:
            moving = self.ctx.buffer(reserve=len(part.vertices) * 24)
            still = np.hstack([part.uv, rest[part.vertices], part.cut[:, None]]).astype(np.float32)
            index = self.ctx.buffer(part.triangles.tobytes())
            arrays = self._arrays(part.material, moving, self.ctx.buffer(still.tobytes()), index)
            self._parts.append((part, moving, arrays))

    def _shade(self, material: int) -> Any:
        """Return the shading program of a material, compiled on first use."""
        if material not in self._shades:
            self._shades[material] = self.ctx.program(
                vertex_shader=shaders.VERTEX, fragment_shader=shaders.shade(material)
            )
        return self._shades[material]

    def _arrays(self, material: int, moving: Any, still: Any, index: Any | None) -> dict[str, Any]:
        """Return a vertex array for every program; attributes a program does not use are skipped over."""
        arrays = {}
        programs = {"shade": self._shade(material)}
        programs |= {name: self.programs[name] for name in ("depth", "normals", "mask")}
        for name, program in programs.items():
            used = set(program)
            content = []
            for buffer, layout in (
                (moving, (("pos", 3), ("nrm", 3))),
                (still, (("uv", 2), ("rest", 3), ("cut", 1))),
            ):
                names = [n for n, _ in layout if n in used]
                pattern = " ".join(f"{k}f" if n in used else f"{4 * k}x" for n, k in layout)
                if names:
                    content.append((buffer, pattern, *names))
            if index is None:
                arrays[name] = self.ctx.vertex_array(program, content)
            else:
                arrays[name] = self.ctx.vertex_array(program, content, index, index_element_size=4)
        return arrays

    def _set_room(self, items: list[Item]) -> None:
        """Replace what stands around the person; items of one material and colour are drawn together."""
        groups: dict[tuple[int, tuple[float, float, float]], list[Item]] = {}
        for item in items:
            groups.setdefault((item.material, item.colour), []).append(item)
        self._items = []
        # Furniture, mat and rug before floor and wall, so that what is hidden is not shaded.
        for (material, colour), members in sorted(groups.items(), key=lambda g: _DRAW_LAST.get(g[0][0], 0)):
            points = np.concatenate([m.points for m in members])
            normals = np.concatenate([m.normals for m in members])
            count = len(points)
            moving = self.ctx.buffer(np.hstack([points, normals]).astype(np.float32).tobytes())
            still = np.hstack([np.zeros((count, 2)), points, np.ones((count, 1))]).astype(np.float32)
            arrays = self._arrays(material, moving, self.ctx.buffer(still.tobytes()), None)
            self._items.append((Item(points, normals, material, colour), arrays))

    def _write_vertices(self, posed: PosedFigure) -> None:
        for part, moving, _ in self._parts:
            own = part.vertices
            moving.write(np.hstack([posed.vertices[own], posed.normals[own]]).astype(np.float32).tobytes())

    def silhouette(self, posed: PosedFigure, camera: Camera) -> NDArray[np.bool_]:
        """Return which pixels show the person, shape ``(height, width)``."""
        self._write_vertices(posed)
        self.ctx.enable(moderngl.DEPTH_TEST)
        self._mask_target.use()
        self._mask_target.clear()
        _set(self.programs["mask"], VP=(camera.projection @ camera.view).T)
        for _, _, arrays in self._parts:
            arrays["mask"].render()
        width, height = self.size
        flat = np.frombuffer(self._mask.read(alignment=1), dtype=np.uint8).reshape(height, width)
        return np.asarray(flat[::-1] > 127)

    def set_scene(
        self, items: list[Item], camera: Camera, light: Light, light_azimuth: float, centre: Array
    ) -> None:
        """Fix everything but the person, and draw the empty room once.

        Args:
            items: The room.
            camera: Whose ``size`` must be this renderer's.
            light: Colours and height of the light.
            light_azimuth: Where the light comes from, degrees, as the camera's azimuth.
            centre: What the shadow map is centred on, metres.
        """
        self._set_room(items)
        self._camera, self._light = camera, light
        self._to_light = _direction(light_azimuth, light.elevation)
        self._light_matrix = _light_matrix(self._to_light, centre)
        view_projection = camera.projection @ camera.view
        self.ctx.enable(moderngl.DEPTH_TEST)
        self._room_target.use()
        self._room_target.clear(0.4, 0.4, 0.4)
        for item, arrays in self._items:
            self._prepare(item.material, view_projection, item.colour)
            arrays["shade"].render()
        self._draw_passes(None, False, (0.0, 0.0, 1.0, 1.0))
        self.ctx.copy_framebuffer(self._empty_target, self._colour_target)

    def draw(self, posed: PosedFigure, blink: bool = False) -> NDArray[np.uint8]:
        """Return the picture of the person in the scene, shape ``(height, width, 3)``, RGB.

        Only the part of the picture that she, her shadow and her occlusion can touch is drawn anew.

        Args:
            posed: The figure in a pose.
            blink: Whether the eyes are shut.
        """
        self._write_vertices(posed)
        self._colour_target.scissor = None
        self.ctx.copy_framebuffer(self._colour_target, self._empty_target)
        self._draw_passes(posed, blink, self._touched(posed))
        picture = Image.frombytes("RGB", self.inner, self._colour.read(alignment=1))
        picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        if self.inner != self.size:
            picture = picture.resize(self.size, Image.Resampling.LANCZOS)
        return np.asarray(picture)

    def _touched(self, posed: PosedFigure) -> tuple[float, float, float, float]:
        """Return the part of the picture to draw anew as shares (left, bottom, right, top)."""
        body = posed.vertices[self.figure.visible][::15].astype(float)
        shadow = body - self._to_light * (body[:, 1:2] / self._to_light[1])
        seen = self._camera.project(np.concatenate([body, shadow])) / np.array(self.size)
        left, top = seen.min(axis=0) - 0.07
        right, bottom = seen.max(axis=0) + 0.07
        return max(left, 0.0), max(1 - bottom, 0.0), min(right, 1.0), min(1 - top, 1.0)

    def _draw_passes(
        self, posed: PosedFigure | None, blink: bool, part: tuple[float, float, float, float]
    ) -> None:
        ctx = self.ctx
        parts = self._parts if posed is not None else []
        view_projection = self._camera.projection @ self._camera.view
        ctx.enable(moderngl.DEPTH_TEST)
        ctx.disable(moderngl.CULL_FACE)
        self._draw_shadow_map(parts)
        self._draw_occlusion(parts, view_projection, part)
        self._colour_target.scissor = _pixels(part, self.inner)
        self._colour_target.use()
        self._colour_target.clear()
        textures = (self._skin, self._shadow, self._smooth, self._lit, self._dark, self._room_depth)
        for number, texture in enumerate(textures):
            texture.use(number)
        self._compose_room(view_projection)
        person = self.figure.person
        for drawn, _, arrays in parts:
            cloth = person.top if drawn.material == TOP else person.bottom
            colour = person.skin if drawn.material == EYES else cloth
            self._prepare(drawn.material, view_projection, colour, blink)
            arrays["shade"].render()

    def _compose_room(self, view_projection: Array) -> None:
        """Draw the room; the person comes on top: nothing in the room ever stands before her."""
        compose = self.programs["compose"]
        for name, number in (("SM", 1), ("AO", 2), ("LIT", 3), ("DARK", 4), ("D", 5)):
            compose[name].value = number
        _set(
            compose,
            iVP=np.linalg.inv(view_projection).T,
            LVP=self._light_matrix.T,
            exposure=self._light.exposure,
        )
        self.ctx.disable(moderngl.DEPTH_TEST)
        self._quads["compose"].render(moderngl.TRIANGLE_STRIP)
        self.ctx.enable(moderngl.DEPTH_TEST)

    def _prepare(
        self, material: int, view_projection: Array, colour: tuple[float, float, float], blink: bool = False
    ) -> None:
        """Hand a material's program what it uses of the scene."""
        program, person, light = self._shade(material), self.figure.person, self._light
        for name, number in (("tex", 0), ("SM", 1), ("AO", 2), ("stripes", int(person.stripes))):
            if name in program:
                program[name].value = number
        _set(
            program,
            VP=view_projection.T,
            LVP=self._light_matrix.T,
            eye=self._camera.eye,
            L=self._to_light,
            res=self.inner,
            keyc=light.key,
            skyc=light.sky,
            groundc=light.ground,
            exposure=light.exposure,
            hairc=person.hair,
            irisc=person.iris,
            brow=self.figure.brows,
            eyes=self.figure.eyes,
            col=colour,
            lids=float(blink),
        )

    def _draw_shadow_map(self, parts: list[Any]) -> None:
        self._shadow_target.use()
        self._shadow_target.clear(depth=1.0)
        _set(self.programs["depth"], VP=self._light_matrix.T)
        for _, _, arrays in parts:
            arrays["depth"].render()
        for item, arrays in self._items:
            if item.material in SHADOW_CASTERS:
                arrays["depth"].render()

    def _draw_occlusion(
        self, parts: list[Any], view_projection: Array, part: tuple[float, float, float, float]
    ) -> None:
        ctx, camera = self.ctx, self._camera
        for target in (self._normal_target, self._rough_target, self._smooth_target):
            target.scissor = _pixels(part, self._coarse)
        self._normal_target.use()
        self._normal_target.clear(0, 0, 0, 0)
        _set(self.programs["normals"], VP=view_projection.T, Vr=camera.rotation.T)
        for _, _, arrays in parts:
            arrays["normals"].render()
        for _, arrays in self._items:
            arrays["normals"].render()
        ctx.disable(moderngl.DEPTH_TEST)
        self._rough_target.use()
        self._depth.use(0)
        self._normals.use(1)
        occlusion, blur = self.programs["occlusion"], self.programs["blur"]
        occlusion["D"].value, occlusion["G"].value = 0, 1
        _set(self.programs["occlusion"], P=camera.projection.T, iP=np.linalg.inv(camera.projection).T)
        self._quads["occlusion"].render(moderngl.TRIANGLE_STRIP)
        self._smooth_target.use()
        self._rough.use(0)
        blur["A"].value = 0
        blur["res"].value = tuple(float(s) for s in self._coarse)
        self._quads["blur"].render(moderngl.TRIANGLE_STRIP)
        ctx.enable(moderngl.DEPTH_TEST)

    def close(self) -> None:
        """Free the OpenGL context."""
        self.ctx.release()


def _set(program: Any, **values: ArrayLike) -> None:
    """Set the uniforms a program has; it may have been compiled without some of them."""
    for key, value in values.items():
        if key in program:
            data = np.ascontiguousarray(value, dtype=np.float32)
            # The compiler may have cut an array to the elements it uses.
            program[key].write(
                (
                    data[: program[key].array_length]
                    if program[key].array_length > 1
                    else data.reshape(-1)[: program[key].dimension]
                ).tobytes()
            )


def _pixels(part: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return shares (left, bottom, right, top) of a picture as x, y, width, height, px."""
    left, bottom, right, top = part
    x, y = int(left * size[0]), int(bottom * size[1])
    return x, y, max(1, int(np.ceil(right * size[0])) - x), max(1, int(np.ceil(top * size[1])) - y)


def _direction(azimuth: float, elevation: float) -> Array:
    a, e = np.radians(azimuth), np.radians(elevation)
    return vec(np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e))


def _light_matrix(to_light: Array, centre: Array, half: float = 1.9) -> Array:
    side = unit(np.cross(vec(0, 1, 0), to_light))
    view = np.eye(4)
    view[:3, :3] = [side, np.cross(to_light, side), to_light]
    view[:3, 3] = -view[:3, :3] @ (centre + to_light * 6)
    flat = np.diag([1 / half, 1 / half, -2 / 11.5, 1.0])
    flat[2, 3] = -(12 + 0.5) / 11.5
    return np.asarray(flat @ view)
