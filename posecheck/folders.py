"""Where things lie on this computer: definitions, sample clips, the user's cache."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from posecheck.errors import DefinitionError

_PACKAGE = Path(__file__).resolve().parent


def routines_folder() -> Path:
    """Return the folder of definitions: the checkout's ``routines/``, else the copy inside the wheel.

    ``POSECHECK_ROUTINES`` names another one.

    Raises:
        DefinitionError: where that is no folder.
    """
    named = os.environ.get("POSECHECK_ROUTINES")
    if named:
        if not Path(named).is_dir():
            raise DefinitionError(
                [f"POSECHECK_ROUTINES names {named}, which is no folder. Correct it, or unset it."]
            )
        return Path(named)
    checkout = _PACKAGE.parent / "routines"
    return checkout if _in_checkout() and checkout.is_dir() else _PACKAGE / "routines"


def samples_folder() -> Path | None:
    """Return the checkout's folder of sample clips, or None where posecheck was installed without them."""
    samples = _PACKAGE.parent / "sample_videos"
    return samples if _in_checkout() and samples.is_dir() else None


def cache_folder() -> Path:
    """Return the user's cache folder for posecheck; it need not exist yet."""
    return user_cache_path("posecheck", appauthor=False)


def data_folder() -> Path:
    """Return the folder of what posecheck remembers for the user; it need not exist yet."""
    return user_data_path("posecheck", appauthor=False)


def recordings_folder() -> Path:
    """Return the folder of the seconds before corrections that she called wrong; it need not exist."""
    return data_folder() / "recordings"


def practices_folder() -> Path:
    """Return the folder of the practices she recorded, a folder for each person in it; it need not exist."""
    return data_folder() / "practices"


def own_bands_folder() -> Path:
    """Return the folder of a person's own bands, one file an exercise; it need not exist.

    ``POSECHECK_BANDS`` names another one.
    """
    named = os.environ.get("POSECHECK_BANDS")
    return Path(named) if named else data_folder() / "bands"


def _in_checkout() -> bool:
    # Beside an installed package lies site-packages, where a folder named "routines" is somebody else's.
    return (_PACKAGE.parent / "pyproject.toml").is_file()
