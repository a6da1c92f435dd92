"""Sentences of another language laid over a definition, which holds its English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from posecheck.coaching import Translation
from posecheck.definitions import build, line_of, parse
from posecheck.errors import DefinitionError
from posecheck.fields import Model, gaps

M = TypeVar("M", bound=Model)

Address = tuple[str | int, ...]
"""Where a text stands in a definition: keys, and for an item of a list its id, or its number where it has none."""


def phrase_fault(
    name: str, sentence: str, known: Mapping[str, str] | None, language: str, place: Path | None
) -> str | None:
    """Return what does not fit between a sentence, its other places and its English, or None."""
    if place is not None:
        return f"the id is taken, see {place.name}"
    if language == "en":
        return None
    if known is None:
        return "English has no such phrase"
    return _gap_fault(sentence, known["en"])


def _gap_fault(sentence: str, english: str) -> str | None:
    ours, theirs = gaps(sentence), gaps(english)
    for gap in sorted(ours ^ theirs):
        return f"has no {{{gap}}}, English has" if gap in theirs else f"has {{{gap}}}, English has not"
    return None


def translate(path: Path, folder: Path, document: Any, kind: type[M]) -> M:
    """Return the definition ``document`` with the sentences of one translation laid over it."""
    language = path.relative_to(folder / "languages").parts[0]
    translation = parse(path)
    build(path, translation, Translation)
    known = dict(texts(document))
    faults = []
    for at, sentence in _leaves({key: value for key, value in translation.items() if key != "schema"}):
        fault = None if at in known else "the definition has no such text"
        fault = fault or _gap_fault(sentence, known[at]["en"])
        if fault:
            faults.append(f"{path}:{line_of(translation, at)}: {dotted(at)}: {fault}")
        else:
            known[at][language] = sentence
    try:
        built = kind.model_validate(document)
    except ValidationError as error:
        for e in error.errors():
            at = _address(document, e["loc"])
            known[at].pop(language, None)
            message = str(e["msg"]).removeprefix("Value error, ")
            faults.append(f"{path}:{line_of(translation, at)}: {dotted(at)}: {message}")
    if faults:
        raise DefinitionError(sorted(faults))
    return built


def texts(node: Any, at: Address = ()) -> Iterator[tuple[Address, dict[str, str]]]:
    """Yield every ``{en: ...}`` of a definition, as written or as read, with its address."""
    if isinstance(node, BaseModel):
        node = {name: getattr(node, name) for name in type(node).model_fields}
    if isinstance(node, dict) and isinstance(node.get("en"), str):
        yield at, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from texts(value, (*at, str(key)))
    elif isinstance(node, (list, tuple)):
        for number, item in enumerate(node):
            yield from texts(item, (*at, _item_key(item, number)))


def _item_key(item: Any, number: int) -> str | int:
    name = item.get("id") if isinstance(item, Mapping) else getattr(item, "id", None)
    return name if isinstance(name, str) else number


def _leaves(node: Any, at: Address = ()) -> Iterator[tuple[Address, str]]:
    if isinstance(node, str):
        yield at, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, (*at, str(key)))
    else:
        for number, item in enumerate(node):
            yield from _leaves(item, (*at, number))


def _address(document: Any, loc: tuple[int | str, ...]) -> Address:
    """Return the address of the place in a definition that pydantic calls ``loc``."""
    at: Address = ()
    for key in loc:
        document = document[key]
        at = (*at, _item_key(document, key) if isinstance(key, int) else key)
    return at


def dotted(at: Address) -> str:
    """Return an address as it is written, such as ``checks.elbows_bent.say``."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in at).removeprefix(".")
