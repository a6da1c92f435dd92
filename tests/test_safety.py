"""Safety: what each answer leads to, and that nothing unknown ever opens anything."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.definitions import validate_files
from posecheck.diary import Clearance
from posecheck.errors import DefinitionError
from posecheck.folders import routines_folder
from posecheck.library import Library, load_library
from posecheck.safety import Opening, Unlock, When
from posecheck.screening import Verdict, after_session, assess, compare_pain, daily, due_again, questions

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
    ("today", ["bleeding_again"], "rule_bleeding_again", "contact_urgent"),
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
        assert not found.gentle
        assert phrases(found) == ["professional_yes"]
        assert dict(found.reasons[0].values) == {
            "by": "my physiotherapist",
            "note": "small movements",
            "day": TODAY,
        }
    else:
        assert found.colour == "amber"
        assert found.open == open_


def test_a_professional_who_speaks_of_one_exercise_lifts_nothing_for_the_others() -> None:
    found = verdict(Clearance(TODAY, True, ("twist",), "my physiotherapist"), conditions=["anaemia"])
    assert found.colour == "amber"
    assert found.open == GENTLE | {"twist"}
    assert "rule_conditions" in phrases(found)


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
    assert [reason.phrase for reason in lock.reasons] == ["opens_on", "need_cleared"]
    assert lock.reasons[0].values == {"day": TODAY + timedelta(days=22), "weeks": 6}
    assert lock.reasons[0].source.startswith("C2")
    assert found.colour == "green"


def test_of_two_words_of_a_day_the_last_one_given_holds() -> None:
    yes, no = Clearance(TODAY, True, ("twist",), "my midwife"), Clearance(TODAY, False, ("twist",), "my doctor")
    assert not verdict(yes, no).may("twist")
    assert verdict(no, yes).may("twist")


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
    opens = next(reason for reason in found.locked["handstand"].reasons if reason.phrase == "opens_on")
    assert opens.values["day"] == TODAY + timedelta(days=42)


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
    assert found.missing == ("birth_date",)
    assert "birth_ahead" in phrases(found)


def test_none_of_these_beside_another_answer_opens_nothing_that_needs_it() -> None:
    opening = Opening.model_validate({"after": "0 days", "needs": ["nothing"]})
    changed = {
        "needs": {"nothing": When(question="conditions", any=("none",))},
        "unlock": {"default": Unlock(plain=opening, careful=opening, source="own")},
    }
    rules = RULES.model_copy(update=changed)
    assert assess(rules, WELL, ["twist"], TODAY).may("twist")
    assert not assess(rules, WELL | {"conditions": ["none", "wrists"]}, ["twist"], TODAY).may("twist")


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


def test_what_is_settled_is_not_asked_every_day() -> None:
    assert [q.id for q in daily(RULES, {}, practised=True)] == ["pain_now", "bleeding", "today"]
    lessening, stopped = ({"bleeding": said} for said in ("lessening", "stopped"))
    assert [q.id for q in daily(RULES, lessening, practised=True)] == ["pain_now", "bleeding", "today"]
    assert [q.id for q in daily(RULES, stopped, practised=True)] == ["pain_now", "today"]


def test_what_looks_back_at_a_session_is_the_only_thing_not_offered_before_the_first() -> None:
    before, after = (daily(RULES, {}, practised=practised)[-1].options for practised in (False, True))
    assert after == next(q.options for q in RULES.questions if q.id == "today")
    assert before == tuple(option for option in after if option != "worse_since")


def test_what_keeps_something_closed_is_asked_again_after_a_while() -> None:
    answers = WELL | {"healing": ["stitches_sore"], "cleared": "not_yet"}
    long_ago = {q.id: TODAY - timedelta(days=14) for q in RULES.questions}
    assert [q.id for q in due_again(RULES, answers, long_ago, TODAY)] == ["healing", "cleared"]
    assert due_again(RULES, answers, long_ago, TODAY - timedelta(days=1)) == ()
    assert due_again(RULES, WELL, long_ago, TODAY) == ()
    wrists = WELL | {"conditions": ["wrists"]}
    assert due_again(RULES, wrists, long_ago, TODAY) == ()
    assert [q.id for q in due_again(RULES, wrists, long_ago, TODAY + timedelta(weeks=4))] == ["conditions"]


def test_what_was_never_answered_is_not_asked_again() -> None:
    assert due_again(RULES, {}, {}, TODAY) == ()


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


# --- the file --------------------------------------------------------------------------------------------------

SHIPPED = (routines_folder() / "safety.yaml").read_text(encoding="utf-8")


def line(text: str) -> int:
    """Return the line on which a text first stands in the shipped file."""
    return SHIPPED[: SHIPPED.index(text)].count("\n") + 1


WRONG = [
    (
        "kind: choice\n    options: [vaginal, caesarean, rather_not]",
        "kind: choice\n    options: [rather_not]",
        "- id: birth\n",
        "questions[birth]: a question of kind 'choice' needs at least two options",
    ),
    (
        "kind: scale,",
        "kind: scale, options: [low, high],",
        "- {id: pain_now",
        "questions[pain_now].options: a question of kind 'scale' has no options",
    ),
    (
        "    nothing: none\n    again: 2 weeks       #",
        "    again: 2 weeks  #",
        "- id: healing",
        "questions[healing]: 'nothing' names the option for \"none of these\": for 'several', and only there",
    ),
    (
        "unsure: [unsure]",
        "unsure: [dunno]",
        "- id: cleared",
        "questions[cleared]: 'dunno' is not among the options",
    ),
    (
        "- {id: fever, when: [{question: today, any: [fever]}]",
        "- {id: fever, when: [{question: today, any: [feber]}]",
        "- {id: fever",
        "rules[fever].when[0].any[0]: 'today' has no option 'feber'. Did you mean 'fever'?",
    ),
    (
        "{question: today, any: [chest]}",
        "{question: todai, any: [chest]}",
        "- {id: chest, when",
        "rules[chest].when[0].question: unknown question 'todai'. Did you mean 'today'?",
    ),
    (
        "{question: pain_now, min: 6}",
        "{question: pain_now, any: [fever]}",
        "- {id: much_pain",
        "rules[much_pain].when[0]: 'pain_now' is a question of kind 'scale': give 'min' or 'max'",
    ),
    (
        "{question: birth_date, within: 8 weeks}",
        "{question: birth_date, min: 3}",
        "{question: birth_date, within: 8 weeks}",
        "rules[caesarean_new].when[1]: 'birth_date' is a question of kind 'date': give 'within'",
    ),
    (
        "within: 8 weeks",
        "within: 8",
        "within: 8 weeks",
        "rules[caesarean_new].when[1].within: expected a time in days or weeks, such as '14 days' or '6 weeks'",
    ),
    (
        'colour: red, contact: urgent, source: "C2: S90, S91"',
        "colour: red, source: own",
        "- {id: heavy_bleeding",
        "rules[heavy_bleeding]: a red rule says whom to turn to: give 'contact'",
    ),
    (
        'colour: red, contact: care, source: "C2: S41, S87"',
        "colour: red, contact: care, professional: true, source: own",
        "- {id: fever",
        "rules[fever]: a red rule closes every exercise, and no word lifts it: "
        "leave out only, hides, professional",
    ),
    (
        "- {id: head, when",
        "- {id: chest, when",
        "- {id: head, when",
        "rules[chest].id: the id 'chest' is taken; ids must differ",
    ),
    ("birth: birth_date", "birth: birth", "birth: birth_date", "birth: 'birth' is not a question of kind 'date'"),
    (
        "plain: {after: 2 weeks, needs: [bleeding_less]}",
        "plain: {after: 2 weeks, needs: [bleeding_les]}",
        "plain: {after: 2 weeks, needs: [bleeding_less]}",
        "unlock.cat.plain.needs[0]: unknown need 'bleeding_les'. Did you mean 'bleeding_less'?",
    ),
    ("  default:\n", "  others:\n", "unlock:", "unlock: missing key 'default'"),
]


@pytest.mark.parametrize(("old", "new", "where", "expected"), WRONG, ids=[w[3][:50] for w in WRONG])
def test_a_wrong_file_says_what_and_where(tmp_path: Path, old: str, new: str, where: str, expected: str) -> None:
    assert old in SHIPPED
    path = tmp_path / "safety.yaml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    assert validate_files([path]) == [f"{path}:{line(where)}: {expected}"]


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("hides: [downward_dog, cat]", "hides: [downward_dog, ct]", ".hides[1]", "'ct'. Did you mean 'cat'?"),
        ("only: [lotus, eagle]", "only: [lotus, eagel]", ".only[1]", "'eagel'. Did you mean 'eagle'?"),
        ("  twist:\n", "  twst:\n", "unlock.twst", "'twst'. Did you mean 'twist'?"),
    ],
)
def test_what_is_closed_or_opened_is_an_exercise_that_there_is(
    tmp_path: Path, old: str, new: str, where: str, said: str
) -> None:
    folder = tmp_path / "routines"
    shutil.copytree(routines_folder(), folder)
    path = folder / "safety.yaml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    [fault] = validate_files([path])
    assert fault.startswith(f"{path}:{line(old)}: ")
    assert fault.endswith(f"{where}: unknown exercise {said}")
    with pytest.raises(DefinitionError) as caught:
        load_library(folder)
    assert caught.value.faults == [fault]


def test_a_sentence_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    shutil.copytree(routines_folder(), tmp_path / "routines")
    phrases = tmp_path / "routines" / "languages" / "en" / "safety.yaml"
    text = phrases.read_text(encoding="utf-8")
    phrases.write_text(re.sub(r"  rule_fever: .*\n", "", text), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_library(tmp_path / "routines")
    folder = tmp_path / "routines"
    expected = f"{folder / 'safety.yaml'}: missing phrase 'rule_fever' in {folder / 'languages' / 'en'}"
    assert expected in caught.value.faults


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


def test_a_source_is_cited_in_full_and_a_note_of_ours_by_what_it_cites() -> None:
    assert RULES.cited("C4: S99; own: pain from 6 no start") == (RULES.sources["S99"],)
    assert RULES.cited("C2") == tuple(RULES.sources[code] for code in ("S41", "S82", "S92"))
    assert RULES.cited("own: 3 days") == ()


def test_every_source_mark_is_explained() -> None:
    said = [q.source for q in RULES.questions] + [r.source for r in RULES.rules] + [w.source for w in RULES.stop]
    said += [u.source for u in RULES.unlock.values()] + [RULES.pain.source]
    marks = {mark for text in said for mark in re.findall(r"\b[ACS]\d+\b|article", text)}
    assert marks <= set(RULES.sources)
