"""The errors a person can do something about: each says what happened and what to do next."""

from pathlib import Path


class PosecheckError(Exception):
    """Something outside the program stands in the way.

    Attributes:
        message: One sentence that names the thing and the value.
        hint: What to do next; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint


class ModelMissingError(PosecheckError):
    """The pose model is not on this computer and could not be obtained."""


class SourceError(PosecheckError):
    """A video, photograph, folder or recording cannot be read."""


class OutputError(PosecheckError):
    """A result cannot be written."""


class DefinitionError(PosecheckError):
    """One or more definition files are wrong; the message lists every fault, a line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class OwnBandsError(DefinitionError):
    """A person's own bands are wrong; everything else is in order.

    Attributes:
        files: Those with a fault, in order.
    """

    def __init__(self, faults: list[str], files: list[Path]) -> None:
        super().__init__(faults)
        self.files = files
