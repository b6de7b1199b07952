"""The logic of one flag in sentences, and its rules as tables."""

from collections.abc import Iterator, Mapping, Sequence

from mappings.basis import ACTIVE_WITHIN, Figure, FlagText
from mappings.filling import fill
from mappings.flags import ConditionRule, FlagRow, MedicineInUse
from mappings.knowledge import Knowledge
from service.web.basis.figures import listed
from service.web.basis.page import BasisTable

CONDITION_COLUMNS = (
    *("when", "days", "esketamine", "ketamine", "basis", "codes", "exceptions", "snomed"),
    *("text", "text_except", "named", "not_named", "remark"),
)


def flag_path(flag_id: str) -> str:
    """Return the path segment of a flag's page."""
    return f"flag-{flag_id.lower()}"


def flag_logic(row: FlagRow, knowledge: Knowledge) -> tuple[str, ...]:
    """Return what the flag means on each route and what raises it, in sentences."""
    return tuple(_sentences(row, knowledge))


def _sentences(row: FlagRow, knowledge: Knowledge) -> Iterator[str]:
    text, words = knowledge.basis.flag, knowledge.wording.words["level"]
    yield text.rules["levels"].format(
        esketamine=_level(row.esketamine, words, text), ketamine=_level(row.ketamine, words, text)
    )
    if "contraindication" in (row.esketamine, row.ketamine):
        yield text.rules[f"basis-{row.basis}"]
    for rule in row.condition:
        yield _condition(rule, knowledge)
    for medicine in row.medicine:
        yield _medicine(medicine, knowledge)
    if row.procedure:
        yield text.rules["procedure"]
    if row.replaced_by:
        yield text.rules["replaced"].format(flags=", ".join(row.replaced_by))


def flag_close(row: FlagRow, knowledge: Knowledge, profile: str) -> tuple[str, ...]:
    """Return the sentences that hold for every flag, and the one used when nothing is found."""
    text = knowledge.basis.flag
    return (*text.lead, text.rules["missing"].format(text=fill(row.missing, knowledge.places(profile))))


def _condition(rule: ConditionRule, knowledge: Knowledge) -> str:
    text = knowledge.basis.flag
    named = rule.codes.names or tuple(sorted(rule.snomed)) or _phrases(rule)
    first, more = named[0].replace("_", " "), len(named) - 1
    what = text.rules["some"].format(first=first, count=more) if more else first
    when = text.times[rule.when if rule.when != "active" or not rule.days else ACTIVE_WITHIN]
    said = text.rules["condition"].format(what=what, when=when.format(days=rule.days))
    return f"{said}{_levels(rule, knowledge)}."


def _phrases(rule: ConditionRule) -> tuple[str, ...]:
    return tuple(" + ".join(part.words for part in phrase) for phrase in rule.text.phrases)


def _medicine(rule: MedicineInUse, knowledge: Knowledge) -> str:
    names = sorted((*rule.groups, *rule.ingredients))
    what, text = ", ".join(name.replace("_", " ") for name in names), knowledge.basis.flag.rules
    if rule.routes:
        what = text["some-routes"].format(medicines=what, routes=", ".join(sorted(rule.routes)))
    said = text["medicine"].format(what=what, days=rule.days)
    return f"{said}{_levels(rule, knowledge)}."


def _levels(rule: ConditionRule | MedicineInUse, knowledge: Knowledge) -> str:
    """Return the levels and conditions that the rule itself states, "" if it states none."""
    text, words = knowledge.basis.flag, knowledge.wording.words["level"]
    said = [
        f"{route}: {_level(level, words, text)}"
        for route, level in (("esketamine", rule.esketamine), ("ketamine", rule.ketamine))
        if level
    ]
    for word, names in (("given", rule.given), ("unless", rule.unless)):
        said += [text.rules[word].format(names=_meanings(names, knowledge))] if names else []
    said += [rule.remark] if rule.remark else []
    return f" ({'; '.join(said)})" if said else ""


def _meanings(names: frozenset[str], knowledge: Knowledge) -> str:
    """Return the meanings of circumstances and the titles of flags, joined."""
    meanings = {row.id: f"{row.title} ({row.id})" for row in knowledge.flags.flag}
    meanings |= {row.id: row.meaning for row in knowledge.flags.circumstance}
    return "; ".join(meanings[name] for name in sorted(names))


def _level(level: str, words: Mapping[str, str], text: FlagText) -> str:
    return words.get(level, words["nothing"]) if level != "none" else text.rules["no-flag"]


def flag_tables(row: FlagRow, knowledge: Knowledge) -> Iterator[BasisTable]:
    """Yield the rules of a flag as they stand in the table."""
    said = knowledge.basis.page
    kinds: tuple[tuple[str, Sequence[object], tuple[str, ...]], ...] = (
        (said["problems"], row.condition, CONDITION_COLUMNS),
        (said["medicines"], row.medicine, ()),
        (said["procedures"], row.procedure, ()),
    )
    for heading, rules, columns in kinds:
        if rules:
            yield listed(Figure(of="flags.flag", heading=heading, columns=columns), rules, knowledge.basis)
