"""What to say now: at most one sentence, the one that matters most, and then silence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from posecheck.coaching import Voice
from posecheck.moment import Sentence, Tone


@dataclass(frozen=True, slots=True)
class Wish:
    """A sentence somebody would like said.

    Attributes:
        id: Of the check or phrase.
        text: The sentence.
        tone: ``cue`` or ``advice`` correct; ``reason`` says why time is not counting; ``praise`` is good news.
        easier: Said instead once the cue has been given as often as the voice allows in a row.
    """

    id: str
    text: str
    tone: Tone
    easier: str | None = None


@dataclass(frozen=True, slots=True)
class CoachState:
    """What the coach remembers, media times in seconds.

    Attributes:
        sentence: On the screen now.
        quiet_until: No correction before.
        said: Check or phrase id -> when it was last said.
        row: The last correction's id, and how often it was said in a row.
        recent: When the corrections of the last minute were said.
        cued: Faults that were cued and have not been seen mended since.
        better: Those of them that are seen to be good, and since when.
    """

    sentence: Sentence | None = None
    quiet_until: float = 0.0
    said: tuple[tuple[str, float], ...] = ()
    row: tuple[str, int] = ("", 0)
    recent: tuple[float, ...] = ()
    cued: frozenset[str] = frozenset()
    better: tuple[tuple[str, float], ...] = ()


def say_now(state: CoachState, t: float, wish: Wish, voice: Voice) -> CoachState:
    """Return the state after saying something that cannot wait: an event such as a finished hold."""
    quiet_until = max(state.quiet_until, t + voice.praise_silence)
    return replace(_show(state, t, wish, wish.text), quiet_until=quiet_until)


def step(
    state: CoachState,
    t: float,
    wishes: Sequence[Wish],
    *,
    good: Collection[str] | None,
    voice: Voice,
    praise: Wish,
) -> tuple[CoachState, Wish | None]:
    """Choose what to say at media time ``t``.

    Args:
        state: After the instant before.
        t: Media time, seconds.
        wishes: Standing faults and reasons, the most important first.
        good: Checks seen to be good now: a fault that only went out of sight is not mended. None out of the
            pose, where what was cued is forgotten.
        voice: The coach's manners.
        praise: What to say when every fault that was cued has been good for ``voice.mended_after``.

    Returns:
        The new state and what is said now, its text already the easier variant where that is due; or None.
    """
    ids = {w.id for w in wishes}
    # What comes with each round is good between two of them as well: mended is what has been good for a while.
    since = dict(state.better)
    better = {i: since.get(i, t) for i in (state.cued - ids).intersection(good or ())}
    mended = {i for i, began in better.items() if t - began >= voice.mended_after}
    cued = frozenset() if good is None else state.cued - mended
    if cued != state.cued or better != since:
        still = tuple(sorted((i, began) for i, began in better.items() if i not in mended))
        state = replace(state, cued=cued, better=still)
    state = _expire(state, t, ids, voice)
    if any(said == t for _, said in state.said):
        return state, None  # one sentence at a time
    if mended and not state.cued & ids and not better.keys() - mended:
        state = replace(state, row=("", 0))
        shown = state.sentence
        if shown and shown.tone == "praise" and shown.since >= min(better[i] for i in mended):
            return state, None  # the whole was praised meanwhile
        return say_now(state, t, praise, voice), praise
    for wish in wishes:
        if _may_say(state, t, wish, voice):
            return _say(state, t, wish, voice)
    return state, None


def _may_say(state: CoachState, t: float, wish: Wish, voice: Voice) -> bool:
    again = voice.remind_again if wish.tone == "reason" else voice.cool_down
    last = dict(state.said).get(wish.id)
    if t < state.quiet_until or (last is not None and t - last < again):
        return False
    if wish.tone == "reason":
        return True
    if sum(t - r < 60.0 for r in state.recent) >= voice.per_minute:
        return False
    # After the easier variant the coach lets it be.
    return not (state.row[0] == wish.id and state.row[1] > voice.repeat)


def _say(state: CoachState, t: float, wish: Wish, voice: Voice) -> tuple[CoachState, Wish]:
    times = state.row[1] + 1 if state.row[0] == wish.id else 1
    text = wish.easier if wish.easier and times > voice.repeat else wish.text
    state = replace(_show(state, t, wish, text), quiet_until=t + voice.silence)
    if wish.tone != "reason":
        recent = (*(r for r in state.recent if t - r < 60.0), t)
        state = replace(state, row=(wish.id, times), recent=recent, cued=state.cued | {wish.id})
    return state, replace(wish, text=text)


def _show(state: CoachState, t: float, wish: Wish, text: str) -> CoachState:
    said = (*((i, s) for i, s in state.said if i != wish.id), (wish.id, t))
    return replace(state, sentence=Sentence(wish.id, text, wish.tone, t), said=said)


def _expire(state: CoachState, t: float, ids: set[str], voice: Voice) -> CoachState:
    """Take a sentence off the screen when it is old and no longer needed."""
    shown = state.sentence
    if shown is None or t - shown.since < voice.show_for or shown.id in ids:
        return state
    return replace(state, sentence=None)
