"""``posecheck import``: landmarks that another tool has found, as a landmark recording."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from posecheck.commands.common import say
from posecheck.errors import PosecheckError

_NOT_THERE = (
    "It has no outline of the body and no depth: what needs them, such as the shape of the back, stays unknown."
)


def _read_fps(text: str) -> float:
    with suppress(ValueError):
        if 0 < (fps := float(text)) < math.inf:
            return fps
    raise PosecheckError(f"--fps must be more than 0, not {text!r}.", "Give the frames a second, such as 30.")


def import_landmarks(
    source: Annotated[Path, typer.Argument(help="OpenPose's folder of JSON files, or a COCO keypoint file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The landmark recording to write (.npz).")],
    fps: Annotated[
        float | None,
        typer.Option(
            parser=_read_fps, metavar="<float>", help="Frames a second; not needed for a single picture."
        ),
    ] = None,
    size: Annotated[
        str | None, typer.Option(help="The picture's width and height, such as 1280x720, where the file lacks it.")
    ] = None,
) -> None:
    """Turn landmarks that another tool has found into a recording that `analyse` and `tune` read."""
    from posecheck.files import check_output
    from posecheck.foreign import read_foreign
    from posecheck.recording import save_recording

    check_output(out, "--out", source)
    if out.suffix.lower() != ".npz":
        raise PosecheckError(
            f"--out writes a landmark recording, not {out.name}.", "Give a name that ends in .npz."
        )
    found = read_foreign(source, fps, _read_size(size))
    pose = found.pose
    save_recording(out, pose)
    long = "one picture" if len(pose.t) == 1 else f"{len(pose.t)} frames, {len(pose.t) / (fps or 1):.1f} s"
    print(f"{source.name}: {found.layout}, {long}, somebody in {int(pose.person.sum())}; written to {out}.")
    say(_NOT_THERE)
    if not found.sized:
        width, height = (round(float(side)) for side in pose.frame_size)
        say(f"The picture is taken to be {width}x{height}, as far as the points reach; --size says it better.")


def _read_size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    sides = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    if sides is None:
        raise PosecheckError(f"--size must be a width and a height in pixels, not {text!r}.", "Write 1280x720.")
    return int(sides[1]), int(sides[2])
