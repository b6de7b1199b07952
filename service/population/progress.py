"""What whoever waits at a terminal sees: how far the work is, how fast, and how long it still takes."""

from collections.abc import Callable
from time import monotonic
from typing import TextIO

_WIDTH = 24


class Progress:
    """A bar on a terminal; in a file or a pipe nothing is written."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic) -> None:
        """Write to the stream, if it is a terminal."""
        self._stream, self._clock = stream, clock
        self._what, self._begun, self._first, self._patients = "", 0.0, 0, 0

    def __call__(self, what: str, number: int, whole: int, patients: int) -> None:
        """Show that part `number` of `whole` is done, with so many patients in it."""
        if not self._stream.isatty():
            return
        if what != self._what:  # the time of the first part is known from the second on
            self._what, self._begun, self._first, self._patients = what, self._clock(), number, 0
        else:
            self._patients += patients
        seconds = self._clock() - self._begun
        bar = "#" * (_WIDTH * number // whole)
        told = f"{what} {number} of {whole} [{bar:{_WIDTH}}]{self._rate(number, whole, seconds)}"
        self._stream.write(f"\r{told:<78}" + ("\n" if number == whole else ""))
        self._stream.flush()

    def _rate(self, number: int, whole: int, seconds: float) -> str:
        done = number - self._first
        if not done or seconds <= 0:
            return ""
        rate = f" {self._patients / seconds:,.0f} patients/s," if self._patients else ""
        left = round((whole - number) * seconds / done)
        return f"{rate} {left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"
