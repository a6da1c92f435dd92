"""What every definition file is made of: its base, and the kinds of values under its keys."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from string import Formatter
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

MAX_CUE_WORDS = 9
"""Longest cue (design note, look and voice)."""


class Model(BaseModel):
    """Base of every definition: no unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def changed(self, **changes: object) -> Self:
        """Return the definition with other values under some keys, checked as if it were read from a file."""
        return type(self).model_validate({name: getattr(self, name) for name in type(self).model_fields} | changes)


class PlacedError(ValueError):
    """A fault of the part of a file that ``at`` leads to, from where it was found."""

    def __init__(self, message: str, *at: str | int) -> None:
        super().__init__(message)
        self.at = at


def suggest(word: str, known: list[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def unknown_exercise(name: str, known: Collection[str]) -> str:
    """Return what to say of the id of an exercise that there is not."""
    return f"unknown exercise '{name}'." + (suggest(name, list(known)) or f" Known: {', '.join(known)}.")


def gaps(sentence: str) -> set[str]:
    """Return the names of the gaps that a sentence leaves for values, such as ``{seconds}``.

    Raises:
        ValueError: where a brace has no partner.
    """
    try:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
    except ValueError as error:
        raise ValueError(f"a brace has no partner in '{sentence}'") from error


def with_keys(*keys: str) -> AfterValidator:
    """Return a check that a mapping has at least these keys: the program looks them up."""

    def check(mapping: dict[str, object]) -> dict[str, object]:
        missing = [key for key in keys if key not in mapping]
        if missing:
            raise ValueError(f"missing key {', '.join(map(repr, missing))}")
        return mapping

    return AfterValidator(check)


def _seconds(value: object) -> float:
    if isinstance(value, str):
        match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|s|min)\s*", value)
        if match:
            return float(match[1]) * {"ms": 0.001, "s": 1.0, "min": 60.0}[match[2]]
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        raise ValueError(f"expected a duration with a unit, such as '{value} s'")
    got = "nothing" if value is None else repr(value)
    raise ValueError(f"expected a duration with a unit, such as '1.5 s', '800 ms' or '2 min', got {got}")


def _by_language(text: object) -> object:
    if not isinstance(text, str):
        return text
    raise ValueError(f"expected a sentence for each language, such as {{en: {text!r}}}")


def _has_english(text: dict[str, str]) -> dict[str, str]:
    if "en" not in text:
        raise ValueError("needs a sentence in English, under 'en'")
    for language, sentence in text.items():
        if not sentence.strip():
            raise ValueError(f"the sentence under '{language}' is empty")
        gaps(sentence)
    return text


def _short(text: dict[str, str]) -> dict[str, str]:
    for language, sentence in text.items():
        words = len(re.findall(r"[\w'’]+", sentence))
        if words > MAX_CUE_WORDS:
            raise ValueError(f"the cue under '{language}' has {words} words; at most {MAX_CUE_WORDS} can be heard")
    return text


Seconds = Annotated[
    float,
    BeforeValidator(_seconds, json_schema_input_type=str),
    Field(json_schema_extra={"type": "string", "pattern": r"^[0-9.]+ ?(ms|s|min)$"}),
]
SLUG = r"^[a-z][a-z0-9_]*$"
"""What an id looks like."""
Slug = Annotated[str, Field(pattern=SLUG)]
Text = Annotated[dict[str, str], BeforeValidator(_by_language), AfterValidator(_has_english)]
Cue = Annotated[Text, AfterValidator(_short)]
