"""What ``coaching.yaml`` and the files of a language may say: everything that holds for all exercises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from posecheck.fields import Model, PlacedError, Seconds, Slug, gaps, with_keys
from posecheck.measures import Unit
from posecheck.smoothing import RestLimits
from posecheck.spec import Strictness
from posecheck.swaps import SwapLimits
from posecheck.tracking import TrackingLimits


class OneEuro(Model):
    """The constants of the One Euro filter (Casiez 2012): Hz, Hz per unit/s, Hz."""

    min_cutoff: float = Field(gt=0)
    beta: float = Field(ge=0)
    d_cutoff: float = Field(gt=0)


class SightSpec(Model):
    """What counts as seen; see ``body.Sight``."""

    min_visibility: float = Field(ge=0, le=1)
    min_outline_share: float = Field(gt=0, le=1)
    min_outline_cut: float = Field(gt=0, le=1)
    max_outline_roughness: float = Field(gt=0)
    min_torso_px: float = Field(gt=0)
    max_side_view: float = Field(gt=0)
    min_torso_ratio: float = Field(ge=0)
    elbow_tip: float = Field(ge=0)
    in_line: float = Field(gt=0)
    level_deg: float = Field(gt=0, le=90)
    straight_deg: float = Field(gt=0, le=180)
    max_folded_length: float = Field(gt=0)


class NearSide(Model):
    """When the near side changes: the other side is better seen by ``margin`` for ``dwell``."""

    margin: float = Field(ge=0)
    dwell: Seconds


class Views(Model):
    """Shoulder width over torso length: up to ``side_max`` it is a side view, from ``front_min`` a front view."""

    side_max: float = Field(gt=0)
    front_min: float = Field(gt=0)


class Voice(Model):
    """The coach's manners.

    Attributes:
        silence: After a correction, before another.
        praise_silence: After praise, before a correction.
        mended_after: What was cued is good for so long before it is praised.
        cool_down: Before the same cue again.
        repeat: How often the same cue in a row before the easier variant is offered instead.
        per_minute: Corrections a minute at most.
        show_for: How long a sentence stays on the screen without need.
        remind_after: Out of the pose for so long before it is said how to come in.
        remind_again: Before a reason is said again.
        unseen_after: A check unseen for so long before it is said what to show.
        word: How long a word takes to say at the usual speed.
        pause: Between two sentences.
        heard_for: After so long a sentence that was not yet spoken is no longer worth saying.
    """

    silence: Seconds
    praise_silence: Seconds
    mended_after: Seconds
    cool_down: Seconds
    repeat: int = Field(ge=1)
    per_minute: int = Field(ge=1)
    show_for: Seconds
    remind_after: Seconds
    remind_again: Seconds
    unseen_after: Seconds
    word: Seconds
    pause: Seconds
    heard_for: Seconds


class Guide(Model):
    """When a session goes on by itself.

    Attributes:
        eager_after: In the exercise's pose for so long before the start: she just began, and so it begins.
        explain_after: Into the count-in before it is said how to come into the pose: after "I'll count you in".
        next_after: After a hold before it is said what comes next: after the praise.
        hold_rest: Between two holds of an exercise.
        rest: Between two exercises, where the programme names no time.
        setup_patience: In the picture but never all well for so long, it starts as she is.
        offer_after: In the picture without anything that counts for so long, it offers to go on.
        go_on_after: And then goes on.
        gives_up_after: Nobody in the picture for so long ends the session.
        rest_offered: What is left of a practice that broke off is offered for so long.
        asked_after: For so long after a practice it is asked how her back is.
        answer_within: A question at the end is waited on for so long.
        halfway_from: The middle of a hold is said when it aims at so long, or longer.
    """

    eager_after: Seconds
    explain_after: Seconds
    next_after: Seconds
    hold_rest: Seconds
    rest: Seconds
    setup_patience: Seconds
    offer_after: Seconds
    go_on_after: Seconds
    gives_up_after: Seconds
    rest_offered: Seconds
    asked_after: Seconds
    answer_within: Seconds
    halfway_from: Seconds


class BreathPace(Model):
    """A calm breath where the exercise asks for no other.

    Attributes:
        inhale: How long.
        exhale: How long.
        spoken: Rounds at the start of a hold or set in which the voice breathes with her.
    """

    inhale: Seconds
    exhale: Seconds
    spoken: int = Field(ge=0)


class GestureLimits(Model):
    """What counts as both arms straight up; see ``gestures``.

    Attributes:
        min_visibility: Of shoulder, elbow, wrist and hip of one side.
        min_trunk: How steeply the trunk rises at least, degrees; 90 = upright.
        min_arms: How steeply each upper arm and forearm rises at least, degrees.
        min_above: How far each wrist is above the nose, torso lengths.
        hold: Kept for so long it is a sign to pause or to go on.
        hold_long: Kept for so long it is a sign to skip.
        grace: Lost sight or a wavering arm for no longer is bridged.
    """

    min_visibility: float = Field(ge=0, le=1)
    min_trunk: float = Field(gt=0, lt=90)
    min_arms: float = Field(gt=0, lt=90)
    min_above: float = Field(gt=0)
    hold: Seconds
    hold_long: Seconds
    grace: Seconds


class Pace(Model):
    """When the computer is called slow.

    Attributes:
        below_fps: Fewer pictures judged a second than this.
        dropped_share: While for each one judged more than so many were dropped: else the camera gives no more.
        window: Over so long.
        known_after: The pace is known after so long of it.
        sure_after: And it is called slow after so long of it.
        told_for: And it is said for so long.
    """

    below_fps: float = Field(gt=0)
    dropped_share: float = Field(ge=0)
    window: Seconds
    known_after: Seconds
    sure_after: Seconds
    told_for: Seconds

    @model_validator(mode="after")
    def _within_the_window(self) -> Self:
        if not self.known_after <= self.sure_after < self.window:
            raise ValueError("known_after, sure_after and window must follow each other")
        return self


class Presence(Model):
    """When nobody counts as gone and somebody as back, and the camera as standing still.

    Attributes:
        flicker: Coming into a pose, its conditions may fail for so long at a time.
        away_after: Nobody in the picture for so long is away.
        back_after: Somebody in the picture for so long is back.
        still_after: No new picture for so long is said.
        still_ends: And for so long ends the session.
    """

    flicker: Seconds
    away_after: Seconds
    back_after: Seconds
    still_after: Seconds
    still_ends: Seconds


class SetupLimits(Model):
    """What the set-up step accepts.

    Attributes:
        margin: Distance of the parts that must be seen from the frame's edge, share of the frame.
        min_height: Smallest extent of the body, share of the frame's height or width, whichever is larger.
        max_height: Largest.
        min_brightness: Mean luma, 0 to 255.
        covered_brightness: Below it a picture with nobody in it is that of a covered lens, or of no light at all.
        ready_after: All well for so long.
        say_after: A part not well for so long before it is said.
        countdown: From "I'll count you in" to the start: time to get down to the floor.
    """

    margin: float = Field(ge=0, lt=0.5)
    min_height: float = Field(gt=0, lt=1)
    max_height: float = Field(gt=0, le=1)
    min_brightness: float = Field(ge=0, le=255)
    covered_brightness: float = Field(ge=0, le=255)
    ready_after: Seconds
    say_after: Seconds
    countdown: Seconds


class Coaching(Model):
    """Everything that holds for all exercises, as read from ``routines/coaching.yaml``."""

    schema_: Literal["posecheck/coaching@1"] = Field(alias="schema")
    sight: SightSpec
    near_side: NearSide
    views: Views
    look_every: Seconds
    smoothing: Annotated[dict[Unit, OneEuro], with_keys(*get_args(Unit))]
    smoothing_gap: Seconds
    outline_rest: RestLimits
    drawing: OneEuro
    strictness: Annotated[dict[Strictness, float], with_keys(*get_args(Strictness))]
    presence: Presence
    setup: SetupLimits
    voice: Voice
    guide: Guide
    breath: BreathPace
    gestures: GestureLimits
    pace: Pace
    tracking: TrackingLimits
    swaps: SwapLimits
    accept_share: float = Field(gt=0, le=1)
    sources: dict[str, str]


SAID = (
    "away", "back", "back_in_sight", "mended", "nobody",
    "too_near", "too_far", "too_dark", "camera_covered", "ready",
    "show_head", "show_shoulders", "show_arms", "show_hands", "show_hips", "show_knees", "show_feet",
    "count_3", "count_2", "count_1", "cycle_count", "halfway", "breathe_in", "breathe_out", "again",
    "side_left_said", "side_right_said", "now_left", "now_right",
    "session_begins", "stop_words", "gesture_hint", "first_exercise", "this_exercise", "next_exercise",
    "last_exercise", "camera_moves_side", "camera_moves_front", "camera_moves_three_quarter",
    "offer_to_go_on", "on_to_the_next", "setup_skipped", "somebody_else",
    "paused_by_hand", "paused_by_sign", "resumed_by_hand",
    "welcome_back", "welcome_back_left", "welcome_back_right",
    "seen_again", "seen_again_left", "seen_again_right",
    "session_finished", "doubt_asked", "doubt_sign", "doubt_noted",
    "strength_steady", "strength_stayed", "strength_came", "next_time_try", "next_time_same",
)  # fmt: skip
"""The phrases that the voice needs."""


def _said(sentence: str) -> str:
    if not sentence.strip():
        raise ValueError("the sentence is empty")
    gaps(sentence)
    return sentence


Sentence = Annotated[str, AfterValidator(_said)]


class Phrases(Model):
    """Sentences that belong to no definition, in one language: ``routines/languages/<code>/<area>.yaml``."""

    schema_: Literal["posecheck/phrases@1"] = Field(alias="schema")
    phrases: dict[Slug, Sentence] = Field(min_length=1)


class Translation(Model):
    """A definition's sentences in another language: ``routines/languages/<code>/exercises/<id>.yaml``.

    Built as the definition is, with a sentence where the definition has ``{en: ...}``; an item of a list that has
    an id stands under its id.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    schema_: Literal["posecheck/translation@1"] = Field(alias="schema")

    @model_validator(mode="after")
    def _said(self) -> Self:
        _check_sentences(self.model_extra)
        return self


def _check_sentences(node: object, *at: str | int) -> None:
    if isinstance(node, Mapping):
        for key, value in node.items():
            _check_sentences(value, *at, str(key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            _check_sentences(value, *at, number)
    elif not isinstance(node, str):
        raise PlacedError(f"expected text, got {node!r}", *at)
    else:
        try:
            _said(node)
        except ValueError as error:
            raise PlacedError(str(error), *at) from error
