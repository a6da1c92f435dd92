"""What a clip is made of, the list of the sample set, sets of any size, and making one clip."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from posecheck_render.assets import Assets
from posecheck_render.encode import VideoWriter, replacing, write_json
from posecheck_render.exercises import BUILDERS, FAULTS
from posecheck_render.exercises.base import Fault, Movement, Size, Subject, alive, settle
from posecheck_render.figure import Figure, PosedFigure
from posecheck_render.people import PEOPLE, Person, invent_person
from posecheck_render.renderer import Renderer
from posecheck_render.rotations import Array, vec
from posecheck_render.scene import LIGHTS, ROOMS, Camera, Sensor, build_room, frame_person
from posecheck_render.truth import ClipFacts, clip_truth, fault_json

MANIFEST_SCHEMA = "posecheck/samples@1"
LANDSCAPE, PORTRAIT = (640, 480), (480, 640)
FLOOR_SIDE = ("downward_dog", "cat", "child")
"""Exercises on the floor seen from the side, whose back curvature is worth knowing."""

CAMERA_HEIGHT = {
    "eagle": 1.20,
    "downward_dog": 0.58,
    "cat": 0.52,
    "lotus": 0.70,
    "child": 0.52,
    "twist": 0.68,
    "letter_t": 1.12,
}
"""Lens above the floor, metres."""


@dataclass(frozen=True)
class ClipSpec:
    """Everything that decides a clip.

    Args:
        exercise: Exercise id.
        fault: Check id and size, or None for a correct clip.
        person: Who.
        room: Room id.
        light: Light id.
        seed: Of sway, pace, jitter and noise.
        yaw: Camera's turn away from the exact front or side, degrees.
        head_right: Side views: whether the head is on the right of the picture.
        raise_camera: Added to the usual camera height, metres.
        fill: Share of the picture the person fills.
        frame_size: Width and height, px.
        fps: Pictures per second.
        left_first: Whether two-sided exercises begin with the left side.
    """

    exercise: str
    fault: Fault | None
    person: Person
    room: str
    light: str
    seed: int
    yaw: float = 0.0
    head_right: bool = False
    raise_camera: float = 0.0
    fill: float = 0.76
    frame_size: tuple[int, int] = LANDSCAPE
    fps: int = 15
    left_first: bool = False

    @property
    def stem(self) -> str:
        """File name without ending."""
        if self.fault is None:
            return f"{self.exercise}_correct_{self.person.id}"
        slight = "_slight" if self.fault.size == "slight" else ""
        return f"{self.exercise}_{self.fault.id}{slight}_{self.person.id}"


def sample_set() -> list[ClipSpec]:
    """Return the clips of ``sample_videos/``: two correct and one for each clear mistake, per exercise."""
    people, rooms, lights = list(PEOPLE.values()), list(ROOMS), ("bright", "evening", "bright", "dim")
    specs: list[ClipSpec] = []
    for row, exercise in enumerate(FAULTS):
        if exercise not in BUILDERS:
            continue
        faults: list[Fault | None] = [None, None, *(Fault(f) for f in FAULTS[exercise])]
        for column, fault in enumerate(faults):
            # Strides without a common factor walk through people, rooms and lights in ever new company.
            n = row * 11 + column
            rng = np.random.default_rng(1000 + n)
            # A wide T-shirt hides what the cat clips are about; there the tops are close to the body.
            pool = [p for p in people if p.looseness < 0.5] if exercise in FLOOR_SIDE else people
            specs.append(
                ClipSpec(
                    exercise,
                    fault,
                    pool[(3 * row + column) % len(pool)],
                    rooms[(n // 2) % len(rooms)],
                    lights[(n + row) % len(lights)],
                    seed=1000 + n,
                    yaw=float(rng.uniform(-8, 8)),
                    head_right=column % 2 == 1,
                    raise_camera=float(rng.uniform(-0.08, 0.08)),
                    fill=float(rng.choice([0.62, 0.74, 0.82])),
                    frame_size=PORTRAIT
                    if exercise in ("eagle", "lotus", "twist") and column % 4 == 1
                    else LANDSCAPE,
                    left_first=column % 2 == 1,
                )
            )
    return specs


def random_set(
    people: int, exercises: Iterable[str], faults: bool, sizes: Iterable[Size], views: int, seed: int
) -> list[ClipSpec]:
    """Return a larger set for accuracy work.

    Args:
        people: How many invented people.
        exercises: Exercise ids.
        faults: Whether to add a clip per mistake to the correct one.
        sizes: Sizes of the mistakes.
        views: Clips per person and movement, each with its own camera, room and light.
        seed: The same seed gives the same set.
    """
    rng = np.random.default_rng(seed)
    cast = [invent_person(rng, k) for k in range(people)]
    specs: list[ClipSpec] = []
    for person in cast:
        for exercise in exercises:
            wanted: list[Fault | None] = [None]
            if faults:
                wanted += [Fault(f, size) for f in FAULTS[exercise] for size in sizes]
            for fault in wanted:
                for view in range(views):
                    clip_person = replace(person, id=f"{person.id}v{view}") if views > 1 else person
                    specs.append(
                        ClipSpec(
                            exercise,
                            fault,
                            clip_person,
                            str(rng.choice(list(ROOMS))),
                            str(rng.choice(list(LIGHTS))),
                            seed=int(rng.integers(1 << 30)),
                            yaw=float(rng.uniform(-10, 10)),
                            head_right=bool(rng.random() < 0.5),
                            raise_camera=float(rng.uniform(-0.12, 0.12)),
                            fill=float(rng.uniform(0.5, 0.85)),
                            frame_size=PORTRAIT if rng.random() < 0.15 else LANDSCAPE,
                            left_first=bool(rng.random() < 0.5),
                        )
                    )
    return specs


class Studio:
    """Makes clips, keeping the last figure and renderer for the next clip of the same person.

    Args:
        assets: The CC0 data.
        supersampling: Pixels drawn per picture pixel along each side.
    """

    def __init__(self, assets: Assets, supersampling: float = 1.0) -> None:
        self.assets, self.supersampling = assets, supersampling
        self._figure: Figure | None = None
        self._renderer: Renderer | None = None

    def figure(self, person: Person) -> Figure:
        """Return the person's figure."""
        if self._figure is None or self._figure.person != person:
            self._figure = Figure(self.assets, person)
            self._drop_renderer()
        return self._figure

    def renderer(self, figure: Figure, size: tuple[int, int]) -> Renderer:
        """Return a renderer of the figure."""
        if self._renderer is None or self._renderer.size != size or self._renderer.figure is not figure:
            self._drop_renderer()
            self._renderer = Renderer(figure, size, self.supersampling)
        return self._renderer

    def _drop_renderer(self) -> None:
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def shoot(
        self, spec: ClipSpec, folder: Path, tick: Callable[[int, int], None] | None = None
    ) -> dict[str, Any]:
        """Make one clip and its truth in ``folder``; return its manifest entry.

        Args:
            spec: What to make.
            folder: Where; the clip appears under its name only when complete.
            tick: Called with (frames done, frames in all).
        """
        figure = self.figure(spec.person)
        take = act(figure, spec)
        renderer = self.renderer(figure, spec.frame_size)
        centre = take.centre
        room = build_room(
            ROOMS[spec.room], take.azimuth, centre, 2.1, np.array(take.movement.along), spec.seed % 7
        )
        light = LIGHTS[spec.light]
        rng = np.random.default_rng(spec.seed)
        lamp = take.azimuth + float(rng.choice([-40, 40])) + float(rng.uniform(-10, 10))
        renderer.set_scene(room, take.camera, light, lamp, vec(centre[0], 0.4, centre[2]))
        sensor = Sensor(spec.frame_size, light.noise, rng)
        blinks = blink_frames(len(take.posed), spec.fps, rng)
        video, truth = folder / f"{spec.stem}.mp4", folder / f"{spec.stem}.truth.json"
        with replacing(video, truth) as (video_part, truth_part):
            writer = VideoWriter(video_part, spec.frame_size, spec.fps)
            finished = False
            try:
                for k, posed in enumerate(take.posed):
                    picture = renderer.draw(posed, k in blinks)
                    writer.add(sensor.expose(picture))
                    if tick:
                        tick(k + 1, len(take.posed))
                finished = True
            finally:
                writer.close(finished)
            write_json(truth_part, take.truth(spec))
        return manifest_entry(spec, take)


@dataclass(frozen=True)
class Take:
    """A movement performed by a figure and a camera that sees it, before anything is drawn."""

    movement: Movement
    posed: list[PosedFigure]
    back_turns: list[tuple[float, float, float]] | None
    camera: Camera
    azimuth: float
    centre: Array

    def truth(self, spec: ClipSpec) -> dict[str, Any]:
        """Return the truth of the take."""
        facts = ClipFacts(
            f"{spec.stem}.mp4",
            spec.person.id,
            spec.person.description,
            spec.room,
            spec.light,
            spec.fault.size if spec.fault else "",
            spec.seed,
            spec.fps,
        )
        joints = [p.landmarks for p in self.posed]
        return clip_truth(facts, self.movement, self.camera, self.azimuth, joints, self.back_turns)


def act(figure: Figure, spec: ClipSpec, every: int = 1) -> Take:
    """Return the movement of a spec, performed and framed.

    Args:
        figure: The person's figure.
        spec: What to do.
        every: Pose only every n-th frame (for previews).
    """
    rng = np.random.default_rng(spec.seed + 1)
    subject = Subject(
        figure, pace=float(rng.uniform(0.95, 1.1)), first_side="left" if spec.left_first else "right"
    )
    movement = BUILDERS[spec.exercise](subject, spec.fault)
    # Planted hands leave little room for sway.
    pose_at = alive(movement.pose_at, spec.seed, head=0.5 if spec.exercise in FLOOR_SIDE else 1.0)
    times = np.arange(0, round(movement.duration_s * spec.fps), every) / spec.fps
    poses = [pose_at(float(t)) for t in times]
    if spec.exercise in FLOOR_SIDE:
        poses = [settle(figure.rig, p) for p in poses]
    posed = [figure.pose(p) for p in poses]
    turns = None
    if spec.exercise in FLOOR_SIDE:
        turns = [(figure.back_turn(q, p), *figure.half_turns(q, p)) for q, p in zip(posed, poses, strict=True)]
    points = np.concatenate([p.vertices[figure.visible][::25] for p in posed[:: max(1, 5 // every)]]).astype(float)
    if spec.exercise == "eagle" and spec.seed % 3:
        points = points[points[:, 1] > 0.42 * spec.person.height]
    azimuth = spec.yaw
    if movement.view == "side":
        azimuth += -90.0 if spec.head_right else 90.0
    height = CAMERA_HEIGHT[spec.exercise] + spec.raise_camera
    camera = frame_person(points, azimuth, height, spec.fill, spec.frame_size)
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    return Take(movement, posed, turns, camera, azimuth, centre)


def blink_frames(frames: int, fps: int, rng: np.random.Generator) -> set[int]:
    """Return the frames in which the eyes are shut: about 0.13 s every three to five seconds."""
    shut: set[int] = set()
    at = float(rng.uniform(0.5, 3))
    while at * fps < frames:
        start = round(at * fps)
        shut |= set(range(start, start + max(1, round(0.13 * fps))))
        at += float(rng.uniform(2.8, 5.0))
    return shut


def manifest_entry(spec: ClipSpec, take: Take) -> dict[str, Any]:
    """Return what the manifest says of a clip."""
    return {
        "file": f"{spec.stem}.mp4",
        "exercise": spec.exercise,
        "view": take.movement.view,
        "faults": fault_json(take.movement, spec.fault.size if spec.fault else ""),
        "person": spec.person.id,
        "room": spec.room,
        "light": spec.light,
        "frame_size": list(spec.frame_size),
        "duration_s": round(len(take.posed) / spec.fps, 3),
    }


def entry_of_truth(truth: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest entry of a clip that is already there, read from its truth."""
    entry = {key: truth[key] for key in ("exercise", "view", "faults", "person", "room", "light", "frame_size")}
    return {"file": truth["clip"], **entry, "duration_s": truth["duration_s"]}


def write_manifest(folder: Path, entries: Iterable[dict[str, Any]]) -> None:
    """Write ``manifest.json``, one clip a line, in file name order."""
    rows = ",\n".join(json.dumps(e) for e in sorted(entries, key=lambda e: str(e["file"])))
    with replacing(folder / "manifest.json") as (part,):
        part.write_text(f'{{"schema": "{MANIFEST_SCHEMA}", "clips": [\n{rows}\n]}}\n', encoding="utf-8")
