"""``posecheck model`` and ``posecheck bench``: the pose model, and what a frame costs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from posecheck.commands.common import fetch_model, read_library, shown_progress
from posecheck.errors import PosecheckError, SourceError
from posecheck.files import format_size


def model(
    source: Annotated[Path | None, typer.Option("--from", help="Install the model from this file.")] = None,
) -> None:
    """Show where the pose model is; fetch it where it is missing."""
    from posecheck import models

    if source is not None:
        models.install_model(source)
    elif models.describe_model() is None:
        with shown_progress() as show:
            fetch_model(show)
    info = models.describe_model()
    if info is None:
        raise PosecheckError("The pose model was installed and is gone again.", "Run `posecheck model` again.")
    print(f"{info.path}\n{info.kind}, {format_size(info.size)}, SHA-256 {info.sha256}")


def bench(
    source: Annotated[Path | None, typer.Argument(help="A video; a sample clip by default.")] = None,
    exercise: Annotated[str, typer.Option(help="Judged as this exercise.")] = "downward_dog",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Measure what a frame costs, stage by stage, beside the bare inference of the same run."""
    from posecheck.files import to_json
    from posecheck.folders import samples_folder
    from posecheck.survey import check_exercise

    library = read_library()
    check_exercise(exercise, library, auto=False)
    if source is None:
        samples = samples_folder()
        source = samples / "downdog.mp4" if samples else None
    if source is None:
        raise SourceError("This installation has no sample clip.", "Run `posecheck bench VIDEO`.")
    from posecheck import bench as stages

    with shown_progress() as show:
        model = fetch_model(show)
        result = stages.measure(source, exercise, library, model, show).describe()
        result["replay"] = stages.measure_overlap(source, exercise, library, model, show).describe()
        again = stages.measure_rejudging(source, exercise, library, model)
        result["rejudging"] = again and again.describe()
    if json:
        sys.stdout.write(to_json(result, ascii_only=True))
    else:
        print("\n".join([*stages.table(result), "", *stages.overlap_table(result["replay"])]))
        if again is not None:
            print("\n".join(["", *stages.rejudging_table(result["rejudging"])]))
