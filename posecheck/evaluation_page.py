"""An evaluation for people: tables in the terminal, and a page that also shows the worst cases as pictures."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from posecheck.capture import open_video, read_photograph
from posecheck.drawing import annotate_frame
from posecheck.errors import SourceError
from posecheck.evaluate import Evaluation
from posecheck.examples import Example, Kind, choose_worst
from posecheck.figures import (
    ANGLES,
    BACKS,
    RATES,
    Finding,
    Made,
    angle_figures,
    back_figures,
    check_ids,
    confusion,
    corrections,
    labelled,
    law_figures,
    score,
    share,
    summarise,
)
from posecheck.files import source_kind, whole_file
from posecheck.labels import OTHER
from posecheck.library import Library
from posecheck.pose import Pose
from posecheck.spec import Exercise

NOTHING = "–"
"""Stands for a figure without data."""
PICTURE_PX = 480
"""Longest side of a picture on the page."""
_GROUND = (96, 92, 88)
"""Behind the skeleton of a recording, which has no picture; calm by day and by night."""
_HEADINGS: Mapping[Kind, str] = {
    "missed": "Mistakes that were not caught",
    "alarm": "Corrections where none was due",
    "not_entered": "Not recognised",
    "entered": "Taken for something else",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text.

    Attributes:
        title: Above it.
        columns: Its head.
        words: How many columns from the left are words; the rest are numbers.
        remark: Whether the last column is words as well.
        rows: Cells.
        total: The last line, of sums; empty without one.
    """

    title: str
    columns: tuple[str, ...]
    words: int
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    remark: bool = False

    def is_word(self, column: int) -> bool:
        """Return whether a column holds words, set from the left."""
        return column < self.words or (self.remark and column == len(self.columns) - 1)


def percent(value: float | None) -> str:
    """Return a share as people read it."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def number(value: float | None, unit: str = "", digits: int = 1) -> str:
    """Return a number with its unit."""
    return NOTHING if value is None else f"{value:.{digits}f}{unit}"


# --- tables ---------------------------------------------------------------------------------------------------


def sheets(findings: Sequence[Finding], library: Library) -> list[Sheet]:
    """Return the tables of an evaluation."""
    figures = summarise(findings, library.exercises)
    found = [_exercises(figures, findings, library), _checks(findings, library)]
    if any(figures["angles"][name]["n"] for name in ANGLES):
        found.append(_angles(figures, findings, library))
    if any(figures["angles"][name]["n"] for name in BACKS):
        found.append(_backs(findings, library))
    if any(finding.laws for finding in findings):
        found.append(_laws(findings, library))
    return found


def _exercises(figures: Mapping[str, Any], findings: Sequence[Finding], library: Library) -> Sheet:
    rows = []
    for name, figure in figures["exercises"].items():
        if not figure["clips"] and library.exercises[name].entry is None:
            continue  # a time that is not judged has no figures
        wrong = {label: r for label, r in figure["false_entries"].items() if r}
        correct = sum(finding.correct for finding in labelled(findings, name))
        rows.append(
            (
                name,
                str(figure["clips"]),
                percent(figure["recall"]),
                str(correct),
                percent(figure["accepted"]),
                number(figure["false_cues_per_min"], digits=2),
                ", ".join(f"{label} {percent(r)}" for label, r in wrong.items()) or "none",
            )
        )
    strangers = labelled(findings, OTHER)
    total: tuple[str, ...] = ()
    if strangers:
        as_any = percent(share(bool(finding.instead) for finding in strangers))
        total = (OTHER, str(len(strangers)), "", "", "", "", f"{as_any} entered as any of these")
    columns = (
        "exercise",
        "clips",
        "recognised",
        "correct",
        "accepted",
        "false cues/min",
        "entered as it by mistake",
    )
    return Sheet("Recognition, and peace for correct people", columns, 1, tuple(rows), total, remark=True)


def _checks(findings: Sequence[Finding], library: Library) -> Sheet:
    rows = []
    for name, exercise in library.exercises.items():
        found = labelled(findings, name)
        if any(f.made or f.alarms for f in found):
            rows += [(name, *_check_cells(check, found, exercise)) for check in check_ids(exercise, found)]
    total = ("all", "advice left out", *_figure_cells(*corrections(findings, library.exercises)), "")
    figures = ("made", "caught", "clear", "slight", "precision", "F1", "latency", "in time", "false alarms")
    return Sheet(
        "Checks", ("exercise", "check", *figures, "shown instead or besides"), 2, tuple(rows), total, remark=True
    )


def _check_cells(check: str, found: Sequence[Finding], exercise: Exercise) -> Iterator[str]:
    made = [m for f in found for m in f.made if m.check == check]
    besides = Counter(other for m in made for other in m.others)
    alarms = sum(alarm.check == check for f in found for alarm in f.alarms)
    yield f"{check} (advice)" if check in exercise.advice else check
    yield from _figure_cells(made, alarms)
    yield ", ".join(f"{other} {n}" for other, n in besides.most_common())


def _figure_cells(made: Sequence[Made], alarms: int) -> Iterator[str]:
    figures = score(made, alarms)
    yield str(len(made))
    yield percent(figures["recall"])
    for size in ("clear", "slight"):
        of_size = [m for m in made if m.size == size]
        yield f"{sum(m.caught for m in of_size)}/{len(of_size)}" if of_size else NOTHING
    yield percent(figures["precision"])
    yield number(figures["f1"], digits=2)
    yield number(figures["latency_s"], " s")
    said = [m for m in made if m.latency is not None]
    yield f"{sum(m.in_time for m in said)}/{len(said)}" if said else NOTHING
    yield str(alarms)


def _angles(figures: Mapping[str, Any], findings: Sequence[Finding], library: Library) -> Sheet:
    by_name = {name: labelled(findings, name) for name in library.exercises}
    seen = {name: own for name, own in by_name.items() if any(finding.angles for finding in own)}
    rows = []
    for name in ANGLES:
        row = figures["angles"][name]
        each = [angle_figures(name, own)["median_abs_error_deg"] for own in seen.values()]
        rows.append((name, str(row["n"]), *(number(x, "°") for x in (row["median_abs_error_deg"], *each))))
    columns = ("measure", "instants", "all", *seen)
    return Sheet("Angles against the true joints: median error", columns, 1, tuple(rows))


def _backs(findings: Sequence[Finding], library: Library) -> Sheet:
    rows = []
    for exercise in library.exercises:
        own = labelled(findings, exercise)
        for name in BACKS:
            figures = back_figures(name, own)
            if figures["n"]:
                errors = (number(figures[key], "°") for key in ("median_abs_error_deg", "within_clip_deg"))
                rows.append((exercise, name, str(figures["n"]), *errors, number(figures["correlation"], digits=2)))
    columns = ("exercise", "measure", "instants", "median error", "within a clip", "correlation")
    return Sheet("The back's outline against the true back", columns, 2, tuple(rows))


def _laws(findings: Sequence[Finding], library: Library) -> Sheet:
    def row(name: str, found: Sequence[Finding]) -> tuple[str, ...]:
        figures = law_figures(found)
        shares = [percent(figures[law]) for law in ("mirrored", *(f"{fps:g} fps" for fps in RATES))]
        clips = str(sum(finding.laws is not None for finding in found))
        return (name, clips, *shares, number(figures["changes"], digits=2), number(figures["jitter"], digits=2))

    rows = [row(name, found) for name in library.exercises if (found := labelled(findings, name))]
    rates = [f"same cues at {fps:g} fps" for fps in RATES]
    columns = ("exercise", "clips", "same when mirrored", *rates, "changes in 10 s", "more with jitter")
    return Sheet("Laws", columns, 1, tuple(rows), row("all", findings))


def print_tables(findings: Sequence[Finding], library: Library, width: int | None = None) -> None:
    """Print the tables to stdout, lines of at most ``width`` characters, or of the terminal's."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(width=width, highlight=False)
    for sheet in sheets(findings, library):
        console.print(sheet.title, style="bold")
        table = Table(box=box.SIMPLE_HEAD)
        for i, column in enumerate(sheet.columns):
            table.add_column(column, justify="left" if sheet.is_word(i) else "right", overflow="fold")
        for row in sheet.rows:
            table.add_row(*row)
        if sheet.total:
            table.add_section()
            table.add_row(*sheet.total)
        console.print(table)


# --- the page -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """An example with its picture, ready for the page.

    Attributes:
        example: What it shows.
        picture: JPEG as a data URI; empty where the picture cannot be read again.
    """

    example: Example
    picture: str


def write_page(path: Path, evaluation: Evaluation, library: Library, title: str) -> None:
    """Write one HTML file that needs nothing else: the tables, what was taken for what, and the worst cases.

    It holds pictures of the people in the set, and is written only where it was asked for.

    Raises:
        OutputError: where the file cannot be written.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    here = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    here.filters["breakable"] = _breakable
    sources = {finding.case.name: finding.case.path for finding in evaluation.findings}
    chosen = choose_worst(evaluation.examples)
    groups = [
        (heading, [Card(e, _picture(sources[e.case], e)) for e in chosen if e.kind == kind])
        for kind, heading in _HEADINGS.items()
    ]
    text = here.get_template("evaluation.html.j2").render(
        title=title,
        count=_count(evaluation.findings),
        headline=_headline(evaluation.findings, library),
        sheets=sheets(evaluation.findings, library),
        confusions=_confusions(evaluation.findings, library),
        groups=[(heading, cards) for heading, cards in groups if cards],
        left_out=len(evaluation.examples) - len(chosen),
        sentences=[*evaluation.warnings, *evaluation.failed],
    )
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _count(findings: Sequence[Finding]) -> str:
    """Return how many clips and photographs there are, in words."""
    stills = sum(finding.still for finding in findings)
    clips = len(findings) - stills
    parts = [f"{n} {word}{'s' * (n != 1)}" for n, word in ((clips, "clip"), (stills, "photograph")) if n]
    return " and ".join(parts) or "nothing"


def _breakable(name: str) -> Markup:
    """Return a name that may be broken after its underlines and strokes."""
    return Markup(re.sub(r"([_/])", r"\1<wbr>", str(escape(name))))


def _headline(findings: Sequence[Finding], library: Library) -> list[tuple[str, str]]:
    """Return the few figures to see first: what they are, and how large."""
    judged = {name for name, exercise in library.exercises.items() if exercise.entry}
    ours = [finding for finding in findings if finding.case.label in judged]
    accepted = [bool(finding.accepted) for finding in ours if finding.correct]
    made, alarms = corrections(findings, library.exercises)
    figures = score(made, alarms)
    strangers = labelled(findings, OTHER)
    every = [
        ("exercises recognised", percent(share(f.case.label in f.entered for f in ours)), bool(ours)),
        ("correct people accepted", percent(share(accepted)), bool(accepted)),
        ("mistakes caught", percent(figures["recall"]), bool(made)),
        ("corrections that were due", percent(figures["precision"]), bool(made)),
        ("others let pass", percent(share(not f.instead for f in strangers)), bool(strangers)),
    ]
    return [(name, value) for name, value, there in every if there]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What was shown (columns) where each mistake was made (rows).

    Attributes:
        exercise: Its name in English.
        columns: Checks; the last stands for nothing shown.
        rows: Mistake made, or a correct clip, how often, and the counts.
    """

    exercise: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


def _confusions(findings: Sequence[Finding], library: Library) -> list[Matrix]:
    found = []
    for name, exercise in library.exercises.items():
        table = confusion(labelled(findings, name))
        order = check_ids(exercise, labelled(findings, name))
        made = [check for check in order if check in table]
        if not made:
            continue
        shown = [check for check in order if any(row[check] for row in table.values()) or check in made]
        rows = [(check, tuple(table[check][other] for other in (*shown, ""))) for check in made]
        if "" in table:
            correct = [f for f in labelled(findings, name) if f.correct]
            quiet = sum(not f.alarms for f in correct)
            rows.append(("(correct)", (*(table[""][other] for other in shown), quiet)))
        found.append(Matrix(exercise.name["en"], (*shown, "(nothing)"), tuple(rows)))
    return found


# --- pictures -------------------------------------------------------------------------------------------------


def _picture(source: Path, example: Example) -> str:
    """Return the instant as a JPEG data URI, with the skeleton; empty where there is nothing to see."""
    somebody = bool(example.pose.person)
    try:
        if not somebody and source_kind(source) == "recording":
            return ""
        image = _frame(source, example.t or 0.0, example.pose)
    except SourceError:
        return ""
    height, width = image.shape[:2]
    scale = PICTURE_PX / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    fitted = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    drawn = fitted.astype(np.uint8)
    if somebody:
        drawn = annotate_frame(drawn, example.pose, example.highlight, tone="adjust")
    _, data = cv2.imencode(".jpg", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 82])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()


def _frame(source: Path, t: float, pose: Pose) -> NDArray[np.uint8]:
    """Return the picture of a source at media time ``t``; of a recording a plain ground."""
    kind = source_kind(source)
    if kind == "photograph":
        return read_photograph(source)
    if kind == "recording":
        width, height = (max(1, round(float(side))) for side in pose.frame_size)
        return np.full((height, width, 3), _GROUND, np.uint8)
    with open_video(source) as video:
        image = None
        for frame in video:
            image = frame.image
            if frame.t >= t - 1e-6:
                break
    if image is None:
        raise SourceError(f"{source.name} holds no picture.")
    return image
