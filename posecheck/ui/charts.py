"""Charts in the house's look: two colours and their tints, light and dark, system fonts."""

from __future__ import annotations

import altair as alt
import streamlit as st

GREEN, AMBER, INK, SOFT, LINE = (f"var(--pc-{name})" for name in ("green", "amber-mark", "ink", "soft", "line"))
"""The colours of ``style.css`` by name: a chart is drawn as SVG, so it turns light and dark with the page."""

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
"""As in ``style.css``; its name would not do here: words are measured on a canvas that no style sheet reaches."""
_PADDING = {"left": 0, "right": 22, "top": 5, "bottom": 5}
"""Half a label stands beyond the last tick."""


def show_chart(chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> None:
    """Show a chart as wide as there is room."""
    words = {"labelColor": SOFT, "titleColor": SOFT, "labelFontSize": 14, "titleFontSize": 14}
    lines = {"gridColor": LINE, "domain": False, "tickColor": LINE}
    styled = (
        chart.configure(background="transparent", font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(**words, **lines, titleFontWeight="normal")
        .configure_legend(**words)
        .properties(usermeta={"embedOptions": {"renderer": "svg", "padding": _PADDING}})
    )
    st.altair_chart(styled, width="stretch", theme=None)
