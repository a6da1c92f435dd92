"""A person's own bands, laid over the shipped ones: one small file an exercise, kept outside the program."""

from __future__ import annotations

from io import StringIO
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from ruamel.yaml import YAML

from posecheck.fields import Model, PlacedError, Slug, suggest
from posecheck.spec import Check, Edge, Exercise, Limit, Quantity

SCHEMA = "posecheck/override@1"


class Bands(Quantity):
    """Other numbers for one limit of a check, found by its quantity; an end left out stays as shipped."""

    min: Edge | None = None
    max: Edge | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs 'min', 'max' or both")
        return self


class Override(Model):
    """What a person has changed in one exercise.

    Attributes:
        exercise: Id of the exercise.
        checks: Check id -> its changed limits.
        source: Where the numbers come from.
    """

    schema_: Literal["posecheck/override@1"] = Field(alias="schema")
    exercise: Slug
    checks: dict[Slug, tuple[Bands, ...]] = Field(min_length=1)
    source: str


def apply(exercise: Exercise, override: Override) -> Exercise:
    """Return the exercise with a person's own bands.

    Raises:
        PlacedError: where the override names a check or a limit that the exercise does not have, or numbers that
            do not rise or fall as they must.
    """
    known = [check.id for check in exercise.checks]
    for name in override.checks:
        if name not in known:
            raise PlacedError(f"{exercise.id} has no check '{name}'.{suggest(name, known)}", "checks", name)
    checks = tuple(_changed(check, override.checks.get(check.id, ())) for check in exercise.checks)
    return exercise.model_copy(update={"checks": checks})


def _changed(check: Check, bands: tuple[Bands, ...]) -> Check:
    limits = list(check.limits)
    for k, band in enumerate(bands):
        place = next((i for i, limit in enumerate(limits) if limit.key == band.key), None)
        if place is None:
            known = ", ".join(dict.fromkeys(limit.measure for limit in limits))
            raise PlacedError(
                f"the check has no limit on this quantity; it judges {known}", "checks", check.id, k, "measure"
            )
        try:
            limits[place] = _with_bands(limits[place], band)
        except ValueError as error:  # pydantic's, whose own text starts with a heading
            said = error.errors()[0]["msg"] if hasattr(error, "errors") else str(error)
            raise PlacedError(str(said).removeprefix("Value error, "), "checks", check.id, k) from error
    return check.model_copy(update={"limits": tuple(limits)})


def _with_bands(limit: Limit, band: Bands) -> Limit:
    for end in ("min", "max"):
        if getattr(band, end) and not getattr(limit, end):
            raise ValueError(f"the limit has no '{end}' end to change")
    changed = {end: getattr(band, end) for end in ("min", "max") if getattr(band, end)}
    return Limit.model_validate(limit.model_dump() | {end: edge.model_dump() for end, edge in changed.items()})


def changes(shipped: Exercise, own: Exercise, source: str) -> Override | None:
    """Return the override that makes ``own`` of ``shipped``; None where no band differs.

    Args:
        shipped: As the program comes.
        own: The same exercise with other bands.
        source: Where the numbers come from, for the file.
    """
    checks: dict[str, list[Bands]] = {}
    for old, new in zip(shipped.checks, own.checks, strict=True):
        for a, b in zip(old.limits, new.limits, strict=True):
            differ = {end: getattr(b, end) for end in ("min", "max") if getattr(a, end) != getattr(b, end)}
            if differ:
                band = Bands.model_construct(measure=b.measure, side=b.side, against=b.against, over=b.over)
                checks.setdefault(old.id, []).append(band.model_copy(update=differ))
    if not checks:
        return None
    return Override.model_construct(
        schema_=SCHEMA, exercise=shipped.id, checks={name: tuple(b) for name, b in checks.items()}, source=source
    )


def to_yaml(override: Override) -> str:
    """Return the override as the text of its file."""
    document: dict[str, Any] = {"schema": SCHEMA, "exercise": override.exercise, "checks": {}}
    for name, bands in override.checks.items():
        document["checks"][name] = [_plain(band) for band in bands]
    document["source"] = override.source
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 110
    out = StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _plain(band: Bands) -> dict[str, Any]:
    plain: dict[str, Any] = {"measure": band.measure}
    if band.side != "near":
        plain["side"] = band.side
    if band.against:
        plain["against"] = band.against
    if band.over is not None:
        plain["over"] = f"{band.over:g} s"
    for end in ("min", "max"):
        edge = getattr(band, end, None)
        if edge:
            plain[end] = {name: round(getattr(edge, name), 3) for name in ("good", "ok", "cue")}
    return plain


def describe(shipped: Exercise, own: Exercise) -> list[str]:
    """Return one line for every number that differs, ``elbows_bent: elbow_angle min cue 143 -> 140``."""
    lines = []
    for old, new in zip(shipped.checks, own.checks, strict=True):
        for a, b in zip(old.limits, new.limits, strict=True):
            for end in ("min", "max"):
                before, after = getattr(a, end), getattr(b, end)
                for name in ("good", "ok", "cue") if before != after else ():
                    x, y = getattr(before, name), getattr(after, name)
                    if x != y:
                        lines.append(f"{old.id}: {a.words} {end} {name} {x:g} -> {y:g}")
    return lines
