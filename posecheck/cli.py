"""The ``posecheck`` command: starts the trainer, analyses files, checks definitions, shows the model.

Heavy libraries are imported where they are used, so that ``posecheck --help`` answers at once.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posecheck import __version__
from posecheck.errors import DefinitionError, OutputError, PosecheckError, SourceError

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from posecheck.history import History
    from posecheck.library import Library
    from posecheck.spec import Exercise

DONE, DEFECT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses."""

app = typer.Typer(
    help="Gentle, private pose feedback for back exercises after childbirth. Without a command: the trainer.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class StrictnessOption(StrEnum):
    """How wide the silent bands are."""

    gentle = "gentle"
    standard = "standard"


class DefinitionKind(StrEnum):
    """What a definition file defines."""

    exercise = "exercise"
    programme = "programme"
    progression = "progression"
    safety = "safety"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done; 2 bad input or usage, one sentence on stderr; 1 a defect of ours."""
    for stream in (sys.stdout, sys.stderr):
        # A name or a sentence with letters that the terminal lacks is shown with marks instead of ending us.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    args = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in args
    sys.exit(_run([a for a in args if a != "--debug"], debug))


def _run(args: list[str], debug: bool) -> int:
    try:
        status = app(args, prog_name="posecheck", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever was reading has gone, as in `posecheck analyse clip.mp4 | head -1`: nothing to complain about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except Exception as e:
        if debug:
            traceback.print_exc()
        return _explain(e)
    if status == INTERRUPTED:  # typer may have turned Ctrl-C into its status already
        _say("Stopped; nothing half-made is left behind.")
    return status if isinstance(status, int) else DONE


def _explain(error: Exception) -> int:
    """Say on stderr what stands in the way, and return the exit status for it."""
    if isinstance(error, PosecheckError):
        _say(str(error))
        return BAD_INPUT
    format_message = getattr(error, "format_message", None)  # of typer's usage errors, wherever it keeps them
    if format_message is not None:
        _say(f"{format_message()} See `posecheck --help`.")
        return BAD_INPUT
    _say(
        f"posecheck met a defect of its own: {type(error).__name__}: {error}. "
        "Run it again with --debug and send what it prints to the makers."
    )
    return DEFECT


def _say(text: str) -> None:
    print(text, file=sys.stderr)


# --- the trainer ----------------------------------------------------------------------------------------------


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"posecheck {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(help="Where the page is served; the first free one by default.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; works with every command.")] = False,
) -> None:
    """Start the trainer: prepare the model on first use and open the page."""
    if context.invoked_subcommand is not None:
        return
    page = _find_page()
    with _progress() as show:
        _obtain_model(show)
    port = port or _free_port()
    print(f"The trainer is at http://localhost:{port} on this computer. Press Ctrl-C to end it.", flush=True)
    raise typer.Exit(_serve(page, port, browser))


def _find_page() -> Path:
    package = Path(__file__).resolve().parent
    for page in (package.parent / "app.py", package / "app.py"):
        # Beside an installed package, "app.py" is somebody else's.
        if page.is_file() and (page.parent == package or (package.parent / "pyproject.toml").is_file()):
            return page
    raise SourceError("The trainer's page (app.py) is missing from this installation.", "Install posecheck again.")


def _free_port(first: int = 8501, tries: int = 50) -> int:
    """Return a port of this computer alone that nobody listens on."""
    import socket

    for port in range(first, first + tries):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    return first


def _serve(page: Path, port: int, browser: bool) -> int:
    """Run the page until Ctrl-C and return the exit status."""
    import signal
    import subprocess

    command = [sys.executable, "-m", "streamlit", "run", str(page)]
    command += [f"--server.port={port}", "--server.address=localhost", "--browser.gatherUsageStats=false"]
    if not browser:
        command.append("--server.headless=true")
    # A process group of its own: Ctrl-C reaches this process alone, which then ends the server in good order.
    # Interrupted while it starts, Streamlit prints a traceback.
    own_group: dict[str, Any] = {"process_group": 0}
    if sys.platform == "win32":
        own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    # The page's folder holds .streamlit/config.toml.
    server = subprocess.Popen(command, cwd=page.parent, stdin=subprocess.DEVNULL, **own_group)

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):  # the terminal was closed, or somebody ends us: the page ends as well
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)
    try:
        return DONE if server.wait() == 0 else DEFECT
    except KeyboardInterrupt:
        return DONE
    finally:
        server.terminate()
        try:
            server.wait(timeout=5)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            server.kill()


# --- analyse --------------------------------------------------------------------------------------------------


@app.command()
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
    from posecheck.files import check_output

    library = _load_library()
    settings = replay.Settings(exercise, strictness.value)
    to_stdout = json is not None and str(json) == "-"
    if json is not None and not to_stdout:
        check_output(json, "--json", source)
        if json in (csv, parquet, annotate, record):
            raise OutputError(f"{json} is named twice.", "Give --json a file of its own.")
    warnings: list[str] = []
    with _progress() as show:
        result = replay.analyse(
            source,
            library,
            settings,
            replay.Outputs(csv=csv, parquet=parquet, annotate=annotate, record=record),
            model=lambda: _obtain_model(show),
            progress=show,
            warn=warnings.append,
        )
    for sentence in [*warnings, *replay.failed_items(result)]:
        _say(sentence)
    if to_stdout:
        sys.stdout.write(replay.to_json(result))
    elif json is not None:
        replay.write_json(json, result)
    if not to_stdout:
        print("\n".join(_summarise(result, library)))
    if replay.failed_items(result):
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


# --- evaluate -------------------------------------------------------------------------------------------------


@app.command()
def evaluate(
    folder: Annotated[
        Path, typer.Argument(help="A labelled set: DIR/<exercise id or other>/*, or clips with truth.")
    ],
    json: Annotated[Path | None, typer.Option(help="Write the figures as JSON; - for stdout.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with the worst cases as pictures.")] = None,
    strictness: Annotated[StrictnessOption, typer.Option(help="How much is corrected.")] = StrictnessOption.gentle,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; as many as cores by default.")] = None,
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
    from posecheck.files import check_output
    from posecheck.replay import to_json, write_json

    library = _load_library()
    to_stdout = json is not None and str(json) == "-"
    for option, path in {"--json": None if to_stdout else json, "--html": html}.items():
        if path is not None:
            check_output(path, option, folder)
    if html is not None and html == json:
        raise OutputError(f"{html} is named twice.", "Give --html a file of its own.")
    with _progress() as show:
        result = measuring.evaluate(
            folder,
            library,
            strictness=strictness.value,
            jobs=jobs,
            use_cache=cache,
            laws=laws,
            model=lambda: _obtain_model(show),
            progress=show,
        )
    for sentence in [*result.warnings, *result.failed]:
        _say(sentence)
    figures = summarise(result.findings, library.exercises)
    if to_stdout:
        sys.stdout.write(to_json(figures))
    elif json is not None:
        write_json(json, figures)
    if not to_stdout:
        # Where nobody reads along, lines may be as long as the tables.
        print_tables(result.findings, library, None if sys.stdout.isatty() else 160)
    if html is not None:
        write_page(html, result, library, folder.resolve().name)
    if result.failed:
        raise typer.Exit(BAD_INPUT)


# --- tune -----------------------------------------------------------------------------------------------------


@app.command()
def tune(
    recordings: Annotated[list[Path], typer.Argument(help="Labelled folders, videos or landmark recordings.")],
    exercise: Annotated[str, typer.Option(help="The exercise to tune.")],
    check: Annotated[str | None, typer.Option(help="Only the bands of this check.")] = None,
    move: Annotated[
        list[str] | None,
        typer.Option("--set", help="Move a band: CHECK[.MEASURE[.min|max]]=CUE. May be given several times."),
    ] = None,
    save: Annotated[bool, typer.Option(help="Keep what --set says as your own bands.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures as JSON; - for stdout.")] = None,
    strictness: Annotated[StrictnessOption, typer.Option(help="How much is corrected.")] = StrictnessOption.gentle,
) -> None:
    """Show how bands fit recordings, propose better ones, and say what moving one would change."""
    from posecheck import workbench
    from posecheck.files import check_output
    from posecheck.replay import check_exercise, to_json, write_json

    library = _load_library()
    check_exercise(exercise, library, auto=False)
    shipped, own = library.exercises[exercise], library.exercises[exercise]
    for text in move or ():
        own = workbench.moved_by_text(own, text)
    if check is not None:
        workbench.check_named(shipped, check)
    if save and not move:
        raise PosecheckError("--save keeps what --set moves, and nothing was moved.", "Add --set CHECK=NUMBER.")
    to_stdout = json is not None and str(json) == "-"
    if json is not None and not to_stdout:
        check_output(json, "--json")
    with _progress() as show:
        trials, failed = workbench.load_trials(
            recordings,
            shipped,
            library,
            model=lambda: _obtain_model(show),
            progress=show,
            strictness=strictness.value,
        )
    for sentence in failed:
        _say(sentence)
    report = workbench.tuning_report(trials, own, check)
    if to_stdout:
        sys.stdout.write(to_json(report))
    else:
        print("\n".join(workbench.table(report)))
        if json is not None:
            write_json(json, report)
    if save:
        _save_bands(exercise, own, f"tuned on {len(trials)} recordings")
    if failed:
        raise typer.Exit(BAD_INPUT)


def _save_bands(exercise: str, own: Exercise, source: str) -> None:
    from posecheck.folders import own_bands_folder, routines_folder
    from posecheck.library import load_library
    from posecheck.workbench import save_own_bands

    shipped = load_library(routines_folder()).exercises[exercise]
    path = save_own_bands(shipped, own, own_bands_folder(), source)
    _say(
        f"Kept as your own bands in {path}." if path else "These are the shipped bands: nothing of yours is kept."
    )


# --- definitions, model, bench --------------------------------------------------------------------------------


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Definition files or folders; posecheck's own by default.")
    ] = None,
    schema: Annotated[Path | None, typer.Option(help="Write the JSON Schema of such files, for editors.")] = None,
    kind: Annotated[DefinitionKind, typer.Option(help="Whose schema.")] = DefinitionKind.exercise,
    measures: Annotated[bool, typer.Option("--measures", help="List the measures a definition may name.")] = False,
    lint: Annotated[
        bool, typer.Option("--lint", help="Also say what would make sound definitions better.")
    ] = False,
) -> None:
    """Check definitions of exercises, programmes and safety: every fault, with file and line."""
    import json

    from posecheck.files import check_output, whole_file
    from posecheck.folders import routines_folder
    from posecheck.library import json_schema, validate_files

    if measures:
        _list_measures()
        return
    if schema is not None:
        check_output(schema, "--schema")
        with whole_file(schema) as temporary:
            temporary.write_text(json.dumps(json_schema(kind.value), indent=2) + "\n", encoding="utf-8")
        return
    paths = list(_expand(files or [routines_folder()]))
    if not files:
        _load_library()  # the files together: ids across areas, what translates what, and one's own bands
    elif faults := validate_files(paths):
        raise DefinitionError(faults)
    if lint:
        _print_advice(paths)
    print(f"{len(paths)} definition {'file is' if len(paths) == 1 else 'files are'} in order")


def _print_advice(paths: Sequence[Path]) -> None:
    from posecheck.folders import samples_folder
    from posecheck.labels import load_set
    from posecheck.lint import lint

    library = _load_library()
    shown: dict[str, set[str]] = {}
    samples = samples_folder()
    if samples is not None:
        checks = {name: [check.id for check in e.checks] for name, e in library.exercises.items()}
        for case in load_set(samples, checks).cases:
            shown.setdefault(case.label, set()).update({m.check for m in case.mistakes} or {""})
    for path in paths:
        if (
            path.stem in library.exercises
            and path.parent.name == "exercises"
            and path.parents[1].name == "routines"
        ):
            for line in lint(library.exercises[path.stem], shown, library.languages):
                print(f"{path}: {line}")


@app.command("new-exercise")
def new_exercise(
    name: Annotated[str, typer.Argument(help="Its id: small letters, digits and _, such as 'arms_overhead'.")],
    folder: Annotated[Path | None, typer.Option(help="Where to write it; posecheck's own by default.")] = None,
) -> None:
    """Begin an exercise of one's own: a definition that is in order, with a comment at every choice."""
    from posecheck.files import whole_file
    from posecheck.folders import routines_folder
    from posecheck.library import load_exercise, new_definition

    place = folder or routines_folder() / "exercises"
    path = place / f"{name}.yaml"
    if path.exists():
        raise OutputError(f"{path} is there already.", "Choose another id, or change that file.")
    text = new_definition(name, path, routines_folder() / "exercise.schema.json")
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    load_exercise(path)
    print(f"{path}\nChange it, then run: posecheck check --lint {path}")


def _expand(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(path.rglob("*.yaml"))
            if not found:
                raise SourceError(f"{path} holds no definition files (*.yaml).", "Check the folder.")
            yield from found
        else:
            yield path


def _list_measures() -> None:
    from posecheck.measures import MEASURES

    for measure in MEASURES.values():
        low, high = measure.domain
        print(f"{measure.name} ({low:g} to {high:g} {measure.unit}): {measure.summary}")


@app.command()
def model(
    source: Annotated[Path | None, typer.Option("--from", help="Install the model from this file.")] = None,
) -> None:
    """Show where the pose model is; fetch it where it is missing."""
    from posecheck import models

    if source is not None:
        models.install_model(source)
    elif models.describe_model() is None:
        with _progress() as show:
            _obtain_model(show)
    info = models.describe_model()
    if info is None:
        raise PosecheckError("The pose model was installed and is gone again.", "Run `posecheck model` again.")
    print(f"{info.path}\n{info.kind}, {info.size / 1e6:.1f} MB, SHA-256 {info.sha256}")


@app.command()
def bench(
    source: Annotated[Path | None, typer.Argument(help="A video; a sample clip by default.")] = None,
    exercise: Annotated[str, typer.Option(help="Judged as this exercise.")] = "downward_dog",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Measure what a frame costs, stage by stage, beside the bare inference of the same run."""
    from posecheck.folders import samples_folder
    from posecheck.replay import check_exercise, to_json

    library = _load_library()
    check_exercise(exercise, library, auto=False)
    if source is None:
        samples = samples_folder()
        source = samples / "downdog.mp4" if samples else None
    if source is None:
        raise SourceError("This installation has no sample clip.", "Run `posecheck bench VIDEO`.")
    from posecheck import bench as stages

    with _progress() as show:
        model = _obtain_model(show)
        result = stages.measure(source, exercise, library, model, show).describe()
        result["replay"] = stages.measure_overlap(source, exercise, library, model, show).describe()
        again = stages.measure_rejudging(source, exercise, library, model)
        result["rejudging"] = again and again.describe()
    if json:
        sys.stdout.write(to_json(result))
    else:
        print("\n".join([*stages.table(result), "", *stages.overlap_table(result["replay"])]))
        if again is not None:
            print("\n".join(["", *stages.rejudging_table(result["rejudging"])]))


# --- history --------------------------------------------------------------------------------------------------

history = typer.Typer(help="What was practised: where it is kept, export, delete.", no_args_is_help=True)
app.add_typer(history, name="history")


@history.command()
def where() -> None:
    """Show where the history is kept, and how much there is."""
    with _history() as kept:
        print(kept.where())
        for profile in kept.profiles():
            count = len(kept.sessions(profile.id))
            print(f"{profile.name}: {count} {'session' if count == 1 else 'sessions'}")


@history.command()
def export(
    file: Annotated[Path, typer.Argument(help="history.json, or history.zip with tables (CSV) and recordings.")],
    profile: Annotated[str | None, typer.Option(help="Only this person's, by name.")] = None,
) -> None:
    """Write everything that is remembered to a file."""
    from posecheck.files import check_output

    check_output(file, "FILE")
    with _history() as kept:
        kept.write_export(file, _find_profile(kept, profile))


@history.command("delete")
def delete_history(
    profile: Annotated[str | None, typer.Option(help="Only this person's, by name.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything that is remembered and recorded, for good."""
    from posecheck import recorded

    with _history() as kept:
        who = _find_profile(kept, profile)
        what = f"everything about {profile}" if profile else "everything about everybody"
        if not yes and not typer.confirm(f"Delete {what} at {kept.where()} for good?", err=True):
            raise typer.Abort
        if who is None:
            kept.delete_all()
        else:
            kept.delete_profile(who)
        for folder in recorded.belongings(who).values():
            recorded.delete(folder)
        print(f"Deleted {what}.")


@contextmanager
def _history() -> Iterator[History]:
    """Give the history, or say in the words of its page why it is not to be had."""
    from posecheck.database import HistoryError
    from posecheck.history import open_history

    kept = open_history()
    try:
        trouble = kept.trouble
        if trouble and trouble.waiting is not None:
            raise _in_words(trouble.phrase, trouble.values)
        if trouble:
            _say(str(_in_words(trouble.phrase, trouble.values)))
        yield kept
    except HistoryError as e:
        raise _in_words(e.phrase, e.values) from e
    finally:
        kept.close()


def _in_words(phrase: str, values: Mapping[str, object]) -> PosecheckError:
    library = _load_library()
    return PosecheckError(*(library.phrase(name, "en", **values) for name in (phrase, f"{phrase}_next")))


def _find_profile(kept: History, name: str | None) -> str | None:
    if name is None:
        return None
    known = {profile.name: profile.id for profile in kept.profiles()}
    if name not in known:
        names = ", ".join(known) or "nobody"
        raise SourceError(f"Nobody here is called {name!r}.", f"Known: {names}.")
    return known[name]


# --- what the commands share ----------------------------------------------------------------------------------


def _load_library() -> Library:
    from posecheck.folders import own_bands_folder, routines_folder
    from posecheck.library import load_library, with_own_bands

    return with_own_bands(load_library(routines_folder()), own_bands_folder())


def _obtain_model(show: Callable[[float | None, str], None]) -> Path:
    from posecheck.models import obtain_model

    return obtain_model(show)


@contextmanager
def _progress() -> Iterator[Callable[[float | None, str], None]]:
    """Give a function that shows progress with the time left: on stderr, and only where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda fraction, what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Shown(bar)


class _Shown:
    """A progress bar that starts anew with each thing done, such as fetching the model."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._what: str | None = None
        self._task = bar.add_task("", total=None, visible=False)

    def __call__(self, fraction: float | None, what: str) -> None:
        if what != self._what:
            self._what = what
            self._bar.update(self._task, description=what, visible=True)
        total = None if fraction is None else 1.0
        self._bar.update(self._task, total=total, completed=fraction or 0.0)
