"""What tests of pages share: opening and reading one without a browser, and somebody who told about herself."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import posecheck
from posecheck.diary import Profile
from posecheck.history import History
from posecheck.records import Outcome, Record

APP = Path(posecheck.__file__).parents[1] / "app.py"
ABOUT_HER: Mapping[str, str | Sequence[str]] = {
    "birth": "vaginal",
    "healing": ["none"],
    "cleared": "yes",
    "conditions": ["none"],
    "pelvic": ["none"],
}
TODAY_FINE: Mapping[str, str | int | Sequence[str]] = {"pain_now": 3, "bleeding": "stopped", "today": ["none"]}


def closed(name: str) -> AppTest:
    """Return a page not yet run, to give it a state."""
    page = AppTest.from_file(str(APP), default_timeout=30)
    page._page_hash = calc_hash(name)
    return page


def open_page(name: str = "", **query: str) -> AppTest:
    """Open a page by the end of its address; whatever it shows, it has one heading."""
    page = closed(name)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    page._page_hash = ""  # from here on it is where it goes by itself
    assert not page.exception
    assert headings(page) == 1
    return page


def headings(page: AppTest) -> int:
    return sum(str(element.proto.body).count("<h1") for element in page.get("html"))


def prose(page: AppTest) -> str:
    """Everything written on the page, drawings and markup left out, white space made one."""
    written = " ".join(str(element.proto.body) for element in page.get("html"))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", written)).split())


def shown(page: AppTest, key: str) -> dict[str, Any]:
    """What a component of the page was given."""
    (given,) = [e.proto.json for e in page.get("bidi_component") if e.proto.id.endswith(f"-{key}")]
    return dict(json.loads(given))


def labels(page: AppTest) -> set[str]:
    return {button.label for button in page.button}


def introduce(history: History, name: str = "Ana", *, language: str = "", **told: Any) -> Profile:
    """Somebody whose baby is five months old and who may do everything; ``told`` changes her answers."""
    profile = history.add_profile(name, language)
    today = date.today()
    born = {"birth_date": (today - timedelta(days=150)).isoformat()}
    answers: dict[str, Any] = {**born, **ABOUT_HER, **TODAY_FINE, **told}
    history.save_answers(profile.id, {q: a for q, a in answers.items() if a is not None}, today)
    return profile


def practise(
    place: str,
    profile: Profile,
    ago: int,
    *,
    before: int | None = 5,
    after: int | None = 3,
    exercises: Sequence[str] = ("cat", "downward_dog"),
    outcome: Outcome = "done",
    **said: Any,
) -> str:
    """A practice so many days ago, written as it would be, with what was ``said`` at its end; returns its id."""
    day = date.today() - timedelta(days=ago)
    now = datetime.now(UTC) if ago == 0 else datetime.combine(day, time(12), UTC)
    history = History(place, now=lambda: now)
    writer = history.begin(profile.id, programme="five_minutes", pain_before=before, today=day)
    writer.add(Record("session_started", 0.0, programme="five_minutes", exercises=tuple(exercises)))
    t = 0.0
    for position, exercise in enumerate(exercises):
        writer.add(Record("exercise_started", t, position=position, exercise=exercise, strictness="gentle"))
        t += 90.0
        writer.add(Record("hold", t, position=position, exercise=exercise, seconds=8.0))
        check = {"downward_dog": "elbows_bent", "cat": "rocking", "twist": "leaning"}[exercise]
        writer.add(Record("cue", t, position=position, exercise=exercise, check=check))
        writer.add(
            Record(
                "exercise_finished",
                t,
                position=position,
                exercise=exercise,
                outcome="done",
                fault_s={check: 15.0},
                in_pose_s=60.0,
                clean_s=45.0,
                held_s=8.0,
            )
        )
    writer.add(Record("session_finished", t, outcome=outcome, **said))
    if after is not None:
        history.set_pain_after(writer.session_id, after)
    history.close()
    return str(writer.session_id)
