"""``python -m posecheck_render``: make the sample clips, one clip or a large set; look; measure."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from posecheck_render.assets import Assets, check_wheel, fetch_wheel
from posecheck_render.clips import (
    PORTRAIT,
    ClipSpec,
    Studio,
    entry_of_truth,
    random_set,
    sample_set,
    write_manifest,
)
from posecheck_render.encode import replacing
from posecheck_render.errors import RenderError
from posecheck_render.exercises import BUILDERS, FAULTS
from posecheck_render.exercises.base import Fault, Size
from posecheck_render.people import PEOPLE
from posecheck_render.scene import LIGHTS, ROOMS
from posecheck_render.truth import find_truths

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Make the sample clips, one clip or a large set; look; measure.",
)
console = Console(stderr=True)

Out = Annotated[Path, typer.Option(help="Folder for the clips.")]
Wheel = Annotated[Path | None, typer.Option(help="The body data wheel, if it is already here.")]
Sampling = Annotated[float, typer.Option(help="Pixels drawn per picture pixel along each side.")]


def open_assets(wheel: Path | None) -> Assets:
    """Return the checked CC0 data."""
    if wheel is None:
        return Assets(fetch_wheel())
    check_wheel(wheel)
    return Assets(wheel)


def shoot_all(specs: Sequence[ClipSpec], out: Path, wheel: Path | None, supersampling: float) -> None:
    """Make clips with a progress bar, then the manifest of everything in the folder."""
    studio = Studio(open_assets(wheel), supersampling)
    frames, started = 0, time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bar:
        whole = bar.add_task("clips", total=float(len(specs)))
        # Clips of one person together: her body is built once.
        for done, spec in enumerate(sorted(specs, key=lambda s: s.person.id)):

            def tick(frame: int, total: int, done: int = done, name: str = spec.stem) -> None:
                nonlocal frames
                frames += 1
                bar.update(whole, completed=done + frame / total, description=name)

            studio.shoot(spec, out, tick)
            console.print(f"{spec.stem}.mp4")
    seconds = time.monotonic() - started
    console.print(f"{frames} frames in {seconds:.0f} s, {seconds / max(frames, 1):.2f} s a frame")
    refresh_manifest(out)


def refresh_manifest(out: Path) -> None:
    """Write the manifest of every clip in the folder that has its truth beside it."""
    truths = [json.loads(p.read_text(encoding="utf-8")) for p in find_truths(out)]
    write_manifest(out, [entry_of_truth(t) for t in truths])


@app.command()
def samples(
    out: Out = Path("sample_videos"),
    only: Annotated[str, typer.Option(help="Make only clips whose name contains this; comma-separated.")] = "",
    missing: Annotated[bool, typer.Option(help="Keep clips that are there already.")] = False,
    wheel: Wheel = None,
    supersampling: Sampling = 1.0,
) -> None:
    """Make the clips of sample_videos/."""
    wanted = [part for part in only.split(",") if part]
    specs = [s for s in sample_set() if not wanted or any(part in s.stem for part in wanted)]
    if missing:
        specs = [s for s in specs if not (out / f"{s.stem}.mp4").is_file()]
    if not specs:
        if missing:
            return
        raise RenderError(f"No sample clip has {only!r} in its name.", "Run without --only to make all.")
    shoot_all(specs, out, wheel, supersampling)


@app.command()
def clip(
    exercise: Annotated[str, typer.Argument(help=", ".join(BUILDERS))],
    fault: Annotated[str, typer.Option(help="Check id of the mistake; none for a correct clip.")] = "",
    size: Annotated[str, typer.Option(help="clear or slight")] = "clear",
    person: Annotated[str, typer.Option(help=", ".join(PEOPLE))] = "ana",
    room: Annotated[str, typer.Option(help=", ".join(ROOMS))] = "living",
    light: Annotated[str, typer.Option(help=", ".join(LIGHTS))] = "bright",
    yaw: Annotated[float, typer.Option(help="Camera turned away from the exact front or side, degrees.")] = 0.0,
    fill: Annotated[float, typer.Option(help="Share of the picture the person fills.")] = 0.76,
    portrait: Annotated[bool, typer.Option(help="480x640 instead of 640x480.")] = False,
    fps: Annotated[int, typer.Option(min=1, help="Pictures per second.")] = 15,
    seed: int = 1,
    out: Out = Path(),
    wheel: Wheel = None,
    supersampling: Sampling = 1.0,
) -> None:
    """Make one clip and its truth."""
    choose("exercise", exercise, list(BUILDERS))
    choose("person", person, list(PEOPLE))
    choose("room", room, list(ROOMS))
    choose("light", light, list(LIGHTS))
    made = None
    if fault:
        choose(f"fault of {exercise}", fault, list(FAULTS[exercise]))
        made = Fault(fault, to_size(size))
    frame_size = PORTRAIT if portrait else (640, 480)
    spec = ClipSpec(
        exercise, made, PEOPLE[person], room, light, seed, yaw=yaw, fill=fill, frame_size=frame_size, fps=fps
    )
    shoot_all([spec], out, wheel, supersampling)


@app.command("set")
def large_set(
    out: Out,
    people: Annotated[int, typer.Option(min=1, help="How many invented people.")] = 6,
    views: Annotated[int, typer.Option(min=1, help="Cameras per person and movement.")] = 1,
    faults: Annotated[bool, typer.Option(help="Also a clip for each mistake.")] = False,
    sizes: Annotated[str, typer.Option(help="clear, slight or clear,slight")] = "clear",
    exercises: Annotated[str, typer.Option(help="Comma-separated; all if empty.")] = "",
    seed: int = 0,
    wheel: Wheel = None,
    supersampling: Sampling = 1.0,
) -> None:
    """Make a larger set for accuracy work; the same seed gives the same truth."""
    chosen = [e for e in exercises.split(",") if e] or list(BUILDERS)
    for name in chosen:
        choose("exercise", name, list(BUILDERS))
    wanted = [to_size(s) for s in sizes.split(",")]
    shoot_all(random_set(people, chosen, faults, wanted, views, seed), out, wheel, supersampling)


@app.command()
def sheet(
    clips: Annotated[list[Path], typer.Argument(help="Clips.")],
    out: Annotated[Path, typer.Option(help="PNG or JPEG to write.")] = Path("sheet.png"),
    frames: Annotated[int, typer.Option(min=1, help="How many frames of each clip.")] = 8,
    height: Annotated[int, typer.Option(min=1, help="Of a frame, px.")] = 150,
    columns: Annotated[int, typer.Option(min=1, help="How many clips stand side by side.")] = 1,
) -> None:
    """Lay frames of clips side by side."""
    from posecheck_render.sheets import contact_sheet

    kind = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}.get(out.suffix.lower())
    if kind is None:
        raise RenderError(f"--out does not write {out.name}.", "Give a name that ends in .png or .jpg.")
    picture = contact_sheet(clips, frames, height, columns)
    with replacing(out) as (part,):
        picture.save(part, kind)


@app.command()
def measure(
    model: Annotated[Path, typer.Option(help="A pose landmarker model (.task).")],
    folder: Annotated[Path, typer.Argument(help="Clips with truth.")] = Path("sample_videos"),
) -> None:
    """Print how well the pose model finds the people of a folder: detection and joint error by exercise."""
    from posecheck_render.measure import measure_folder, table

    typer.echo(table(measure_folder(folder, model)))


@app.command()
def manifest(
    folder: Annotated[Path, typer.Argument(help="Clips with truth.")] = Path("sample_videos"),
) -> None:
    """Write the manifest of a folder anew from the truths in it."""
    refresh_manifest(folder)


def choose(what: str, value: str, known: Sequence[str]) -> None:
    """Raise ``RenderError`` unless ``value`` is one of the known ids."""
    if value not in known:
        raise RenderError(f"Unknown {what} {value!r}.", f"There are: {', '.join(known)}.")


def to_size(value: str) -> Size:
    """Return the size of a mistake by name."""
    if value == "clear":
        return "clear"
    if value == "slight":
        return "slight"
    raise RenderError(f"Unknown size {value!r}.", "There are: clear, slight.")


def main() -> None:
    """Run the command line; faults of the outside world are one sentence and status 2."""
    try:
        app()
    except RenderError as e:
        console.print(str(e), style="red", highlight=False, soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
