"""What ``coaching.yaml`` and the files of a language may say: everything that holds for all exercises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from posecheck.measures import Unit
from posecheck.spec import Model, PlacedError, Seconds, Slug, Strictness, gaps, with_keys
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
        cool_down: Before the same cue again.
        repeat: How often the same cue in a row before the easier variant is offered instead.
        per_minute: Corrections a minute at most.
        show_for: How long a sentence stays on the screen without need.
        remind_after: Out of the pose for so long before it is said how to come in.
        remind_again: Before a reason is said again.
        unseen_after: A check unseen for so long before it is said what to show.
    """

    silence: Seconds
    praise_silence: Seconds
    cool_down: Seconds
    repeat: int = Field(ge=1)
    per_minute: int = Field(ge=1)
    show_for: Seconds
    remind_after: Seconds
    remind_again: Seconds
    unseen_after: Seconds


class Presence(Model):
    """When nobody counts as gone and somebody as back."""

    away_after: Seconds
    back_after: Seconds


class SetupLimits(Model):
    """What the set-up step accepts.

    Attributes:
        margin: Distance of the parts that must be seen from the frame's edge, share of the frame.
        min_height: Smallest extent of the body, share of the frame's height or width, whichever is larger.
        max_height: Largest.
        min_brightness: Mean luma, 0 to 255.
        ready_after: All well for so long.
        say_after: A part not well for so long before it is said.
        countdown: From "I'll count you in" to the start: time to get down to the floor.
    """

    margin: float = Field(ge=0, lt=0.5)
    min_height: float = Field(gt=0, lt=1)
    max_height: float = Field(gt=0, le=1)
    min_brightness: float = Field(ge=0, le=255)
    ready_after: Seconds
    say_after: Seconds
    countdown: Seconds


class Coaching(Model):
    """Everything that holds for all exercises, as read from ``routines/coaching.yaml``."""

    schema_: Literal["posecheck/coaching@1"] = Field(alias="schema")
    sight: SightSpec
    near_side: NearSide
    views: Views
    smoothing: Annotated[dict[Unit, OneEuro], with_keys(*get_args(Unit))]
    smoothing_gap: Seconds
    drawing: OneEuro
    strictness: Annotated[dict[Strictness, float], with_keys(*get_args(Strictness))]
    presence: Presence
    setup: SetupLimits
    voice: Voice
    tracking: TrackingLimits
    accept_share: float = Field(gt=0, le=1)
    slow_below_fps: float = Field(gt=0)
    sources: dict[str, str]


SAID = (
    "away", "back", "mended", "nobody", "too_near", "too_far", "too_dark", "ready",
    "show_head", "show_shoulders", "show_arms", "show_hands", "show_hips", "show_knees", "show_feet",
)  # fmt: skip
"""The phrases that the trainer and the set-up step say."""


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
