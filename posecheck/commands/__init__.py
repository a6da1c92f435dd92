"""The commands of ``posecheck``, a module for each concern; ``posecheck.cli`` puts them together."""
