"""The pages: thin Streamlit shells that read state, call posecheck and show."""
