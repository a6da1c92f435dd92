"""The shipped definitions are complete, name their sources, and speak kindly."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from doing import CHECKS

from posecheck.definitions import validate_files
from posecheck.folders import routines_folder
from posecheck.spec import Exercise

ADVICE = {
    "downward_dog": {"knees_bent"},
    "twist": {"hips_uneven", "hand_off_knee"},
    "child": {"reach_short"},
    "letter_t": {"shoulder_lifted"},
    "cat": set[str](),
    "eagle": {"palms_pressed"},
    "lotus": {"shoulders_not_lifted"},
}
FILES = sorted(routines_folder().rglob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_a_shipped_file_is_in_order(path: Path) -> None:
    assert validate_files([path]) == []


@pytest.mark.parametrize("name", CHECKS)
def test_every_mistake_of_the_interfaces_has_its_check(name: str, exercise: Callable[[str], Exercise]) -> None:
    checks = exercise(name).checks
    assert sorted(check.id for check in checks) == sorted(CHECKS[name])
    assert {check.id for check in checks if check.advice} == ADVICE[name]


@pytest.mark.parametrize("name", CHECKS)
def test_numbers_name_their_sources(name: str, exercise: Callable[[str], Exercise]) -> None:
    found = exercise(name)
    texts = [check.source for check in found.checks]
    texts += [found.entry.source] if found.entry else []
    texts += [movement.source for movement in found.movements]
    texts += [found.neutral.source] if found.neutral else []
    for text in texts:
        for key in re.findall(r"\b[A-Z]\d{1,3}\b", text):
            assert key in found.sources, f"{key} of {text!r}"


@pytest.mark.parametrize("name", CHECKS)
def test_corrections_are_sentences(name: str, exercise: Callable[[str], Exercise]) -> None:
    for text in (text["en"] for check in exercise(name).checks for text in (check.say, check.easier) if text):
        assert text[0].isupper(), text
        assert text[-1] in ".!?"
