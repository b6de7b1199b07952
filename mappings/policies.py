"""Policies: what a label, a definition, a payer or a health system asks for, row by row, dated and sourced.

`policies.toml` holds the words and the order in which criteria are shown, each file of `policies/` some
policies. A site adds files of its own; a policy of one that is shipped stands in its place.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import Annotated, Any

from marshmallow import Schema, ValidationError, fields, validate

from mappings.criteria import Criteria
from mappings.drugs import DrugTable
from mappings.placeholders import Sentence, table_of
from mappings.policy_editions import WARNINGS, Edition, StaleRule, check_editions
from mappings.policy_rules import KINDS, JudgedBy
from mappings.schemas import NoneOrOneLine, OneLine, Text, schema_of
from mappings.severity import Scale
from mappings.sources import READ
from mappings.tables import POLICIES, TableError, Tables, load_table, parsed, read_table

WORDS = "policies.toml"
SITE = f"{POLICIES}site/"
ALL = "all"
MOST_ON_CARD = 3  # policies that one line of a card names
_Id = Annotated[str, validate.Regexp(r"[a-z0-9]+(-[a-z0-9]+)*\Z")]


PLACEHOLDERS: Mapping[str, Mapping[str, str]] = {
    "diagnosis": {"found": "count", "unspecified": "", "none": "", "not_read": ""},
    "trials": {
        "found": "count needed names",
        "more": "count needed",
        "classes": "needed shown",
        "doubt": "drug reasons",
        "inferred": "drug",
        "undated": "drug",
        "unfilled": "drug",
        "open": "count",
        "not_read": "",
        "another": "",
        "earlier": "",
    },
    "severity": {
        "found": "scale total day",
        "low": "least scale total day",
        "later": "scale total day",
        "none": "least days",
        "old": "least days scale total day",
    },
    "age": {"found": "years", "outside": "years", "none": ""},
    "antidepressant": {
        "found": "names",
        "ordered": "names",
        "open": "names",
        "short": "names days",
        "low": "names days",
        "none": "classes",
        "none_of": "classes",
        "not_read": "",
    },
    "exclusion": {"found": "names", "against": "names", "weighed": "names", "none": ""},
    "earlier": {"found": "names", "without": "names", "response": "names", "ordered": "names", "none": ""},
    "treatment": {"found": "names", "more": "count needed", "failed": "names", "short": "names", "none": ""},
    "pressure": {"found": "systolic diastolic day", "none": "days", "old": "days day"},
    "picture": {
        "title": "",
        "description": "policies courses told",
        "needs": "trials classes days",
        "open": "days",
        "none": "",
        "undated": "",
        "earlier": "count",
        "hover": "policy drug status reasons",
    },
    "card": {
        "line": "told",
        "shown": "policies",
        "lacking": "policies",
        "item": "title policy remarks",
        "open": "count all",
        "lacks": "title lacks",
    },
    "paper": {
        "title": "title",
        "head": "policy name",
        "page": "page pages",
        "edition": "publisher jurisdiction version dated read read_on",
        "undated": "",
        "patient": "name born gender numbers subject",
        "open": "",
        "assessed": "day first last",
        "foot": "policy version profile rules day",
        "maker": "maker",
        "boxes": "",
        "diagnosis": "",
        "no_diagnosis": "",
        "since": "name start",
        "episode": "text",
        "severity": "text",
        "taken": "text",
        "not_taken": "",
        "earlier": "names",
        "earlier_course": "drug start end doses",
        "earlier_ordered": "drug start",
        "earlier_undated": "drug",
        "no_earlier": "",
        "allergies": "names",
        "no_allergies": "",
        "pressure": "systolic diastolic day",
        "counts": "counts",
        "risk": "",
        "criteria": "",
        "standing": "",
        "criterion": "",
        "shown": "",
        "entries": "",
        "settled": "text",
        "trials": "counted possible",
        "no_trials": "",
        "drug": "",
        "days": "",
        "days_of": "qualifying covered",
        "dose": "",
        "verdict": "",
        "outcome": "",
        "stopped": "text",
        "class": "drug drug_class",
        "treatments": "",
        "name": "",
        "dates": "",
        "about": "",
        "not_recognised": "names",
        "augmentation": "",
        "scores": "",
        "score": "scale totals",
        "total": "total day",
        "no_scores": "",
        "flags": "",
        "level": "",
        "no_flags": "",
        "unknown": "names",
        "document": "",
        "to_document": "title text",
        "nothing": "",
        "signature": "",
        "more": "count",
        "references": "names count",
    },
}
"""What a sentence about each kind of criterion, and on paper, may be filled with."""

STATUSES = ("met", "partial", "not-met", "unknown", "to-document")
PAGE = (
    *WARNINGS,
    "promise",
    "found",
    "settled-by",
    "evidence",
    "not-asked",
)
FORM: Mapping[str, Mapping[str, str]] = {
    "patient": {
        "born": "date",
        "written": "string",
        "years": "integer",
        "gender": "string",
        "evidence": "string",
    },
    "diagnosis": {
        "name": "string",
        "code": "string",
        "start": "date",
        "written": "string",
        "evidence": "string",
    },
    "present": {
        "start": "date",
        "about": "text",
        "severity": "text",
        "taken": "text",
        "evidence": "string",
    },
    "trial": {
        "drug": "string",
        "class": "string",
        "dose": "quantity",
        "minimum": "quantity",
        "start": "date",
        "end": "date",
        "written": "string",
        "running": "boolean",
        "days": "integer",
        "status": "choice",
        "reasons": "text",
        "outcome": "choice",
        "about": "text",
        "stopped": "text",
        "evidence": "string",
    },
    "treatment": {
        "drug": "string",
        "start": "date",
        "end": "date",
        "days": "integer",
        "adequate": "boolean",
        "about": "text",
        "evidence": "string",
    },
    "earlier": {
        "drug": "string",
        "start": "date",
        "end": "date",
        "doses": "integer",
        "ordered": "boolean",
        "stopped": "text",
        "evidence": "string",
    },
    "score": {
        "scale": "string",
        "total": "decimal",
        "start": "date",
        "written": "string",
        "evidence": "string",
    },
    "pressure": {"systolic": "decimal", "diastolic": "decimal", "start": "date", "evidence": "string"},
    "risk": {"about": "text", "evidence": "string"},
    "flag": {"name": "string", "about": "text", "evidence": "string"},
    "allergy": {"name": "string", "about": "text", "evidence": "string"},
    "criterion": {
        "standing": "choice",
        "found": "text",
        "lacking": "text",
        "evidence": "string",
        "statement": "text",
    },
}
"""The groups of a form, with their items and the type of each."""
FORM_WORDS = (*FORM, *dict.fromkeys(item for items in FORM.values() for item in items))
PLAIN = {
    "status": STATUSES,
    "sign": STATUSES,
    "judged": KINDS,
    "read": READ,
    "page": PAGE,
    "form": FORM_WORDS,
    "warning": WARNINGS,
}
"""Words and sentences that are filled with nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRow(JudgedBy):
    """What a policy asks for: `text` is ours, `quote` the policy's own words, in brief."""

    id: _Id
    text: OneLine
    quote: NoneOrOneLine = ""

    def __post_init__(self) -> None:
        if not self.kind:
            raise ValidationError(f"expected exactly one of {', '.join(KINDS)}", "id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy(Edition):
    """One edition of one policy; `counting` is the profile in `criteria/` on which its trials rest."""

    id: _Id
    version: OneLine
    title: OneLine
    publisher: OneLine
    jurisdiction: OneLine
    note: NoneOrOneLine = ""
    counting: str = "default"
    sources: tuple[Text, ...] = ()
    criterion: Annotated[tuple[PolicyRow, ...], validate.Length(min=1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyTable:
    """All policies by id, with the names of their criteria and the words about them.

    `on_card` are those that cards name in one line, as a site asks for it.
    """

    policies: Mapping[str, Policy]
    names: Mapping[str, str]
    stale: StaleRule
    texts: Mapping[str, str]
    on_card: tuple[str, ...] = ()

    @property
    def current(self) -> tuple[str, ...]:
        """The ids of the policies that are no earlier edition of another."""
        earlier = {policy.edition_before for policy in self.policies.values()}
        return tuple(name for name in self.policies if name not in earlier)

    def warnings(self, policy: Policy, on: date) -> tuple[str, ...]:
        """Return the names of what warns of a policy on a day."""
        earlier = () if policy.id in self.current else ("superseded",)
        return (*policy.warnings(self.stale, on), *earlier)

    def told(self, warnings: Iterable[str]) -> tuple[str, ...]:
        """Return the sentences of warnings."""
        return tuple(self.texts[f"page.{name}"] for name in warnings)

    def say(self, sentence: str, **values: object) -> str:
        """Return the sentence `kind.name` with its placeholders filled in."""
        return self.texts[sentence].format(**values)

    def title(self, criterion: PolicyRow) -> str:
        """Return the short name of a criterion; for a criterion that only a site has, its text."""
        return self.names.get(criterion.id, criterion.text)

    def chosen(self, asked: str) -> tuple[str, ...]:
        """Return the ids `asked` lists, or all current ones; raise ValueError that says what was expected."""
        listed = tuple(dict.fromkeys(asked.split(",")))
        if listed == (ALL,):
            return self.current
        if not set(listed) <= self.policies.keys():
            raise ValueError(
                f"expected {ALL}, or ids of policies separated by commas: {', '.join(self.policies)}"
            )
        return listed

    def rows(self, chosen: Iterable[Policy]) -> tuple[str, ...]:
        """Return the ids of the criteria of `chosen`, in the order in which they are shown."""
        asked = dict.fromkeys(criterion.id for policy in chosen for criterion in policy.criterion)
        return (
            *(name for name in self.names if name in asked),
            *(name for name in asked if name not in self.names),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    version: str
    policy: tuple[Policy, ...] = ()
    on_card: Annotated[tuple[Text, ...], validate.Length(max=MOST_ON_CARD)] = ()

    def __post_init__(self) -> None:
        if not (self.policy or self.on_card):
            raise ValidationError("expected a policy, or ids in on_card", "policy")


def load_policies(tables: Tables) -> PolicyTable:
    """Return the policies of every file of `policies/`; raise TableError when one does not fit.

    Policies of the site replace shipped ones with the same id.
    """
    words = _words(tables)
    files = sorted(name for name in tables if name.startswith(POLICIES))
    shipped, _ = _read([name for name in files if not name.startswith(SITE)], tables)
    own, on_card = _read([name for name in files if name.startswith(SITE)], tables)
    return PolicyTable(
        policies=shipped | own,
        on_card=on_card,
        names={row["id"]: row["title"] for row in words["criterion"]},
        stale=words["stale"],
        texts={
            f"{section}.{name}": text
            for section in (*PLACEHOLDERS, *PLAIN)
            for name, text in words[section].items()
        },
    )


def _read(files: Iterable[str], tables: Tables) -> tuple[dict[str, Policy], tuple[str, ...]]:
    """Return the policies of some files, and those that cards are to name."""
    found: dict[str, Policy] = {}
    on_card: tuple[str, ...] = ()
    for file in files:
        read = read_table(file, _File, tables)
        for policy in read.policy:
            if policy.id in found:
                raise TableError(f"{PurePath(file).name}: {policy.id}: another file has this policy too")
            found[policy.id] = policy
        if on_card and read.on_card:
            raise TableError(f"{PurePath(file).name}: on_card: another file has it too")
        on_card = on_card or read.on_card
    return found, on_card


def check_policies(
    table: PolicyTable, criteria: Mapping[str, Criteria], scales: Mapping[str, Scale], drugs: DrugTable
) -> None:
    """Raise TableError when a policy names a counting profile, a scale or a class that no table has."""
    classes = {drug.drug_class for drug in drugs.drugs.values()}
    check_editions(table.policies)
    if unknown := [name for name in table.on_card if name not in table.policies]:
        raise TableError(f"on_card: {unknown[0]}: expected the id of a policy")
    for policy in table.policies.values():
        if policy.counting not in criteria:
            raise TableError(f"policy {policy.id}: counting: expected one of {', '.join(sorted(criteria))}")
        for criterion in policy.criterion:
            for word, there, what in _named(criterion, scales, classes):
                if word not in there:
                    raise TableError(f"policy {policy.id}: {criterion.id}: {word}: expected {what}")


def with_policies(tables: Tables, folder: Path) -> Tables:
    """Return the tables with the policies in the folder of a site."""
    own = {f"{SITE}{file.name}": parsed(file) for file in sorted(folder.glob("*.toml"))}
    if not own:
        raise TableError(f"{folder.name}: expected a file of policies, such as payer.toml")
    return {**tables, **own}


def _named(
    criterion: PolicyRow, scales: Mapping[str, Scale], classes: set[str]
) -> Iterator[tuple[str, Iterable[str], str]]:
    for scale in criterion.severity.at_least if criterion.severity else ():
        yield scale, scales, "a scale of severity.toml"
    for drug_class in criterion.antidepressant.classes if criterion.antidepressant else ():
        yield drug_class, classes, "a class of drugs.toml"


def _words(tables: Tables) -> dict[str, Any]:
    """Return the content of `policies.toml`, its sentences checked for what they may be filled with."""
    sections = {
        section: table_of((name, Sentence(allowed)) for name, allowed in rows.items())
        for section, rows in PLACEHOLDERS.items()
    }
    rows = Schema.from_dict({"id": fields.String(required=True), "title": fields.String(required=True)})
    schema = Schema.from_dict(
        {
            "version": fields.String(required=True),
            "stale": fields.Nested(schema_of(StaleRule), required=True),
            "criterion": fields.List(fields.Nested(rows), required=True),
            **sections,
            **{name: table_of((word, Sentence("")) for word in words) for name, words in PLAIN.items()},
        }
    )
    content: dict[str, Any] = load_table(WORDS, schema(), tables)
    return content
