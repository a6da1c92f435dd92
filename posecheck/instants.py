"""One instant by itself, without time: is she in a pose, and what of a photograph."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from posecheck import quantities, rules
from posecheck.body import Body
from posecheck.library import Library, in_language
from posecheck.measures import MEASURES, SIDED
from posecheck.moment import Event, Moment
from posecheck.pose import NAMED, BoolArray, FloatArray, Landmark, Pose
from posecheck.spec import Exercise, Phase, Strictness


def entered(exercise: Exercise, body: Body) -> BoolArray:
    """Return whether each instant by itself meets the entry conditions, in the body's leading axes.

    Unknown counts as not entered, and so does an exercise without entry.

    Args:
        exercise: Whose entry.
        body: Its near side chosen per instant (``Body.by_itself``).
    """
    if exercise.entry is None:
        return np.zeros(body.near.shape, dtype=bool)
    values = quantities.values_for(exercise, exercise.entry.conditions, body)
    return np.asarray(rules.entered(rules.make_criteria(exercise, 0.0), values) == 1)


def assess_photograph(
    exercise: Exercise,
    library: Library,
    pose: Pose,
    *,
    strictness: Strictness = "gentle",
    language: str = "en",
) -> Moment:
    """Judge a single instant that has no time: everything at once, without dwell or persistence.

    Args:
        exercise: What to judge against.
        library: Coaching and phrases.
        pose: One instant, shape ``()``.
        strictness: How wide the silent bands are.
        language: Of the sentence.
    """
    body = Body.by_itself(pose, library.coaching.sight)
    measures = quantities.measures_of(exercise.measures, body)
    criteria = rules.make_criteria(exercise, library.coaching.strictness[strictness])
    verdict = rules.assess(criteria, quantities.instant_values(exercise, measures))
    inside = bool(verdict.entered == 1) if exercise.entry else bool(pose.person)
    order = sorted(range(len(exercise.checks)), key=lambda i: exercise.checks[i].priority)
    faults = [exercise.checks[i] for i in order if inside and verdict.beyond[i]]
    events: tuple[Event, ...] = ()
    if faults:
        first = faults[0]
        events = (Event(float(pose.t), "cue", id=first.id, text=in_language(first.say, language)),)
    return Moment(
        t=float(pose.t),
        person=bool(pose.person),
        in_pose=inside,
        phase=_end_of(exercise, measures) if inside else "out" if pose.person else "away",
        measures=MappingProxyType({label(*k): float(x) for k, x in measures.items() if np.isfinite(x)}),
        faults=tuple(c.id for c in faults),
        unknown=tuple(c.id for i, c in enumerate(exercise.checks) if inside and verdict.unknown[i]),
        highlight=highlight_of(exercise, faults[0].id, int(body.near)) if faults else (),
        events=events,
    )


def _end_of(exercise: Exercise, measures: Mapping[quantities.MeasureKey, FloatArray]) -> str:
    """Return the phase of a movement that a single instant shows beyond doubt; ``hold`` where none does."""
    for movement in exercise.movements:
        x = float(measures[movement.measure, "near"])
        if movement.high_above is not None and x > movement.high_above:
            return movement.high
        if movement.low_below is not None and x < movement.low_below:
            return movement.low
    return "hold"


def highlight_of(exercise: Exercise, check_id: str, near: int) -> tuple[Landmark, ...]:
    """Return the landmarks that a check is about: the near ones, or both where it looks at the whole body."""
    names: dict[Landmark, None] = {}
    for check in exercise.checks:
        if check.id == check_id:
            for limit in check.limits[:1]:
                for base in MEASURES[limit.measure].needs if limit.measure in MEASURES else ():
                    pair = NAMED[base]
                    names |= dict.fromkeys([pair[near]] if limit.measure in SIDED else pair)
    return tuple(names)


def asked_for(exercise: Exercise, moment: Moment | None) -> Phase:
    """Return what she is asked for at a moment; before the first, what the exercise begins with."""
    return exercise.course[moment.current.number - 1 if moment and moment.current else 0]


def label(name: str, side: str) -> str:
    """Return what a moment calls a measure of one side."""
    return name if side == "near" else f"{name}_{side}"
