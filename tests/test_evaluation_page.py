"""The page of an evaluation: what went wrong, where, and why."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from bodies import ALL_FOURS, DOG, STANDING, dog, side_body
from command import Run
from labelled import bent_dog, clip, labels, save_set, still_dog

from posecheck.evaluate import examine
from posecheck.examples import Example, Kind, choose_worst
from posecheck.labels import Case, Mistake
from posecheck.library import Library
from posecheck.pose import nobody, stack


def page_of(folder: Path, run: Run) -> str:
    page = folder / "page.html"
    assert run("evaluate", folder, "--html", page, "--jobs", 1)[0] == 0
    return page.read_text(encoding="utf-8")


def test_the_page_says_why_with_measure_value_band_and_time(tmp_path: Path, run: Run) -> None:
    where = save_set(tmp_path, downward_dog__bent=bent_dog(3.0, 6.0, 7.0))  # labelled as correct
    text = re.sub(r"<wbr>", "", page_of(where, run))
    assert "Corrections where none was due" in text
    card = text[text.index("<article") : text.index("</article>")]
    assert "downward_dog/bent.npz" in card
    assert "no correction" in card
    assert "Press the floor away until your arms are long." in card
    assert re.search(r"elbow_angle <b>1[234]\d°</b>", card)
    assert re.search(r"fine from \d+, cued under \d+°", card)
    assert re.search(r"· [34]\.\d s", card)


def test_the_page_needs_nothing_else_and_shows_what_was_not_caught(
    tmp_path: Path, library: Library, run: Run
) -> None:
    where = save_set(
        tmp_path,
        downward_dog__good=still_dog(),
        cat__odd=stack([side_body(**STANDING)]),
        other__dog=stack([dog()]),
    )
    labels(where, "downward_dog/good.npz,4,6,downward_dog,elbows_bent")
    text = re.sub(r"<wbr>", "", page_of(where, run))
    assert not re.search(r"https?://|<script|<link|url\(", text)
    for heading in ("Mistakes that were not caught", "Not recognised", "Taken for something else"):
        assert heading in text
    assert "elbows_bent from 4.0 s to 6.0 s" in text
    assert "other, and not downward_dog" in text
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', text)
    assert len(pictures) == 3
    decoded = cv2.imdecode(np.frombuffer(base64.b64decode(pictures[0]), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert max(decoded.shape[:2]) == 480
    assert decoded.std() > 3  # a skeleton is drawn on the plain ground


def test_a_recording_of_nobody_has_no_picture(tmp_path: Path, run: Run) -> None:
    where = save_set(tmp_path, downward_dog__empty=stack([nobody(0.0, (0.0, 0.0))]))
    text = page_of(where, run)
    assert "nobody was found" in text
    assert "<img" not in text


def test_names_are_text_on_the_page(tmp_path: Path, run: Run) -> None:
    where = save_set(tmp_path, other__a=stack([dog()]))
    (where / "other" / "a.npz").rename(where / "other" / "<b>&.npz")
    assert "<b>&.npz" not in page_of(where, run)


def test_readings_are_the_numbers_that_were_compared(library: Library) -> None:
    case = Case("a", Path("a"), "downward_dog", (Mistake("back_rounded", 5.0, 8.0),))
    turned = {**DOG, "turn": 20.0}
    pose = clip((0.0, ALL_FOURS), (2.0, ALL_FOURS), (3.0, turned), (9.0, turned))
    (example,) = examine(case, pose, library)[1]
    assert (example.kind, example.check, example.said) == ("missed", "back_rounded", "nothing")
    assert example.t is not None
    assert 5.0 <= example.t <= 8.0
    by_name = {reading.name: reading for reading in example.readings if "judged" not in reading.band}
    for name in ("back_turn", "back_turn against neutral"):  # her neutral is a turn of 0
        assert float(by_name[name].value.rstrip("°")) == pytest.approx(20.0, abs=4.0)
        assert not by_name[name].out
        assert re.fullmatch(r"fine up to \d+, cued over \d+°", by_name[name].band)
    hidden = replace(pose, silhouette=None, silhouette_scale=None)
    (example,) = examine(case, hidden, library)[1]
    assert example.said == "nothing; it could not be judged there"
    assert {r.value for r in example.readings if r.name.startswith("back_turn")} == {"not seen"}


def test_examples_of_one_kind_leave_room_for_others() -> None:
    def example(kind: Kind, case: str, **changes: Any) -> Example:
        pose = dog()
        plain = Example(kind, case, "downward_dog", "elbows_bent", "", False, 1.0, "", "", (), pose)
        return replace(plain, **changes)

    many = [example("alarm", f"a{i}") for i in range(9)]
    chosen = choose_worst([*many, example("missed", "m", size="slight"), example("missed", "c", size="clear")])
    assert [e.case for e in chosen] == ["c", "a0", "a1", "a2", "m"]
    assert [e.case for e in choose_worst(many, most=2)] == ["a0", "a1"]
