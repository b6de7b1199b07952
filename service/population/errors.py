"""Why a screening ended before it was done, each in one line."""


class InputError(Exception):
    """The input, or the folder to write, cannot be used as it is: the caller's to mend."""


class ScreenError(Exception):
    """The machine or this program failed; what was finished stands, the same command goes on there."""
