"""Which language she reads and hears: the one she chose, else her browser's, else English."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from babel import Locale

from posecheck.ui.view import Words


def chosen_language(languages: Sequence[str]) -> str:
    """Return the language of this page, one of ``languages``."""
    chosen = str(st.session_state.get("pref_language", ""))
    return chosen if chosen in languages else best_language(st.context.locale, languages)


def best_language(locale: str | None, languages: Sequence[str]) -> str:
    """Return the language that a browser's locale such as ``ru-RU`` asks for, else English."""
    wanted = (locale or "").lower().replace("_", "-")
    fitting = [code for code in languages if f"{wanted}-".startswith(f"{code.lower()}-")]
    return max(fitting, key=len, default="en")


_page = st.components.v2.component(
    "posecheck.page",
    js="export default ({ data }) => { document.documentElement.lang = data.lang; };",
)


def tell_language(language: str) -> None:
    """Let the browser know the page's language, so that a screen reader speaks it."""
    with st.container(key="page"):
        _page(key="page-language", data={"lang": language})


def show_language_choice(words: Words, languages: Sequence[str], choose: Callable[[str], None]) -> None:
    """Offer every language under its own name, where there are several; ``choose`` gets the chosen one."""
    state, key = st.session_state, "choose-language"
    state[key] = words.language

    def changed() -> None:
        if state[key] is not None:  # tapping what is chosen already changes nothing
            choose(state[key])

    if len(languages) > 1:
        st.segmented_control(words("language"), languages, format_func=own_name, key=key, on_change=changed)


def own_name(language: str) -> str:
    """Return what a language calls itself."""
    name = Locale.parse(language).get_display_name(language) or language
    return name[0].upper() + name[1:]
