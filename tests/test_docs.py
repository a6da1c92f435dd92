"""What the documentation points at is there, and the tour of the house leaves out no room."""

from __future__ import annotations

import re
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "sample_videos" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link.partition("#")[0]).exists()]
    assert not missing


def rooms() -> list[list[str]]:
    """The rooms of each floor as the tour names them, from the top."""
    tour = (ROOT / "docs" / "inside.md").read_text(encoding="utf-8")
    floors = re.search(r"## The floors\n(.*?)\n## ", tour, re.DOTALL)
    assert floors is not None
    rows = re.findall(r"^\| [^|]+ \|(.*`.*)\|$", floors[1], re.MULTILINE)
    return [re.findall(r"`([a-z_]+(?:\.py|/))`", row) for row in rows]


def test_the_tour_of_the_house_shows_every_room_once() -> None:
    named = [room for floor in rooms() for room in floor]
    files = {path.name for path in (ROOT / "posecheck").glob("[!_]*.py")}
    folders = {f"{path.parent.name}/" for path in (ROOT / "posecheck").glob("*/__init__.py")}
    assert sorted(named) == sorted(files | folders)


def test_no_import_leads_up_the_floors_of_the_tour() -> None:
    floor_of = {re.split(r"\.py|/", room)[0]: i for i, floor in enumerate(rooms()) for room in floor}
    house = grimp.build_graph("posecheck", cache_dir=None)
    imports = [
        (room.split(".")[1], other.split(".")[1])
        for room in house.modules - {"posecheck", "posecheck.__main__"}
        for other in house.find_modules_directly_imported_by(room) - {"posecheck"}
    ]
    assert len(imports) > 500
    assert not [(room, other) for room, other in imports if floor_of[other] < floor_of[room]]
