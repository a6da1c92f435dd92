"""The pose model: where it is, and how it comes to this computer once.

MediaPipe's wheels for Python carried the model up to 0.10.21 and not since. It is taken out of that official wheel
(through pip, so the user's own index settings apply), checked against pinned hashes, given the metadata that the
Tasks API asks for, and kept in the user's cache. After that no network is needed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import filelock

from posecheck.errors import ModelMissingError
from posecheck.files import format_size
from posecheck.folders import cache_folder

Progress = Callable[[float, str], None]
Kind = Literal["published", "bundled", "other"]

MODEL_NAME = "pose_landmarker_full.task"
OVERRIDE = "POSECHECK_MODEL"

WHEEL = "mediapipe==0.10.21"
WHEEL_BYTES = 35_627_340
"""Size of that wheel; progress is told from it."""
WHEEL_DETECTOR = "mediapipe/modules/pose_detection/pose_detection.tflite"
WHEEL_LANDMARKS = "mediapipe/modules/pose_landmark/pose_landmark_full.tflite"
DETECTOR_SHA256 = "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c"
LANDMARKS_SHA256 = "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f"
PUBLISHED_SHA256 = "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad"
"""The same model as its makers publish it, ready bundled."""

_BUNDLE_DETECTOR = "pose_detector.tflite"
_BUNDLE_LANDMARKS = "pose_landmarks_detector.tflite"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_FREE_BYTES_NEEDED = 2 * WHEEL_BYTES + 30_000_000
"""pip keeps the wheel twice for a moment; the bundle and its parts come on top."""
_POLL_S = 0.2

_NO_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|NameResolution|name resolution|Max retries|ProxyError|"
    r"Connection (refused|reset|aborted|broken)|Network is unreachable|timed out|IncompleteRead|SSLError",
    re.IGNORECASE,
)
_NO_SPACE = re.compile(r"No space left on device|Errno 28|not enough space|Disk quota exceeded", re.IGNORECASE)
_FROM_FILE = "run `posecheck model --from FILE` with a copy of pose_landmarker_full.task from another computer"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of the model in use.

    Attributes:
        path: Where it lies.
        origin: ``override``: named by POSECHECK_MODEL; ``cache``: in the user's cache.
        kind: ``published``: as its makers publish it; ``bundled``: built here from the official wheel;
            ``other``: a pose model of another make.
        size: Bytes.
        sha256: Of the file.
    """

    path: Path
    origin: Literal["override", "cache"]
    kind: Kind
    size: int
    sha256: str


class _NotAModelError(Exception):
    """The file is no pose model, or a damaged one; the text says why, to follow "it"."""


def find_model() -> Path | None:
    """Return the model to use, or None where there is none yet.

    A damaged file in the cache counts as none: ``obtain_model`` replaces it.

    Raises:
        ModelMissingError: where POSECHECK_MODEL points to nothing or to something else than a pose model.
    """
    info = describe_model()
    return info.path if info else None


def describe_model() -> ModelInfo | None:
    """Return what is known of the model to use, or None where there is none yet.

    Raises:
        ModelMissingError: where POSECHECK_MODEL points to nothing or to something else than a pose model.
    """
    named = os.environ.get(OVERRIDE)
    if named:
        return _describe_override(Path(named).expanduser())
    path = _cached_model()
    try:
        data = path.read_bytes()
        kind = _kind_of(data)
    except (OSError, _NotAModelError):
        return None
    if kind == "other":  # the cache holds what this module put there, and nothing else
        return None
    return ModelInfo(path, "cache", kind, len(data), hashlib.sha256(data).hexdigest())


def obtain_model(progress: Progress | None = None) -> Path:
    """Return the model, fetching it first where this computer does not have it yet.

    Two processes may ask at once: the second waits for the first. An interrupted fetch leaves nothing behind.

    Args:
        progress: Called with the fraction done in [0, 1] and what is being done.

    Raises:
        ModelMissingError: where it cannot be had; message and hint say why and what to do.
    """
    found = find_model()
    if found:
        return found
    tell = progress or (lambda fraction, what: None)
    target = _cached_model()
    with _writing_to(target.parent), _locked(target, tell):
        found = find_model()
        if found:  # another process fetched it while this one waited
            return found
        with _workplace(target) as work:
            _check_space(target.parent)
            tell(0.0, "Fetching the pose model (36 MB, only this once)")
            wheel = _download_wheel(work, tell)
            tell(0.97, "Preparing the pose model")
            try:
                bundle = _bundle_from_wheel(wheel.read_bytes())
            except _NotAModelError as e:
                raise ModelMissingError(
                    f"The pose model that was downloaded is not the expected one: it {e}.",
                    f"Try again; if it happens again, {_FROM_FILE}.",
                ) from e
            _put(bundle, target, work)
    tell(1.0, "The pose model is ready")
    return target


def install_model(source: Path) -> Path:
    """Copy a model into the cache and return its place there.

    Args:
        source: The published ``pose_landmarker_full.task``, one built by posecheck on another computer, or the
            official mediapipe 0.10.21 wheel.

    Raises:
        ModelMissingError: where the file cannot be read or is something else.
    """
    try:
        data = source.read_bytes()
    except OSError as e:
        raise ModelMissingError(
            f"{source} cannot be read: {_reason(e)}.", "Give the path of a pose_landmarker_full.task file."
        ) from e
    try:
        bundle = _bundle_from_wheel(data) if source.suffix == ".whl" else _checked_bundle(data)
    except _NotAModelError as e:
        raise ModelMissingError(
            f"{source} cannot be installed as the pose model: it {e}.",
            "Give the published pose_landmarker_full.task, or the mediapipe 0.10.21 wheel. "
            f"To try another model, set {OVERRIDE} to it.",
        ) from e
    target = _cached_model()
    with _writing_to(target.parent), _locked(target, lambda fraction, what: None), _workplace(target) as work:
        _put(bundle, target, work)
    return target


def _cached_model() -> Path:
    return cache_folder() / "models" / MODEL_NAME


def _describe_override(path: Path) -> ModelInfo:
    hint = f"Correct {OVERRIDE}, or unset it to use posecheck's own model."
    try:
        data = path.read_bytes()
    except OSError as e:
        raise ModelMissingError(f"{OVERRIDE} names {path}, which cannot be read: {_reason(e)}.", hint) from e
    try:
        kind = _kind_of(data)
    except _NotAModelError as e:
        raise ModelMissingError(f"{OVERRIDE} names {path}, which is no pose model: it {e}.", hint) from e
    return ModelInfo(path, "override", kind, len(data), hashlib.sha256(data).hexdigest())


def _kind_of(bundle: bytes) -> Kind:
    """Return what a bundle is.

    Raises:
        _NotAModelError: where it is none, or damaged.
    """
    if hashlib.sha256(bundle).hexdigest() == PUBLISHED_SHA256:
        return "published"
    with _opened(bundle) as archive:
        if not {_BUNDLE_DETECTOR, _BUNDLE_LANDMARKS} <= set(archive.namelist()):
            raise _NotAModelError("lacks the two parts of a pose landmarker bundle")
        parts = [archive.read(name) for name in (_BUNDLE_DETECTOR, _BUNDLE_LANDMARKS)]  # checks each one's CRC
        if any(part[4:8] != b"TFL3" for part in parts):
            raise _NotAModelError("holds parts that are no TensorFlow Lite models")
        comment = archive.comment
    if hashlib.sha256(parts[0]).hexdigest() == DETECTOR_SHA256 and comment == _mark(parts[1]):
        return "bundled"
    return "other"


def _checked_bundle(data: bytes) -> bytes:
    if _kind_of(data) == "other":
        raise _NotAModelError("holds another pose model than BlazePose full")
    return data


def _mark(landmarks: bytes) -> bytes:
    """Return the zip comment that binds the landmark model, metadata added, to the weights it was made from."""
    return f"posecheck from {LANDMARKS_SHA256} made {hashlib.sha256(landmarks).hexdigest()}".encode()


def _bundle_from_wheel(wheel: bytes) -> bytes:
    """Return the bundle made from the two models inside the mediapipe 0.10.21 wheel.

    Raises:
        _NotAModelError: where it is another file, or an altered one.
    """
    with _opened(wheel) as archive:
        try:
            detector, landmarks = archive.read(WHEEL_DETECTOR), archive.read(WHEEL_LANDMARKS)
        except KeyError as e:
            raise _NotAModelError("is not the mediapipe 0.10.21 wheel") from e
    for name, data, sha256 in (
        (WHEEL_DETECTOR, detector, DETECTOR_SHA256),
        (WHEEL_LANDMARKS, landmarks, LANDMARKS_SHA256),
    ):
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _NotAModelError(f"holds an altered {name.rpartition('/')[2]}")
    landmarks = _with_normalisation(landmarks, mean=0.0, std=255.0)
    out = io.BytesIO()
    # Stored, not deflated: MediaPipe maps the parts into memory as they lie. A fixed date: same input, same bytes.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_BUNDLE_DETECTOR, _ZIP_TIME), detector)
        archive.writestr(zipfile.ZipInfo(_BUNDLE_LANDMARKS, _ZIP_TIME), landmarks)
        archive.comment = _mark(landmarks)
    return out.getvalue()


@contextlib.contextmanager
def _opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as e:
        raise _NotAModelError("is damaged, or no archive at all") from e


def _with_normalisation(model_bytes: bytes, *, mean: float, std: float) -> bytes:
    """Return the TensorFlow Lite model with metadata saying that its input is ``(pixel - mean) / std``.

    The landmark model inside the wheel carries no metadata, and the Tasks API refuses a float model without.
    """
    import flatbuffers
    from mediapipe.tasks.metadata import metadata_schema_py_generated as meta
    from mediapipe.tasks.metadata import schema_py_generated as tflite

    model = tflite.ModelT.InitFromPackedBuf(model_bytes, 0)
    graph = model.subgraphs[0]

    image = meta.TensorMetadataT()
    image.name = "image"
    image.content = meta.ContentT()
    image.content.contentPropertiesType = meta.ContentProperties.ImageProperties
    image.content.contentProperties = meta.ImagePropertiesT()
    image.content.contentProperties.colorSpace = meta.ColorSpaceType.RGB
    normalisation = meta.ProcessUnitT()
    normalisation.optionsType = meta.ProcessUnitOptions.NormalizationOptions
    normalisation.options = meta.NormalizationOptionsT()
    normalisation.options.mean, normalisation.options.std = [mean], [std]
    image.processUnits = [normalisation]

    description = meta.ModelMetadataT()
    description.name = "pose landmarks"
    description.subgraphMetadata = [meta.SubGraphMetadataT()]
    description.subgraphMetadata[0].inputTensorMetadata = [image]
    description.subgraphMetadata[0].outputTensorMetadata = outputs = []
    for index in graph.outputs:
        output = meta.TensorMetadataT()
        output.name = graph.tensors[index].name.decode()
        outputs.append(output)

    buffer, entry = tflite.BufferT(), tflite.MetadataT()
    buffer.data = _packed(description, b"M001")
    model.buffers.append(buffer)
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(len(model_bytes))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _packed(table: Any, identifier: bytes) -> bytes:
    import flatbuffers

    builder = flatbuffers.Builder(0)
    builder.Finish(table.Pack(builder), identifier)
    return bytes(builder.Output())


def _download_wheel(work: Path, tell: Progress) -> Path:
    """Return the wheel that pip downloaded into ``work``.

    The wheel for one fixed Python and platform is asked for whatever this computer is: only the models inside
    are used, and they are the same in every wheel.
    """
    command = [
        *_pip(),
        *("download", "--no-deps", "--only-binary=:all:", "--python-version", "3.12"),
        *("--platform", "manylinux_2_28_x86_64", "--dest", str(work / "wheel"), "--no-cache-dir"),
        *("--no-input", "--no-color", "--progress-bar", "off", "--disable-pip-version-check", WHEEL),
    ]
    # pip downloads into its temporary folder: there its progress can be seen, and from there it is cleared away.
    part = work / "part"
    part.mkdir()
    environment = {"PIP_RETRIES": "2"} | os.environ | {"TMPDIR": str(part), "TEMP": str(part), "TMP": str(part)}
    log = work / "pip.log"
    with log.open("wb") as out:
        pip = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while pip.poll() is None:
                time.sleep(_POLL_S)
                tell(min(0.96, 0.96 * _largest(work) / WHEEL_BYTES), "Fetching the pose model")
        except BaseException:  # the person closed the page or pressed Ctrl-C: pip must not go on alone
            pip.kill()
            pip.wait()
            raise
    wheels = sorted((work / "wheel").glob("*.whl"))
    if pip.returncode != 0 or not wheels:
        raise _download_error(log.read_text(encoding="utf-8", errors="replace"))
    return wheels[0]


def _pip() -> list[str]:
    """Return the command that starts pip.

    Raises:
        ModelMissingError: where this environment has none.
    """
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    # An environment made by uv has no pip, but Python brings one along, and a wheel of pip runs as it is.
    ensurepip = importlib.util.find_spec("ensurepip")
    if ensurepip and ensurepip.origin:
        bundled = Path(ensurepip.origin).parent / "_bundled"
        # Debian and Fedora keep the wheel in another folder, and say which.
        for folder in (bundled, Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or bundled)):
            for wheel in sorted(folder.glob("pip-*.whl")):
                return [sys.executable, str(wheel / "pip")]
    raise ModelMissingError(
        "The pose model is not on this computer yet, and fetching it needs pip, which this Python lacks.",
        f"Install pip (such as by `uv pip install pip`), or {_FROM_FILE}.",
    )


def _download_error(log: str) -> ModelMissingError:
    if _NO_SPACE.search(log):
        return _disk_full(cache_folder())
    if _NO_NETWORK.search(log):
        return ModelMissingError(
            "The pose model is not on this computer yet, and it could not be downloaded: "
            "the package index cannot be reached.",
            f"Connect to the internet this once and start again, or {_FROM_FILE}.",
        )
    last = next((line for line in reversed(log.splitlines()) if line.startswith("ERROR: ")), "pip gave no reason")
    return ModelMissingError(
        f"The pose model could not be downloaded: {last.removeprefix('ERROR: ').rstrip('.')}.",
        f"pip needs an index that carries {WHEEL}. Correct its settings, or {_FROM_FILE}.",
    )


def _largest(folder: Path) -> int:
    """Return the size in bytes of the largest wheel under ``folder``."""
    sizes = [0]
    for place, _, names in os.walk(folder):  # unlike Path.rglob it passes over what pip clears away just now
        for name in names:
            if name.endswith(".whl"):
                with contextlib.suppress(OSError):
                    sizes.append(Path(place, name).stat().st_size)
    return max(sizes)


def _put(bundle: bytes, target: Path, work: Path) -> None:
    """Write the bundle so that its place holds either all of it or what was there before."""
    part = work / MODEL_NAME
    with part.open("wb") as out:
        out.write(bundle)
        out.flush()
        os.fsync(out.fileno())  # a rename may outlive a crash that the contents do not
    part.replace(target)


@contextlib.contextmanager
def _locked(target: Path, tell: Progress) -> Iterator[None]:
    lock = filelock.FileLock(target.with_suffix(".lock"))
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        tell(0.0, "Waiting: another posecheck is fetching the pose model")
        lock.acquire()
    try:
        _clear_leftovers(target.parent)
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _workplace(target: Path) -> Iterator[Path]:
    """Make a folder beside the target, so that the last step is a rename within one file system."""
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=target.parent, ignore_cleanup_errors=True) as work:
        yield Path(work)


def _clear_leftovers(folder: Path) -> None:
    """Remove what a process that was killed while fetching left behind; the lock is held."""
    for leftover in folder.glob("fetch-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _check_space(folder: Path) -> None:
    if shutil.disk_usage(folder).free < _FREE_BYTES_NEEDED:
        raise _disk_full(folder)


def _disk_full(folder: Path) -> ModelMissingError:
    return ModelMissingError(
        f"The pose model cannot be kept in {folder}: the disk is full.",
        f"Free {format_size(_FREE_BYTES_NEEDED)} there and start again.",
    )


@contextlib.contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    """Make the folder, and turn trouble with the disk into a sentence."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as e:
        if e.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(folder) from e
        raise ModelMissingError(
            f"The pose model cannot be kept in {folder}: {_reason(e)}.",
            f"Make that folder writable, or set {OVERRIDE} to a model elsewhere.",
        ) from e


def _reason(e: OSError) -> str:
    return (e.strerror or str(e)).lower()
