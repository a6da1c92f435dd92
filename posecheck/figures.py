"""The figures of an evaluation, ``posecheck/evaluation@1``: what was found in labelled clips against the labels.

What the figures mean
---------------------
Every clip is judged once as the exercise it is labelled with, exactly as ``posecheck analyse`` does it.

*Entered*: a photograph that meets an exercise's entry conditions; a clip that meets them without a break for at
least the exercise's ``enter_after``. *Recall* of an exercise: the share of its clips that are entered as it.
*False entries* under a label: the share of the clips so labelled that are entered as the exercise although they
show another one or none; as a movement may pass through another exercise's pose (a downward dog begins on all
fours), a clip counts only if it meets the conditions for longer in all than those of the exercise it shows.

*Correct* is a clip without a labelled mistake. *Accepted*: the share of the correct clips that were in the pose
and without a fault, advice excluded, for as much of that time as ``posecheck/analysis@1`` asks for; one that
was never entered is not accepted. *False cues a minute*: corrections said on correct clips, advice excluded,
over the length of those clips; photographs have no length and do not count.

A check is *shown* while it stands as a fault, and at the moment it is cued. A labelled mistake is one
*positive*; those of one check that overlap in one clip are one. It is *caught* where its check is shown between
``EARLY_S`` before its onset and ``LATE_S`` after its end. A *false alarm* is a clip of the exercise in which
the check begins to be shown at any other time, however often. *Recall* = caught / positives, *precision* =
caught / (caught + clips with a false alarm), *F1* their harmonic mean. *Latency*: seconds from the labelled
onset, which is the half-way point of going wrong, to the first cue of the check within those bounds (0 where it
came before); the median over the positives that were cued. *In time*: those cued within the check's persistence
and ``labels.CUE_WITHIN_S``. A check that is advice has its own line like any other and is left out of all sums
over checks.

*Angle error*: the absolute difference, in the picture, of an included angle between the landmarks seen and the
true joints, of the side that faces the camera, in every instant in the pose, where the clip's view may judge
the exercise and the exercise refers to that angle.

*The back*: the turn of its outline, whole, lower and upper, against that of the skin over the true spine, in the
same instants, where the exercise judges the back. Beside the absolute error stands the one *within a clip*, after
the median error of each clip is taken off, because checks compare with her own neutral; and the correlation of
what was read with what was true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import numpy as np

from posecheck.labels import CUE_WITHIN_S, Case, Mistake
from posecheck.moment import Moment
from posecheck.pose import BoolArray, FloatArray
from posecheck.spec import Exercise

SCHEMA = "posecheck/evaluation@1"

RATES = (10.0, 15.0, 30.0)
"""Frames a second that a clip is judged at besides its own, where the laws are tried."""

EARLY_S = 0.5
"""A mistake may be shown so long before its labelled onset, which is half-way through going wrong."""
LATE_S = 1.5
"""And so long after its end: the movement back, the smoothing, and the grace of the rules."""

ANGLES = ("knee_angle", "elbow_angle", "hip_angle", "arm_line")
"""The measures compared with true joints."""

BACKS = {name: f"{name}_deg" for name in ("back_turn", "back_turn_lower", "back_turn_upper")}
"""The measures of the back, and what the truth calls them."""


# --- what was found -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Made:
    """A labelled mistake and what became of it.

    Attributes:
        check: That must catch it.
        start: Onset, seconds from the first frame of the case.
        end: Seconds.
        size: ``clear``, ``slight`` or empty.
        caught: Whether the check was shown.
        latency: Seconds from the onset to the first cue; None where it was not said.
        others: Other checks shown within the same bounds.
        due: Seconds from the onset by which a cue is in time; None where no check catches it.
    """

    check: str
    start: float
    end: float
    size: str
    caught: bool
    latency: float | None
    others: tuple[str, ...]
    due: float | None = None

    @property
    def in_time(self) -> bool:
        """Whether it was said, and no later than it was due."""
        return self.latency is not None and self.due is not None and self.latency <= self.due


@dataclass(frozen=True, slots=True)
class Alarm:
    """A check that was shown where its mistake was not made: the first time in this clip."""

    check: str
    t: float


@dataclass(frozen=True, slots=True)
class Laws:
    """What became of one clip's verdict.

    Attributes:
        mirrored: Whether the mirrored body gets the same cues, and the same faults in every instant.
        rates: Frame rate -> whether it gets the same cues.
        seconds: Time in the pose.
        changes: How often the shown set of faults changed in that time.
        jittered: How often it changed with noise on the landmarks.
    """

    mirrored: bool
    rates: Mapping[float, bool]
    seconds: float
    changes: int
    jittered: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What the trainer made of a case.

    Attributes:
        case: What was judged.
        still: Whether it is a photograph.
        seconds: Its length.
        entered: Exercises it was entered as.
        instead: Exercises it was entered as although it shows another or none.
        accepted: As in ``posecheck/analysis@1``; None for a case that is not ``correct``, or of no exercise.
        cues: Corrections said, advice excluded.
        made: Its labelled mistakes.
        alarms: Checks shown without their mistake, where the label speaks of it.
        angles: Measure -> absolute errors in degrees, in the pose, shape ``(n,)``.
        backs: Measure of the back -> what was read and what was true, degrees, in the pose, shape ``(n, 2)``.
        laws: How it stood changes that must change nothing; None where they were not tried.
    """

    case: Case
    still: bool
    seconds: float
    entered: frozenset[str]
    instead: frozenset[str]
    accepted: bool | None = None
    cues: int = 0
    made: tuple[Made, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    angles: Mapping[str, FloatArray] = field(default_factory=dict)
    backs: Mapping[str, FloatArray] = field(default_factory=dict)
    laws: Laws | None = None

    @property
    def correct(self) -> bool:
        """Whether it is known that no mistake is made."""
        return not self.case.mistakes and self.case.about is None


def labelled(findings: Iterable[Finding], label: str) -> list[Finding]:
    """Return the findings of the cases under a label."""
    return [finding for finding in findings if finding.case.label == label]


# --- shown against made ---------------------------------------------------------------------------------------


def runs_of(mask: BoolArray) -> list[tuple[int, int]]:
    """Return the runs of true values as (first, one past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def shown_runs(moments: Sequence[Moment]) -> dict[str, list[tuple[float, float]]]:
    """Return for each check the stretches (seconds) in which it stood as a fault."""
    t = [moment.t for moment in moments]
    names = dict.fromkeys(name for moment in moments for name in moment.faults)
    return {
        name: [(t[a], t[b - 1]) for a, b in runs_of(np.array([name in moment.faults for moment in moments]))]
        for name in names
    }


def cues_of(moments: Iterable[Moment]) -> list[tuple[str, float]]:
    """Return every cue said: check and time."""
    return [(e.id, e.t) for moment in moments for e in moment.events if e.kind == "cue" and e.id is not None]


def match(
    runs: Mapping[str, Sequence[tuple[float, float]]],
    cues: Sequence[tuple[str, float]],
    mistakes: Sequence[Mistake],
    persist: Mapping[str, float],
) -> tuple[tuple[Made, ...], tuple[Alarm, ...]]:
    """Compare what was shown with what was made (see the head of this module).

    Args:
        runs: Check -> stretches (seconds) in which it stood as a fault.
        cues: Check and time of every cue.
        mistakes: Labelled.
        persist: Check -> its persistence, seconds.

    Returns:
        The mistakes made, in order; the checks shown where they were not made.
    """
    shown = {name: list(stretches) for name, stretches in runs.items()}
    for name, t in cues:
        if not any(a <= t <= b for a, b in shown.get(name, ())):  # a photograph's, or one said a little late
            shown.setdefault(name, []).append((t, t))
    spans = _merge(mistakes)
    made = tuple(_judge_span(span, shown, cues, persist.get(span.check)) for span in spans)
    first: dict[str, float] = {}
    for name, stretches in shown.items():
        own = [span for span in spans if span.check == name]
        for start in sorted(start for start, _ in stretches):
            if not any(_within(start, span) for span in own):
                first.setdefault(name, start)
    alarms = sorted((t, name) for name, t in first.items())
    return made, tuple(Alarm(name, t) for t, name in alarms)


def _within(t: float, span: Mistake) -> bool:
    return span.start - EARLY_S <= t <= span.end + LATE_S


def _merge(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Return the mistakes in the order of time, those of one check that overlap made one."""
    merged: list[Mistake] = []
    for mistake in sorted(mistakes, key=lambda m: (m.check, m.start)):
        last = merged[-1] if merged else None
        if last and last.check == mistake.check and mistake.start <= last.end:
            merged[-1] = replace(last, end=max(last.end, mistake.end))
        else:
            merged.append(mistake)
    return sorted(merged, key=lambda m: (m.start, m.check))


def _judge_span(
    span: Mistake,
    shown: Mapping[str, Sequence[tuple[float, float]]],
    cues: Sequence[tuple[str, float]],
    persist: float | None,
) -> Made:
    def in_bounds(name: str) -> bool:
        return any(a <= span.end + LATE_S and b >= span.start - EARLY_S for a, b in shown.get(name, ()))

    said = [t for name, t in cues if name == span.check and _within(t, span)]
    return Made(
        check=span.check,
        start=span.start,
        end=span.end,
        size=span.size,
        caught=in_bounds(span.check),
        latency=max(0.0, min(said) - span.start) if said else None,
        others=tuple(sorted(name for name in shown if name != span.check and in_bounds(name))),
        due=None if persist is None else persist + CUE_WITHIN_S,
    )


# --- figures --------------------------------------------------------------------------------------------------


def summarise(findings: Sequence[Finding], exercises: Mapping[str, Exercise]) -> dict[str, Any]:
    """Return every figure, ``posecheck/evaluation@1``; one without data is None."""
    labels = sorted({finding.case.label for finding in findings})
    return {
        "schema": SCHEMA,
        "exercises": {name: exercise_figures(exercise, findings, labels) for name, exercise in exercises.items()},
        "checks": {
            name: {
                check: check_figures(check, labelled(findings, name))
                for check in check_ids(exercise, labelled(findings, name))
            }
            for name, exercise in exercises.items()
        },
        "angles": {
            **{name: angle_figures(name, findings) for name in ANGLES},
            **{name: back_figures(name, findings) for name in BACKS},
        },
    }


def exercise_figures(exercise: Exercise, findings: Sequence[Finding], labels: Sequence[str]) -> dict[str, Any]:
    """Return an exercise's part of the figures; ``labels`` are those of the whole set."""
    name = exercise.id
    own = labelled(findings, name)
    correct = [finding for finding in own if finding.correct]
    minutes = sum(finding.seconds for finding in correct) / 60
    return {
        "clips": len(own),
        # What is not judged is never entered, and that is no miss.
        "recall": share(name in finding.entered for finding in own if exercise.entry),
        "accepted": share(bool(finding.accepted) for finding in correct if exercise.entry),
        "false_entries": {
            label: share(name in finding.instead for finding in labelled(findings, label))
            for label in labels
            if label != name
        },
        "false_cues_per_min": rounded(sum(f.cues for f in correct if not f.still) / minutes) if minutes else None,
    }


def check_ids(exercise: Exercise, findings: Iterable[Finding]) -> list[str]:
    """Return the checks of an exercise, and after them mistakes that are labelled but have no check."""
    made = sorted({made.check for finding in findings for made in finding.made})
    return list(dict.fromkeys([*(check.id for check in exercise.checks), *made]))


def check_figures(check: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return positives, recall, precision, F1 and median latency of a check over the clips of its exercise."""
    made = [m for f in findings for m in f.made if m.check == check]
    alarms = sum(alarm.check == check for finding in findings for alarm in finding.alarms)
    return score(made, alarms)


def corrections(findings: Sequence[Finding], exercises: Mapping[str, Exercise]) -> tuple[list[Made], int]:
    """Return every labelled mistake, and the number of false alarms, of all checks that are not advice."""
    advice = {(name, check) for name, exercise in exercises.items() for check in exercise.advice}
    made = [m for f in findings for m in f.made if (f.case.label, m.check) not in advice]
    return made, sum((f.case.label, alarm.check) not in advice for f in findings for alarm in f.alarms)


def score(made: Sequence[Made], alarms: int) -> dict[str, Any]:
    """Return positives, recall, precision, F1 and median latency of mistakes beside a number of false alarms."""
    caught = sum(m.caught for m in made)
    recall = caught / len(made) if made else None
    precision = caught / (caught + alarms) if caught + alarms else None
    f1 = None
    if recall is not None and precision is not None:
        f1 = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    said = [m.latency for m in made if m.latency is not None]
    return {
        "positives": len(made),
        "recall": rounded(recall),
        "precision": rounded(precision),
        "f1": rounded(f1),
        "latency_s": rounded(median(said)) if said else None,
    }


def angle_figures(name: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the median error of a measure over all clips with truth, and how many instants it is of."""
    errors = [finding.angles[name] for finding in findings if name in finding.angles]
    every = np.concatenate(errors) if errors else np.zeros(0)
    return {"median_abs_error_deg": rounded(_typical(every), 1), "n": len(every)}


def back_figures(name: str, findings: Iterable[Finding]) -> dict[str, Any]:
    """Return how a measure of the back agrees with the true back, over all clips with truth."""
    clips = [finding.backs[name] for finding in findings if len(finding.backs.get(name, ()))]
    pairs = np.concatenate(clips) if clips else np.zeros((0, 2))
    errors = pairs[:, 0] - pairs[:, 1]
    own = [clip[:, 0] - clip[:, 1] for clip in clips]
    within = np.concatenate([error - np.median(error) for error in own]) if own else np.zeros(0)
    moves = len(pairs) > 1 and bool((np.ptp(pairs, axis=0) > 0).all())
    return {
        "median_abs_error_deg": rounded(_typical(errors), 1),
        "n": len(pairs),
        "within_clip_deg": rounded(_typical(within), 1),
        "correlation": rounded(np.asarray(np.corrcoef(pairs.T))[0, 1]) if moves else None,
    }


def _typical(errors: FloatArray) -> float | None:
    """Return the median size of errors; None of nothing."""
    return float(np.median(np.abs(errors))) if len(errors) else None


def share(truths: Iterable[bool]) -> float | None:
    """Return the share that is true; None of nothing."""
    every = list(truths)
    return rounded(sum(every) / len(every)) if every else None


def rounded(value: float | None, digits: int = 3) -> float | None:
    """Return a figure as it is written."""
    return None if value is None else round(float(value), digits) + 0.0


def confusion(findings: Sequence[Finding]) -> dict[str, Counter[str]]:
    """Return how often each check was shown where each mistake was made; under "" on correct clips.

    A mistake that nothing was shown for counts under "" as shown.
    """
    table: dict[str, Counter[str]] = {}
    for finding in findings:
        if finding.correct:
            table.setdefault("", Counter()).update(alarm.check for alarm in finding.alarms)
        for made in finding.made:
            shown = [*([made.check] if made.caught else []), *made.others]
            table.setdefault(made.check, Counter()).update(shown or [""])
    return table


def law_figures(findings: Iterable[Finding]) -> dict[str, float | None]:
    """Return the shares of clips that keep each law, and the changes of the shown faults in 10 s in the pose.

    ``jitter`` is how often they change with noise on the landmarks beyond how often they change without.
    """
    tried = [finding.laws for finding in findings if finding.laws]
    seconds = sum(laws.seconds for laws in tried)
    changes = sum(laws.changes for laws in tried)
    jittered = sum(laws.jittered for laws in tried)
    return {
        "mirrored": share(laws.mirrored for laws in tried),
        **{f"{fps:g} fps": share(laws.rates[fps] for laws in tried) for fps in RATES},
        "changes": rounded(10 * changes / seconds) if seconds else None,
        "jitter": rounded(10 * (jittered - changes) / seconds) if seconds else None,
    }
