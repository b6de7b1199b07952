"""Makes one patient whole: the resources of the chart, and the truth about it."""

from collections.abc import Iterator

from msgspec import Struct

from service.synth.measures import measures
from service.synth.medicines import medicines
from service.synth.people import history_of
from service.synth.problems import allergies, existing, patient, problems
from service.synth.tables import Population
from service.synth.truth import Truth, truth_of
from service.synth.writing import Json, Writer


class SyntheticChart(Struct, frozen=True):
    """One made-up patient: the resources, and what they should come to."""

    resources: tuple[Json, ...]
    truth: Truth


def synthetic_chart(seed: int, number: int, rows: Population) -> SyntheticChart:
    """Return one patient; the same seed and number give the same."""
    history, measured = history_of(seed, number, rows)
    return SyntheticChart(
        resources=tuple(_resources(Writer(history, rows.as_of), rows)),
        truth=truth_of(history, measured, rows),
    )


def _resources(writer: Writer, rows: Population) -> Iterator[Json]:
    yield patient(writer)
    yield from problems(writer)
    yield from allergies(writer, rows.codes)
    yield from measures(writer, rows.codes)
    yield from medicines(writer)
    yield from existing(writer, rows.codes)
