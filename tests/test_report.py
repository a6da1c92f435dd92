"""The report: one file that asks for nothing else, with the pictures of the moments that matter."""

from __future__ import annotations

import base64
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from posecheck import timeline
from posecheck.analysis import Replayed
from posecheck.judgement import Settings
from posecheck.ledger import Ledger
from posecheck.library import Library
from posecheck.moment import Event, Moment
from posecheck.outputs import Outputs
from posecheck.reader import PoseReader
from posecheck.replay import replay
from posecheck.report import MOST_PICTURES, build_report, clock, key_pictures
from posecheck.timeline import Line, Timeline
from posecheck.ui.view import Words

RECORDING = Path(__file__).parent / "data" / "recordings" / "downdog_bad.npz"


@pytest.fixture(scope="module")
def says(library: Library) -> Words:
    return Words(library, "en")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report") / "a.mp4"


@pytest.fixture(scope="module")
def replayed(library: Library, video: Path) -> Replayed:
    def no_model() -> Path:
        raise AssertionError("a recording needs no model")

    with PoseReader(no_model, library.coaching.tracking) as reader:
        return replay(RECORDING, library, Settings(), Outputs(annotate=video), reader=reader)


@pytest.fixture(scope="module")
def page(replayed: Replayed, video: Path, says: Words) -> str:
    line = timeline.lay_out("<b>her & clip</b>.mp4", replayed.ledger, replayed.exercise, 0.0, says)
    return build_report(line, replayed.ledger, video, says, language="en", told="Something to work on.")


class Asked(HTMLParser):
    """Gathers every address a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "data", "action")]


def test_it_asks_for_nothing_else(page: str) -> None:
    asked = Asked()
    asked.feed(page)
    assert asked.addresses
    assert all(address.startswith("data:image/jpeg;base64,") for address in asked.addresses)
    assert not {"script", "link", "iframe"} & set(asked.tags)
    assert "url(http" not in page
    assert "@import" not in page


def test_names_are_text_and_no_markup(page: str) -> None:
    assert "&lt;b&gt;her &amp; clip&lt;/b&gt;.mp4" in page
    assert "<b>her" not in page


def test_what_was_said_has_its_picture(page: str, replayed: Replayed, video: Path, says: Words) -> None:
    cue = next(event for event in replayed.ledger.events if event.kind == "cue")
    assert cue.text is not None
    assert cue.text in page
    shown = {picture.text: picture for picture in key_pictures(replayed.ledger.events, video, says)}
    data = base64.b64decode(shown[cue.text].address.partition(",")[2])
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    height, width = picture.shape[:2]
    assert max(height, width) == 640
    # The sentence stands in the strip of just this picture: letters of amber.
    blue, green, red = (picture[int(0.86 * height) :, :, i].astype(int) for i in range(3))
    assert ((red > 150) & (green > 90) & (blue < 110)).sum() > 100


def test_lines_have_their_bands_and_the_unseen_is_hatched(page: str, replayed: Replayed) -> None:
    assert page.count('<path class="value"') > 5
    for kind in ("good", "ok", "cue", "unknown", "fault", "entry"):
        assert f'class="b-{kind}"' in page
    assert re.search(r'<path class="value" d="M[\d.]+ [\d.]+L', page)
    numbers = " ".join(re.findall(r' (?:d|x|y|width|height|cx)="([^"]*)"', page))
    assert not re.search(r"[^-0-9.MLH\s]", numbers), "something that is no number was drawn"


def test_what_was_seen_at_a_look_is_drawn_until_the_next(video: Path, says: Words) -> None:
    seen = np.array([150.0, math.nan, 100.0, 200.0, math.nan, 150.0])
    line = Line("elbow", "Elbow", "°", 0, ("elbows",), seen, (), (), 100.0, 200.0)
    laid = Timeline("a", 0.0, 1.2, 0.0, np.arange(6) / 5, lines=(line,))
    html = build_report(laid, Ledger(), video, says, language="en", told="")
    assert re.findall('<path class="value" d="(.*)"', html) == [
        "M0 55H166.67M333.33 110L500 0H666.67M833.33 55H1000"
    ]


def test_the_same_sentence_is_shown_once_and_corrections_before_the_rest(video: Path, says: Words) -> None:
    said = [Event(i / 20, "guide", text=f"Breathe {i}.") for i in range(40)]
    said += [Event(5.0, "cue", text="Long arms."), Event(5.5, "cue", text="Long arms.")]
    pictures = key_pictures(said, video, says)
    assert len(pictures) == MOST_PICTURES
    assert [picture.text for picture in pictures].count("Long arms.") == 1
    assert [picture.t for picture in pictures] == sorted(picture.t for picture in pictures)
    assert all(picture.address for picture in pictures)


def test_nobody_gives_a_report_as_well(library: Library, video: Path, says: Words) -> None:
    ledger = Ledger(Moment(i / 10) for i in range(3))
    line = timeline.lay_out("empty.mp4", ledger, None, 0.0, says)
    html = build_report(line, ledger, video, says, language="en", told=says("told_nobody"))
    assert "Nobody was found" in html
    assert "<figure" not in html


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.0"), (65.25, "1:05.2"), (-1.5, "−0:01.5"), (600, "10:00.0")]
)
def test_times_are_minutes_and_seconds(seconds: float, text: str) -> None:
    assert clock(seconds) == text
