"""The page router: `streamlit run app.py`, or the `posecheck` command."""

from pathlib import Path

import streamlit as st

from posecheck.ui import frame, practice, replay

# The icon is a file of ours: a named one would be fetched from a font server.
st.set_page_config(page_icon=str(Path(frame.__file__).with_name("icon.svg")), layout="wide")
frame.show({"practice": practice.page, "replay": replay.page})
