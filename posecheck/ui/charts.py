"""Charts in the house's look: two colours and their tints, light and dark, system fonts."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import streamlit as st

_COLOURS = {
    "light": {"green": "#38704f", "amber": "#b8740f", "ink": "#2e2a26", "soft": "#655c54", "line": "#e3d9ce"},
    "dark": {"green": "#93cfab", "amber": "#f4b350", "ink": "#f2ece5", "soft": "#bdb1a6", "line": "#3d3732"},
}
"""As in ``style.css``: a chart is drawn on a canvas that no style sheet reaches."""
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"


def colours() -> Mapping[str, str]:
    """Return the house's colours, as the page is light or dark."""
    return _COLOURS["dark" if st.context.theme.type == "dark" else "light"]


def show_chart(chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> None:
    """Show a chart as wide as there is room."""
    tones = colours()
    words = {"labelColor": tones["soft"], "titleColor": tones["soft"], "labelFontSize": 14, "titleFontSize": 14}
    lines = {"gridColor": tones["line"], "domain": False, "tickColor": tones["line"]}
    styled = (
        chart.configure(background="transparent", font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(**words, **lines, titleFontWeight="normal")
        .configure_legend(**words)
    )
    st.altair_chart(styled, width="stretch", theme=None)
