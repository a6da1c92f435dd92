"""What can go wrong outside the program, each as one sentence and what to do next."""


class RenderError(Exception):
    """A fault a person can mend; shown as one sentence, without a traceback.

    Args:
        message: What happened, naming the thing.
        hint: The next action, a full sentence; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint
