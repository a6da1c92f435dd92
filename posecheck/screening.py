"""Whether she may exercise today, and which exercises are open to her: screening and unlocking, pure.

Nothing here diagnoses. Every question, rule and number is in ``routines/safety.yaml`` beside its source. Here is
only how answers meet rules: a restriction holds unless known not to, an exercise opens only where known to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from posecheck.diary import Answers, Clearance
from posecheck.safety import Asked, Colour, PainRule, Question, Rule, SafetyRules, When

PainVerdict = Literal["less", "same", "more"]
Course = Literal["plain", "careful"]

_GRAVITY: Mapping[Colour, int] = {"green": 0, "amber": 1, "red": 2}


def questions(rules: SafetyRules, asked: Asked) -> tuple[Question, ...]:
    """Return the questions of the first run, or those before each session."""
    return tuple(q for q in rules.questions if q.asked == asked)


def daily(rules: SafetyRules, told: Answers, *, practised: bool) -> tuple[Question, ...]:
    """Return the questions to ask before each session: without those that an earlier answer settled.

    Args:
        rules: From ``routines/safety.yaml``.
        told: Her latest answers, of whatever day.
        practised: Whether there was a session to look back at; else no option speaks of one.
    """
    asked = (q for q in questions(rules, "session") if told.get(q.id) not in q.settled)
    return tuple(asked if practised else map(_without_looking_back, asked))


def _without_looking_back(question: Question) -> Question:
    options = tuple(option for option in question.options if option not in question.looks_back)
    return question.model_copy(update={"options": options})


def due_again(
    rules: SafetyRules, answers: Answers, answered: Mapping[str, date], today: date
) -> tuple[Question, ...]:
    """Return the questions of the first run to ask again, as their answers may have changed for the better.

    Args:
        rules: From ``routines/safety.yaml``.
        answers: Her latest answers.
        answered: When each of them was given.
        today: The day on her calendar.
    """
    known = _known(rules, answers, today)
    standing = [rule for rule in rules.rules if _all(rule.when, known, today) is not False]
    closing = {when.question for rule in standing for when in rule.when}
    closing |= {need.question for need in rules.needs.values() if not _holds(need, known, today)}
    return tuple(
        q
        for q in questions(rules, "first_run")
        if q.again is not None
        and q.id in closing
        and q.id in answered
        and (today - answered[q.id]).days >= q.again
    )


# --- the verdict -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is.

    Attributes:
        id: Of the rule, the question or the kind of reason.
        colour: How grave.
        phrase: Id of its sentence.
        values: What fills the sentence's gaps.
        contact: Id of the sentence that says whom to turn to, or None.
        source: What it rests on, to be shown.
        question: The question it hangs on while that is not answered, or None.
    """

    id: str
    colour: Colour
    phrase: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    contact: str | None = None
    source: str = ""
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """An exercise that is not open.

    Attributes:
        exercise: Its id.
        reasons: Why, most serious first; never empty.
    """

    exercise: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What her answers say about today.

    Attributes:
        colour: Red: no exercise at all. Amber: with care. Green: none of the rules speaks against it.
        reasons: Why, most serious first.
        open: Exercises she may do.
        locked: The others, each with its reasons.
        missing: Questions to ask before anything else is said.
        gentle: Whether everything is to be done in its gentlest form.
    """

    colour: Colour
    reasons: tuple[Reason, ...] = ()
    open: frozenset[str] = frozenset()
    locked: Mapping[str, Lock] = field(default_factory=lambda: MappingProxyType({}))
    missing: tuple[str, ...] = ()
    gentle: bool = False

    @property
    def ready(self) -> bool:
        """Whether any exercise at all is open."""
        return bool(self.open)

    def may(self, exercise: str) -> bool:
        """Return whether an exercise is open."""
        return exercise in self.open


def assess(
    rules: SafetyRules,
    answers: Answers,
    exercises: Iterable[str],
    today: date,
    clearances: Sequence[Clearance] = (),
) -> Verdict:
    """Return what her answers say about today.

    Args:
        rules: From ``routines/safety.yaml``.
        answers: Those of the first run and of today's check together. What is absent, not understood, or answered
            with "not sure" is unknown, and never counts as harmless.
        exercises: Ids of all exercises there are.
        today: The day on her calendar.
        clearances: What professionals said; the latest word about an exercise holds. Never lifts a red rule.
    """
    known = _known(rules, answers, today)
    missing = tuple(q.id for q in rules.questions if q.id not in known and not _is_unsure(q, answers.get(q.id)))
    standing = [(rule, truth) for rule in rules.rules if (truth := _all(rule.when, known, today)) is not False]
    course = _course(rules, known, today)
    words = {exercise: _word(clearances, exercise) for exercise in exercises}
    locked: dict[str, Lock] = {}
    for exercise, word in words.items():
        reasons = [_reason(rule, known, truth) for rule, truth in standing if _closes(rule, exercise, word)]
        if word is None:
            reasons += _waits(rules, exercise, course, known, today)
        elif not word.allows:
            reasons.append(_told(word))
        if reasons:
            locked[exercise] = Lock(exercise, _ordered(reasons))
    in_force = [(rule, truth) for rule, truth in standing if not _lifted(rule, words)]
    reasons = [_reason(rule, known, truth) for rule, truth in in_force]
    reasons += [_unanswered(rules, name) for name in missing]
    reasons += [_told(word) for word in words.values() if word is not None and word.allows]
    if _is_ahead(rules, answers, today):
        reasons.append(Reason("birth_ahead", "amber", "birth_ahead", question=rules.birth))
    return Verdict(
        colour=max((r.colour for r in reasons), key=_GRAVITY.__getitem__, default="green"),
        reasons=_ordered(reasons),
        open=frozenset(words) - frozenset(locked),
        locked=MappingProxyType(locked),
        missing=missing,
        gentle=any(rule.gentle for rule, _ in in_force),
    )


def _ordered(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the reasons, most serious first, each sentence once."""
    once = {(r.phrase, tuple(sorted((k, str(v)) for k, v in r.values.items()))): r for r in reasons}
    return tuple(sorted(once.values(), key=lambda r: -_GRAVITY[r.colour]))


def _known(rules: SafetyRules, answers: Answers, today: date) -> dict[str, date | int | frozenset[str]]:
    """Return the answers that can be understood; what cannot is as good as not answered."""
    out: dict[str, date | int | frozenset[str]] = {}
    for question in rules.questions:
        value = _understood(question, answers.get(question.id), today)
        if value is not None:
            out[question.id] = value
    return out


def _understood(question: Question, answer: object, today: date) -> date | int | frozenset[str] | None:
    if question.kind == "date":
        day = _as_date(answer)
        return day if day is not None and day <= today else None
    if question.kind == "scale":
        if not isinstance(answer, int) or isinstance(answer, bool):
            return None
        return answer if 0 <= answer <= 10 else None
    chosen = [answer] if isinstance(answer, str) else list(answer) if isinstance(answer, (list, tuple)) else []
    options = frozenset(o for o in chosen if o in question.options)
    if not options or len(options) < len(set(chosen)) or options <= set(question.unsure):
        # One word that is not known spoils the answer: it may have been the one that matters.
        return None
    if question.kind == "choice" and len(options) > 1:
        return None
    return options - {question.nothing} if len(options) > 1 else options


def _is_unsure(question: Question, answer: object) -> bool:
    """Return whether she said that she does not know: asked and answered, and still unknown."""
    return answer in question.unsure or (
        isinstance(answer, (list, tuple)) and set(answer) & set(question.unsure) != set()
    )


def _as_date(answer: object) -> date | None:
    if isinstance(answer, date):
        return answer
    try:
        return date.fromisoformat(answer) if isinstance(answer, str) else None
    except ValueError:
        return None


def _is_ahead(rules: SafetyRules, answers: Answers, today: date) -> bool:
    day = _as_date(answers.get(rules.birth))
    return day is not None and day > today


def _holds(when: When, known: Mapping[str, object], today: date) -> bool | None:
    """Return whether a condition is true; None where it is not known."""
    value = known.get(when.question)
    if value is None:
        return None
    if isinstance(value, date):
        return (today - value).days < (when.within or 0)
    if isinstance(value, int):
        return (when.min is None or value >= when.min) and (when.max is None or value <= when.max)
    return not frozenset(when.any).isdisjoint(value) if isinstance(value, frozenset) else None


def _all(conditions: Sequence[When], known: Mapping[str, object], today: date) -> bool | None:
    """Return whether all hold: false where one is known to fail, else unknown where one is."""
    truths = [_holds(when, known, today) for when in conditions]
    if False in truths:
        return False
    return None if None in truths else True


def _course(rules: SafetyRules, known: Mapping[str, object], today: date) -> Course:
    return "careful" if any(_holds(w, known, today) is not False for w in rules.careful) else "plain"


def _closes(rule: Rule, exercise: str, word: Clearance | None) -> bool:
    if rule.colour == "red":
        return True
    if rule.professional and word is not None and word.allows:
        return False
    return exercise in rule.hides or (rule.only is not None and exercise not in rule.only)


def _lifted(rule: Rule, words: Mapping[str, Clearance | None]) -> bool:
    """Return whether professionals said yes to every exercise a rule would close or ease."""
    if not rule.professional or not words:
        return False
    closed = [word for exercise, word in words.items() if _closes(rule, exercise, None)] or [*words.values()]
    return all(word is not None and word.allows for word in closed)


def _reason(rule: Rule, known: Mapping[str, object], truth: bool | None) -> Reason:
    """Return a rule's sentence, or the question's where the rule only stands because that is not answered."""
    contact = f"contact_{rule.contact}" if rule.contact else None
    if truth:
        return Reason(rule.id, rule.colour, f"rule_{rule.id}", contact=contact, source=rule.source)
    name = next(when.question for when in rule.when if when.question not in known)
    return Reason(name, "amber", f"unanswered_{name}", source=rule.source, question=name)


def _unanswered(rules: SafetyRules, name: str) -> Reason:
    source = next(q.source for q in rules.questions if q.id == name)
    return Reason(name, "amber", f"unanswered_{name}", source=source, question=name)


def _waits(
    rules: SafetyRules, exercise: str, course: Course, known: Mapping[str, object], today: date
) -> list[Reason]:
    """Return why an exercise is not open yet."""
    unlock = rules.unlock.get(exercise, rules.unlock["default"])
    opening = unlock.careful if course == "careful" else unlock.plain
    reasons: list[Reason] = []
    birth = known.get(rules.birth)
    if not isinstance(birth, date):
        reasons.append(_unanswered(rules, rules.birth))
    elif (today - birth).days < opening.after:
        day = birth + timedelta(days=opening.after)
        values = MappingProxyType({"day": day, "weeks": opening.after // 7})
        phrase = "opens_on" if opening.after >= 7 else "opens_soon"
        reasons.append(Reason("opens_on", "green", phrase, values, source=unlock.source))
    for name in opening.needs:
        truth = _holds(rules.needs[name], known, today)
        if truth is None:
            reasons.append(_unanswered(rules, rules.needs[name].question))
        elif not truth:
            reasons.append(Reason(name, "green", f"need_{name}", source=unlock.source))
    return reasons


def _word(clearances: Sequence[Clearance], exercise: str) -> Clearance | None:
    """Return the latest word about an exercise; of the same day, the last one given."""
    about = [c for c in clearances if c.exercises is None or exercise in c.exercises]
    return max(enumerate(about), key=lambda item: (item[1].day, item[0]))[1] if about else None


def _told(word: Clearance) -> Reason:
    kind = ("professional" if word.by else "someone") + ("_yes" if word.allows else "_no")
    values = MappingProxyType({"by": word.by, "note": word.note, "day": word.day})
    return Reason("professional", "green" if word.allows else "amber", kind, values)


# --- pain ------------------------------------------------------------------------------------------------------


def compare_pain(rule: PainRule, before: int | None, after: int | None) -> PainVerdict | None:
    """Return whether pain became clearly less or more; ``same`` within noise, None where not known."""
    return None if before is None or after is None else read_change(rule, before, after)


def read_change(rule: PainRule, before: float, after: float) -> PainVerdict:
    """Return how a change of pain is read.

    Less counts from ``points`` and from ``share`` of the value before; more counts from ``points`` alone, to err
    on the careful side.
    """
    if after - before >= rule.points:
        return "more"
    fell = before - after
    return "less" if fell >= rule.points and fell >= rule.share * before else "same"


def after_session(rules: SafetyRules, before: int | None, after: int | None) -> Reason | None:
    """Return a kind word where it hurts clearly more after a session, else None."""
    if compare_pain(rules.pain, before, after) != "more":
        return None
    return Reason("pain_more", "amber", "pain_more", source=rules.pain.source)
