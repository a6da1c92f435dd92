"""The page router: `streamlit run app.py`, or the `posecheck` command."""

from pathlib import Path

import streamlit as st

from posecheck.ui import practice

# The icon is a file of ours: a named one would be fetched from a font server.
st.set_page_config(
    page_title="posecheck", page_icon=str(Path(practice.__file__).with_name("icon.svg")), layout="wide"
)
st.navigation([st.Page(practice.page, title="Practice", url_path="practice", default=True)], position="top").run()
