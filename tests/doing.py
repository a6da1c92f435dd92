"""Synthetic bodies that do an exercise well or with one mistake, and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from bodies import (
    ALL_FOURS,
    CHILD,
    DOG,
    SEATED,
    TWISTED,
    Shape,
    facing,
    film,
    play,
    seated,
    side_body,
    supine,
    timeline,
    times,
)

from posecheck.library import Library
from posecheck.moment import Moment
from posecheck.pose import Pose
from posecheck.trainer import Trainer

CHECKS = {
    "downward_dog": [
        "elbows_bent", "shoulders_forward", "hips_low", "back_rounded", "head_lifted", "stance_short",
        "stance_long", "knees_bent",
    ],
    "cat": [
        "too_shallow", "head_only", "elbows_bent", "hands_misplaced", "knees_misplaced", "rocking",
        "back_dumped", "too_fast",
    ],
    "child": ["hips_lifted", "head_lifted", "elbows_bent", "palms_lifted", "reach_short", "hips_shift"],
    "letter_t": ["shoulder_lifted", "arms_not_wide", "elbows_bent", "knee_not_crossed"],
    "eagle": [
        "arms_not_crossed", "elbows_low", "shoulders_raised", "leaning", "forearms_tilted", "too_fast",
        "palms_pressed",
    ],
    "lotus": [
        "leaning", "slumped", "shoulders_not_lifted", "shoulders_stay_up", "shoulder_follows_head",
        "head_tilted_too_far", "head_too_fast",
    ],
    "twist": ["not_turned", "leaning", "collapsed", "hips_uneven", "knee_dropped", "hand_off_knee", "head_only"],
}  # fmt: skip
"""Fixed in the interfaces, but for ``palms_pressed``: ids of history, reports and translations."""
FPS = 10.0


def breathing(low: float, high: float, period: float, start: float = 3.0) -> Callable[[float], float]:
    """Return the turn of a back: flat until ``start``, then round and hollow."""

    def turn(t: float) -> float:
        if t < start:
            return 0.0
        wave = math.sin(2 * math.pi * (t - start) / period)
        return high * wave if wave > 0 else -low * wave

    return turn


def cat_cow(
    low: float = -40.0, high: float = 45.0, period: float = 7.0, rest: float = 0.0, **more: Any
) -> Callable[[float], Shape]:
    """Return a back that goes ``low`` and ``high`` of its tabletop, whose outline turns by ``rest``."""
    turn = breathing(low, high, period)
    return lambda t: {
        **ALL_FOURS,
        "turn": rest + float(turn(t)),
        **{key: value(t) if callable(value) else value for key, value in more.items()},
    }


def dog_with(**mistake: float) -> Callable[[float], Shape]:
    """Return her tabletop for two seconds, then a dog with a mistake."""
    return timeline((2.0, ALL_FOURS), (2.5, {**DOG, **mistake}), (99.0, {**DOG, **mistake}))


def fold_with(**mistake: float) -> Callable[[float], Shape]:
    """Return her own reach for three seconds, then a child's pose with a mistake."""
    return timeline((3.0, CHILD), (3.5, {**CHILD, **mistake}), (99.0, {**CHILD, **mistake}))


def lie_with(**mistake: Any) -> Callable[[float], Shape]:
    """Return her flat T for two seconds, one knee up for a second, then crossed, with a mistake."""
    flat: Shape = {"knee_up": 0.0, "crossed": 0.0}
    up, over = {**flat, "knee_up": 0.5}, {**flat, "crossed": 1.0, **mistake}
    return lambda t: flat if t < 2.0 else up if t < 3.0 else over


def seat_with(**mistake: Any) -> Callable[[float], Shape]:
    """Return her square seat for two seconds, then a twist with a mistake."""
    return lambda t: SEATED if t < 2.0 else {**TWISTED, **mistake}


def wave(size: float, period: float, t: float) -> float:
    """Return a movement from 0 to ``size`` and back in every period, from the third second on."""
    return size / 2 * (1 - math.cos(2 * math.pi * max(0.0, t - 3.0) / period))


def swing(size: float, period: float = 6.0, start: float = 3.0) -> Callable[[float], float]:
    """Return a movement to either side of 0, from ``start`` on."""
    return lambda t: size * math.sin(2 * math.pi * max(0.0, t - start) / period)


def lotus_with(*, shrugs: float = 0.11, **mistake: Any) -> Callable[[float], Shape]:
    """Return her quiet seat for three seconds, then shoulder lifts with a mistake."""

    def shape(t: float) -> Shape:
        now = {key: x(t) if callable(x) else x for key, x in mistake.items()} if t >= 3.0 else {}
        return {"shrug": wave(shrugs, 6.0, t), **now}

    return shape


def eagle_with(*, period: float = 6.0, **mistake: Any) -> Callable[[float], Shape]:
    """Return arms hanging, folded from the second second on, and from the third lifts with a mistake."""

    def shape(t: float) -> Shape:
        now = {"lift": -0.1 + wave(0.15, period, t), **(mistake if t >= 3.0 else {})}
        return {"standing": True, "folded": t >= 1.5, **now}

    return shape


GOOD: Mapping[str, tuple[Callable[[float], Shape], Callable[..., Pose], float]] = {
    "downward_dog": (dog_with(), side_body, 9.0),
    "cat": (cat_cow(), side_body, 26.0),
    "child": (fold_with(), side_body, 9.0),
    "letter_t": (lie_with(), supine, 10.0),
    "lotus": (lotus_with(), facing, 21.0),
    "eagle": (eagle_with(), facing, 21.0),
    "twist": (seat_with(), seated, 9.0),
}
BODY: Mapping[str, Callable[..., Pose]] = {name: body for name, (_, body, _) in GOOD.items()}


def watch(
    name: str, library: Library, shape: Callable[[float], Shape], seconds: float, body: Callable[..., Pose]
) -> list[Moment]:
    return play(Trainer(library.exercises[name], library), film(shape, times(seconds, FPS), body))


PRESSED: Shape = {"elbows": 1.15, "wrists": 0.12, "rise": 0.2}
"""Palms pressed together in front of the chest."""
