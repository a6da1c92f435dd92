"""Programmes: the shipped ones are in order, and every kind of wrong file says exactly what and where."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from bodies import in_phases

from posecheck.definitions import json_schema, validate_files
from posecheck.folders import routines_folder
from posecheck.library import Library, load_library
from posecheck.programmes import Dose, with_dose
from posecheck.progression import propose
from posecheck.screening import Verdict

GOOD = """\
schema: posecheck/programme@1
id: evening
name: {en: "Evening"}
summary: {en: "A little of each."}
rank: 1
items:
  - exercise: cat
    start: {cycles: 5}
    upto: {cycles: 8}
    pace: 8 s
    rest: 10 s
    source: "own"
  - {exercise: twist, start: {hold: 15 s, times: 2}, upto: {hold: 20 s, times: 4}, rest: 0 s, source: "own"}
source: "own"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of programmes beside the shipped exercises."""
    shutil.copytree(routines_folder() / "exercises", tmp_path / "exercises")
    (tmp_path / "programmes").mkdir()
    return tmp_path / "programmes"


def faults(folder: Path, text: str) -> list[str]:
    path = folder / "evening.yaml"
    path.write_text(text, encoding="utf-8")
    return [fault.replace(f"{folder}/", "") for fault in validate_files([path])]


def test_a_right_programme_is_in_order(folder: Path) -> None:
    assert faults(folder, GOOD) == []


WRONG = [
    ("cat\n    start", "dog\n    start", "7: items[0].exercise: unknown exercise 'dog'."),
    ("exercise: cat", "exercise: catt", "7: items[0].exercise: unknown exercise 'catt'. Did you mean 'cat'?"),
    ("{cycles: 5}", "{}", "8: items[0].start: needs at least one of 'hold', 'times', 'cycles' and 'lasts'"),
    ("{cycles: 5}", "{cycles: 5, hold: 3 s}", "9: items[0].upto: needs the same numbers as 'start'"),
    ("{cycles: 5}", "{cycles: 9}", "9: items[0].upto.cycles: cycles is 8, less than the 9 to begin with"),
    ("    start: {cycles: 5}\n", "", "8: items[0].upto: needs the same numbers as 'start'"),
    ("    pace: 8 s\n", "", "7: items[0]: 'cat' counts cycles: give 'pace', how long one takes"),
    ("times: 4}, rest", "times: 4}, pace: 8 s, rest", "13: items[1]: 'twist' counts no cycles: leave out 'pace'"),
    (
        "{hold: 15 s, times: 2}",
        "{hold: 15 s, times: 3}",
        "13: items[1].start.times: is 3, but 'twist' has two sides",
    ),
    ("id: evening", "id: morning", "2: id: is 'morning', but the file is named 'evening.yaml'"),
    ("rest: 10 s", "rest: 10", "11: items[0].rest: expected a duration with a unit, such as '10 s'"),
    ("times: 4}", "tims: 4}", "13: items[1].upto.tims: unknown key 'tims'. Did you mean 'times'?"),
]


@pytest.mark.parametrize(("old", "new", "expected"), WRONG, ids=[w[2][:60] for w in WRONG])
def test_a_wrong_programme_says_what_and_where(folder: Path, old: str, new: str, expected: str) -> None:
    assert GOOD.count(old) == 1, old
    found = faults(folder, GOOD.replace(old, new))
    assert len(found) == 1
    assert found[0].startswith(f"evening.yaml:{expected}")


def test_a_dose_of_what_the_exercise_does_not_have(folder: Path) -> None:
    text = GOOD.replace("{cycles: 5}", "{lasts: 30 s}").replace("{cycles: 8}", "{lasts: 60 s}")
    assert faults(folder, text) == [
        "evening.yaml:8: items[0].start.lasts: 'cat' has no 'lasts'; it has 'cycles'",
        "evening.yaml:9: items[0].upto.lasts: 'cat' has no 'lasts'; it has 'cycles'",
    ]


def test_a_dose_takes_the_place_of_the_definitions_numbers(library: Library) -> None:
    dog = library.exercises["downward_dog"]
    assert dog.course[0].hold is not None  # worked out before: must not be kept
    dosed = with_dose(dog, Dose.model_validate({"hold": "10 s", "times": 3}))
    for hold in (dosed.hold, dosed.course[0].hold):
        assert hold is not None
        assert (hold.target, hold.times, hold.grace) == (10.0, 3, dog.hold.grace if dog.hold else None)
    assert dosed.checks == dog.checks
    assert dog.hold is not None
    assert dog.hold.times == 2
    assert with_dose(dog, Dose(cycles=4)) == dog


def test_a_dose_reaches_every_phase_that_has_it_and_changes_nothing_else(library: Library) -> None:
    child = with_dose(library.exercises["child"], Dose.model_validate({"hold": "18 s", "cycles": 4}))
    assert len(child.course) > 1
    assert {phase.target_s for phase in child.course} == {18.0}
    everything = Dose.model_validate({"hold": "12 s", "times": 3, "cycles": 9, "lasts": "30 s"})
    phases = with_dose(in_phases(library.exercises["cat"]), everything).course
    assert [phase.target_s for phase in phases] == [None, 30.0, 12.0]
    assert [phase.cycles and phase.cycles.target for phase in phases] == [9, None, None]


@pytest.mark.parametrize("kind", ["exercise", "programme"])
def test_the_schema_for_editors_is_the_one_in_the_folder(kind: str) -> None:
    shipped = json.loads((routines_folder() / f"{kind}.schema.json").read_text(encoding="utf-8"))
    assert shipped == json_schema(kind), f"posecheck check --kind {kind} --schema writes it anew"


MINUTES = {
    "five_minutes": (4, 6),
    "ten_minutes": (8.5, 12),
    "back_five": (6, 10),
    "lower_back": (2, 4.5),
    "free_hands": (4, 8),
    "first_weeks": (3, 6),
    "fitball": (1, 8),
}
"""What each is called for takes about as long as it says."""


@pytest.mark.parametrize("name", sorted(load_library(routines_folder()).programmes))
def test_a_shipped_programme_takes_about_as_long_as_it_says(library: Library, name: str) -> None:
    well = Verdict("green", open=frozenset(library.exercises))
    programme, today = library.programmes[name], date(2026, 11, 22)
    rules, safety = library.progression, library.safety
    proposal = propose(programme, rules, safety, library.exercises, (), well, today)
    assert len(proposal.items) == len(programme.items)
    low, high = MINUTES[name]
    assert low <= proposal.seconds / 60 <= high
