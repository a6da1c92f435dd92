"""What ``routines/safety.yaml`` may say: questions, restrictions, when exercises open, how pain is read.

Every number is in that file beside its source; ``screening`` is where answers meet these rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from posecheck.fields import Model, PlacedError, Slug, suggest, unknown_exercise, with_keys

Colour = Literal["green", "amber", "red"]
Asked = Literal["first_run", "session"]


def _days(value: object) -> int:
    if isinstance(value, str):
        number, _, unit = value.strip().partition(" ")
        per = {"day": 1, "days": 1, "week": 7, "weeks": 7}.get(unit.strip())
        if number.isdecimal() and per:
            return int(number) * per
    raise ValueError("expected a time in days or weeks, such as '14 days' or '6 weeks'")


Days = Annotated[
    int,
    BeforeValidator(_days, json_schema_input_type=str),
    Field(json_schema_extra={"type": "string", "pattern": r"^[0-9]+ (day|days|week|weeks)$"}),
]


class Question(Model):
    """Something to ask her.

    Its sentences are the phrases ``ask_<id>``, for its options ``answer_<id>_<option>``, and while it is not
    answered ``unanswered_<id>``.

    Attributes:
        id: Key of the answer.
        asked: Once at first and changeable later, or before each session.
        kind: A date, one option, any of several options, or a number from 0 to 10.
        options: What can be chosen.
        nothing: The option among several that says none of the others applies.
        unsure: The options that say she does not know: as good as no answer.
        settled: The options that settle it: once chosen, it is not asked again before each session.
        looks_back: The options that speak of an earlier session, offered once there was one.
        again: While its answer keeps something closed, it is asked again so long after: stitches heal.
        source: What it rests on.
    """

    id: Slug
    asked: Asked
    kind: Literal["date", "choice", "several", "scale"]
    options: tuple[Slug, ...] = ()
    nothing: Slug | None = None
    unsure: tuple[Slug, ...] = ()
    settled: tuple[Slug, ...] = ()
    looks_back: tuple[Slug, ...] = ()
    again: Days | None = None
    source: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        chosen = self.kind in ("choice", "several")
        if chosen and len(self.options) < 2:
            raise ValueError(f"a question of kind '{self.kind}' needs at least two options")
        if not chosen and self.options:
            raise PlacedError(f"a question of kind '{self.kind}' has no options", "options")
        if (self.kind == "several") != (self.nothing is not None):
            raise ValueError("'nothing' names the option for \"none of these\": for 'several', and only there")
        for name in filter(None, (self.nothing, *self.unsure, *self.settled, *self.looks_back)):
            if name not in self.options:
                raise ValueError(f"'{name}' is not among the options")
        return self


class When(Model):
    """Something known from the answers: true, false, or unknown where the question is not answered.

    Attributes:
        question: Whose answer.
        any: True where one of these options is chosen.
        min: True where the number is at least this.
        max: True where the number is at most this.
        within: For a date: true until so long after it.
    """

    question: Slug
    any: tuple[Slug, ...] = ()
    min: int | None = Field(default=None, ge=0, le=10)
    max: int | None = Field(default=None, ge=0, le=10)
    within: Days | None = None


class Rule(Model):
    """A restriction; it holds unless one of its conditions is known to be false.

    Its sentence is the phrase ``rule_<id>``.

    Attributes:
        id: Key of its sentence.
        when: All of these.
        colour: Red: no exercise at all. Amber: with care. Green: worth a word only.
        only: While it holds, only these exercises stay open.
        hides: While it holds, these exercises are not open.
        gentle: Everything is done in its gentlest form.
        professional: A professional's word may lift it.
        contact: The phrase ``contact_<contact>`` says whom to turn to.
        source: What it rests on.
    """

    id: Slug
    when: tuple[When, ...] = Field(min_length=1)
    colour: Colour
    only: tuple[Slug, ...] | None = None
    hides: tuple[Slug, ...] = ()
    gentle: bool = Field(default=False, strict=True)
    professional: bool = Field(default=False, strict=True)
    contact: Slug | None = None
    source: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.colour == "red" and (self.only is not None or self.hides or self.professional):
            raise ValueError(
                "a red rule closes every exercise, and no word lifts it: leave out only, hides, professional"
            )
        if self.colour == "red" and self.contact is None:
            raise ValueError("a red rule says whom to turn to: give 'contact'")
        return self


class Opening(Model):
    """When an exercise opens.

    Attributes:
        after: So long after the birth.
        needs: Names of ``needs`` that must be known to hold.
    """

    after: Days
    needs: tuple[Slug, ...] = ()


class Unlock(Model):
    """When an exercise opens after a birth without complications, and after another."""

    plain: Opening
    careful: Opening
    source: str


class PainRule(Model):
    """How pain from 0 to 10 is read.

    Attributes:
        points: A change of fewer points is noise.
        share: A fall by a smaller share of the value before is noise too.
        more_twice: After so many sessions with clearly more pain, within ``among``, some days of rest and a
            professional's advice are suggested.
        among: The latest sessions looked at.
        first: The course compares the median before the first so many sessions ...
        latest: ... with the median before the latest so many.
        source: What it rests on.
    """

    points: int = Field(ge=1, le=10)
    share: float = Field(gt=0, lt=1)
    more_twice: int = Field(ge=1)
    among: int = Field(ge=1)
    first: int = Field(ge=1)
    latest: int = Field(ge=1)
    source: str


class StopWord(Model):
    """A reason to stop at once; phrases ``stop_<id>`` and ``stop_<id>_do``.

    Attributes:
        id: Key of its sentences and of the history.
        contact: The phrase ``contact_<contact>`` says whom to turn to.
        eases: Whether the next sessions go easier because of it, and this one is not gone on with; what the baby
            needs does neither.
        source: What it rests on.
    """

    id: Slug
    contact: Slug | None = None
    eases: bool = Field(default=True, strict=True)
    source: str


class SafetyRules(Model):
    """Everything in ``routines/safety.yaml``.

    Attributes:
        questions: What is asked, in this order.
        rules: Restrictions, by what they look at.
        birth: The question with the baby's date of birth.
        careful: Any of these, known or unknown, makes a birth one to be careful after.
        needs: Name -> what must be known to hold; phrase ``need_<name>``.
        unlock: Exercise -> when it opens; ``default`` for any other.
        pain: How pain is read.
        stop: Reasons to stop at once.
        sources: Mark -> where it is from.
    """

    schema_: Literal["posecheck/safety@1"] = Field(alias="schema")
    questions: tuple[Question, ...] = Field(min_length=1)
    rules: tuple[Rule, ...] = Field(min_length=1)
    birth: Slug
    careful: tuple[When, ...] = Field(min_length=1)
    needs: dict[Slug, When]
    unlock: Annotated[dict[Slug, Unlock], with_keys("default")]
    pain: PainRule
    stop: tuple[StopWord, ...] = Field(min_length=1)
    sources: dict[str, str] = Field(min_length=1)

    @property
    def easing(self) -> frozenset[str]:
        """Ids of the reasons to stop because of which the next sessions go easier."""
        return frozenset(word.id for word in self.stop if word.eases)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for part in ("questions", "rules", "stop"):
            ids = [item.id for item in getattr(self, part)]
            for i, name in enumerate(ids):
                if name in ids[:i]:
                    raise PlacedError(f"the id '{name}' is taken; ids must differ", part, i, "id")
        if self.birth not in {q.id for q in self.questions if q.kind == "date"}:
            raise PlacedError(f"'{self.birth}' is not a question of kind 'date'", "birth")
        for when, at in self._conditions():
            self._check_condition(when, at)
        for name, unlock in self.unlock.items():
            for course in ("plain", "careful"):
                for i, need in enumerate(getattr(unlock, course).needs):
                    if need not in self.needs:
                        message = f"unknown need '{need}'.{suggest(need, list(self.needs))}"
                        raise PlacedError(message.removesuffix("."), "unlock", name, course, "needs", i)
        return self

    def _conditions(self) -> Iterator[tuple[When, tuple[str | int, ...]]]:
        for i, rule in enumerate(self.rules):
            for j, when in enumerate(rule.when):
                yield when, ("rules", i, "when", j)
        for i, when in enumerate(self.careful):
            yield when, ("careful", i)
        for name, when in self.needs.items():
            yield when, ("needs", name)

    def _check_condition(self, when: When, at: tuple[str | int, ...]) -> None:
        known = {q.id: q for q in self.questions}
        question = known.get(when.question)
        if question is None:
            message = f"unknown question '{when.question}'.{suggest(when.question, list(known))}".removesuffix(".")
            raise PlacedError(message, *at, "question")
        number = when.min is not None or when.max is not None
        fits = {
            "date": when.within is not None and not when.any and not number,
            "scale": number and not when.any and when.within is None,
        }.get(question.kind, bool(when.any) and not number and when.within is None)
        if not fits:
            wanted = {"date": "'within'", "scale": "'min' or 'max'"}.get(question.kind, "'any'")
            raise PlacedError(f"'{question.id}' is a question of kind '{question.kind}': give {wanted}", *at)
        for i, option in enumerate(when.any):
            if option not in question.options:
                message = f"'{question.id}' has no option '{option}'.{suggest(option, list(question.options))}"
                raise PlacedError(message.removesuffix("."), *at, "any", i)

    def misfits(self, exercises: Collection[str]) -> list[tuple[tuple[str | int, ...], str]]:
        """Return every name of an exercise that is none: where it stands in the file, and the sentence."""
        named: list[tuple[tuple[str | int, ...], str]] = [
            (("rules", i, key, j), name)
            for i, rule in enumerate(self.rules)
            for key, names in (("only", rule.only or ()), ("hides", rule.hides))
            for j, name in enumerate(names)
        ]
        named += [(("unlock", name), name) for name in self.unlock if name != "default"]
        return [(at, unknown_exercise(name, exercises)) for at, name in named if name not in exercises]

    def cited(self, source: str) -> tuple[str, ...]:
        """Return in full what a ``source`` names by its codes; our own notes stand for what they cite in turn."""
        codes = [code for code in self.sources if re.search(rf"\b{code}\b", source)]
        notes = " ".join(self.sources[code] for code in codes)
        codes += [code for code in self.sources if re.search(rf"\b{code}\b", notes)]
        return tuple(dict.fromkeys(text for code in codes if not (text := self.sources[code]).startswith(_NOTE)))

    def phrases(self) -> tuple[str, ...]:
        """Return the id of every phrase that these rules may say."""
        out = [f"ask_{q.id}" for q in self.questions]
        out += [f"unanswered_{q.id}" for q in self.questions]
        out += [f"answer_{q.id}_{option}" for q in self.questions for option in q.options]
        out += [f"rule_{rule.id}" for rule in self.rules] + [f"need_{name}" for name in self.needs]
        out += [f"stop_{word.id}{end}" for word in self.stop for end in ("", "_do")]
        contacts = [rule.contact for rule in self.rules] + [word.contact for word in self.stop]
        out += [f"contact_{contact}" for contact in contacts if contact]
        return (*dict.fromkeys(out), *SAID)


_NOTE = "design note"
"""What is no publication begins with this among the sources."""

SAID = (
    "opens_on", "opens_soon", "birth_ahead", "professional_yes", "professional_no", "someone_yes", "someone_no",
    "pain_more",
)  # fmt: skip
"""The phrases said here that no id of the file names."""
