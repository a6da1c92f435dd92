"""posecheck: gentle, private pose feedback for back exercises after childbirth."""

__version__ = "0.1.0"
