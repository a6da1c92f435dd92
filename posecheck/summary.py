"""A summary to print for her physiotherapist: one self-contained page of HTML, in her language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, StrictUndefined

from posecheck.diary import Answers, PastSession
from posecheck.library import Library, in_language
from posecheck.screening import questions

_TEMPLATE = Path(__file__).with_name("summary.html.j2")
_MOST_SAID = 3
"""Corrections named for each exercise."""


@dataclass(frozen=True, slots=True)
class ExerciseSum:
    """One exercise over all sessions.

    Attributes:
        name: In her language.
        times: Sessions with it.
        held_s: Seconds of all finished holds.
        cycles: All counted.
        steady: Share of the time in the pose with nothing to put right, or None where not known.
        said: What was said most often, with how often.
    """

    name: str
    times: int
    held_s: float
    cycles: int
    steady: float | None
    said: tuple[tuple[str, int], ...]


def write_summary(
    library: Library, language: str, name: str, sessions: Sequence[PastSession], answers: Answers, today: date
) -> str:
    """Return the page.

    Args:
        library: For names and sentences.
        language: Of the page.
        name: Hers.
        sessions: Oldest first; at least one.
        answers: What she told about herself; today's short check is left out.
        today: When it is made.
    """

    def say(phrase: str, **values: object) -> str:
        return library.phrase(phrase, language, **values)

    def day(value: date) -> str:
        return format_date(value, "d MMM y", locale=language)

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        language=language,
        say=say,
        day=day,
        name=name,
        today=today,
        first=sessions[0].day,
        last=sessions[-1].day,
        sessions=list(reversed(sessions)),
        did={session.id: _did(library, language, session) for session in sessions},
        exercises=_exercises(library, language, sessions),
        about=_about(library, language, answers),
        pain=_pain_course(sessions),
    )


def _did(library: Library, language: str, session: PastSession) -> str:
    names = [_name(library, language, done.exercise) for done in session.exercises if done.outcome != "skipped"]
    return ", ".join(dict.fromkeys(names))


def _name(library: Library, language: str, exercise: str) -> str:
    known = library.exercises.get(exercise)
    return in_language(known.name, language) if known else exercise


def _exercises(library: Library, language: str, sessions: Sequence[PastSession]) -> list[ExerciseSum]:
    done = [exercise for session in sessions for exercise in session.exercises]
    out = []
    for name in dict.fromkeys(exercise.exercise for exercise in done):
        these = [exercise for exercise in done if exercise.exercise == name]
        known = [e for e in these if e.clean_s is not None and e.in_pose_s]
        in_pose = sum(e.in_pose_s or 0.0 for e in known)
        cues: Counter[str] = Counter()
        for exercise in these:
            cues.update(dict(exercise.cues))
        out.append(
            ExerciseSum(
                _name(library, language, name),
                len(these),
                sum(e.held_s for e in these),
                sum(e.cycles for e in these),
                sum(e.clean_s or 0.0 for e in known) / in_pose if in_pose else None,
                tuple((cue_text(library, language, name, cue), n) for cue, n in cues.most_common(_MOST_SAID)),
            )
        )
    return out


def cue_text(library: Library, language: str, exercise: str, check: str) -> str:
    """Return what is said of a check; its id where the definition no longer has it."""
    checks = library.exercises[exercise].checks if exercise in library.exercises else ()
    return next((in_language(c.say, language) for c in checks if c.id == check), check)


def _about(library: Library, language: str, answers: Answers) -> list[tuple[str, str]]:
    out = []
    for question in questions(library.safety, "first_run"):
        answer = answers.get(question.id)
        if answer is None:
            continue
        if question.kind == "date":
            said = format_date(date.fromisoformat(str(answer)), "d MMM y", locale=language)
        elif question.kind == "scale":
            said = str(answer)
        else:
            chosen = [answer] if isinstance(answer, str) else list(answer if isinstance(answer, Sequence) else ())
            known = [name for name in chosen if name in question.options]
            said = ", ".join(library.phrase(f"answer_{question.id}_{name}", language) for name in known)
        out.append((library.phrase(f"ask_{question.id}", language), said))
    return out


_WIDTH, _HEIGHT = 640.0, 130.0


def _pain_course(sessions: Sequence[PastSession]) -> list[Mapping[str, float | None]]:
    """Return for each session with a number the places of its dots in a drawing of 640 x 130."""
    known = [s for s in sessions if s.pain_before is not None or s.pain_after is not None]
    step = _WIDTH / max(len(known), 1)

    def height(value: int | None) -> float | None:
        return None if value is None else _HEIGHT * (1 - value / 10)

    return [
        {"x": (i + 0.5) * step, "before": height(s.pain_before), "after": height(s.pain_after)}
        for i, s in enumerate(known)
    ]
