"""What a practice has to say: in its turn, and what must be said whatever comes."""

from __future__ import annotations

from posecheck.library import Library
from posecheck.speech import Speech


def test_hushing_forgets_what_waits_but_not_what_must_be_said(library: Library) -> None:
    speech = Speech(library, "en")
    speech.queue("Stop if it hurts.", keep=True)
    speech.queue("Both arms up pause.")
    assert speech.owes
    speech.hush()
    speech.step(0.0)
    assert [saying.text for saying in speech.sayings] == ["Stop if it hurts."]
    assert not speech.owes
    assert not speech.waits


def test_faster_speech_is_over_sooner(library: Library) -> None:
    for rate, busy in ((1.0, True), (2.0, False)):
        speech = Speech(library, "en")
        speech.rate = rate
        speech.tell("One two three four five six seven eight.", 0.0)
        voice = library.coaching.voice
        assert speech.busy(voice.pause + 6 * voice.word) is busy


def test_the_breath_is_heard_and_not_shown(library: Library) -> None:
    speech = Speech(library, "en")
    speech.tell("In.", 0.0, rank=0)
    assert (len(speech.sayings), speech.own) == (1, None)


def test_nothing_is_not_said(library: Library) -> None:
    speech = Speech(library, "en")
    speech.queue("", "Hello.")
    speech.step(0.0)
    assert [saying.text for saying in speech.sayings] == ["Hello."]


def test_whoever_has_more_to_say_is_still_speaking(library: Library) -> None:
    speech = Speech(library, "en")
    speech.queue("Hello.")
    assert speech.busy(0.0)
    assert speech.telling(0.0)
    speech.step(0.0)
    for still in (speech.busy, speech.telling):
        assert (still(0.1), still(60.0)) == (True, False)
