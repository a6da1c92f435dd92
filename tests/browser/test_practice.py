"""The practice page in a real browser, with a clip in the place of the camera and the voice written down."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pages import introduce
from playwright.sync_api import Browser, Page, expect, sync_playwright
from serving import PATIENCE_S, QUIET, note, serve_well, wait_for
from serving import start as start_server

from posecheck.diary import PastSession
from posecheck.folders import routines_folder, samples_folder
from posecheck.history import History
from posecheck.library import Library
from posecheck.spec import Exercise

pytestmark = [pytest.mark.browser, pytest.mark.model]

STAY_S = 30
FPS = 15
PLAYED_FPS = 30  # at which Chromium plays a film without times, whatever its own

# No sound on a test machine: what would be spoken and chimed is written down instead.
EAVESDROP = """
window.spoken = [];
window.chimed = 0;
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [{ lang: "en-GB", localService: true, default: true }],
  speak: (utterance) => {
    window.spoken.push(utterance.text);
    setTimeout(() => utterance.onend && utterance.onend(), 900);
  },
  cancel: () => {},
} });
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.chimed += 1; return start.apply(this, when); };
"""


@pytest.fixture(scope="module")
def address(model: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the app with a history of its own: what is practised here is no page's of another test."""
    with serve_well(tmp_path_factory.mktemp("practised"), model, cache) as at:
        yield at


@pytest.fixture(scope="module")
def camera_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film for Chromium's fake camera: into a downward dog, her step squeezed too short, and staying."""
    samples = samples_folder()
    assert samples is not None
    path = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    with av.open(str(samples / "downdog.mp4")) as clip, path.open("wb") as film:
        for frame in clip.decode(video=0):
            picture = squeeze(cast("NDArray[np.uint8]", frame.to_ndarray(format="bgr24")))
            still = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
            film.write(still * (PLAYED_FPS // FPS))
        film.write(still * (STAY_S * PLAYED_FPS))
    return path


def squeeze(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture at two thirds of its width, in a frame of its size."""
    height, width = picture.shape[:2]
    narrow = cv2.resize(picture, (width * 13 // 20, height))
    out = np.full_like(picture, 200)
    left = (width - narrow.shape[1]) // 2
    out[:, left : left + narrow.shape[1]] = narrow
    return out


@pytest.fixture
def browse(chromium: Path, camera_file: Path) -> Iterator[Callable[..., Page]]:
    """Open pages in a browser whose camera is the film, or that refuses it."""
    with sync_playwright() as play:
        opened: list[Browser] = []

        def open_page(address: str, *, camera: bool = True) -> Page:
            film = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera_file}"]
            leave = "--use-fake-ui-for-media-stream" if camera else "--deny-permission-prompts"
            browser = play.chromium.launch(executable_path=str(chromium), args=[*QUIET, *film, leave])
            opened.append(browser)
            context = browser.new_context(
                viewport={"width": 1280, "height": 720}, permissions=["camera"] if camera else []
            )
            context.add_init_script(EAVESDROP)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            page.on("request", lambda request: note(asked, request.url))
            page.goto(address)
            return page

        asked: list[str] = []
        yield open_page
        for browser in opened:
            browser.close()
    assert not asked, f"the page asked for things from elsewhere: {asked}"


def spoken(page: Page) -> list[str]:
    return list(page.evaluate("window.spoken"))


def number(page: Page) -> int:
    text = page.locator("[data-test=number]").text_content() or ""
    return int(text) if text.isdigit() else -1


def test_from_start_to_stop_without_touching_the_keyboard(
    address: str, browse: Callable[..., Page], library: Library, exercise: Callable[[str], Exercise]
) -> None:
    dog = exercise("downward_dog")
    page = browse(f"{address}/practice")
    page.get_by_role("button", name=dog.name["en"], exact=True).press("Enter")
    expect(page.get_by_text(dog.framing.camera["en"])).to_be_visible()
    page.get_by_role("button", name=library.phrase("start", "en"), exact=True).press("Enter")

    # The picture comes, mirrored for her by style alone.
    video = page.frame_locator("iframe").locator("video")
    expect(video).to_be_visible()
    wait_for(lambda: bool(video.evaluate("v => v.videoWidth > 0 && !v.paused")), "no picture came back")
    assert video.evaluate("v => getComputedStyle(v).transform") == "matrix(-1, 0, 0, 1, 0, 0)"

    # She goes into the pose: the seconds rise.
    held = library.phrase("clock_runs", "en")
    wait_for(lambda: held in (page.locator("[data-test=title]").text_content() or ""), "the hold never counted")
    first = number(page)
    wait_for(lambda: number(page) > max(first, 0), "the held seconds did not rise")

    # Her step is too short: she hears what to do, and can read it.
    said = {check.say["en"] for check in dog.checks}
    wait_for(lambda: bool(said & set(spoken(page))), "no cue was spoken")
    assert page.locator("[data-test=cue]").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 56
    assert page.evaluate("window.chimed") > 0

    # Reruns of the page repeat nothing: what was heard stays heard once.
    before = spoken(page)
    page.get_by_text(library.phrase("voice_quiet", "en"), exact=True).click()
    time.sleep(1.5)
    assert spoken(page)[: len(before)] == before
    assert all(spoken(page).count(text) == before.count(text) for text in before if text not in said)

    page.get_by_role("button", name=library.phrase("stop", "en"), exact=True).click()
    expect(page.get_by_text(library.phrase("closing_stopped", "en"))).to_be_visible()
    wait_for(lambda: video.count() == 0, "the camera was not let go")


def test_a_refused_camera_is_explained(address: str, browse: Callable[..., Page], library: Library) -> None:
    page = browse(f"{address}/practice", camera=False)
    page.get_by_role("button", name=library.phrase("start", "en"), exact=True).click()
    expect(page.get_by_text(library.phrase("camera_refused", "en"))).to_be_visible()
    expect(page.get_by_text(library.phrase("camera_refused_next", "en"))).to_be_visible()


def test_the_sample_shows_the_trainer_without_a_camera(
    address: str, browse: Callable[..., Page], library: Library, exercise: Callable[[str], Exercise]
) -> None:
    page = browse(f"{address}/practice", camera=False)
    name = exercise("downward_dog").name["en"]
    page.get_by_role("button", name=name, exact=True).click(force=True)
    page.get_by_role("button", name=library.phrase("sample", "en"), exact=True).click()
    wait_for(lambda: number(page) > 0, "the sample was never judged")


# --- a programme ----------------------------------------------------------------------------------------------

SHORT = """
schema: posecheck/programme@1
id: short
name: {en: "Two short dogs"}
summary: {en: "For a test."}
rank: 1
source: "own: short"
items:
  - {exercise: downward_dog, start: {hold: 6 s, times: 1}, rest: 3 s, source: "own: long enough to be corrected"}
  - {exercise: downward_dog, start: {hold: 3 s, times: 1}, rest: 3 s, source: "own: short"}
"""


@pytest.fixture
def short(tmp_path: Path, model: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], str, str]]]:
    """Serve the app with one short programme and somebody known; gives the server, its address, the history's."""
    routines = tmp_path / "routines"
    shutil.copytree(routines_folder(), routines)
    for folder in (routines / "programmes", *(routines / "languages").glob("*/programmes")):
        for programme in folder.iterdir():
            programme.unlink()
    (routines / "programmes" / "short.yaml").write_text(SHORT, encoding="utf-8")
    place = f"sqlite:///{tmp_path / 'history.db'}"
    servers: list[subprocess.Popen[bytes]] = []

    def run(**told: Any) -> tuple[subprocess.Popen[bytes], str, str]:
        history = History(place)
        introduce(history, **told)
        history.close()
        server, address = start_server(
            tmp_path / "log.txt",
            POSECHECK_MODEL=str(model),
            POSECHECK_DATABASE=place,
            POSECHECK_ROUTINES=str(routines),
        )
        servers.append(server)
        return server, address, place

    yield run
    for server in servers:
        server.kill()
        server.wait(10)


def remembered(place: str) -> tuple[PastSession, ...]:
    history = History(place)
    try:
        return history.sessions(history.profiles()[0].id)
    finally:
        history.close()


def test_a_whole_programme_without_a_click_after_start(
    short: Callable[..., tuple[subprocess.Popen[bytes], str, str]], browse: Callable[..., Page], library: Library
) -> None:
    _, address, place = short(pain_now=None, today=None)
    page = browse(address)

    # The check, and START.
    number_of(page, "ask-now-0-pain_now", 4)
    page.get_by_text(library.phrase("answer_today_none", "en"), exact=True).click()
    page.get_by_role("button", name=library.phrase("go_on", "en"), exact=True).click()
    page.get_by_role("button", name=library.phrase("begin", "en"), exact=True).click()

    # Nothing is touched until all is done and written down.
    wait_for(
        lambda: any(session.outcome == "done" for session in remembered(place)),
        "the programme did not come to its end",
        4 * PATIENCE_S,
    )
    dog = library.exercises["downward_dog"]
    said = spoken(page)
    assert library.phrase("stop_words", "en") in said
    assert library.phrase("last_exercise", "en", exercise=dog.name["en"]) in said
    (session,) = remembered(place)
    assert (session.programme, session.pain_before, session.pain_after) == ("short", 4, None)
    assert [(done.exercise, done.outcome) for done in session.exercises] == [("downward_dog", "done")] * 2
    assert [
        [hold.seconds >= target for hold in done.holds]
        for done, target in zip(session.exercises, (6, 3), strict=True)
    ] == [[True], [True]]
    cues = [name for done in session.exercises for name in done.cues]
    assert cues
    assert {check.say["en"] for check in dog.checks if check.id in cues} <= set(said)

    # Then the voice asks whether the correction it gave most often was right; the page waits for the answer.
    counted = [(n, name) for done in session.exercises for name, n in done.cues.items()]
    _, most = max(counted, key=lambda one: one[0])
    (cue,) = (check.say["en"] for check in dog.checks if check.id == most)
    asked = [library.phrase("doubt_asked", "en", cue=cue), library.phrase("doubt_sign", "en")]
    wait_for(lambda: spoken(page)[-2:] == asked, "the voice did not ask whether its correction was right")
    expect(page.locator("[data-test=title]")).to_be_attached()

    # The camera is let go by itself; then comes the question on the page.
    expect(page.get_by_text(library.phrase("closing_title", "en"))).to_be_visible()
    wait_for(lambda: page.frame_locator("iframe").locator("video").count() == 0, "the camera was not let go")
    number_of(page, "after", 2)
    page.get_by_role("button", name=library.phrase("after_save", "en"), exact=True).click()
    wait_for(lambda: remembered(place)[0].pain_after == 2, "the pain afterwards was not kept")


def number_of(page: Page, key: str, number: int) -> None:
    """Tap one of the numbers from 0 to 10."""
    page.locator(f".st-key-{key}").get_by_text(str(number), exact=True).click()


def test_a_killed_program_loses_at_most_the_hold_that_was_going_on(
    short: Callable[..., tuple[subprocess.Popen[bytes], str, str]], browse: Callable[..., Page], library: Library
) -> None:
    server, address, place = short()
    page = browse(f"{address}/practice?programme=short")
    page.get_by_role("button", name=library.phrase("start", "en"), exact=True).click()
    wait_for(
        lambda: any(done.holds for session in remembered(place) for done in session.exercises),
        "no hold was written down",
        2 * PATIENCE_S,
    )
    server.kill()
    server.wait(10)
    (session,) = remembered(place)
    assert session.outcome == "broken"
    assert session.pain_before == 3
    assert len(session.exercises[0].holds) == 1
