"""Drawings of the page: the pose of an exercise, and where the laptop goes; SVG text, no pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

LaptopSide = Literal["any", "left", "right"]
"""The side of hers on which the laptop stands, where it sees her from the side."""
Part = str
"""``head``, ``hands``, ``hips`` or ``feet``: the parts of her that the set-up looks for."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A pose drawn with a broad pen, in a box of 200 x 140 whose floor is at y = 122.

    Attributes:
        head: Centre and radius of the head.
        strokes: The part each stroke belongs to, its width, and SVG path data; back to front.
    """

    head: tuple[int, int, int]
    strokes: tuple[tuple[Part, int, str], ...]


FIGURES: Mapping[str, Figure] = {
    "downward_dog": Figure(
        (84, 98, 12),
        (
            ("feet", 11, "M116 37 L140 76 L158 114 L175 119"),
            ("hands", 9, "M78 72 L36 119"),
            ("hips", 17, "M80 70 L113 37"),
        ),
    ),
    "cat": Figure(
        (34, 86, 12),
        (
            ("hands", 9, "M60 70 L57 118"),
            ("feet", 11, "M142 70 L141 116 L180 118"),
            ("hips", 17, "M62 66 Q101 24 141 69"),
        ),
    ),
    "child": Figure(
        (63, 107, 12),
        (
            ("hands", 9, "M82 92 L50 118 L20 119"),
            ("hips", 18, "M84 90 Q120 66 146 88"),
            ("feet", 12, "M148 94 L106 114 L172 117"),
        ),
    ),
    "letter_t": Figure(
        (34, 108, 12),
        (
            ("feet", 10, "M116 112 L186 117"),
            ("hands", 8, "M58 106 L50 68"),
            ("hips", 17, "M56 110 L112 112"),
            ("feet", 11, "M114 108 L142 76 L158 114"),
            ("hands", 9, "M60 112 L65 131"),
        ),
    ),
    "fitball": Figure(
        (100, 20, 12),
        (
            ("feet", 3, "M74 96 A26 26 0 1 0 126 96 A26 26 0 1 0 74 96"),
            ("hands", 8, "M92 44 L80 72"),
            ("hands", 8, "M108 44 L120 72"),
            ("feet", 10, "M92 72 L66 82 L62 118"),
            ("feet", 10, "M108 72 L134 82 L138 118"),
            ("hips", 16, "M100 44 L100 68"),
        ),
    ),
    "eagle": Figure(
        (100, 28, 12),
        (
            ("feet", 11, "M92 86 L90 119"),
            ("feet", 11, "M108 86 L110 119"),
            ("hips", 18, "M100 52 L100 84"),
            ("hands", 8, "M112 52 L94 60 L104 26"),
            ("hands", 8, "M88 52 L106 62 L96 26"),
        ),
    ),
    "lotus": Figure(
        (100, 24, 12),
        (
            ("hips", 19, "M100 52 L100 100"),
            ("hands", 9, "M88 52 L72 78 L62 104"),
            ("hands", 9, "M112 52 L128 78 L138 104"),
            ("feet", 11, "M96 106 L58 108 L108 118"),
            ("feet", 11, "M104 106 L142 108 L92 118"),
        ),
    ),
    "twist": Figure(
        (101, 22, 12),
        (
            ("hands", 9, "M88 52 L68 80 L62 117"),
            ("hips", 19, "M100 52 L100 102"),
            ("feet", 11, "M102 106 L52 116 L98 118"),
            ("feet", 11, "M104 104 L134 72 L142 118"),
            ("hands", 9, "M112 52 L134 66 L146 84"),
        ),
    ),
}
STANDING = Figure(
    (100, 18, 11),
    (
        ("hands", 8, "M100 42 L82 76"),
        ("hands", 8, "M100 42 L118 76"),
        ("feet", 10, "M100 80 L90 118"),
        ("feet", 10, "M100 80 L110 118"),
        ("hips", 15, "M100 42 L100 78"),
    ),
)
"""For an exercise that has no drawing of its own yet."""

_STYLE = """
.l{fill:none;stroke:#5d544d;stroke-width:11;stroke-linecap:round;stroke-linejoin:round}
.h,.n{fill:#5d544d}.n{stroke:#dcebe1;stroke-width:4}.f{fill:none;stroke:#cfc3b7;stroke-width:2;stroke-linecap:round}
.m{fill:#dcebe1}.d{fill:none;stroke:#3c7558;stroke-width:2;stroke-dasharray:3 6;stroke-linecap:round}
.v{fill:#3c7558;opacity:.13}.c{fill:#3c7558}.s{fill:#cfc3b7}
.t{fill:#5f564f;font:21px system-ui,sans-serif;text-anchor:middle}
@media (prefers-color-scheme:dark){
.l{stroke:#e6dccf}.h,.n{fill:#e6dccf}.n{stroke:#2f4237}.f{stroke:#4b433d}.m{fill:#2f4237}.d{stroke:#8fcca8}.v{fill:#8fcca8}
.c{fill:#8fcca8}.s{fill:#4b433d}.t{fill:#c0b4a8}}
"""


def figure(exercise_id: str) -> Figure:
    """Return the drawing of an exercise's pose."""
    return FIGURES.get(exercise_id, STANDING)


def draw_figure(exercise_id: str) -> str:
    """Return the pose as an image address, light and dark by the browser's own choice."""
    floor = '<path class="f" d="M14 128 H186"/>'
    return _address(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 140">{floor}{_body(exercise_id)}')


def draw_from_above(view: str, distance: str, laptop: LaptopSide = "any") -> str:
    """Return laptop, mat and person seen from above, for a ``side`` or a ``front`` view, as an image address.

    She is on all fours, head to the left: the laptop is on her left, unless ``laptop`` says right.
    """
    if view == "front":
        mat = '<rect class="m" x="106" y="14" width="88" height="104" rx="10"/>'
        person = '<path class="l" d="M142 66 L118 88 L150 98 L182 88 L158 66"/>'
        person += (
            '<path class="l" style="stroke-width:19" d="M130 60 H170"/><circle class="n" cx="150" cy="58" r="13"/>'
        )
    else:
        mat = '<rect class="m" x="46" y="30" width="208" height="66" rx="10"/>'
        person = '<circle class="h" cx="98" cy="63" r="11"/><path class="l" d="M118 63 H182"/>'
        person += '<path class="l" d="M124 63 L92 46 M124 63 L92 80 M182 63 L224 53 M182 63 L224 73"/>'
        if laptop == "right":
            person = f'<g transform="translate(300 0) scale(-1 1)">{person}</g>'
    cone = '<path class="v" d="M150 196 L62 24 H238 Z"/>'
    line = f'<path class="d" d="M150 188 V124"/><text class="t" x="222" y="164">{distance}</text>'
    device = '<rect class="c" x="128" y="196" width="44" height="7" rx="3"/><rect class="s" x="124" y="205" '
    device += 'width="52" height="22" rx="4"/>'
    return _address(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 234">{mat}{cone}{person}{line}{device}'
    )


def draw_from_beside(exercise_id: str, height: str, laptop: LaptopSide = "any") -> str:
    """Return the laptop on its chair and the person on the floor, seen level, as an image address.

    She is drawn as the laptop sees her: on her left her head is to the left, on her right to the right.
    """
    floor = '<path class="f" d="M10 206 H290"/>'
    chair = '<path class="f" d="M26 206 V140 M74 206 V140 M20 140 H80" style="stroke-width:5"/>'
    device = (
        '<path class="s" d="M34 132 h38 v6 h-38z"/><path class="d" style="stroke-dasharray:none;stroke-width:5" '
    )
    device += 'd="M70 132 L80 104"/>'
    sight = '<path class="v" d="M80 112 L286 50 V204 Z"/>'
    label = f'<text class="t" x="10" y="229" style="text-anchor:start">{height}</text>'
    turn = "translate(292 96) scale(-.82 .88)" if laptop == "right" else "translate(128 96) scale(.82 .88)"
    body = f'<g transform="{turn}">{_body(exercise_id)}</g>'
    return _address(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 238">{sight}{floor}{chair}{device}{label}{body}'
    )


def _body(exercise_id: str) -> str:
    pose = figure(exercise_id)
    strokes = "".join(
        f'<path class="l" style="stroke-width:{width}" d="{path}"/>' for _, width, path in pose.strokes
    )
    x, y, radius = pose.head
    return f'{strokes}<circle class="h" cx="{x}" cy="{y}" r="{radius}"/>'


def _address(svg: str) -> str:
    return "data:image/svg+xml," + quote(svg.replace(">", f"><style>{_STYLE}</style>", 1) + "</svg>", safe="")
