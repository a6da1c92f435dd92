"""What a sound definition lacks to be a good one, and how a new one begins."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Run

from posecheck.definitions import load_exercise
from posecheck.folders import routines_folder
from posecheck.library import Library
from posecheck.lint import lint
from posecheck.spec import Condition, Edge, Exercise

DONE_WELL = ""


def shown(exercise: Exercise) -> dict[str, set[str]]:
    return {exercise.id: {DONE_WELL, *(check.id for check in exercise.checks)}}


@pytest.fixture
def fresh(tmp_path: Path, run: Run) -> Exercise:
    status, out, _ = run("new-exercise", "arms_overhead", "--folder", tmp_path)
    assert status == 0
    assert out.startswith(str(tmp_path / "arms_overhead.yaml"))
    return load_exercise(tmp_path / "arms_overhead.yaml")


def test_a_new_exercise_is_in_order_and_says_what_it_lacks(fresh: Exercise, library: Library) -> None:
    assert lint(fresh, {}, library) == [
        "entry: its numbers are still to be measured; `posecheck evaluate` helps",
        "checks[leaning]: its numbers are still to be measured; `posecheck tune` helps",
        "no recording shows it done well; one in sample_videos/ would keep the thresholds honest",
        "no recording shows leaning",
        "is in no programme, so Today does not propose it; Practice offers it all the same",
        "has no opening in safety.yaml, so it opens as late as the 'default' there",
        "languages/ru/exercises/arms_overhead.yaml lacks name, summary, framing.camera and 8 more: "
        "they are English there",
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
def test_what_is_lacking_is_said(
    fresh: Exercise, library: Library, change: Callable[[Exercise], Exercise], line: str
) -> None:
    assert any(line in found for found in lint(change(fresh), shown(fresh), library))
    assert not any(line in found for found in lint(fresh, shown(fresh), library))


UPRIGHT = Condition(measure="trunk_tilt", min=65)
NEARLY = Condition(measure="lean", max=13)
FAR = Condition(measure="lean", max=20)


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({"all": (UPRIGHT, NEARLY)}, "with lean over 13 she is out of the pose, so a cue at 13 is never said"),
        ({"all": (UPRIGHT, FAR)}, None),
        ({"all": (UPRIGHT, NEARLY), "stay": (UPRIGHT,)}, None),
        ({"all": (UPRIGHT, NEARLY), "stay": (FAR,)}, None),
        ({"all": (UPRIGHT,), "any": ((NEARLY,), (UPRIGHT,))}, None),
        ({"all": (UPRIGHT,), "any": ((NEARLY,), (UPRIGHT, NEARLY))}, "a cue at 13 is never said"),
    ],
)
def test_a_cue_that_is_never_reached_in_the_pose_is_said(
    fresh: Exercise, library: Library, ways: dict[str, object], said: str | None
) -> None:
    assert fresh.entry is not None
    narrow = fresh.model_copy(update={"entry": fresh.entry.model_copy(update=ways)})
    found = [line for line in lint(narrow, shown(fresh), library) if "out of the pose" in line]
    assert len(found) == (said is not None)
    assert all(line.startswith("checks[leaning]: ") and line.endswith(str(said)) for line in found)


def test_shipped_definitions_lack_nothing_that_would_mislead(library: Library) -> None:
    for exercise in library.exercises.values():
        for line in lint(exercise, shown(exercise), library):
            assert not re.search(
                "source|cannot be judged|outline|out of the pose|programme|opening|languages/", line
            )


def test_a_definition_that_lies_elsewhere_is_looked_at_as_well(run: Run, tmp_path: Path) -> None:
    run("new-exercise", "arms_overhead", "--folder", tmp_path)
    path = tmp_path / "arms_overhead.yaml"
    status, out, _ = run("check", "--lint", path)
    assert status == 0
    assert f"{path}: checks[leaning]: its numbers are still to be measured; `posecheck tune` helps\n" in out


def test_what_a_language_still_lacks_is_counted(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: Library
) -> None:
    folder = tmp_path / "routines"
    shutil.copytree(routines_folder(), folder)
    (folder / "languages" / "de").mkdir()
    (folder / "languages" / "de" / "voice.yaml").write_text(
        'schema: posecheck/phrases@1\nphrases:\n  mended: "Genau so."\n', encoding="utf-8"
    )
    monkeypatch.setenv("POSECHECK_ROUTINES", str(folder))
    status, out, _ = run("check", "--lint")
    said = re.search(r"languages/de: (\d+) texts are English still: phrases\.", out)
    assert status == 0
    assert said is not None
    assert int(said[1]) >= len(library.phrases) - 1
    assert "languages/de/exercises/cat.yaml lacks name, summary, framing.camera and " in out
    assert "languages/ru" not in out


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
