"""Safety: what each answer leads to, and that nothing unknown ever opens anything."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.diary import Clearance
from posecheck.folders import routines_folder
from posecheck.library import Library, load_library
from posecheck.safety import Verdict, after_session, assess, compare_pain, questions

RULES = load_library(routines_folder()).safety
EXERCISES = ("cat", "child", "downward_dog", "eagle", "fitball", "letter_t", "lotus", "twist")
TODAY = date(2026, 11, 22)
GENTLE = {"lotus", "eagle"}
WELL: dict[str, Any] = {
    "birth_date": "2026-05-01",
    "birth": "vaginal",
    "healing": ["none"],
    "cleared": "yes",
    "conditions": ["none"],
    "pelvic": ["none"],
    "pain_now": 2,
    "bleeding": "stopped",
    "today": ["none"],
}
"""A woman half a year after a birth without complications, on a good day."""


def born(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def verdict(*clearances: Clearance, **changed: Any) -> Verdict:
    answers = {k: v for k, v in (WELL | changed).items() if v is not None}
    return assess(RULES, answers, EXERCISES, TODAY, clearances)


def phrases(found: Verdict) -> list[str]:
    return [reason.phrase for reason in found.reasons]


# --- green -----------------------------------------------------------------------------------------------------


def test_well_and_cleared_opens_everything() -> None:
    found = verdict()
    assert found.colour == "green"
    assert found.open == set(EXERCISES)
    assert found.ready
    assert found.may("twist")
    assert (found.reasons, found.missing, found.gentle, dict(found.locked)) == ((), (), False, {})


# --- red -------------------------------------------------------------------------------------------------------

RED = [
    ("bleeding", "heavy", "rule_heavy_bleeding", "contact_urgent"),
    ("today", ["fever"], "rule_fever", "contact_care"),
    ("today", ["chest"], "rule_chest", "contact_emergency"),
    ("today", ["head"], "rule_head", "contact_urgent"),
    ("today", ["calf"], "rule_calf", "contact_urgent"),
    ("today", ["wound"], "rule_wound", "contact_care"),
    ("today", ["belly"], "rule_belly", "contact_urgent"),
    ("today", ["harm"], "rule_harm", "contact_harm"),
    ("pain_now", 6, "rule_much_pain", "contact_pain"),
    ("pain_now", 10, "rule_much_pain", "contact_pain"),
]


@pytest.mark.parametrize(("question", "answer", "phrase", "contact"), RED)
def test_a_red_flag_closes_everything_and_says_whom_to_turn_to(
    question: str, answer: Any, phrase: str, contact: str
) -> None:
    yes = Clearance(TODAY, True, None, "my doctor")
    found = verdict(yes, **{question: answer})
    assert found.colour == "red"
    assert found.open == frozenset()
    assert not found.ready
    assert (found.reasons[0].phrase, found.reasons[0].contact) == (phrase, contact)
    assert set(found.locked) == set(EXERCISES)
    assert all(lock.reasons[0].phrase == phrase for lock in found.locked.values())


def test_every_red_rule_is_tried() -> None:
    red = {f"rule_{rule.id}" for rule in RULES.rules if rule.colour == "red"}
    assert red == {phrase for _, _, phrase, _ in RED}


def test_none_of_these_beside_a_flag_does_not_hide_it() -> None:
    assert verdict(today=["none", "chest"]).colour == "red"


# --- amber -----------------------------------------------------------------------------------------------------

AMBER = [
    ({"birth": "caesarean", "birth_date": born(40)}, "rule_caesarean_new", GENTLE),
    ({"healing": ["stitches_sore"]}, "rule_stitches", GENTLE),
    ({"healing": ["severe_tear"], "birth_date": born(60)}, "rule_severe_tear", GENTLE),
    ({"healing": ["complications"], "birth_date": born(13)}, "rule_complications_new", {"lotus"}),
    ({"conditions": ["anaemia"]}, "rule_conditions", GENTLE),
    ({"pelvic": ["doming"]}, "rule_pelvic", GENTLE),
    ({"pelvic": ["girdle_pain"]}, "rule_girdle", GENTLE),
    ({"today": ["worse_since"]}, "rule_worse_since", GENTLE),
    ({"today": ["exhausted"]}, "rule_exhausted", GENTLE),
    ({"conditions": ["wrists"]}, "rule_wrists", set(EXERCISES) - {"cat", "downward_dog"}),
    ({"today": ["wrists_today"]}, "rule_wrists_today", set(EXERCISES) - {"cat", "downward_dog"}),
    ({"pain_now": 4}, "rule_some_pain", set(EXERCISES)),
    ({"pain_now": 5}, "rule_some_pain", set(EXERCISES)),
]


@pytest.mark.parametrize(("changed", "phrase", "open_"), AMBER)
def test_amber_leaves_what_is_gentle(changed: dict[str, Any], phrase: str, open_: set[str]) -> None:
    found = verdict(**changed)
    assert found.colour == "amber"
    assert phrases(found) == [phrase]
    assert found.open == open_


def test_every_amber_rule_is_tried() -> None:
    amber = {f"rule_{rule.id}" for rule in RULES.rules if rule.colour == "amber"}
    assert amber == {phrase for _, phrase, _ in AMBER}


@pytest.mark.parametrize(("changed", "phrase", "open_"), AMBER)
def test_a_professional_lifts_what_is_theirs_to_lift(
    changed: dict[str, Any], phrase: str, open_: set[str]
) -> None:
    found = verdict(Clearance(TODAY, True, None, "my physiotherapist", "small movements"), **changed)
    rule = next(r for r in RULES.rules if f"rule_{r.id}" == phrase)
    if rule.professional:
        assert found.colour == "green"
        assert found.open == set(EXERCISES)
        assert phrases(found) == ["professional_yes"]
        assert dict(found.reasons[0].values) == {
            "by": "my physiotherapist",
            "note": "small movements",
            "day": TODAY,
        }
    else:
        assert found.colour == "amber"
        assert found.open == open_


# --- openings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "changed", "open_"),
    [
        (0, {}, {"lotus"}),
        (3, {}, GENTLE),
        (13, {}, GENTLE),
        (14, {}, GENTLE | {"cat", "child"}),
        (14, {"bleeding": "steady"}, GENTLE),
        (42, {}, set(EXERCISES)),
        (42, {"cleared": "not_yet"}, set(EXERCISES) - {"downward_dog", "fitball"}),
        (42, {"bleeding": "lessening"}, set(EXERCISES) - {"downward_dog"}),
        (41, {"birth": "caesarean"}, GENTLE),
        (56, {"birth": "caesarean"}, set(EXERCISES) - {"twist", "letter_t"}),
        (84, {"birth": "caesarean"}, set(EXERCISES)),
        (84, {"birth": "caesarean", "cleared": "not_yet"}, GENTLE),
        (84, {"birth": "rather_not", "cleared": "not_yet"}, GENTLE),
    ],
)
def test_exercises_open_with_time_and_clearance(days: int, changed: dict[str, Any], open_: set[str]) -> None:
    assert verdict(birth_date=born(days), **changed).open == open_


def test_a_lock_says_when_and_why() -> None:
    found = verdict(birth_date=born(20), cleared="not_yet")
    lock = found.locked["downward_dog"]
    assert lock.opens_on == TODAY + timedelta(days=22)
    assert [reason.phrase for reason in lock.reasons] == ["opens_on", "need_cleared"]
    assert lock.reasons[0].values["weeks"] == 6
    assert lock.reasons[0].source.startswith("C2")
    assert found.colour == "green"


def test_a_professional_opens_early_and_closes_as_well() -> None:
    early = Clearance(TODAY - timedelta(days=2), True, ("twist",), "my midwife", "only small")
    late = Clearance(TODAY - timedelta(days=1), False, ("lotus",), "", "knees")
    found = verdict(early, late, birth_date=born(4))
    assert found.open == {"twist", "eagle"}
    assert found.locked["lotus"].reasons[0].phrase == "someone_no"
    again = Clearance(TODAY, True, ("lotus",), "")
    assert verdict(early, late, again, birth_date=born(4)).may("lotus")


def test_an_exercise_that_the_rules_do_not_name_opens_last() -> None:
    found = assess(RULES, WELL | {"birth_date": born(42), "birth": "caesarean"}, ["handstand"], TODAY)
    assert found.locked["handstand"].opens_on == TODAY + timedelta(days=42)


# --- unknown ---------------------------------------------------------------------------------------------------


def test_no_answers_open_nothing_and_ask() -> None:
    found = assess(RULES, {}, EXERCISES, TODAY)
    assert found.colour == "amber"
    assert found.open == frozenset()
    assert found.missing == tuple(q.id for q in RULES.questions)


@pytest.mark.parametrize("question", [q.id for q in RULES.questions])
def test_an_answer_that_is_missing_is_asked_for_and_never_green(question: str) -> None:
    found = verdict(**{question: None})
    assert found.colour == "amber"
    assert found.missing == (question,)
    assert f"unanswered_{question}" in phrases(found)


@pytest.mark.parametrize("question", [q.id for q in questions(RULES, "session") if q.id != "pain_now"])
def test_without_the_red_flags_answered_nothing_opens(question: str) -> None:
    assert verdict(**{question: None}).open == frozenset()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("birth_date", "yesterday"),
        ("birth_date", 7),
        ("birth", "stork"),
        ("birth", ["vaginal", "caesarean"]),
        ("pain_now", 11),
        ("pain_now", -1),
        ("pain_now", True),
        ("pain_now", "2"),
        ("today", []),
        ("today", ["none", "something new"]),
        ("healing", {"none": True}),
        ("conditions", "nothing"),
    ],
)
def test_an_answer_that_is_not_understood_is_no_answer(question: str, answer: Any) -> None:
    found = verdict(**{question: answer})
    assert found.colour == "amber"
    assert found.missing == (question,)


def test_a_birth_still_to_come_opens_nothing() -> None:
    found = verdict(birth_date=(TODAY + timedelta(days=30)).isoformat())
    assert found.open == frozenset()
    assert "birth_ahead" in phrases(found)


def test_not_sure_is_an_answer_and_asks_no_more() -> None:
    found = verdict(cleared="unsure", birth="rather_not")
    assert found.missing == ()
    assert found.open == GENTLE
    assert found.locked["downward_dog"].reasons[0].phrase == "unanswered_cleared"


def any_answer(question: Any) -> st.SearchStrategy[Any]:
    if question.kind == "date":
        return st.integers(-10, 400).map(born)
    if question.kind == "scale":
        return st.integers(0, 10)
    one = st.sampled_from(question.options)
    return one if question.kind == "choice" else st.lists(one, min_size=1, max_size=3, unique=True)


ANSWERS = st.fixed_dictionaries({}, optional={q.id: any_answer(q) for q in RULES.questions})
WORDS = st.lists(
    st.builds(
        Clearance,
        day=st.integers(0, 40).map(lambda d: TODAY - timedelta(days=d)),
        allows=st.booleans(),
        exercises=st.none() | st.lists(st.sampled_from(EXERCISES), max_size=3).map(tuple),
        by=st.sampled_from(["", "my midwife"]),
    ),
    max_size=3,
)


@given(ANSWERS, WORDS)
def test_each_exercise_is_open_or_locked_with_a_reason(answers: dict[str, Any], words: list[Clearance]) -> None:
    found = assess(RULES, answers, EXERCISES, TODAY, words)
    assert found.open.isdisjoint(found.locked)
    assert found.open | set(found.locked) == set(EXERCISES)
    assert all(lock.reasons for lock in found.locked.values())
    if found.colour == "red":
        assert not found.open
        assert found.reasons[0].contact
    if found.missing:
        assert found.colour != "green"


@given(ANSWERS, WORDS, st.sampled_from(RULES.questions), st.data())
def test_less_known_never_opens_more(
    answers: dict[str, Any], words: list[Clearance], question: Any, data: st.DataObject
) -> None:
    """Whatever the answer would have been, leaving it out opens nothing that the answer would not have opened."""
    answered = answers | {question.id: data.draw(any_answer(question))}
    unanswered = {k: v for k, v in answers.items() if k != question.id}
    more = assess(RULES, answered, EXERCISES, TODAY, words)
    less = assess(RULES, unanswered, EXERCISES, TODAY, words)
    assert less.open <= more.open
    assert less.gentle or not more.gentle


@given(ANSWERS, st.integers(0, 300))
def test_time_alone_never_closes(answers: dict[str, Any], days: int) -> None:
    answers = answers | {"birth_date": born(10)}
    now = assess(RULES, answers, EXERCISES, TODAY)
    later = assess(RULES, answers, EXERCISES, TODAY + timedelta(days=days))
    assert now.open <= later.open


# --- pain ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (5, 4, "same"),
        (5, 3, "less"),
        (8, 6, "same"),  # two points, but under 30 %
        (8, 5, "less"),
        (2, 0, "less"),
        (1, 0, "same"),
        (0, 0, "same"),
        (3, 4, "same"),
        (3, 5, "more"),
        (8, 10, "more"),
        (None, 3, None),
        (3, None, None),
    ],
)
def test_pain_is_read_with_its_noise(before: int | None, after: int | None, expected: str | None) -> None:
    assert compare_pain(RULES.pain, before, after) == expected


def test_more_pain_after_a_session_gets_a_kind_word() -> None:
    reason = after_session(RULES, 2, 5)
    assert reason is not None
    assert reason.phrase == "pain_more"
    assert after_session(RULES, 5, 2) is None
    assert after_session(RULES, None, 9) is None


# --- words -----------------------------------------------------------------------------------------------------


def test_every_sentence_is_there_kind_and_without_command(library: Library) -> None:
    for name in RULES.phrases():
        sentence = library.phrases[name]["en"]
        for word in ("wrong", "bad ", "incorrect", "must", "should"):
            assert word not in sentence.lower(), (name, sentence)


def test_every_gap_of_a_reason_can_be_filled(library: Library) -> None:
    yes = Clearance(TODAY, True, ("twist",), "my midwife")
    no = Clearance(TODAY, False, ("cat",), "")
    for found in (
        verdict(yes, no, birth_date=born(1)),
        verdict(birth_date=born(1)),
        assess(RULES, {}, EXERCISES, TODAY),
    ):
        reasons = [*found.reasons, *(r for lock in found.locked.values() for r in lock.reasons)]
        for reason in reasons:
            sentence = library.phrase(reason.phrase, "en", **reason.values)
            assert "{" not in sentence
    lock = verdict(birth_date=born(20)).locked["twist"]
    said = library.phrase(lock.reasons[0].phrase, "en", **lock.reasons[0].values)
    assert said == "Opens 6 weeks after the birth, on December 14, 2026."


def test_every_source_mark_is_explained() -> None:
    import re

    said = [q.source for q in RULES.questions] + [r.source for r in RULES.rules] + [w.source for w in RULES.stop]
    said += [u.source for u in RULES.unlock.values()] + [RULES.pain.source]
    marks = {mark for text in said for mark in re.findall(r"\b[ACS]\d+\b|article", text)}
    assert marks <= set(RULES.sources)
