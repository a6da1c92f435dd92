"""What a sound definition still lacks to be a good one: nothing here is a fault, all of it is worth a look."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from posecheck.library import Library
from posecheck.measures import MEASURES
from posecheck.spec import CYCLE_PERIOD, Check, Exercise, Limit
from posecheck.translation import dotted, texts

UNMEASURED = "to be measured"
"""The source that a new definition's numbers begin with."""
_OWN = ("own", "measured", "[M]", "[R]", "correction", "article")
"""Words that say a number is one's own, beside the keys of ``sources``."""
_HASTY_S = 0.3
"""Seconds a mistake must at least last: a step or a glance lasts as long (design note C5: 1 s in a hold)."""
_FRONT_ONLY = {
    "side_bend", "lean", "shoulder_slope", "hip_slope", "head_tilt", "elbows_apart", "wrists_apart", "knees_apart",
}  # fmt: skip
"""What lies in the plane of the picture only when she faces the camera."""


def lint(exercise: Exercise, shown: Mapping[str, Collection[str]], library: Library) -> list[str]:
    """Return what is worth adding to a definition, one sentence each.

    Args:
        exercise: A definition without faults.
        shown: Exercise id -> the mistakes that some recording of it shows; ``""`` stands for one done well.
        library: What else there is, to which it may not belong yet.
    """
    return [
        *_sources(exercise),
        *(line for check in exercise.checks for line in _check(exercise, check)),
        *_recordings(exercise, shown.get(exercise.id, ())),
        *_place(exercise, library),
        *_languages(exercise, library.languages),
    ]


def _sources(exercise: Exercise) -> Iterator[str]:
    said = {"entry": exercise.entry.source if exercise.entry else "own"}
    said |= {"neutral": exercise.neutral.source} if exercise.neutral else {}
    said |= {f"cycles on {cycles.measure}": cycles.source for cycles in exercise.movements}
    said |= {f"checks[{check.id}]": check.source for check in exercise.checks}
    for place, source in said.items():
        if source == UNMEASURED:
            helps = "tune" if place.startswith("checks") else "evaluate"  # what is judged at all is not tuned
            yield f"{place}: its numbers are still to be measured; `posecheck {helps}` helps"
        elif not _named(source, exercise.sources):
            yield f"{place}: the source names none of {', '.join(exercise.sources)}, nor says what was measured"


def _named(source: str, keys: Collection[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", source) for word in (*keys, *_OWN) if word)


def _check(exercise: Exercise, check: Check) -> Iterator[str]:
    place = f"checks[{check.id}]"
    for limit in check.limits:
        name = limit.measure
        if limit.min and limit.max:
            yield f"{place}: one cue for both ends of {name}; two checks could say which way"
        for end, edge in (("min", limit.min), ("max", limit.max)):
            if edge and edge.ok == edge.cue:
                yield f"{place}: {name} {end} has no gap between ok and cue, so the cue may flicker"
        yield from _view(exercise, limit, place)
        yield from _unreachable(exercise, limit, place)
    if check.persist < _HASTY_S and not _paced(check):
        yield f"{place}: is said after {check.persist:g} s; a step or a glance lasts as long"
    if check.easier is None and not check.advice:
        yield f"{place}: has no easier variant for who hears it twice"


def _paced(check: Check) -> bool:
    """Return whether its quantities look back over time by themselves."""
    return all(limit.measure == CYCLE_PERIOD or limit.over is not None for limit in check.limits)


def _view(exercise: Exercise, limit: Limit, place: str) -> Iterator[str]:
    measure = MEASURES.get(limit.measure)
    if measure and measure.silhouette and "side" not in exercise.views:
        yield f"{place}: {measure.name} is read from the back's outline, which only the side shows"
    if limit.measure in _FRONT_ONLY and exercise.views == ("side",):
        yield f"{place}: {limit.measure} cannot be judged from the side"


def _unreachable(exercise: Exercise, limit: Limit, place: str) -> Iterator[str]:
    """Yield where she is out of the pose, whichever way it is kept, before the fault begins: it is never said."""
    if not exercise.entry:
        return
    entry = exercise.entry
    ways = [(*entry.all, *group) for group in entry.any or [()]] + [entry.stay] * bool(entry.stay)
    for end, edge, sign in (("min", limit.min, 1), ("max", limit.max, -1)):
        bounds = [
            [sign * x for c in way if c.key == limit.key and (x := getattr(c, end)) is not None] for way in ways
        ]
        if edge and all(bounds) and sign * edge.cue <= (widest := min(max(bound) for bound in bounds)):
            words = f"{limit.words} {'under' if sign > 0 else 'over'} {sign * widest:g}"
            yield f"{place}: with {words} she is out of the pose, so a cue at {edge.cue:g} is never said"


def _recordings(exercise: Exercise, shown: Collection[str]) -> Iterator[str]:
    if not exercise.checks:
        return
    if "" not in shown:
        yield "no recording shows it done well; one in sample_videos/ would keep the thresholds honest"
    missing = [check.id for check in exercise.checks if check.id not in shown]
    if missing:
        yield f"no recording shows {', '.join(missing)}"


def _place(exercise: Exercise, library: Library) -> Iterator[str]:
    if not any(item.exercise == exercise.id for p in library.programmes.values() for item in p.items):
        yield "is in no programme, so Today does not propose it; Practice offers it all the same"
    if exercise.id not in library.safety.unlock:
        yield "has no opening in safety.yaml, so it opens as late as the 'default' there"


def _languages(exercise: Exercise, languages: Collection[str]) -> Iterator[str]:
    for code in languages:
        lacking = [dotted(at) for at, text in texts(exercise) if code not in text]
        if lacking:
            some = ", ".join(lacking[:3]) + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")
            yield f"languages/{code}/exercises/{exercise.id}.yaml lacks {some}: they are English there"
