"""How amounts, units and schedules are written: `dosage.toml`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.dosage_phrases import CLOCK, Node, PhraseMeaning, pattern, tree
from mappings.members import INGREDIENT, Ingredient, Refers
from mappings.schemas import Quantity
from mappings.tables import Reviewed, TableError, Tables, read_table

UNITS = ("mg", "mL", "unit", "mg a day", "unit a day")
Said = Annotated[tuple[str, ...], validate.Length(min=1)]
"""The words for one thing; an amount may have none."""

# What a phrase of a dosage text may mean.
MEANINGS = (
    "after",
    "as-needed",
    "change-to",
    "closing",
    "connector",
    "count-of",
    "daily",
    "directed",
    "divided",
    "each",
    "equals",
    "harmless",
    "lasting",
    "lasting-one",
    "meals",
    "most",
    "optional",
    "purpose",
    "purpose-opening",
    "rate",
    "slash",
    "stop",
    "taper",
    "then",
    "time-opening",
    "total",
    "until",
    "weekday-opening",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AmountWords:
    """Words for a unit of amount: `kind` is "mg", "mL", "unit", or one of them "a day".

    `words` stand in texts and in quantities, `codes` in quantities only.
    """

    kind: Annotated[str, validate.OneOf(UNITS)]
    factor: Quantity
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DurationWords:
    """Words for one length of time."""

    days: Quantity
    words: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """Words for one number."""

    value: Quantity
    words: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class Frequency:
    """Words for how often: `per_day` times a day, {n} times in so many days, or once in {n} times so many."""

    words: Said
    per_day: Quantity | None = None
    times_in_days: Quantity | None = None
    every_days: Quantity | None = None

    def __post_init__(self) -> None:
        """Raise ValidationError unless the row means one thing."""
        if sum(v is not None for v in (self.per_day, self.times_in_days, self.every_days)) != 1:
            raise ValidationError("must state one of per_day, times_in_days and every_days")


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeOfDay:
    """Words for one time of the day."""

    id: str
    words: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class Weekday:
    """Words for some days of the week."""

    days: Said
    words: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """Words of a text that mean one thing; `means` names it."""

    means: Annotated[str, validate.OneOf(MEANINGS)]
    words: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class FixedCombination(Reviewed):
    """A fixed combination that is judged as one drug, by the mg of `dose_of`."""

    name: str
    ingredients: Annotated[tuple[str, ...], validate.Length(min=2), Refers(INGREDIENT)]
    dose_of: Ingredient


@dataclass(frozen=True, kw_only=True, slots=True)
class Weekly(Reviewed):
    """A product taken once a week and the daily dose that it equals."""

    ingredient: Ingredient
    weekly_mg: Quantity
    daily_mg: Quantity


@dataclass(frozen=True, kw_only=True, eq=False)
class DosageTable:
    """`dosage.toml`, with its words looked up in lower case."""

    version: str
    most_units_at_once: float
    most_mg_a_day: float
    most_supply_days: int
    most_order_days: int
    most_supply_factor: float
    may_be_packs: float
    sources: tuple[str, ...]
    most_purpose_words: int
    range_words: tuple[str, ...]
    clock_halves: tuple[str, ...]
    amount: tuple[AmountWords, ...]
    duration: tuple[DurationWords, ...]
    number: tuple[Number, ...]
    frequency: tuple[Frequency, ...]
    time_of_day: tuple[TimeOfDay, ...]
    weekday: tuple[Weekday, ...]
    phrase: tuple[Phrase, ...]
    combination: tuple[FixedCombination, ...]
    weekly: tuple[Weekly, ...]

    @cached_property
    def amounts(self) -> Mapping[str, tuple[str, float]]:
        """Kind and factor by the unit's word."""
        rows = self.amount
        return {word.lower(): (row.kind, row.factor) for row in rows for word in (*row.words, *row.codes)}

    @cached_property
    def numbers(self) -> Node:
        """The phrases that are numbers."""
        return tree(
            (word, PhraseMeaning(kind="number", number=row.value))
            for row in self.number
            for word in row.words
        )

    @cached_property
    def phrases(self) -> Node:
        """Every other phrase of a dosage text."""
        return tree(self._meanings())

    @cached_property
    def bearing(self) -> frozenset[str]:
        """The words that bear on how much or how often, so that an unknown purpose cannot contain one."""
        plain = {"harmless", "purpose", "connector"}
        bearing = {
            t for phrase, meaning in self._meanings() if meaning.kind not in plain for t in pattern(phrase)
        }
        counted = {t for row in self.number for word in row.words for t in pattern(word)}
        return frozenset(bearing | counted | set(self.durations))

    def _meanings(self) -> Iterator[tuple[str, PhraseMeaning]]:
        yield from (phrase for often in self.frequency for phrase in _often(often))
        for row in self.phrase:
            if not row.means.endswith("-opening") or row.means == "purpose-opening":
                yield from ((word, PhraseMeaning(kind=row.means)) for word in row.words)
        for unit in self.amount:
            meaning = PhraseMeaning(kind="unit", names=unit.words[:1])
            yield from ((word, meaning) for word in unit.words)
        yield from self._opened(
            "time-opening",
            (
                *(
                    (word, PhraseMeaning(kind="time", names=(row.id,)))
                    for row in self.time_of_day
                    for word in row.words
                ),
                (CLOCK, PhraseMeaning(kind="clock")),
            ),
        )
        yield from self._opened(
            "weekday-opening",
            [
                (word, PhraseMeaning(kind="weekday", names=row.days))
                for row in self.weekday
                for word in row.words
            ],
        )

    def _opened(
        self, opening: str, phrases: Sequence[tuple[str, PhraseMeaning]]
    ) -> Iterator[tuple[str, PhraseMeaning]]:
        """Yield the phrases, alone and after each opening."""
        openings = [word for row in self.phrase if row.means == opening for word in row.words]
        for phrase, meaning in phrases:
            yield phrase, meaning
            yield from ((f"{word} {phrase}", meaning) for word in openings)

    @cached_property
    def durations(self) -> Mapping[str, float]:
        """Days by the unit's word."""
        return {word.lower(): row.days for row in self.duration for word in row.words}


def _often(row: Frequency) -> Iterator[tuple[str, PhraseMeaning]]:
    if row.per_day is not None:
        meaning = PhraseMeaning(kind="frequency", number=row.per_day)
    elif row.times_in_days is not None:
        meaning = PhraseMeaning(kind="times-in", number=row.times_in_days)
    else:
        meaning = PhraseMeaning(kind="every", number=row.every_days or 0.0)
    return ((word, meaning) for word in row.words)


def load_dosage(tables: Tables | None = None) -> DosageTable:
    """Return `dosage.toml`; raise TableError when a phrase has two meanings."""
    table = read_table("dosage.toml", DosageTable, tables)
    try:
        _ = table.numbers, table.phrases, table.bearing
    except ValueError as error:
        raise TableError(f"dosage.toml: {error}") from error
    return table
