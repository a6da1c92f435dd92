"""How the bands of an exercise fit recordings, and what moving one of them would do.

A *knob* is one end of one limit of a check. Moving it shifts its three numbers together. Every recording is
followed by the trainer once (``trace``); after that each position of a knob is judged again from arrays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from posecheck import rules
from posecheck.coaching import Coaching
from posecheck.errors import PosecheckError
from posecheck.fields import suggest
from posecheck.labels import CUE_WITHIN_S, Mistake
from posecheck.pose import BoolArray, FloatArray
from posecheck.rules import Criteria
from posecheck.spec import Check, Edge, Exercise, Limit, Strictness
from posecheck.trace import HOLDING, Trace, accepted, joined, judge_again

End = Literal["min", "max"]

_POSITIONS = 61
_WORD = re.compile(r"[^\W\d]\w*|\d+(?:\.\d+)?")
"""A word or a number in the name of a band."""
_SPREAD = (1.0, 99.0)
"""Percentiles between which a knob is tried; the ends of a recording's values are noise."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One end of one limit of one check."""

    check: str
    limit: int
    end: End

    def limit_of(self, exercise: Exercise) -> Limit:
        """Return the limit one of whose ends it is."""
        return find_check(exercise, self.check).limits[self.limit]

    def edge(self, exercise: Exercise) -> Edge:
        """Return the numbers it stands at."""
        edge: Edge = getattr(self.limit_of(exercise), self.end)
        return edge

    def moved(self, exercise: Exercise, cue: float) -> Edge:
        """Return its numbers shifted together to another cue bound, as far as what can be measured reaches."""
        edge, (low, high) = self.edge(exercise), self.limit_of(exercise).domain
        by = cue - edge.cue
        return Edge(**{name: min(max(x + by, low), high) for name, x in edge})

    def describe(self, exercise: Exercise) -> str:
        """Return ``elbows_bent: elbow_angle min``: its name wherever a band is named."""
        return f"{self.check}: {self.limit_of(exercise).words} {self.end}"


@dataclass(frozen=True, slots=True)
class Trial:
    """A recording of the exercise.

    Attributes:
        name: What the teacher knows it by.
        trace: As the exercise compares it.
        mistakes: Really made in it, of those that are known.
        about: Ids of the checks of which somebody has said whether their mistake is made; None: of all. Of the
            others it speaks neither for a band nor against it.
    """

    name: str
    trace: Trace
    mistakes: tuple[Mistake, ...] = ()
    about: tuple[str, ...] | None = None

    def speaks_of(self, check: str) -> bool:
        """Return whether somebody has said if a check's mistake is made in it."""
        return self.about is None or check in self.about


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is said of one recording.

    Attributes:
        name: Of the recording.
        faults: Check id -> second at which it first was a fault.
        accepted: In the pose at least once, and free of faults (advice excluded) for long enough.
    """

    name: str
    faults: dict[str, float]
    accepted: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How one check does over recordings; a figure without data is NaN.

    Attributes:
        positives: Recordings in which the mistake is made.
        caught: Of these, how many it is a fault in, in time.
        negatives: Recordings in which it is known not to be made.
        false: Of these, how many it is a fault in all the same.
    """

    positives: int
    caught: int
    negatives: int
    false: int

    @property
    def recall(self) -> float:
        """Share of the mistakes that are caught."""
        return self.caught / self.positives if self.positives else np.nan

    @property
    def precision(self) -> float:
        """Share of the faults that are mistakes."""
        said = self.caught + self.false
        return self.caught / said if said else np.nan

    @property
    def f1(self) -> float:
        """Harmonic mean of recall and precision; 0 where nothing is caught."""
        wanted = 2 * self.caught + self.false + (self.positives - self.caught)
        return 2 * self.caught / wanted if wanted else np.nan


@dataclass(frozen=True, eq=False)
class Sweep:
    """One knob tried at many positions.

    Attributes:
        knob: Which.
        cue: Positions of its cue bound, rising, shape ``(n,)``; the present one is among them.
        caught: Whether each mistake is caught at each position, shape ``(n, positives)``.
        false: Whether the check is a fault in each other recording, shape ``(n, negatives)``.
        present: Place of the present position.
    """

    knob: Knob
    cue: FloatArray
    caught: BoolArray
    false: BoolArray
    present: int

    def score(self, position: int) -> Score:
        """Return the score at one position."""
        caught, false = self.caught[position], self.false[position]
        return Score(len(caught), int(caught.sum()), len(false), int(false.sum()))


@dataclass(frozen=True, slots=True)
class Judged:
    """What a knob's limit judged, by what is known of it; each shape ``(k,)``.

    Attributes:
        right: While its mistake was not made.
        wrong: While it was.
        unlabelled: Where nobody has said.
    """

    right: FloatArray
    wrong: FloatArray
    unlabelled: FloatArray


@dataclass(frozen=True, slots=True)
class ProposedBound:
    """Where a knob would do best.

    Attributes:
        cue: Proposed cue bound: the middle of the best positions, the widest run of them; the present one where
            every position corrects more without reason than with.
        low: Smallest proposal when any one recording is left out.
        high: Largest.
        score: At the proposed position.
        present: At the present one.
    """

    cue: float
    low: float
    high: float
    score: Score
    present: Score


def knobs(exercise: Exercise) -> tuple[Knob, ...]:
    """Return every knob of an exercise, in the order of its checks."""
    return tuple(
        Knob(check.id, i, end)
        for check in exercise.checks
        for i, limit in enumerate(check.limits)
        for end in ("min", "max")
        if getattr(limit, end) is not None
    )


def find_knob(exercise: Exercise, text: str) -> Knob:
    """Return the knob of a name as ``Knob.describe`` gives it, or of as many of its words as tell it from others.

    Between the words may be a space, a colon or a dot: ``elbows_bent``, ``hands_misplaced.wrist_ahead.min``.

    Raises:
        PosecheckError: where there is none, or more than one.
    """
    words = _WORD.findall(text)
    check = find_check(exercise, words[0] if words else text).id
    named = {knob.describe(exercise): knob for knob in knobs(exercise) if knob.check == check}
    fits = [name for name in named if set(words) <= set(_WORD.findall(name))]
    exact = [name for name in fits if words == _WORD.findall(name)]
    if len(exact or fits) == 1:
        return named[(exact or fits)[0]]
    problem = "may mean more than one band" if fits else "names no band"
    raise PosecheckError(f"'{text}' {problem} of {exercise.id}.", _known([f"'{name}'" for name in named]))


def find_check(exercise: Exercise, name: str) -> Check:
    """Return the check with this id.

    Raises:
        PosecheckError: where there is none.
    """
    known = {check.id: check for check in exercise.checks}
    if name not in known:
        hint = suggest(name, list(known)).strip() or _known(list(known))
        raise PosecheckError(f"{exercise.id} has no check '{name}'.", hint)
    return known[name]


def _known(names: Sequence[str]) -> str:
    return f"There are: {', '.join(names)}."


def with_edge(exercise: Exercise, knob: Knob, edge: Edge) -> Exercise:
    """Return the exercise with other numbers at a knob."""
    limit = knob.limit_of(exercise)
    checks = tuple(
        check.model_copy(update={"limits": tuple(_replaced(check.limits, knob, limit, edge))})
        if check.id == knob.check
        else check
        for check in exercise.checks
    )
    return exercise.model_copy(update={"checks": checks})


def _replaced(limits: tuple[Limit, ...], knob: Knob, old: Limit, edge: Edge) -> Iterator[Limit]:
    for i, limit in enumerate(limits):
        yield old.model_copy(update={knob.end: edge}) if i == knob.limit else limit


# --- judging again --------------------------------------------------------------------------------------------


class Trials:
    """Recordings of one exercise, laid end to end so that all are judged again at once.

    Args:
        exercise: With the bands the recordings were followed with.
        coaching: How strictness moves bands, and what is accepted.
        trials: The recordings.
        strictness: Which bands are judged.
    """

    def __init__(
        self, exercise: Exercise, coaching: Coaching, trials: Sequence[Trial], strictness: Strictness = "gentle"
    ) -> None:
        self.exercise = exercise
        self.trials = tuple(trials)
        self._coaching = coaching
        self._strictness = strictness
        lengths = [len(trial.trace.t) for trial in trials]
        ends = np.cumsum(lengths, dtype=int)
        self._stretches = [slice(int(end - n), int(end)) for end, n in zip(ends, lengths, strict=True)]
        self._trace = joined(exercise, [trial.trace for trial in trials])

    def __len__(self) -> int:
        return len(self.trials)

    def unlabelled(self, check: str) -> int:
        """Return in how many recordings nobody has said whether a check's mistake is made."""
        return sum(not trial.speaks_of(check) for trial in self.trials)

    def criteria(self, exercise: Exercise) -> Criteria:
        """Return the criteria of the exercise with moved bands."""
        return rules.make_criteria(exercise, self._coaching.strictness[self._strictness])

    def standing(self, exercise: Exercise) -> list[BoolArray]:
        """Return which checks are faults in each recording, shapes ``(T, n_checks)``.

        Args:
            exercise: The same one; its bands may have been moved.
        """
        _, standing = judge_again(self._trace, self.criteria(exercise))
        return [standing[stretch] for stretch in self._stretches]

    def outcomes(self, exercise: Exercise) -> list[Outcome]:
        """Return what is said of each recording."""
        found = zip(self.trials, self.standing(exercise), strict=True)
        return [_outcome(trial, standing, exercise, self._coaching.accept_share) for trial, standing in found]

    def scores(self, exercise: Exercise) -> dict[str, Score]:
        """Return how each check does."""
        standing = self.standing(exercise)
        result = {}
        for i, check in enumerate(exercise.checks):
            caught, false = self._verdicts([faults[:, i] for faults in standing], check)
            result[check.id] = Score(len(caught), sum(caught), len(false), sum(false))
        return result

    def sweep(self, knob: Knob, positions: Sequence[float] | None = None) -> Sweep:
        """Try a knob at many positions.

        Args:
            knob: Which to move.
            positions: Cue bounds to try; spread over the values that were judged by default.
        """
        edge = knob.edge(self.exercise)
        if positions is None:
            judged = self.judged_values(knob)
            values = np.concatenate([judged.right, judged.wrong, judged.unlabelled])
            low, high = np.percentile(values, _SPREAD) if values.size else (edge.cue, edge.cue)
            positions = np.linspace(low, high, _POSITIONS).tolist()
        cue = np.unique([*positions, edge.cue])
        place = _place(self.exercise, knob.check)
        tried = []
        for position in cue.tolist():
            exercise = with_edge(self.exercise, knob, knob.moved(self.exercise, position))
            standing = [faults[:, place] for faults in self.standing(exercise)]
            tried.append(self._verdicts(standing, exercise.checks[place]))
        caught, false = (np.array([verdict[k] for verdict in tried], dtype=bool) for k in (0, 1))
        return Sweep(knob, cue, caught, false, int(np.flatnonzero(cue == edge.cue)[0]))

    def judged_values(self, knob: Knob) -> Judged:
        """Return the values a knob's limit judged, by whether its mistake was being made then."""
        criteria = self.criteria(self.exercise)
        verdict = rules.assess(criteria, self._trace.values, self._trace.at_least)
        place = _place(self.exercise, knob.check)
        x = self._trace.values[:, criteria.limit_column[criteria.limit_check[place] + knob.limit]]
        judged = (self._trace.stage == HOLDING) & np.isfinite(x) & ~verdict.unknown[:, place]
        if self.exercise.checks[place].when:
            judged &= rules.group_holds(criteria, verdict.groups, knob.check) == 1.0
        wrong, known = np.zeros((2, len(x)), dtype=bool)
        for trial, stretch in zip(self.trials, self._stretches, strict=True):
            t = trial.trace.t
            known[stretch] = trial.speaks_of(knob.check)
            for mistake in _made(trial, knob.check):
                wrong[stretch] |= (t >= mistake.start) & (t <= mistake.end)
        return Judged(x[judged & known & ~wrong], x[judged & wrong], x[judged & ~known])

    def _verdicts(self, standing: Sequence[BoolArray], check: Check) -> tuple[list[bool], list[bool]]:
        """Return whether each mistake is caught, and whether the check is a fault in each other recording."""
        pairs = list(zip(self.trials, standing, strict=True))
        caught = [_caught(trial, s, m, check.persist) for trial, s in pairs for m in _made(trial, check.id)]
        free = [s for trial, s in pairs if trial.speaks_of(check.id) and not _made(trial, check.id)]
        return caught, [bool(s.any()) for s in free]


def _place(exercise: Exercise, check: str) -> int:
    return [c.id for c in exercise.checks].index(check)


def _outcome(trial: Trial, standing: BoolArray, exercise: Exercise, accept_share: float) -> Outcome:
    t = trial.trace.t
    first = {
        check.id: float(t[np.argmax(standing[:, i])])
        for i, check in enumerate(exercise.checks)
        if standing[:, i].any()
    }
    return Outcome(trial.name, first, accepted(trial.trace, standing, exercise, accept_share))


def _made(trial: Trial, check: str) -> list[Mistake]:
    return [mistake for mistake in trial.mistakes if mistake.check == check and trial.speaks_of(check)]


def _caught(trial: Trial, standing: BoolArray, mistake: Mistake, persist: float) -> bool:
    t = trial.trace.t
    during = (t >= mistake.start) & (t <= mistake.end + persist + CUE_WITHIN_S)
    return bool(standing[during].any())


# --- proposing ------------------------------------------------------------------------------------------------


def propose(tried: Sweep) -> ProposedBound | None:
    """Return where the knob does best, or None without both a recording with the mistake and one without."""
    positives, negatives = tried.caught.shape[1], tried.false.shape[1]
    if not positives or not negatives:
        return None
    best = _best(tried.caught, tried.false, tried.present)
    left_out = [
        _best(np.delete(tried.caught, k, axis=1), tried.false, best) for k in range(positives) if positives > 1
    ]
    left_out += [
        _best(tried.caught, np.delete(tried.false, k, axis=1), best) for k in range(negatives) if negatives > 1
    ]
    around = tried.cue[[best, *left_out]]
    return ProposedBound(
        cue=float(tried.cue[best]),
        low=float(around.min()),
        high=float(around.max()),
        score=tried.score(best),
        present=tried.score(tried.present),
    )


def _best(caught: BoolArray, false: BoolArray, otherwise: int) -> int:
    """Return the middle of the longest run of the best positions: as far from either error as can be.

    Best is the highest F1. To correct more without reason than with is no better than to say nothing.
    """
    right, wrong = caught.sum(axis=1), false.sum(axis=1)
    f1 = np.where(right >= wrong, 2 * right / np.maximum(right + caught.shape[1] + wrong, 1), 0.0)
    best = np.isclose(f1, f1.max())
    if best.all():
        return otherwise  # every position does as well: no reason to move
    edges = np.flatnonzero(np.diff(np.concatenate([[0], best.astype(np.int8), [0]])))
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    first, last = max(runs, key=lambda run: run[1] - run[0])
    return int(first + last - 1) // 2
