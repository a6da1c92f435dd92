"""The page router: `streamlit run app.py`, or the `posecheck` command."""

from pathlib import Path

import streamlit as st

from posecheck.ui import practice, progress, replay, router, settings, today, tune

# The icon is a file of ours: a named one would be fetched from a font server.
st.set_page_config(page_icon=str(Path(router.__file__).with_name("icon.svg")), layout="wide")
router.show(
    {
        "today": today.page,
        "practice": practice.page,
        "progress": progress.page,
        "settings": settings.page,
        "replay": replay.page,
        "tune": tune.page,
    }
)
