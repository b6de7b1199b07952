"""The check that the basis pages say something everywhere, and nothing that the tables do not hold."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from mappings.basis import Basis, Explained, RuleText
from mappings.filling import fill, follow
from mappings.flags import FlagKind
from mappings.tables import TableError
from mappings.wording import CARD_KINDS

Places = Mapping[str, Any]


def check_basis(basis: Basis, version: str, places: Mapping[str, Places]) -> None:
    """Raise TableError about the first fault; `places` are the tables, once for each definition in use."""
    fault = next(_faults(basis, version, places), None)
    if fault:
        raise TableError(f"basis.toml: {fault}")


def _faults(basis: Basis, version: str, places: Mapping[str, Places]) -> Iterator[str]:
    yield from (f"{place}: expected a text" for place in _blank(basis, ""))
    if basis.change[-1].version != version:
        yield f"change: expected the last one to be about version {version} of the rules"
    if {rule.card for rule in basis.rule if rule.card} != set(CARD_KINDS):
        yield f"rule: expected one with `card` for each of {', '.join(CARD_KINDS)}"
    if [row.number for row in basis.attribute] != list(range(1, len(basis.attribute) + 1)):
        yield "attribute: expected the numbers of the regulation in their order"
    if {kind.id for kind in basis.flag_kind} != set(FlagKind):
        yield f"flag_kind: expected one row for each of {', '.join(FlagKind)}"
    for rule in basis.rule:
        yield from (f"rule {rule.id}: {fault}" for fault in _rule_faults(rule, basis))
    explained: tuple[RuleText | Explained, ...] = (*basis.rule, *basis.flag_kind)
    for page in explained:
        yield from _unknown_names(page, basis)
        for named in places.values():
            yield from (f"{page.id}: {fault}" for fault in _unknown_places(page, named))
    for sentence in _sentences(basis):
        yield from (fault for named in places.values() for fault in _unfilled(sentence, named))


def _rule_faults(rule: RuleText, basis: Basis) -> Iterator[str]:
    known = {row.id for row in basis.rule}
    if rule.card and rule.card != rule.id:
        yield "card: expected the id of the rule, for cards lead there by their topic"
    yield from (f"see: {name}: no such rule" for name in rule.see if name not in known)


def _sentences(basis: Basis) -> Iterator[str]:
    """Yield the sentences with figures that do not belong to a single rule."""
    use = basis.use
    yield from (*use.intended, *use.users, *use.population, *use.not_for)
    for regulation in basis.regulation:
        yield from regulation.texts
    for criterion in basis.criterion:
        yield from (*criterion.because, *criterion.doubts)


def _unfilled(sentence: str, named: Places) -> Iterator[str]:
    try:
        fill(sentence, named)
    except LookupError as error:
        yield f"{error} stands in no table: {sentence}"


def _unknown_places(page: RuleText | Explained, named: Places) -> Iterator[str]:
    for sentence in page.logic:
        yield from (f"logic: {fault}" for fault in _unfilled(sentence, named))
    for figure in page.figures:
        try:
            follow(named, figure.of.replace("criteria.*.", "profile."))
        except LookupError as error:
            yield f"figures: {figure.of}: {error} stands in no table"


def _unknown_names(page: RuleText | Explained, basis: Basis) -> Iterator[str]:
    inputs, attributes = {row.id for row in basis.input}, {row.id for row in basis.attribute}
    yield from (f"{page.id}: inputs: {name}: no such input" for name in page.inputs if name not in inputs)
    yield from (f"{page.id}: uses: {name}: no such attribute" for name in page.uses if name not in attributes)


def _blank(value: Any, place: str) -> Iterator[str]:
    """Yield the places of blank texts; a member that was left out does not count."""
    if is_dataclass(value):
        for member in fields(value):
            inner = getattr(value, member.name)
            if inner != member.default:
                yield from _blank(inner, f"{place} {member.name}".strip())
    elif isinstance(value, Mapping):
        yield from (found for key, inner in value.items() for found in _blank(inner, f"{place} {key}"))
    elif isinstance(value, tuple):
        if not value:
            yield place
        yield from (found for inner in value for found in _blank(inner, place))
    elif isinstance(value, str) and not value.strip():
        yield place
