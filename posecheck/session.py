"""One exercise of a practice, from set-up over count-in, holds and rest to its end; pure.

``Practice`` folds poses over media time into the snapshot a page shows; what it says goes to a ``Speech``, what is
worth remembering to a list of records. ``routine.Session`` plays one after another.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from posecheck.body import Body
from posecheck.framing import Setup, SetupMoment
from posecheck.instants import asked_for, entered
from posecheck.library import Library, in_language
from posecheck.moment import Event, Moment, Side
from posecheck.pose import Pose
from posecheck.records import Outcome, Record, RecordKind
from posecheck.score import Tally
from posecheck.spec import Exercise, Strictness
from posecheck.speech import Caption, Saying, Speech, Talk
from posecheck.trainer import Trainer

Stage = Literal["setup", "countdown", "exercise", "rest", "between", "finished"]

_GAP_S = 1.0
"""Longest time between two frames that counts as practice: beyond it the computer was asleep."""
_BEFORE_BREATH_S = -1e-6
"""Just before the first breath, so that its beginning is still to come."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What she wishes of a practice; she may change it while the stream runs.

    Attributes:
        strictness: Used from the next exercise on.
        talk: How much is said: ``little`` leaves out all but the way, the counts and the corrections; ``some``
            the breath and the hints.
        rate: Speed of the voice, 1 = usual.
    """

    strictness: Strictness = "gentle"
    talk: Talk = "full"
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in the way, in a sentence, and what to do next."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PacedBreath:
    """Where the paced breath is.

    Attributes:
        at: Seconds since the present breath began; the in-breath comes first.
        inhale: Seconds of the in-breath.
        exhale: Seconds of the out-breath.
    """

    at: float
    inhale: float
    exhale: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the page shows, as of one frame.

    Attributes:
        stage: Where the practice is; ``rest`` is between two holds, ``between`` between two exercises.
        t: Media time in seconds.
        position: Which of the planned exercises, from 0; while ``between``, the one that was just done.
        frames: Frames judged so far; those dropped on purpose are not among them.
        frame_size: Width and height of the picture in pixels, or None before the first.
        pace: Frames judged a second, over the last seconds; None until it is known.
        slow: Whether the computer is too slow for fluent feedback; told once, for some seconds.
        paused: Whether she has paused.
        setup: The set-up's latest word, while in it.
        moment: The trainer's latest word, once the exercise has begun.
        left_s: Seconds left of the count-in or of a rest; None where nothing runs down.
        holds: Holds finished of this exercise.
        held_s: Seconds of those holds.
        cycles: Cycles counted of this exercise.
        breath: The breath to breathe along with, while it is paced.
        outcome: How the exercise ended; None while it goes on.
        over: The session has ended, and all is said.
        strength: One thing that went well, at the end.
        next_time: One thing for next time, at the end.
        caption: The one sentence to show.
        sayings: The latest things for the ear, oldest first.
        problem: What went wrong with the picture just now, or None.
    """

    stage: Stage = "setup"
    t: float = 0.0
    position: int = 0
    frames: int = 0
    frame_size: tuple[int, int] | None = None
    pace: float | None = None
    slow: bool = False
    paused: bool = False
    setup: SetupMoment | None = None
    moment: Moment | None = None
    left_s: float | None = None
    holds: int = 0
    held_s: float = 0.0
    cycles: int = 0
    breath: PacedBreath | None = None
    outcome: Outcome | None = None
    over: bool = False
    strength: str | None = None
    next_time: str | None = None
    caption: Caption | None = None
    sayings: tuple[Saying, ...] = ()
    problem: Problem | None = None


class Practice:
    """One exercise, folded over poses in order of time; pure.

    Args:
        exercise: What is practised, with its dose.
        library: Where timings and sentences are.
        speech: Where sentences go.
        records: Where what is worth remembering goes.
        strictness: How closely it is judged.
        position: Which of the planned exercises.
        set_up: Whether to look first if the picture is right; otherwise it starts with the count-in.
    """

    def __init__(
        self,
        exercise: Exercise,
        library: Library,
        speech: Speech,
        records: list[Record],
        strictness: Strictness,
        *,
        position: int = 0,
        set_up: bool = True,
    ) -> None:
        self.exercise = exercise
        self.library = library
        self._speech = speech
        self._records = records
        self._strictness = strictness
        self._guide = library.coaching.guide
        self._setup = Setup(exercise, library, language=speech.language)
        self._trainer: Trainer | None = None
        self._onlooker = Trainer(exercise, library)  # learns her neutral before it begins, and keeps it
        self._tally = Tally(exercise.advice)
        self._stage: Stage = "setup" if set_up and exercise.entry else "countdown"
        self._stage_since: float | None = None
        self._last_t: float | None = None
        self._in_pose_since: float | None = None
        self._left_pose = False
        self._progress: tuple[float, ...] = ()
        self._idle_s = 0.0
        self._offered = False
        self._seen_s = 0.0
        self._breathed_s = _BEFORE_BREATH_S
        self._side_told: Side | None = None
        self._halfway = False
        self._follow_up: tuple[str, float] | None = None
        self.cues: Counter[str] = Counter()
        """Check -> how often it was said."""
        self.snapshot = Snapshot(stage=self._stage, position=position)

    @property
    def tally(self) -> Tally:
        """What the exercise came to so far."""
        return self._tally

    @property
    def grace(self) -> float:
        """Seconds of lost sight that are no absence: hidden behind a ball she is still there."""
        return asked_for(self.exercise, self.snapshot.moment).grace

    def push(self, pose: Pose, brightness: float | None, nobody: str = "away") -> None:
        """Take one more pose in; ``snapshot`` is the practice after it.

        Args:
            pose: One instant; times may not go back.
            brightness: Mean luma of the frame, 0 to 255.
            nobody: Why nobody is or was in the picture, see ``framing.why_nobody``.
        """
        t = float(pose.t)
        dt = 0.0 if self._last_t is None else min(t - self._last_t, _GAP_S)
        if self._stage_since is None:
            self._stage_since = t
            self._record("exercise_started", t, strictness=self._strictness)
        self._last_t = t
        self.snapshot = replace(self.snapshot, t=t)
        if self._trainer is None:
            self._onlooker.prepare(pose)
        if self._stage in ("setup", "countdown") and self._is_in_pose_already(pose):
            self._speech.hush()
            self._begin(t)
        elif self._stage == "setup":
            self._push_setup(pose, brightness, dt)
        elif self._stage == "countdown":
            self._count_in(t)
        else:
            self._push_exercise(pose, nobody, dt)
        self.snapshot = replace(self.snapshot, stage=self._stage)

    def start_anyway(self, t: float) -> None:
        """Leave the set-up as it is."""
        if self._stage == "setup":
            self._speech.hush()
            self._speech.say("setup_skipped", t)
            self._enter("countdown", t)

    def end(self, outcome: Outcome, t: float) -> None:
        """Close the exercise, whatever it came to; once."""
        if self.snapshot.outcome is not None:
            return
        moment = self.snapshot.moment
        unfinished = moment.held_s if moment and outcome != "done" and not self._held(moment) else 0.0
        if self._stage_since is not None:
            self._record(
                "exercise_finished",
                t,
                outcome=outcome,
                in_pose_s=round(self._tally.in_pose_s, 2),
                clean_s=round(self._tally.clean_s, 2),
                held_s=round(self._tally.held_s, 2),
                unfinished_s=round(unfinished, 2),
                fault_s=MappingProxyType({k: round(s, 2) for k, s in self._tally.fault_s.items()}),
            )
        self.snapshot = replace(self.snapshot, outcome=outcome, breath=None)

    # --- before it begins -----------------------------------------------------------------------------------

    def _push_setup(self, pose: Pose, brightness: float | None, dt: float) -> None:
        t = float(pose.t)
        moment = self._setup.push(pose, brightness, quiet=self._speech.telling(t))
        self.snapshot = replace(self.snapshot, setup=moment)
        self._announce(moment.events)
        self._seen_s += dt if pose.person else 0.0
        if moment.ready:
            self._enter("countdown", t)
        elif self._seen_s >= self._guide.setup_patience:
            self.start_anyway(t)

    def _is_in_pose_already(self, pose: Pose) -> bool:
        """Return whether she has been in the pose for some time: answer enough, she just began."""
        t = float(pose.t)
        if not bool(entered(self.exercise, Body.by_itself(pose, self.library.coaching.sight))):
            self._in_pose_since = None
        elif self._in_pose_since is None:
            self._in_pose_since = t
        long = self._in_pose_since is not None and t - self._in_pose_since >= self._guide.eager_after
        return long and not self._speech.owes

    def _count_in(self, t: float) -> None:
        if self._speech.waits:  # an introduction: what needs no set-up begins after it
            self._stage_since = t
        length = self.library.coaching.setup.countdown
        before = length if self.snapshot.left_s is None else self.snapshot.left_s
        left = length - self._since(t)
        explain = length - self._guide.explain_after
        if left <= explain < before:
            self._speech.tell(in_language(self.exercise.steps.start, self._speech.language), t)
        for number in (3, 2, 1):
            if left <= number < before:
                self._speech.say(f"count_{number}", t)
        self.snapshot = replace(self.snapshot, left_s=max(left, 0.0))
        if left <= 0:
            self._begin(t)

    def _begin(self, t: float) -> None:
        self._speech.ring("start", t)
        self._enter("exercise", t)

    # --- the exercise ---------------------------------------------------------------------------------------

    def _push_exercise(self, pose: Pose, nobody: str, dt: float) -> None:
        t = float(pose.t)
        if self._trainer is None:
            self._trainer = Trainer(
                self.exercise,
                self.library,
                strictness=self._strictness,
                language=self._speech.language,
                neutral=self._onlooker.neutral,
            )
        moment = self._trainer.push(pose)
        self._tally.add(moment, dt)
        self.snapshot = replace(self.snapshot, moment=moment, breath=None)
        if self._stage == "exercise":
            self._announce(moment.events, nobody)
            self._tell_side(moment)
            self._halve(moment, t)
            self._breathe(moment, t, dt)
            self._follow(moment.events, t)
        else:
            self._rest(moment, t)
        if self.snapshot.outcome is None:
            self._be_patient(moment, t, dt)

    def _rest(self, moment: Moment, t: float) -> None:
        """Ask nothing of her. Once she goes in again, or changes sides, the next hold has begun."""
        self._left_pose |= not moment.in_pose or moment.side not in (None, self._side_told)
        self.snapshot = replace(self.snapshot, left_s=max(0.0, self._guide.hold_rest - self._since(t)))
        if self._left_pose and moment.counting:
            self._enter("exercise", t)
            self._tell_side(moment)
        elif self._follow_up and self._since(t) >= self._follow_up[1]:
            self._speech.say(self._follow_up[0], t)
            self._follow_up = None

    def _follow(self, events: Sequence[Event], t: float) -> None:
        """Note, ring and go on where a hold, a cycle or the whole exercise is done."""
        kinds = {event.kind for event in events}
        snapshot = self.snapshot
        for event in events:
            if event.kind == "held":
                seconds = event.seconds or 0.0
                snapshot = replace(snapshot, holds=snapshot.holds + 1, held_s=snapshot.held_s + seconds)
                self._record("hold", t, seconds=seconds, side=event.side, count=snapshot.holds)
        cycles = [event for event in events if event.kind == "cycle" and self._is_asked_for(event, kinds)]
        for event in cycles:
            snapshot = replace(snapshot, cycles=snapshot.cycles + 1)
            self._record("cycle", t, side=event.side, count=snapshot.cycles)
        self.snapshot = snapshot
        if "done" in kinds:
            self._speech.ring("done", t)
            self.end("done", t)
        elif "phase" in kinds:
            self._halfway, self._breathed_s = False, _BEFORE_BREATH_S
            if "entered" not in kinds:
                self._speech.ring("held", t)  # one phase is done, the next follows at once
        elif "held" in kinds:
            self._speech.ring("held", t)
            self._follow_up = self._invitation()
            self._enter("rest", t)
        elif cycles:
            self._speech.ring("held", t)
            self._speech.say("cycle_count", t, rank=1, count=cycles[-1].count)

    def _is_asked_for(self, cycle: Event, kinds: Collection[str]) -> bool:
        """Return whether a cycle is of the phase she is in, or has just finished, and not of another movement."""
        current = self.snapshot.moment.current if self.snapshot.moment else None
        return current is None or cycle.id == current.id or "phase" in kinds

    def _invitation(self) -> tuple[str, float]:
        """Return what is said in the rest, and when."""
        if self.exercise.sides and self._side_told:
            return ("now_right" if self._side_told == "left" else "now_left"), self._guide.next_after
        return "again", self._guide.hold_rest

    def _be_patient(self, moment: Moment, t: float, dt: float) -> None:
        """Offer to go on, and do, where nothing has counted for long although she is there."""
        phase = moment.current.number if moment.current else 0
        progress = (round(moment.held_s, 1), moment.holds, moment.cycles, phase)
        if progress != self._progress:
            self._progress, self._idle_s, self._offered = progress, 0.0, False
        elif moment.phase != "away":
            self._idle_s += dt
        patience = self._guide.offer_after + (self._guide.hold_rest if self._stage == "rest" else 0.0)
        if self._idle_s >= patience + self._guide.go_on_after:
            self.end("unseen", t)
        elif self._idle_s >= patience and not self._offered:
            self._offered = True
            self._speech.say("offer_to_go_on", t, rank=3)

    # --- its words ------------------------------------------------------------------------------------------

    def _tell_side(self, moment: Moment) -> None:
        if not (self.exercise.sides and moment.counting and moment.side) or moment.side == self._side_told:
            return
        self._side_told = moment.side
        self._speech.queue(self._speech.phrase(f"side_{moment.side}_said"), rank=1)

    def _breathe(self, moment: Moment, t: float, dt: float) -> None:
        """Pace the breath while the clock runs; aloud in the first rounds, where nothing else is being said."""
        own = asked_for(self.exercise, moment).breath or self.exercise.breath
        if not moment.counting or own == "free":
            self._breathed_s = _BEFORE_BREATH_S
            return
        pace, usual = own, self.library.coaching.breath
        inhale, exhale = (pace.inhale, pace.exhale) if pace else (usual.inhale, usual.exhale)
        before, now, length = self._breathed_s, self._breathed_s + dt, inhale + exhale
        self._breathed_s = now
        self.snapshot = replace(self.snapshot, breath=PacedBreath(max(now, 0.0) % length, inhale, exhale))
        if self._speech.talk != "full" or now >= usual.spoken * length or self._speech.busy(t):
            return
        say_in, say_out = (pace.say_in, pace.say_out) if pace else (None, None)
        for name, words, turn in (("breathe_in", say_in, 0.0), ("breathe_out", say_out, inhale)):
            if math.floor((now - turn) / length) > math.floor((before - turn) / length):
                text = in_language(words, self._speech.language) if words else self._speech.phrase(name)
                self._speech.tell(text, t, rank=0)

    def _halve(self, moment: Moment, t: float) -> None:
        target = moment.target_s
        if (
            self._halfway
            or not moment.counting
            or target is None
            or target < self._guide.halfway_from
            or moment.held_s < target / 2
        ):
            return
        self._halfway = True
        if self._speech.talk != "little" and not self._speech.busy(t):
            self._speech.say("halfway", t, rank=1)

    def _announce(self, events: Sequence[Event], nobody: str = "away") -> None:
        """Pass on what the trainer or the set-up says, in the session's own words where she goes or is back."""
        for event in events:
            if event.kind == "cue" and event.id:
                self.cues[event.id] += 1
                self._record("cue", event.t, check=event.id, side=event.side, easier=self._is_easier(event))
            if not event.text or (self._speech.talk == "little" and event.id == "during"):
                continue
            rank = {"praise": 1, "reason": 3}.get(event.kind, 2)
            if event.id == "away":
                self._speech.pass_on(self._speech.phrase(nobody), event.t, rank)
            elif event.id == "back":
                self._speech.tell(self.welcome(nobody), event.t, rank=rank)
            else:
                self._speech.pass_on(event.text, event.t, rank)

    def welcome(self, nobody: str) -> str:
        """Return what is said when she is back, or seen again after the dark: where she was."""
        name = in_language(self.exercise.name, self._speech.language)
        side = f"_{self._side_told}" if self._side_told else ""
        return self._speech.phrase(f"{'welcome_back' if nobody == 'away' else 'seen_again'}{side}", exercise=name)

    def _is_easier(self, event: Event) -> bool:
        check = next((c for c in self.exercise.checks if c.id == event.id), None)
        return check is not None and event.text != in_language(check.say, self._speech.language)

    def _held(self, moment: Moment) -> bool:
        return moment.target_s is not None and moment.held_s >= moment.target_s

    def _enter(self, stage: Stage, t: float) -> None:
        self._stage, self._stage_since = stage, t
        self._left_pose, self._halfway, self._breathed_s = False, False, _BEFORE_BREATH_S
        if stage != "countdown":
            self._speech.clear_caption()
        left = self.library.coaching.setup.countdown if stage == "countdown" else None
        setup = self.snapshot.setup if stage in ("setup", "countdown") else None
        self.snapshot = replace(self.snapshot, stage=stage, left_s=left, setup=setup)

    def _since(self, t: float) -> float:
        return t - (t if self._stage_since is None else self._stage_since)

    def _record(self, kind: RecordKind, t: float, **details: Any) -> None:
        self._records.append(
            Record(kind, t, position=self.snapshot.position, exercise=self.exercise.id, **details)
        )
