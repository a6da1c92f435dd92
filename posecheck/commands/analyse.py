"""``posecheck analyse``: a recording through the same judgement as the live camera."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from posecheck.library import Library


def analyse(
    source: Annotated[
        Path, typer.Argument(help="A video, a photograph, a folder of them, or a recording (.npz).")
    ],
    exercise: Annotated[str, typer.Option(help="An exercise id, or auto: the one held longest.")] = "auto",
    json: Annotated[Path | None, typer.Option(help="Write the analysis as JSON; - for stdout.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write one row a frame.")] = None,
    parquet: Annotated[
        Path | None, typer.Option(help="Write one row a frame, in full precision and with units.")
    ] = None,
    annotate: Annotated[
        Path | None, typer.Option(help="Write the video with skeleton and sentences (.mp4).")
    ] = None,
    record: Annotated[Path | None, typer.Option(help="Write the landmarks without the pictures (.npz).")] = None,
    strictness: Annotated[StrictnessOption, typer.Option(help="How much is corrected.")] = StrictnessOption.gentle,
) -> None:
    """Replay a recording through the same judgement as the live camera."""
    from posecheck import replay
    from posecheck.analysis import failed_items
    from posecheck.files import check_apart, check_output
    from posecheck.judgement import Settings
    from posecheck.outputs import Outputs

    library = read_library()
    settings = Settings(exercise, strictness.value)
    outputs = Outputs(csv=csv, parquet=parquet, annotate=annotate, record=record)
    if json is not None and not is_stdout(json):
        check_output(json, "--json", source)
        check_apart({"--json": json, **outputs.named})
    warnings: list[str] = []
    with shown_progress() as show:
        result = replay.analyse(
            source,
            library,
            settings,
            outputs,
            model=lambda: fetch_model(show),
            progress=show,
            warn=warnings.append,
        )
    for sentence in [*warnings, *failed_items(result)]:
        say(sentence)
    put_json(result, json)
    if not is_stdout(json):
        print("\n".join(_summarise(result, library)))
    if failed_items(result):
        raise typer.Exit(BAD_INPUT)


def _summarise(result: dict[str, Any], library: Library) -> list[str]:
    """Return an analysis in a few lines a person can read."""
    if "items" in result:
        return [_summarise_line(item, library) for item in result["items"] if "error" not in item]
    summary = result["summary"]
    lines = [_summarise_line(result, library)]
    for name, fault in summary["faults"].items():
        much = f"{fault['seconds']:.1f} s, {fault['share']:.0%} of the time in the pose"
        lines.append(f"  {name}: {much if len(result['timeline']) > 1 else 'seen'}")
    said = [event for event in result["events"] if event["kind"] == "cue"]
    lines += [f"  said at {event['t']:.1f} s: {event['text']}" for event in said]
    return lines


def _summarise_line(result: dict[str, Any], library: Library) -> str:
    """Return one analysis in one line."""
    summary, source = result["summary"], result["source"]
    if not result["person_frames"]:
        return f"{source}: nobody was found in the picture"
    if result["exercise"] is None:
        return f"{source}: no exercise was recognised"
    exercise = library.exercises[result["exercise"]]
    name, view = exercise.name["en"], result["view"].replace("_", "-")
    parts = [f"{name}, seen from the {view}" if view in ("side", "front") else f"{name}, {view} view"]
    still = result["frames"] == 1
    if not still:
        parts.append(f"in the pose {summary['in_pose_s']:.1f} s of {result['duration_s']:.1f} s")
    if not still and any(phase.hold for phase in exercise.course):
        parts.append(f"held {summary['held_s']:.1f} s")
    if not still and exercise.movements:
        parts.append(f"{summary['cycles']} {'cycle' if summary['cycles'] == 1 else 'cycles'}")
    in_pose = result["timeline"][0]["in_pose"] if still else summary["in_pose_s"] > 0
    if not in_pose:
        parts.append("the pose was not entered")
    elif summary["accepted"]:
        parts.append("well done")
    else:
        parts.append("worth working on")
    return f"{source}: {'; '.join(parts)}"
