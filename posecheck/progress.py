"""What the history shows over time: minutes, steadiness, pain, and what goes with less of it; pure numbers.

Nothing here proves anything: too little is said to be too little, and every share comes with its interval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import NormalDist, median
from types import MappingProxyType
from typing import Literal

from posecheck.diary import PastExercise, PastSession
from posecheck.programmes import TendencyRules
from posecheck.safety import PainRule
from posecheck.screening import PainVerdict, compare_pain, read_change

TendencyVerdict = Literal["too_few", "no_comparison", "unclear", "more_often", "less_often"]


def minutes_per_day(sessions: Iterable[PastSession]) -> dict[date, float]:
    """Return the minutes practised on each day that had any, in order of the days."""
    out: defaultdict[date, float] = defaultdict(float)
    for session in sessions:
        out[session.day] += session.seconds / 60
    return dict(sorted(out.items()))


# --- one exercise over time ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """One exercise in one session.

    Attributes:
        session: Its id.
        day: When.
        held_s: Seconds of all holds.
        cycles: Cycles counted.
        in_pose_s: Seconds in the pose; None where not known.
        steadiness: Share of those with no fault standing, 0 to 1; None where not known.
        faults: Check -> share of the time in the pose that its fault stood, 0 to 1.
    """

    session: str
    day: date
    held_s: float
    cycles: int
    in_pose_s: float | None
    steadiness: float | None
    faults: Mapping[str, float]


def exercise_course(sessions: Iterable[PastSession], exercise: str) -> tuple[CoursePoint, ...]:
    """Return how an exercise went in each session that had it, in the order of the sessions."""
    out = []
    for session in sessions:
        parts = [e for e in session.exercises if e.exercise == exercise]
        if parts:
            out.append(_point(session, parts))
    return tuple(out)


def _point(session: PastSession, parts: Sequence[PastExercise]) -> CoursePoint:
    seen = [e for e in parts if e.in_pose_s]
    in_pose = sum(e.in_pose_s or 0.0 for e in seen)
    known = [e for e in seen if e.clean_s is not None]
    judged = sum(e.in_pose_s or 0.0 for e in known)
    faults: defaultdict[str, float] = defaultdict(float)
    for part in seen:
        for check, seconds in part.faults_s.items():
            faults[check] += seconds / in_pose
    return CoursePoint(
        session=session.id,
        day=session.day,
        held_s=sum(e.held_s for e in parts),
        cycles=sum(e.cycles for e in parts),
        in_pose_s=in_pose if seen else None,
        steadiness=min(1.0, sum(e.clean_s or 0.0 for e in known) / judged) if judged else None,
        faults=MappingProxyType({check: min(1.0, share) for check, share in sorted(faults.items())}),
    )


# --- pain ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PainChange:
    """Pain before and after one session, 0 to 10; ``verdict`` counts what is within noise as the same."""

    session: str
    day: date
    before: int | None
    after: int | None
    verdict: PainVerdict | None


@dataclass(frozen=True, slots=True)
class PainCourse:
    """Pain over all sessions.

    Attributes:
        first: Median before the first sessions.
        latest: Median before the latest ones.
        verdict: Less, more, or the same within noise.
    """

    first: float
    latest: float
    verdict: PainVerdict


def pain_changes(sessions: Iterable[PastSession], rule: PainRule) -> tuple[PainChange, ...]:
    """Return pain before and after each session in which either was told."""
    return tuple(
        PainChange(s.id, s.day, s.pain_before, s.pain_after, compare_pain(rule, s.pain_before, s.pain_after))
        for s in sessions
        if s.pain_before is not None or s.pain_after is not None
    )


def pain_course(sessions: Iterable[PastSession], rule: PainRule) -> PainCourse | None:
    """Return how pain before a session went from the first ones to the latest; None while there are too few.

    Args:
        sessions: Oldest first.
        rule: How many the first and the latest are (they do not overlap), and what is noise.
    """
    told = [s for s in sessions if s.pain_before is not None]
    if len(told) < rule.first + rule.latest:
        return None
    first = median(s.pain_before or 0 for s in told[: rule.first])
    latest = median(s.pain_before or 0 for s in told[-rule.latest :])
    return PainCourse(first, latest, read_change(rule, first, latest))


# --- what goes with less pain ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tendency:
    """How often sessions with an exercise were followed by clearly less pain, beside those without it.

    Attributes:
        exercise: Its id.
        sessions: Those with it that tell something: pain before and after, and enough before that it could fall.
        less: Of those, how many were followed by clearly less pain.
        share: ``less / sessions``; None without any.
        low: Lower end of the share's interval (Wilson).
        high: Upper end.
        without: Sessions without it that tell something.
        less_without: Of those, how many were followed by clearly less pain.
        verdict: ``too_few`` sessions with it; ``no_comparison``: too few without it; ``unclear``: the intervals
            leave both open; ``more_often``/``less_often`` followed by less pain than sessions without it.
    """

    exercise: str
    sessions: int
    less: int
    share: float | None
    low: float
    high: float
    without: int
    less_without: int
    verdict: TendencyVerdict


def tendencies(sessions: Sequence[PastSession], rules: TendencyRules, pain: PainRule) -> tuple[Tendency, ...]:
    """Return for each exercise practised how often less pain followed; those with the largest share first.

    A tendency, never a proof: sessions differ in more than this. The more exercises are compared, the wider each
    interval is made, so that the confidence holds for all of them together.
    """
    telling = [s for s in sessions if s.pain_after is not None and (s.pain_before or 0) >= pain.points]
    practised = {s.id: {e.exercise for e in s.exercises if was_practised(e)} for s in telling}
    names = sorted({name for found in practised.values() for name in found})
    compared = sum(_enough(name, practised, rules) for name in names)
    z = NormalDist().inv_cdf(1 - (1 - rules.confidence) / 2 / max(1, compared))
    out = []
    for name in names:
        having = [s for s in telling if name in practised[s.id]]
        lacking = [s for s in telling if name not in practised[s.id]]
        less, less_without = (
            sum(compare_pain(pain, s.pain_before, s.pain_after) == "less" for s in group)
            for group in (having, lacking)
        )
        low, high = wilson(less, len(having), z)
        verdict = _judge(less, len(having), less_without, len(lacking), rules, z)
        share = less / len(having) if having else None
        out.append(Tendency(name, len(having), less, share, low, high, len(lacking), less_without, verdict))
    return tuple(sorted(out, key=lambda t: (t.verdict == "too_few", -(t.share or 0.0), t.exercise)))


def was_practised(exercise: PastExercise) -> bool:
    """Return whether anything of an exercise was finished."""
    return exercise.outcome == "done" or exercise.cycles > 0 or bool(exercise.holds)


def _enough(name: str, practised: Mapping[str, set[str]], rules: TendencyRules) -> bool:
    having = sum(name in found for found in practised.values())
    return having >= rules.sessions and len(practised) - having >= rules.sessions


def _judge(less: int, n: int, less_without: int, without: int, rules: TendencyRules, z: float) -> TendencyVerdict:
    if n < rules.sessions:
        return "too_few"
    if without < rules.sessions:
        return "no_comparison"
    low, high = newcombe(less, n, less_without, without, z)
    return "more_often" if low > 0 else "less_often" if high < 0 else "unclear"


def wilson(hits: int, n: int, z: float) -> tuple[float, float]:
    """Return Wilson's score interval of the share ``hits / n`` at ``z`` standard deviations; 0 to 1 for none."""
    if n == 0:
        return 0.0, 1.0
    share, width = hits / n, z * z / n
    middle = (share + width / 2) / (1 + width)
    half = z * sqrt(share * (1 - share) / n + width / (4 * n)) / (1 + width)
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe(hits: int, n: int, other_hits: int, other_n: int, z: float) -> tuple[float, float]:
    """Return the interval of the difference of two shares: Newcombe's hybrid of two Wilson intervals (1998)."""
    low, high = wilson(hits, n, z)
    other_low, other_high = wilson(other_hits, other_n, z)
    a, b = hits / n, other_hits / other_n
    return a - b - sqrt((a - low) ** 2 + (other_high - b) ** 2), a - b + sqrt(
        (high - a) ** 2 + (b - other_low) ** 2
    )
