"""One exercise over media time: poses in, moments out. Camera, replay and tests all come through here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import numpy as np

from posecheck import coach, cycles, holds, quantities, rules, smoothing, swaps
from posecheck.body import Body, side_balance
from posecheck.coach import Wish
from posecheck.instants import highlight_of, label
from posecheck.library import Library
from posecheck.measures import MEASURES
from posecheck.moment import Event, EventKind, Moment, PhaseNow, Side
from posecheck.pose import FloatArray, Pose, stack
from posecheck.script import Script, hidden_part
from posecheck.spec import Cycles, Exercise, Phase, Strictness

_AT_ONCE = 256
"""Instants of a recording that are measured together: more saves no time, and their silhouettes need room."""
_EARLY_S = 0.005
"""A look may be so much early: files round the times of their pictures, to a millisecond at worst."""
_SIDE_OF: Mapping[int | None, Side | None] = {0: "left", 1: "right", None: None}


@dataclass(slots=True)
class _State:
    """Everything the trainer remembers between two instants; its own, so changed in place.

    ``latest`` is what it said last, ``looks`` how many looks had been due by then; ``held_at`` is the look before
    if she was in the hold then, else NaN; ``phase`` is the place in the exercise's course, ``before`` how many
    holds or cycles of what it counts there were when it began; ``movements`` are in the order of the exercise's.
    """

    names: swaps.Names
    outlines: dict[int, smoothing.RestState]
    near: smoothing.LatchState
    euro: smoothing.EuroState
    neutral: quantities.NeutralState
    windows: dict[quantities.Key, quantities.Window]
    hold: holds.HoldState
    movements: tuple[cycles.CycleState, ...]
    faults: tuple[rules.FaultState, ...]
    coach: coach.CoachState
    latest: Moment = field(default_factory=lambda: Moment(t=-math.inf))
    looks: int | None = None
    held_at: float = math.nan
    phase: int = 0
    before: int = 0
    worked: smoothing.LatchState = field(default_factory=smoothing.LatchState)
    side: Side | None = None
    sides_s: tuple[float, float] = (0.0, 0.0)
    sides_done: frozenset[Side] = frozenset()
    out_since: float | None = None
    wrong_view_since: float | None = None
    blocked_since: float | None = None
    unseen_since: float | None = None
    started: bool = False
    done: bool = False


class _Verdict(NamedTuple):
    """The assessment of one instant in plain values, which are read many times."""

    groups: FloatArray
    entered: bool | None
    stays: bool | None
    beyond: list[bool]
    within: list[bool]
    good: list[bool]
    unknown: list[bool]
    served: list[float]

    @classmethod
    def of(cls, found: rules.Assessment) -> Self:
        entered, stays = (None if np.isnan(x) else bool(x) for x in (found.entered, found.stays))
        checks = (found.beyond, found.within, found.good, found.unknown, found.served)
        return cls(found.groups, entered, stays, *(each.tolist() for each in checks))


@dataclass(slots=True)
class _Told:
    """Events of one instant, gathered in order."""

    t: float
    side: Side | None
    events: list[Event] = field(default_factory=list)

    def add(self, kind: EventKind, **details: Any) -> None:
        self.events.append(Event(t=self.t, kind=kind, side=self.side, **details))


class Trainer:
    """Judges and coaches one person through one exercise.

    However many pictures a camera gives, she is judged once in every ``coaching.look_every`` seconds, by the
    first picture of each: a *look*. So a camera of 10 pictures a second gets the verdict of one of 30. What tells
    whether a picture can be trusted, left from right and a calm outline, is followed in all of them.

    Attributes:
        exercise: What is judged.
        compared: Every quantity at the latest look, in the order of ``exercise.quantities``, shape
            ``(n_quantities,)``; NaN where it is not known.
        at_least: What a range is at least before its stretch is filled, the same shape; NaN for what is no range.
    """

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
        self._script = Script(exercise, library, language)
        self._criteria = rules.make_criteria(exercise, library.coaching.strictness[strictness])
        self._sight = library.coaching.sight
        self._keys = exercise.measures
        self._labels = [label(*key) for key in self._keys]
        self._derived = [(i, q.key) for i, q in enumerate(exercise.quantities) if not q.absolute]
        self._ranges = [quantity for quantity in exercise.quantities if quantity.over is not None]
        self._cycle_times = [
            cycles.CycleTimes(m.rise, m.fall, m.min_range, m.forget, m.stays) for m in exercise.movements
        ]
        self._counted = [exercise.movements.index(p.cycles) if p.cycles else None for p in exercise.course]
        self._euro = _euro_parameters(exercise, library)
        self._times = [_hold_times(exercise, phase, library) for phase in exercise.course]
        entry = exercise.entry
        self._entry_measures = [condition.measure for condition in entry.conditions] if entry else []
        self.compared: FloatArray = np.full(len(exercise.quantities), np.nan)
        self.at_least: FloatArray = self.compared
        self._order = sorted(range(len(exercise.checks)), key=lambda i: exercise.checks[i].priority)
        self._state = _State(
            names=swaps.Names(),
            outlines={i: smoothing.RestState() for i, (name, _) in enumerate(self._keys) if _is_turn(name)},
            near=smoothing.LatchState(),
            euro=smoothing.euro_start(len(self._keys)),
            neutral=quantities.NeutralState(found=tuple((neutral or {}).items())),
            windows=self._empty_windows(),
            hold=holds.HoldState(),
            movements=(cycles.CycleState(),) * len(exercise.movements),
            faults=(rules.NO_FAULT,) * len(exercise.checks),
            coach=coach.CoachState(),
        )

    @property
    def neutral(self) -> Mapping[str, float]:
        """The person's neutral, by measure; empty before it is known."""
        return MappingProxyType(dict(self._state.neutral.found))

    @property
    def standing_in(self) -> str:
        """Where the hold machine is: ``away``, ``out``, ``enter``, ``hold`` or ``leave``, whatever she moves."""
        return self._state.hold.phase

    @property
    def grace(self) -> float:
        """Seconds of lost sight that are bridged now."""
        return self._phase.grace

    def prepare(self, pose: Pose) -> None:
        """Look at an instant before the exercise begins, such as while she gets into place.

        Only the near side, the smoothing and the person's neutral take part in it: nothing is judged or said.
        """
        _, raw, due = self._see(pose)
        if raw is not None:
            t = _media_time(pose)
            self._watch_outlines(t, raw)
            if due:
                self._compare(t, self._smooth(t, raw))

    def push(self, pose: Pose) -> Moment:
        """Advance to the next instant; between two looks only its time and whether somebody is there are new.

        Args:
            pose: One instant, not before the one before; NaN landmarks where nobody was found.

        Raises:
            ValueError: if time went back to an earlier look.
        """
        near, raw, due = self._see(pose)
        return self._advance(pose, near, raw, due=due)

    def push_all(self, pose: Pose) -> Iterator[Moment]:
        """Advance over T instants, yielding as often: what ``push`` says of each, in half the time.

        What is measured is measured of many instants at once; the rest goes from one to the next.

        Args:
            pose: T instants in order of time.

        Raises:
            ValueError: if time went back to an earlier look.
        """
        for start in range(0, len(pose.t), _AT_ONCE):
            poses = [pose[i] for i in range(start, min(start + _AT_ONCE, len(pose.t)))]
            sides, named = zip(*map(self._sort_sides, poses), strict=True)
            due = [self._is_due(each) for each in poses]
            wanted = [i for i, looked in enumerate(due) if looked or self._state.outlines]
            raw = self._raw([sides[i] for i in wanted], stack([named[i] for i in wanted])) if wanted else ()
            seen = dict(zip(wanted, raw, strict=True))
            for i, each in enumerate(poses):
                yield self._advance(each, sides[i], seen.get(i), due=due[i])

    def _see(self, pose: Pose) -> tuple[int, FloatArray | None, bool]:
        """Return the near side, the measures where they are wanted, and whether this instant is a look."""
        near, named = self._sort_sides(pose)
        due = self._is_due(pose)
        return near, self._raw(near, named) if due or self._state.outlines else None, due

    def _is_due(self, pose: Pose) -> bool:
        """Return whether the next look has begun by an instant; it is taken then."""
        looks = math.floor((_media_time(pose) + _EARLY_S) / self._coaching.look_every)
        due = looks != self._state.looks
        self._state.looks = looks
        return due

    def _advance(self, pose: Pose, near: int, raw: FloatArray | None, *, due: bool) -> Moment:
        """Advance by an instant; its measures are known where it is looked at or has an outline to watch."""
        t = _media_time(pose)
        if raw is not None:
            self._watch_outlines(t, raw)
            if due:
                return self._judge(pose, near, raw)
        latest = replace(self._state.latest, t=t, person=bool(pose.person), look=False, events=())
        self._state.latest = latest
        return latest

    def _judge(self, pose: Pose, near: int, raw: FloatArray) -> Moment:
        """Advance by an instant whose measures are known."""
        t, person = _media_time(pose), bool(pose.person)
        measures = self._smooth(t, raw)
        before = self.compared
        values = self.compared = self._compare(t, measures)
        self.at_least = quantities.least_values(self.exercise, self._state.windows)
        verdict = _Verdict.of(rules.assess(self._criteria, values, self.at_least))
        told = _Told(t, self._state.side)
        gained, held = self._advance_clock(t, person, verdict, told)
        self._advance_side(measures, gained, told)
        counted = self._advance_cycles(t, measures, verdict, told)
        self._advance_phase(held or counted, told)
        self._advance_faults(t, before, verdict)
        self._speak(t, pose, person, near, verdict, told)
        self._state.held_at = t if self._state.hold.phase == "hold" else math.nan
        self._state.latest = self._moment(t, person, near, measures, verdict, told)
        return self._state.latest

    # --- numbers -------------------------------------------------------------------------------------------

    def _sort_sides(self, pose: Pose) -> tuple[int, Pose]:
        """Return the latched near side, and the instant with the names of left and right as they should be."""
        state, t = self._state, float(pose.t)
        limits = self._coaching.near_side
        state.names, pose = swaps.step(state.names, t, pose, self._coaching.swaps)
        state.near = smoothing.latch_step(
            state.near, t, float(side_balance(pose.visibility)), limits.margin, limits.dwell
        )
        return state.near.choice or 0, pose

    def _raw(self, near: int | Sequence[int], pose: Pose) -> FloatArray:
        """Return the measures as they are seen, shape ``(..., n_measures)``, in the order of the exercise's."""
        found = quantities.measures_of(self._keys, Body(pose, np.asarray(near), self._sight))
        columns = np.array([found[key] for key in self._keys], dtype=np.float64)
        return columns.reshape(len(self._keys), *np.shape(near)).T

    def _watch_outlines(self, t: float, raw: FloatArray) -> None:
        """See in every picture, not only at a look, how restless outlines are: over longer she moves as well."""
        outlines = self._state.outlines
        for i, rest in outlines.items():
            outlines[i] = smoothing.rest_step(rest, t, float(raw[i]), self._coaching.outline_rest)

    def _smooth(self, t: float, raw: FloatArray) -> dict[quantities.MeasureKey, float]:
        state, x = self._state, np.array(raw)
        x[[i for i, rest in state.outlines.items() if rest.restless]] = math.nan
        state.euro, smooth = smoothing.euro_step(state.euro, t, x, self._euro, self._coaching.smoothing_gap)
        return dict(zip(self._keys, smooth.tolist(), strict=True))

    def _compare(self, t: float, measures: dict[quantities.MeasureKey, float]) -> FloatArray:
        """Return every quantity: values, differences from neutral, ranges over a stretch in the pose."""
        state, spec = self._state, self.exercise.neutral
        neutral = state.neutral
        if spec is not None and (spec.most or not neutral.found):
            now = quantities.lone_values(self.exercise, measures)
            fits = bool(rules.group_holds(self._criteria, rules.hold_groups(self._criteria, now), "neutral") == 1)
            neutral = quantities.neutral_step(neutral, t, measures, fits, spec)
        found = dict(neutral.found)
        windows = state.windows
        if state.hold.phase == "hold":
            windows = {
                q.key: windows[q.key].push(t, quantities.against(q, measures[q.measure, q.side], found))
                for q in self._ranges
            }
        elif state.hold.phase in ("out", "away"):
            windows = self._empty_windows()
        state.neutral, state.windows = neutral, windows
        _, latest = self._latest_movement
        return quantities.timed_values(self.exercise, measures, found, windows, latest.period(t))

    def _empty_windows(self) -> dict[quantities.Key, quantities.Window]:
        gap = self._coaching.smoothing_gap
        return {q.key: quantities.Window(q.over, gap) for q in self._ranges if q.over is not None}

    # --- time ----------------------------------------------------------------------------------------------

    @property
    def _phase(self) -> Phase:
        return self.exercise.course[self._state.phase]

    def _advance_clock(self, t: float, person: bool, verdict: _Verdict, told: _Told) -> tuple[float, bool]:
        """Advance the clock of the hold; return the seconds it gained, and whether it reached its target."""
        out = any(
            check.pauses_hold and (beyond or unknown)
            for check, beyond, unknown in zip(self.exercise.checks, verdict.beyond, verdict.unknown, strict=True)
        )
        # Without these she is not in the pose. The clock does not begin with one of them; to stop it takes as long
        # as coming into the pose, or it would flicker.
        self._state.blocked_since = _since(self._state.blocked_since, t, out)
        runs = self._state.hold.counting and self.exercise.entry
        blocked = _lasted(self._state.blocked_since, t, runs.enter_after if runs else 0.0)
        blocked |= self.exercise.sides is not None and self._state.side is None
        before = self._state.hold
        # Who has held for long enough is free to come out of it.
        inside = verdict.stays if before.in_pose and not before.finished else verdict.entered
        hold, events = holds.step(
            before,
            t,
            person=person,
            entered=inside if self.exercise.entry else person,
            blocked=blocked,
            times=self._times[self._state.phase],
        )
        if "held" in events and not self._phase.hold:
            hold = replace(hold, holds=self._state.hold.holds)
        gained = max(0.0, hold.held - self._state.hold.held)
        self._state.hold = hold
        for kind in events:
            if kind != "held":
                told.add(kind)
            elif self._phase.hold:
                told.add("held", seconds=round(hold.held, 3), count=hold.holds)
        return gained, "held" in events

    def _advance_side(self, measures: dict[quantities.MeasureKey, float], gained: float, told: _Told) -> None:
        state = self._state
        hold, side = state.hold, self._phase.side
        if spec := self.exercise.sides:
            x = measures[spec.measure, "near"]
            if hold.phase in ("enter", "hold") and (state.side or abs(x) > spec.beyond):
                state.worked = smoothing.latch_step(state.worked, told.t, x, spec.beyond, spec.dwell)
            side = _SIDE_OF[state.worked.choice]
        if side != state.side and state.side is not None:
            # The other side is a hold of its own, also when she came through the middle.
            hold = replace(hold, held=0.0, finished=False)
        left, right = state.sides_s
        sides_s = (left + gained * (side == "left"), right + gained * (side == "right"))
        told.side = side
        state.side, state.hold, state.sides_s = side, hold, sides_s

    def _advance_cycles(
        self,
        t: float,
        measures: dict[quantities.MeasureKey, float],
        verdict: _Verdict,
        told: _Told,
    ) -> bool:
        """Count every movement, whichever phase she is asked for; return whether one of this phase was counted."""
        if self._state.hold.phase != "hold":
            return False
        counted = False
        for i, spec in enumerate(self.exercise.movements):
            free = rules.group_holds(self._criteria, verdict.groups, f"cycles {spec.measure}") == 1
            x = measures[spec.measure, "near"] if free else math.nan
            old = self._state.movements
            cycle, completed = cycles.step(old[i], t, x, self._cycle_times[i])
            self._state.movements = (*old[:i], cycle, *old[i + 1 :])
            if completed:
                asked = spec == self._phase.cycles
                phase = self._phase if asked else next(p for p in self.exercise.course if p.cycles == spec)
                count = cycle.count - (self._state.before if asked else 0)
                told.add("cycle", id=phase.id if self.exercise.phases else None, count=count)
                counted |= asked
        return counted

    @property
    def _latest_movement(self) -> tuple[Cycles | None, cycles.CycleState]:
        """The movement that came to one of its ends last."""
        pairs = zip(self.exercise.movements, self._state.movements, strict=True)
        return max(pairs, key=lambda pair: pair[1].turned, default=(None, cycles.CycleState()))

    def _count(self) -> int:
        """Return the cycles of this phase, or its finished holds."""
        state = self._state
        movement = self._counted[state.phase]
        done = state.hold.holds if movement is None else state.movements[movement].count
        return done - state.before

    def _advance_phase(self, one_more: bool, told: _Told) -> None:
        """After one more hold, cycle or time, praise it where it is due, or go on to what comes next."""
        if not one_more:
            return
        phase, count = self._phase, self._count()
        if phase.cycles:
            praised = finished = count == phase.cycles.target
        else:
            self._note_side()
            both = not self.exercise.sides or len(self._state.sides_done) == 2
            praised, finished = True, both and (not phase.hold or count >= phase.hold.times)
        if finished and phase is not self.exercise.course[-1]:
            self._begin_phase(self._state.phase + 1, told)
        elif praised:
            self._finish(told, finished)

    def _note_side(self) -> None:
        """Remember that the side she works was held."""
        if self.exercise.sides and self._state.side:
            self._state.sides_done |= {self._state.side}

    def _begin_phase(self, place: int, told: _Told) -> None:
        """Announce a phase; its clock and its count begin now."""
        state = self._state
        state.hold = replace(state.hold, held=0.0, finished=False)
        state.phase, state.before = place, 0
        state.before = self._count()
        told.add("phase", id=self._phase.id, count=place + 1)
        self._say_now(self._script.phases[place], told)

    def _finish(self, told: _Told, everything: bool) -> None:
        """Say that a hold or everything is done."""
        self._state.done |= everything
        if everything:
            told.add("done")
        self._say_now(self._script.done, told)

    def _advance_faults(self, t: float, before: FloatArray, verdict: _Verdict) -> None:
        """Step every check; outside the pose nothing is judged, and while leaving it nothing new begins."""
        phase = self._state.hold.phase
        served = verdict.served
        if phase == "hold" and any(
            beyond and old.out_since is None
            for beyond, old in zip(verdict.beyond, self._state.faults, strict=True)
        ):
            served = [a + b for a, b in zip(served, self._beyond_before(t, before), strict=True)]
        if phase not in ("hold", "leave"):
            faults = (rules.NO_FAULT,) * len(self.exercise.checks)
        else:
            faults = tuple(
                rules.fault_step(
                    old,
                    t,
                    beyond=verdict.beyond[i],
                    within=verdict.within[i],
                    unknown=verdict.unknown[i] or phase == "leave",
                    persist=check.persist,
                    served=served[i],
                    grace=self._phase.grace,
                )
                for i, (old, check) in enumerate(zip(self._state.faults, self.exercise.checks, strict=True))
            )
        self._state.faults = faults

    def _beyond_before(self, t: float, before: FloatArray) -> list[float]:
        """Return for how many seconds of the step to this instant, within the hold, each check has been beyond."""
        step = t - self._state.held_at
        if not step <= self._phase.grace:
            return [0.0] * len(self.exercise.checks)
        share: list[float] = rules.onset(self._criteria, before, self.compared, self.at_least).tolist()
        return [step * each for each in share]

    # --- words ---------------------------------------------------------------------------------------------

    def _speak(
        self,
        t: float,
        pose: Pose,
        person: bool,
        near: int,
        verdict: _Verdict,
        told: _Told,
    ) -> None:
        voice = self._coaching.voice
        for wish in self._turns(told):
            self._say_now(wish, told)
        self._watch(t, person, verdict)
        wishes = list(self._wishes(t, pose, near))
        phase = self._state.hold.phase
        good: list[str] | None = None if phase in ("out", "away") else []
        if phase == "hold":
            good = [check.id for check, seen in zip(self.exercise.checks, verdict.good, strict=True) if seen]
        new, said = coach.step(self._state.coach, t, wishes, good=good, voice=voice, praise=self._script.mended)
        self._state.coach = new
        if said is not None:
            told.add(_kind(said), id=said.id, text=said.text)

    def _say_now(self, wish: Wish, told: _Told) -> None:
        coached = coach.say_now(self._state.coach, told.t, wish, self._coaching.voice)
        self._state.coach = coached
        told.add(_kind(wish), id=wish.id, text=wish.text)

    def _turns(self, told: _Told) -> Iterator[Wish]:
        """Yield what is said at the turns of an exercise, whatever else is going on."""
        kinds = [e.kind for e in told.events]
        if "away" in kinds:
            yield self._script.away
        if "back" in kinds:
            yield self._script.back
        if "entered" in kinds and not self._state.started:
            self._state.started = True
            if self.exercise.phases:
                told.add("phase", id=self.exercise.course[0].id, count=1)
            yield self._script.phases[0]

    def _watch(self, t: float, person: bool, verdict: _Verdict) -> None:
        """Note since when she is out of the pose, wrongly turned, or not seen well enough."""
        state, phase = self._state, self._state.hold.phase
        waiting = person and phase == "out" and not (state.done or state.hold.finished)
        turned = person and bool(rules.group_holds(self._criteria, verdict.groups, "gate") == 0)
        unseen = waiting and verdict.entered is None
        state.out_since = _since(state.out_since, t, waiting)
        state.wrong_view_since = _since(state.wrong_view_since, t, turned)
        state.unseen_since = _since(state.unseen_since, t, unseen)

    def _wishes(self, t: float, pose: Pose, near: int) -> Iterator[Wish]:
        """Yield what could be said now, the most important first."""
        state, voice = self._state, self._coaching.voice
        if _lasted(state.wrong_view_since, t, voice.unseen_after):
            yield self._script.turn
        elif _lasted(state.unseen_since, t, voice.unseen_after) and (
            part := hidden_part(pose, near, self._entry_measures, self._sight.min_visibility)
        ):
            yield self._script.show(part)
        for i in self._order:
            if state.faults[i].standing:
                yield self._script.corrections[i]
        yield from self._once_unseen(t, pose, near)
        if self._script.come_in and _lasted(state.out_since, t, voice.remind_after):
            yield self._script.come_in

    def _once_unseen(self, t: float, pose: Pose, near: int) -> Iterator[Wish]:
        """Yield, once, what to show for a check that has been unseen for some time in the pose."""
        for i in self._order:
            if _lasted(self._state.faults[i].unknown_since, t, self._coaching.voice.unseen_after):
                needed = [limit.measure for limit in self.exercise.checks[i].limits]
                part = hidden_part(pose, near, needed, self._sight.min_visibility)
                if part and self._script.show(part).id not in dict(self._state.coach.said):
                    yield self._script.show(part)
                    return

    # --- the result ----------------------------------------------------------------------------------------

    def _moment(
        self,
        t: float,
        person: bool,
        near: int,
        measures: dict[quantities.MeasureKey, float],
        verdict: _Verdict,
        told: _Told,
    ) -> Moment:
        state, exercise = self._state, self.exercise
        hold = state.hold
        phase: str = hold.phase
        movement, latest = self._latest_movement
        if movement and phase == "hold" and latest.end:
            phase = movement.high if latest.end == "high" else movement.low
        faults = tuple(exercise.checks[i].id for i in self._order if state.faults[i].standing)
        unknown = tuple(c.id for c, u in zip(exercise.checks, verdict.unknown, strict=True) if u)
        sentence = state.coach.sentence
        return Moment(
            t=t,
            person=person,
            in_pose=hold.in_pose,
            phase=phase,
            side=state.side if hold.in_pose else None,
            measures=MappingProxyType(
                {name: x for name, x in zip(self._labels, measures.values(), strict=True) if math.isfinite(x)}
            ),
            derived=MappingProxyType(
                {key: float(x) for i, key in self._derived if math.isfinite(x := self.compared[i])}
            ),
            faults=faults,
            unknown=unknown if hold.in_pose else (),
            counting=hold.counting and hold.phase == "hold",
            held_s=hold.held,
            target_s=self._phase.target_s,
            holds=hold.holds,
            cycles=self._count() if self._phase.cycles else 0,
            cycle_target=self._phase.cycles.target if self._phase.cycles else None,
            current=self._current_phase(),
            sides_s=MappingProxyType({"left": state.sides_s[0], "right": state.sides_s[1]}),
            sentence=sentence,
            highlight=highlight_of(exercise, sentence.id, near) if sentence and sentence.id in faults else (),
            events=tuple(told.events),
        )

    def _current_phase(self) -> PhaseNow | None:
        if not self.exercise.phases:
            return None
        place = self._state.phase
        return PhaseNow(self._phase.id, self._script.phase_names[place], place + 1, len(self.exercise.phases))


def _media_time(pose: Pose) -> float:
    """Return an instant's time in seconds, to a microsecond: cameras of two rates then look at the same times."""
    return round(float(pose.t), 6)


def _is_turn(name: str) -> bool:
    """Whether a measure is a turn of the outline, which a ragged silhouette makes restless."""
    return MEASURES[name].silhouette and MEASURES[name].unit == "deg"


def _hold_times(exercise: Exercise, phase: Phase, library: Library) -> holds.HoldTimes:
    """Return the times of the clock; as most end at a look, those to wait for are a hair shorter than written."""
    entry, presence = exercise.entry, library.coaching.presence
    return holds.HoldTimes(
        enter_after=entry.enter_after - quantities.HAIR_S if entry else 0.0,
        flicker=presence.flicker,
        exit_after=(entry.exit_after if entry else phase.grace) - quantities.HAIR_S,
        grace=phase.grace,
        resume_within=phase.hold.resume_within if phase.hold else math.inf,
        target=None if phase.target_s is None else phase.target_s - quantities.HAIR_S,
        away_after=max(presence.away_after, phase.grace) - quantities.HAIR_S,
        back_after=presence.back_after - quantities.HAIR_S,
    )


def _euro_parameters(exercise: Exercise, library: Library) -> smoothing.EuroParameters:
    rows = [library.coaching.smoothing[MEASURES[name].unit] for name, _ in exercise.measures]
    return smoothing.EuroParameters(
        np.array([r.min_cutoff for r in rows]),
        np.array([r.beta for r in rows]),
        np.array([r.d_cutoff for r in rows]),
    )


def _kind(wish: Wish) -> EventKind:
    return "cue" if wish.tone == "advice" else wish.tone


def _since(since: float | None, t: float, now: bool) -> float | None:
    return (t if since is None else since) if now else None


def _lasted(since: float | None, t: float, at_least: float) -> bool:
    return since is not None and t - since >= at_least - quantities.HAIR_S
