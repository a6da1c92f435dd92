"""A recording as one page that stands by itself: what came of it, its timeline drawn, and its key pictures."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from posecheck.capture import open_video
from posecheck.ledger import Ledger
from posecheck.moment import Event
from posecheck.timeline import Line, Says, Timeline

MOST_PICTURES = 12
PICTURE_PX = 640
"""Longest side of a key picture."""
_WIDTH, _HEIGHT, _LANE = 1000.0, 110.0, 22.0
"""Of a drawing, in its own units."""
_LETTER = 7.0
"""Half a line of small letters; nearer to an end of the drawing a number would be cut."""
_Box = tuple[float, float, float, float, str, str]
"""Left, top, width, height, what it is and what to call it."""


@dataclass(frozen=True, slots=True)
class KeyPicture:
    """A picture of the video and what happened then.

    Attributes:
        t: Media seconds.
        time: The same as it is written.
        text: What was said, or what happened.
        kind: ``cue``, ``praise``, ``guide`` or ``count``.
        address: The picture itself, a JPEG as a data address; empty where it could not be read.
    """

    t: float
    time: str
    text: str
    kind: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """A drawing and its label: rectangles of bands and stretches, and a path."""

    label: str
    height: float
    boxes: tuple[_Box, ...]
    path: str = ""
    edges: tuple[tuple[float, str], ...] = ()
    marks: tuple[tuple[float, str, str], ...] = ()


def build_report(timeline: Timeline, ledger: Ledger, video: Path, says: Says, *, language: str, told: str) -> str:
    """Return the report of one recording as HTML that asks for nothing else.

    Args:
        timeline: The recording along its time, its second 0 the recording's own.
        ledger: What the timeline was made of.
        video: The annotated video, for the key pictures.
        says: Names and sentences.
        language: Of them.
        told: What came of it, in a line.
    """
    environment = Environment(
        loader=PackageLoader("posecheck", "."),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scale = _WIDTH / max(timeline.end - timeline.start, 1e-9)
    checked = [line for line in timeline.lines if line.checks]
    return environment.get_template("report.html.j2").render(
        language=language,
        name=timeline.name,
        told=told,
        says=says,
        width=_WIDTH,
        ticks=[((t - timeline.start) * scale, clock(t)) for t in _ticks(timeline)],
        lanes=[_lane_row(timeline, i, scale) for i in range(len(timeline.lanes))],
        lines=[_line_row(timeline, line, scale) for line in checked],
        entry=[_line_row(timeline, line, scale) for line in timeline.lines if not line.checks],
        pictures=key_pictures(ledger.events, video, says),
    )


def key_pictures(events: Sequence[Event], video: Path, says: Says) -> list[KeyPicture]:
    """Return the pictures at which something was said or done, in order; the same sentence only once."""
    wanted: dict[str, KeyPicture] = {}
    for event in events:
        if event.kind == "held":
            text, kind = says("mark_held", seconds=f"{event.seconds or 0:.0f}"), "count"
        elif event.kind in ("cue", "praise", "guide") and event.text:
            text, kind = event.text, event.kind
        else:
            continue
        wanted.setdefault(text, KeyPicture(event.t, clock(event.t), text, kind))
    # Corrections are what a report is read for: they come first where there is no room for all.
    chosen = sorted(wanted.values(), key=lambda picture: (picture.kind != "cue", picture.t))[:MOST_PICTURES]
    return list(_with_pictures(sorted(chosen, key=lambda picture: picture.t), video))


def _with_pictures(pictures: Sequence[KeyPicture], video: Path) -> Iterator[KeyPicture]:
    waiting = list(pictures)
    with open_video(video, PICTURE_PX) as film:
        for frame in film:
            while waiting and frame.t >= waiting[0].t - 0.001:
                picture = waiting.pop(0)
                done, data = cv2.imencode(".jpg", cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR))
                address = (
                    "data:image/jpeg;base64," + base64.b64encode(cast("bytes", data)).decode() if done else ""
                )
                yield KeyPicture(picture.t, picture.time, picture.text, picture.kind, address)
            if not waiting:
                return
    yield from waiting


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds, such as ``1:05.2``."""
    minutes, rest = divmod(abs(seconds), 60)
    return f"{'−' if seconds < 0 else ''}{minutes:.0f}:{rest:04.1f}"


def _ticks(timeline: Timeline) -> list[float]:
    steps = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
    step = next((s for s in steps if (timeline.end - timeline.start) / s <= 10), steps[-1])
    first = math.ceil(timeline.start / step)
    return [i * step for i in range(first, math.floor(timeline.end / step) + 1)]


def _lane_row(timeline: Timeline, i: int, scale: float) -> _Row:
    lane = timeline.lanes[i]

    def x(t: float) -> float:
        return round((t - timeline.start) * scale, 2)

    boxes = tuple((x(s.start), 0.0, x(s.end) - x(s.start), _LANE, s.kind, s.label) for s in lane.spans)
    marks = tuple((x(m.t), m.kind, f"{clock(m.t)} {m.label}") for m in lane.marks)
    return _Row(lane.label, _LANE, boxes, marks=marks)


def _line_row(timeline: Timeline, line: Line, scale: float) -> _Row:
    def x(t: float) -> float:
        return round((t - timeline.start) * scale, 2)

    def y(value: float) -> float:
        share = (line.high - min(max(value, line.low), line.high)) / (line.high - line.low)
        return round(_HEIGHT * share, 2)

    boxes: list[_Box] = [(0.0, y(b.high), _WIDTH, y(b.low) - y(b.high), b.kind, "") for b in line.bands]
    boxes += [(x(start), 0.0, x(end) - x(start), _HEIGHT, "unknown", "") for start, end in line.unknown]
    path, seen = "", False
    for t, value in zip(timeline.t.tolist(), line.values.tolist(), strict=True):
        if not math.isnan(value):
            path += f"{'L' if seen else 'M'}{x(t):g} {y(value):g}"
        elif seen:
            path += f"H{x(t):g}"  # what was seen holds until the next look
        seen = not math.isnan(value)
    if seen:
        path += f"H{x(timeline.end):g}"
    # As beside the video, where corrections begin; all numbers of a band would lie upon each other.
    ends = {
        e for b in line.bands for e in (b.low, b.high) if b.kind in ("cue", "entry") and line.low < e < line.high
    }
    space = "" if line.unit == "°" else " "
    edges = tuple(
        (min(max(y(end), _LETTER), _HEIGHT - _LETTER), f"{end:.{line.digits}f}{space}{line.unit}".strip())
        for end in sorted(ends)
    )
    return _Row(line.label, _HEIGHT, tuple(boxes), path, edges)
