"""What every test may ask for: the shipped definitions, the pose model, a browser.

What only pages, history and browser need is imported where it is used: a third of a second test run is imports.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from command import Run, run_command
from hypothesis import settings
from mat import Mat, dosed, unroll

from posecheck import folders
from posecheck.commands import page
from posecheck.folders import routines_folder
from posecheck.library import Library, load_library
from posecheck.models import find_model
from posecheck.routine import Item, Plan, Session
from posecheck.spec import Exercise

if TYPE_CHECKING:
    from histories import Opener
    from seam import FakeCamera

    from posecheck.ui.view import Words

# The same examples on every machine and in every run; slow machines are no failure.
settings.register_profile("posecheck", derandomize=True, deadline=None, max_examples=30, database=None)
settings.load_profile("posecheck")

_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MISSING: dict[str, str] = {}
"""What was not there -> what to do, told once at the end: a skipped test must not pass for a passed one."""


@pytest.fixture(autouse=True)
def _nobodys_own_things(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Judge by the shipped bands; neither see what somebody has recorded here, nor that her page is open."""
    monkeypatch.setenv("POSECHECK_BANDS", str(tmp_path / "no-bands"))
    monkeypatch.setattr(folders, "data_folder", lambda: tmp_path / "her-data")
    monkeypatch.setattr(page, "cache_folder", lambda: tmp_path / "cache")


@pytest.fixture(scope="session")
def library() -> Library:
    """Return the shipped definitions."""
    return load_library(routines_folder())


@pytest.fixture(scope="session")
def exercise(library: Library) -> Callable[[str], Exercise]:
    """Return shipped exercises by id."""

    def by_id(name: str) -> Exercise:
        return library.exercises[name]

    return by_id


@pytest.fixture
def downward_dog(exercise: Callable[[str], Exercise]) -> Exercise:
    """Return the exercise that most tests are about."""
    return exercise("downward_dog")


@pytest.fixture
def short_dog(downward_dog: Exercise) -> Exercise:
    """Return one short hold."""
    return dosed(downward_dog, hold="4 s", times=1)


@pytest.fixture
def short_twist(exercise: Callable[[str], Exercise]) -> Exercise:
    """Return one short hold to each side."""
    return dosed(exercise("twist"), hold="4 s", times=2)


@pytest.fixture
def short_cat(exercise: Callable[[str], Exercise]) -> Exercise:
    """Return two cycles."""
    return dosed(exercise("cat"), cycles=2)


@pytest.fixture
def mat(library: Library) -> Callable[..., Mat]:
    """Return what unrolls a mat for some exercises (``mat.unroll``)."""
    return partial(unroll, library)


@pytest.fixture
def session(library: Library, downward_dog: Exercise) -> Session:
    """Return a guided session of one exercise, from its set-up on."""
    return Session(Plan((Item(downward_dog),)), library)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command as a user would."""
    return partial(run_command, capsys)


@pytest.fixture(scope="session")
def model() -> Path:
    """Return the pose model; without it the test is skipped, or fails where POSECHECK_REQUIRE_MODEL is 1."""
    path = find_model()
    if path is None:
        _lack("POSECHECK_REQUIRE_MODEL", "the pose model", "Run `posecheck model` once to fetch it.")
    return path


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the browser; without it the test is skipped, or fails where POSECHECK_REQUIRE_BROWSER is 1."""
    found = next((path for name in _CHROMIUMS if (path := shutil.which(name))), None)
    if found is None:
        _lack("POSECHECK_REQUIRE_BROWSER", "Chromium", "Install it to run the browser tests.")
    from playwright.sync_api import expect
    from serving import PATIENCE_S

    expect.set_options(timeout=PATIENCE_S * 1000)  # a busy machine is no failure
    return Path(found)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that stands in for the user's caches while the app runs."""
    return tmp_path_factory.mktemp("caches")


@pytest.fixture(scope="session")
def address(model: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the app for somebody who has said that all is well today, and has not practised; give its address."""
    from serving import serve_well

    with serve_well(tmp_path_factory.mktemp("server"), model, cache) as at:
        yield at


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Return where the history of this test is kept; the pages find it there and know nobody yet."""
    import streamlit as st

    where = str(tmp_path / "history.sqlite")
    monkeypatch.setenv("POSECHECK_DATABASE", where)
    st.cache_resource.clear()
    yield where
    st.cache_resource.clear()


@pytest.fixture
def history_file(tmp_path: Path) -> Path:
    """Return where a history is made."""
    return tmp_path / "data" / "history.sqlite"


@pytest.fixture
def opened(history_file: Path) -> Iterator[Opener]:
    """Return a function that opens the history with a clock of the test's own, and closes it at the end."""
    from histories import NOW, Clock

    from posecheck.history import History

    histories: list[History] = []

    def open_(place: Path | str | None = None, clock: Clock | None = None) -> History:
        histories.append(History(str(place or history_file), clock=clock or Clock(), now=lambda: NOW))
        return histories[-1]

    yield open_
    for history in histories:
        history.close()


@pytest.fixture
def words(library: Library) -> Words:
    """Return what a page says, in English."""
    from posecheck.ui.view import Words

    return Words(library, "en")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> FakeCamera:
    """Put a camera of the test's own in the place of the browser's."""
    from seam import FakeCamera

    from posecheck.ui import camera

    fake = FakeCamera()
    monkeypatch.setattr(camera, "live_camera", fake)
    return fake


@pytest.fixture
def ready(place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The model is here, and she has said that all is well today."""
    from pages import introduce

    from posecheck import models
    from posecheck.history import History

    monkeypatch.setattr(models, "find_model", lambda: tmp_path / "pose.task")
    introduce(History(place))


@pytest.fixture(scope="session")
def lack() -> Callable[[str, str, str], NoReturn]:
    """Return what skips a test for want of something, or fails it where that is required."""
    return _lack


def _lack(variable: str, what: str, hint: str) -> NoReturn:
    _MISSING[what] = hint
    if os.environ.get(variable) == "1":
        pytest.fail(f"{variable}=1, but {what} is not on this machine. {hint}")
    pytest.skip(f"{what} is not on this machine")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was skipped for want of something."""
    for what, hint in _MISSING.items():
        terminalreporter.write_line(f"Tests that need {what} were NOT run: it is not on this machine. {hint}")
