"""Definition files and languages read into a library, or every fault in them at once with file and line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from posecheck.coaching import SAID, Coaching, Phrases, Translation
from posecheck.errors import DefinitionError
from posecheck.overrides import Override, apply
from posecheck.programmes import Programme, ProgressionRules
from posecheck.safety import SafetyRules
from posecheck.spec import SLUG, Exercise, Model, PlacedError, gaps, suggest

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


Address = tuple[str | int, ...]
"""Where a text stands in a definition: keys, and for an item of a list its id, or its number where it has none."""


@dataclass(frozen=True, slots=True)
class Library:
    """Everything read from one folder of definitions.

    Attributes:
        exercises: By id, in the order of their file names.
        coaching: What holds for all exercises.
        phrases: Phrase id -> language -> sentence.
        safety: Screening and unlocking.
        programmes: By id, in the order of their file names.
        progression: How programmes grow and fall back.
        languages: Code of every language there is a folder of, English first.
    """

    exercises: Mapping[str, Exercise]
    coaching: Coaching
    phrases: Mapping[str, Mapping[str, str]]
    safety: SafetyRules
    programmes: Mapping[str, Programme]
    progression: ProgressionRules
    languages: tuple[str, ...] = ("en",)

    def phrase(self, name: str, language: str, /, **values: object) -> str:
        """Return a phrase in a language, or in English where the language lacks it.

        Args:
            name: Id of the phrase.
            language: Code of the language.
            values: What fills its gaps. ``{count:hold|holds}`` chooses the form that goes with the number: as many
                forms as the language has, in the order of ``babel`` (Russian: one, few, many).
        """
        sentence = in_language(self.phrases[name], language)
        return _Filler(language).vformat(sentence, (), values) if values else sentence


class _Filler(Formatter):
    """Fills the gaps of a sentence; knows the plurals of its language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, date) and not format_spec:
            return format_date(value, "long", locale=self._language)
        forms = format_spec.split("|")
        if len(forms) == 1:
            return super().format_field(value, format_spec)
        return forms[min(_plural(self._language, value), len(forms) - 1)]


def _plural(language: str, number: float) -> int:
    """Return which of the language's plural forms goes with a number, counted as its sentences list them."""
    rule = Locale.parse(language).plural_form
    forms = ("zero", "one", "two", "few", "many", "other")
    return [form for form in forms if form in {*rule.rules, "other"}].index(rule(number))


def in_language(text: Mapping[str, str], language: str) -> str:
    """Return the sentence in a language, or in English where it is missing."""
    return text.get(language, text["en"])


def missing_texts(library: Library) -> list[str]:
    """Return every text that a language lacks, as ``language: address``."""
    texts = [(f"phrases.{name}", text) for name, text in library.phrases.items()]
    for field in fields(library):
        if field.name != "phrases":
            texts += [(_dotted((field.name, *at)), text) for at, text in _texts(getattr(library, field.name))]
    return [f"{code}: {at}" for code in library.languages for at, text in texts if code not in text]


def load_library(folder: Path) -> Library:
    """Read every definition in a folder.

    Args:
        folder: With ``coaching.yaml``, ``safety.yaml``, ``progression.yaml``, ``exercises/*.yaml``,
            ``programmes/*.yaml`` and ``languages/<code>/``.

    Raises:
        DefinitionError: listing every fault of every file, each with file and line.
    """
    reader = _Reader(folder)
    coaching = reader.read(folder / "coaching.yaml", Coaching)
    phrases = reader.read_phrases()
    exercises = {exercise.id: exercise for exercise in reader.read_all(folder / "exercises", Exercise)}
    safety = reader.read(folder / "safety.yaml", SafetyRules)
    progression = reader.read(folder / "progression.yaml", ProgressionRules)
    programmes = {programme.id: programme for programme in reader.read_all(folder / "programmes", Programme)}
    reader.finish()
    if safety is not None:
        reader.need_phrases(folder / "safety.yaml", safety.phrases(), phrases)
    if progression is not None:
        reader.need_phrases(folder / "progression.yaml", progression.phrases(), phrases)
    if not reader.faults:  # what a broken exercise makes of a programme would only be an echo
        for name, programme in programmes.items():
            reader.faults += _misfits(folder / "programmes" / f"{name}.yaml", programme, exercises)
    if reader.faults or coaching is None or safety is None or progression is None:
        raise DefinitionError(reader.faults)
    return Library(exercises, coaching, phrases, safety, programmes, progression, reader.languages)


def _misfits(path: Path, programme: Programme, exercises: Mapping[str, Exercise]) -> list[str]:
    """Return every fault of a programme that only shows beside its exercises."""
    document = _parse(path)
    return [
        f"{path}:{_line(document, at)}: {_where(document, at)}: {said}"
        for at, said in programme.misfits(exercises)
    ]


def with_own_bands(library: Library, folder: Path) -> Library:
    """Return the library with the bands that a person has changed for herself.

    Args:
        library: As shipped.
        folder: With an override (``posecheck/override@1``) for each exercise that is changed; need not exist.

    Raises:
        DefinitionError: listing every fault of every file, each with file and line.
    """
    faults: list[str] = []
    exercises = dict(library.exercises)
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = _parse(path)
            override = _build(path, document, Override)
            exercises[override.exercise] = _changed(exercises, override)
        except DefinitionError as error:
            faults += error.faults
        except PlacedError as error:
            faults.append(f"{path}:{_line(document, error.at)}: {_where(document, error.at)}: {error}")
    if faults:
        raise DefinitionError(faults)
    return replace(library, exercises=exercises)


def _changed(exercises: Mapping[str, Exercise], override: Override) -> Exercise:
    name, known = override.exercise, list(exercises)
    if name not in exercises:
        hint = suggest(name, known) or f" Known: {', '.join(known)}."
        raise PlacedError(f"there is no exercise '{name}'.{hint}", "exercise")
    return apply(exercises[name], override)


class _Reader:
    """Reads the definitions of a folder, each with what the languages say of it, and gathers the faults.

    English stands in the definitions themselves. Another language lays its sentences over them: for
    ``exercises/cat.yaml`` from ``languages/<code>/exercises/cat.yaml``; for a definition that lies in no folder of
    its own, such as ``safety.yaml``, from ``languages/<code>/definitions/safety.yaml``.
    """

    def __init__(self, folder: Path) -> None:
        self.faults: list[str] = []
        self._folder = folder
        self._tongues = sorted(path for path in (folder / "languages").glob("*") if path.is_dir())
        self._tongues.sort(key=lambda path: path.name != "en")
        self._unused = [path for tongue in self._tongues for path in sorted(tongue.glob("*/*.yaml"))]
        self.languages = tuple(tongue.name for tongue in self._tongues) or ("en",)
        for tongue in self._tongues:
            try:
                Locale.parse(tongue.name)
            except (UnknownLocaleError, ValueError):
                self.faults.append(f"{tongue}: no language is called '{tongue.name}'. Use a code such as 'de'.")

    def read_all(self, folder: Path, kind: type[M]) -> list[M]:
        """Return every definition of a kind in a folder, in the order of the file names."""
        paths = sorted(folder.glob("*.yaml"))
        if not paths:
            self.faults.append(f"{folder}: no definitions (*.yaml) here")
        return [built for path in paths if (built := self.read(path, kind)) is not None]

    def read(self, path: Path, kind: type[M]) -> M | None:
        """Return a definition in all languages, or None where it is faulty."""
        place = path.relative_to(self._folder)
        place = place if len(place.parts) > 1 else "definitions" / place
        translations = [tongue / place for tongue in self._tongues if tongue / place in self._unused]
        self._unused = [other for other in self._unused if other not in translations]
        try:
            document = _parse(path)
            built = _build(path, document, kind)
        except DefinitionError as error:
            self.faults += error.faults
            return None
        for translation in translations:
            try:
                built = _translate(translation, self._folder, document, kind)
            except DefinitionError as error:
                self.faults += error.faults
        return built

    def read_phrases(self) -> dict[str, dict[str, str]]:
        """Return phrase id -> language -> sentence, from every area of every language."""
        phrases: dict[str, dict[str, str]] = {}
        for tongue in self._tongues:
            if tongue.name != "en" and self.faults:
                break  # what another language has too much would only be an echo
            places: dict[str, Path] = {}
            for path in sorted(tongue.glob("*.yaml")):
                try:
                    document = _parse(path)
                    sentences = _build(path, document, Phrases).phrases
                except DefinitionError as error:
                    self.faults += error.faults
                    continue
                for name, sentence in sentences.items():
                    fault = _phrase_fault(name, sentence, phrases.get(name), tongue.name, places.get(name))
                    if fault:
                        line = _line(document, ("phrases", name))
                        self.faults.append(f"{path}:{line}: phrases.{name}: {fault}")
                    else:
                        phrases.setdefault(name, {})[tongue.name] = sentence
                    places.setdefault(name, path)
        english = self._folder / "languages" / "en"
        if not list(english.glob("*.yaml")):
            self.faults.append(f"{english}: no phrases (*.yaml) here")
        else:
            self.faults += [f"{english}: missing phrase '{name}'" for name in SAID if name not in phrases]
        return phrases

    def need_phrases(self, path: Path, needed: Iterable[str], phrases: Mapping[str, object]) -> None:
        """Add a fault for every phrase that a definition says and no language has."""
        self.faults += [
            f"{path}: missing phrase '{name}' in {self._folder / 'languages' / 'en'}"
            for name in needed
            if name not in phrases
        ]

    def finish(self) -> None:
        """Add a fault for every translation of something there is no definition of."""
        for path in self._unused:
            self.faults.append(f"{path}: there is no definition that this translates")


def _phrase_fault(
    name: str, sentence: str, known: Mapping[str, str] | None, language: str, place: Path | None
) -> str | None:
    """Return what does not fit between a sentence, its other places and its English, or None."""
    if place is not None:
        return f"the id is taken, see {place.name}"
    if language == "en":
        return None
    if known is None:
        return "English has no such phrase"
    return _gap_fault(sentence, known["en"])


def _gap_fault(sentence: str, english: str) -> str | None:
    ours, theirs = gaps(sentence), gaps(english)
    for gap in sorted(ours ^ theirs):
        return f"has no {{{gap}}}, English has" if gap in theirs else f"has {{{gap}}}, English has not"
    return None


def _translate(path: Path, folder: Path, document: Any, kind: type[M]) -> M:
    """Return the definition ``document`` with the sentences of one translation laid over it."""
    language = path.relative_to(folder / "languages").parts[0]
    translation = _parse(path)
    _build(path, translation, Translation)
    known = dict(_texts(document))
    faults = []
    for at, sentence in _leaves({key: value for key, value in translation.items() if key != "schema"}):
        fault = None if at in known else "the definition has no such text"
        fault = fault or _gap_fault(sentence, known[at]["en"])
        if fault:
            faults.append(f"{path}:{_line(translation, at)}: {_dotted(at)}: {fault}")
        else:
            known[at][language] = sentence
    try:
        built = kind.model_validate(document)
    except ValidationError as error:
        for e in error.errors():
            at = _address(document, e["loc"])
            known[at].pop(language, None)
            message = str(e["msg"]).removeprefix("Value error, ")
            faults.append(f"{path}:{_line(translation, at)}: {_dotted(at)}: {message}")
    if faults:
        raise DefinitionError(sorted(faults))
    return built


def _texts(node: Any, at: Address = ()) -> Iterator[tuple[Address, dict[str, str]]]:
    """Yield every ``{en: ...}`` of a definition, as written or as read, with its address."""
    if isinstance(node, BaseModel):
        node = {name: getattr(node, name) for name in type(node).model_fields}
    if isinstance(node, Mapping):
        if isinstance(node.get("en"), str):
            yield at, node  # type: ignore[misc]  # a dict in both: read from YAML, or a field of a model
            return
        for key, value in node.items():
            yield from _texts(value, (*at, str(key)))
    elif isinstance(node, (list, tuple)):
        for number, item in enumerate(node):
            yield from _texts(item, (*at, _item_key(item, number)))


def _item_key(item: Any, number: int) -> str | int:
    name = item.get("id") if isinstance(item, Mapping) else getattr(item, "id", None)
    return name if isinstance(name, str) else number


def _leaves(node: Any, at: Address = ()) -> Iterator[tuple[Address, str]]:
    if isinstance(node, str):
        yield at, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, (*at, str(key)))
    else:
        for number, item in enumerate(node):
            yield from _leaves(item, (*at, number))


def _address(document: Any, loc: tuple[int | str, ...]) -> Address:
    """Return the address of the place in a definition that pydantic calls ``loc``."""
    at: Address = ()
    for key in loc:
        document = document[key]
        at = (*at, _item_key(document, key) if isinstance(key, int) else key)
    return at


def _dotted(at: Address) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in at).removeprefix(".")


def validate_files(paths: Iterable[Path]) -> list[str]:
    """Return every fault of the given definition files, ``file:line: where: what. hint``, in file order."""
    faults: list[str] = []
    for path in paths:
        try:
            document = _parse(path)
            built = _build(path, document, _kind(path, document))
        except DefinitionError as error:
            faults += error.faults
            continue
        if isinstance(built, Programme):
            faults += _misfits(path, built, _exercises_beside(path))
    return faults


def _exercises_beside(programme: Path) -> dict[str, Exercise]:
    """Return the sound exercises of the folder that a programme's folder lies in."""
    out = {}
    for path in sorted((programme.resolve().parent.parent / "exercises").glob("*.yaml")):
        with suppress(DefinitionError):
            out[path.stem] = load_exercise(path)
    return out


def load_exercise(path: Path) -> Exercise:
    """Read one exercise definition.

    Raises:
        DefinitionError: listing every fault.
    """
    return _build(path, _parse(path), Exercise)


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
    return text.format(id=name, name=words, file=path.as_posix(), schema=link.as_posix())


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
    if isinstance(built, (Exercise, Programme)) and built.id != path.stem:
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
