"""Languages: one folder each, laid over the definitions; what is missing or too much is named."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

import posecheck
from posecheck.errors import DefinitionError
from posecheck.folders import routines_folder
from posecheck.library import Library, load_library, missing_texts
from posecheck.ui.language import best_language

PHRASES = "schema: posecheck/phrases@1\nphrases:\n"
TRANSLATION = "schema: posecheck/translation@1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped definitions that knows English alone."""
    copy = tmp_path / "routines"
    shutil.copytree(routines_folder(), copy)
    for language in (copy / "languages").iterdir():
        if language.name != "en":
            shutil.rmtree(language)
    return copy


def add(folder: Path, place: str, text: str) -> None:
    path = folder / "languages" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def faults(folder: Path) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        load_library(folder)
    return [fault.replace(f"{folder / 'languages'}/", "") for fault in caught.value.faults]


def test_no_language_lacks_a_text(library: Library) -> None:
    assert missing_texts(library) == []


def test_every_phrase_that_is_named_is_written(library: Library) -> None:
    package = Path(posecheck.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    named = set(re.findall(r'(?:phrases?|words)[\[(]"(\w+)"', code))
    assert len(named) > 100
    named |= {f"show_{part}" for exercise in library.exercises.values() for part in exercise.framing.show}
    assert named - set(library.phrases) == set()


def test_a_folder_is_a_language(folder: Path) -> None:
    add(folder, "de/voice.yaml", PHRASES + '  mended: "Genau so."\n')
    add(
        folder,
        "de/exercises/cat.yaml",
        TRANSLATION
        + 'name: "Katze"\nchecks:\n  rocking: {say: "Hüfte über die Knie."}\nsafety: ["Weich knien."]\n',
    )
    library = load_library(folder)
    assert library.languages == ("en", "de")
    assert library.phrase("mended", "de") == "Genau so."
    assert library.phrase("away", "de") == library.phrase("away", "en")
    cat = library.exercises["cat"]
    assert cat.name["de"] == "Katze"
    (rocking,) = [check for check in cat.checks if check.id == "rocking"]
    assert rocking.say["de"] == "Hüfte über die Knie."
    assert cat.safety[0]["de"] == "Weich knien."
    missing = missing_texts(library)
    assert "de: phrases.away" in missing
    assert "de: exercises.cat.checks.too_fast.say" in missing
    assert "de: exercises.cat.safety[1]" in missing
    assert not {"de: phrases.mended", "de: exercises.cat.name", "de: exercises.cat.checks.rocking.say"} & {
        *missing
    }


@pytest.mark.parametrize(
    ("place", "text", "expected"),
    [
        (
            "en/zoo.yaml",
            PHRASES + '  mended: "Fine."\n',
            "en/zoo.yaml:3: phrases.mended: the id is taken, see voice.yaml",
        ),
        (
            "de/voice.yaml",
            PHRASES + '  horse: "Pferd."\n',
            "de/voice.yaml:3: phrases.horse: English has no such phrase",
        ),
        (
            "de/practice.yaml",
            PHRASES + '  start: "Los"\n  kind_cycles: "{count} Runden, {s} s"\n',
            "de/practice.yaml:4: phrases.kind_cycles: has {s}, English has not",
        ),
        (
            "de/practice.yaml",
            PHRASES + '  start: "Los {"\n',
            "de/practice.yaml:3: phrases.start: a brace has no partner in 'Los {'",
        ),
        (
            "de/practice.yaml",
            PHRASES + '  start: " "\n',
            "de/practice.yaml:3: phrases.start: the sentence is empty",
        ),
        ("de/practice.yaml", PHRASES + "  start: 3\n", "de/practice.yaml:3: phrases.start: expected text, got 3"),
        (
            "de/exercises/horse.yaml",
            TRANSLATION + 'name: "Pferd"\n',
            "de/exercises/horse.yaml: there is no definition that this translates",
        ),
        (
            "de/exercises/cat.yaml",
            TRANSLATION + 'checks:\n  rocking:\n    easy: "Ruhig."\n',
            "de/exercises/cat.yaml:4: checks.rocking.easy: the definition has no such text",
        ),
        (
            "de/exercises/cat.yaml",
            TRANSLATION + 'checks:\n  rocking:\n    say: "eins zwei drei vier fünf sechs sieben acht neun zehn"\n',
            "de/exercises/cat.yaml:4: checks.rocking.say: the cue under 'de' has 10 words; at most 9 can be heard",
        ),
        (
            "de/exercises/cat.yaml",
            TRANSLATION + "name: {de: 3}\n",
            "de/exercises/cat.yaml:2: name.de: expected text, got 3",
        ),
        (
            "xqz/voice.yaml",
            PHRASES + '  mended: "Ja."\n',
            "xqz: no language is called 'xqz'. Use a code such as 'de'.",
        ),
    ],
)
def test_a_fault_says_where_it_is(folder: Path, place: str, text: str, expected: str) -> None:
    add(folder, place, text)
    assert expected in [re.sub(rf"^{re.escape(str(folder))}/languages/", "", fault) for fault in faults(folder)]


def test_a_phrase_the_voice_needs_is_missed(folder: Path) -> None:
    path = folder / "languages" / "en" / "voice.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("  mended:", "  mend:"), encoding="utf-8")
    assert faults(folder) == ["en: missing phrase 'mended'"]


def test_gaps_are_filled_and_numbers_choose_their_form(folder: Path) -> None:
    add(folder, "en/zoo.yaml", PHRASES + '  rounds: "{count} {count:round|rounds}, {name}"\n')
    add(folder, "ru/zoo.yaml", PHRASES + '  rounds: "{count} {count:круг|круга|кругов}, {name}"\n')
    library = load_library(folder)
    said = [library.phrase("rounds", "ru", count=n, name="Ана") for n in (1, 3, 5, 11, 22)]
    assert said == ["1 круг, Ана", "3 круга, Ана", "5 кругов, Ана", "11 кругов, Ана", "22 круга, Ана"]
    assert [library.phrase("rounds", "en", count=n, name="Ana") for n in (1, 2)] == [
        "1 round, Ana",
        "2 rounds, Ana",
    ]


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("ru-RU", "ru"),
        ("ru", "ru"),
        ("en-GB", "en"),
        ("fr-FR", "en"),
        (None, "en"),
        ("pt_BR", "pt-br"),
        ("r", "en"),
    ],
)
def test_the_browser_chooses(locale: str | None, expected: str) -> None:
    assert best_language(locale, ("en", "ru", "pt", "pt-br")) == expected


UNKIND = {
    "en": r"\b(wrong|bad|never|must|don't|incorrect|fail)\b",
    "ru": r"\b(неправильн\w*|неверн\w*|плох\w*|ошиб\w*|должн\w*|нельзя|никогда)\b",
}


@pytest.mark.parametrize("language", UNKIND)
def test_what_is_said_is_kind_in_every_language(library: Library, language: str) -> None:
    said = [text[language] for name in library.exercises for text in spoken(library, name)]
    voice = (routines_folder() / "languages" / language / "voice.yaml").read_text(encoding="utf-8").splitlines()
    said += [line for line in voice if not line.startswith("#")]
    for sentence in said:
        assert not re.search(UNKIND[language], sentence, re.IGNORECASE), sentence


def spoken(library: Library, name: str) -> list[Mapping[str, str]]:
    exercise = library.exercises[name]
    checks = [check.say for check in exercise.checks] + [c.easier for c in exercise.checks if c.easier]
    entry = [exercise.entry.say] if exercise.entry else []
    phases = [phase.say for phase in exercise.course]
    return [*checks, *entry, *phases, exercise.framing.turn, exercise.steps.start, exercise.steps.done]
