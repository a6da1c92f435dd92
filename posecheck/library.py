"""Definition files read into a library, or every fault in them at once with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from posecheck.coaching import Coaching, Phrases
from posecheck.errors import DefinitionError
from posecheck.spec import Exercise, Model, suggest

M = TypeVar("M", bound=Model)

KINDS: dict[str, type[Model]] = {
    "posecheck/exercise@1": Exercise,
    "posecheck/coaching@1": Coaching,
    "posecheck/phrases@1": Phrases,
}
"""The ``schema`` line of a file -> what it must be."""


@dataclass(frozen=True, slots=True)
class Library:
    """Everything read from one folder of definitions.

    Attributes:
        exercises: By id, in the order of their file names.
        coaching: What holds for all exercises.
        phrases: Phrase id -> language -> sentence.
    """

    exercises: Mapping[str, Exercise]
    coaching: Coaching
    phrases: Mapping[str, Mapping[str, str]]

    def phrase(self, name: str, language: str) -> str:
        """Return a phrase in a language, or in English where the language lacks it."""
        return in_language(self.phrases[name], language)


def in_language(text: Mapping[str, str], language: str) -> str:
    """Return the sentence in a language, or in English where it is missing."""
    return text.get(language, text["en"])


def load_library(folder: Path) -> Library:
    """Read every definition in a folder.

    Args:
        folder: With ``coaching.yaml``, ``phrases.yaml`` and ``exercises/*.yaml``.

    Raises:
        DefinitionError: listing every fault of every file, each with file and line.
    """
    faults: list[str] = []
    coaching = _collect(faults, folder / "coaching.yaml", Coaching)
    phrases = _collect(faults, folder / "phrases.yaml", Phrases)
    exercises: dict[str, Exercise] = {}
    paths = sorted((folder / "exercises").glob("*.yaml"))
    if not paths:
        faults.append(f"{folder / 'exercises'}: no exercise definitions (*.yaml) here")
    for path in paths:
        exercise = _collect(faults, path, Exercise)
        if exercise is not None:
            exercises[exercise.id] = exercise
    if faults or coaching is None or phrases is None:
        raise DefinitionError(faults)
    return Library(exercises, coaching, phrases.phrases)


def validate_files(paths: Iterable[Path]) -> list[str]:
    """Return every fault of the given definition files, ``file:line: where: what. hint``, in file order."""
    faults: list[str] = []
    for path in paths:
        try:
            document = _parse(path)
            _build(path, document, _kind(path, document))
        except DefinitionError as error:
            faults += error.faults
    return faults


def load_exercise(path: Path) -> Exercise:
    """Read one exercise definition.

    Raises:
        DefinitionError: listing every fault.
    """
    return _build(path, _parse(path), Exercise)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of an exercise file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Exercise.model_json_schema(mode="validation"),
        "title": "posecheck exercise",
    }


def _collect(faults: list[str], path: Path, kind: type[M]) -> M | None:
    try:
        return _build(path, _parse(path), kind)
    except DefinitionError as error:
        faults += error.faults
        return None


def _parse(path: Path) -> Any:
    """Read YAML 1.2 with line numbers; duplicate keys are faults."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DefinitionError([f"{path}: no such file"]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DefinitionError([f"{path}:{line}: not UTF-8 text. Save the file as UTF-8."]) from error
    except OSError as error:
        raise DefinitionError([f"{path}: cannot be read: {error.strerror}"]) from error
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DefinitionError([f"{path}:{line}: {str(error.problem).splitlines()[0]}"]) from error
    except YAMLError as error:
        raise DefinitionError([f"{path}:1: {str(error).splitlines()[0]}"]) from error
    if not isinstance(document, dict):
        raise DefinitionError([f"{path}:1: expected keys and values, got {_shown(document)}"])
    return document


def _kind(path: Path, document: Any) -> type[Model]:
    name = document.get("schema")
    if name is None:
        raise DefinitionError([f"{path}:1: missing key 'schema'. Known: {', '.join(KINDS)}."])
    if name not in KINDS:
        hint = suggest(str(name), list(KINDS)) or f" Known: {', '.join(KINDS)}."
        raise DefinitionError([f"{path}:{_line(document, ('schema',))}: schema: unknown schema {name!r}.{hint}"])
    return KINDS[name]


def _build(path: Path, document: Any, kind: type[M]) -> M:
    try:
        built = kind.model_validate(document)
    except ValidationError as error:
        # A list is also called too short when its items were wrong: that is only an echo.
        wrong = [e for e in error.errors() if e["type"] != "too_short" or not e["input"]]
        found = {_fault(path, document, kind, e) for e in wrong}
        raise DefinitionError([text for _, text in sorted(found)]) from error
    if isinstance(built, Exercise) and built.id != path.stem:
        line = _line(document, ("id",))
        raise DefinitionError([f"{path}:{line}: id: is '{built.id}', but the file is named '{path.name}'"])
    return built


_PLAIN = {
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "string_type": "expected text",
    "string_pattern_mismatch": "expected small letters, digits and '_', such as 'knees_bent'",
    "dict_type": "expected keys and values",
    "model_type": "expected keys and values",
    "tuple_type": "expected a list",
    "too_short": "expected at least {min_length} item",
    "literal_error": "expected {expected}",
    "invalid_key": "expected a word as key",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be at most {le:g}",
}
"""What pydantic calls a fault -> what an author of a definition understands."""


def _fault(path: Path, document: Any, kind: type[Model], error: Any) -> tuple[int, str]:
    """Return line and text of one pydantic error."""
    loc = tuple(key for key in error["loc"] if key != "[key]")
    loc += getattr(error.get("ctx", {}).get("error"), "at", ())
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = f"unknown key '{loc[-1]}'.{suggest(str(loc[-1]), _keys(kind))}".removesuffix(".")
    elif error["type"] == "missing":
        message, loc = f"missing key '{loc[-1]}'", loc[:-1]
    elif error["type"] != "value_error":
        said = _PLAIN.get(error["type"], message[0].lower() + message[1:])
        message = f"{said.format(**error.get('ctx', {}))}, got {_shown(error['input'])}"
    line = _line(document, loc)
    return line, f"{path}:{line}: {_where(document, loc)}: {message}"


def _keys(kind: type[BaseModel]) -> list[str]:
    """Return every key that may stand anywhere in a file of this kind."""
    schema = kind.model_json_schema()
    return sorted(
        {key for part in [schema, *schema.get("$defs", {}).values()] for key in part.get("properties", {})}
    )


def _line(document: Any, loc: tuple[Any, ...]) -> int:
    """Return the 1-based line of the deepest key of ``loc`` that is in the file."""
    line, node = 0, document
    for key in loc:
        try:
            position = node.lc  # ruamel's round-trip containers know where each key stands
            line = (position.item(key) if isinstance(key, int) else position.key(key))[0]
            node = node[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return int(line) + 1


def _where(document: Any, loc: tuple[Any, ...]) -> str:
    """Return ``checks[elbows_bent].limits[0]``: list items by their id where they have one."""
    out, node = "", document
    for key in loc:
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            node = None
        if isinstance(key, int):
            out += f"[{node['id']}]" if isinstance(node, dict) and "id" in node else f"[{key}]"
        else:
            out += f"{'.' if out else ''}{key}"
    return out or "(whole file)"


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(dict(value) if isinstance(value, dict) else value)
    return text if len(text) <= 60 else text[:57] + "..."
