"""What an exercise file may say, as frozen pydantic models.

Every number that decides a verdict is in a definition file, beside its source; this room only gives the shapes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from posecheck.fields import Cue, Model, PlacedError, Seconds, Slug, Text, suggest
from posecheck.measures import MEASURES

View = Literal["side", "front", "three_quarter"]
Strictness = Literal["gentle", "standard"]

CYCLE_PERIOD = "cycle_period"
"""Seconds of the slower of the last two cycles: the one quantity that comes from the cycle counters."""


def _known_measure(name: str) -> str:
    known = [*MEASURES, CYCLE_PERIOD]
    if name not in known:
        raise ValueError(f"unknown measure '{name}'.{suggest(name, known) or ' See posecheck check --measures.'}")
    return name


MeasureName = Annotated[
    str, AfterValidator(_known_measure), Field(json_schema_extra={"enum": [*MEASURES, CYCLE_PERIOD]})
]


class Quantity(Model):
    """A number that can be compared at each instant.

    Attributes:
        measure: Its name in the catalogue.
        side: ``near`` (default), ``left`` or ``right``.
        against: ``neutral``: minus the person's own neutral value; ``neutral_ratio``: divided by it.
        over: The range (largest minus smallest) over this many seconds in pose, instead of the value.
    """

    measure: MeasureName
    side: Literal["near", "left", "right"] = "near"
    against: Literal["neutral", "neutral_ratio"] | None = None
    over: Seconds | None = None

    @cached_property
    def key(self) -> tuple[str, str, str | None, float | None]:
        """What makes two quantities the same number."""
        return (self.measure, self.side, self.against, self.over)

    @cached_property
    def absolute(self) -> bool:
        """Whether the number stays within the measure's own domain."""
        return self.against is None and self.over is None and self.measure in MEASURES

    @property
    def words(self) -> str:
        """What it is called where its file is spoken of, such as ``back_turn against neutral``."""
        said = [self.measure, *([self.side] if self.side != "near" else [])]
        said += [f"against {self.against}"] if self.against else []
        said += [f"over {self.over:g} s"] if self.over is not None else []
        return " ".join(said)

    @property
    def domain(self) -> tuple[float, float]:
        """Its smallest and largest value, in the measure's unit; infinite where it leaves the measure's domain."""
        return MEASURES[self.measure].domain if self.absolute else (-math.inf, math.inf)


def _outside_domain(quantity: Quantity, name: str, value: float | None) -> None:
    low, high = quantity.domain
    if value is not None and not low <= value <= high:
        unit = MEASURES[quantity.measure].unit
        raise ValueError(
            f"{name} is {value:g}, outside what {quantity.measure} can be ({low:g} to {high:g} {unit})"
        )


class Condition(Quantity):
    """A quantity within a closed band; unknown where the quantity is.

    Attributes:
        min: Smallest value that fulfils it.
        max: Largest value that fulfils it.
        unseen: ``passes``: fulfilled where the quantity cannot be seen.
    """

    min: float | None = None
    max: float | None = None
    unseen: Literal["unknown", "passes"] = "unknown"

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs 'min', 'max' or both")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError(f"min ({self.min:g}) must be below max ({self.max:g})")
        _outside_domain(self, "min", self.min)
        _outside_domain(self, "max", self.max)
        return self

    @property
    def asks(self) -> str:
        """The band in words, such as ``from 65 up to 90``."""
        ends = (("from", self.min), ("up to", self.max))
        return " ".join(f"{words} {bound:g}" for words, bound in ends if bound is not None)


class Edge(Model):
    """One end of a check's bands: silent up to ``ok``, cued beyond ``cue``; strict people keep to ``good``.

    The gap between ``ok`` and ``cue`` is the hysteresis: a fault begins beyond ``cue`` and ends within ``ok``.
    Standard strictness moves both by ``good - ok``.
    """

    good: float
    ok: float
    cue: float

    @property
    def listed(self) -> str:
        """Its numbers from good to cue, as a fault shows them."""
        return f"{self.good:g}, {self.ok:g}, {self.cue:g}"


class Limit(Quantity):
    """The bands of one quantity, on one end or both.

    Attributes:
        min: The lower end.
        max: The upper end.
        unseen: ``passes``: left out where the quantity cannot be seen, such as before a neutral is known.
    """

    min: Edge | None = None
    max: Edge | None = None
    unseen: Literal["unknown", "passes"] = "unknown"

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs 'min', 'max' or both")
        if self.min and not self.min.good >= self.min.ok >= self.min.cue:
            raise ValueError(f"under 'min' the numbers must fall: good >= ok >= cue, got {self.min.listed}")
        if self.max and not self.max.good <= self.max.ok <= self.max.cue:
            raise ValueError(f"under 'max' the numbers must rise: good <= ok <= cue, got {self.max.listed}")
        for end, edge in (("min", self.min), ("max", self.max)):
            for name in ("good", "ok", "cue"):
                _outside_domain(self, f"{end}.{name}", getattr(edge, name, None))
        return self


class Check(Model):
    """One mistake the camera can see.

    Attributes:
        id: Key of history and translations.
        limits: The check is out where any limit is.
        when: Judged only while all of these hold; otherwise there is nothing to correct.
        priority: 1 = say first.
        persist: How long out before it is a fault.
        advice: Worth saying, never fails the pose.
        pauses_hold: The hold does not count while it is out: she is not in the pose without it.
        any_view: Can be judged from views the exercise is not meant for.
        say: The cue.
        easier: Said instead after the cue was given twice.
        source: Where the numbers come from.
    """

    id: Slug
    limits: tuple[Limit, ...] = Field(min_length=1)
    when: tuple[Condition, ...] = ()
    priority: int = Field(ge=1)
    persist: Seconds
    advice: bool = Field(default=False, strict=True)
    pauses_hold: bool = Field(default=False, strict=True)
    any_view: bool = Field(default=False, strict=True)
    say: Cue
    easier: Text | None = None
    source: str


class Entry(Model):
    """What counts as being in the pose: wider than the checks, which judge the form.

    To come in she must show that it is this pose; to stay in, only that she has not left it. A mistake may hide
    what she came in by, such as a trunk that sinks and with it shortens the unit of every length.

    Attributes:
        all: Every one of these.
        any: And all of at least one of these groups, if there are any.
        stay: Once she is in, all of these keep her in as well as the entry does.
        enter_after: How long it must hold to enter.
        exit_after: How long it must fail to leave.
        say: How to come into the pose, said when she stays out of it.
        source: Where the numbers come from.
    """

    all: tuple[Condition, ...] = Field(min_length=1)
    any: tuple[tuple[Condition, ...], ...] = ()
    stay: tuple[Condition, ...] = ()
    enter_after: Seconds
    exit_after: Seconds
    say: Text
    source: str

    @model_validator(mode="after")
    def _stays_wider(self) -> Self:
        entering = {condition.key: condition for condition in self.all}
        for i, stay in enumerate(self.stay):
            enter = entering.get(stay.key, stay)
            for end, sign in (("min", 1), ("max", -1)):
                wide, narrow = getattr(stay, end), getattr(enter, end)
                if wide is not None and narrow is not None and sign * wide > sign * narrow:
                    message = f"{end} is {wide:g}, but to enter {narrow:g} is enough: staying cannot ask for more"
                    raise PlacedError(f"{stay.measure} {message}", "stay", i)
        return self

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All that entering looks at, the alternatives too."""
        return (*self.all, *(condition for group in self.any for condition in group))


class Hold(Model):
    """A pose kept for a time.

    Attributes:
        target: Seconds to hold.
        times: How often.
        grace: Lost sight for no longer than this is bridged, and counted.
        resume_within: Out of the pose for no longer than this, the hold goes on from where it was.
    """

    target: Seconds
    times: int = Field(ge=1)
    grace: Seconds
    resume_within: Seconds


class Cycles(Model):
    """A movement between two ends, counted on its own running range.

    Attributes:
        measure: The quantity that moves.
        high: Name of the phase at its large end.
        low: Name of the phase at its small end.
        rise: Share of the running range above which the high phase begins.
        fall: Share under which the low phase begins.
        min_range: Smallest range that is a movement at all, in the measure's unit.
        forget: The running range is that of so long.
        stays: An end counts once she has been there for so long.
        when: Counted only while all of these hold: nothing else that moves the measure.
        target: Cycles in a set.
        grace: Lost sight for no longer than this is bridged.
        high_above: A photograph, which has no range of its own, shows the high phase above this value.
        low_below: And the low phase below this.
        source: Where the numbers come from.
    """

    measure: MeasureName
    high: Slug
    low: Slug
    rise: float = Field(gt=0, lt=1)
    fall: float = Field(gt=0, lt=1)
    min_range: float = Field(gt=0)
    forget: Seconds
    stays: Seconds = 0.0
    when: tuple[Condition, ...] = ()
    target: int = Field(ge=1)
    grace: Seconds
    high_above: float | None = None
    low_below: float | None = None
    source: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.fall >= self.rise:
            raise ValueError(f"fall ({self.fall:g}) must be below rise ({self.rise:g})")
        return self


class Timed(Model):
    """A movement that goes on for a time and is not counted.

    Attributes:
        target: Seconds it goes on.
        grace: Lost sight for no longer than this is bridged.
    """

    target: Seconds
    grace: Seconds


class Breath(Model):
    """The breath that goes with the movement; paced, never judged.

    Attributes:
        inhale: How long.
        exhale: How long.
        say_in: Said as it begins, instead of the usual words.
        say_out: Said as the out-breath begins.
    """

    inhale: Seconds
    exhale: Seconds
    say_in: Cue | None = None
    say_out: Cue | None = None


class Phase(Model):
    """One of the things an exercise is made of, done one after another: a hold, a set of cycles, or a time.

    Attributes:
        id: Key of events and translations.
        name: What the page calls it.
        say: What to do, said as it begins.
        side: Her side that it asks for, where it asks for one.
        hold: Either this,
        cycles: or this,
        timed: or this.
        breath: That goes with it, where it is not the exercise's; ``free``: none is paced.
    """

    id: Slug
    name: Text
    say: Text
    side: Literal["left", "right"] | None = None
    hold: Hold | None = None
    cycles: Cycles | None = None
    timed: Timed | None = None
    breath: Breath | Literal["free"] | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        _one_of(self, "hold", "cycles", "timed")
        return self

    @property
    def grace(self) -> float:
        """Lost sight for no longer is bridged, seconds."""
        return next(course.grace for course in (self.hold, self.cycles, self.timed) if course)

    @property
    def target_s(self) -> float | None:
        """Seconds a hold or a time aims at; None for cycles."""
        clocked = self.hold or self.timed
        return clocked.target if clocked else None


def _one_of(model: Model, *names: str) -> None:
    given = [name for name in names if getattr(model, name)]
    if len(given) != 1:
        expected = f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
        got = " and ".join(map(repr, given)) or "none"
        raise ValueError(f"needs exactly one of {expected}, got {got}")


class Sides(Model):
    """Which side is being worked: the sign of a measure beyond a limit; positive = her left.

    A hold does not count before a side is known.

    Attributes:
        measure: The quantity whose sign it is.
        beyond: How large it must be.
        dwell: For how long, before the side changes.
    """

    measure: MeasureName
    beyond: float = Field(gt=0)
    dwell: Seconds = 0.0


class Neutral(Model):
    """The person's own neutral: the median over a still time while the conditions hold.

    Attributes:
        when: All must hold throughout.
        measures: What to remember, and how much each may move meanwhile.
        settle: How long.
        most: The one of the measures of which her neutral has the most: a later still time with more of it, by
            more than it may move, becomes her neutral instead. Without it the first one stays.
        source: Where the numbers come from.
    """

    when: tuple[Condition, ...] = Field(min_length=1)
    measures: dict[MeasureName, float] = Field(min_length=1)
    settle: Seconds
    most: MeasureName | None = None
    source: str

    @model_validator(mode="after")
    def _most_is_measured(self) -> Self:
        if self.most and self.most not in self.measures:
            raise PlacedError(f"{self.most} is not one of the measures", "most")
        return self


class Framing(Model):
    """From where the camera must see her, and how the set-up step knows.

    Attributes:
        views: The views that can judge this exercise; the first is the one to ask for.
        gate: What must hold for the checks to be judged; unseen passes.
        setup: What must hold before starting, in addition.
        camera: Where the laptop goes.
        turn: How to turn when the view is wrong.
        show: Parts of her that must be in the picture: ``head``, ``hands``, ``hips``, ``feet``.
    """

    views: tuple[View, ...] = Field(min_length=1)
    gate: tuple[Condition, ...] = ()
    setup: tuple[Condition, ...] = ()
    camera: Text
    turn: Text
    show: tuple[Literal["head", "hands", "hips", "knees", "feet"], ...] = Field(min_length=1)


class Steps(Model):
    """What the voice says at the turns of an exercise.

    Attributes:
        start: Into the pose.
        during: Once in the pose; an exercise with phases says each phase's own sentence instead.
        done: When the hold or the set is finished.
    """

    start: Text
    during: Text | None = None
    done: Text


class Exercise(Model):
    """One exercise, as read from ``routines/exercises/<id>.yaml``.

    It is a hold, a set of cycles, a time, or several of these as phases. Without an entry nothing is
    recognised or judged, and the time runs while somebody is in the picture.

    Attributes:
        id: Also the file's name; key of history and translations.
        name: What the page calls it.
        summary: What it is, in a sentence.
        framing: From where the camera must see her.
        entry: What counts as being in the pose.
        hold: Either this,
        cycles: or this,
        timed: or this,
        phases: or these.
        sides: How the side being worked is known, where the exercise has two.
        neutral: Her own neutral, where a quantity is compared with it.
        breath: The breath that goes with it; None: the usual one.
        steps: What the voice says at its turns.
        checks: The mistakes the camera can see.
        safety: When to leave it out, and how to make it easier.
        sources: Mark -> where the numbers are from.
    """

    schema_: Literal["posecheck/exercise@1"] = Field(alias="schema")
    id: Slug
    name: Text
    summary: Text
    framing: Framing
    entry: Entry | None = None
    hold: Hold | None = None
    cycles: Cycles | None = None
    timed: Timed | None = None
    phases: tuple[Phase, ...] = ()
    sides: Sides | None = None
    neutral: Neutral | None = None
    breath: Breath | None = None
    steps: Steps
    checks: tuple[Check, ...] = ()
    safety: tuple[Text, ...] = Field(min_length=1)
    sources: dict[str, str] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        _one_of(self, "hold", "cycles", "timed", "phases")
        if bool(self.phases) == bool(self.steps.during):
            raise PlacedError("needs 'during', unless the phases say what to do", "steps")
        if self.phases and self.sides:
            raise PlacedError("an exercise with phases has a phase for each side instead", "sides")
        if bool(self.entry) != bool(self.checks):
            raise ValueError("needs both 'entry' and 'checks', or neither where nothing is judged")
        _different_ids(self.phases, "phases", "phase")
        _different_ids(self.checks, "checks", "check")
        for i, phase in enumerate(self.phases):
            for other in self.phases[:i]:
                same = phase.cycles and other.cycles and phase.cycles.measure == other.cycles.measure
                if same and phase.cycles != other.cycles:
                    message = f"is counted on the same measure as '{other.id}', but not in the same way"
                    raise PlacedError(message, "phases", i, "cycles")
        return self

    @model_validator(mode="after")
    def _compares_what_there_is(self) -> Self:
        for at, q in self._written():
            if q.against and self.neutral is None:
                message = f"{q.measure} is compared with neutral, but the file has no 'neutral'"
                raise PlacedError(message, *at, "against")
            if q.against and self.neutral and q.measure not in self.neutral.measures:
                message = f"{q.measure} is compared with neutral, but is not measured here"
                raise PlacedError(message, "neutral", "measures")
            if q.measure == CYCLE_PERIOD and not self.movements:
                raise PlacedError(f"{CYCLE_PERIOD} is how long a cycle takes, but none are counted here", *at)
        return self

    def _written(self) -> Iterator[tuple[tuple[str | int, ...], Quantity]]:
        """Yield every quantity that conditions and checks name, and where it stands in the file."""
        lists: list[tuple[tuple[str | int, ...], Sequence[Quantity]]] = []
        if self.entry:
            lists.append((("entry", "all"), self.entry.all))
            lists += [(("entry", "any", i), group) for i, group in enumerate(self.entry.any)]
            lists.append((("entry", "stay"), self.entry.stay))
        lists += [(("framing", "gate"), self.framing.gate), (("framing", "setup"), self.framing.setup)]
        for i, check in enumerate(self.checks):
            lists += [(("checks", i, "limits"), check.limits), (("checks", i, "when"), check.when)]
        if self.neutral:
            lists.append((("neutral", "when"), self.neutral.when))
        for at, quantities in lists:
            for i, quantity in enumerate(quantities):
                yield (*at, i), quantity

    @property
    def views(self) -> tuple[View, ...]:
        """The views that can judge this exercise."""
        return self.framing.views

    @property
    def advice(self) -> tuple[str, ...]:
        """Ids of the checks that are worth saying and never fail the pose."""
        return tuple(check.id for check in self.checks if check.advice)

    @cached_property
    def course(self) -> tuple[Phase, ...]:
        """What is done, one after another: the phases, or the one hold, set of cycles or time."""
        if self.phases or self.steps.during is None:
            return self.phases
        whole = Phase(
            id=self.id,
            name=self.name,
            say=self.steps.during,
            hold=self.hold,
            cycles=self.cycles,
            timed=self.timed,
        )
        return (whole,)

    @cached_property
    def movements(self) -> tuple[Cycles, ...]:
        """Everything that is counted, each measure once: in whichever phase she is."""
        return tuple({p.cycles.measure: p.cycles for p in self.course if p.cycles}.values())

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """Every quantity the file refers to, each once, in order of appearance."""
        found = [quantity for _, quantity in self._written()]
        if self.neutral:
            found += [Quantity(measure=m) for m in self.neutral.measures]
        for movement in self.movements:
            found += [Quantity(measure=movement.measure), *movement.when]
        if self.sides:
            found.append(Quantity(measure=self.sides.measure))
        return tuple({q.key: q for q in found}.values())

    @cached_property
    def measures(self) -> tuple[tuple[str, Literal["near", "left", "right"]], ...]:
        """Every (measure, side) to compute, each once, in order of appearance."""
        return tuple(dict.fromkeys((q.measure, q.side) for q in self.quantities if q.measure in MEASURES))

    @property
    def needs_silhouette(self) -> bool:
        """Whether the model must give the person's mask."""
        return any(MEASURES[name].silhouette for name, _ in self.measures)


def _different_ids(items: tuple[Check, ...] | tuple[Phase, ...], where: str, what: str) -> None:
    ids = [item.id for item in items]
    for i, name in enumerate(ids):
        if name in ids[:i]:
            raise PlacedError(f"the {what} id '{name}' is taken; ids must differ", where, i, "id")
