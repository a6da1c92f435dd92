"""What came of work that a page waited for, or what stood in its way, in sentences."""

from __future__ import annotations

import logging
from typing import TypeVar

from posecheck.errors import PosecheckError
from posecheck.job import Job
from posecheck.ui.view import Words

T = TypeVar("T")
Trouble = tuple[str, str]
"""What stood in the way, and what to do next."""


def outcome(job: Job[T] | None, words: Words, failed: str) -> tuple[T | None, Trouble | None]:
    """Return the result of work that has ended, or the trouble it met; neither where it was stopped.

    Args:
        job: The work; None where it was taken away meanwhile.
        words: The page's sentences.
        failed: Phrase for a defect of ours; what to do next is under ``<failed>_next``.
    """
    try:
        return (job.result() if job else None), None
    except PosecheckError as e:
        return None, (e.message, e.hint)
    except Exception:
        logging.getLogger(__name__).exception("The work behind a page broke off")
        return None, (words(failed), words(f"{failed}_next"))
