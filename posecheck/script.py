"""Every sentence of one exercise in one language, as the coach may be asked for it, and what of her to ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from posecheck.coach import Wish
from posecheck.library import Library, in_language
from posecheck.measures import MEASURES
from posecheck.pose import NAMED, Pose
from posecheck.spec import Exercise

_PARTS = {
    "nose": "head", "ear": "head", "shoulder": "shoulders", "elbow": "arms", "wrist": "hands",
    "hip": "hips", "knee": "knees", "ankle": "feet",
}  # fmt: skip
"""Landmark base name -> the part of her the voice calls it."""


class Script:
    """What may be said in one exercise.

    Attributes:
        away: She is out of the picture.
        back: She is in it again.
        mended: What was corrected is good now.
        done: A hold, or everything, is done.
        turn: She is turned so that the camera cannot judge.
        come_in: What brings her into the pose; None without an entry.
        phases: What announces each phase of the course.
        phase_names: What each phase is called.
        corrections: What mends each check.
    """

    def __init__(self, exercise: Exercise, library: Library, language: str) -> None:
        """Put every sentence into a language; English stands in where one is missing."""

        def say(text: Mapping[str, str]) -> str:
            return in_language(text, language)

        phrases = {name: say(text) for name, text in library.phrases.items()}
        self.away = Wish("away", phrases["away"], "reason")
        self.back = Wish("back", phrases["back"], "guide")
        self.mended = Wish("mended", phrases["mended"], "praise")
        self.done = Wish("done", say(exercise.steps.done), "praise")
        self.turn = Wish("turn", say(exercise.framing.turn), "reason")
        self.come_in = Wish("come_in", say(exercise.entry.say), "reason") if exercise.entry else None
        self.phases = [
            Wish(phase.id if exercise.phases else "during", say(phase.say), "guide") for phase in exercise.course
        ]
        self.phase_names = [say(phase.name) for phase in exercise.course]
        self.corrections = [
            Wish(
                check.id,
                say(check.say),
                "advice" if check.advice else "cue",
                say(check.easier) if check.easier else None,
            )
            for check in exercise.checks
        ]
        self._show = {part: Wish(f"show_{part}", phrases[f"show_{part}"], "reason") for part in _PARTS.values()}

    def show(self, part: str) -> Wish:
        """Return what asks her to bring a part of her into the camera's sight."""
        return self._show[part]


def hidden_part(pose: Pose, near: int, measures: Iterable[str], min_visibility: float) -> str | None:
    """Return the first part of her that some measures need and the camera does not see; None where all are seen.

    Args:
        pose: One instant.
        near: Which side faces the camera, 0 left, 1 right.
        measures: Names; what is not in the catalogue needs nothing.
        min_visibility: A landmark under this visibility is unseen.
    """
    for name in measures:
        for base in MEASURES[name].needs if name in MEASURES else ():
            if not pose.visibility[NAMED[base][near]] >= min_visibility:
                return _PARTS[base]
    return None
