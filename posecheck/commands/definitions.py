"""``posecheck check`` and ``posecheck new-exercise``: definitions looked over, and begun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from posecheck.commands.common import read_library
from posecheck.errors import DefinitionError, OutputError, SourceError


class DefinitionKind(StrEnum):
    """What a definition file defines."""

    exercise = "exercise"
    programme = "programme"
    progression = "progression"
    safety = "safety"


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

    from posecheck.definitions import json_schema, validate_files
    from posecheck.files import check_output, whole_file
    from posecheck.folders import routines_folder

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
        read_library()  # the files together: ids across areas, what translates what, and one's own bands
    elif faults := validate_files(paths):
        raise DefinitionError(faults)
    if lint:
        _print_advice(paths)
    if lint and not files:
        _print_untranslated()
    print(f"{len(paths)} definition {'file is' if len(paths) == 1 else 'files are'} in order")


def new_exercise(
    name: Annotated[str, typer.Argument(help="Its id: small letters, digits and _, such as 'arms_overhead'.")],
    folder: Annotated[Path | None, typer.Option(help="Where to write it; posecheck's own by default.")] = None,
) -> None:
    """Begin an exercise of one's own: a definition that is in order, with a comment at every choice."""
    from posecheck.definitions import load_exercise, new_definition
    from posecheck.files import whole_file
    from posecheck.folders import routines_folder

    place = folder or routines_folder() / "exercises"
    path = place / f"{name}.yaml"
    if path.exists():
        raise OutputError(f"{path} is there already.", "Choose another id, or change that file.")
    text = new_definition(name, path, routines_folder() / "exercise.schema.json")
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    load_exercise(path)
    print(f"{path}\nChange it, then run: posecheck check --lint {path}")


def _print_advice(paths: Sequence[Path]) -> None:
    from posecheck.definitions import load_exercise, parse
    from posecheck.folders import routines_folder, samples_folder
    from posecheck.labels import load_set
    from posecheck.lint import lint

    library = read_library()
    shown: dict[str, set[str]] = {}
    samples = samples_folder()
    if samples is not None:
        for case in load_set(samples, library.check_ids).cases:
            shown.setdefault(case.label, set()).update({m.check for m in case.mistakes} or {""})
    ours = (routines_folder() / "exercises").resolve()
    for path in paths:
        if parse(path)["schema"] != "posecheck/exercise@1":
            continue
        translated = path.resolve().parent == ours
        exercise = library.exercises[path.stem] if translated else load_exercise(path)
        for line in lint(exercise, shown, library):
            print(f"{path}: {line}")


def _print_untranslated() -> None:
    from posecheck.folders import routines_folder
    from posecheck.library import missing_texts

    library = read_library()
    missing = [text.split(": ", 1) for text in missing_texts(library)]
    for code in library.languages:
        english = [at for language, at in missing if language == code and not at.startswith("exercises.")]
        if english:
            place = routines_folder() / "languages" / code
            print(f"{place}: {len(english)} texts are English still: {english[0]} and so on")


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
