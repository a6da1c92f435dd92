"""Why a case was judged as it was: the instant to look at, the numbers compared there, and their bands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from posecheck.body import Body, choose_near
from posecheck.figures import Alarm, Finding, Made, runs_of
from posecheck.instants import highlight_of, label
from posecheck.judgement import Judgement
from posecheck.library import Library
from posecheck.measures import MEASURES
from posecheck.pose import FloatArray, Landmark, Pose
from posecheck.rules import limit_bounds
from posecheck.spec import Check, Condition, Exercise, Limit, Quantity
from posecheck.timeline import unit_sign

Kind = Literal["missed", "alarm", "not_entered", "entered"]

_ALIKE = 3
"""Examples of one kind, exercise and check that are shown at most."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One number as it was compared.

    Attributes:
        name: What was measured, and against what.
        value: With its unit; "not seen" where it is unknown.
        band: What it is compared with.
        out: Whether it is outside that band.
    """

    name: str
    value: str
    band: str
    out: bool


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One thing worth looking at.

    Attributes:
        kind: ``missed`` mistake, false ``alarm``, ``not_entered``, or ``entered`` as what it does not show.
        case: Its finding.
        exercise: Judged as, or entered as.
        check: The check; empty where it is about entering.
        size: Of a missed mistake.
        advice: Whether the check is advice.
        t: Seconds from the first frame of the file; None in a photograph.
        expected: What the label asks for.
        said: What the trainer showed.
        readings: The numbers.
        pose: The instant, without silhouette.
        highlight: Landmarks it is about.
    """

    kind: Kind
    case: str
    exercise: str
    check: str
    size: str
    advice: bool
    t: float | None
    expected: str
    said: str
    readings: tuple[Reading, ...]
    pose: Pose
    highlight: tuple[Landmark, ...] = ()


def find_examples(
    finding: Finding, judgement: Judgement, library: Library, strictness: float
) -> tuple[Example, ...]:
    """Return what is worth looking at in a case: what differs from its label.

    Args:
        finding: The comparison with the label.
        judgement: What the trainer made of the same stretch.
        library: The definitions.
        strictness: 0 = the bands as written, 1 = only good is silent.
    """
    return tuple(_Looker(finding, judgement, library, strictness).all())


@dataclass(frozen=True, slots=True)
class _Looker:
    finding: Finding
    judgement: Judgement
    library: Library
    strictness: float

    def all(self) -> Iterator[Example]:
        exercise = self.judgement.exercise
        own = self.finding.case.label
        if exercise and exercise.id == own:
            if own not in self.finding.entered:
                yield self._not_entered(exercise)
            checks = {check.id: check for check in exercise.checks}
            for made in self.finding.made:
                if not made.caught:
                    yield self._missed(exercise, made, checks.get(made.check))
            for alarm in self.finding.alarms:
                yield self._alarm(exercise, alarm, checks[alarm.check])
        for name in sorted(self.finding.instead):
            yield self._entered(self.library.exercises[name])

    # --- about checks

    def _missed(self, exercise: Exercise, made: Made, check: Check | None) -> Example:
        t = self.judgement.pose.t
        inside = np.flatnonzero((t >= made.start) & (t <= made.end))
        i = int(inside[len(inside) // 2]) if len(inside) else len(t) - 1
        if check is not None and len(inside):
            i = self._worst(check, inside, i)
        moment = self.judgement.moments[i]
        readings = tuple(self._readings(check, i)) if check else ()
        shown = ", ".join(made.others)
        if check is None:
            said = "nothing: the exercise has no such check"
        elif not moment.in_pose:
            said = f"{shown or 'nothing'}; she was not in the pose then"
        elif check.id in moment.unknown:
            said = f"{shown or 'nothing'}; it could not be judged there"
        else:
            said = shown or "nothing"
        expected = f"{made.check} from {made.start:.1f} s to {min(made.end, t[-1]):.1f} s"
        return self._example(
            "missed",
            exercise,
            i,
            made.check,
            expected,
            said,
            readings,
            size=made.size,
            advice=made.check in exercise.advice,
        )

    def _alarm(self, exercise: Exercise, alarm: Alarm, check: Check) -> Example:
        i = int(np.argmin(np.abs(self.judgement.pose.t - alarm.t)))
        made = [f"{m.check} from {m.start:.1f} s" for m in self.finding.made]
        return self._example(
            "alarm", exercise, i, check.id, ", ".join(made) or "no correction",
            f"{check.id}: “{check.say['en']}”", tuple(self._readings(check, i)), advice=check.advice,
        )  # fmt: skip

    def _worst(self, check: Check, inside: NDArray[np.intp], otherwise: int) -> int:
        """Return the instant at which a check is farthest out."""
        best, worst = otherwise, -math.inf
        for i in inside.tolist():
            for limit in check.limits:
                beyond = _beyond(limit, self._value(limit, i), self.strictness)
                if beyond > worst:
                    best, worst = i, beyond
        return best

    def _readings(self, check: Check, i: int) -> Iterator[Reading]:
        for limit in check.limits:
            value = self._value(limit, i)
            band = _limit_text(limit, self.strictness)
            yield Reading(limit.words, _written(limit, value), band, _beyond(limit, value, self.strictness) > 0)
        for condition in check.when:
            value = self._value(condition, i)
            yield _condition_reading(condition, value, "judged only ")

    def _value(self, quantity: Quantity, i: int) -> float:
        """Return a quantity at an instant; NaN where it is not known."""
        moment = self.judgement.moments[i]
        if quantity.absolute:
            return moment.measures.get(label(quantity.measure, quantity.side), math.nan)
        return moment.derived.get(quantity.key, math.nan)

    # --- about entering

    def _not_entered(self, exercise: Exercise) -> Example:
        pose = self.judgement.pose
        i = len(pose.t) // 2
        if not pose.person.any():
            return self._example("not_entered", exercise, i, "", f"{exercise.id} entered", "nobody was found", ())
        people = np.flatnonzero(pose.person)
        i = int(people[len(people) // 2])
        body = Body.by_itself(pose, self.library.coaching.sight)
        whole, groups = (exercise.entry.all, exercise.entry.any) if exercise.entry else ((), ())
        readings = [r for condition in whole if (r := _entry_reading(condition, body, i)) is not None]
        if not readings:
            for group in groups:
                readings += [r for condition in group if (r := _entry_reading(condition, body, i)) is not None]
        said = "not in the pose"
        return self._example("not_entered", exercise, i, "", f"{exercise.id} entered", said, tuple(readings))

    def _entered(self, exercise: Exercise) -> Example:
        inside = self.judgement.inside[exercise.id] & self.judgement.pose.person
        first, last = max(runs_of(inside), key=lambda run: run[1] - run[0])
        expected = f"{self.finding.case.label}, and not {exercise.id}"
        share = f"{inside.mean():.0%} of the time" if len(inside) > 1 else "entered"
        i = (first + last - 1) // 2
        pose = self.judgement.pose
        body = Body.by_itself(pose, self.library.coaching.sight)
        whole = exercise.entry.all if exercise.entry else ()
        every = [_entry_reading(condition, body, i, always=True) for condition in whole]
        readings = tuple(reading for reading in every if reading is not None)
        return self._example("entered", exercise, i, "", expected, f"{exercise.id}: {share}", readings)

    def _example(
        self,
        kind: Kind,
        exercise: Exercise,
        i: int,
        check: str,
        expected: str,
        said: str,
        readings: tuple[Reading, ...],
        *,
        size: str = "",
        advice: bool = False,
    ) -> Example:
        pose = self.judgement.pose[i]
        case = self.finding.case
        start = case.stretch[0] if case.stretch else 0.0
        highlight = highlight_of(exercise, check, int(choose_near(pose.visibility))) if check else ()
        return Example(
            kind=kind,
            case=case.name,
            exercise=exercise.id,
            check=check,
            size=size,
            advice=advice,
            t=None if self.finding.still else float(pose.t) + start,
            expected=expected,
            said=said,
            readings=readings,
            pose=replace(pose, silhouette=None, silhouette_scale=None),
            highlight=highlight,
        )


def _beyond(limit: Limit, value: float, strictness: float) -> float:
    """Return how far a value is beyond its cue band, in steps from ok to cue; negative inside, -inf unknown."""
    if math.isnan(value):
        return -math.inf
    ok, cue = limit_bounds(limit, strictness)
    out = []
    if limit.min:
        out.append((cue[0] - value) / max(ok[0] - cue[0], 1e-9))
    if limit.max:
        out.append((value - cue[1]) / max(cue[1] - ok[1], 1e-9))
    return max(out)


# --- words ----------------------------------------------------------------------------------------------------


def _written(quantity: Quantity, value: float) -> str:
    if math.isnan(value):
        return "not seen"
    return f"{value:.{_digits(quantity)}f}{_unit(quantity)}"


def _digits(quantity: Quantity) -> int:
    return 0 if _unit(quantity) == "°" else 2


def _unit(quantity: Quantity) -> str:
    sign = unit_sign(quantity)
    return f" {sign}" if sign.isalpha() else sign


def _limit_text(limit: Limit, strictness: float) -> str:
    (ok_low, ok_high), (cue_low, cue_high) = limit_bounds(limit, strictness)
    unit = _unit(limit)
    parts = []
    if limit.min:
        parts.append(f"fine from {ok_low:g}, cued under {cue_low:g}{unit}")
    if limit.max:
        parts.append(f"fine up to {ok_high:g}, cued over {cue_high:g}{unit}")
    return "; ".join(parts)


def _condition_reading(condition: Condition, value: float, what: str) -> Reading:
    unseen = math.isnan(value) and condition.unseen != "passes"
    out = unseen or (condition.min is not None and value < condition.min)
    out = out or (condition.max is not None and value > condition.max)
    band = f"{what}{condition.asks}{_unit(condition)}"
    return Reading(condition.words, _written(condition, value), band, out)


def _entry_reading(condition: Condition, body: Body, i: int, *, always: bool = False) -> Reading | None:
    """Return a condition of entry as it was at an instant; None where it held, unless all are asked for."""
    if condition.measure not in MEASURES or not condition.absolute:
        return None
    value: FloatArray = MEASURES[condition.measure].compute(body, condition.side)[i]
    reading = _condition_reading(condition, float(value), "entered ")
    return reading if reading.out or always else None


def choose_worst(examples: Iterable[Example], *, most: int = 48) -> list[Example]:
    """Return at ``most`` so many examples that are worth looking at, the worst first."""
    chosen: list[Example] = []
    for example in sorted(examples, key=_rank):
        same = sum(
            (e.kind, e.exercise, e.check) == (example.kind, example.exercise, example.check) for e in chosen
        )
        if same < _ALIKE:
            chosen.append(example)
    return chosen[:most]


def _rank(example: Example) -> tuple[int, int, str, str, str]:
    slight = example.size == "slight"
    order: tuple[Kind, ...] = ("missed", "alarm", "not_entered", "entered")
    return 2 * example.advice + slight, order.index(example.kind), example.exercise, example.check, example.case
