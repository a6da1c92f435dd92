"""Which language she reads and hears: the one she chose, else her browser's, else English."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


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
