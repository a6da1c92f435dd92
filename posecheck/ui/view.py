"""From a snapshot to what the page shows: plain values, no Streamlit."""

from __future__ import annotations

import math
from datetime import date
from html import escape
from typing import Any, Literal

from babel.dates import format_date

from posecheck.coaching import Coaching
from posecheck.framing import SetupMoment
from posecheck.instants import asked_for
from posecheck.library import Library, in_language
from posecheck.programmes import Programme
from posecheck.routine import Plan
from posecheck.session import Snapshot
from posecheck.spec import Exercise, Phase
from posecheck.ui.figures import LaptopSide, draw_from_beside, figure
from posecheck.ui.speaker import Spoken


class Words:
    """The page's sentences in her language."""

    def __init__(self, library: Library, language: str) -> None:
        self._library = library
        self.language = language

    def __call__(self, name: str, /, **values: object) -> str:
        """Return a phrase with its gaps filled."""
        return self._library.phrase(name, self.language, **values)

    def day(self, day: date, pattern: str = "d MMMM") -> str:
        """Return a day as her language writes it; ``pattern`` as Unicode has it."""
        return format_date(day, pattern, locale=self.language)

    def of(self, text: Any) -> str:
        """Return a definition's sentence in her language."""
        return in_language(text, self.language)


def seen_from(exercise: Exercise) -> Literal["front", "side"]:
    """Return from where the camera is asked to see her: from the front, or from beside her."""
    return "front" if exercise.views[0] == "front" else "side"


def needs(programme: Programme, words: Words) -> str:
    """Return what to have at hand, as markup that goes on after a sentence; empty where nothing is."""
    if programme.equipment is None:
        return ""
    return f" <b>{escape(words('needs'))}</b> {escape(words.of(programme.equipment))}"


def dose(exercise: Exercise, words: Words) -> str:
    """Return how long or how often, in a line."""
    if exercise.phases:
        return " · ".join(words.of(phase.name) for phase in exercise.phases)
    only = exercise.course[0]
    if only.cycles:
        return words("kind_cycles", count=only.cycles.target)
    return hold_dose(exercise, only.target_s or 0.0, only.hold.times if only.hold else 1, words)


def hold_dose(exercise: Exercise, seconds: float, times: int, words: Words) -> str:
    """Return how long and how often it is held; ``times`` counts both sides together where there are two."""
    each = times // 2 if exercise.sides else times
    name = "dose_hold" if not exercise.sides else "dose_side" if each < 2 else "dose_sides"
    return words(name, seconds=round(seconds), times=each)


def view_cue(snapshot: Snapshot, exercise: Exercise, words: Words, waiting: str) -> dict[str, Any]:
    """Return the one sentence with its tone; ``waiting`` stands in before the first frame.

    In the silence between sentences the way into the pose, or the way to be in it, stays readable.
    """
    aspect = snapshot.frame_size[0] / snapshot.frame_size[1] if snapshot.frame_size else None
    if snapshot.caption:
        return {"text": snapshot.caption.text, "tone": snapshot.caption.tone, "aspect": aspect}
    text = ""
    if not snapshot.frames:
        text = waiting
    elif snapshot.stage == "exercise":
        inside = snapshot.moment is not None and snapshot.moment.in_pose
        text = words.of(asked_for(exercise, snapshot.moment).say if inside else exercise.steps.start)
    elif snapshot.stage in ("rest", "between", "finished"):
        text = words.of(exercise.steps.done)
    return {"text": text, "tone": "quiet", "aspect": aspect}


def view_breath(snapshot: Snapshot, words: Words) -> dict[str, Any]:
    """Return the breath to breathe along with, and what comes next."""
    breath = None if snapshot.paused else snapshot.breath  # no breath is held for as long as a pause
    return {
        "breath": breath and {"at": breath.at, "inhale": breath.inhale, "exhale": breath.exhale},
        "in": words("breath_in"),
        "out": words("breath_out"),
    }


def view_side(
    snapshot: Snapshot,
    plan: Plan,
    words: Words,
    coaching: Coaching,
    note: str = "",
    laptop: LaptopSide = "any",
) -> dict[str, Any]:
    """Return what stands beside the picture: set-up, count-in, ring, rest or the end.

    Args:
        snapshot: Of the session.
        plan: The one played.
        words: The page's sentences.
        coaching: How long a rest is.
        note: What else is worth knowing, shown unless something weightier is.
        laptop: The side of hers on which the laptop stands.
    """
    exercise = plan.items[snapshot.position].exercise
    view: dict[str, Any] = {
        "name": _name(snapshot, plan, words),
        "title": "",
        "line": "",
        "note": _note(snapshot, words) or note,
        "place": _place(snapshot, plan, words, laptop),
    }
    if snapshot.stage == "setup":
        states = _states(snapshot.setup)
        states.setdefault("feet", states.get("knees", "unknown"))  # the legs are drawn in one stroke
        return view | {
            "title": words("stage_setup"),
            "figure": None if view["place"] else _figure(exercise, states, laptop),
            "parts": _parts(snapshot.setup, exercise, words),
        }
    if snapshot.stage == "countdown":
        left = 0.0 if snapshot.left_s is None else snapshot.left_s
        return view | {
            "title": words("stage_countdown"),
            "line": dose(exercise, words),
            "ring": {"number": _whole(left), "of": "", "share": 0.0, "running": True},
        }
    if snapshot.stage == "between":
        following = plan.items[snapshot.position + 1].exercise
        return view | {
            "title": words("next_is", exercise=words.of(following.name)),
            "line": words("rest_left", seconds=_whole(snapshot.left_s or 0.0)),
            "figure": None if view["place"] else _figure(following, {}, laptop),
        }
    if snapshot.stage == "finished":
        return view | {"title": snapshot.strength or "", "line": snapshot.next_time or ""}
    if snapshot.stage == "rest":
        left, length = snapshot.left_s or 0.0, coaching.guide.hold_rest
        return view | {
            "title": words("stage_rest"),
            "line": words(
                "next_sides" if exercise.sides else "next_again",
                seconds=_target(asked_for(exercise, snapshot.moment)),
            ),
            "ring": {
                "number": _whole(left),
                "of": words("seconds_left"),
                "share": 1 - left / length,
                "running": True,
            }
            if left
            else _ring(snapshot, exercise, words, full=True),
        }
    return view | _exercise(snapshot, plan, words)


def sayings(snapshot: Snapshot, token: str, heard_for: float) -> list[Spoken]:
    """Return what is still worth saying; ``token`` tells this connection's sayings from another's."""
    return [
        {"id": f"{token}-{s.number}", "text": s.text, "chime": s.chime, "rank": s.rank}
        for s in snapshot.sayings
        if snapshot.t - s.t <= heard_for
    ]


def _name(snapshot: Snapshot, plan: Plan, words: Words) -> str:
    name = words.of(plan.items[snapshot.position].exercise.name)
    if len(plan.items) == 1:
        return name
    return words("name_of", exercise=name, number=snapshot.position + 1, count=len(plan.items))


def _place(snapshot: Snapshot, plan: Plan, words: Words, laptop: LaptopSide) -> str | None:
    """Return the drawing of where the laptop goes, while that is being said."""
    position = snapshot.position + (snapshot.stage == "between")
    exercise = plan.items[min(position, len(plan.items) - 1)].exercise
    if snapshot.caption is None or snapshot.caption.text != words.of(exercise.framing.camera):
        return None
    view = seen_from(exercise)
    return draw_from_beside(exercise.id, words(f"placement_height_{view}"), laptop if view == "side" else "any")


def _figure(exercise: Exercise, states: dict[str, str], laptop: LaptopSide) -> dict[str, Any]:
    shape = figure(exercise.id)
    # Beside a picture that is her mirror: with the laptop on her left, her head is on the right there.
    mirrored = laptop == "left" and seen_from(exercise) == "side"
    return {"head": shape.head, "strokes": shape.strokes, "states": states, "mirrored": mirrored}


def _whole(seconds: float) -> str:
    """Return seconds still to come as they are counted: nought only when they are over."""
    return str(math.ceil(max(seconds, 0.0)))


def _exercise(snapshot: Snapshot, plan: Plan, words: Words) -> dict[str, Any]:
    exercise, moment = plan.items[snapshot.position].exercise, snapshot.moment
    side = words(f"side_{moment.side}") if moment and moment.side and exercise.sides else ""
    side = moment.current.name if moment and moment.current else side
    if snapshot.paused:
        state = words("paused")
    elif moment is None or not moment.counting:
        state = words("clock_waits")
    else:
        state = words("clock_runs") if asked_for(exercise, moment).hold else ""
    return {
        "ring": _ring(snapshot, exercise, words),
        "title": " · ".join(filter(None, (side, state))),
        "line": _afterwards(snapshot, plan, words),
    }


def _afterwards(snapshot: Snapshot, plan: Plan, words: Words) -> str:
    """Return what comes when this hold, set or phase is done."""
    exercise, moment = plan.items[snapshot.position].exercise, snapshot.moment
    if moment and moment.current and moment.current.number < moment.current.of:
        return words("then_is", exercise=words.of(exercise.course[moment.current.number].name))
    if exercise.hold and snapshot.holds + 1 < exercise.hold.times:
        return words("next_rest")
    if snapshot.position + 1 < len(plan.items):
        return words("then_is", exercise=words.of(plan.items[snapshot.position + 1].exercise.name))
    return words("then_end")


def _ring(snapshot: Snapshot, exercise: Exercise, words: Words, *, full: bool = False) -> dict[str, Any]:
    moment = snapshot.moment
    phase = asked_for(exercise, moment)
    target = _target(phase)
    done: float = 0
    if moment is not None:
        done = moment.cycles if phase.cycles else moment.held_s
    if full:
        done = target
    if phase.cycles:
        number, of = str(int(done)), words("cycles_of", count=target)
    else:
        number, of = str(int(min(done, target))), words("seconds_of", seconds=target)
    running = full or bool(moment and moment.counting and not snapshot.paused)
    return {"number": number, "of": of, "share": done / target if target else 0.0, "running": running}


def _target(phase: Phase) -> int:
    """Return cycles or seconds."""
    return phase.cycles.target if phase.cycles else round(phase.target_s or 0)


def _parts(setup: SetupMoment | None, exercise: Exercise, words: Words) -> list[dict[str, str]]:
    """Return the set-up's parts in the order they are asked for."""
    asked = (*exercise.framing.show, "distance", "view", "light")
    states = _states(setup) or dict.fromkeys(asked, "unknown")
    return [
        {
            "label": words(f"part_view_{seen_from(exercise)}" if part == "view" else f"part_{part}"),
            "state": state,
            "word": words(f"part_is_{state}"),
        }
        for part, state in states.items()
    ]


def _states(setup: SetupMoment | None) -> dict[str, str]:
    return {str(part): str(fit) for part, fit in setup.parts.items()} if setup else {}


def _note(snapshot: Snapshot, words: Words) -> str:
    if snapshot.problem:
        return f"{snapshot.problem.message} {snapshot.problem.hint}".strip()
    return words("slow_computer") if snapshot.slow else ""
