"""``posecheck evaluate``: recognition and every check on a labelled set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

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


def _read_jobs(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise PosecheckError(f"--jobs must be 1 or more, not {text!r}.", "Leave out --jobs to use every core.")


def evaluate(
    folder: Annotated[
        Path, typer.Argument(help="A labelled set: DIR/<exercise id or other>/*, or clips with truth.")
    ],
    json: Annotated[Path | None, typer.Option(help="Write the figures as JSON; - for stdout.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with the worst cases as pictures.")] = None,
    strictness: Annotated[StrictnessOption, typer.Option(help="How much is corrected.")] = StrictnessOption.gentle,
    jobs: Annotated[
        int | None,
        typer.Option(parser=_read_jobs, metavar="<int>", help="Processes; as many as cores by default."),
    ] = None,
    cache: Annotated[
        bool, typer.Option(help="Keep landmarks (never pictures) so that a second run needs no model.")
    ] = True,
    laws: Annotated[
        bool, typer.Option("--laws", help="Judge clips mirrored, at other frame rates and with noise as well.")
    ] = False,
) -> None:
    """Measure recognition and every check on a labelled set of videos, photographs and recordings."""
    from posecheck import evaluate as measuring
    from posecheck.evaluation_page import print_tables, write_page
    from posecheck.figures import summarise
    from posecheck.files import check_apart, check_output

    library = read_library()
    named = {"--html": html, "--json": None if is_stdout(json) else json}
    outputs = {option: path for option, path in named.items() if path is not None}
    for option, path in outputs.items():
        check_output(path, option, folder)
    check_apart(outputs)
    with shown_progress() as show:
        result = measuring.evaluate(
            folder,
            library,
            strictness=strictness.value,
            jobs=jobs,
            use_cache=cache,
            laws=laws,
            model=lambda: fetch_model(show),
            progress=show,
        )
    for sentence in [*result.warnings, *result.failed]:
        say(sentence)
    figures = summarise(result.findings, library.exercises)
    put_json(figures, json)
    if not is_stdout(json):
        # Where nobody reads along, lines may be as long as the tables.
        print_tables(result.findings, library, None if sys.stdout.isatty() else 160)
    if html is not None:
        write_page(html, result, library, folder.resolve().name)
    if result.failed:
        raise typer.Exit(BAD_INPUT)
