"""Laws that hold whatever is filmed: a mirrored body, another frame rate and a little noise change no verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from posecheck.figures import RATES, Laws, cues_of
from posecheck.judgement import Judgement, Settings, judge
from posecheck.library import Library
from posecheck.moment import Moment
from posecheck.pose import PAIRS, FloatArray, Pose, mirror

SAME_S = 0.5
"""Cues at other frame rates may come so much earlier or later."""
JITTER = 0.01
"""Noise on every landmark, as a share of the torso: the standard deviation in x and in y."""


def try_laws(judgement: Judgement, library: Library, settings: Settings) -> Laws:
    """Judge a clip again in every changed way.

    Args:
        judgement: As it is, of a clip.
        library: The definitions.
        settings: How it was judged; they name the exercise.
    """

    def again(pose: Pose) -> tuple[Moment, ...]:
        return judge(pose, library, settings).moments

    moments, pose = judgement.moments, judgement.pose
    mirrored = again(mirror(pose))
    steps = np.diff(pose.t, append=pose.t[-1])
    return Laws(
        mirrored=cues_of(mirrored) == cues_of(moments)
        and all(a.faults == b.faults for a, b in zip(mirrored, moments, strict=True)),
        rates={fps: same_cues(cues_of(moments), cues_of(again(resample(pose, fps)))) for fps in RATES},
        seconds=float(steps[[moment.in_pose for moment in moments]].sum()),
        changes=count_changes(moments),
        jittered=count_changes(again(add_noise(pose, JITTER))),
    )


def same_cues(some: Sequence[tuple[str, float]], others: Sequence[tuple[str, float]]) -> bool:
    """Return whether the cues are the same ones in the same order, none moved by more than ``SAME_S``."""
    return [name for name, _ in some] == [name for name, _ in others] and all(
        abs(a - b) <= SAME_S for (_, a), (_, b) in zip(some, others, strict=True)
    )


def count_changes(moments: Iterable[Moment]) -> int:
    """Return how often the shown set of faults changed while she was in the pose."""
    shown = [frozenset(moment.faults) for moment in moments if moment.in_pose]
    return sum(a != b for a, b in pairwise(shown))


def resample(pose: Pose, fps: float) -> Pose:
    """Return a clip as a camera of another frame rate would have given it.

    Landmarks lie on straight lines between the frames on either side, and are unknown where either of them is; the
    silhouette is the nearest frame's.
    """
    t = np.arange(pose.t[0], pose.t[-1] + 1e-9, 1.0 / fps)
    after = np.clip(np.searchsorted(pose.t, t), 1, len(pose.t) - 1)
    before = after - 1
    share = (t - pose.t[before]) / (pose.t[after] - pose.t[before])
    share = np.where(np.isclose(share, share.round(), atol=1e-6), share.round(), share)  # of rounded times

    def between(values: FloatArray) -> FloatArray:
        weight = share.reshape(-1, *[1] * (values.ndim - 1))
        mixed: FloatArray = np.where(
            weight == 0, values[before], (1 - weight) * values[before] + weight * values[after]
        )
        return np.where(weight == 1, values[after], mixed)

    nearest = np.where(share < 0.5, before, after)
    return replace(
        pose,
        t=t,
        image=between(pose.image),
        visibility=between(pose.visibility),
        world=between(pose.world),
        silhouette=None if pose.silhouette is None else pose.silhouette[nearest],
        silhouette_scale=None if pose.silhouette_scale is None else pose.silhouette_scale[nearest],
    )


def add_noise(pose: Pose, share: float) -> Pose:
    """Return a clip whose landmarks in the picture tremble, always alike, by a share of her median torso."""
    left, right = (
        np.linalg.norm(pose.image[:, PAIRS["shoulder"][side]] - pose.image[:, PAIRS["hip"][side]], axis=-1)
        for side in (0, 1)
    )
    torso = float(np.nanmedian(np.fmax(left, right))) if pose.person.any() else 0.0
    noise = np.random.default_rng(0).normal(0.0, share * torso, pose.image.shape)
    return replace(pose, image=pose.image + noise)
