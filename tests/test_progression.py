"""Progression: doses grow with practice, fall back after a break or a bad day, and red never proposes anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.definitions import validate_files
from posecheck.diary import Clearance, PastExercise, PastOutcome, PastSession
from posecheck.folders import routines_folder
from posecheck.library import Library, load_library
from posecheck.programmes import Dose, Programme, ProgrammeItem
from posecheck.progression import Proposal, ProposedItem, doses, propose, suggest
from posecheck.screening import Verdict, assess

LIBRARY = load_library(routines_folder())
RULES, SAFETY, EXERCISES = LIBRARY.progression, LIBRARY.safety, LIBRARY.exercises
TODAY = date(2026, 11, 22)
WELL: Mapping[str, Any] = {
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
PROGRAMME = Programme.model_validate(
    {
        "schema": "posecheck/programme@1",
        "id": "evening",
        "name": {"en": "Evening"},
        "summary": {"en": "A little of each."},
        "rank": 1,
        "items": [
            {
                "exercise": "cat",
                "start": {"cycles": 6},
                "upto": {"cycles": 8},
                "pace": "8 s",
                "rest": "10 s",
                "source": "own",
            },
            {
                "exercise": "twist",
                "start": {"hold": "15 s", "times": 2},
                "upto": {"hold": "20 s", "times": 4},
                "rest": "0 s",
                "source": "own",
            },
        ],
        "source": "own",
    }
)


def verdict(*words: Clearance, **changed: Any) -> Verdict:
    return assess(SAFETY, dict(WELL) | changed, EXERCISES, TODAY, words)


def session(
    days_ago: int,
    before: int | None = 3,
    after: int | None = 3,
    *,
    names: tuple[str, ...] = ("cat", "twist"),
    outcome: PastOutcome = "done",
    stopped_for: str | None = None,
    programme: str | None = "evening",
    during: str | None = None,
) -> PastSession:
    day = TODAY - timedelta(days=days_ago)
    return PastSession(
        id=f"{days_ago}",
        profile="ana",
        day=day,
        started_at=datetime(day.year, day.month, day.day, 18, tzinfo=UTC),
        programme=programme,
        pain_before=before,
        pain_after=after,
        stopped_for=stopped_for,
        exercises=tuple(
            PastExercise(n, i, outcome=outcome, stopped_for=stopped_for if n == during else None)
            for i, n in enumerate(names)
        ),
    )


def proposal(*past: PastSession, today: date = TODAY, **changed: Any) -> Proposal:
    return propose(PROGRAMME, RULES, SAFETY, EXERCISES, past, verdict(**changed), today)


def cat(found: Proposal) -> ProposedItem:
    return next(item for item in found.items if item.exercise == "cat")


def cycles(found: Proposal) -> int | None:
    return cat(found).cycles


def said(library: Library, found: Proposal, exercise: str = "cat") -> list[str]:
    item = next(item for item in found.items if item.exercise == exercise)
    return [library.phrase(b.phrase, "en", **b.values) for b in item.because]


def why(library: Library, found: Proposal) -> list[str]:
    return [library.phrase(b.phrase, "en", **b.values) for b in found.because]


# --- the doses -------------------------------------------------------------------------------------------------


def test_an_item_grows_step_by_step_and_both_sides_together() -> None:
    cycles = doses(PROGRAMME.items[0], EXERCISES["cat"], RULES)
    assert [d.cycles for d in cycles if d] == [6, 7, 8]
    holds = doses(PROGRAMME.items[1], EXERCISES["twist"], RULES)
    assert [(d.hold, d.times) for d in holds if d] == [(15, 2), (17, 2), (17, 4), (19, 4), (20, 4)]


def test_an_item_without_upto_stays() -> None:
    undosed = {"exercise": "cat", "pace": "8 s", "rest": "0 s", "source": "own"}
    item = ProgrammeItem.model_validate(undosed | {"start": {"cycles": 6}})
    assert doses(item, EXERCISES["cat"], RULES) == (Dose(cycles=6),)
    as_defined = ProgrammeItem.model_validate(undosed)
    assert doses(as_defined, EXERCISES["cat"], RULES) == (None,)


def test_shipped_doses_stay_between_their_ends() -> None:
    for programme in LIBRARY.programmes.values():
        for item in programme.items:
            ladder = doses(item, EXERCISES[item.exercise], RULES)
            assert ladder[0] == item.start
            assert ladder[-1] == (item.upto or item.start)
            for low, high in pairwise(ladder):
                assert low != high
                assert low is not None
                assert high is not None
                assert all(low.given[name] <= high.given[name] for name in high.given)


# --- growing ---------------------------------------------------------------------------------------------------


def test_the_first_time_begins_at_the_start(library: Library) -> None:
    found = proposal()
    assert [(i.exercise, i.dose and i.dose.given, i.level) for i in found.items] == [
        ("cat", {"cycles": 6}, 0),
        ("twist", {"hold": 15.0, "times": 2}, 0),
    ]
    assert [(i.hold_s, i.times, i.cycles, i.lasts_s) for i in found.items] == [
        (None, 0, 6, None),
        (15.0, 2, None, None),
    ]
    assert {i.strictness for i in found.items} == {"gentle"}
    assert [i.because for i in found.items] == [(), ()]
    assert why(library, found) == ["A gentle beginning, to find out what does you good."]
    assert found.left_out == ()
    assert found


def test_the_time_is_all_of_it() -> None:
    settle, between = RULES.times.settle, RULES.times.between
    found = proposal()
    assert [i.seconds for i in found.items] == [settle + 6 * 8 + 10, settle + 2 * 15 + between]
    assert found.seconds == sum(i.seconds for i in found.items)


def test_two_good_sessions_and_three_days_are_a_step(library: Library) -> None:
    found = proposal(session(5), session(2))
    assert cycles(found) == 7
    assert said(library, found) == ["1 more breath than last time: 7."]
    assert said(library, found, "twist") == ["2 more seconds in each hold than last time: 17."]
    assert why(library, found) == ["You know this one; it goes on from where you were."]


def test_one_session_or_two_within_the_days_are_none() -> None:
    assert cycles(proposal(session(2))) == 6
    assert cycles(proposal(session(2), session(1))) == 6
    assert cycles(proposal(session(1), session(0), session(0))) == 6


def test_the_next_step_takes_as_long_again() -> None:
    assert cycles(proposal(session(8), session(5), session(4))) == 7
    assert cycles(proposal(session(8), session(5), session(3), session(2))) == 8


def test_it_never_grows_beyond_its_end() -> None:
    past = [session(d) for d in range(40, 0, -1)]
    assert cycles(proposal(*past)) == 8


def test_order_in_which_the_sessions_come_does_not_matter() -> None:
    past = [session(d) for d in (9, 7, 5, 2)]
    assert proposal(*past) == proposal(*reversed(past))


def test_sessions_still_to_come_are_not_looked_at() -> None:
    assert cycles(proposal(session(-1), session(-4))) == 6


@pytest.mark.parametrize("outcome", ["skipped", "unseen", "stopped", "broken"])
def test_what_was_not_finished_does_not_grow(outcome: PastOutcome) -> None:
    assert cycles(proposal(session(5, outcome=outcome), session(2, outcome=outcome))) == 6


def test_pain_that_was_not_told_neither_grows_nor_falls() -> None:
    assert cycles(proposal(session(5, None, None), session(2, 3, None))) == 6
    assert cycles(proposal(session(9), session(6), session(2, None, None))) == 7


def test_practice_well_known_is_looked_at_more_closely(library: Library) -> None:
    item = PROGRAMME.items[0].model_copy(update={"upto": Dose(cycles=20)})
    programme = PROGRAMME.model_copy(update={"items": (item,)})
    past = [session(d) for d in (18, 15, 12, 9, 6, 3, 2)]
    found = propose(programme, RULES, SAFETY, EXERCISES, past, verdict(), TODAY)
    assert (cat(found).level, cat(found).strictness) == (3, "gentle")
    found = propose(programme, RULES, SAFETY, EXERCISES, [*past, session(0)], verdict(), TODAY)
    assert (cat(found).level, cat(found).strictness) == (4, "standard")
    closer = "You know it well, so I look a little closer."
    assert said(library, found)[-1] == closer
    again = [*past, session(0), session(-2)]
    found = propose(programme, RULES, SAFETY, EXERCISES, again, verdict(), TODAY + timedelta(days=3))
    assert cat(found).strictness == "standard"
    assert closer not in said(library, found), "it is no news any more"


def test_on_a_gentle_day_even_practice_well_known_is_not_looked_at_more_closely() -> None:
    item = PROGRAMME.items[0].model_copy(update={"upto": Dose(cycles=20)})
    programme = PROGRAMME.model_copy(update={"items": (item,)})
    past = [session(d) for d in range(60, 0, -3)]
    well, gentle = (
        propose(programme, RULES, SAFETY, EXERCISES, past, verdict(pain_now=pain), TODAY) for pain in (2, 4)
    )
    assert cat(well).strictness == "standard"
    assert cat(gentle).level > RULES.growth.standard_from
    assert cat(gentle).strictness == "gentle"


# --- easing ----------------------------------------------------------------------------------------------------

GROWN = (session(15), session(12), session(9), session(6), session(3))
"""Two steps, and once with them: cat at 8."""


def test_grown_is_grown() -> None:
    assert cycles(proposal(*GROWN)) == 8


def test_clearly_more_pain_takes_a_step_back(library: Library) -> None:
    found = proposal(*GROWN, session(1, 3, 5))
    assert cycles(found) == 7
    assert said(library, found) == ["A little less, because it hurt more afterwards."]
    assert why(library, found) == ["Last time it hurt more afterwards, so today goes easier."]


def test_more_pain_again_suggests_rest_and_advice(library: Library) -> None:
    once = proposal(*GROWN, session(2, 3, 6), session(1, 3, 3))
    assert why(library, once) == ["You know this one; it goes on from where you were."]
    twice = proposal(*GROWN, session(2, 3, 6), session(1, 3, 5))
    assert why(library, twice) == [
        "It hurt more after 2 of your last 5 sessions. A few days of rest may help; so may a professional's look."
    ]
    long_ago = [session(d, 3, 6 if d > 60 else 3) for d in (90, 80, 9, 7, 5, 3, 1)]
    assert why(library, proposal(*long_ago)) == why(library, once)


def test_more_pain_the_next_day_takes_a_step_back_as_well() -> None:
    assert cycles(proposal(*GROWN[:4], session(3, 3, 3), session(2, 5, 5))) == 7
    assert cycles(proposal(*GROWN[:4], session(3, 3, 3), session(1, 5, 5))) == 8, (
        "two days on it is another matter"
    )
    between = replace(session(3, 3, 3, names=("lotus",)), started_at=datetime(2026, 11, 19, 20, tzinfo=UTC))
    with_another = (*GROWN[:4], session(3, 3, 3), between, session(2, 5, 5))
    assert cycles(proposal(*with_another)) == 7, "another practice of the same evening hides nothing"


@pytest.mark.parametrize(("stop", "expected"), [("sharp", 7), ("dizzy", 7), ("baby", 8)])
def test_stopping_for_a_reason_takes_a_step_back(stop: str, expected: int) -> None:
    assert cycles(proposal(*GROWN, session(1, stopped_for=stop))) == expected


@pytest.mark.parametrize(("days", "expected"), [(7, 8), (8, 7), (14, 7), (15, 6), (90, 6)])
def test_a_break_takes_steps_back(library: Library, days: int, expected: int) -> None:
    past = [replace(s, day=s.day - timedelta(days=days - 3)) for s in GROWN]
    found = proposal(*past)
    assert cycles(found) == expected
    if expected < 8:
        assert said(library, found) == [f"A little less, after {days} days without it."]
        assert why(library, found) == [
            f"Welcome back after {days} days. We begin a little lower, and it comes back quickly."
        ]


@pytest.mark.parametrize("past", [[session(9)], [session(9, names=("lotus",), programme="other")]])
def test_after_a_break_nothing_is_called_lower_that_is_at_its_beginning(
    library: Library, past: list[PastSession]
) -> None:
    found = proposal(*past)
    assert cycles(found) == 6
    assert said(library, found) == []
    assert why(library, found) == ["Welcome back after 9 days. We begin as gently as on the first day."]


def test_after_a_break_it_grows_again_from_where_it_fell_to() -> None:
    past = [replace(s, day=s.day - timedelta(days=20)) for s in GROWN]
    assert cycles(proposal(*past, session(4))) == 6
    assert cycles(proposal(*past, session(4), session(1))) == 7


def test_a_day_that_asks_for_gentle_is_gentle_and_only_that_day(library: Library) -> None:
    found = proposal(*GROWN, pain_now=4)
    assert cycles(found) == 7
    assert {i.strictness for i in found.items} == {"gentle"}
    assert said(library, found) == ["A little less, because today goes gently."]
    assert why(library, found) == ["Today goes gently: a little less, in its softest form."]
    assert cycles(proposal(*GROWN)) == 8


def test_what_went_well_before_a_break_is_no_part_of_the_next_step() -> None:
    rules = RULES.model_copy(update={"growth": RULES.growth.model_copy(update={"sessions": 3})})
    past = [session(d) for d in (30, 27, 24, 21)]  # one step, and once with it; then a break takes it back
    back = [*past, session(6), session(3)]
    assert cycles(propose(PROGRAMME, rules, SAFETY, EXERCISES, back, verdict(), TODAY)) == 6
    assert cycles(propose(PROGRAMME, rules, SAFETY, EXERCISES, [*back, session(0)], verdict(), TODAY)) == 7


def test_a_stop_of_long_ago_is_no_second_one() -> None:
    often = [session(d) for d in (20, 17, 14, 11, 8)]
    past = [session(30, stopped_for="sharp", during="twist"), *often]
    past.append(session(2, stopped_for="sharp", during="twist"))
    assert [i.exercise for i in proposal(*past).items] == ["cat", "twist"]


def test_stopped_twice_in_an_exercise_leaves_it_out_for_a_week(library: Library) -> None:
    past = [session(d, stopped_for="sharp", during="twist") for d in (9, 3)]
    found = proposal(*past)
    assert [i.exercise for i in found.items] == ["cat"]
    (left,) = found.left_out
    sentence = [library.phrase(b.phrase, "en", **b.values) for b in left.because]
    assert sentence == ["You stopped here more than once, so it rests until November 26, 2026."]
    later = TODAY + timedelta(days=4)
    assert [i.exercise for i in proposal(*past, today=later).items] == ["cat", "twist"]


def test_the_baby_is_no_reason_to_leave_an_exercise_out() -> None:
    past = [session(d, stopped_for="baby", during="twist") for d in (9, 3)]
    assert len(proposal(*past).items) == 2


# --- safety outranks everything ----------------------------------------------------------------------------------


def test_what_is_not_open_is_left_out_with_its_reasons(library: Library) -> None:
    found = proposal(conditions=["wrists"])
    assert [i.exercise for i in found.items] == ["twist"]
    assert found.left_out[0].exercise == "cat"
    assert found.left_out[0].reasons[0].phrase == "rule_wrists"


def test_an_exercise_that_there_is_no_definition_of_is_left_out() -> None:
    found = propose(PROGRAMME, RULES, SAFETY, {"twist": EXERCISES["twist"]}, (), verdict(), TODAY)
    assert [i.exercise for i in found.items] == ["twist"]


RED: list[dict[str, Any]] = [
    *(
        {"today": [flag]}
        for flag in ("bleeding_again", "fever", "chest", "head", "calf", "wound", "belly", "harm")
    ),
    *({"today": ["none", flag]} for flag in ("fever", "harm")),
    {"bleeding": "heavy"},
    *({"pain_now": pain} for pain in (6, 8, 10)),
]
SESSIONS = st.lists(
    st.builds(
        session,
        st.integers(-3, 60),
        st.none() | st.integers(0, 10),
        st.none() | st.integers(0, 10),
        outcome=st.sampled_from(["done", "skipped", "broken"]),
        stopped_for=st.sampled_from([None, "sharp", "baby"]),
        during=st.sampled_from([None, "cat", "twist"]),
        programme=st.sampled_from(["evening", None]),
    ),
    max_size=12,
)
WORDS = st.lists(
    st.builds(
        Clearance, day=st.just(TODAY), allows=st.booleans(), exercises=st.none() | st.just(("cat", "twist"))
    ),
    max_size=2,
)


@given(st.sampled_from(RED), SESSIONS, WORDS)
def test_red_never_proposes_anything(red: dict[str, Any], past: list[PastSession], words: list[Clearance]) -> None:
    closed = verdict(*words, **red)
    for programme in (PROGRAMME, *LIBRARY.programmes.values()):
        found = propose(programme, RULES, SAFETY, EXERCISES, past, closed, TODAY)
        assert not found
        assert (found.items, found.seconds) == ((), 0.0)
        assert {left.exercise for left in found.left_out} == {item.exercise for item in programme.items}
        assert all(left.reasons for left in found.left_out)
    assert suggest(LIBRARY.programmes.values(), RULES, SAFETY, EXERCISES, past, closed, TODAY) == ()


@given(SESSIONS, st.integers(0, 5), st.sets(st.sampled_from(["stitches_sore", "severe_tear"])))
def test_whatever_happened_a_proposal_keeps_its_bounds(
    past: list[PastSession], pain: int, healing: set[str]
) -> None:
    today = verdict(pain_now=pain, healing=sorted(healing) or ["none"])
    found = propose(PROGRAMME, RULES, SAFETY, EXERCISES, past, today, TODAY)
    assert {i.exercise for i in found.items} <= today.open
    items = {item.exercise: item for item in PROGRAMME.items}
    for item in found.items:
        low, high = items[item.exercise].start, items[item.exercise].upto
        assert low
        assert high
        assert item.dose
        assert item.dose.given.keys() == high.given.keys()
        assert all(low.given[n] <= value <= high.given[n] for n, value in item.dose.given.items())
    assert bool(found.because) == bool(found)


@given(SESSIONS, st.integers(1, 3))
def test_a_worse_session_never_grows_anything(past: list[PastSession], days: int) -> None:
    past = [replace(s, day=s.day - timedelta(days=5)) for s in past]
    fine, worse = session(days, 3, 3), session(days, 3, 6)
    better = proposal(*past, fine)
    lower = proposal(*past, worse)
    assert [i.exercise for i in better.items] == [i.exercise for i in lower.items]
    for low, high in zip(lower.items, better.items, strict=True):
        assert low.level <= high.level


# --- which programme --------------------------------------------------------------------------------------------


def programme(name: str, *exercises: str) -> Programme:
    items = [item for item in PROGRAMME.items if item.exercise in exercises]
    return PROGRAMME.model_copy(update={"id": name, "items": tuple(items)})


def test_the_one_done_longest_ago_comes_first() -> None:
    both = (programme("evening", "cat", "twist"), programme("morning", "cat", "twist"))
    past = [session(3, programme="evening"), session(1, programme="morning")]
    found = suggest(both, RULES, SAFETY, EXERCISES, past, verdict(), TODAY)
    assert [p.programme for p in found] == ["evening", "morning"]
    found = suggest(both, RULES, SAFETY, EXERCISES, past[:1], verdict(), TODAY)
    assert [p.programme for p in found] == ["morning", "evening"]


def test_at_first_the_rank_decides_and_a_ball_is_not_asked_for() -> None:
    found = suggest(LIBRARY.programmes.values(), RULES, SAFETY, EXERCISES, (), verdict(), TODAY)
    assert [p.programme for p in found] == [
        "five_minutes", "lower_back", "back_five", "free_hands", "ten_minutes", "first_weeks", "fitball"
    ]  # fmt: skip


@pytest.mark.parametrize("days", [5, 20])
def test_in_the_first_weeks_what_is_open_comes_first(days: int) -> None:
    early = verdict(birth_date=(TODAY - timedelta(days=days)).isoformat(), cleared="not_yet", bleeding="lessening")
    found = suggest(LIBRARY.programmes.values(), RULES, SAFETY, EXERCISES, (), early, TODAY)
    assert found[0].programme == "first_weeks"
    assert found[0].left_out == ()


def test_a_whole_one_comes_before_one_with_something_left_out() -> None:
    both = (programme("evening", "cat", "twist"), programme("seat", "twist"))
    found = suggest(both, RULES, SAFETY, EXERCISES, (), verdict(conditions=["wrists"]), TODAY)
    assert [p.programme for p in found] == ["seat", "evening"]


def test_one_that_needs_a_ball_comes_last_even_whole() -> None:
    ball = programme("ball", "twist").model_copy(update={"equipment": {"en": "A ball."}})
    found = suggest((ball, programme("evening", "cat", "twist")), RULES, SAFETY, EXERCISES, (),
                    verdict(conditions=["wrists"]), TODAY)  # fmt: skip
    assert [p.programme for p in found] == ["evening", "ball"]


def test_a_gentle_day_takes_the_shortest() -> None:
    both = (programme("evening", "cat", "twist"), programme("seat", "twist"))
    past = [session(1, programme="seat")]
    assert [p.programme for p in suggest(both, RULES, SAFETY, EXERCISES, past, verdict(), TODAY)] == [
        "evening",
        "seat",
    ]
    gentle = verdict(pain_now=4)
    assert [p.programme for p in suggest(both, RULES, SAFETY, EXERCISES, past, gentle, TODAY)] == [
        "seat",
        "evening",
    ]


# --- the file --------------------------------------------------------------------------------------------------

SHIPPED = (routines_folder() / "progression.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("by: {cycles: 1, ", "by: {", "growth.by: 'cycles' is in the order, but not here"),
        ("by: {cycles: 1,", "by: {cycles: 0.5,", "growth.by.cycles: expected a whole number above 0"),
        ("hold: 2,", "hold: 0,", "growth.by.hold: expected seconds above 0"),
        (
            "order: [cycles,",
            "order: [cicles,",
            "growth.order[0]: expected 'cycles', 'hold', 'times' or 'lasts', got 'cicles'",
        ),
        ("after: 15 days", "after: 8 days", "ease.breaks: the breaks must grow longer from one to the next"),
        ("confidence: 0.9", "confidence: 1.0", "tendency.confidence: must be below 1, got 1.0"),
    ],
)
def test_a_wrong_file_says_what_and_where(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in SHIPPED
    path = tmp_path / "progression.yaml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    (found,) = validate_files([path])
    assert re.fullmatch(rf"{re.escape(str(path))}:\d+: {re.escape(expected)}", found), found
