"""Depression scales: how they are recognised and what their totals mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.members import Measurement
from mappings.plain import plain
from mappings.schemas import expect
from mappings.tables import Reviewed, Tables, read_table


class ScaleId(StrEnum):
    """Scales that the service asks for by name; the table alone declares every other."""

    PHQ9 = "PHQ-9"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale(Reviewed):
    """Bands of one scale by their lowest total; `referral` is severe enough for a referral card.

    A total is recognised by the LOINC `concept`, by the code of its `panel` where that has a value, by a
    SNOMED CT code, or by its name: one of `names` and no other words than `also` and those of any total.
    """

    id: str
    highest: float
    moderate: float
    referral: float
    remission_below: float
    names: tuple[str, ...]
    also: tuple[str, ...] = ()
    concept: Measurement = ""
    panel: Measurement = ""
    snomed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        bands = (self.remission_below, self.moderate, self.referral, self.highest)
        if list(bands) != sorted(bands):
            raise ValidationError("expected remission_below, moderate, referral, highest to rise", "highest")
        for name in (*self.names, *self.also):
            if name != plain(name):
                raise ValidationError(
                    f"{name!r}: written so it is never found; write {plain(name)!r}", "names"
                )

    @property
    def snomed_codes(self) -> frozenset[str]:
        """The SNOMED CT codes of its total, without their names."""
        return frozenset(row.partition(" ")[0] for row in self.snomed)


@dataclass(frozen=True, kw_only=True, slots=True)
class TotalNames(Reviewed):
    """Words beside the name of a scale where its total is meant, and scales without bands here."""

    total: tuple[str, ...]
    also: tuple[str, ...]
    items: tuple[str, ...]
    other_scales: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleName:
    """The names of one scale, and the words beside them that leave it a total."""

    id: str
    names: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleNames:
    """How depression scales are named in words."""

    words: TotalNames
    scales: tuple[ScaleName, ...]

    def total_of(self, text: str) -> str | None:
        """Return the id of the scale whose total `text` names."""
        said = plain(text)
        return next((scale.id for scale in self.scales if self._names_total(scale, said)), None)

    def is_total(self, text: str) -> bool:
        """Tell whether `text` says no more than that something is a total: "Total score"."""
        said = plain(text).split()
        return any(word in self.words.total for word in said) and set(said) <= {
            *self.words.total,
            *self.words.also,
        }

    def names_scale(self, text: str) -> bool:
        """Tell whether `text` names a depression scale, and none of its items."""
        said = f" {plain(text)} "
        if any(f" {word} " in said for word in self.words.items):
            return False
        names = (*(name for scale in self.scales for name in scale.names), *self.words.other_scales)
        return any(name in said for name in names)

    def _names_total(self, scale: ScaleName, said: str) -> bool:
        name = next((name for name in scale.names if name in said), None)
        if name is None:
            return False
        rest = " ".join(said.split(name)).split()
        foreign = [word for word in rest if word not in (*self.words.total, *self.words.also, *scale.also)]
        if any(word in self.words.items for word in foreign) or any(map(_numbered, foreign)):
            return False
        return not foreign or self.words.total[0] in rest


def _numbered(word: str) -> bool:
    return any(sign.isdigit() for sign in word)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleTable:
    """`severity.toml`."""

    version: str
    names: TotalNames
    scale: Annotated[Mapping[str, Scale], validate.Length(min=1)]

    def __post_init__(self) -> None:
        expect(self.scale, ScaleId, "scale")


def load_scales(tables: Tables | None = None) -> Mapping[str, Scale]:
    """Return the scales of `severity.toml` by id."""
    return read_table("severity.toml", ScaleTable, tables).scale


def load_scale_names(tables: Tables | None = None) -> ScaleNames:
    """Return how the scales of `severity.toml` are named."""
    table = read_table("severity.toml", ScaleTable, tables)
    scales = (ScaleName(id=scale.id, names=scale.names, also=scale.also) for scale in table.scale.values())
    return ScaleNames(words=table.names, scales=tuple(scales))
