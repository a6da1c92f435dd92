"""What a practice has to say: sentences and chimes, numbered so that each is heard once, one after another."""

from __future__ import annotations

import itertools
import re
from collections import deque
from dataclasses import dataclass
from typing import Literal

from posecheck.library import Library
from posecheck.moment import Tone

Chime = Literal["start", "held", "done"]
Talk = Literal["full", "some", "little"]

_KEPT = 12


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing for the ear, said or chimed exactly once.

    Attributes:
        number: Counts up by one within a connection; the page speaks each number once.
        t: Media time in seconds.
        text: What is spoken and captioned, or None for a chime alone.
        chime: What sounds before it, or None.
        rank: 3 a reason nothing counts, 2 a cue or the way of the practice, 1 praise and counts, 0 the breath.
            A higher rank interrupts.
    """

    number: int
    t: float
    text: str | None = None
    chime: Chime | None = None
    rank: int = 2


@dataclass(frozen=True, slots=True)
class Caption:
    """The one sentence to show now."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Own:
    """A sentence of the practice's own, said from ``since`` to about ``until``, media seconds."""

    caption: Caption
    since: float
    until: float


class Speech:
    """Gathers what is said over media time, and knows about how long each sentence takes.

    Args:
        library: Its sentences, and how fast they are spoken.
        language: Of every sentence.

    Attributes:
        rate: Speed of the voice, 1 = usual.
        talk: How much is said, see ``session.Wishes``.
    """

    def __init__(self, library: Library, language: str) -> None:
        self._library = library
        self._voice = library.coaching.voice
        self.language = language
        self.rate = 1.0
        self.talk: Talk = "full"
        self._numbers = itertools.count(1)
        self._sayings: deque[Saying] = deque(maxlen=_KEPT)
        self._waiting: deque[tuple[str, int, bool]] = deque()
        self._speaks_until = self._tells_until = 0.0
        self._own: Own | None = None

    @property
    def sayings(self) -> tuple[Saying, ...]:
        """The latest things for the ear, oldest first."""
        return tuple(self._sayings)

    @property
    def own(self) -> Own | None:
        """The last sentence that was not the trainer's."""
        return self._own

    def phrase(self, name: str, **gaps: object) -> str:
        """Return a phrase with its gaps filled."""
        return self._library.phrase(name, self.language, **gaps)

    def busy(self, t: float) -> bool:
        """Return whether somebody is being told something, as far as the length of sentences tells."""
        return bool(self._waiting) or t < self._speaks_until

    def telling(self, t: float) -> bool:
        """Return whether it is the practice itself that is speaking, not the trainer or the set-up."""
        return bool(self._waiting) or t < self._tells_until

    def step(self, t: float) -> None:
        """Say the next of the sentences that wait for their turn, once the one before is over."""
        if self._waiting and t >= self._speaks_until:
            text, rank, _ = self._waiting.popleft()
            self.tell(text, t, rank=rank)

    def queue(self, *texts: str, rank: int = 2, keep: bool = False) -> None:
        """Say sentences one after another, each in its turn; ``keep``: whatever comes."""
        self._waiting.extend((text, rank, keep) for text in texts if text)

    @property
    def waits(self) -> bool:
        """Whether sentences wait for their turn."""
        return bool(self._waiting)

    @property
    def owes(self) -> bool:
        """Whether something still has to be said before she may begin."""
        return any(keep for _, _, keep in self._waiting)

    def hush(self) -> None:
        """Forget what waits for its turn and need not be said."""
        self._waiting = deque(one for one in self._waiting if one[2])

    def say(self, name: str, t: float, *, rank: int = 2, **gaps: object) -> None:
        """Say a phrase now."""
        self.tell(self.phrase(name, **gaps), t, rank=rank)

    def tell(self, text: str, t: float, *, rank: int = 2) -> None:
        """Say a sentence of the practice's own now, and show it."""
        self.pass_on(text, t, rank)
        self._tells_until = self._speaks_until
        if rank > 0:
            self._own = Own(Caption(text, "guide"), t, self._speaks_until)

    def pass_on(self, text: str, t: float, rank: int) -> None:
        """Say somebody else's sentence now; they show it themselves."""
        words = len(re.findall(r"\w+", text))
        self._speaks_until = t + words * self._voice.word / self.rate + self._voice.pause
        self._sayings.append(Saying(next(self._numbers), t, text, rank=rank))

    def ring(self, chime: Chime, t: float) -> None:
        """Chime now."""
        self._sayings.append(Saying(next(self._numbers), t, None, chime))

    def clear_caption(self) -> None:
        """Take the practice's own sentence off the screen."""
        self._own = None
