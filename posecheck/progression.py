"""How much of what today: a programme with doses grown by practice and eased by pain or a break; pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType

from posecheck.diary import PastExercise, PastSession
from posecheck.programmes import Dose, Programme, ProgrammeItem, ProgressionRules, with_dose
from posecheck.safety import SafetyRules
from posecheck.screening import Reason, Verdict, compare_pain
from posecheck.spec import Exercise, Strictness


@dataclass(frozen=True, slots=True)
class Because:
    """Why something is proposed as it is: a phrase and what fills its gaps."""

    phrase: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ProposedItem:
    """One exercise with its dose for today.

    Attributes:
        exercise: Its id.
        dose: What takes the place of the definition's numbers (``programmes.with_dose``); None: nothing does.
        hold_s: Seconds of each hold; None where nothing is held.
        times: How often it is held, both sides together.
        cycles: Cycles in all; None where nothing is counted.
        lasts_s: Seconds of what goes on for a time, in all; None where nothing does.
        rest_s: Afterwards.
        strictness: How wide the silent bands are.
        level: How far it has grown, 0 to begin with.
        fell: By how many levels a break took it back.
        seconds: All of it: getting there, doing it, the rest afterwards.
        because: What changed since she last did this programme, and why.
    """

    exercise: str
    dose: Dose | None
    hold_s: float | None
    times: int
    cycles: int | None
    lasts_s: float | None
    rest_s: float
    strictness: Strictness
    level: int
    fell: int
    seconds: float
    because: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An exercise of the programme that is not proposed today, and why."""

    exercise: str
    reasons: tuple[Reason, ...] = ()
    because: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to do today; false where nothing may be done.

    Attributes:
        programme: Id.
        items: In order.
        left_out: In order.
        seconds: All together.
        because: Why this, and why so much; never empty where there are items.
    """

    programme: str
    items: tuple[ProposedItem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    seconds: float = 0.0
    because: tuple[Because, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How far an exercise has grown, folded over the sessions that had it.

    Attributes:
        level: After the latest of them.
        before: At the latest of them.
        good: Good ones in a row since it last changed.
        since: When it last changed, or was first done.
        last: The day it was last done.
        eased: Whether the latest change was down, for pain.
    """

    level: int = 0
    before: int = 0
    good: int = 0
    since: date | None = None
    last: date | None = None
    eased: bool = False


def propose(
    programme: Programme,
    rules: ProgressionRules,
    safety: SafetyRules,
    exercises: Mapping[str, Exercise],
    past: Sequence[PastSession],
    verdict: Verdict,
    today: date,
) -> Proposal:
    """Return a programme with today's doses.

    Args:
        programme: From ``routines/programmes``.
        rules: How doses grow and fall back.
        safety: How pain is read, and which stop words ease.
        exercises: All there are.
        past: Her sessions, in any order; those after today are ignored.
        verdict: What her answers say about today. What it does not open is never among the items.
        today: The day on her calendar.
    """
    sessions = sorted((s for s in past if s.day <= today), key=lambda s: (s.day, s.started_at))
    latest = next((s for s in reversed(sessions) if s.programme == programme.id), None)
    items: list[ProposedItem] = []
    left_out: list[LeftOut] = []
    for item in programme.items:
        exercise = exercises.get(item.exercise)
        lock = verdict.locked.get(item.exercise)
        if exercise is None or not verdict.may(item.exercise):
            left_out.append(LeftOut(item.exercise, lock.reasons if lock else verdict.reasons))
            continue
        pause = _pause(item.exercise, rules, safety, sessions, today)
        if pause:
            left_out.append(LeftOut(item.exercise, because=(pause,)))
            continue
        items.append(_propose_item(item, exercise, rules, safety, sessions, latest, verdict, today))
    if not items:
        return Proposal(programme.id, (), tuple(left_out))
    fell = any(item.fell for item in items)
    because = _why(rules, safety, sessions, latest, verdict, today, fell=fell)
    return Proposal(programme.id, tuple(items), tuple(left_out), sum(i.seconds for i in items), because)


def suggest(
    programmes: Iterable[Programme],
    rules: ProgressionRules,
    safety: SafetyRules,
    exercises: Mapping[str, Exercise],
    past: Sequence[PastSession],
    verdict: Verdict,
    today: date,
) -> tuple[Proposal, ...]:
    """Return a proposal for each programme that has any today, the one to offer first at the front.

    First those that need no equipment, those of which nothing is left out, those done longest ago or never, then
    by their rank; on a day that asks for gentle, the shorter ones come before the longer.
    """
    known = {p.id: p for p in programmes}
    found = [propose(p, rules, safety, exercises, past, verdict, today) for p in known.values()]
    last = {s.programme: s.day for s in sorted(past, key=lambda s: s.day) if s.day <= today}

    def rank(proposal: Proposal) -> tuple[float, ...]:
        ago = (today - last[proposal.programme]).days if proposal.programme in last else float("inf")
        programme = known[proposal.programme]
        gentle = proposal.seconds if verdict.gentle else 0.0
        return (bool(programme.equipment), len(proposal.left_out), gentle, -ago, programme.rank)

    return tuple(sorted(filter(None, found), key=rank))


# --- levels ----------------------------------------------------------------------------------------------------


def doses(item: ProgrammeItem, exercise: Exercise, rules: ProgressionRules) -> tuple[Dose | None, ...]:
    """Return an item's dose at each level, from ``start`` to ``upto``; both sides grow together."""
    if item.start is None or item.upto is None:
        return (item.start,)
    return tuple(_grow(item.start, item.upto, 2 if exercise.sides else 1, rules))


def _grow(dose: Dose, upto: Dose, sides: int, rules: ProgressionRules) -> Iterator[Dose]:
    yield dose
    still = 0
    for name in itertools.cycle(rules.growth.order):
        now, most = dose.given.get(name), upto.given.get(name)
        if now is None or most is None or now >= most:
            still += 1
            if still == len(rules.growth.order):
                return
            continue
        still = 0
        more = min(now + rules.growth.by[name] * (sides if name == "times" else 1), most)
        dose = dose.model_copy(update={name: int(more) if name in ("cycles", "times") else float(more)})
        yield dose


def _stand(
    exercise: str, top: int, rules: ProgressionRules, safety: SafetyRules, sessions: Sequence[PastSession]
) -> _Standing:
    """Fold the sessions, oldest first, into how far an exercise has grown."""
    standing = _Standing()
    for i, session in enumerate(sessions):
        following = next((later for later in sessions[i + 1 :] if later.day > session.day), None)
        done = [e for e in session.exercises if e.exercise == exercise]
        if not done:
            continue
        level = _after_break(standing, session.day, rules)[0]
        if level < standing.level:
            standing = replace(standing, level=level, good=0, since=session.day, eased=False)
        standing = replace(standing, before=standing.level, last=session.day, since=standing.since or session.day)
        if _was_too_much(session, following, done, safety):
            level = max(0, standing.level - rules.ease.more_pain)
            standing = replace(standing, level=level, good=0, since=session.day, eased=True)
        elif _was_good(session, done, safety):
            standing = _practised(replace(standing, good=standing.good + 1), top, rules, session.day)
    return standing


def _practised(standing: _Standing, top: int, rules: ProgressionRules, day: date) -> _Standing:
    since = standing.since or day
    enough = standing.good >= rules.growth.sessions and (day - since).days >= rules.growth.days
    if not enough or standing.level >= top:
        return standing
    return replace(standing, level=standing.level + 1, good=0, since=day, eased=False)


def _after_break(standing: _Standing, day: date, rules: ProgressionRules) -> tuple[int, int]:
    """Return the level after the days without it, and how many days those were where they told."""
    if standing.last is None:
        return standing.level, 0
    away = (day - standing.last).days
    for fall in reversed(rules.ease.breaks):
        if away >= fall.after:
            return (0 if fall.levels is None else max(0, standing.level - fall.levels)), away
    return standing.level, 0


def _was_too_much(
    session: PastSession, following: PastSession | None, done: Sequence[PastExercise], safety: SafetyRules
) -> bool:
    """Return whether a session was followed by clearly more pain, at once or by the next day, or was stopped."""
    later = [session.pain_after]
    if following is not None and (following.day - session.day).days == 1:
        later.append(following.pain_before)
    if any(compare_pain(safety.pain, session.pain_before, pain) == "more" for pain in later):
        return True
    return session.stopped_for in safety.easing or any(e.stopped_for in safety.easing for e in done)


def _was_good(session: PastSession, done: Sequence[PastExercise], safety: SafetyRules) -> bool:
    """Return whether it is known that the exercise was finished and nothing hurt more."""
    verdict = compare_pain(safety.pain, session.pain_before, session.pain_after)
    return verdict in ("same", "less") and all(e.outcome == "done" for e in done)


def _pause(
    exercise: str, rules: ProgressionRules, safety: SafetyRules, sessions: Sequence[PastSession], today: date
) -> Because | None:
    """Return why an exercise is left out for some days: she stopped during it more than once lately."""
    lately = [s for s in sessions if any(e.exercise == exercise for e in s.exercises)][-safety.pain.among :]
    stopped = [
        s.day
        for s in lately
        if any(e.exercise == exercise and e.stopped_for in safety.easing for e in s.exercises)
    ]
    if len(stopped) < rules.ease.pause_after:
        return None
    until = stopped[-1] + timedelta(days=rules.ease.pause_for)
    return Because("ease_pause", MappingProxyType({"day": until})) if today < until else None


# --- one exercise, and the words ---------------------------------------------------------------------------------


def _propose_item(
    item: ProgrammeItem,
    exercise: Exercise,
    rules: ProgressionRules,
    safety: SafetyRules,
    sessions: Sequence[PastSession],
    latest: PastSession | None,
    verdict: Verdict,
    today: date,
) -> ProposedItem:
    ladder = doses(item, exercise, rules)
    standing = _stand(exercise.id, len(ladder) - 1, rules, safety, sessions)
    level, away = _after_break(standing, today, rules)
    fell = standing.level - level
    cause = Because("ease_break", MappingProxyType({"days": away})) if fell else None
    if cause is None and standing.eased:
        cause = Because("ease_pain")
    if verdict.gentle:
        level, cause = max(0, level - rules.ease.today), Because("ease_gentle")
    strict = level >= rules.growth.standard_from and not verdict.gentle
    dose = ladder[level]
    dosed = with_dose(exercise, dose)
    holds = [phase.hold for phase in dosed.course if phase.hold]
    because: tuple[Because, ...] = ()
    if latest is not None and any(e.exercise == exercise.id for e in latest.exercises):
        finer = strict and standing.before < rules.growth.standard_from
        because = _compare(ladder[standing.before], dose, 2 if exercise.sides else 1, cause, finer)
    return ProposedItem(
        exercise=exercise.id,
        dose=dose,
        hold_s=holds[0].target if holds else None,
        times=sum(hold.times for hold in holds),
        cycles=sum(phase.cycles.target for phase in dosed.course if phase.cycles) or None,
        lasts_s=sum(phase.timed.target for phase in dosed.course if phase.timed) or None,
        rest_s=item.rest,
        strictness=rules.strictness[1] if strict else rules.strictness[0],
        level=level,
        fell=fell,
        seconds=rules.times.settle + _seconds(item, dosed, rules) + item.rest,
        because=because,
    )


def _compare(
    before: Dose | None, now: Dose | None, sides: int, cause: Because | None, finer: bool
) -> tuple[Because, ...]:
    """Return what is more than last time, or why it is less."""
    old, new = before.given if before else {}, now.given if now else {}
    if any(new[name] < old[name] for name in new):
        return (cause,) if cause else ()
    grown: list[Because] = []
    for name in (name for name in new if new[name] > old[name]):
        each = sides if name == "times" else 1
        values = {"more": round((new[name] - old[name]) / each), "now": round(new[name] / each)}
        grown.append(Because("grow_sides" if each > 1 else f"grow_{name}", MappingProxyType(values)))
    return (*grown, Because("grow_finer")) if finer else tuple(grown)


def _seconds(item: ProgrammeItem, exercise: Exercise, rules: ProgressionRules) -> float:
    """Return how long an exercise takes once she is there, its own pauses included."""
    seconds = (len(exercise.course) - 1) * rules.times.between
    for phase in exercise.course:
        if phase.hold:
            seconds += phase.hold.times * phase.hold.target + (phase.hold.times - 1) * rules.times.between
        elif phase.cycles:
            seconds += phase.cycles.target * (item.pace or 0.0)
        elif phase.timed:
            seconds += phase.timed.target
    return seconds


def _why(
    rules: ProgressionRules,
    safety: SafetyRules,
    sessions: Sequence[PastSession],
    latest: PastSession | None,
    verdict: Verdict,
    today: date,
    *,
    fell: bool,
) -> tuple[Because, ...]:
    """Return why this programme is proposed; ``fell``: a break has made its doses lower."""
    among = sessions[-safety.pain.among :]
    worse = sum(compare_pain(safety.pain, s.pain_before, s.pain_after) == "more" for s in among)
    if worse >= safety.pain.more_twice:
        values = {"count": worse, "among": len(among)}
        return (Because("why_pain_again", MappingProxyType(values)),)
    if verdict.gentle:
        return (Because("why_gentle"),)
    if not sessions:
        return (Because("why_first"),)
    last = sessions[-1]
    away = (today - last.day).days
    if rules.ease.breaks and away >= rules.ease.breaks[0].after:
        # Where all is at its beginning still, there is no lower.
        return (Because("why_break" if fell else "why_break_same", MappingProxyType({"days": away})),)
    if _was_too_much(last, None, last.exercises, safety):
        return (Because("why_pain"),)
    if latest is None:
        return (Because("why_longest_ago"),)
    return (Because("why_again", MappingProxyType({"days": (today - latest.day).days})),)
