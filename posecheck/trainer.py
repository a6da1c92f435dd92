"""One exercise over media time: poses in, moments out. Camera, replay and tests all come through here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from posecheck import coach, cycles, holds, quantities, rules, smoothing
from posecheck.body import Body, choose_near, side_balance
from posecheck.coach import Wish
from posecheck.library import Library, in_language
from posecheck.measures import MEASURES, SIDED
from posecheck.moment import Event, EventKind, Moment, Side
from posecheck.pose import NAMED, BoolArray, FloatArray, Landmark, Pose
from posecheck.spec import Check, Exercise, Strictness, View

_PARTS = {
    "nose": "head", "ear": "head", "shoulder": "shoulders", "elbow": "arms", "wrist": "hands",
    "hip": "hips", "knee": "knees", "ankle": "feet",
}  # fmt: skip
"""Landmark base name -> the part of her the voice calls it."""


@dataclass(frozen=True, slots=True)
class _State:
    """Everything the trainer remembers between two instants."""

    near: smoothing.LatchState
    euro: smoothing.EuroState
    neutral: quantities.NeutralState
    windows: dict[quantities.Key, quantities.Window]
    hold: holds.HoldState
    cycle: cycles.CycleState
    faults: tuple[rules.FaultState, ...]
    coach: coach.CoachState
    side: Side | None = None
    sides_s: tuple[float, float] = (0.0, 0.0)
    sides_done: frozenset[Side] = frozenset()
    out_since: float | None = None
    wrong_view_since: float | None = None
    unseen_since: float | None = None
    started: bool = False
    done: bool = False


@dataclass(slots=True)
class _Told:
    """Events of one instant, gathered in order."""

    t: float
    side: Side | None
    events: list[Event] = field(default_factory=list)

    def add(self, kind: EventKind, **details: object) -> None:
        self.events.append(Event(t=self.t, kind=kind, side=self.side, **details))  # type: ignore[arg-type]


class Trainer:
    """Judges and coaches one person through one exercise."""

    def __init__(
        self,
        exercise: Exercise,
        library: Library,
        *,
        strictness: Strictness = "gentle",
        language: str = "en",
        neutral: Mapping[str, float] | None = None,
    ) -> None:
        """Prepare for the first instant.

        Args:
            exercise: What to judge.
            library: Coaching and phrases.
            strictness: How wide the silent bands are.
            language: Of the sentences; English stands in where one is missing.
            neutral: The person's neutral, by measure, where it is known from before.
        """
        self.exercise = exercise
        self._coaching = library.coaching
        self._language = language
        self._phrases = {name: in_language(text, language) for name, text in library.phrases.items()}
        self._plan = rules.make_plan(exercise, library.coaching.strictness[strictness])
        self._sight = library.coaching.sight
        self._keys = exercise.measures
        self._euro = _euro_parameters(exercise, library)
        self._grace = (exercise.hold or exercise.cycles).grace  # type: ignore[union-attr]
        self._times = holds.HoldTimes(
            enter_after=exercise.entry.enter_after,
            exit_after=exercise.entry.exit_after,
            grace=self._grace,
            resume_within=exercise.hold.resume_within if exercise.hold else math.inf,
            target=exercise.hold.target if exercise.hold else None,
            away_after=library.coaching.presence.away_after,
            back_after=library.coaching.presence.back_after,
        )
        self._order = sorted(range(len(exercise.checks)), key=lambda i: exercise.checks[i].priority)
        self._state = _State(
            near=smoothing.LatchState(),
            euro=smoothing.euro_start(len(self._keys)),
            neutral=quantities.NeutralState(found=tuple((neutral or {}).items())),
            windows=self._empty_windows(),
            hold=holds.HoldState(),
            cycle=cycles.CycleState(),
            faults=(rules.FaultState(),) * len(exercise.checks),
            coach=coach.CoachState(),
        )

    @property
    def neutral(self) -> Mapping[str, float]:
        """The person's neutral, by measure; empty before it is known."""
        return MappingProxyType(dict(self._state.neutral.found))

    def prepare(self, pose: Pose) -> None:
        """Look at an instant before the exercise begins, such as while she gets into place.

        Only the near side, the smoothing and the person's neutral take part in it: nothing is judged or said.
        """
        _, measures = self._measure(pose)
        self._compare(float(pose.t), measures)

    def push(self, pose: Pose) -> Moment:
        """Advance to the next instant.

        Args:
            pose: One instant, not before the one before; NaN landmarks where nobody was found.

        Raises:
            ValueError: if time went back.
        """
        t = float(pose.t)
        near, measures = self._measure(pose)
        values = self._compare(t, measures)
        verdict = rules.assess(self._plan, values)
        told = _Told(t, self._state.side)
        gained = self._advance_clock(t, bool(pose.person), verdict, told)
        self._advance_side(measures, gained, told)
        self._advance_cycles(t, measures, told)
        self._advance_faults(t, verdict)
        self._speak(t, pose, near, verdict, told)
        return self._moment(t, bool(pose.person), near, measures, verdict, told)

    # --- numbers -------------------------------------------------------------------------------------------

    def _measure(self, pose: Pose) -> tuple[int, dict[quantities.MeasureKey, float]]:
        """Return the latched near side and the smoothed measures."""
        state, t = self._state, float(pose.t)
        limits = self._coaching.near_side
        latch = smoothing.latch_step(
            state.near, t, float(side_balance(pose.visibility)), limits.margin, limits.dwell
        )
        near = latch.choice or 0
        raw = quantities.measures_of(self.exercise, Body(pose, np.asarray(near), self._sight))
        x = np.array([raw[key] for key in self._keys], dtype=np.float64)
        euro, smooth = smoothing.euro_step(state.euro, t, x, self._euro, self._coaching.smoothing_gap)
        self._state = replace(state, near=latch, euro=euro)
        return near, dict(zip(self._keys, smooth.tolist(), strict=True))

    def _compare(self, t: float, measures: dict[quantities.MeasureKey, float]) -> FloatArray:
        """Return every quantity: values, differences from neutral, ranges over a stretch in the pose."""
        state, spec = self._state, self.exercise.neutral
        neutral = state.neutral
        if spec is not None and not neutral.found:
            now = quantities.instant_values(self.exercise, {k: np.asarray(v) for k, v in measures.items()})
            fits = bool(rules.group_holds(self._plan, rules.hold_groups(self._plan, now), "neutral") == 1)
            neutral = quantities.neutral_step(neutral, t, measures, fits, spec)
        found = dict(neutral.found)
        windows = state.windows
        if state.hold.phase == "hold":
            windows = {
                q.key: windows[q.key].push(t, quantities.against(q, measures[q.measure, q.side], found))
                for q in self.exercise.quantities
                if q.over is not None
            }
        elif state.hold.phase in ("out", "away"):
            windows = self._empty_windows()
        self._state = replace(state, neutral=neutral, windows=windows)
        return quantities.timed_values(self.exercise, measures, found, windows, state.cycle.period)

    def _empty_windows(self) -> dict[quantities.Key, quantities.Window]:
        return {q.key: quantities.Window(q.over) for q in self.exercise.quantities if q.over is not None}

    # --- time ----------------------------------------------------------------------------------------------

    def _advance_clock(self, t: float, person: bool, verdict: rules.Assessment, told: _Told) -> float:
        """Advance the hold; return the seconds it gained."""
        entered = None if np.isnan(verdict.entered) else bool(verdict.entered)
        blocked = any(
            check.pauses_hold and bool(verdict.beyond[i] | verdict.unknown[i])
            for i, check in enumerate(self.exercise.checks)
        )
        hold, events = holds.step(
            self._state.hold, t, person=person, entered=entered, blocked=blocked, times=self._times
        )
        gained = max(0.0, hold.held - self._state.hold.held)
        self._state = replace(self._state, hold=hold)
        for kind in events:
            if kind == "held":
                told.add("held", seconds=round(hold.held, 3), count=hold.holds)
                self._finish(told, self._all_held(hold.holds))
            else:
                told.add(kind)  # type: ignore[arg-type]
        return gained

    def _all_held(self, count: int) -> bool:
        """Whether the holds asked for are done, each side its own where the exercise has sides."""
        if self.exercise.sides and self._state.side:
            self._state = replace(self._state, sides_done=self._state.sides_done | {self._state.side})
        both = not self.exercise.sides or len(self._state.sides_done) == 2
        return both and self.exercise.hold is not None and count >= self.exercise.hold.times

    def _advance_side(self, measures: dict[quantities.MeasureKey, float], gained: float, told: _Told) -> None:
        spec, state = self.exercise.sides, self._state
        if spec is None:
            return
        x, hold, side = measures[spec.measure, "near"], state.hold, state.side
        if abs(x) > spec.beyond and hold.phase in ("enter", "hold"):
            side = "left" if x > 0 else "right"
        if side != state.side and state.side is not None:
            # The other side is a hold of its own, also when she came through the middle.
            hold = replace(hold, held=0.0, finished=False)
        left, right = state.sides_s
        sides_s = (left + gained * (side == "left"), right + gained * (side == "right"))
        told.side = side
        self._state = replace(state, side=side, hold=hold, sides_s=sides_s)

    def _advance_cycles(self, t: float, measures: dict[quantities.MeasureKey, float], told: _Told) -> None:
        spec, state = self.exercise.cycles, self._state
        if spec is None or state.hold.phase != "hold":
            return
        numbers = cycles.CycleTimes(spec.rise, spec.fall, spec.min_range, spec.forget)
        cycle, completed = cycles.step(state.cycle, t, measures[spec.measure, "near"], numbers)
        self._state = replace(state, cycle=cycle)
        if completed:
            told.add("cycle", count=cycle.count)
            if cycle.count == spec.target:
                self._finish(told, True)

    def _finish(self, told: _Told, everything: bool) -> None:
        """Say that a hold or a set is done."""
        text = in_language(self.exercise.steps.done, self._language)
        wish = Wish("done", text, "praise")
        self._state = replace(
            self._state,
            done=self._state.done or everything,
            coach=coach.say_now(self._state.coach, told.t, wish, self._coaching.voice),
        )
        if everything:
            told.add("done")
        told.add("praise", id="done", text=text)

    def _advance_faults(self, t: float, verdict: rules.Assessment) -> None:
        """Step every check; outside the pose nothing is judged, and while leaving it nothing new begins."""
        phase = self._state.hold.phase
        if phase not in ("hold", "leave"):
            faults = (rules.FaultState(),) * len(self.exercise.checks)
        else:
            faults = tuple(
                rules.fault_step(
                    old,
                    t,
                    beyond=bool(verdict.beyond[i]),
                    within=bool(verdict.within[i]),
                    unknown=bool(verdict.unknown[i]) or phase == "leave",
                    persist=check.persist,
                    grace=self._grace,
                )
                for i, (old, check) in enumerate(zip(self._state.faults, self.exercise.checks, strict=True))
            )
        self._state = replace(self._state, faults=faults)

    # --- words ---------------------------------------------------------------------------------------------

    def _speak(
        self,
        t: float,
        pose: Pose,
        near: int,
        verdict: rules.Assessment,
        told: _Told,
    ) -> None:
        voice = self._coaching.voice
        for wish in self._turns(told):
            self._state = replace(self._state, coach=coach.say_now(self._state.coach, t, wish, voice))
            told.add(_kind(wish), id=wish.id, text=wish.text)
        self._watch(t, bool(pose.person), verdict)
        wishes = list(self._wishes(t, pose, near))
        praise = Wish("mended", self._phrases["mended"], "praise")
        phase = self._state.hold.phase
        within = [check.id for i, check in enumerate(self.exercise.checks) if verdict.within[i]]
        good = None if phase in ("out", "away") else within if phase == "hold" else ()
        new, said = coach.step(self._state.coach, t, wishes, good=good, voice=voice, praise=praise)
        self._state = replace(self._state, coach=new)
        if said is not None:
            told.add(_kind(said), id=said.id, text=said.text)

    def _turns(self, told: _Told) -> Iterator[Wish]:
        """Yield what is said at the turns of an exercise, whatever else is going on."""
        kinds = [e.kind for e in told.events]
        if "away" in kinds:
            yield Wish("away", self._phrases["away"], "reason")
        if "back" in kinds:
            yield Wish("back", self._phrases["back"], "guide")
        if "entered" in kinds and not self._state.started:
            self._state = replace(self._state, started=True)
            yield Wish("during", in_language(self.exercise.steps.during, self._language), "guide")

    def _watch(self, t: float, person: bool, verdict: rules.Assessment) -> None:
        """Note since when she is out of the pose, wrongly turned, or not seen well enough."""
        state, phase = self._state, self._state.hold.phase
        waiting = person and phase == "out" and not (state.done or state.hold.finished)
        turned = person and bool(rules.group_holds(self._plan, verdict.groups, "gate") == 0)
        unseen = waiting and bool(np.isnan(verdict.entered))
        self._state = replace(
            state,
            out_since=_since(state.out_since, t, waiting),
            wrong_view_since=_since(state.wrong_view_since, t, turned),
            unseen_since=_since(state.unseen_since, t, unseen),
        )

    def _wishes(self, t: float, pose: Pose, near: int) -> Iterator[Wish]:
        """Yield what could be said now, the most important first."""
        state, voice = self._state, self._coaching.voice
        if _lasted(state.wrong_view_since, t, voice.unseen_after):
            yield Wish("turn", in_language(self.exercise.framing.turn, self._language), "reason")
        elif _lasted(state.unseen_since, t, voice.unseen_after):
            entry = self.exercise.entry
            conditions = [*entry.all, *(condition for group in entry.any for condition in group)]
            part = self._hidden_part(pose, near, [condition.measure for condition in conditions])
            if part:
                yield Wish(f"show_{part}", self._phrases[f"show_{part}"], "reason")
        for i in self._order:
            if state.faults[i].standing:
                yield self._correction(self.exercise.checks[i])
        yield from self._once_unseen(t, pose, near)
        if _lasted(state.out_since, t, voice.remind_after):
            yield Wish("come_in", in_language(self.exercise.entry.say, self._language), "reason")

    def _correction(self, check: Check) -> Wish:
        easier = in_language(check.easier, self._language) if check.easier else None
        text = in_language(check.say, self._language)
        return Wish(check.id, text, "advice" if check.advice else "cue", easier)

    def _once_unseen(self, t: float, pose: Pose, near: int) -> Iterator[Wish]:
        """Yield, once, what to show for a check that has been unseen for some time in the pose."""
        told = {name for name, _ in self._state.coach.said}
        for i in self._order:
            check = self.exercise.checks[i]
            if _lasted(self._state.faults[i].unknown_since, t, self._coaching.voice.unseen_after):
                part = self._hidden_part(pose, near, [limit.measure for limit in check.limits])
                if part and f"show_{part}" not in told:
                    yield Wish(f"show_{part}", self._phrases[f"show_{part}"], "reason")
                    return

    def _hidden_part(self, pose: Pose, near: int, names: list[str]) -> str | None:
        """Return the first part of her that the named measures need and the camera does not see."""
        for name in names:
            if name not in MEASURES:
                continue
            for base in MEASURES[name].needs:
                if not pose.visibility[NAMED[base][near]] >= self._sight.min_visibility:
                    return _PARTS[base]
        return None

    # --- the result ----------------------------------------------------------------------------------------

    def _moment(
        self,
        t: float,
        person: bool,
        near: int,
        measures: dict[quantities.MeasureKey, float],
        verdict: rules.Assessment,
        told: _Told,
    ) -> Moment:
        state, exercise = self._state, self.exercise
        hold = state.hold
        phase: str = hold.phase
        if exercise.cycles and phase == "hold" and state.cycle.end:
            phase = exercise.cycles.high if state.cycle.end == "high" else exercise.cycles.low
        faults = tuple(exercise.checks[i].id for i in self._order if state.faults[i].standing)
        unknown = tuple(c.id for c, u in zip(exercise.checks, verdict.unknown.tolist(), strict=True) if u)
        sentence = state.coach.sentence
        return Moment(
            t=t,
            person=person,
            in_pose=hold.in_pose,
            phase=phase,
            side=state.side if hold.in_pose else None,
            measures=MappingProxyType(
                {_label(name, side): x for (name, side), x in measures.items() if math.isfinite(x)}
            ),
            faults=faults,
            unknown=unknown if hold.in_pose else (),
            counting=hold.counting and hold.phase == "hold",
            held_s=hold.held,
            target_s=self._times.target,
            holds=hold.holds,
            cycles=state.cycle.count,
            cycle_target=exercise.cycles.target if exercise.cycles else None,
            sides_s=MappingProxyType({"left": state.sides_s[0], "right": state.sides_s[1]}),
            sentence=sentence,
            highlight=highlight_of(exercise, sentence.id, near) if sentence and sentence.id in faults else (),
            events=tuple(told.events),
        )


def entered(exercise: Exercise, library: Library, pose: Pose) -> BoolArray:
    """Return whether each instant by itself meets the entry conditions, shape of ``pose.t``.

    The near side is chosen per instant; unknown counts as not entered.
    """
    body = Body(pose, choose_near(pose.visibility), library.coaching.sight)
    values = quantities.instant_values(exercise, quantities.measures_of(exercise, body))
    return np.asarray(rules.entered(rules.make_plan(exercise, 0.0), values) == 1)


def classify_view(library: Library, pose: Pose) -> View | str:
    """Return ``side``, ``three_quarter``, ``front`` or ``unknown`` by the median over the instants."""
    body = Body(pose, choose_near(pose.visibility), library.coaching.sight)
    ratios = np.atleast_1d(body.view_ratio)
    ratios = ratios[np.isfinite(ratios)]
    if not len(ratios):
        return "unknown"
    ratio = float(np.median(ratios))
    limits = library.coaching.views
    if ratio <= limits.side_max:
        return "side"
    return "front" if ratio >= limits.front_min else "three_quarter"


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
    near = choose_near(pose.visibility)
    measures = quantities.measures_of(exercise, Body(pose, near, library.coaching.sight))
    plan = rules.make_plan(exercise, library.coaching.strictness[strictness])
    verdict = rules.assess(plan, quantities.instant_values(exercise, measures))
    inside = bool(verdict.entered == 1)
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
        phase="hold" if inside else "out" if pose.person else "away",
        measures=MappingProxyType({_label(*k): float(x) for k, x in measures.items() if np.isfinite(x)}),
        faults=tuple(c.id for c in faults),
        unknown=tuple(c.id for i, c in enumerate(exercise.checks) if inside and verdict.unknown[i]),
        highlight=highlight_of(exercise, faults[0].id, int(near)) if faults else (),
        events=events,
    )


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


def _euro_parameters(exercise: Exercise, library: Library) -> smoothing.EuroParameters:
    rows = [library.coaching.smoothing[MEASURES[name].unit] for name, _ in exercise.measures]
    return smoothing.EuroParameters(
        np.array([r.min_cutoff for r in rows]),
        np.array([r.beta for r in rows]),
        np.array([r.d_cutoff for r in rows]),
    )


def _label(name: str, side: str) -> str:
    return name if side == "near" else f"{name}_{side}"


def _kind(wish: Wish) -> EventKind:
    return "cue" if wish.tone in ("cue", "advice") else wish.tone  # type: ignore[return-value]


def _since(since: float | None, t: float, now: bool) -> float | None:
    return (t if since is None else since) if now else None


def _lasted(since: float | None, t: float, at_least: float) -> bool:
    return since is not None and t - since >= at_least
