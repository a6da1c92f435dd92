"""A practice in progress: one exercise from set-up over count-in, holds and rest to its end; pure.

``Practice`` folds poses over media time into the snapshot a page shows and the sentences it speaks.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from posecheck.framing import Setup, SetupMoment
from posecheck.instants import entered
from posecheck.library import Library, in_language
from posecheck.moment import Event, Moment, Tone
from posecheck.pose import Pose
from posecheck.spec import Exercise, Strictness
from posecheck.trainer import Trainer

Stage = Literal["setup", "countdown", "exercise", "rest", "finished"]
Chime = Literal["start", "held", "done"]

_KEPT_SAYINGS = 12
_EAGER_S = 3.0
"""Seconds in the exercise's pose, during set-up or count-in, after which it begins at once."""
_EXPLAIN_AFTER_S = 2.5
"""Seconds into the count-in at which it is said how to come into the pose: after "I'll count you in"."""
_SAY_NEXT_AFTER_S = 4.0
"""Seconds after a hold at which it is said what comes next: after the praise."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the page may change while the stream runs.

    Attributes:
        strictness: Used from the next set on.
        paused: She pressed pause: time stands still until it is taken back.
        skip_setup: Start without waiting for the picture to be right.
    """

    strictness: Strictness = "gentle"
    paused: bool = False
    skip_setup: bool = False


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing for the ear, said or chimed exactly once.

    Attributes:
        number: Counts up by one within a connection; the page speaks each number once.
        t: Media time in seconds.
        text: What is spoken and captioned, or None for a chime alone.
        chime: What sounds before it, or None.
        rank: 3 a reason nothing counts, 2 a cue or the way of the practice, 1 praise. A higher rank interrupts.
    """

    number: int
    t: float
    text: str | None = None
    chime: Chime | None = None
    rank: int = 2


@dataclass(frozen=True, slots=True)
class Caption:
    """The one sentence to show now."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in the way, in a sentence, and what to do next."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the page shows, as of one frame.

    Attributes:
        stage: Where the practice is.
        t: Media time in seconds.
        frames: Frames judged so far; those dropped on purpose are not among them.
        frame_size: Width and height of the picture in pixels, or None before the first.
        pace: Frames judged a second, over the last seconds; None until it is known.
        slow: Whether the computer is too slow for fluent feedback; told once, for some seconds.
        paused: Whether she pressed pause.
        setup: The set-up's latest word, while in it.
        moment: The trainer's latest word, once the exercise has begun.
        left_s: Seconds left of the count-in.
        holds: Holds finished since START.
        held_s: Seconds of those holds.
        cycles: Cycles counted since START.
        caption: The one sentence to show.
        sayings: The latest things for the ear, oldest first.
        problem: What went wrong with the picture just now, or None.
    """

    stage: Stage = "setup"
    t: float = 0.0
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
    caption: Caption | None = None
    sayings: tuple[Saying, ...] = ()
    problem: Problem | None = None


class Practice:
    """One exercise from set-up to rest, folded over poses in order of time; pure.

    Args:
        exercise: What she chose.
        library: Where its timings and sentences are.
        settings: What the page chose; ``update`` changes it.
        language: Of every sentence.
    """

    def __init__(
        self, exercise: Exercise, library: Library, settings: Settings | None = None, *, language: str = "en"
    ) -> None:
        self.exercise = exercise
        self.library = library
        self.language = language
        self._settings = settings or Settings()
        self._setup = Setup(exercise, library, language=language)
        self._trainer: Trainer | None = None
        self._onlooker = Trainer(exercise, library)  # learns her neutral before it begins, and keeps it
        self._stage: Stage = "setup"
        self._stage_since: float | None = None
        self._in_pose_since: float | None = None
        self._left_pose = False
        self._follow_up: tuple[str, float] | None = None
        self._numbers = itertools.count(1)
        self._sayings: deque[Saying] = deque(maxlen=_KEPT_SAYINGS)
        self._own: tuple[Caption, float] | None = None
        self._paused_at: float | None = None
        self._paused_s = 0.0
        self._snapshot = Snapshot()

    def update(self, settings: Settings) -> None:
        """Take over what the page chose; felt from the next pose on."""
        self._settings = settings

    def push(self, pose: Pose, brightness: float | None) -> Snapshot:
        """Return the practice after one more pose.

        Args:
            pose: One instant; times may not go back.
            brightness: Mean luma of the frame, 0 to 255.
        """
        t = float(pose.t)
        if self._settings.paused != (self._paused_at is not None):
            self._toggle_pause(t)
        if self._paused_at is not None:
            self._snapshot = replace(self._snapshot, paused=True, caption=self._caption(t), sayings=self._said())
            return self._snapshot
        pose = replace(pose, t=pose.t - self._paused_s)
        t -= self._paused_s
        if self._stage_since is None:
            self._stage_since = t
        self._snapshot = replace(self._snapshot, t=t, paused=False)
        if self._trainer is None:
            self._onlooker.prepare(pose)
        if self._stage in ("setup", "countdown") and self._is_in_pose_already(pose):
            self._begin(t)
        elif self._stage == "setup":
            self._push_setup(pose, brightness)
        elif self._stage == "countdown":
            self._count_in(t)
        else:
            self._push_exercise(pose)
        self._snapshot = replace(self._snapshot, stage=self._stage, caption=self._caption(t), sayings=self._said())
        return self._snapshot

    def _toggle_pause(self, t: float) -> None:
        if self._paused_at is None:
            self._paused_at = t
            self._say("paused_by_hand", t, rank=3)
        else:
            self._paused_s += t - self._paused_at
            self._paused_at = None
            self._say("resumed_by_hand", t - self._paused_s, rank=3)

    def _push_setup(self, pose: Pose, brightness: float | None) -> None:
        t = float(pose.t)
        moment = self._setup.push(pose, brightness)
        self._snapshot = replace(self._snapshot, setup=moment)
        self._announce(moment.events)
        if self._settings.skip_setup:
            self._say("setup_skipped", t)
            self._enter("countdown", t)
        elif moment.ready:
            if not any(event.text for event in moment.events):
                self._say("ready", t)
            self._enter("countdown", t)

    def _is_in_pose_already(self, pose: Pose) -> bool:
        """Return whether she has been in the pose for some time: answer enough, she just began."""
        t = float(pose.t)
        if not bool(entered(self.exercise, self.library, pose)):
            self._in_pose_since = None
        elif self._in_pose_since is None:
            self._in_pose_since = t
        return self._in_pose_since is not None and t - self._in_pose_since >= _EAGER_S

    def _count_in(self, t: float) -> None:
        length = self.library.coaching.setup.countdown
        before = length if self._snapshot.left_s is None else self._snapshot.left_s
        left = length - self._since(t)
        explain = length - _EXPLAIN_AFTER_S
        if left <= explain < before:
            self._tell(in_language(self.exercise.steps.start, self.language), t)
        for number in (3, 2, 1):
            if left <= number < before:
                self._say(f"count_{number}", t)
        self._snapshot = replace(self._snapshot, left_s=max(left, 0.0))
        if left <= 0:
            self._begin(t)

    def _begin(self, t: float) -> None:
        self._ring("start", t)
        self._enter("exercise", t)
        self._trainer = None

    def _push_exercise(self, pose: Pose) -> None:
        t = float(pose.t)
        if self._trainer is None:
            self._trainer = Trainer(
                self.exercise,
                self.library,
                strictness=self._settings.strictness,
                language=self.language,
                neutral=self._onlooker.neutral,
            )
        moment = self._trainer.push(pose)
        self._snapshot = replace(self._snapshot, moment=moment)
        if self._stage == "exercise":
            self._announce(moment.events)
            self._follow(moment.events, t)
            return
        # Resting: nothing is asked of her. Once she has come out and goes in again, the next hold has begun.
        self._left_pose |= not moment.in_pose
        if self._left_pose and moment.counting:
            if self._stage == "finished":
                self._onlooker, self._trainer = self._trainer, None
            self._enter("exercise", t)
        elif self._follow_up and self._since(t) >= self._follow_up[1]:
            self._say(self._follow_up[0], t)
            self._follow_up = None

    def _follow(self, events: Sequence[Event], t: float) -> None:
        """Ring and go on where a hold, a cycle or the whole exercise is done."""
        kinds = {event.kind for event in events}
        for event in events:
            if event.kind == "held":
                holds, held_s = self._snapshot.holds + 1, self._snapshot.held_s + (event.seconds or 0.0)
                self._snapshot = replace(self._snapshot, holds=holds, held_s=held_s)
            elif event.kind == "cycle":
                self._snapshot = replace(self._snapshot, cycles=self._snapshot.cycles + 1)
        if "done" in kinds:
            self._ring("done", t)
            self._follow_up = ("set_finished", _SAY_NEXT_AFTER_S)
            self._enter("finished", t)
        elif "phase" in kinds:
            if "entered" not in kinds:
                self._ring("held", t)  # one phase is done, the next follows at once
        elif "held" in kinds:
            self._ring("held", t)
            voice = self.library.coaching.voice
            self._follow_up = (
                ("other_side", _SAY_NEXT_AFTER_S) if self.exercise.sides else ("again", voice.remind_after)
            )
            self._enter("rest", t)
        elif "cycle" in kinds:
            self._ring("held", t)

    def _enter(self, stage: Stage, t: float) -> None:
        self._stage, self._stage_since = stage, t
        self._left_pose = False
        if stage != "countdown":
            self._own = None
        left = self.library.coaching.setup.countdown if stage == "countdown" else None
        setup = self._snapshot.setup if stage in ("setup", "countdown") else None
        self._snapshot = replace(self._snapshot, left_s=left, setup=setup)

    def _since(self, t: float) -> float:
        return t - (t if self._stage_since is None else self._stage_since)

    def _announce(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.text:
                rank = {"praise": 1, "reason": 3}.get(event.kind, 2)
                self._sayings.append(Saying(next(self._numbers), event.t, event.text, rank=rank))

    def _say(self, phrase: str, t: float, *, rank: int = 2) -> None:
        self._tell(self.library.phrase(phrase, self.language), t, rank=rank)

    def _tell(self, text: str, t: float, *, rank: int = 2) -> None:
        self._sayings.append(Saying(next(self._numbers), t, text, rank=rank))
        self._own = (Caption(text, "guide"), t)

    def _ring(self, chime: Chime, t: float) -> None:
        self._sayings.append(Saying(next(self._numbers), t, None, chime))

    def _said(self) -> tuple[Saying, ...]:
        return tuple(self._sayings)

    def _caption(self, t: float) -> Caption | None:
        """Return the newer of the trainer's sentence and the practice's own, which fades."""
        setup, moment = self._snapshot.setup, self._snapshot.moment
        source = setup if self._stage in ("setup", "countdown") else moment
        sentence = source.sentence if source else None
        if sentence and self._stage in ("rest", "finished") and sentence.tone != "praise":
            sentence = None
        if self._own and (sentence is None or sentence.since < self._own[1]):
            caption, since = self._own
            waiting = self._paused_at is not None or self._stage in ("rest", "finished", "countdown")
            if waiting or t - since <= self.library.coaching.voice.show_for:
                return caption
        if sentence is None and self._stage == "exercise" and moment is not None and moment.phase == "away":
            return Caption(self.library.phrase("away", self.language), "reason")
        return Caption(sentence.text, sentence.tone) if sentence else None
