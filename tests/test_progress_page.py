"""The progress page and the summary for the physiotherapist: empty, a little, a lot; and what it may not claim."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from pages import introduce, open_page, practise, prose
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from posecheck.diary import Profile
from posecheck.history import History
from posecheck.library import Library
from posecheck.records import Record
from posecheck.summary import write_summary
from posecheck.ui.view import Words


@pytest.fixture
def ana(place: str) -> Profile:
    return introduce(History(place))


def charts(page: AppTest) -> int:
    return len(page.get("vega_lite_chart"))


def test_with_nothing_yet_it_says_so(ana: Profile, words: Words) -> None:
    page = open_page("progress")
    assert words("progress_empty") in prose(page)
    assert words("progress_empty_next") in prose(page)
    assert charts(page) == 0


def test_before_anybody_told_about_herself_it_is_empty_too(place: str, words: Words) -> None:
    assert words("progress_empty") in prose(open_page("progress"))


def test_days_minutes_pain_and_exercises(place: str, ana: Profile, words: Words, library: Library) -> None:
    for ago in (9, 4, 1):
        practise(place, ana, ago, before=6, after=3)
    page = open_page("progress")
    text = prose(page)
    assert words("progress_calendar_said", days=3, minutes=9, weeks=8) in text
    monday = date.today() - timedelta(days=date.today().weekday())
    assert words.day(monday, "d MMM") in text  # the last of the calendar's weeks
    assert words("progress_counts", known=3, less=3, more=0, same=0) in text
    assert charts(page) == 1 + 2  # pain, and the steadiness of two exercises
    for name, fault in (("cat", "rocking"), ("downward_dog", "elbows_bent")):
        (check,) = [c for c in library.exercises[name].checks if c.id == fault]
        assert words.of(check.say) in text
    assert words("progress_fault_share", percent=25) in text


def test_an_exercise_that_was_only_skipped_is_not_shown(
    place: str, ana: Profile, words: Words, library: Library
) -> None:
    practise(place, ana, 1, exercises=["cat"])
    history = History(place)
    writer = history.begin(ana.id, today=date.today())
    writer.add(Record("exercise_started", 0.0, position=0, exercise="child", strictness="gentle"))
    writer.add(Record("exercise_finished", 5.0, position=0, exercise="child", outcome="skipped", in_pose_s=0.0))
    history.close()
    text = prose(open_page("progress"))
    assert words.of(library.exercises["cat"].name) in text
    assert words.of(library.exercises["child"].name) not in text


def test_within_noise_is_called_the_same(place: str, ana: Profile, words: Words) -> None:
    practise(place, ana, 2, before=5, after=4)
    text = prose(open_page("progress"))
    assert words("progress_counts", known=1, less=0, more=0, same=1) in text
    assert words("progress_noise", points=2, percent=30) in text


def test_without_numbers_pain_is_left_out(place: str, ana: Profile, words: Words) -> None:
    practise(place, ana, 2, before=None, after=None)
    page = open_page("progress")
    assert words("progress_pain_none") in prose(page)
    assert charts(page) == 2


def test_too_few_practices_claim_nothing(place: str, ana: Profile, words: Words, library: Library) -> None:
    for ago in (3, 2):
        practise(place, ana, ago, before=6, after=1)
    enough = library.progression.tendency.sessions
    text = prose(open_page("progress"))
    assert words("progress_helps_few", count=enough) in text
    assert words("progress_helps_more_often") not in text


def test_enough_practices_are_told_with_their_uncertainty_and_never_as_proof(
    place: str, ana: Profile, words: Words, library: Library
) -> None:
    enough = library.progression.tendency.sessions
    for i in range(enough):
        practise(place, ana, 2 * i + 1, before=6, after=2, exercises=["cat"])
        practise(place, ana, 2 * i + 2, before=6, after=6, exercises=["twist"])
    text = prose(open_page("progress"))
    assert words("progress_helps_caution") in text
    found = re.search(rf"after {enough} of {enough} practices with it; in truth .* from (\d+) to (\d+) %", text)
    assert found is not None
    assert int(found[1]) < 100
    assert "heal" not in text
    assert "because of" not in text


def test_no_line_ends_between_a_number_and_its_percent(place: str, ana: Profile) -> None:
    practise(place, ana, 1, before=6, after=2)
    written = " ".join(str(element.proto.body) for element in open_page("progress").get("html"))
    assert re.search(r"\d\N{NO-BREAK SPACE}%", written)
    assert not re.search(r"\d %", written)


def test_somebody_else_sees_her_own(place: str, ana: Profile, words: Words) -> None:
    practise(place, ana, 2)
    introduce(History(place), "Bea")
    page = open_page("settings")
    page.button_group(key="choose-person").set_value(History(place).profiles()[1].id).run()
    page._page_hash = calc_hash("progress")
    assert words("progress_empty") in prose(page.run())


# --- the summary -----------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Collects what a page would load, and whether its tags close."""

    VOID = ("meta", "br", "line", "circle", "link", "img", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "data")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def summary(library: Library, place: str, profile: Profile, language: str = "en") -> str:
    history = History(place)
    answers = history.answers(profile.id, date.today(), ())
    return write_summary(library, language, profile.name, history.sessions(profile.id), answers, date.today())


def test_the_summary_stands_alone_and_says_what_it_is(place: str, ana: Profile, library: Library) -> None:
    practise(place, ana, 5, before=6, after=3)
    practise(place, ana, 1, before=4, after=None)
    text = summary(library, place, ana)
    tags = Tags(text)
    assert tags.open == []
    assert tags.loaded == []
    assert "http" not in text
    assert library.phrase("answer_birth_vaginal", "en") in text
    assert "Cat, Downward dog" in text
    assert "75 %" in text  # 45 of 60 s with nothing to put right
    assert text.count('class="after"') == 2  # one practice, and the key
    assert "@page" in text


def test_the_summary_trusts_no_text(place: str, library: Library) -> None:
    ana = introduce(History(place), "<script>alert(1)</script>")
    practise(place, ana, 1)
    text = summary(library, place, ana)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_the_summary_can_be_had_on_the_page(place: str, ana: Profile, words: Words) -> None:
    practise(place, ana, 1)
    page = open_page("progress")
    assert words("progress_summary_get") in {button.proto.label for button in page.get("download_button")}
