"""What a judged recording comes to, as plain values ready for JSON: ``posecheck/analysis@1``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from posecheck.judgement import Judgement
from posecheck.ledger import Ledger, intervals, milli
from posecheck.library import Library
from posecheck.pose import FloatArray
from posecheck.spec import Exercise

SCHEMA = "posecheck/analysis@1"
SET_SCHEMA = "posecheck/analysis-set@1"

Analysis = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A whole recording as the trainer saw it.

    Attributes:
        source: The file's name.
        exercise: What it was judged as; None where no exercise was entered.
        ledger: All that was said, instant by instant.
        recognised: Exercise id -> share of the instants with a person inside its entry conditions.
        view: ``side``, ``front``, ``three_quarter`` or ``unknown``.
        frame_size: Pixels, shape ``(2,)``.
    """

    source: str
    exercise: Exercise | None
    ledger: Ledger
    recognised: Mapping[str, float]
    view: str
    frame_size: FloatArray

    def describe(self, library: Library) -> Analysis:
        """Return the analysis, ``posecheck/analysis@1``."""
        ledger, exercise = self.ledger, self.exercise
        t = ledger.t
        return {
            "schema": SCHEMA,
            "source": writable(self.source),
            "exercise": exercise.id if exercise else None,
            "view": self.view,
            "duration_s": milli(t[-1] - t[0] + intervals(t)[-1]),
            "frames": len(ledger),
            "frame_size": [round(float(side)) for side in self.frame_size],
            "person_frames": sum(ledger.person),
            "recognised": {name: milli(share) for name, share in self.recognised.items()},
            "timeline": ledger.describe_timeline(),
            "events": ledger.describe_events(),
            "summary": self.summarise(library),
        }

    def summarise(self, library: Library) -> dict[str, Any]:
        """Return the ``summary`` of the analysis."""
        advice = self.exercise.advice if self.exercise else ()
        return self.ledger.summarise(advice, library.coaching.accept_share)


def describe(source: str, judgement: Judgement, library: Library) -> Analysis:
    """Return the analysis of a judgement, ``posecheck/analysis@1``."""
    ledger = Ledger(judgement.moments)
    size = judgement.pose.frame_size
    replayed = Replayed(source, judgement.exercise, ledger, judgement.recognised, judgement.view, size)
    return replayed.describe(library)


def failed_items(analysis: Analysis) -> list[str]:
    """Return the sentences of the items of an analysis-set that could not be read; empty for one analysis."""
    return [item["error"] for item in analysis.get("items", ()) if "error" in item]


def writable(name: str) -> str:
    """Return a file's name as text that can be written: some systems allow names that are no text."""
    return name.encode("utf-8", "replace").decode("utf-8")
