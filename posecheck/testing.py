"""Thresholds in tests: say what a definition must accept and what it must catch; a failure shows the numbers.

    from posecheck.testing import assert_accepts, assert_faults, assert_no_cues

    def test_straight_arms_are_left_in_peace():
        assert_accepts("downward_dog", "sample_videos/downward_dog_correct_ana.mp4")

    def test_bent_arms_are_caught():
        assert_faults("sample_videos/downward_dog_elbows_bent_bea.mp4", "elbows_bent", between=(2, 6))

A clip is a video, a photograph, a landmark recording (``.npz``) or a ``Pose``. Landmarks of pictures are kept in
the user's cache, so that a second run needs no inference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from posecheck import models, rules
from posecheck.cache import LandmarkCache, open_cache
from posecheck.errors import PosecheckError
from posecheck.files import source_kind
from posecheck.folders import routines_folder
from posecheck.judgement import Settings, judge
from posecheck.labels import case_of
from posecheck.ledger import Ledger
from posecheck.library import Library, load_library
from posecheck.measures import MEASURES
from posecheck.moment import Moment
from posecheck.pose import BoolArray, Pose
from posecheck.reader import PoseReader
from posecheck.rules import Criteria
from posecheck.spec import Check, Condition, Exercise, Limit, Strictness
from posecheck.survey import AUTO, check_exercise
from posecheck.trace import OUTSIDE, Trace, follow
from posecheck.tune import find_check

Clip = str | Path | Pose
Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Watched:
    """A clip as one exercise judges it.

    Attributes:
        name: Of the clip.
        exercise: Judged as this.
        moments: What the trainer said at each instant.
        trace: The numbers behind it.
        library: The definitions it was judged with.
        strictness: Which bands were kept to.
    """

    name: str
    exercise: Exercise
    moments: tuple[Moment, ...]
    trace: Trace
    library: Library
    strictness: Strictness

    def faults(self, between: Stretch | None = None) -> dict[str, float]:
        """Return the checks that were faults within a stretch of seconds, and when each first was."""
        first: dict[str, float] = {}
        for moment in self.moments:
            if between is None or between[0] <= moment.t <= between[1]:
                for name in moment.faults:
                    first.setdefault(name, moment.t)
        return first

    @property
    def accepted(self) -> bool:
        """In the pose at least once, and free of faults (advice excluded) for long enough."""
        return bool(
            Ledger(self.moments).summarise(self.exercise.advice, self.library.coaching.accept_share)["accepted"]
        )

    @property
    def cues(self) -> list[tuple[float, str]]:
        """Every correction said: second and check id."""
        return [(e.t, str(e.id)) for moment in self.moments for e in moment.events if e.kind == "cue"]


def watch(
    clip: Clip, exercise: str = AUTO, *, strictness: Strictness = "gentle", library: Library | None = None
) -> Watched:
    """Return a clip as an exercise judges it.

    Args:
        clip: Video, photograph, recording or pose.
        exercise: Id; by default what the clip's truth or manifest says it shows, else what is recognised in it.
        strictness: Which bands are kept to.
        library: The definitions; the project's own by default.

    Raises:
        PosecheckError: where the clip cannot be read, or no exercise is found in it.
    """
    known = library or definitions()
    check_exercise(exercise, known)
    if isinstance(clip, Pose):
        return _watch("the recording", clip, exercise, strictness, known)
    path = Path(clip).resolve()
    if exercise == AUTO:
        said = _label(path)
        exercise = said if said in known.exercises else AUTO
    if library is None:
        return _watch_file(path, exercise, strictness)
    return _watch(path.name, read_clip(path), exercise, strictness, library)


@lru_cache(maxsize=8)
def _watch_file(path: Path, exercise: str, strictness: Strictness) -> Watched:
    """Judge a file once, however much a test asserts of it."""
    return _watch(path.name, read_clip(path), exercise, strictness, definitions())


def _watch(name: str, pose: Pose, exercise: str, strictness: Strictness, library: Library) -> Watched:
    if exercise == AUTO:
        found = judge(pose, library, Settings()).exercise
        if found is None:
            raise PosecheckError(f"No exercise was entered in {name}.", "Name the one it should show.")
        exercise = found.id
    trace, moments = follow(library.exercises[exercise], library, pose, strictness=strictness)
    return Watched(name, library.exercises[exercise], moments, trace, library, strictness)


def assert_accepts(
    exercise: str, clip: Clip, *, strictness: Strictness = "gentle", library: Library | None = None
) -> None:
    """Assert that a clip is entered as an exercise and accepted.

    Raises:
        AssertionError: saying what stood in the way, when, and by how much.
    """
    __tracebackhide__ = True  # a failure shows the line of the test and the numbers, not how they were found
    seen = watch(clip, exercise, strictness=strictness, library=library)
    if seen.accepted:
        return
    if not any(moment.in_pose for moment in seen.moments):
        raise AssertionError(f"{seen.name} was never in the pose of {exercise}.\n{_why_outside(seen)}")
    faults = "\n".join(_fault_line(seen, check, t) for check, t in seen.faults().items())
    raise AssertionError(f"{seen.name} was not accepted as {exercise}:\n{faults}")


def assert_faults(
    clip: Clip,
    check: str,
    *,
    between: Stretch | None = None,
    exercise: str = AUTO,
    strictness: Strictness = "gentle",
    library: Library | None = None,
) -> None:
    """Assert that a check is a fault at some instant, within a stretch of seconds if one is given.

    Raises:
        AssertionError: saying how near its quantities came to the band, and when.
        PosecheckError: where the exercise has no such check, or the clip no such stretch.
    """
    __tracebackhide__ = True
    seen = watch(clip, exercise, strictness=strictness, library=library)
    wanted = find_check(seen.exercise, check)
    if check in seen.faults(between):
        return
    when = "anywhere" if between is None else f"between {between[0]:g} and {between[1]:g} s"
    if not _during(seen, between).any():
        raise PosecheckError(f"Nothing of {seen.name} lies {when}.", f"It lasts {seen.trace.t[-1]:.1f} s.")
    nearest = "\n".join(_nearest(seen, wanted, between))
    raise AssertionError(f"{check} was no fault {when} in {seen.name} ({seen.exercise.id}).\n{nearest}")


def assert_no_cues(
    clip: Clip,
    *,
    but: Collection[str] = (),
    exercise: str = AUTO,
    strictness: Strictness = "gentle",
    library: Library | None = None,
) -> None:
    """Assert that nothing is corrected in a clip but the mistakes that are made in it; advice is no correction.

    Raises:
        AssertionError: saying what was corrected, when, and by how much it was out.
    """
    __tracebackhide__ = True
    seen = watch(clip, exercise, strictness=strictness, library=library)
    cues = [(t, check) for t, check in seen.cues if check not in but]
    if cues:
        said = "\n".join(_fault_line(seen, check, t) for t, check in cues)
        raise AssertionError(f"{seen.name} was corrected ({seen.exercise.id}):\n{said}")


# --- reading --------------------------------------------------------------------------------------------------


@cache
def definitions() -> Library:
    """Return the project's own definitions, read once."""
    return load_library(routines_folder())


@cache
def _kept() -> LandmarkCache:
    """Return the user's cache of landmarks; the pose model, which its keys are made of, is read once."""
    return open_cache(models.obtain_model(), definitions().coaching.tracking)


@lru_cache(maxsize=8)
def _label(path: Path) -> str:
    """Return what a file is said to show; its truth, which says it, is large."""
    return case_of(path).label


@cache
def read_clip(path: Path) -> Pose:
    """Return the pose of a file, from the user's cache of landmarks where it was read before.

    Raises:
        PosecheckError: where it cannot be read.
    """
    with PoseReader(models.obtain_model, definitions().coaching.tracking) as reader:
        return reader.read_kept(path, None if source_kind(path) == "recording" else _kept())


# --- explaining -----------------------------------------------------------------------------------------------


def _criteria(seen: Watched) -> Criteria:
    return rules.make_criteria(seen.exercise, seen.library.coaching.strictness[seen.strictness])


def _fault_line(seen: Watched, check: str, t: float) -> str:
    """Return one line for a fault that stood at ``t``: each quantity that was beyond its band, and by how much."""
    found = find_check(seen.exercise, check)
    at = int(np.argmin(np.abs(seen.trace.t - t)))
    parts = []
    for limit in found.limits:
        x = float(seen.trace.values[at, _column(seen.exercise, limit)])
        for end, bound, sign in _ends(limit, seen, "ok"):
            if np.isfinite(x) and sign * (x - bound) > 0:
                words = f"{limit.words} {_number(x, limit)}, ok {_upto(end)} {_number(bound, limit)}"
                parts.append(f"{words}: {_number(abs(x - bound), limit)} outside")
    return f"  {check} at {t:.1f} s: {'; '.join(parts) or 'within its band again'}"


def _nearest(seen: Watched, check: Check, between: Stretch | None) -> Iterator[str]:
    """Yield, for each end of each limit, how near its quantity came to the cue band, and when."""
    trace = seen.trace
    judged = (trace.stage != OUTSIDE) & _during(seen, between)
    if not judged.any():
        yield f"  She was not in the pose then.\n{_why_outside(seen, between)}"
        return
    criteria = _criteria(seen)
    holds = rules.group_holds(criteria, rules.hold_groups(criteria, trace.values), check.id)
    if check.when and not (judged & (holds == 1)).any():
        why = _failing(seen, check.when, judged) or "its conditions never held together"
        yield f"  It was not judged: {why}"
        return
    for limit in check.limits:
        x = np.where(judged, trace.values[:, _column(seen.exercise, limit)], np.nan)
        if not np.isfinite(x).any():
            yield f"  {limit.words} could not be seen"
            continue
        for end, bound, sign in _ends(limit, seen, "cue"):
            at = int(np.nanargmax(sign * x))
            beyond = sign * (float(x[at]) - bound)
            where = f"{_number(abs(beyond), limit)} {'beyond' if beyond > 0 else 'inside'} the band"
            if beyond > 0:
                where += f", but not for {check.persist:g} s"
            yield (
                f"  {limit.words} {_number(float(x[at]), limit)} at {trace.t[at]:.1f} s, a fault "
                f"{'under' if end == 'min' else 'over'} {_number(bound, limit)}: {where}"
            )


def _why_outside(seen: Watched, between: Stretch | None = None) -> str:
    entry = seen.exercise.entry
    if entry is None:
        return "  It has no entry: nothing is judged."
    during = _during(seen, between)
    failing = [_failing(seen, entry.all, during)]
    groups = [_failing(seen, group, during) for group in entry.any]
    failing += [" or ".join(f"({group})" for group in groups)] if all(groups) else []
    said = "; ".join(filter(None, failing))
    return f"  Entry: {said or 'each condition held for half of the time and more, but not all for long together'}"


def _during(seen: Watched, between: Stretch | None) -> BoolArray:
    """Return which instants lie within a stretch, both ends included; all without one."""
    first, last = between or (-np.inf, np.inf)
    return (seen.trace.t >= first) & (seen.trace.t <= last)


def _failing(seen: Watched, conditions: tuple[Condition, ...], during: BoolArray) -> str:
    """Return the conditions that failed most of the time, with the median of their quantity; empty without any."""
    parts = []
    for condition in conditions:
        x = seen.trace.values[during, _column(seen.exercise, condition)]
        low = -np.inf if condition.min is None else condition.min
        high = np.inf if condition.max is None else condition.max
        fine = ((x >= low) & (x <= high)) | (np.isnan(x) & (condition.unseen == "passes"))
        if x.size and fine.mean() < 0.5:
            value = "unseen" if np.isnan(x).all() else f"{_number(float(np.nanmedian(x)), condition)} (median)"
            parts.append(f"{condition.words} {value}, needs {condition.asks}")
    return "; ".join(parts)


def _ends(limit: Limit, seen: Watched, band: str) -> Iterator[tuple[str, float, int]]:
    """Yield (end, bound, sign) for each end of a limit: sign * (x - bound) > 0 is outside."""
    ok, cue = rules.limit_bounds(limit, seen.library.coaching.strictness[seen.strictness])
    low, high = ok if band == "ok" else cue
    if limit.min:
        yield "min", low, -1
    if limit.max:
        yield "max", high, 1


def _column(exercise: Exercise, quantity: Limit | Condition) -> int:
    return [q.key for q in exercise.quantities].index(quantity.key)


def _number(x: float, quantity: Limit | Condition) -> str:
    measure = MEASURES.get(quantity.measure)
    return f"{x:.1f}" if measure and measure.unit == "deg" and quantity.against != "neutral_ratio" else f"{x:.2f}"


def _upto(end: str) -> str:
    return "from" if end == "min" else "up to"
