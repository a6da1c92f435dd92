"""Who is rendered: body shape, colours, hair and clothes of each person. All of it invented."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Colour = tuple[float, float, float]
Hair = Literal["bun", "ponytail", "loose"]


@dataclass(frozen=True)
class Person:
    """One rendered person.

    Args:
        id: Short name used in file names.
        height: Metres.
        targets: Morph target names with weights.
        skin: sRGB in [0, 1], as are the other colours.
        lips: Lip colour.
        hair: Hair colour.
        hair_style: Up (bun, ponytail) or loose.
        iris: Eye colour.
        top: Colour of the top.
        bottom: Colour of the leggings.
        sleeve: Share of the upper arm (over 1: of the forearm as well) the sleeve covers.
        looseness: 0 = fitted top, 1 = wide T-shirt.
        stripes: Whether the top is striped.
        description: One line for the manifest.
    """

    id: str
    height: float
    targets: tuple[tuple[str, float], ...]
    skin: Colour
    lips: Colour
    hair: Colour
    hair_style: Hair
    iris: Colour
    top: Colour
    bottom: Colour
    sleeve: float
    looseness: float
    stripes: bool = False
    description: str = ""


def woman(
    ancestry: dict[str, float],
    weight: float = 0.0,
    age: float = 0.0,
    belly: float = 0.0,
    cup: float = 0.0,
    ideal: float = 0.5,
) -> tuple[tuple[str, float], ...]:
    """Return the morph targets of a woman's body.

    Args:
        ancestry: Shares of ``african``, ``asian``, ``caucasian``, summing to 1.
        weight: -1 slim … 0 average … 1 large.
        age: 0 = mid-twenties, 1 = old.
        belly: 0 … 1, a soft belly after childbirth.
        cup: -1 small … 1 large.
        ideal: 0 … 1 towards idealised proportions.
    """
    targets: list[tuple[str, float]] = []
    stages = (("young", 1.0 - age), ("old", age))
    other = "maxweight" if weight > 0 else "minweight"
    for stage, share in stages:
        if share <= 0:
            continue
        targets += [(f"macrodetails/{name}-female-{stage}", part * share) for name, part in ancestry.items()]
        body = f"macrodetails/universal-female-{stage}-averagemuscle-"
        targets.append((body + "averageweight", share * (1 - abs(weight))))
        if weight:
            targets.append((body + other, share * abs(weight)))
    targets.append(("macrodetails/proportions/female-young-averagemuscle-averageweight-idealproportions", ideal))
    if cup:
        size = "maxcup" if cup > 0 else "mincup"
        targets.append((f"breast/female-young-averagemuscle-averageweight-{size}-averagefirmness", abs(cup)))
    if belly:
        targets += [
            ("stomach/stomach-pregnant-incr", 0.30 * belly),
            ("stomach/stomach-tone-decr", 0.9 * belly),
        ]
    return tuple(targets)


PEOPLE: dict[str, Person] = {
    p.id: p
    for p in (
        Person(
            "ana",
            1.66,
            woman({"caucasian": 0.5, "asian": 0.5}, weight=-0.25, cup=-0.4, belly=0.2),
            skin=(0.74, 0.54, 0.44),
            lips=(0.70, 0.38, 0.36),
            hair=(0.12, 0.075, 0.05),
            hair_style="bun",
            iris=(0.28, 0.17, 0.08),
            top=(0.10, 0.36, 0.42),
            bottom=(0.075, 0.08, 0.11),
            sleeve=0.42,
            looseness=0.0,
            description="slim, brown bun, fitted teal top, black leggings",
        ),
        Person(
            "bea",
            1.69,
            woman({"african": 1.0}, weight=0.42, cup=0.3, belly=0.35, ideal=0.3),
            skin=(0.36, 0.23, 0.17),
            lips=(0.40, 0.20, 0.19),
            hair=(0.035, 0.03, 0.028),
            hair_style="bun",
            iris=(0.16, 0.09, 0.05),
            top=(0.80, 0.58, 0.16),
            bottom=(0.16, 0.17, 0.20),
            sleeve=0.50,
            looseness=0.35,
            description="fuller body, black bun, mustard top, grey leggings",
        ),
        Person(
            "clara",
            1.63,
            woman({"caucasian": 1.0}, weight=0.15, cup=0.25, belly=0.95),
            skin=(0.84, 0.66, 0.57),
            lips=(0.76, 0.46, 0.44),
            hair=(0.50, 0.36, 0.19),
            hair_style="loose",
            iris=(0.25, 0.36, 0.42),
            top=(0.58, 0.60, 0.63),
            bottom=(0.12, 0.16, 0.28),
            sleeve=0.62,
            looseness=0.8,
            description="soft belly after childbirth, loose fair hair, wide grey T-shirt",
        ),
        Person(
            "dina",
            1.58,
            woman({"asian": 1.0}, weight=-0.5, cup=-0.6, belly=0.15),
            skin=(0.78, 0.60, 0.48),
            lips=(0.70, 0.40, 0.38),
            hair=(0.045, 0.04, 0.045),
            hair_style="ponytail",
            iris=(0.15, 0.09, 0.05),
            top=(0.48, 0.10, 0.19),
            bottom=(0.10, 0.10, 0.12),
            sleeve=0.36,
            looseness=0.0,
            description="small and slim, black ponytail, fitted wine-red top",
        ),
        Person(
            "eva",
            1.71,
            woman({"caucasian": 0.85, "african": 0.15}, weight=0.7, age=0.3, cup=0.4, belly=0.5, ideal=0.2),
            skin=(0.79, 0.59, 0.50),
            lips=(0.68, 0.40, 0.38),
            hair=(0.33, 0.14, 0.07),
            hair_style="loose",
            iris=(0.25, 0.30, 0.16),
            top=(0.14, 0.38, 0.22),
            bottom=(0.09, 0.09, 0.10),
            sleeve=0.75,
            looseness=1.0,
            description="larger body, about forty, loose auburn hair, wide green T-shirt",
        ),
        Person(
            "fatou",
            1.75,
            woman({"african": 0.6, "caucasian": 0.4}, weight=-0.1, cup=0.1, belly=0.5),
            skin=(0.52, 0.35, 0.25),
            lips=(0.50, 0.27, 0.25),
            hair=(0.06, 0.04, 0.03),
            hair_style="ponytail",
            iris=(0.2, 0.11, 0.05),
            top=(0.46, 0.32, 0.62),
            bottom=(0.20, 0.14, 0.26),
            sleeve=0.30,
            looseness=0.0,
            description="tall, soft belly, dark ponytail, fitted lilac top, plum leggings",
        ),
        Person(
            "gita",
            1.61,
            woman({"caucasian": 0.6, "asian": 0.2, "african": 0.2}, weight=0.3, age=0.15, cup=0.2, belly=0.7),
            skin=(0.60, 0.42, 0.30),
            lips=(0.54, 0.30, 0.27),
            hair=(0.05, 0.035, 0.03),
            hair_style="bun",
            iris=(0.17, 0.10, 0.05),
            top=(0.86, 0.84, 0.80),
            bottom=(0.45, 0.16, 0.14),
            sleeve=0.90,
            looseness=0.55,
            stripes=True,
            description="soft belly, black bun, striped white top, brick-red leggings",
        ),
    )
}


def invent_person(rng: np.random.Generator, number: int) -> Person:
    """Return a new person near a catalogue one: other shape, skin, colours and hair."""
    base = list(PEOPLE.values())[int(rng.integers(len(PEOPLE)))]
    shares = rng.dirichlet([0.7, 0.7, 0.7])
    ancestry = dict(zip(("african", "asian", "caucasian"), map(float, shares), strict=True))
    darkness = ancestry["african"] + 0.25 * ancestry["asian"] + float(rng.normal(0, 0.08))
    skin = np.clip(np.array([0.84, 0.66, 0.56]) - np.clip(darkness, 0, 1) * np.array([0.5, 0.44, 0.39]), 0.15, 0.9)

    def colour(low: float, high: float) -> Colour:
        r, g, b = (round(float(x), 3) for x in rng.uniform(low, high, 3))
        return r, g, b

    styles: tuple[Hair, ...] = ("bun", "ponytail", "loose")
    return replace(
        base,
        id=f"p{number:03d}",
        height=round(float(rng.normal(1.66, 0.06)), 3),
        targets=woman(
            ancestry,
            weight=float(np.clip(rng.normal(0.15, 0.4), -0.7, 0.9)),
            age=float(rng.uniform(0, 0.4)),
            belly=float(rng.uniform(0, 1)),
            cup=float(rng.uniform(-0.6, 0.6)),
            ideal=float(rng.uniform(0.1, 0.6)),
        ),
        skin=(float(skin[0]), float(skin[1]), float(skin[2])),
        lips=(float(skin[0] * 0.92), float(skin[1] * 0.68), float(skin[2] * 0.76)),
        hair_style=styles[int(rng.integers(3))],
        top=colour(0.08, 0.85),
        bottom=colour(0.06, 0.4),
        sleeve=float(rng.uniform(0.3, 0.95)),
        looseness=float(rng.choice([0.0, 0.3, 0.6, 1.0])),
        stripes=bool(rng.random() < 0.2),
        description="invented from the seed",
    )
