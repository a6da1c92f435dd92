"""The folder of definitions: the files beside the exercises, and what is wrong in any of them said together."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from written import changed, faults

from posecheck.errors import DefinitionError
from posecheck.folders import routines_folder
from posecheck.library import load_library

# --- the other files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (
            "coaching",
            "  deg: {min_cutoff",
            "  degg: {min_cutoff",
            "smoothing.degg: expected 'deg', 'torso', 'frame' or 'ratio', got 'degg'",
        ),
        ("coaching", "{gentle: 0, standard: 1}", "{gentle: 0}", "strictness: missing key 'standard'"),
        ("coaching", "per_minute: 4", "per_minute: 0", "voice.per_minute: must be at least 1, got 0"),
        ("coaching", "accept_share: 0.8", "accept_share: 80", "accept_share: must be at most 1, got 80"),
        (
            "coaching",
            "sure_after: 4.8 s",
            "sure_after: 6 s",
            "pace: known_after, sure_after and window must follow each other",
        ),
        (
            "coaching",
            "away_after: 2 s",
            "away_after: 2",
            "presence.away_after: expected a duration with a unit, such as '2 s'",
        ),
        (
            "languages/en/voice",
            "  show_feet:",
            "  Show Feet:",
            "phrases.Show Feet: expected small letters, digits and '_', such as 'knees_bent', got 'Show Feet'",
        ),
    ],
)
def test_coaching_and_phrases_are_checked_too(
    name: str, old: str, new: str, expected: str, tmp_path: Path
) -> None:
    text = (routines_folder() / f"{name}.yaml").read_text(encoding="utf-8")
    name = Path(name).name
    found = faults(tmp_path, changed(old, new, text), f"{name}.yaml")
    line = found[0].split(":")[1]
    assert int(line) > 1
    assert found[0] == f"{name}.yaml:{line}: {expected}"


def test_the_missing_line_says_where_its_parent_is(tmp_path: Path) -> None:
    text = (routines_folder() / "coaching.yaml").read_text(encoding="utf-8")
    expected = next(i for i, line in enumerate(text.splitlines(), 1) if line.startswith("smoothing:"))
    assert faults(tmp_path, changed("  torso: {min_cutoff", "  #", text), "coaching.yaml") == [
        f"coaching.yaml:{expected}: smoothing: missing key 'torso'"
    ]


# --- the whole folder -----------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "routines"
    shutil.copytree(routines_folder(), copy)
    return copy


def test_the_faults_of_all_files_come_together(folder: Path) -> None:
    for path, old, new in (
        (folder / "exercises" / "cat.yaml", "id: cat", "id: cow"),
        (
            folder / "exercises" / "twist.yaml",
            "schema: posecheck/exercise@1",
            "schema: posecheck/exercise@1\nx: 1",
        ),
        (folder / "coaching.yaml", "per_minute: 4", "per_minute: four"),
    ):
        path.write_text(changed(old, new, path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_library(folder)
    where = [fault.replace(str(folder), "")[1:] for fault in caught.value.faults]
    assert [re.sub(r":\d+:", ":", w) for w in where] == [
        "coaching.yaml: voice.per_minute: expected a whole number, got 'four'",
        "exercises/cat.yaml: id: is 'cow', but the file is named 'cat.yaml'",
        "exercises/twist.yaml: x: unknown key 'x'",
    ]
    assert str(caught.value) == "\n".join(caught.value.faults)


def test_an_empty_folder_lacks_everything(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_library(tmp_path)
    assert caught.value.faults == [
        f"{tmp_path / 'coaching.yaml'}: no such file",
        f"{tmp_path / 'languages' / 'en'}: no phrases (*.yaml) here",
        f"{tmp_path / 'exercises'}: no definitions (*.yaml) here",
        f"{tmp_path / 'safety.yaml'}: no such file",
        f"{tmp_path / 'progression.yaml'}: no such file",
        f"{tmp_path / 'programmes'}: no definitions (*.yaml) here",
    ]


def test_exercises_come_in_the_order_of_their_files(folder: Path) -> None:
    names = sorted(path.stem for path in (folder / "exercises").glob("*.yaml"))
    assert list(load_library(folder).exercises) == names
