"""An evaluation for people: tables in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from posecheck.figures import Evaluation, Finding, check_figures, check_ids, score, share, summarise
from posecheck.labels import OTHER
from posecheck.library import Library
from posecheck.spec import Exercise

NOTHING = "–"
"""Stands for a figure without data."""


def percent(value: float | None) -> str:
    """Return a share as people read it."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def number(value: float | None, unit: str = "", digits: int = 1) -> str:
    """Return a number with its unit."""
    return NOTHING if value is None else f"{value:.{digits}f}{unit}"


def tables(evaluation: Evaluation, library: Library) -> list[Table]:
    """Return the tables of an evaluation."""
    figures = summarise(evaluation, library.exercises)
    made = [_exercises(figures, evaluation), _checks(evaluation, library)]
    if any(angle["n"] for angle in figures["angles"].values()):
        made.append(_angles(figures))
    return made


def _table(title: str, *columns: str, left: int = 1) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i < left else "right", overflow="fold")
    return table


def _exercises(figures: Mapping[str, Any], evaluation: Evaluation) -> Table:
    columns = ("exercise", "clips", "entered", "correct ones accepted", "false cues/min", "others entered as it")
    table = _table("Recognition and peace", *columns)
    for name, row in figures["exercises"].items():
        wrong = {label: r for label, r in row["false_entries"].items() if r}
        table.add_row(
            name,
            str(row["clips"]),
            percent(row["recall"]),
            f"{percent(row['accepted'])} of {sum(f.correct for f in evaluation.of(name))}",
            number(row["false_cues_per_min"], digits=2),
            ", ".join(f"{label} {percent(r)}" for label, r in wrong.items()) or "none",
        )
    strangers = evaluation.of(OTHER)
    if strangers:
        any_of_ours = share(bool(finding.instead) for finding in strangers)
        table.add_row(OTHER, str(len(strangers)), f"{percent(any_of_ours)} as any", "", "", "")
    return table


def _checks(evaluation: Evaluation, library: Library) -> Table:
    figures = ("made", "caught", "clear", "slight", "precision", "F1", "latency", "false alarms")
    table = _table("Checks", "exercise", "check", *figures, "shown instead or besides", left=2)
    table.columns[-1].justify = "left"
    for name, exercise in library.exercises.items():
        found = evaluation.of(name)
        if any(finding.made or finding.alarms for finding in found):
            for check in check_ids(exercise, found):
                table.add_row(name, *check_cells(check, found, exercise))
    judged = [
        (library.exercises[f.case.label], f) for f in evaluation.findings if f.case.label in library.exercises
    ]
    table.add_section()
    table.add_row("all", "advice left out", *_total_cells(judged))
    return table


def check_cells(check: str, found: Sequence[Finding], exercise: Exercise) -> Iterator[str]:
    """Yield a check's cells of the table."""
    figures = check_figures(check, found)
    made = [m for f in found for m in f.made if m.check == check]
    besides = Counter(other for m in made for other in m.others)
    alarms = sum(alarm.check == check for f in found for alarm in f.alarms)
    advice = any(c.id == check and c.advice for c in exercise.checks)
    yield f"{check} (advice)" if advice else check
    yield str(len(made))
    yield percent(figures["recall"])
    yield from (_caught(made, size) for size in ("clear", "slight"))
    yield percent(figures["precision"])
    yield number(figures["f1"], digits=2)
    yield number(figures["latency_s"], " s")
    yield str(alarms)
    yield ", ".join(f"{other} {n}" for other, n in besides.most_common())


def _caught(made: Sequence[Any], size: str) -> str:
    of_size = [m for m in made if m.size == size]
    return f"{sum(m.caught for m in of_size)}/{len(of_size)}" if of_size else NOTHING


def _total_cells(judged: Sequence[tuple[Exercise, Finding]]) -> Iterator[str]:
    made, alarms = [], 0
    for exercise, finding in judged:
        advice = {check.id for check in exercise.checks if check.advice}
        made += [m for m in finding.made if m.check not in advice]
        alarms += sum(alarm.check not in advice for alarm in finding.alarms)
    figures = score(made, alarms)
    yield str(len(made))
    yield percent(figures["recall"])
    yield from (_caught(made, size) for size in ("clear", "slight"))
    yield percent(figures["precision"])
    yield number(figures["f1"], digits=2)
    yield number(figures["latency_s"], " s")
    yield str(alarms)
    yield ""


def _angles(figures: Mapping[str, Any]) -> Table:
    table = _table("Angles against true joints", "measure", "median error", "instants")
    for name, row in figures["angles"].items():
        table.add_row(name, number(row["median_abs_error_deg"], " deg"), str(row["n"]))
    return table
