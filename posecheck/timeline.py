"""What a recording came to, laid out along time: lanes of what happened, lines of what was measured, their bands.

Plain values for whatever draws them: the page's timeline, the plots of a report. Seconds count from ``origin``, so
that two recordings can be laid side by side from the moment each came into the pose.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal, Protocol

import numpy as np

from posecheck.ledger import Ledger, intervals
from posecheck.measures import MEASURES
from posecheck.moment import Event, PhaseNow
from posecheck.pose import FloatArray
from posecheck.rules import limit_bounds
from posecheck.spec import CYCLE_PERIOD, Check, Condition, Exercise, Limit, Quantity

MOST_POINTS = 6000
"""Points of a line that are drawn at most: a half-hour has one every third of a second then."""
_SHORTEST_RANGE = {"deg": 20.0}
"""Smallest range of values that fills the height of a line: less would show noise as movement. Else 0.2."""

Kind = Literal["good", "rest", "unknown", "fault", "hold", "cue", "praise", "guide", "count"]


class Says(Protocol):
    """The sentences of a language."""

    def __call__(self, name: str, /, **values: object) -> str:
        """Return a phrase."""

    def of(self, text: Mapping[str, str]) -> str:
        """Return a definition's sentence."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time.

    Attributes:
        start, end: Seconds.
        kind: How it looks.
        label: What it is.
    """

    start: float
    end: float
    kind: Kind
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at one time."""

    t: float
    kind: Kind
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of what happened.

    Attributes:
        id: ``course``, ``phase``, ``hold``, ``cycle``, ``said``, or a check's id.
        label: What it shows.
        spans: Stretches, in order.
        marks: Instants, in order.
    """

    id: str
    label: str
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """Values that mean the same, both ends in the line's unit; infinite where there is no end."""

    low: float
    high: float
    kind: Literal["good", "ok", "cue", "entry"]


@dataclass(frozen=True, slots=True)
class Line:
    """One measure over time with the bands it is compared with.

    Attributes:
        id: Unique within a timeline.
        label: Its name, and what it is compared with.
        unit: ``°`` or ``T`` (torso lengths), or empty.
        digits: After the decimal point.
        checks: Ids of the checks that look at it; empty for what only counts as being in the pose.
        values: One for each of the timeline's ``t``; NaN where unseen.
        unknown: Stretches in which it was not seen.
        bands: From low to high; good, within ok, and beyond cue. What lies between is the slack.
        low, high: The values to show.
    """

    id: str
    label: str
    unit: str
    digits: int
    checks: tuple[str, ...]
    values: FloatArray
    unknown: tuple[tuple[float, float], ...]
    bands: tuple[Band, ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything along the time of one recording.

    Attributes:
        name: Of the recording.
        start, end: Seconds, of its beginning and end.
        origin: Media time of second 0.
        t: Seconds of the points of every line, shape ``(N,)``.
        lanes: Rows of what happened.
        lines: Measures.
    """

    name: str
    start: float
    end: float
    origin: float
    t: FloatArray
    lanes: tuple[Lane, ...] = field(default=())
    lines: tuple[Line, ...] = field(default=())


def lay_out(
    name: str, ledger: Ledger, exercise: Exercise | None, strictness: float, says: Says, *, origin: float = 0.0
) -> Timeline:
    """Return a recording along its time.

    Args:
        name: Of the recording.
        ledger: Of T instants.
        exercise: What it was judged as; without one there are neither faults nor lines.
        strictness: 0 = gentle, 1 = standard, as in ``rules.make_criteria``.
        says: Names and sentences.
        origin: Media time that becomes second 0.
    """
    t = ledger.t
    end = float(t[-1] + intervals(t)[-1])
    edges = np.append(t, end) - origin
    lanes = [
        *_course(ledger, edges, says),
        _phases(ledger, edges, says),
        *_clock(ledger, exercise, edges, says, origin),
    ]
    lines: list[Line] = []
    if exercise is not None:
        lanes += _faults(ledger, exercise, edges, says)
        lines = list(_lines(ledger, exercise, strictness, edges, says))
    looks = np.flatnonzero(ledger.look)
    points = looks[:: math.ceil(len(looks) / MOST_POINTS)]
    thin = tuple(replace(line, values=line.values[points]) for line in lines)
    return Timeline(name, float(edges[0]), float(edges[-1]), origin, edges[points], tuple(lanes), thin)


def anchors(ledger: Ledger) -> dict[str, float]:
    """Return the media times that recordings can be laid side by side by: ``beginning``, ``entered``, phases.

    A phase is named as in ``Moment.phase`` or by its id in the definition, a side ``left`` or ``right``; each
    begins where it is first seen.
    """
    found = {"beginning": float(ledger.t[0])}
    for event in ledger.events:
        if event.kind == "entered":
            found.setdefault("entered", event.t)
    for t, phase, side, now in zip(ledger.t.tolist(), ledger.phase, ledger.side, ledger.current, strict=True):
        if phase not in ("away", "out", "enter", "leave", "hold"):
            found.setdefault(phase, t)
        if side is not None:
            found.setdefault(side, t)
        if now is not None:
            found.setdefault(now.id, t)
    return found


def name_anchor(name: str, ledger: Ledger, says: Says) -> str:
    """Return what to call one of ``anchors``."""
    if name in ("beginning", "entered", "left", "right"):
        return says(f"replay_align_{name}")
    names = {now.id: now.name for now in ledger.current if now is not None}
    return names.get(name) or name_phase(name, says)


# --- lanes ----------------------------------------------------------------------------------------------------


def _runs(values: Sequence[object], edges: FloatArray) -> Iterator[tuple[float, float, object]]:
    """Yield start, end and value of every stretch of equal values."""
    start = 0
    for i in range(1, len(values) + 1):
        if i == len(values) or values[i] != values[start]:
            yield float(edges[start]), float(edges[i]), values[start]
            start = i


def _course(ledger: Ledger, edges: FloatArray, says: Says) -> Iterator[Lane]:
    """Yield the lane of what she is asked for, where the exercise is made of several things."""
    spans = [
        Span(start, end, "hold" if now.number % 2 else "good", now.name)
        for start, end, now in _runs(ledger.current, edges)
        if isinstance(now, PhaseNow)
    ]
    if spans:
        yield Lane("course", says("lane_course"), tuple(spans))


def _phases(ledger: Ledger, edges: FloatArray, says: Says) -> Lane:
    spans = []
    # Who is lost from sight was not seen to leave.
    seen = zip(ledger.phase, ledger.person, strict=True)
    phases = ["unseen" if phase == "leave" and not there else phase for phase, there in seen]
    for start, end, phase in _runs(phases, edges):
        name = str(phase)
        kind: Kind = "rest" if name in ("out", "enter", "leave") else "good"
        kind = "unknown" if name in ("away", "unseen") else kind
        spans.append(Span(start, end, kind, name_phase(name, says)))
    return Lane("phase", says("lane_phase"), tuple(spans))


def _clock(
    ledger: Ledger, exercise: Exercise | None, edges: FloatArray, says: Says, origin: float
) -> Iterator[Lane]:
    """Yield the lanes of holds, of cycles and of what was said, where there are such."""

    def happened(*kinds: str) -> list[Event]:
        return [event for event in ledger.events if event.kind in kinds]

    # In an exercise of cycles the clock runs too, but what counts are the cycles.
    if any(ledger.counting) and not (exercise and exercise.cycles):
        runs = [(start, end) for start, end, on in _runs(ledger.counting, edges) if on]
        spans = tuple(Span(a, b, "hold", says("span_counting", seconds=f"{b - a:.1f}")) for a, b in runs)
        marks = tuple(
            Mark(e.t - origin, "count", says("mark_held", seconds=f"{e.seconds or 0:.0f}"))
            for e in happened("held")
        )
        yield Lane("hold", says("lane_hold"), spans, marks)
    if counted := happened("cycle"):
        spans = tuple(
            Span(a.t - origin, b.t - origin, "good", says("span_cycle", seconds=f"{b.t - a.t:.1f}"))
            for a, b in pairwise(counted)
        )
        marks = tuple(Mark(e.t - origin, "count", says("mark_cycle", count=e.count or 0)) for e in counted)
        yield Lane("cycle", says("lane_cycle"), spans, marks)
    kinds: dict[str, Kind] = {"cue": "cue", "praise": "praise", "guide": "guide", "reason": "guide"}
    said = tuple(Mark(e.t - origin, kinds[e.kind], e.text or "") for e in happened(*kinds) if e.text)
    if said or exercise is not None:
        yield Lane("said", says("lane_said"), marks=said)


def _faults(ledger: Ledger, exercise: Exercise, edges: FloatArray, says: Says) -> Iterator[Lane]:
    """Yield a lane for every check that was ever out or could not be judged."""
    for check in _by_interest(ledger, exercise):
        # A fault stands while it is out of sight; what nobody could see then is not called one.
        state = ["unknown" if check.id in u else "fault" if check.id in f else "" for f, u in _judged(ledger)]
        text = says.of(check.say)
        labels = {"fault": text, "unknown": says("span_unknown")}
        spans = tuple(
            Span(start, end, kind, labels[kind])
            for start, end, kind in _runs(state, edges)
            if kind in ("fault", "unknown")
        )
        if spans:
            yield Lane(check.id, text, spans)


def _by_interest(ledger: Ledger, exercise: Exercise) -> list[Check]:
    """Return the checks, those that were out first, the most important first among each."""
    out = {name for names in ledger.faults for name in names}
    return sorted(exercise.checks, key=lambda check: (check.id not in out, check.priority))


def _judged(ledger: Ledger) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    return zip(ledger.faults, ledger.unknown, strict=True)


# --- lines ----------------------------------------------------------------------------------------------------


def _lines(ledger: Ledger, exercise: Exercise, strictness: float, edges: FloatArray, says: Says) -> Iterator[Line]:
    """Yield a line for every quantity that a check compares, then for those that count as being in the pose."""
    compared: dict[object, list[tuple[Check, Limit]]] = {}
    for check in _by_interest(ledger, exercise):
        for limit in check.limits:
            compared.setdefault(limit.key, []).append((check, limit))
    for pairs in compared.values():
        checks = tuple(dict.fromkeys(check.id for check, _ in pairs))
        bands = _bands([limit for _, limit in pairs], strictness)
        line = _line(ledger, pairs[0][1], checks, bands, edges, says)
        if line is not None:
            yield line
    for condition in exercise.entry.all if exercise.entry else ():
        line = _line(ledger, condition, (), _entry_band(condition), edges, says)
        if line is not None:
            yield line


def _bands(limits: Sequence[Limit], strictness: float) -> tuple[Band, ...]:
    """Return the bands of limits on one quantity: good for all, ok for all, beyond cue for any."""
    bounds = [limit_bounds(limit, strictness) for limit in limits]
    ok = (max(low for (low, _), _ in bounds), min(high for (_, high), _ in bounds))
    cue = (max(low for _, (low, _) in bounds), min(high for _, (_, high) in bounds))
    good = (
        max((limit.min.good for limit in limits if limit.min), default=-math.inf),
        min((limit.max.good for limit in limits if limit.max), default=math.inf),
    )
    found = [Band(-math.inf, cue[0], "cue"), Band(ok[0], good[0], "ok"), Band(*good, "good")]
    found += [Band(good[1], ok[1], "ok"), Band(cue[1], math.inf, "cue")]
    return tuple(band for band in found if band.low < band.high)


def _entry_band(condition: Condition) -> tuple[Band, ...]:
    low, high = condition.min, condition.max
    return (Band(-math.inf if low is None else low, math.inf if high is None else high, "entry"),)


def _line(
    ledger: Ledger,
    quantity: Quantity,
    checks: tuple[str, ...],
    bands: tuple[Band, ...],
    edges: FloatArray,
    says: Says,
) -> Line | None:
    """Return a quantity over time as the trainer compared it; None where it was never known."""
    values = ledger.values(quantity)
    unit = "s" if quantity.measure == CYCLE_PERIOD else MEASURES[quantity.measure].unit
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    low, high = _shown(finite, bands, _SHORTEST_RANGE.get(unit, 0.2))
    seen = np.isfinite(values).tolist()
    return Line(
        id="-".join(str(part) for part in (*quantity.key, None if checks else "entry") if part is not None),
        label=name_quantity(quantity, says),
        unit=unit_sign(quantity),
        digits={"deg": 0, "s": 1}.get(unit, 2),
        checks=checks,
        values=values,
        unknown=tuple((start, end) for start, end, there in _runs(seen, edges) if not there),
        bands=bands,
        low=low,
        high=high,
    )


def unit_sign(quantity: Quantity) -> str:
    """Return what stands behind a number of this quantity; empty for a share."""
    if quantity.measure == CYCLE_PERIOD:
        return "s"
    unit = "" if quantity.against == "neutral_ratio" else MEASURES[quantity.measure].unit
    return {"deg": "°", "torso": "T"}.get(unit, "")


def _shown(finite: FloatArray, bands: Sequence[Band], least: float) -> tuple[float, float]:
    """Return the values to show: what was measured and every end of a band near it, with a little room."""
    low, high = float(finite.min()), float(finite.max())
    reach = max(high - low, least)
    ends = [end for band in bands for end in (band.low, band.high) if low - reach <= end <= high + reach]
    low, high = min([low, *ends]), max([high, *ends])
    room = max(0.08 * (high - low), (least - (high - low)) / 2)
    return low - room, high + room


def name_quantity(quantity: Quantity, says: Says) -> str:
    """Return what to call a quantity: its measure, whose side, and what it is compared with."""
    name = _named(says, f"measure_{quantity.measure}", quantity.measure)
    if quantity.side != "near":
        name = says(f"measure_on_{quantity.side}", name=name)
    if quantity.over is not None:
        return says("measure_over", name=name, seconds=f"{quantity.over:g}")
    return says(f"measure_{quantity.against}", name=name) if quantity.against else name


def name_phase(phase: str, says: Says) -> str:
    """Return what to call one of ``Moment.phase``."""
    return _named(says, f"phase_{phase}", phase)


def _named(says: Says, phrase: str, otherwise: str) -> str:
    """Return a phrase, or the plain words of an id that no phrase has been written for."""
    try:
        return says(phrase)
    except KeyError:
        return otherwise.replace("_", " ")


# --- plain values ---------------------------------------------------------------------------------------------


def describe(timelines: Sequence[Timeline]) -> dict[str, object]:
    """Return timelines laid over one another as values ready for JSON: a row for every lane and line of any."""
    lanes = {lane.id: lane.label for timeline in timelines for lane in timeline.lanes}
    lines = {line.id: line for timeline in reversed(timelines) for line in timeline.lines}
    order = [line.id for timeline in timelines for line in timeline.lines]
    return {
        "start": min(timeline.start for timeline in timelines),
        "end": max(timeline.end for timeline in timelines),
        "tracks": [
            {"name": tl.name, "start": tl.start, "end": tl.end, "origin": tl.origin, "t": _round(tl.t, 3)}
            for tl in timelines
        ],
        "lanes": [
            {"id": name, "label": label, "parts": [_lane_part(tl, name) for tl in timelines]}
            for name, label in lanes.items()
        ],
        "lines": [
            _describe_line(lines[name], [_find_line(tl, name) for tl in timelines])
            for name in dict.fromkeys(order)
        ],
    }


def _lane_part(timeline: Timeline, name: str) -> dict[str, object]:
    lane = next((lane for lane in timeline.lanes if lane.id == name), Lane(name, ""))
    return {
        "spans": [[round(s.start, 3), round(s.end, 3), s.kind, s.label] for s in lane.spans],
        "marks": [[round(m.t, 3), m.kind, m.label] for m in lane.marks],
    }


def _find_line(timeline: Timeline, name: str) -> Line | None:
    return next((line for line in timeline.lines if line.id == name), None)


def _describe_line(line: Line, parts: Sequence[Line | None]) -> dict[str, object]:
    there = [part for part in parts if part is not None]
    low, high = min(part.low for part in there), max(part.high for part in there)
    return {
        "id": line.id,
        "label": line.label,
        "unit": line.unit,
        "digits": line.digits,
        "entry": not line.checks,
        "low": round(low, 4),
        "high": round(high, 4),
        "bands": [[_inside(b.low, low), _inside(b.high, high), b.kind] for b in line.bands],
        "parts": [
            None
            if part is None
            else {
                "values": _round(part.values, line.digits + 1),
                "unknown": [[round(start, 3), round(end, 3)] for start, end in part.unknown],
            }
            for part in parts
        ],
    }


def _inside(end: float, edge: float) -> float:
    return round(end if math.isfinite(end) else edge, 4)


def _round(values: FloatArray, digits: int) -> list[float | None]:
    return [round(x, digits) if math.isfinite(x) else None for x in values.tolist()]
