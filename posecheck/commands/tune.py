"""``posecheck tune``: how bands fit recordings, and what moving one would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posecheck.commands.common import (
    BAD_INPUT,
    StrictnessOption,
    fetch_model,
    is_stdout,
    put_json,
    read_library,
    say,
    shown_progress,
)
from posecheck.errors import PosecheckError

if TYPE_CHECKING:
    from posecheck.spec import Exercise


def tune(
    recordings: Annotated[
        list[Path], typer.Argument(help="Labelled folders, recorded practices, videos or landmark recordings.")
    ],
    exercise: Annotated[str, typer.Option(help="The exercise to tune.")],
    check: Annotated[str | None, typer.Option(help="Only the bands of this check.")] = None,
    move: Annotated[
        list[str] | None,
        typer.Option("--set", help="Move a band: its name or enough of it, =CUE. May be given several times."),
    ] = None,
    save: Annotated[bool, typer.Option(help="Keep what --set says as your own bands.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures as JSON; - for stdout.")] = None,
    strictness: Annotated[StrictnessOption, typer.Option(help="How much is corrected.")] = StrictnessOption.gentle,
) -> None:
    """Show how bands fit recordings, propose better ones, and say what moving one would change."""
    from posecheck import workbench
    from posecheck.files import check_output
    from posecheck.survey import check_exercise
    from posecheck.tune import find_check

    library = read_library()
    check_exercise(exercise, library, auto=False)
    shipped, own = library.exercises[exercise], library.exercises[exercise]
    for text in move or ():
        own = workbench.moved_by_text(own, text)
    if check is not None:
        find_check(shipped, check)
    if save and not move:
        raise PosecheckError("--save keeps what --set moves, and nothing was moved.", "Add --set CHECK=NUMBER.")
    if json is not None and not is_stdout(json):
        for recording in recordings:
            check_output(json, "--json", recording)
    with shown_progress() as show:
        trials, failed, doubts = workbench.load_trials(
            recordings,
            shipped,
            library,
            model=lambda: fetch_model(show),
            progress=show,
            strictness=strictness.value,
        )
    for sentence in [*doubts, *failed]:
        say(sentence)
    report = workbench.tuning_report(trials, own, check)
    put_json(report, json)
    if not is_stdout(json):
        print("\n".join(workbench.table(report)))
    if save:
        _save_bands(exercise, own, f"tuned on {workbench.how_many(len(trials))}")
    if failed:
        raise typer.Exit(BAD_INPUT)


def _save_bands(exercise: str, own: Exercise, source: str) -> None:
    from posecheck.folders import own_bands_folder, routines_folder
    from posecheck.library import load_library
    from posecheck.workbench import save_own_bands

    shipped = load_library(routines_folder()).exercises[exercise]
    path = save_own_bands(shipped, own, own_bands_folder(), source)
    say(f"Kept as your own bands in {path}." if path else "These are the shipped bands: nothing of yours is kept.")
