"""The seven exercises as movements, correct and with each mistake."""

from collections.abc import Callable

from posecheck_render.exercises import cat, child, downward_dog, eagle, letter_t, lotus, twist
from posecheck_render.exercises.base import Fault, Movement, Subject

Build = Callable[[Subject, Fault | None], Movement]

BUILDERS: dict[str, Build] = {
    "eagle": eagle.build,
    "downward_dog": downward_dog.build,
    "cat": cat.build,
    "lotus": lotus.build,
    "child": child.build,
    "twist": twist.build,
    "letter_t": letter_t.build,
}
"""How each exercise is built, by exercise id."""

FAULTS: dict[str, tuple[str, ...]] = {
    "eagle": ("arms_not_crossed", "elbows_low", "shoulders_raised", "leaning", "forearms_tilted", "too_fast"),
    "downward_dog": (
        "elbows_bent",
        "shoulders_forward",
        "hips_low",
        "back_rounded",
        "head_lifted",
        "stance_short",
        "stance_long",
        "knees_bent",
    ),
    "cat": (
        "too_shallow",
        "head_only",
        "elbows_bent",
        "hands_misplaced",
        "knees_misplaced",
        "rocking",
        "back_dumped",
        "too_fast",
    ),
    "lotus": (
        "leaning",
        "slumped",
        "shoulders_not_lifted",
        "shoulders_stay_up",
        "shoulder_follows_head",
        "head_tilted_too_far",
        "head_too_fast",
    ),
    "child": ("hips_lifted", "head_lifted", "elbows_bent", "palms_lifted", "reach_short", "hips_shift"),
    "twist": (
        "not_turned",
        "leaning",
        "collapsed",
        "hips_uneven",
        "knee_dropped",
        "hand_off_knee",
        "head_only",
    ),
    "letter_t": ("shoulder_lifted", "arms_not_wide", "elbows_bent", "knee_not_crossed"),
}
"""The check ids each exercise can be made to fail, by exercise id."""
