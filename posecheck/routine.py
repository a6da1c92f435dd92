"""A guided session: exercises one after another, without a hand at the keyboard; pure.

``Session`` folds poses into the snapshot a page shows, plays each exercise's ``session.Practice`` in turn, and
gives out what is worth remembering as it happens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from posecheck import gestures
from posecheck.framing import why_nobody
from posecheck.gestures import GestureState
from posecheck.library import Library, in_language
from posecheck.pose import Pose
from posecheck.programmes import with_dose
from posecheck.progression import Proposal
from posecheck.records import Outcome, Record, RecordKind
from posecheck.session import Practice, Snapshot, Wishes
from posecheck.spec import Exercise, Strictness, View
from posecheck.speech import Caption, Speech

Command = Literal["pause", "resume", "skip", "start", "stop"]


@dataclass(frozen=True, slots=True)
class Item:
    """One exercise of a plan.

    Attributes:
        exercise: With its dose, see ``programmes.with_dose``.
        rest_s: Seconds of rest after it; None: the usual.
        strictness: How closely it is judged; None: as the page chose.
    """

    exercise: Exercise
    rest_s: float | None = None
    strictness: Strictness | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session consists of.

    Attributes:
        items: At least one, in order.
        programme: Id of the programme it comes from, or None.
        title: The programme's name by language; empty where there is none.
        introduce: Whether the voice says where the camera goes and how to pause, before the first exercise.
    """

    items: tuple[Item, ...]
    programme: str | None = None
    title: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    introduce: bool = True


def plan_of(proposal: Proposal, library: Library) -> Plan:
    """Return what is proposed today as a plan to carry out."""
    items = tuple(
        Item(with_dose(library.exercises[item.exercise], item.dose), item.rest_s, item.strictness)
        for item in proposal.items
    )
    return Plan(items, proposal.programme, library.programmes[proposal.programme].name)


@dataclass(slots=True)
class _Between:
    """The rest before the next exercise.

    Attributes:
        since: When it began, practice seconds.
        length: Seconds it lasts.
        moves: Whether the camera has to move for what comes next.
        announced: Whether what comes next was said.
        over: She has had enough of it.
    """

    since: float
    length: float
    moves: bool
    announced: bool = False
    over: bool = False


@dataclass(slots=True)
class _Question:
    """Asked at the end: was this correction not right?

    Attributes:
        exercise: In which it was given.
        check: Its id.
        until: How long her answer is waited for, practice seconds; None while it is still being asked.
    """

    exercise: str
    check: str
    until: float | None = None


class Session:
    """A plan in progress.

    Args:
        plan: What to do.
        library: Where timings and sentences are.
        wishes: Hers; ``update`` changes them.
        language: Of every sentence.
    """

    def __init__(
        self, plan: Plan, library: Library, wishes: Wishes | None = None, *, language: str = "en"
    ) -> None:
        if not plan.items:
            raise ValueError("a plan must have at least one exercise")
        self.plan = plan
        self.library = library
        self.language = language
        self._guide = library.coaching.guide
        self._speech = Speech(library, language)
        self._records: list[Record] = []
        self.update(wishes or Wishes())
        self._view: View = plan.items[0].exercise.views[0]
        self._done: list[Practice] = []
        self._practice = self._open(0, set_up=True)
        self._between: _Between | None = None
        self._outcome: Outcome | None = None
        self._look_back: tuple[str, str] | None = None
        self._question: _Question | None = None
        self._last_raw: float | None = None
        self._shift = 0.0  # practice time is media time less this: pauses are no practice
        self._paused = False
        self._gesture = GestureState()
        self._seen_raw = 0.0
        self._back_raw: float | None = None
        self._away = False
        self._nobody = "away"
        self._dark_raw = -math.inf
        self._company_told = False

    def update(self, wishes: Wishes) -> None:
        """Take over what the page chose; felt from the next pose on, the strictness from the next exercise on."""
        self._wishes = wishes
        self._speech.talk, self._speech.rate = wishes.talk, wishes.rate

    def records(self) -> list[Record]:
        """Return what happened since the last call, in order."""
        happened = list(self._records)
        self._records.clear()
        return happened

    def push(self, pose: Pose, brightness: float | None, *, company: bool = False) -> Snapshot:
        """Return the session after one more pose.

        Args:
            pose: One instant; times may not go back.
            brightness: Mean luma of the frame, 0 to 255.
            company: Whether somebody else is in the picture.
        """
        raw = float(pose.t)
        if self._last_raw is None:
            self._begin(raw)
        dt = 0.0 if self._last_raw is None else raw - self._last_raw
        self._last_raw = raw
        if not pose.person:
            self._watch_light(brightness, raw)
        self._watch_gesture(pose, raw)
        self._watch_presence(bool(pose.person), raw)
        if self._stands_still():
            self._shift += dt
            return self.snapshot()
        t = self._t
        self._speech.step(t)
        self._wait_for_answer(t)
        if self._outcome is None:
            if company and not self._company_told and pose.person and not self._speech.busy(t):
                self._company_told = True
                self._speech.say("somebody_else", t, rank=1)
            if self._between:
                self._rest(self._between, t)
            if not self._between:
                self._practice.push(replace(pose, t=np.asarray(t)), brightness, self._nobody)
                if self._practice.snapshot.outcome is not None:
                    self._close(t)
        return self.snapshot()

    def ask(self, command: Command, why: str | None = None) -> None:
        """Do what she asked for by key, button or sign.

        Args:
            command: ``pause``, ``resume``, ``skip`` the exercise or the rest, ``start`` at once, without waiting
                for the set-up or the end of the rest, or ``stop``.
            why: Id of the stop word that makes her stop, if one does.
        """
        if self._last_raw is None or self._outcome is not None:
            return
        t = self._t
        if command == "pause":
            if not self._paused:
                self._paused = True
                self._speech.say("paused_by_hand", t, rank=3)
            return
        if self._paused and command == "resume":
            self._speech.say("resumed_by_hand", t, rank=3)
        self._paused = False
        if command == "stop":
            self._stop_for(why)
        elif self._between:
            self._between.over |= command != "resume"
        elif command == "start":
            self._practice.start_anyway(t)
        elif command == "skip":
            self._speech.hush()
            self._practice.end("skipped", t)
            self._close(t)

    def _stop_for(self, why: str | None) -> None:
        if why:
            position, exercise = self._practice.snapshot.position, self._practice.exercise.id
            self._record("stopped_for", stop=why, position=position, exercise=exercise)
        self.stop()

    def stop(self) -> Snapshot:
        """End the session where it is, such as when the connection closes; once."""
        if self._last_raw is not None and self._outcome is None:
            self._practice.end("stopped", self._t)
            self._finish("stopped", self._t)
        return self.snapshot()

    def snapshot(self) -> Snapshot:
        """Return what the page shows now."""
        shown, t = self._practice.snapshot, self._t
        if self._outcome is not None:
            strength, next_time = self._look_back or (None, None)
            shown = replace(
                shown,
                stage="finished",
                left_s=None,
                breath=None,
                over=not self._speech.busy(t) and self._question is None,
                strength=strength,
                next_time=next_time,
            )
        elif self._between:
            left = max(0.0, self._between.length - (t - self._between.since))
            shown = replace(shown, stage="between", left_s=left, breath=None)
        shown = replace(shown, t=t, paused=self._paused)
        return replace(shown, caption=self._caption(shown), sayings=self._speech.sayings)

    @property
    def _t(self) -> float:
        """Practice seconds."""
        return 0.0 if self._last_raw is None else self._last_raw - self._shift

    # --- from exercise to exercise --------------------------------------------------------------------------

    def _open(self, position: int, *, set_up: bool) -> Practice:
        item = self.plan.items[position]
        return Practice(
            item.exercise,
            self.library,
            self._speech,
            self._records,
            item.strictness or self._wishes.strictness,
            position=position,
            set_up=set_up,
        )

    def _begin(self, raw: float) -> None:
        self._shift = self._seen_raw = raw
        ids = tuple(item.exercise.id for item in self.plan.items)
        self._record("session_started", programme=self.plan.programme, exercises=ids)
        if not self.plan.introduce:
            return
        first, phrase, talk = self._practice.exercise, self._speech.phrase, self._wishes.talk
        self._speech.queue(phrase("session_begins") if talk == "full" else "", phrase("stop_words"), keep=True)
        self._speech.queue(
            phrase("gesture_hint") if talk != "little" else "",
            phrase("first_exercise" if len(self.plan.items) > 1 else "this_exercise", exercise=self._name(first)),
            in_language(first.framing.camera, self.language),
        )

    def _close(self, t: float) -> None:
        """Leave an exercise that has ended: rest before the next, or end the session."""
        self._done.append(self._practice)
        position = len(self._done)
        if position == len(self.plan.items):
            self._finish("done", t)
            return
        if self._practice.snapshot.outcome != "done":
            self._speech.say("on_to_the_next", t)
        rest_s = self.plan.items[position - 1].rest_s
        moves = self._view not in self.plan.items[position].exercise.views
        self._between = _Between(t, self._guide.rest if rest_s is None else rest_s, moves)

    def _rest(self, between: _Between, t: float) -> None:
        """Announce the next exercise after the praise, and begin it when the rest is over."""
        position = len(self._done)
        following = self.plan.items[position].exercise
        gone = t - between.since
        if not between.announced and gone >= self._guide.next_after and not self._speech.busy(t):
            between.announced = True
            name = "last_exercise" if position == len(self.plan.items) - 1 else "next_exercise"
            self._speech.queue(self._speech.phrase(name, exercise=self._name(following)))
            if between.moves:
                camera = in_language(following.framing.camera, self.language)
                self._speech.queue(self._speech.phrase(f"camera_moves_{following.views[0]}"), camera)
        if between.over or (between.announced and gone >= between.length):
            self._view = following.views[0] if between.moves else self._view
            self._practice = self._open(position, set_up=between.moves)
            self._between = None

    def _finish(self, outcome: Outcome, t: float) -> None:
        self._outcome, self._between = outcome, None
        strength, next_time = self._look_back = self._summarise()
        if outcome == "done":
            self._speech.queue(self._speech.phrase("session_finished"), strength, next_time)
            self._ask_about_a_correction()
        self._record("session_finished", outcome=outcome, strength=strength, next_time=next_time)

    def _summarise(self) -> tuple[str, str]:
        """Return one thing that went well and one for next time, from what the exercises came to."""
        phrase = self._speech.phrase
        tried = [p for p in {id(p): p for p in (*self._done, self._practice)}.values() if p.tally.in_pose_s > 0]
        if not tried:
            return phrase("strength_came"), phrase("next_time_same")
        best = max(tried, key=lambda p: p.tally.clean_share)
        steady = best.tally.clean_share >= self.library.coaching.accept_share
        strength = phrase("strength_steady" if steady else "strength_stayed", exercise=self._name(best.exercise))
        seen = [
            (p.tally.fault_s.get(check.id, 0.0), p.exercise, check)
            for p in tried
            for check in p.exercise.checks
            if not check.advice
        ]
        seconds, exercise, check = max(seen, key=lambda one: one[0], default=(0.0, None, None))
        if not seconds or exercise is None or check is None:
            return strength, phrase("next_time_same")
        cue = in_language(check.say, self.language)
        return strength, phrase("next_time_try", exercise=self._name(exercise), cue=cue)

    def _ask_about_a_correction(self) -> None:
        """Ask whether the correction said most often was right; she answers with the sign, or not at all."""
        said = [(n, p.exercise, check) for p in self._done for check, n in p.cues.items()]
        if not said or self._wishes.talk != "full":
            return
        _, exercise, name = max(said, key=lambda one: one[0])
        check = next(check for check in exercise.checks if check.id == name)
        self._question = _Question(exercise.id, name)
        cue = in_language(check.say, self.language)
        self._speech.queue(self._speech.phrase("doubt_asked", cue=cue), self._speech.phrase("doubt_sign"))

    def _wait_for_answer(self, t: float) -> None:
        question = self._question
        if question is None or self._speech.busy(t):
            return
        if question.until is None:
            question.until = t + self._guide.answer_within
        elif t >= question.until:
            self._question = None

    def _doubt(self, question: _Question) -> None:
        self._question = None
        self._record("doubted", exercise=question.exercise, check=question.check)
        self._speech.say("doubt_noted", self._t, rank=3)

    # --- pauses ---------------------------------------------------------------------------------------------

    def _watch_gesture(self, pose: Pose, raw: float) -> None:
        limits = self.library.coaching.gestures
        up = bool(gestures.arms_up(pose, limits))
        self._gesture, sign = gestures.step(self._gesture, raw, up, limits)
        if sign == "hold" and self._question and not self._speech.waits:
            self._doubt(self._question)
        elif sign == "long":
            self.ask("skip")
        elif sign == "hold" and self._paused:
            self.ask("resume")
        elif sign == "hold" and not self._between and self._practice.snapshot.stage == "setup":
            self.ask("start")
        elif sign == "hold" and self._outcome is None:
            self._paused = True
            self._speech.say("paused_by_sign", self._t, rank=3)

    def _watch_light(self, brightness: float | None, raw: float) -> None:
        """Know why nobody is seen; in light again, she has left only where she is not found soon."""
        why = why_nobody(brightness, self.library.coaching.setup)
        if why != "away":
            self._dark_raw = raw
        if why != "away" or raw - self._dark_raw >= self.library.coaching.presence.away_after:
            self._nobody = why

    def _watch_presence(self, person: bool, raw: float) -> None:
        """Know when she has left and when she is back; gone for very long, the session ends."""
        presence = self.library.coaching.presence
        if not person:
            self._back_raw = None
            gone = raw - self._seen_raw
            if gone >= self._guide.gives_up_after:
                self.stop()
            elif gone >= max(presence.away_after, self._practice.grace) and not self._away:
                self._away = True
                if self._stands_still() and not self._paused:
                    self._speech.say(self._nobody, self._t, rank=3)
            return
        if self._away:
            self._back_raw = raw if self._back_raw is None else self._back_raw
            if raw - self._back_raw < presence.back_after:
                return
            if self._stands_still() and not self._paused:
                self._speech.tell(self._welcome(), self._t, rank=2)
            self._away, self._back_raw = False, None
        self._seen_raw = raw

    def _welcome(self) -> str:
        """Return what is said when she is back; between two exercises it names neither."""
        if self._between is None:
            return self._practice.welcome(self._nobody)
        return self._speech.phrase("back" if self._nobody == "away" else "back_in_sight")

    def _stands_still(self) -> bool:
        """Whether time stands: she paused, or left in a rest or a count-in. Holds wait for her by themselves."""
        waits = self._between is not None or self._practice.snapshot.stage in ("countdown", "rest")
        return self._outcome is None and (self._paused or (self._away and waits))

    # --- words ----------------------------------------------------------------------------------------------

    def _caption(self, shown: Snapshot) -> Caption | None:
        """Return the newer of the trainer's sentence and the session's own, which fades."""
        source = shown.setup if shown.stage in ("setup", "countdown") else shown.moment
        sentence = source.sentence if source else None
        resting = shown.stage in ("rest", "between", "finished")
        if sentence and resting and sentence.tone != "praise":
            sentence = None
        own = self._speech.own
        if own and (sentence is None or sentence.since <= own.since):
            waiting = self._stands_still() or resting or shown.stage == "countdown"
            if waiting or shown.t <= max(own.until, own.since + self.library.coaching.voice.show_for):
                return own.caption
        away = shown.moment is not None and shown.moment.phase == "away"
        if shown.stage == "exercise" and away and (sentence is None or sentence.id == "away"):
            return Caption(self._speech.phrase(self._nobody), "reason")
        return Caption(sentence.text, sentence.tone) if sentence else None

    def _name(self, exercise: Exercise) -> str:
        return in_language(exercise.name, self.language)

    def _record(self, kind: RecordKind, **details: Any) -> None:
        self._records.append(Record(kind, self._t, **details))
