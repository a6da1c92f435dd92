"""What the documentation points at is there, and the tour of the house leaves out no room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link.partition("#")[0]).exists()]
    assert not missing


def test_the_tour_of_the_house_shows_every_room_once() -> None:
    tour = (ROOT / "docs" / "inside.md").read_text(encoding="utf-8")
    floors = re.search(r"## The floors\n(.*?)\n## ", tour, re.DOTALL)
    assert floors is not None
    rows = re.findall(r"^\| [^|]+ \|(.*)\|$", floors[1], re.MULTILINE)
    named = [room for row in rows for room in re.findall(r"`([a-z_]+(?:\.py|/))`", row)]
    files = {path.name for path in (ROOT / "posecheck").glob("[!_]*.py")}
    folders = {f"{path.parent.name}/" for path in (ROOT / "posecheck").glob("*/__init__.py")}
    assert sorted(named) == sorted(files | folders)
