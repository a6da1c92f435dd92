"""Definition files and languages read into a library, or every fault in them at once with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from posecheck.coaching import SAID, Coaching, Phrases
from posecheck.definitions import build, fault_at, misfits, parse
from posecheck.errors import DefinitionError, OwnBandsError
from posecheck.fields import Model, PlacedError, suggest
from posecheck.files import format_size
from posecheck.overrides import Override, apply
from posecheck.programmes import Programme, ProgressionRules
from posecheck.safety import SafetyRules
from posecheck.spec import Exercise
from posecheck.translation import dotted, phrase_fault, texts, translate

M = TypeVar("M", bound=Model)


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

    @property
    def check_ids(self) -> dict[str, list[str]]:
        """Exercise id -> ids of its checks."""
        return {name: [check.id for check in exercise.checks] for name, exercise in self.exercises.items()}

    def phrase(self, name: str, language: str, /, **values: object) -> str:
        """Return a phrase in a language, or in English where the language lacks it.

        Args:
            name: Id of the phrase.
            language: Code of the language.
            values: What fills its gaps. ``{count:hold|holds}`` chooses the form that goes with the number: as many
                forms as the language has, in the order of ``babel`` (Russian: one, few, many). ``{size:bytes}``
                says a number of bytes as ``format_size`` does.
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
        if format_spec == "bytes":
            return format_size(value, self._language)
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
    every = [(f"phrases.{name}", text) for name, text in library.phrases.items()]
    for field in fields(library):
        if field.name != "phrases":
            every += [(dotted((field.name, *at)), text) for at, text in texts(getattr(library, field.name))]
    return [f"{code}: {at}" for code in library.languages for at, text in every if code not in text]


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
    # What a broken exercise makes of the files that name it would only be an echo.
    if safety is not None and not reader.faults:
        reader.faults += misfits(folder / "safety.yaml", safety, exercises)
        for name, programme in programmes.items():
            reader.faults += misfits(folder / "programmes" / f"{name}.yaml", programme, exercises)
    if reader.faults or coaching is None or safety is None or progression is None:
        raise DefinitionError(reader.faults)
    return Library(exercises, coaching, phrases, safety, programmes, progression, reader.languages)


def with_own_bands(library: Library, folder: Path) -> Library:
    """Return the library with the bands that a person has changed for herself.

    Args:
        library: As shipped.
        folder: With an override (``posecheck/override@1``) for each exercise that is changed; need not exist.

    Raises:
        OwnBandsError: listing every fault of every file, each with file and line.
    """
    faults: list[str] = []
    files: list[Path] = []
    exercises = dict(library.exercises)
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = parse(path)
            override = build(path, document, Override)
            exercises[override.exercise] = _changed(exercises, override)
        except DefinitionError as error:
            faults += error.faults
            files.append(path)
        except PlacedError as error:
            faults.append(fault_at(path, document, error.at, str(error)))
            files.append(path)
    if faults:
        raise OwnBandsError(faults, files)
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
            document = parse(path)
            built = build(path, document, kind)
        except DefinitionError as error:
            self.faults += error.faults
            return None
        for translation in translations:
            try:
                built = translate(translation, self._folder, document, kind)
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
                    document = parse(path)
                    sentences = build(path, document, Phrases).phrases
                except DefinitionError as error:
                    self.faults += error.faults
                    continue
                for name, sentence in sentences.items():
                    fault = phrase_fault(name, sentence, phrases.get(name), tongue.name, places.get(name))
                    if fault:
                        self.faults.append(fault_at(path, document, ("phrases", name), fault))
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
