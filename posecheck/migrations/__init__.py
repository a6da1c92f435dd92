"""How a history of an older posecheck becomes one of this; run by ``posecheck.history`` alone."""
