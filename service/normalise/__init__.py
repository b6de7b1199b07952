"""From the typed record to the facts that the assessment reads. Pure: no input, output or clock."""

from service.normalise.reading import facts, problem_list

__all__ = ["facts", "problem_list"]
