"""Contact sheets: a few frames of each clip side by side, to look at before anything is committed."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from posecheck_render.errors import RenderError


def read_frames(clip: Path, count: int) -> list[NDArray[np.uint8]]:
    """Return ``count`` frames spread evenly over a clip, RGB.

    Raises:
        RenderError: If it is no clip that can be read.
    """
    try:
        with av.open(str(clip)) as container:
            frames = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    except (av.FFmpegError, IndexError) as e:  # IndexError: it holds no pictures
        raise RenderError(f"{clip} is no clip that can be read.", "Give the clips themselves (.mp4).") from e
    picks = np.linspace(0, len(frames) - 1, count).round().astype(int)
    return [np.asarray(frames[k]) for k in picks]


def contact_sheet(clips: Sequence[Path], frames: int = 8, height: int = 150, columns: int = 1) -> Image.Image:
    """Return one row of frames per clip, with its name.

    Args:
        clips: Which clips.
        frames: How many frames of each.
        height: Of a frame, px.
        columns: How many clips stand side by side.
    """
    strips = []
    for clip in clips:
        pictures = [Image.fromarray(f) for f in read_frames(clip, frames)]
        small = [p.resize((round(p.width * height / p.height), height)) for p in pictures]
        strip = Image.new("RGB", (sum(p.width for p in small), height + 14), "white")
        x = 0
        for picture in small:
            strip.paste(picture, (x, 14))
            x += picture.width
        ImageDraw.Draw(strip).text((2, 1), clip.stem, fill="black")
        strips.append(strip)
    width = max(s.width for s in strips)
    rows = -(-len(strips) // columns)
    sheet = Image.new("RGB", (width * columns, rows * (height + 14)), "white")
    for k, strip in enumerate(strips):
        sheet.paste(strip, (k // rows * width, k % rows * (height + 14)))
    return sheet
