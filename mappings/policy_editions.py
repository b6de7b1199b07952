"""One edition of a policy: its dates, how it was read, the edition before it, and when it is too old."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from marshmallow import ValidationError, validate

from mappings.schemas import NoneOrOneLine, Positive, Text
from mappings.sources import READ
from mappings.tables import Reviewed, TableError

DEFINITION = "definition"
KINDS_OF_POLICY = ("label", DEFINITION, "payer", "system", "guideline")
FOUND = ("in the source", "ours")
STALE = "stale"
WARNINGS = ("composite", "not-own-words", "undated", STALE, "not-yet", "ended", "superseded")
"""What a reader may have to know before relying on a policy."""


def _first_day(text: str) -> date:
    """Return the first day of a year, a month or a day; raise ValidationError for any other text."""
    try:
        return date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        raise ValidationError("expected a year, month or day such as 2025, 2025-05 or 2025-05-01") from None


def _last_day(text: str) -> date:
    """Return the last day of a year, a month or a day."""
    year, month, day = (*text.split("-"), "", "")[:3]
    last_month = int(month or 12)
    return date(int(year), last_month, int(day or monthrange(int(year), last_month)[1]))


_Day = Annotated[str, _first_day]


@dataclass(frozen=True, kw_only=True, slots=True)
class StaleRule:
    """After how many days a policy is warned about, and who says so."""

    days: Positive
    sources: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition(Reviewed):
    """What is known of one edition of a policy.

    `dated`, `effective_from` and `effective_to` are years, months or days, empty where nobody could tell.
    `supersedes` says in words what it took the place of; `edition_before` is the policy of these tables that
    was its edition before. `composite`: it joins several policies and is not that of a single publisher.
    """

    kind: Annotated[str, validate.OneOf(KINDS_OF_POLICY)]
    read: Annotated[str, validate.OneOf(READ)]
    read_on: date
    read_at: Annotated[str, validate.URL(schemes={"https", "http"})] = ""
    dated: _Day = ""
    effective_from: _Day = ""
    effective_to: _Day = ""
    supersedes: NoneOrOneLine = ""
    edition_before: str = ""
    composite: bool = False

    @property
    def own_words(self) -> bool:
        """Whether someone has read the policy in its own words."""
        return self.read in FOUND

    def older_than(self, days: int, on: date) -> bool:
        """Tell whether its latest known date is longer ago than that, or no date is known."""
        known = [_first_day(text) for text in (self.dated, self.effective_from) if text]
        return not known or (on - max(known)).days > days

    def warnings(self, stale: StaleRule, on: date) -> Iterator[str]:
        """Yield the names of what a reader has to know on a day before relying on it.

        A definition that joins no policies of others has no publisher who might replace it, so it is not
        stale: its row has a day by which it is to be read again.
        """
        if self.composite:
            yield "composite"
        if not self.own_words:
            yield "not-own-words"
        if not (self.dated or self.effective_from):
            yield "undated"
        elif self.older_than(stale.days, on) and (self.composite or self.kind != DEFINITION):
            yield STALE
        if self.effective_from and on < _first_day(self.effective_from):
            yield "not-yet"
        if self.effective_to and on > _last_day(self.effective_to):
            yield "ended"


def check_editions(policies: Mapping[str, Edition]) -> None:
    """Raise TableError unless each edition before is another policy, and that of one later edition alone."""
    later: dict[str, str] = {}
    for name, policy in policies.items():
        if not (before := policy.edition_before):
            continue
        if before not in policies:
            raise TableError(f"policy {name}: edition_before: {before}: expected the id of a policy")
        if before in later:
            raise TableError(f"policy {name}: edition_before: {before}: {later[before]} has it too")
        later[before] = name
    for name in policies:
        if name in _earlier(name, policies):
            raise TableError(f"policy {name}: edition_before: comes before itself")


def _earlier(name: str, policies: Mapping[str, Edition]) -> list[str]:
    """Return the ids of the editions before, the latest first, up to one that comes again."""
    found: list[str] = []
    while (name := policies[name].edition_before) and name not in found:
        found.append(name)
    return found
