"""The replay page in a real browser: the video and its timeline move together, of one clip and of two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright
from serving import PATIENCE_S, QUIET, note, wait_for

from posecheck.folders import samples_folder
from posecheck.library import Library
from posecheck.recording import load_recording, save_recording
from posecheck.uploads import MOST_MINUTES

pytestmark = [pytest.mark.browser, pytest.mark.model]

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"


@pytest.fixture(scope="module")
def page(chromium: Path, address: str) -> Iterator[Page]:
    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium), args=[*QUIET])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("request", lambda request: note(asked, request.url))
        page.goto(f"{address}/replay")
        yield page
        browser.close()
    assert not asked, f"the page asked for things from elsewhere: {asked}"


def choose_a_file(page: Page, library: Library, path: Path) -> Locator:
    """Upload a file; return the button that looks at it."""
    page.get_by_text(library.phrase("replay_from_file", "en"), exact=True).click()
    go = page.get_by_role("button", name=library.phrase("replay_go", "en"), exact=True)
    expect(go).to_be_disabled()  # until then it is the one that looks at a sample
    page.locator("input[type=file]").set_input_files(path)
    expect(go).to_be_enabled()
    return go


def look_at(page: Page, library: Library, path: Path) -> None:
    """Upload a file and wait until it is shown."""
    go = choose_a_file(page, library, path)
    go.click()
    expect(go).to_have_count(0)
    expect(page.locator("[data-test=ruler]")).to_be_visible(timeout=3 * PATIENCE_S * 1000)


def seconds(video: Locator) -> float:
    return float(video.evaluate("v => v.currentTime"))


def now(page: Page) -> float:
    return float(page.locator(".tl").get_attribute("data-now") or "nan")


def ready(video: Locator) -> None:
    wait_for(lambda: bool(video.evaluate("v => v.readyState >= 2 && v.duration > 0")), "the video did not load")


def click_at(page: Page, share: float) -> None:
    """Click into the ruler at a share of its width."""
    ruler = page.locator("[data-test=ruler]")
    ruler.scroll_into_view_if_needed()
    box = ruler.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def uploaded(cache: Path) -> set[Path]:
    """Return the files that visits have left in the cache so far."""
    return {path for path in cache.rglob("visit-*/*") if path.is_file()}


def test_a_clip_is_uploaded_and_its_video_follows_the_timeline(page: Page, library: Library, cache: Path) -> None:
    samples = samples_folder()
    assert samples is not None
    of_others = uploaded(cache)  # who has just left is forgotten a little later
    look_at(page, library, samples / "downdog.mp4")
    video = page.locator("video")
    ready(video)
    expect(page.locator("[data-row=said] button.mark").first).to_be_visible()

    # A click in the timeline: the video jumps.
    click_at(page, 0.75)
    wait_for(lambda: abs(seconds(video) - 4.5) < 0.1, f"the video did not jump, it is at {seconds(video)} s")
    assert now(page) == pytest.approx(4.5, abs=0.1)

    # What was said then is told beside its lane, and the measure's value has changed with the time.
    elbow = page.locator("[data-row^=elbow_angle] .value").first
    late = elbow.text_content()
    assert late
    assert late.endswith("°")
    page.locator("[data-row=said] button.mark").first.click()
    wait_for(lambda: abs(now(page) - 2.33) < 0.2, "a mark did not lead to its moment")
    wait_for(lambda: abs(seconds(video) - now(page)) < 0.1, "the video did not follow")

    # The keyboard alone.
    ruler = page.locator("[data-test=ruler]")
    ruler.press("Home")
    wait_for(lambda: seconds(video) < 0.05, "Home did not lead to the beginning")
    ruler.press("Shift+ArrowRight")
    wait_for(lambda: abs(seconds(video) - 1.0) < 0.1, "an arrow did not move it")
    assert float(ruler.get_attribute("aria-valuenow") or "nan") == pytest.approx(1.0, abs=0.1)
    ruler.press("PageDown")
    wait_for(lambda: now(page) > 2.0, "Page Down did not jump to what was said")

    # Played, the line moves along with the video, and so do the numbers, though the pointer rests in the timeline.
    click_at(page, 0.02)
    expect(page.locator(".ghost")).to_be_visible()
    ruler.press(" ")
    wait_for(lambda: now(page) > 0.4, "the timeline stood still while the video played")
    expect(page.locator(".ghost")).to_be_hidden()
    ruler.press(" ")
    wait_for(lambda: bool(video.evaluate("v => v.paused")), "the video did not pause")
    wait_for(lambda: abs(seconds(video) - now(page)) < 0.05, "the line is not where the video is")

    # Of what she gave, the video with the skeleton alone is there while she is.
    kept = sorted(path.suffix for path in uploaded(cache) - of_others)
    assert kept == [".mp4", ".npz"]


UNDRAWN_S = """
graph => {
  const box = graph.getBoundingClientRect(), svg = graph.querySelector("svg");
  const wide = [...graph.querySelectorAll(".hatch")].map(hatch => hatch.getBoundingClientRect().width);
  const strokes = graph.querySelector("path").getAttribute("d").split(/(?=M)/);
  const span = svg.viewBox.baseVal.width;
  for (const stroke of strokes) {
    const alone = svg.querySelector("path").cloneNode();
    alone.setAttribute("d", stroke);
    svg.append(alone);
    wide.push(alone.getBBox().width / span * box.width);
    alone.remove();
  }
  return (box.width - wide.reduce((a, b) => a + b, 0)) / box.width * span;
}
"""


def test_at_every_moment_a_measure_is_a_line_or_unseen(page: Page) -> None:
    """A line goes on from the last look that saw something to the first that did not, 0.2 s later."""
    graphs = page.locator(".track.graph").filter(has=page.locator("path"))
    assert page.locator(".track.graph .hatch").count() > 0
    undrawn = [graph.evaluate(UNDRAWN_S) for graph in graphs.all()]
    assert undrawn == pytest.approx([0.0] * len(undrawn), abs=0.02)


def kinds(page: Page, row: str) -> list[str]:
    """Return as what each recording's number beside a measure is coloured."""
    numbers = page.locator(f"[data-row={row}] .value > span")
    return [number.get_attribute("data-kind") or "" for number in numbers.all()]


def test_a_number_is_coloured_while_she_is_in_the_pose(page: Page) -> None:
    value = page.locator("[data-row=back_turn-near-neutral] .value")
    click_at(page, 0.2)
    expect(value).to_have_text(re.compile("[0-9]°"))
    assert kinds(page, "back_turn-near-neutral") == [""]
    click_at(page, 0.75)
    expect(value).to_have_text(re.compile("2[0-9]°"))
    assert kinds(page, "back_turn-near-neutral") == ["good"]


def test_every_time_of_the_ruler_is_written_within_it(page: Page) -> None:
    ruler = page.locator("[data-test=ruler]")
    right = "e => e.getBoundingClientRect().right"
    assert max(tick.evaluate(right) for tick in ruler.locator(".tick").all()) <= ruler.evaluate(right) + 1


def test_two_recordings_move_together_from_the_pose_on(page: Page, library: Library) -> None:
    page.get_by_role("button", name=library.phrase("replay_other", "en"), exact=True).click()
    look_at(page, library, RECORDINGS / "downdog_bad.npz")
    expect(page.locator("video")).to_have_count(2)
    first, second = page.locator("video").nth(0), page.locator("video").nth(1)
    ready(first)
    ready(second)
    starts = page.locator(".tl").evaluate("e => e.dataset.tracks")
    assert starts == "2"
    click_at(page, 0.7)
    wait_for(lambda: now(page) > 0.5, "the timeline did not move")

    def apart() -> float:
        return seconds(second) - seconds(first)

    # She came into the pose at 2.33 s here and at 2.47 s there.
    wait_for(lambda: abs(apart() - 0.133) < 0.07, f"they are {apart()} s apart")

    # Each number has its own colour; what rounds to nothing has no sign.
    assert kinds(page, "back_turn-near-neutral") == ["good", "cue"]
    page.mouse.move(5, 5)  # a pointer in the timeline asks for its own moment
    page.locator("[data-test=ruler]").press("Home")
    expect(page.locator("[data-row=head_angle-near] .value > span").nth(1)).to_have_text("0°")


def test_a_correction_leads_to_where_its_band_is_moved(page: Page, library: Library) -> None:
    lane = page.locator("[data-row=back_rounded]")
    lane.get_by_role("button", name=library.phrase("timeline_move", "en")).click()
    expect(page.get_by_role("heading", name=library.phrase("tune_title", "en"))).to_be_visible()
    page.get_by_role("button", name=library.phrase("waiting_stop", "en"), exact=True).click()
    page.get_by_role("link", name=library.phrase("nav_replay", "en")).click()
    expect(page.locator("video")).to_have_count(2)


def test_what_is_said_at_the_very_end_has_a_whole_mark(page: Page, library: Library, tmp_path: Path) -> None:
    page.get_by_role("button", name=library.phrase("replay_again", "en"), exact=True).click()
    told = load_recording(RECORDINGS / "downdog_bad.npz")
    save_recording(tmp_path / "short.npz", told[:70])  # corrected at 4.6 s, in the last picture
    look_at(page, library, tmp_path / "short.npz")
    mark, strip = page.locator("[data-row=said] .mark.cue"), page.locator("[data-row=said] .strip")
    middle = mark.evaluate("m => (m.getBoundingClientRect().left + m.getBoundingClientRect().right) / 2")
    assert middle + 10 <= strip.evaluate("s => s.getBoundingClientRect().right")


def half_an_hour(clip: Path, path: Path) -> Path:
    """Write a clip over and over, up to the longest that is taken in; its pictures are copied as they are."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as sink:
        video = source.streams.video[0]
        packets = [packet for packet in source.demux(video) if packet.pts is not None]
        assert packets[-1].time_base is not None
        ticks = max(
            packet.pts + packet.duration for packet in packets if packet.pts is not None and packet.duration
        )
        times = int(60 * MOST_MINUTES / (ticks * packets[-1].time_base))
        stream = sink.add_stream_from_template(video)
        for round_ in range(times):
            for packet in packets:
                again = av.Packet(bytes(packet))
                assert packet.pts is not None
                assert packet.dts is not None
                again.pts, again.dts = packet.pts + round_ * ticks, packet.dts + round_ * ticks
                again.time_base, again.is_keyframe, again.stream = packet.time_base, packet.is_keyframe, stream
                sink.mux(again)
    return path


def test_half_an_hour_is_stopped_at_once_and_leaves_nothing(
    page: Page, library: Library, cache: Path, tmp_path: Path
) -> None:
    samples = samples_folder()
    assert samples is not None
    before = uploaded(cache)
    page.get_by_role("button", name=library.phrase("replay_again", "en"), exact=True).click()
    evening = half_an_hour(samples / "cat_correct_dina.mp4", tmp_path / "evening.mp4")
    choose_a_file(page, library, evening).click()
    # It is being looked at: the time left is told, and the film is being drawn.
    expect(page.get_by_text(re.compile(r"about \d+ minutes left"))).to_be_visible(timeout=3 * PATIENCE_S * 1000)
    wait_for(lambda: len(uploaded(cache) - before) == 1, "nothing is being drawn")
    assert len([*cache.rglob("evening.mp4")]) == 1
    page.get_by_role("button", name=library.phrase("waiting_stop", "en"), exact=True).click()
    expect(page.get_by_text(library.phrase("replay_cancelled", "en"))).to_be_visible()
    wait_for(lambda: uploaded(cache) == before, "something of what was stopped is left")
    assert not [*cache.rglob("evening.mp4")]
