"""Everything the trainer said of a recording, column by column: JSON, tables and timelines are made of it.

Moments are made to be read once; a half-hour of them would fill the memory. The ledger keeps the numbers alone.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from posecheck.instants import label
from posecheck.moment import Event, Moment, PhaseNow, QuantityKey, Side
from posecheck.pose import FloatArray
from posecheck.spec import Quantity

Row = dict[str, Any]
_Name = TypeVar("_Name", str, QuantityKey)


class Ledger:
    """T instants of one recording, in columns of equal length.

    Attributes:
        person, look, in_pose, counting: Whether, at each instant.
        phase, side: As in ``Moment``.
        cycles: Counted so far, of every movement.
        current: The phase of the exercise at each instant; None where it has only one.
        faults, unknown: Ids of checks at each instant.
        events: All that happened, in order.
    """

    def __init__(self, moments: Iterable[Moment] = ()) -> None:
        self.person: list[bool] = []
        self.look: list[bool] = []
        self.in_pose: list[bool] = []
        self.counting: list[bool] = []
        self.phase: list[str] = []
        self.side: list[Side | None] = []
        self.cycles: list[int] = []
        self.current: list[PhaseNow | None] = []
        self.faults: list[tuple[str, ...]] = []
        self.unknown: list[tuple[str, ...]] = []
        self.events: list[Event] = []
        self._t = array("d")
        self._held = array("d")
        self._sides_s: Mapping[Side, float] = {"left": 0.0, "right": 0.0}
        self._measures: dict[str, array[float]] = {}
        self._derived: dict[QuantityKey, array[float]] = {}
        self._same: dict[Any, Any] = {}
        for moment in moments:
            self.add(moment)

    def __len__(self) -> int:
        return len(self._t)

    @property
    def t(self) -> FloatArray:
        """Media seconds, shape ``(T,)``."""
        return np.array(self._t)

    @property
    def held_s(self) -> FloatArray:
        """Seconds of the hold going on, shape ``(T,)``."""
        return np.array(self._held)

    @property
    def measures(self) -> dict[str, FloatArray]:
        """Smoothed values of each measure in its own unit, shape ``(T,)``; NaN where it could not be seen."""
        return {name: np.array(column) for name, column in self._measures.items()}

    def values(self, quantity: Quantity) -> FloatArray:
        """Return a quantity as the trainer compared it, shape ``(T,)``; NaN where it was not known."""
        if quantity.absolute:
            column = self._measures.get(label(quantity.measure, quantity.side))
        else:
            column = self._derived.get(quantity.key)
        return np.full(len(self), np.nan) if column is None else np.array(column)

    def add(self, moment: Moment) -> None:
        """Write down the next instant."""
        before = len(self._t)
        self._t.append(moment.t)
        self._held.append(moment.held_s)
        self.person.append(bool(moment.person))
        self.look.append(moment.look)
        self.in_pose.append(bool(moment.in_pose))
        self.counting.append(bool(moment.counting))
        self.phase.append(moment.phase)
        self.side.append(moment.side)
        counted = sum(event.kind == "cycle" for event in moment.events)
        self.cycles.append(counted + (self.cycles[-1] if self.cycles else 0))
        self.current.append(self._same.setdefault(moment.current, moment.current))
        self.faults.append(self._same.setdefault(moment.faults, moment.faults))
        self.unknown.append(self._same.setdefault(moment.unknown, moment.unknown))
        self.events += moment.events
        self._sides_s = moment.sides_s
        _append(self._measures, moment.measures, before)
        _append(self._derived, moment.derived, before)

    # --- words ---------------------------------------------------------------------------------------------

    def describe_timeline(self) -> list[Row]:
        """Return one row an instant, as ``timeline`` of ``posecheck/analysis@1``."""
        return [
            {
                "t": milli(self._t[i]),
                "person": self.person[i],
                "in_pose": self.in_pose[i],
                "phase": self.phase[i],
                "measures": self.round_measures(i),
                "faults": list(self.faults[i]),
                "unknown": list(self.unknown[i]),
            }
            for i in range(len(self))
        ]

    def round_measures(self, i: int) -> dict[str, float]:
        """Return the measures seen at an instant, rounded to 0.1 in their own unit."""
        # "+ 0.0": a value rounded to -0.0 reads 0.0.
        return {
            name: round(column[i], 1) + 0.0 for name, column in self._measures.items() if math.isfinite(column[i])
        }

    def describe_events(self) -> list[Row]:
        """Return what happened, as ``events`` of ``posecheck/analysis@1``."""
        return [_describe_event(event) for event in self.events]

    def summarise(self, advice: Collection[str], accept_share: float) -> Row:
        """Return the sums, as ``summary`` of ``posecheck/analysis@1``; of one instant at least.

        Args:
            advice: Ids of checks that never fail the pose.
            accept_share: Share of the time in the pose that must be without a fault.
        """
        still = len(self) == 1  # a photograph has shares but no seconds
        tally = self._tally(np.ones(1) if still else intervals(self.t), frozenset(advice))
        unit = 0.0 if still else 1.0
        # The sums are of rounded times: without the slack, exactly 80 % could fall a hair below.
        enough = tally.clean >= accept_share * tally.in_pose - 1e-9
        return {
            "in_pose_s": milli(tally.in_pose * unit),
            "held_s": milli(tally.held),
            "cycles": self.cycles[-1],
            "sides": {side: milli(self._sides_s[side]) for side in ("left", "right")},
            "faults": {
                name: {"seconds": milli(seconds * unit), "share": milli(seconds / tally.in_pose)}
                for name, seconds in tally.faults.items()
            },
            "accepted": bool(tally.in_pose > 0 and enough),
            "cues": sum(event.kind == "cue" for event in self.events),
        }

    def _tally(self, lasting: FloatArray, advice: frozenset[str]) -> _Tally:
        tally = _Tally()
        held_before = 0.0
        for i, seconds in enumerate(map(float, lasting)):
            held = self._held[i]
            # The clock of a hold starts again from 0 with the next hold.
            tally.held += held - held_before if held >= held_before else held
            held_before = held
            if not self.in_pose[i]:
                continue
            tally.in_pose += seconds
            if advice.issuperset(self.faults[i]):
                tally.clean += seconds
            for name in self.faults[i]:
                tally.faults[name] = tally.faults.get(name, 0.0) + seconds
        return tally


def _append(columns: dict[_Name, array[float]], values: Mapping[_Name, float], before: int) -> None:
    """Write one instant's values under their names; a name that is new was unknown ``before`` instants long."""
    for name in values:
        if name not in columns:
            columns[name] = array("d", [math.nan]) * before
    for name, column in columns.items():
        column.append(values.get(name, math.nan))


@dataclass(slots=True)
class _Tally:
    """Sums over the instants of one recording, in seconds (in instants for a photograph)."""

    in_pose: float = 0.0
    clean: float = 0.0
    held: float = 0.0
    faults: dict[str, float] = field(default_factory=dict)


def _describe_event(event: Event) -> Row:
    described: Row = {"t": milli(event.t), "kind": event.kind}
    if event.id is not None:
        described["id"] = event.id
    if event.text is not None:
        described["text"] = event.text
    if event.seconds is not None:
        described["seconds"] = milli(event.seconds)
    if event.count is not None:
        described["count"] = event.count
    if event.side is not None:
        described["side"] = event.side
    return described


def intervals(t: FloatArray) -> FloatArray:
    """Return how long each instant lasts, in seconds, shape ``(T,)``: until the next; the last the median.

    Frame rates of files are promises; only the times are facts. A single instant lasts 0 s.
    """
    if len(t) < 2:
        return np.zeros(len(t))
    steps = np.diff(t)
    return np.append(steps, np.median(steps))


def milli(value: float) -> float:
    """Return a number rounded to a thousandth; never -0.0."""
    return round(float(value), 3) + 0.0
