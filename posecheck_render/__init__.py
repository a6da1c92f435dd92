"""Rendered people with known joints: the clips of ``sample_videos/`` and larger sets for measuring.

The trainer never imports this package and this package imports nothing of the trainer.
"""
