"""axe-core finds no serious fault on any page, light or dark, wide or narrow."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from posecheck.folders import cache_folder

pytestmark = [pytest.mark.browser, pytest.mark.model]

AXE = "axe-core@4.10.3"
AXE_SHA256 = "0f2b4d7dcdf7d1219df8d1959ad68e565f51d14c3f0d88bb71cd59abeb956292"
PAGES = ("", "practice", "progress", "settings", "replay", "tune")
PATIENCE_MS = 90_000


@pytest.fixture(scope="session")
def axe(lack: Callable[[str, str, str], Any]) -> str:
    """Return axe-core's source, fetched once by npm; skipped offline, required where browsers are."""
    folder = cache_folder() / "axe"
    packed = folder / "axe-core-4.10.3.tgz"
    if not packed.is_file() and shutil.which("npm"):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", AXE], cwd=folder, capture_output=True, check=False, timeout=120)
    if not packed.is_file():
        lack("POSECHECK_REQUIRE_BROWSER", "axe-core", "It is fetched by npm; go online once.")
    assert hashlib.sha256(packed.read_bytes()).hexdigest() == AXE_SHA256, f"{packed} is not {AXE}"
    with tarfile.open(packed) as archive:
        source = archive.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", PAGES, ids=lambda name: name or "today")
def test_no_serious_fault(browser: Browser, address: str, axe: str, name: str, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/{name}")
    page.wait_for_selector("h1")
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=PATIENCE_MS)
    page.evaluate(axe)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    context.close()
    serious = [
        (fault["id"], fault["help"], [node["html"] for node in fault["nodes"]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []
