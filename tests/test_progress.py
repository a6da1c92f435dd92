"""The progress page's numbers, on sessions one can count by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.diary import PastExercise, PastHold, PastSession
from posecheck.folders import routines_folder
from posecheck.library import load_library
from posecheck.progress import (
    exercise_course,
    minutes_per_day,
    newcombe,
    pain_changes,
    pain_course,
    tendencies,
    wilson,
)

LIBRARY = load_library(routines_folder())
PAIN, RULES = LIBRARY.safety.pain, LIBRARY.progression.tendency
DAY = date(2026, 10, 1)
Z95 = NormalDist().inv_cdf(0.975)


def session(
    number: int,
    before: int | None = None,
    after: int | None = None,
    exercises: Sequence[PastExercise] = (),
    seconds: float = 300.0,
) -> PastSession:
    day = DAY + timedelta(days=number)
    return PastSession(
        id=f"s{number}",
        profile="ana",
        day=day,
        started_at=datetime(day.year, day.month, day.day, 18, tzinfo=UTC),
        seconds=seconds,
        pain_before=before,
        pain_after=after,
        exercises=tuple(exercises),
    )


def done(name: str) -> PastExercise:
    return PastExercise(name, 0, outcome="done")


# --- minutes and courses ---------------------------------------------------------------------------------------


def test_minutes_are_summed_by_day() -> None:
    sessions = [session(3, seconds=90), session(1, seconds=300), session(3, seconds=30)]
    assert minutes_per_day(sessions) == {DAY + timedelta(days=1): 5.0, DAY + timedelta(days=3): 2.0}
    assert list(minutes_per_day(sessions)) == [DAY + timedelta(days=1), DAY + timedelta(days=3)]
    assert minutes_per_day([]) == {}


def test_a_course_tells_steadiness_and_the_share_of_each_fault() -> None:
    first = PastExercise(
        "twist", 0, in_pose_s=40.0, clean_s=30.0, held_s=30.0, holds=(PastHold(20, 15), PastHold(50, 15)),
        faults_s={"leaning": 8.0, "collapsed": 4.0},
    )  # fmt: skip
    second = PastExercise("twist", 2, in_pose_s=10.0, clean_s=10.0, held_s=5.0, cycles=2)
    course = exercise_course([session(0, exercises=[first, done("cat"), second]), session(1)], "twist")
    assert len(course) == 1
    point = course[0]
    assert (point.session, point.day, point.held_s, point.cycles) == ("s0", DAY, 35.0, 2)
    assert point.in_pose_s == 50.0
    assert point.steadiness == pytest.approx(0.8)
    assert dict(point.faults) == {"collapsed": pytest.approx(0.08), "leaning": pytest.approx(0.16)}


def test_what_was_not_seen_has_no_steadiness() -> None:
    broken = PastExercise("twist", 0, outcome="broken", held_s=15.0)
    old = PastExercise("twist", 0, in_pose_s=30.0, clean_s=None, faults_s={"leaning": 3.0})
    never = PastExercise("twist", 0, in_pose_s=0.0, clean_s=0.0)
    points = exercise_course([session(i, exercises=[e]) for i, e in enumerate((broken, old, never))], "twist")
    assert [(p.in_pose_s, p.steadiness) for p in points] == [(None, None), (30.0, None), (None, None)]
    assert dict(points[1].faults) == {"leaning": pytest.approx(0.1)}


# --- pain ------------------------------------------------------------------------------------------------------


def test_changes_within_noise_are_the_same() -> None:
    sessions = [session(0, 5, 4), session(1, 5, 2), session(2, 2, 4), session(3, 4), session(4)]
    found = pain_changes(sessions, PAIN)
    assert [(c.session, c.before, c.after, c.verdict) for c in found] == [
        ("s0", 5, 4, "same"),
        ("s1", 5, 2, "less"),
        ("s2", 2, 4, "more"),
        ("s3", 4, None, None),
    ]


def test_the_course_compares_the_first_three_with_the_latest_five() -> None:
    befores = [6, 7, 5, 6, 4, 3, 4, 2, 3]
    sessions = [session(i, b, b - 1) for i, b in enumerate(befores)]
    course = pain_course(sessions, PAIN)
    assert course is not None
    assert (course.first, course.latest, course.verdict) == (6, 3, "less")


def test_a_small_fall_is_no_course_and_few_sessions_are_none() -> None:
    steady = [session(i, b) for i, b in enumerate([5, 5, 4, 4, 4, 4, 4, 4])]
    course = pain_course(steady, PAIN)
    assert course is not None
    assert course.verdict == "same"
    assert pain_course(steady[:7], PAIN) is None
    assert pain_course([session(i) for i in range(20)], PAIN) is None


# --- intervals -------------------------------------------------------------------------------------------------


def test_wilsons_interval_of_known_shares() -> None:
    """Known values: Wilson 1927 as tabled by Newcombe 1998 (81 of 263; 15 of 148; 0 of 20; 1 of 29)."""
    for hits, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(hits, n, Z95) == pytest.approx((low, high), abs=5e-5)
    assert wilson(0, 0, Z95) == (0.0, 1.0)


def test_newcombes_interval_of_known_differences() -> None:
    """Known values: Newcombe 1998, method 10: 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/20."""
    for a, m, b, n, low, high in (
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0),
    ):
        assert newcombe(a, m, b, n, Z95) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 50), st.integers(1, 50), st.floats(0.5, 4))
def test_an_interval_holds_its_share(hits: int, n: int, z: float) -> None:
    hits = min(hits, n)
    low, high = wilson(hits, n, z)
    assert 0 <= low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= high <= 1


# --- tendencies ------------------------------------------------------------------------------------------------


def many(cat: tuple[int, int], rest: tuple[int, int]) -> list[PastSession]:
    """Return sessions with cat and without it: (followed by less pain, all) of each; every one has the lotus."""
    out: list[PastSession] = []
    for name, (less, n) in (("cat", cat), ("twist", rest)):
        for i in range(n):
            out.append(session(len(out), 5, 2 if i < less else 5, [done(name), done("lotus")]))
    return out


def test_nothing_is_said_of_few_sessions() -> None:
    found = tendencies(many((7, 7), (0, 7)), RULES, PAIN)
    assert {t.exercise: t.verdict for t in found} == {
        "cat": "too_few",
        "twist": "too_few",
        "lotus": "no_comparison",
    }


def test_a_clear_difference_is_a_tendency_with_its_interval() -> None:
    found = {t.exercise: t for t in tendencies(many((18, 20), (4, 20)), RULES, PAIN)}
    cat = found["cat"]
    assert (cat.sessions, cat.less, cat.without, cat.less_without) == (20, 18, 20, 4)
    assert cat.verdict == "more_often"
    assert cat.share == 0.9
    z = NormalDist().inv_cdf(1 - 0.1 / 2 / 2)  # two exercises are compared: cat and twist
    assert (cat.low, cat.high) == pytest.approx(wilson(18, 20, z))
    assert found["twist"].verdict == "less_often"
    assert found["lotus"].verdict == "no_comparison"


def test_the_same_shares_and_chance_are_unclear() -> None:
    assert tendencies(many((10, 20), (10, 20)), RULES, PAIN)[0].verdict == "unclear"
    assert tendencies(many((6, 8), (4, 8)), RULES, PAIN)[0].verdict == "unclear"


def test_sessions_that_tell_nothing_do_not_count() -> None:
    silent = [session(i, b, a, [done("cat")]) for i, (b, a) in enumerate([(1, 0), (None, 2), (4, None)])]
    skipped = [session(9, 5, 2, [PastExercise("cat", 0, outcome="skipped")])]
    assert tendencies(silent + skipped, RULES, PAIN) == ()


def test_sessions_followed_by_more_pain_count_as_well() -> None:
    sessions = [session(i, 3, 6, [done("cat")]) for i in range(3)]
    (found,) = tendencies(sessions, RULES, PAIN)
    assert (found.sessions, found.less, found.share) == (3, 0, 0.0)


def test_the_wording_orders_by_share_and_puts_the_few_last() -> None:
    sessions = [*many((9, 10), (5, 10)), session(90, 5, 0, [done("child")])]
    assert [t.exercise for t in tendencies(sessions, RULES, PAIN)] == ["cat", "lotus", "twist", "child"]
