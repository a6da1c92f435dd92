"""What a programme of exercises may say, and how it may grow, as frozen pydantic models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from posecheck.fields import Model, PlacedError, Seconds, Slug, Text, unknown_exercise
from posecheck.safety import Days
from posecheck.spec import Exercise, Phase, Strictness

SAID = (
    "why_first", "why_again", "why_longest_ago", "why_gentle", "why_break", "why_break_same",
    "why_pain", "why_pain_again",
    "grow_cycles", "grow_hold", "grow_times", "grow_sides", "grow_lasts", "grow_finer",
    "ease_gentle", "ease_break", "ease_pain", "ease_pause",
)  # fmt: skip
"""The phrases that say why a proposal is as it is."""

Grows = Literal["cycles", "hold", "times", "lasts"]
"""What can become more from one level to the next."""


class Dose(Model):
    """How much of an exercise; each number takes the place of the definition's, in every phase that has it.

    Attributes:
        hold: Seconds of each hold.
        times: How often it is held, both sides together.
        cycles: Cycles in a set.
        lasts: Seconds of what goes on for a time.
    """

    hold: Seconds | None = None
    times: int | None = Field(default=None, ge=1)
    cycles: int | None = Field(default=None, ge=1)
    lasts: Seconds | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.given:
            raise ValueError("needs at least one of 'hold', 'times', 'cycles' and 'lasts'")
        return self

    @property
    def given(self) -> dict[Grows, float]:
        """The numbers that are given."""
        return {name: value for name in get_args(Grows) if (value := getattr(self, name)) is not None}


class ProgrammeItem(Model):
    """An exercise of a programme.

    Attributes:
        exercise: Its id.
        start: The dose to begin with; without it, as much as the exercise's definition says.
        upto: The dose it may grow to; without it, it stays as it is.
        pace: Seconds of one cycle, to say how long the whole takes.
        rest: Afterwards, before the next exercise.
        source: Where the doses come from.
    """

    exercise: Slug
    start: Dose | None = None
    upto: Dose | None = None
    pace: Seconds | None = None
    rest: Seconds
    source: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.upto is None:
            return self
        low, high = self.start.given if self.start else {}, self.upto.given
        if low.keys() != high.keys():
            raise PlacedError("needs the same numbers as 'start'", "upto")
        for name in low:
            if high[name] < low[name]:
                message = f"{name} is {high[name]:g}, less than the {low[name]:g} to begin with"
                raise PlacedError(message, "upto", name)
        return self


def with_dose(exercise: Exercise, dose: Dose | None) -> Exercise:
    """Return the exercise, or each of its phases, with another dose; what it does not have is left alone."""
    if dose is None:
        return exercise

    def of(part: Exercise | Phase) -> dict[str, Any]:
        hold, count, timed = part.hold, part.cycles, part.timed
        return {
            "hold": hold
            and hold.model_copy(update={"target": dose.hold or hold.target, "times": dose.times or hold.times}),
            "cycles": count and count.model_copy(update={"target": dose.cycles or count.target}),
            "timed": timed and timed.model_copy(update={"target": dose.lasts or timed.target}),
        }

    phases = tuple(phase.changed(**of(phase)) for phase in exercise.phases)
    return exercise.changed(**of(exercise), phases=phases)


class Programme(Model):
    """Exercises in an order, as read from ``routines/programmes/<id>.yaml``.

    Attributes:
        id: The file's name.
        name: What the page calls it.
        summary: What it is for, in a sentence.
        equipment: What it needs that not everybody has; such a programme is offered after all others.
        rank: Of several that are equally due, the lowest is offered first.
        items: The exercises.
        source: Where the choice comes from.
    """

    schema_: Literal["posecheck/programme@1"] = Field(alias="schema")
    id: Slug
    name: Text
    summary: Text
    equipment: Text | None = None
    rank: int = Field(ge=1)
    items: tuple[ProgrammeItem, ...] = Field(min_length=1)
    source: str

    def misfits(self, exercises: Mapping[str, Exercise]) -> list[tuple[tuple[str | int, ...], str]]:
        """Return what does not fit the exercises: where it stands in the file, and the sentence."""
        out: list[tuple[tuple[str | int, ...], str]] = []
        for i, item in enumerate(self.items):
            exercise = exercises.get(item.exercise)
            if exercise is None:
                out.append((("items", i, "exercise"), unknown_exercise(item.exercise, exercises)))
            else:
                out += [(("items", i, *at), said) for at, said in _item_misfits(item, exercise)]
        return out


def _item_misfits(item: ProgrammeItem, exercise: Exercise) -> Iterator[tuple[tuple[str, ...], str]]:
    holds, counts = any(p.hold for p in exercise.course), any(p.cycles for p in exercise.course)
    has = {"hold": holds, "times": holds, "cycles": counts, "lasts": any(p.timed for p in exercise.course)}
    for end, dose in (("start", item.start), ("upto", item.upto)):
        for name, value in dose.given.items() if dose else ():
            if not has[name]:
                known = " and ".join(f"'{n}'" for n in has if has[n])
                yield (end, name), f"'{exercise.id}' has no '{name}'; it has {known}"
            elif name == "times" and exercise.sides and value % 2:
                yield (end, name), f"is {value:g}, but '{exercise.id}' has two sides: give an even number"
    if counts != (item.pace is not None):
        why = f"'{exercise.id}' counts cycles: give" if counts else f"'{exercise.id}' counts no cycles: leave out"
        yield (), f"{why} 'pace', how long one takes"


class Fall(Model):
    """A break: after so long without this exercise, it goes back by so many levels.

    Attributes:
        after: Days without it.
        levels: How many; None: to the beginning.
    """

    after: Days
    levels: int | None = Field(default=None, ge=1)


def _rising(breaks: tuple[Fall, ...]) -> tuple[Fall, ...]:
    days = [fall.after for fall in breaks]
    if days != sorted(set(days)):
        raise ValueError("the breaks must grow longer from one to the next")
    return breaks


class Growth(Model):
    """How an exercise grows.

    Attributes:
        sessions: So many good sessions of it in a row, and it grows by one level.
        days: And so many days since it last grew.
        order: What grows first; then the next, and round again, each up to the item's ``upto``.
        by: How much each grows in a level; seconds for ``hold`` and ``lasts``.
        standard_from: From this level on it is judged by the standard bands instead of the gentle ones.
        source: What it rests on.
    """

    sessions: int = Field(ge=1)
    days: Days
    order: tuple[Grows, ...] = Field(min_length=1)
    by: dict[Grows, float]
    standard_from: int = Field(ge=1)
    source: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for name in self.order:
            step = self.by.get(name)
            if step is None:
                raise PlacedError(f"'{name}' is in the order, but not here", "by")
            if step <= 0 or (name in ("cycles", "times") and step != int(step)):
                raise PlacedError("expected a whole number above 0" if name in ("cycles", "times") else
                                  "expected seconds above 0", "by", name)  # fmt: skip
        return self


class Ease(Model):
    """How an exercise falls back.

    Attributes:
        more_pain: Levels, after a session with clearly more pain, or one stopped for a reason that eases.
        today: Levels, for today alone, when today's check asks for gentle.
        pause_after: Stopped for a reason during the same exercise so often, and it is left out ...
        pause_for: ... for so long.
        breaks: After how long without it, how much; the longest that applies counts.
        source: What it rests on.
    """

    more_pain: int = Field(ge=1)
    today: int = Field(ge=1)
    pause_after: int = Field(ge=1)
    pause_for: Days
    breaks: Annotated[tuple[Fall, ...], AfterValidator(_rising)]
    source: str


class Times(Model):
    """What is reckoned for the time beside the exercises themselves.

    Attributes:
        settle: Getting to each exercise: announcement, set-up and count-in.
        between: Between two holds of an exercise.
        source: What it rests on.
    """

    settle: Seconds
    between: Seconds
    source: str


class TendencyRules(Model):
    """When it may be said that an exercise goes with less pain.

    Attributes:
        sessions: At least so many sessions with the exercise, and as many without it, with pain told before and
            after, and pain enough before that it could fall.
        confidence: Of the interval, shared among all exercises compared.
        source: What it rests on.
    """

    sessions: int = Field(ge=2)
    confidence: float = Field(gt=0.5, lt=1)
    source: str


class ProgressionRules(Model):
    """How programmes grow and fall back, as read from ``routines/progression.yaml``."""

    schema_: Literal["posecheck/progression@1"] = Field(alias="schema")
    growth: Growth
    ease: Ease
    times: Times
    tendency: TendencyRules
    strictness: tuple[Strictness, Strictness] = ("gentle", "standard")
    sources: dict[str, str]

    def phrases(self) -> tuple[str, ...]:
        """Return the id of every phrase that a proposal may say."""
        return SAID
