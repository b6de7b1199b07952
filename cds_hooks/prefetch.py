"""Prefetch templates: the relative FHIR reads and searches that a service asks callers to make beforehand.

Templates are checked when the service is defined, against what CDS Hooks 2.0.1 recommends, since a client
leaves out, without a word, a query that it cannot make.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from cds_hooks.grammar import LOGICAL_ID, RESOURCE_TYPE

USER_TOKENS = frozenset(
    {"userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"}
)
"""The names for the id of the user, each filled in only for a user of its kind."""

WHOLE_REFERENCES = frozenset({"context.userId"})
"""The tokens that are `Type/id` already, so a whole read by themselves."""

_RESULT_PARAMETERS = frozenset({"_id", "_lastUpdated", "_count", "_sort"})

_DAY = re.compile(
    r"\{\{ *today\(\)(?: *(?P<sign>[+-]) *(?P<number>\d{1,5}) *(?P<unit>day|week|month|year)s?)? *\}\}"
)
"""A token of FHIRPath that tells a day; a month counts as 30 days and a year as 365."""
_OF_TYPE = r"\.ofType\([A-Z][A-Za-z]{1,63}\)"
_REFERRED = re.compile(
    r"\{\{ *(?P<of>context\.[A-Za-z]{1,32}|%[A-Za-z][A-Za-z0-9]{0,63})\.entry\.resource"
    rf"{_OF_TYPE}\.[a-z][A-Za-z]{{0,63}}(?:\.ofType\(Reference\))?\.resolve\(\)(?:{_OF_TYPE})?\.id *\}}\}}"
)
"""A token of FHIRPath that tells the ids of what orders, or the resources under another key, refer to."""
_ANY_ID = "1"
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_ANY_DAY = "2000-01-01"

_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_READ = re.compile(rf"{RESOURCE_TYPE}/(?:{LOGICAL_ID}|\{{\{{(?P<token>[^{{}}]+)\}}\}})")
_SEARCH = re.compile(rf"{RESOURCE_TYPE}\?(?P<query>.+)")
_PARAMETER = re.compile(r"(?P<name>_?[a-zA-Z][a-zA-Z-]*)(?::in)?=(?P<value>[^\s&#]+)")
_UNSUPPORTED_DATE = re.compile(r"(?:^|,)(?:ne|sa|eb|ap)\d{4}")
_SORT = re.compile(r"-?[a-z_][A-Za-z-]*(?:,-?[a-z_][A-Za-z-]*)*")


def check_template(template: str, tokens: Iterable[str], *, dated: bool = False) -> None:
    """Raise ValueError if `template` is not a query that every client can make, or uses other `tokens`.

    Where it may be `dated`, as for clients of CDS Hooks 3, tokens may also tell days, `today() - 90 days`,
    and what is referred to: `%orders.entry.resource.ofType(MedicationRequest).medication.resolve().id`.
    """
    if dated:
        template = _REFERRED.sub(_ANY_ID, _DAY.sub(_ANY_DAY, template))
    unknown = set(_TOKEN.findall(template)) - set(tokens)
    if unknown:
        raise ValueError(f"{template}: unknown token {', '.join(sorted(unknown))}")
    if _is_read(template):
        return
    search = _SEARCH.fullmatch(template)
    if not search:
        raise ValueError(f"{template}: expected Type/id or Type?parameter=value, relative to the FHIR server")
    _check_query(template, search["query"])


def is_dated(template: str | None) -> bool:
    """Tell whether `template` has date tokens."""
    return template is not None and _DAY.search(template) is not None


def referring(template: str | None) -> frozenset[str]:
    """Return the places where tokens of `template` look for references: `context.draftOrders`, `%orders`."""
    return frozenset(found["of"] for found in _REFERRED.finditer(template or ""))


def filled(template: str, values: Mapping[str, str]) -> str | None:
    """Return `template` with the `values` in place of its tokens; None if a token has no value."""
    if not set(_TOKEN.findall(template)) <= values.keys():
        return None
    return _TOKEN.sub(lambda found: values[found[1]], template)


def on_day(template: str, today: date) -> str:
    """Return `template` with its date tokens filled in as of `today`."""
    return _DAY.sub(lambda found: str(_day_of(found, today)), template)


def _day_of(found: re.Match[str], today: date) -> date:
    if not found["number"]:
        return today
    days = int(found["number"]) * _DAYS[found["unit"]]
    try:
        return today + timedelta(days if found["sign"] == "+" else -days)
    except OverflowError:
        return date.max if found["sign"] == "+" else date.min


def _is_read(template: str) -> bool:
    if template in {f"{{{{{token}}}}}" for token in WHOLE_REFERENCES}:
        return True
    read = _READ.fullmatch(template)
    return read is not None and read["token"] not in WHOLE_REFERENCES


def _check_query(template: str, query: str) -> None:
    seen = set()
    for part in query.split("&"):
        parameter = _PARAMETER.fullmatch(part)
        if not parameter:
            raise ValueError(f"{template}: {part}: expected name=value, no chain, no modifier but :in")
        name, value = parameter["name"], parameter["value"]
        if name in seen:
            raise ValueError(f"{template}: {name} more than once")
        seen.add(name)
        _check_value(template, name, value)


def _check_value(template: str, name: str, value: str) -> None:
    if name.startswith("_") and name not in _RESULT_PARAMETERS:
        raise ValueError(f"{template}: {name} is not among the recommended parameters")
    if _UNSUPPORTED_DATE.search(value):
        raise ValueError(f"{template}: {name}: expected no date prefix but eq, lt, gt, ge and le")
    if name == "_sort" and not _SORT.fullmatch(value):
        raise ValueError(f"{template}: _sort: expected names of parameters, as in _sort=-date")
    if name == "_count" and not value.isdecimal():
        raise ValueError(f"{template}: _count: expected a number")
