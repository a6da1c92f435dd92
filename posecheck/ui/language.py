"""Which language she reads and hears: the one she chose, else her browser's, else English."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


def chosen_language(languages: Sequence[str]) -> str:
    """Return the language of this page, one of ``languages``."""
    chosen = str(st.session_state.get("language"))
    return chosen if chosen in languages else best_language(st.context.locale, languages)


def best_language(locale: str | None, languages: Sequence[str]) -> str:
    """Return the language that a browser's locale such as ``ru-RU`` asks for, else English."""
    wanted = (locale or "").lower().replace("_", "-")
    fitting = [code for code in languages if f"{wanted}-".startswith(f"{code.lower()}-")]
    return max(fitting, key=len, default="en")
