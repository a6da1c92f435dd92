"""One definition file at a time: read, checked, and every fault in it said with file and line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from posecheck.coaching import Coaching, Phrases, Translation
from posecheck.errors import DefinitionError
from posecheck.fields import SLUG, Model, suggest
from posecheck.overrides import Override
from posecheck.programmes import Programme, ProgressionRules
from posecheck.safety import SafetyRules
from posecheck.spec import Exercise

M = TypeVar("M", bound=Model)

KINDS: dict[str, type[Model]] = {
    "posecheck/exercise@1": Exercise,
    "posecheck/coaching@1": Coaching,
    "posecheck/phrases@1": Phrases,
    "posecheck/translation@1": Translation,
    "posecheck/safety@1": SafetyRules,
    "posecheck/programme@1": Programme,
    "posecheck/progression@1": ProgressionRules,
    "posecheck/override@1": Override,
}
"""The ``schema`` line of a file -> what it must be."""


def validate_files(paths: Iterable[Path]) -> list[str]:
    """Return every fault of the given definition files, ``file:line: where: what. hint``, in file order."""
    faults: list[str] = []
    for path in paths:
        try:
            document = parse(path)
            built = build(path, document, _kind(path, document))
        except DefinitionError as error:
            faults += error.faults
            continue
        if isinstance(built, Programme):
            faults += misfits(path, built, _exercises_of(path.resolve().parents[1]))
        elif isinstance(built, SafetyRules) and (exercises := _exercises_of(path.resolve().parent)):
            faults += misfits(path, built, exercises)
    return faults


def _exercises_of(folder: Path) -> dict[str, Exercise]:
    """Return the sound exercises of a folder of definitions."""
    out = {}
    for path in sorted((folder / "exercises").glob("*.yaml")):
        with suppress(DefinitionError):
            out[path.stem] = load_exercise(path)
    return out


def misfits(path: Path, built: Programme | SafetyRules, exercises: Mapping[str, Exercise]) -> list[str]:
    """Return every fault of a file that only shows beside the exercises it names."""
    document = parse(path)
    return [fault_at(path, document, at, said) for at, said in built.misfits(exercises)]


def load_exercise(path: Path) -> Exercise:
    """Read one exercise definition.

    Raises:
        DefinitionError: listing every fault.
    """
    return build(path, parse(path), Exercise)


def json_schema(kind: str = "exercise") -> dict[str, Any]:
    """Return the JSON Schema of a definition file, for editors.

    Args:
        kind: ``exercise``, ``programme``, ``safety`` or ``progression``.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **KINDS[f"posecheck/{kind}@1"].model_json_schema(mode="validation"),
        "title": f"posecheck {kind}",
    }


def new_definition(name: str, path: Path, schema: Path) -> str:
    """Return the text of a new exercise definition, in order as it stands.

    Args:
        name: Its id.
        path: Where it will be.
        schema: Where the JSON Schema for editors is.

    Raises:
        DefinitionError: where the id is none.
    """
    if not re.fullmatch(SLUG, name):
        raise DefinitionError([f"{name!r} is no id. Use small letters, digits and '_', such as 'arms_overhead'."])
    text = (Path(__file__).parent / "templates" / "exercise.yaml").read_text(encoding="utf-8")
    link = schema.resolve()
    with suppress(ValueError):  # on another drive there is no way from here to there
        link = Path(os.path.relpath(link, path.parent.resolve()))
    words = name.replace("_", " ").capitalize()
    return text.format(id=name, name=words, schema=link.as_posix())


def parse(path: Path) -> Any:
    """Read YAML 1.2 with line numbers; duplicate keys are faults.

    Raises:
        DefinitionError: where there is no such file, or it is not keys and values.
    """
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
        raise DefinitionError([f"{path}:{_yaml_fault(error)}"]) from error
    except YAMLError as error:
        raise DefinitionError([f"{path}:1: {str(error).splitlines()[0]}"]) from error
    if not isinstance(document, dict):
        raise DefinitionError([f"{path}:1: expected keys and values, got {_shown(document)}"])
    return document


_YAML = (
    (r"duplicate key \"(.*?)\"", "the key '{0}' stands here a second time. Keep one"),
    (r"character '\\t'", "a tab stands here. Indent with spaces"),
    (r"character '(.)' that cannot start", "no text begins with '{0}'. Put it in quotes"),
    (r"mapping values are not", "a ':' stands where no key can be. Check indentation, quotes and the line above"),
    (r"expected ',' or '(.)'", "what opens on line {since} lacks its '{0}', or a comma, or text in it quotes"),
    (r"expected <block end>", "this does not go on what began on line {since}. Check indentation and quotes"),
    (r"unexpected end of stream", "the quote opened on line {since} is not closed"),
    (r"expected ':'", "line {since} lacks a ':' and a space after its key"),
    (r"another document", "a second document begins here. Leave out the '---'"),
    (r"undefined alias '(.*)'", "'*{0}' repeats what is nowhere called '&{0}'. Write it out"),
)  # fmt: skip
"""What the YAML reader calls a fault -> what an author of a definition understands."""


def _yaml_fault(error: MarkedYAMLError) -> str:
    """Return ``line: what`` of a fault that keeps a file from being YAML at all."""
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    since = error.context_mark.line + 1 if error.context_mark else line
    problem = str(error.problem).splitlines()[0]
    for pattern, said in _YAML:
        if found := re.search(pattern, problem):
            return f"{line}: {said.format(*found.groups(), since=since)}"
    return f"{line}: {problem}"


def _kind(path: Path, document: Any) -> type[Model]:
    name = document.get("schema")
    if name is None:
        raise DefinitionError([f"{path}:1: missing key 'schema'. Known: {', '.join(KINDS)}."])
    if name not in KINDS:
        hint = suggest(str(name), list(KINDS)) or f" Known: {', '.join(KINDS)}."
        raise DefinitionError([fault_at(path, document, ("schema",), f"unknown schema {name!r}.{hint}")])
    return KINDS[name]


def build(path: Path, document: Any, kind: type[M]) -> M:
    """Return what a parsed file defines.

    Raises:
        DefinitionError: listing every fault.
    """
    try:
        built = kind.model_validate(document)
    except ValidationError as error:
        # A list is also called too short when its items were wrong: that is only an echo.
        wrong = [e for e in error.errors() if e["type"] != "too_short" or not e["input"]]
        found = {_fault(path, document, kind, e) for e in wrong}
        raise DefinitionError([text for _, text in sorted(found)]) from error
    if isinstance(built, (Exercise, Programme)) and built.id != path.stem:
        said = f"is '{built.id}', but the file is named '{path.name}'"
        raise DefinitionError([fault_at(path, document, ("id",), said)])
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
    "invalid_key": "expected a word as key (a decimal takes a point)",
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
        known = sorted({key for keys in _parts(kind).values() for key in keys})
        message = f"unknown key '{loc[-1]}'.{suggest(str(loc[-1]), known)}".removesuffix(".")
    elif error["type"] == "missing":
        message, loc = f"missing key '{loc[-1]}'", loc[:-1]
    elif error["type"] != "value_error":
        said = _PLAIN.get(error["type"], message[0].lower() + message[1:])
        if error["type"] == "model_type":
            said += f" ({', '.join(_parts(kind)[error['ctx']['class_name']])})"
        message = f"{said.format(**error.get('ctx', {}))}, got {_shown(error['input'])}"
    return line_of(document, loc), fault_at(path, document, loc, message)


def _parts(kind: type[BaseModel]) -> dict[str, list[str]]:
    """Return the keys of each part that a file of this kind is made of."""
    schema = kind.model_json_schema()
    parts = {kind.__name__: schema, **schema.get("$defs", {})}
    return {name: list(part.get("properties", {})) for name, part in parts.items()}


def fault_at(path: Path, document: Any, loc: tuple[Any, ...], said: str) -> str:
    """Return the fault at a place in a definition, ``file:line: where: what``."""
    return f"{path}:{line_of(document, loc)}: {_where(document, loc)}: {said}"


def line_of(document: Any, loc: tuple[Any, ...]) -> int:
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
