"""Writes pictures as H.264 and truth as JSON, never leaving half a file under its final name."""

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from posecheck_render.errors import RenderError


class VideoWriter:
    """An H.264 file in the making (yuv420p, index first so that it can be streamed).

    Args:
        path: Where to write.
        size: Width and height, px, both even.
        fps: Pictures per second.
        crf: Constant quality, smaller is better and larger in bytes.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: int, crf: int = 25) -> None:
        options = {"movflags": "+faststart"}
        self._container = av.open(str(path), "w", format="mp4", options=options)
        coding = {"crf": str(crf), "preset": "fast", "threads": "1"}
        self._stream = self._container.add_stream("libx264", rate=fps, options=coding)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Append a picture, shape ``(height, width, 3)``, RGB."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def close(self, finish: bool = True) -> None:
        """Finish the file; with ``finish=False`` only let go of it."""
        if finish:
            for packet in self._stream.encode():
                self._container.mux(packet)
        self._container.close()


@contextmanager
def replacing(*targets: Path) -> Iterator[list[Path]]:
    """Give temporary paths beside the targets; move all into place at the end, or none.

    Raises:
        RenderError: If the disk is full or the folder cannot be written.
    """
    partial = [t.with_name(f".{t.name}.partial") for t in targets]
    try:
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        for source, target in zip(partial, targets, strict=True):
            source.replace(target)
    except OSError as e:
        folder = targets[0].parent
        if e.errno == errno.ENOSPC:
            raise RenderError(f"The disk of {folder} is full.", "Free some space and run again.") from e
        raise RenderError(f"{folder} cannot be written: {e.strerror or e}.", "Choose another --out.") from e
    finally:
        for path in partial:
            path.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write compact JSON."""
    path.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")
