"""The set-up step: is all of her in the picture, from the right side, at the right distance, in enough light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from posecheck import quantities, rules
from posecheck.body import Body
from posecheck.coaching import SetupLimits
from posecheck.library import Library, in_language
from posecheck.moment import Event, Sentence
from posecheck.pose import PAIRS, Pose
from posecheck.spec import Exercise

Part = Literal["head", "hands", "hips", "knees", "feet", "distance", "view", "light"]
Fit = Literal["ok", "adjust", "unknown"]

_LANDMARKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"head": ("ear",), "hands": ("wrist",), "hips": ("hip",), "knees": ("knee",), "feet": ("ankle", "foot_index")}
)


@dataclass(frozen=True, slots=True)
class SetupMoment:
    """One instant of the set-up step.

    Attributes:
        t: Media time in seconds.
        parts: What must fit, in the order it is asked for -> whether it does.
        sentence: The one sentence to show, or None.
        ready: Everything has fitted for long enough; stays true.
        events: What to say now.
    """

    t: float
    parts: Mapping[Part, Fit]
    sentence: Sentence | None = None
    ready: bool = False
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class _State:
    fits_since: float | None = None
    asked: str | None = None
    asked_since: float = 0.0
    said: tuple[str, float] | None = None
    sentence: Sentence | None = None
    ready: bool = False


class Setup:
    """Folds the set-up step over media time."""

    def __init__(self, exercise: Exercise, library: Library, *, language: str = "en") -> None:
        """Prepare for the first instant of an exercise's set-up, with sentences in a language."""
        self._exercise = exercise
        self._library = library
        self._limits = library.coaching.setup
        self._again = library.coaching.voice.cool_down
        self._turn = in_language(exercise.framing.turn, language)
        self._phrases = {name: in_language(text, language) for name, text in library.phrases.items()}
        self._state = _State()

    def push(self, pose: Pose, brightness: float | None = None, *, quiet: bool = False) -> SetupMoment:
        """Advance to the next instant.

        Args:
            pose: One instant.
            brightness: Mean luma of the frame, 0 to 255; None where it is not known.
            quiet: Somebody else is speaking: look, but say nothing and settle nothing yet.
        """
        t = float(pose.t)
        parts = assess_framing(self._exercise, self._library, pose, brightness)
        if quiet:
            self._state = replace(self._state, fits_since=None, asked=None)
            return SetupMoment(t, MappingProxyType(parts), self._state.sentence, self._state.ready)
        asks = self._ask(pose, parts, brightness)
        events: list[Event] = []
        state = self._settle(t, asks is None, events)
        if not state.ready and asks is not None:
            state = self._say(state, t, *asks, events)
        self._state = state
        return SetupMoment(t, MappingProxyType(parts), state.sentence, state.ready, tuple(events))

    def _settle(self, t: float, fits: bool, events: list[Event]) -> _State:
        state = self._state
        if state.ready or not fits:
            return replace(state, fits_since=None)
        since = t if state.fits_since is None else state.fits_since
        state = replace(state, fits_since=since, asked=None)
        if t - since < self._limits.ready_after:
            return state
        text = self._phrases["ready"]
        events.append(Event(t, "guide", id="ready", text=text))
        return replace(state, ready=True, sentence=Sentence("ready", text, "guide", t))

    def _say(self, state: _State, t: float, name: str, text: str, events: list[Event]) -> _State:
        """Ask for one thing at a time, once it has been wanting for long enough, and not again at once."""
        if state.asked != name:
            state = replace(state, asked=name, asked_since=t)
        if t - state.asked_since < self._limits.say_after:
            return state
        if state.said is not None and state.said[0] == name and t - state.said[1] < self._again:
            return state
        events.append(Event(t, "reason", id=name, text=text))
        return replace(state, said=(name, t), sentence=Sentence(name, text, "reason", t))

    def _ask(self, pose: Pose, parts: Mapping[Part, Fit], brightness: float | None) -> tuple[str, str] | None:
        """Return id and sentence of the first thing that does not fit; None if all does."""
        if parts["light"] == "adjust":
            name = "too_dark" if pose.person else why_nobody(brightness, self._limits)
            return name, self._phrases[name]
        if not pose.person:
            return "nobody", self._phrases["nobody"]
        if parts["distance"] == "adjust":
            name = "too_far" if extent(pose) < self._limits.min_height else "too_near"
            return name, self._phrases[name]
        for part, fit in parts.items():
            if part not in ("distance", "view", "light") and fit != "ok":
                return f"show_{part}", self._phrases[f"show_{part}"]
        if parts["view"] == "adjust":
            return "turn", self._turn
        if parts["view"] == "unknown":  # the view is read from the shoulders
            return "show_shoulders", self._phrases["show_shoulders"]
        return None


def assess_framing(
    exercise: Exercise, library: Library, pose: Pose, brightness: float | None = None
) -> dict[Part, Fit]:
    """Return whether each thing the exercise needs fits, at one instant.

    A part of her fits when one side of it is visible and inside the frame by the margin; the far side is
    often hidden behind the near one.
    """
    limits = library.coaching.setup
    body = Body.by_itself(pose, library.coaching.sight)
    parts: dict[Part, Fit] = {}
    for part in exercise.framing.show:
        parts[part] = _part_fits(pose, _LANDMARKS[part], limits, library.coaching.sight.min_visibility)
    parts["distance"] = _distance_fits(pose, limits)
    values = quantities.values_for(exercise, exercise.framing.setup, body)
    criteria = rules.make_criteria(exercise, 0.0)
    view = (
        rules.group_holds(criteria, rules.hold_groups(criteria, values), "setup")
        if pose.person
        else np.asarray(np.nan)
    )
    parts["view"] = "unknown" if np.isnan(view) else "ok" if view == 1 else "adjust"
    parts["light"] = "unknown" if brightness is None else "adjust" if brightness < limits.min_brightness else "ok"
    return parts


def why_nobody(brightness: float | None, limits: SetupLimits) -> str:
    """Return the phrase for a picture with nobody in it: she is away, or nobody could be seen in it.

    Args:
        brightness: Mean luma of the frame, 0 to 255; None where it is not known.
        limits: From which on a picture is dark, and a lens covered.
    """
    if brightness is None or brightness >= limits.min_brightness:
        return "away"
    return "camera_covered" if brightness < limits.covered_brightness else "too_dark"


def extent(pose: Pose) -> float:
    """Return how much of the frame she takes up: the larger of width and height, as a share; NaN for nobody."""
    if not pose.person:
        return float("nan")
    span = np.ptp(pose.image, axis=-2)
    return float((span / pose.frame_size).max())


def _part_fits(pose: Pose, names: tuple[str, ...], limits: SetupLimits, min_visibility: float) -> Fit:
    if not pose.person:
        return "unknown"
    inset = limits.margin * pose.frame_size
    for side in (0, 1):
        points = [PAIRS[name][side] for name in names]
        inside = (pose.image[points] >= inset) & (pose.image[points] <= pose.frame_size - inset)
        if inside.all() and (pose.visibility[points] >= min_visibility).all():
            return "ok"
    return "adjust"


def _distance_fits(pose: Pose, limits: SetupLimits) -> Fit:
    if not pose.person:
        return "unknown"
    return "ok" if limits.min_height <= extent(pose) <= limits.max_height else "adjust"
