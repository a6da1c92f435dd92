"""What a sound definition lacks to be a good one, and how a new one begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command import Run

from posecheck.definitions import load_exercise
from posecheck.library import Library
from posecheck.lint import lint
from posecheck.spec import Edge, Exercise

LANGUAGES = ("en",)
DONE_WELL = ""


def shown(exercise: Exercise) -> dict[str, set[str]]:
    return {exercise.id: {DONE_WELL, *(check.id for check in exercise.checks)}}


@pytest.fixture
def fresh(tmp_path: Path, run: Run) -> Exercise:
    status, out, _ = run("new-exercise", "arms_overhead", "--folder", tmp_path)
    assert status == 0
    assert out.startswith(str(tmp_path / "arms_overhead.yaml"))
    return load_exercise(tmp_path / "arms_overhead.yaml")


def test_a_new_exercise_is_in_order_and_says_what_it_lacks(fresh: Exercise) -> None:
    assert lint(fresh, {}, LANGUAGES) == [
        "entry: its numbers are still to be measured; `posecheck tune` helps",
        "checks[leaning]: its numbers are still to be measured; `posecheck tune` helps",
        "no recording shows it done well; one in sample_videos/ would keep the thresholds honest",
        "no recording shows leaning",
    ]


def changed(exercise: Exercise, **update: object) -> Exercise:
    check = exercise.checks[0].model_copy(update=update)
    return exercise.model_copy(update={"checks": (check, *exercise.checks[1:])})


def limit(exercise: Exercise, **update: object) -> Exercise:
    return changed(exercise, limits=(exercise.checks[0].limits[0].model_copy(update=update),))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda e: limit(e, min=Edge(good=3, ok=2, cue=1)), "checks[leaning]: one cue for both ends of lean;"),
        (lambda e: limit(e, max=Edge(good=6, ok=9, cue=9)), "lean max has no gap between ok and cue"),
        (lambda e: limit(e, measure="back_turn"), "back_turn is read from the back's outline"),
        (lambda e: changed(e, persist=0.1), "checks[leaning]: is said after 0.1 s"),
        (lambda e: changed(e, easier=None), "checks[leaning]: has no easier variant"),
        (lambda e: changed(e, source="a friend"), "checks[leaning]: the source names none of own"),
        (
            lambda e: e.model_copy(update={"framing": e.framing.model_copy(update={"views": ("side",)})}),
            "checks[leaning]: lean cannot be judged from the side",
        ),
    ],
)
def test_what_is_lacking_is_said(fresh: Exercise, change: Callable[[Exercise], Exercise], line: str) -> None:
    assert any(line in found for found in lint(change(fresh), shown(fresh), LANGUAGES))
    assert not any(line in found for found in lint(fresh, shown(fresh), LANGUAGES))


def test_a_language_without_the_exercise_is_said(fresh: Exercise) -> None:
    assert lint(fresh, shown(fresh), ("en", "de"))[-1].startswith("name: has no de;")


def test_shipped_definitions_name_their_sources_and_can_be_judged_from_their_views(library: Library) -> None:
    for exercise in library.exercises.values():
        for line in lint(exercise, shown(exercise), LANGUAGES):
            assert "source" not in line, (exercise.id, line)
            assert "cannot be judged" not in line, (exercise.id, line)
            assert "outline" not in line, (exercise.id, line)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Bad Id", "'Bad Id' is no id. Use small letters, digits and '_', such as 'arms_overhead'."),
        ("taken", "is there already. Choose another id, or change that file."),
    ],
)
def test_a_new_exercise_that_cannot_be_is_said(run: Run, tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "taken.yaml").write_text("mine", encoding="utf-8")
    status, out, err = run("new-exercise", name, "--folder", tmp_path)
    assert (status, out) == (2, "")
    assert message in err
    assert (tmp_path / "taken.yaml").read_text(encoding="utf-8") == "mine"


def test_the_shipped_exercises_are_in_order_with_advice(run: Run) -> None:
    status, out, _ = run("check", "--lint")
    assert status == 0
    assert "in order" in out.splitlines()[-1]
