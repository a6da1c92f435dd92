"""The page she opens: each of its states reached and read, and nothing to click past where it says to rest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pages
import pytest
from pages import ABOUT_HER, introduce, labels, open_page, practise, prose
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from posecheck import models
from posecheck.diary import Profile
from posecheck.history import History, Writer
from posecheck.library import Library
from posecheck.records import Outcome, Record
from posecheck.screening import questions
from posecheck.ui import camera, person
from posecheck.ui.view import Words

RED_TODAY = ["bleeding_again", "fever", "chest", "head", "calf", "wound", "belly", "harm"]


@pytest.fixture
def ana(place: str) -> Profile:
    """Ana, who has told about herself, and not yet about today."""
    return introduce(History(place), pain_now=None, bleeding=None, today=None)


@pytest.fixture(autouse=True)
def camera_calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[bool]:
    """Whether the camera was wanted, each time the practice page asked for it."""
    calls: list[bool] = []

    def live_camera(key: str, *, wanted: bool, **_: object) -> camera.Camera:
        calls.append(wanted)
        return camera.Camera("idle")

    monkeypatch.setattr(camera, "live_camera", live_camera)
    monkeypatch.setattr(models, "find_model", lambda: tmp_path / "pose.task")
    return calls


def check_in(page: AppTest, *, pain: int = 3, today: str = "none", n: int = 0) -> AppTest:
    page.button_group(key=f"now-{n}-pain_now").set_value(pain)
    for radio in page.radio:  # asked until it has stopped
        if radio.key == f"now-{n}-bleeding":
            radio.set_value("stopped")
    page.checkbox(key=f"now-{n}-today-{today}").check()
    page.button(key="save").click().run()
    assert not page.exception
    return page


# --- the first run ---------------------------------------------------------------------------------------------


def test_the_first_run_says_what_it_is_and_asks_nothing_yet(place: str, words: Words) -> None:
    page = open_page()
    assert words("welcome_title") in prose(page)
    assert words("welcome_private") in prose(page)
    assert labels(page) == {words("welcome_tour"), words("welcome_begin")}


def test_the_tour_leads_to_a_sample_without_the_camera(
    place: str, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips: list[Path | None] = []

    def live_camera(key: str, *, wanted: bool, clip: Path | None, **_: object) -> camera.Camera:
        clips.append(clip if wanted else None)
        return camera.Camera("idle")

    monkeypatch.setattr(camera, "live_camera", live_camera)
    page = open_page()
    page.button(key="see-tour").click().run()
    for name in ("place", "voice", "pause"):
        assert words(f"tour_{name}") in prose(page)
    page.button(key="watch").click().run()
    assert not page.exception
    assert clips[-1] is not None
    assert clips[-1].is_file()


def test_she_tells_about_herself_once(place: str, words: Words, library: Library) -> None:
    page = open_page()
    page.button(key="begin").click().run()
    first = questions(library.safety, "first_run")
    for question in first:
        assert words(f"ask_{question.id}") in prose(page) + " ".join(
            w.label for w in [*page.radio, *page.date_input]
        )
    page.text_input(key="name").set_value("Ana")
    page.radio(key="know-birth").set_value("vaginal")
    page.button(key="save").click().run()
    # What is still open is asked again, and only that.
    assert words("know_open") in prose(page)
    assert "know-birth" not in {radio.key for radio in page.radio}
    born = date.today() - timedelta(days=150)
    page.date_input(key="know-birth_date").set_value(born)
    page.radio(key="know-cleared").set_value("yes")
    for name in ("healing", "conditions", "pelvic"):
        page.checkbox(key=f"know-{name}-none").check()
    page.button(key="save").click().run()
    assert "Ana" in prose(page)
    assert page.button_group(key="now-0-pain_now")
    (profile,) = History(place).profiles()
    told = dict(History(place).answers(profile.id, date.today(), ()))
    assert {name: told[name] for name in ABOUT_HER} == dict(ABOUT_HER)
    assert told["birth_date"] == born.isoformat()


def test_going_on_without_an_answer_names_what_is_open_and_keeps_nobody(place: str, words: Words) -> None:
    page = open_page()
    page.button(key="begin").click().run()
    assert words("answers_open", count=6) not in prose(page)
    page.button(key="save").click().run()
    assert words("answers_open", count=6) in prose(page)
    assert words("ask_birth_date") in prose(page)
    assert not History(place).profiles()
    page.radio(key="know-birth").set_value("vaginal").run()
    assert words("ask_birth") not in prose(page)


def test_who_gave_no_name_is_named_in_the_language_the_page_has_now(place: str, library: Library) -> None:
    russian = Words(library, "ru")
    introduce(History(place), library.phrase("somebody", "en"), language="ru")
    greetings = {russian(f"greet_{part}") for part in ("morning", "afternoon", "evening")}
    assert any(greeting in prose(open_page()) for greeting in greetings)
    assert open_page("settings").text_input[0].value == russian("somebody")


def test_what_a_date_lacks_is_said_in_her_language(place: str, library: Library) -> None:
    page = open_page()
    page.button_group(key="choose-language").set_value("ru").run()
    page.button(key="begin").click().run()
    (gaps,) = [e.proto.body for e in page.get("html") if e.proto.body.startswith("<style>:root")]
    assert [library.phrase(f"date_{part}", "ru") in gaps for part in ("day", "month", "year")] == [True] * 3


def test_what_a_warning_rests_on_is_named_in_full(place: str, library: Library) -> None:
    introduce(History(place), bleeding="heavy")
    text = prose(open_page())
    assert library.safety.sources["S91"] in text
    assert "S91" not in text


def test_none_of_these_and_the_others_exclude_each_other(ana: Profile) -> None:
    page = open_page()
    page.checkbox(key="now-0-today-fever").check().run()
    page.checkbox(key="now-0-today-none").check().run()
    assert not page.checkbox(key="now-0-today-fever").value
    page.checkbox(key="now-0-today-calf").check().run()
    assert not page.checkbox(key="now-0-today-none").value


def test_stitches_are_asked_about_again_after_a_while(place: str, words: Words) -> None:
    history = History(place)
    bea = introduce(history, "Bea", healing=["stitches_sore"])
    page = open_page()
    assert words("know_open") not in prose(page)
    history.delete_profile(bea.id)
    cora = history.add_profile("Cora")
    long_ago = date.today() - timedelta(days=20)
    told = {**ABOUT_HER, "birth_date": (long_ago - timedelta(days=90)).isoformat(), "healing": ["stitches_sore"]}
    history.save_answers(cora.id, told, long_ago)
    page = open_page()
    assert words("know_open") in prose(page)
    assert page.checkbox(key="know-healing-stitches_sore").value
    page.button(key="save").click().run()
    assert words("know_open") not in prose(page)


# --- before a practice -----------------------------------------------------------------------------------------


def test_well_today_one_thing_is_proposed_with_why_and_how_long(
    ana: Profile, words: Words, library: Library, camera_calls: list[bool]
) -> None:
    page = check_in(open_page())
    text = prose(page)
    assert any(words.of(programme.name) in text for programme in library.programmes.values())
    assert words("why_first") in text
    assert " min" in text
    assert words("begin") in labels(page)
    page.button(key="start").click().run()
    assert not page.exception
    assert camera_calls[:2] == [False, True]  # the practice has begun, with no other button between
    assert words("stop") in labels(page)


def test_more_pain_since_the_last_session_is_offered_once_there_was_one(place: str, ana: Profile) -> None:
    def offered(n: int) -> set[str]:
        start = f"now-{n}-today-"
        keys = [box.key for box in open_page().checkbox if box.key]
        return {key.removeprefix(start) for key in keys if key.startswith(start)}

    first = offered(0)
    assert {*RED_TODAY, "exhausted", "none"} <= first
    practise(place, ana, 1)
    assert offered(1) - first == {"worse_since"}


def test_what_is_not_answered_is_asked_for(ana: Profile, words: Words) -> None:
    page = open_page()
    page.button_group(key="now-0-pain_now").set_value(2)
    page.button(key="save").click().run()
    assert words("answers_open", count=2) in prose(page)
    assert f"{words('ask_bleeding')} {words('ask_today')}" in prose(page)
    assert words("begin") not in labels(page)


def test_after_a_practice_it_is_all_asked_before_the_next(place: str, words: Words) -> None:
    practise(place, introduce(History(place)), 0, before=3, after=3, outcome="stopped")
    page = open_page()
    page.button_group(key="now-1-pain_now").set_value(2)
    page.button(key="save").click().run()
    assert words("answers_open", count=1) in prose(page)
    assert words("begin") not in labels(page)


@pytest.mark.parametrize("flag", RED_TODAY)
def test_a_red_flag_says_rest_and_whom_to_call_with_nothing_to_click_past(
    ana: Profile, words: Words, library: Library, camera_calls: list[bool], flag: str
) -> None:
    page = check_in(open_page(), today=flag)
    (rule,) = [r for r in library.safety.rules if any(flag in w.any for w in r.when) and r.colour == "red"]
    for opened in (page, open_page(), open_page("practice")):
        assert words("rest_title") in prose(opened)
        assert words(f"rule_{rule.id}") in prose(opened)
        assert words(f"contact_{rule.contact}") in prose(opened)
        assert not opened.button
    assert True not in camera_calls


@pytest.mark.parametrize("told", [{"bleeding": "heavy"}, {"pain_now": 8}])
def test_heavy_bleeding_and_much_pain_are_red_too(place: str, words: Words, told: dict[str, Any]) -> None:
    introduce(History(place), **told)
    for name in ("", "practice"):
        page = open_page(name)
        assert words("rest_title") in prose(page)
        assert not page.button


@pytest.mark.parametrize("name", ["", "today", "practice", "progress", "settings", "replay", "tune"])
def test_on_a_red_day_no_page_begins_an_exercise(
    place: str, words: Words, camera_calls: list[bool], name: str
) -> None:
    ana = introduce(History(place))
    practise(place, ana, 2)
    History(place).save_answers(ana.id, {"today": ["fever"]}, date.today())
    page = open_page(name)
    begins = {words("begin"), words("start"), words("again_from", exercise="Cat"), words("tour_watch")}
    assert not begins & labels(page)
    assert not {button.key for button in page.button} & {"start", "go-on", "watch"}
    assert True not in camera_calls


@pytest.mark.parametrize("exercise", ["cat", "downward_dog", "twist"])
def test_on_a_red_day_no_address_reaches_an_exercise(
    place: str, words: Words, camera_calls: list[bool], exercise: str
) -> None:
    introduce(History(place), today=["fever"])
    for query in ({"exercise": exercise}, {"programme": "five_minutes"}, {"start": "1"}):
        page = open_page("practice", **query)
        assert words("rest_title") in prose(page)
        assert not page.button
    assert True not in camera_calls


def test_without_answers_the_practice_page_leads_back(
    ana: Profile, words: Words, camera_calls: list[bool]
) -> None:
    page = open_page("practice")
    assert words("gate_check_in") in prose(page)
    assert labels(page) == {words("gate_answer")}
    assert True not in camera_calls


def test_an_amber_day_says_why_and_leaves_out_what_waits(place: str, words: Words) -> None:
    introduce(History(place), conditions=["wrists"])
    page = open_page()
    assert words("care_today") in prose(page)
    assert words("rule_wrists") in prose(page)
    page = open_page("practice")
    page.button(key="choose-cat").click().run()
    assert words("gate_locked", exercise="Cat") in prose(page)
    assert words("start") not in labels(page)
    page.button(key="choose-twist").click().run()
    assert words("start") in labels(page)


def test_too_early_after_the_birth_nothing_opens_before_its_day(place: str, words: Words) -> None:
    introduce(History(place), birth_date=(date.today() - timedelta(days=3)).isoformat(), birth="caesarean")
    page = open_page("practice")
    page.button(key="choose-twist").click().run()
    assert words("gate_locked", exercise="Seated twist") in prose(page)
    assert words("start") not in labels(page)


def test_answers_hold_for_the_day_and_not_past_a_practice(place: str, ana: Profile, words: Words) -> None:
    page = check_in(open_page())
    assert words("begin") in labels(page)
    assert words("begin") in labels(open_page())  # another visit on the same day
    practise(place, ana, 0, after=2)
    page = open_page()
    assert words("begin") not in labels(page)
    page.button(key="once-more").click().run()
    assert words("begin") in labels(check_in(page, n=1))


@pytest.mark.parametrize(
    ("outcome", "pain", "enough"), [("done", 2, True), ("stopped", 2, False), ("stopped", 7, True)]
)
def test_after_enough_for_the_day_nothing_is_asked_or_proposed(
    place: str, words: Words, outcome: Outcome, pain: int, enough: bool
) -> None:
    ana = introduce(History(place))
    practise(place, ana, 0, before=3, after=pain, outcome=outcome)
    page = open_page()
    assert (words("today_done") in prose(page)) is enough
    assert ("now-1-pain_now" not in {group.key for group in page.button_group}) is enough


def test_what_went_well_last_time_is_recalled(place: str, words: Words) -> None:
    ana = introduce(History(place))
    practise(place, ana, 2, strength="Cat: calm and steady.", next_time="Next time, Cat: Slow.")
    text = prose(check_in_again(open_page()))
    assert f"{words('last_time')} Cat: calm and steady. Next time, Cat: Slow." in text


def check_in_again(page: AppTest) -> AppTest:
    return check_in(page, n=1) if any(group.key == "now-1-pain_now" for group in page.button_group) else page


def test_what_a_programme_takes_is_said_before_it_begins(place: str, words: Words, library: Library) -> None:
    introduce(History(place))
    ball = library.programmes["fitball"]
    assert ball.equipment is not None
    needed = f"{words('needs')} {words.of(ball.equipment)}"
    page = open_page()
    page.button(key="propose-fitball").click().run()
    assert needed in prose(page)
    assert needed in prose(open_page("practice", programme="fitball"))


@pytest.mark.parametrize(
    ("outcome", "stopped_for", "minutes", "pain", "offered"),
    [
        ("broken", None, 20, 2, True),
        ("stopped", None, 20, 2, True),
        ("stopped", None, 20, 7, False),  # it hurts more now
        ("stopped", "dizzy", 20, 2, False),
        ("stopped", "baby", 20, 2, True),
        ("broken", None, 200, 2, False),
        ("done", None, 20, 2, False),
    ],
)
@pytest.mark.parametrize("at", ["", "practice"])
def test_a_practice_that_broke_off_can_be_gone_on_with(
    place: str,
    ana: Profile,
    words: Words,
    library: Library,
    camera_calls: list[bool],
    outcome: str,
    stopped_for: str | None,
    minutes: int,
    pain: int,
    offered: bool,
    at: str,
) -> None:
    began = datetime.now(UTC) - timedelta(minutes=minutes)
    history = History(place, now=lambda: began)
    first, second, *_ = library.programmes["five_minutes"].items
    writer = history.begin(ana.id, programme="five_minutes", pain_before=2, today=date.today())
    ids = (first.exercise, second.exercise)
    writer.add(Record("session_started", 0.0, programme="five_minutes", exercises=ids))
    writer.add(Record("exercise_started", 0.0, position=0, exercise=ids[0], strictness="gentle"))
    writer.add(Record("exercise_finished", 60.0, position=0, exercise=ids[0], outcome="done"))
    writer.add(Record("exercise_started", 70.0, position=1, exercise=ids[1], strictness="gentle"))
    if stopped_for:
        writer.add(Record("stopped_for", 80.0, position=1, exercise=ids[1], stop=stopped_for))
    if outcome != "broken":
        writer.add(Record("session_finished", 80.0, outcome="done" if outcome == "done" else "stopped"))
    history.set_pain_after(writer.session_id, pain)
    history.close()
    page = check_in(open_page(), n=1)
    page = open_page(at) if at else page
    label = words("again_from", exercise=words.of(library.exercises[ids[1]].name))
    assert (label in labels(page)) is offered
    if offered:
        page.button(key="go-on").click().run()
        assert not page.exception
        assert page.session_state["position"] == 1
        assert camera_calls[-1]


def test_what_was_done_on_another_day_is_not_left_out_of_the_rest(place: str, ana: Profile) -> None:
    practise(place, ana, 1)
    practise(place, ana, 0, exercises=("cat",), outcome="stopped", after=5)
    page = check_in(open_page(), n=2)
    page.button(key="go-on").click().run()
    assert page.session_state["position"] == 1


# --- after a practice ------------------------------------------------------------------------------------------


@pytest.fixture
def practised(place: str) -> str:
    return practise(place, introduce(History(place)), 0, before=3, after=None)


def test_how_her_back_is_now_is_asked_once_at_a_time(place: str, practised: str) -> None:
    page = open_page()
    assert {group.key for group in page.button_group} == {f"after-{practised}"}
    page.button(key="after-later").click().run()
    assert not page.button_group
    page.button(key="once-more").click().run()
    assert {group.key for group in page.button_group} == {"now-1-pain_now"}


@pytest.mark.parametrize(("hours", "asked"), [(17, True), (19, False)])
def test_how_her_back_was_is_not_asked_after_a_night(place: str, hours: int, asked: bool) -> None:
    ana = introduce(History(place))
    history = History(place, now=lambda: datetime.now(UTC) - timedelta(hours=hours))
    writer = history.begin(ana.id, pain_before=3, today=date.today())
    writer.add(Record("exercise_started", 0.0, position=0, exercise="cat", strictness="gentle"))
    writer.add(Record("session_finished", 90.0, outcome="done"))
    history.close()
    assert (f"after-{writer.session_id}" in {group.key for group in open_page().button_group}) is asked


@pytest.mark.parametrize("tapped", ["after-save", "after-later"])
def test_what_she_broke_off_asks_nothing_more_once_it_was_asked_after(
    place: str, words: Words, tapped: str
) -> None:
    session = practise(place, introduce(History(place)), 0, before=3, after=None, outcome="stopped")
    page = open_page()
    page.button_group(key=f"after-{session}").set_value(3).run()
    page.button(key=tapped).click().run()
    assert words("today_done") in prose(page)
    assert not page.button_group
    page.button(key="once-more").click().run()
    assert "go-on" in {button.key for button in check_in(page, n=1).button}, "the rest of it is still offered"


@pytest.mark.parametrize(("outcome", "enough"), [("unseen", True), ("skipped", False)])
def test_what_could_not_be_seen_was_a_practice_all_the_same(
    place: str, words: Words, outcome: Outcome, enough: bool
) -> None:
    writer = person.history().begin(introduce(History(place)).id, pain_before=3, today=date.today())
    writer.add(Record("exercise_started", 0.0, position=0, exercise="cat", strictness="gentle"))
    writer.add(Record("exercise_finished", 90.0, position=0, exercise="cat", outcome=outcome))
    writer.add(Record("session_finished", 90.0, outcome="done"))
    person.history().set_pain_after(writer.session_id, 3)
    assert (words("today_done") in prose(open_page())) is enough


@pytest.fixture
def elsewhere(place: str) -> Writer:
    """What writes a practice down that goes on in another window."""
    writer = person.history().begin(introduce(History(place)).id, programme="five_minutes", today=date.today())
    writer.add(Record("session_started", 0.0, programme="five_minutes", exercises=("cat", "downward_dog")))
    writer.add(Record("exercise_started", 0.0, position=0, exercise="cat", strictness="gentle"))
    writer.add(Record("exercise_finished", 60.0, position=0, exercise="cat", outcome="done"))
    writer.add(Record("exercise_started", 70.0, position=1, exercise="downward_dog", strictness="gentle"))
    return writer


def test_a_practice_in_another_window_is_asked_after_once_it_is_over(words: Words, elsewhere: Writer) -> None:
    page = open_page()
    assert words("elsewhere") in prose(page)
    assert (labels(page), len(page.button_group)) == ({words("elsewhere_anyway")}, 0)
    elsewhere.add(Record("session_finished", 80.0, outcome="done"))
    page.run()
    assert words("elsewhere") not in prose(page)
    assert {group.key for group in page.button_group} == {f"after-{elsewhere.session_id}"}


def test_she_may_go_on_here_all_the_same(words: Words, elsewhere: Writer) -> None:
    page = open_page()
    page.button(key="here-anyway").click().run()
    assert words("elsewhere") not in prose(page)
    assert {group.key for group in page.button_group} == {"now-1-pain_now"}, "how she is, not how she was after it"
    page = check_in(page, n=1)
    assert words("begin") in labels(page)
    assert "go-on" not in {button.key for button in page.button}, "nothing broke off"


def test_a_practice_she_left_in_this_window_is_over(elsewhere: Writer) -> None:
    page = pages.closed("")
    page.session_state["writer"] = elsewhere
    page.run()
    assert {group.key for group in page.button_group} == {f"after-{elsewhere.session_id}"}


def test_on_a_page_loaded_anew_it_can_be_gone_on_with_once_it_is_over(elsewhere: Writer) -> None:
    page = open_page("practice")
    assert "go-on" not in {button.key for button in page.button}
    elsewhere.add(Record("exercise_finished", 80.0, position=1, exercise="downward_dog", outcome="stopped"))
    elsewhere.add(Record("session_finished", 80.0, outcome="stopped"))
    page._page_hash = calc_hash("practice")
    page.run()
    assert "go-on" in {button.key for button in page.button}


def test_a_practice_that_broke_off_with_the_program_goes_on_nowhere(words: Words, elsewhere: Writer) -> None:
    person.history.clear()  # the program is started anew
    assert words("elsewhere") not in prose(open_page())


def test_afterwards_it_asks_how_her_back_is(place: str, words: Words, practised: str) -> None:
    page = open_page()
    page.button_group(key=f"after-{practised}").set_value(1).run()
    page.button(key="after-save").click().run()
    assert words("after_thanks") in prose(page)
    (profile,) = History(place).profiles()
    assert History(place).sessions(profile.id)[-1].pain_after == 1
    assert "after-save" not in {button.key for button in page.button}


def test_more_pain_is_met_kindly(words: Words, practised: str) -> None:
    page = open_page()
    page.button_group(key=f"after-{practised}").set_value(6).run()
    page.button(key="after-save").click().run()
    assert words("pain_more") in prose(page)


def test_later_is_an_answer_too(words: Words, practised: str) -> None:
    page = open_page()
    page.button(key="after-later").click().run()
    assert "after-save" not in {button.key for button in page.button}
    assert "after-save" in {button.key for button in open_page().button}  # the next time she opens the page


def test_yesterday_is_not_asked_for_any_more(place: str) -> None:
    practise(place, introduce(History(place)), 2, after=None)
    assert "after-save" not in {button.key for button in open_page().button}


# --- the history -----------------------------------------------------------------------------------------------


def test_a_history_that_cannot_be_read_is_said_and_she_goes_on(
    monkeypatch: pytest.MonkeyPatch, place: str, words: Words
) -> None:
    Path(place).write_bytes(b"This is no database." * 500)
    page = open_page()
    aside = [path.name for path in Path(place).parent.iterdir() if path.name != Path(place).name]
    assert aside
    assert words("welcome_title") in prose(page)
    assert "could not be read any more" in prose(page)
    page.button(key="understood").click().run()
    assert "could not be read any more" not in prose(page)


def test_a_wrong_address_of_the_history_is_said(monkeypatch: pytest.MonkeyPatch, place: str, words: Words) -> None:
    monkeypatch.setenv("POSECHECK_DATABASE", "nothing://at/all")
    page = open_page()
    assert "POSECHECK_DATABASE" in prose(page)


# --- language --------------------------------------------------------------------------------------------------


def test_her_language_comes_with_her(place: str, library: Library) -> None:
    introduce(History(place), language="ru")
    page = open_page()
    assert Words(library, "ru")("nav_settings") in {link.proto.label for link in page.get("page_link")}
    assert Words(library, "ru")("care_title")
    assert Words(library, "ru")("begin") in labels(page)


def test_the_language_can_be_changed(place: str, ana: Profile, library: Library) -> None:
    page = open_page("settings")
    page.button_group(key="choose-language").set_value("ru").run()
    assert Words(library, "ru")("settings_data") in prose(page)
    (profile,) = History(place).profiles()
    assert profile.language == "ru"


def test_every_page_has_a_name_in_the_row(place: str, words: Words) -> None:
    page = pages.open_page()
    names = [link.proto.label for link in page.get("page_link")]
    assert names[:2] == [words("nav_today"), words("nav_practice")]
    assert words("nav_settings") in names
