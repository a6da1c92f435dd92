"""Questions from ``safety.yaml`` as she meets them: numbers to tap, lines to tick, one line to choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import streamlit as st

from posecheck.diary import Answers
from posecheck.safety import Question
from posecheck.ui.frame import escape
from posecheck.ui.view import Words

SCALE = tuple(range(11))
_OLDEST = timedelta(days=365 * 6)


def ask(questions: Sequence[Question], words: Words, *, today: date, told: Answers, key: str) -> Answers:
    """Show questions and return what is answered so far.

    Args:
        questions: In this order.
        words: The page's sentences.
        today: No date lies after it.
        told: What stands in the fields at first.
        key: What sets these fields apart from others that ask the same.
    """
    answers: dict[str, str | int | Sequence[str]] = {}
    for question in questions:
        with st.container(key=f"ask-{key}-{question.id}"):
            answer = _ask(question, words, today, told.get(question.id), f"{key}-{question.id}")
        if answer is not None:
            answers[question.id] = answer
    return answers


def ask_pain(label: str, words: Words, *, key: str, told: object = None) -> int | None:
    """Show the numbers from 0 to 10 and return the one she tapped."""
    chosen = st.segmented_control(
        label, SCALE, key=key, default=told if isinstance(told, int) else None, format_func=str
    )
    st.html(
        f'<div class="pc-ends pc-soft" aria-hidden="true"><span>{words("scale_none")}</span>'
        f"<span>{words('scale_most')}</span></div>"
    )
    return int(chosen) if chosen is not None else None


def _ask(
    question: Question, words: Words, today: date, told: object, key: str
) -> str | int | Sequence[str] | None:
    label = words(f"ask_{question.id}")
    if question.kind == "scale":
        return ask_pain(label, words, key=key, told=told)
    if question.kind == "date":
        return _ask_date(label, words, today, told, key)

    def option(name: str) -> str:
        return words(f"answer_{question.id}_{name}")

    if question.kind == "choice":
        index = question.options.index(told) if isinstance(told, str) and told in question.options else None
        return st.radio(label, question.options, index=index, format_func=option, key=key)
    return _ask_several(question, label, option, told, key)


def _ask_date(label: str, words: Words, today: date, told: object, key: str) -> str | None:
    value = date.fromisoformat(told) if isinstance(told, str) else None
    # Streamlit writes "dd/mm/yyyy" in every language: style.css puts these in its place.
    gaps = "".join(f'--pc-{part}: "{escape(words(f"date_{part}"))}"; ' for part in ("day", "month", "year"))
    st.html(f"<style>:root {{ {gaps}}}</style>")
    chosen = st.date_input(
        label, value=value, min_value=today - _OLDEST, max_value=today, format="DD/MM/YYYY", key=key
    )
    return chosen.isoformat() if isinstance(chosen, date) else None


def _ask_several(
    question: Question, label: str, option: Callable[[str], str], told: object, key: str
) -> Sequence[str] | None:
    state = st.session_state
    known = set(told) if isinstance(told, (list, tuple)) else set()
    for name in question.options:
        state.setdefault(f"{key}-{name}", name in known)

    def tick(name: str) -> None:
        # "None of these" and the others exclude each other: the last one ticked holds.
        if state[f"{key}-{name}"]:
            for other in question.options:
                if other != name and question.nothing in (name, other):
                    state[f"{key}-{other}"] = False

    st.html(f'<h3 class="pc-ask">{escape(label)}</h3>')
    ticked = [
        name
        for name in question.options
        if st.checkbox(option(name), key=f"{key}-{name}", on_change=tick, args=(name,))
    ]
    return ticked or None
