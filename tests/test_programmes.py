"""Programmes: the shipped ones are in order, and every kind of wrong file says exactly what and where."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from posecheck.folders import routines_folder
from posecheck.library import Library, json_schema, validate_files

GOOD = """\
schema: posecheck/programme@1
id: evening
name: {en: "Evening"}
summary: {en: "A little of each."}
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
    ("cat\n    start", "dog\n    start", "6: items[0].exercise: unknown exercise 'dog'."),
    ("exercise: cat", "exercise: catt", "6: items[0].exercise: unknown exercise 'catt'. Did you mean 'cat'?"),
    ("{cycles: 5}", "{}", "7: items[0].start: needs one of 'hold', 'cycles' and 'lasts'"),
    (
        "{cycles: 5}",
        "{cycles: 5, hold: 3 s}",
        "7: items[0].start: needs one of 'hold', 'cycles' and 'lasts', not several",
    ),
    ("{cycles: 5}", "{cycles: 9}", "8: items[0].upto.cycles: cycles is 8, less than the 9 to begin with"),
    ("{cycles: 8}", "{hold: 8 s}", "8: items[0].upto: counts hold, but 'start' counts cycles"),
    (
        "    pace: 8 s\n",
        "",
        "6: items[0]: 'pace' says how long one cycle takes: needed with 'cycles', and only there",
    ),
    (
        "{hold: 15 s, times: 2}",
        "{lasts: 15 s, times: 2}",
        "12: items[1].start.times: what lasts a time is done once: leave 'times' out",
    ),
    (
        "{hold: 15 s, times: 2}",
        "{hold: 15 s, times: 1}",
        "12: items[1].start.times: is 1, but 'twist' has two sides: give an even number",
    ),
    ("id: evening", "id: morning", "2: id: is 'morning', but the file is named 'evening.yaml'"),
    ("rest: 10 s", "rest: 10", "10: items[0].rest: expected a duration with a unit, such as '10 s'"),
    ("times: 4}", "tims: 4}", "12: items[1].upto.tims: unknown key 'tims'. Did you mean 'times'?"),
]


@pytest.mark.parametrize(("old", "new", "expected"), WRONG, ids=[w[2][:60] for w in WRONG])
def test_a_wrong_programme_says_what_and_where(folder: Path, old: str, new: str, expected: str) -> None:
    assert GOOD.count(old) == 1, old
    found = faults(folder, GOOD.replace(old, new))
    assert len(found) == 1
    assert found[0].startswith(f"evening.yaml:{expected}")


def test_a_dose_of_another_kind_than_its_exercise(folder: Path) -> None:
    text = GOOD.replace(
        "cat\n    start: {cycles: 5}\n    upto: {cycles: 8}\n    pace: 8 s", "cat\n    start: {hold: 8 s}"
    )
    assert faults(folder, text) == [
        "evening.yaml:7: items[0].start: counts hold, but 'cat' is an exercise of cycles"
    ]


def test_the_schema_for_editors_is_the_one_in_the_folder() -> None:
    shipped = json.loads((routines_folder() / "programme.schema.json").read_text(encoding="utf-8"))
    assert shipped == json_schema("programme"), (
        "run: posecheck check --kind programme --schema routines/programme.schema.json"
    )


def test_the_shipped_programmes_fit_the_exercises(library: Library) -> None:
    for programme in library.programmes.values():
        assert programme.misfits(library.exercises) == []
