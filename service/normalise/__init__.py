"""From the typed record to the facts that the assessment reads. Pure: no input, output or clock."""

from service.normalise.reading import facts

__all__ = ["facts"]
