"""Hypersensitivity to the medicines and their excipients, and mere intolerance."""

from mappings.entries import EntryWords
from mappings.flag_figures import AllergyRule
from mappings.flags import FlagRow, FlagTable
from service.assess.flags.hits import Hit, hit, lowered
from service.clinical.facts import Allergy, PatientFacts

_SUSPECTED = frozenset({"unconfirmed", "provisional", "differential"})


def hypersensitivity_hits(row: FlagRow, facts: PatientFacts, table: FlagTable) -> tuple[Hit, ...]:
    """Return a hit for each allergy to a medicine or excipient, resolved or not."""
    found = (_allergy_hit(row, allergy, table) for allergy in facts.allergies if not allergy.no_known)
    return tuple(filter(None, found))


def intolerance_hits(row: FlagRow, facts: PatientFacts, table: FlagTable) -> tuple[Hit, ...]:
    """Return a hit for each non-immune intolerance of a medicine."""
    rule = table.allergy
    return tuple(
        _suspected(allergy, hit(row, _described(allergy, table.words, rule), allergy.reference))
        for allergy in facts.allergies
        if not allergy.no_known and _to_drug(allergy, rule) and not hypersensitive(allergy, rule)
    )


def hypersensitive(allergy: Allergy, rule: AllergyRule) -> bool:
    """Tell whether an entry is taken as hypersensitivity (clinical rules 5, 13 and R14.4).

    The reaction overrules the type: only non-immune reactions make an intolerance. Without a reaction,
    or with one that the table does not know, the entry's own words do ("ketamine (hives)"), else the type.
    A reaction that endangered life is never an intolerance.
    """
    if _severe(allergy, rule) or any(
        rule.immune.in_text(reaction) for reaction in allergy.reactions or (allergy.text,)
    ):
        return True
    return allergy.kind != "intolerance" and not _not_immune(allergy, rule)


def _not_immune(allergy: Allergy, rule: AllergyRule) -> bool:
    return bool(allergy.reactions) and all(_listed(reaction, rule) for reaction in allergy.reactions)


def _listed(reaction: str, rule: AllergyRule) -> bool:
    """Tell whether a reaction names only non-immune effects and their severity."""
    rest = rule.not_immune_qualifiers.without(rule.not_immune.without(reaction.lower()))
    return rule.not_immune.in_text(reaction) and not any(sign.isalpha() for sign in rest)


def _severe(allergy: Allergy, rule: AllergyRule) -> bool:
    texts = (*allergy.reactions, allergy.text)
    return allergy.criticality == "high" or any(rule.anaphylaxis.in_text(text) for text in texts)


def _to_drug(allergy: Allergy, rule: AllergyRule) -> bool:
    return not set(allergy.ingredients).isdisjoint(rule.drugs)


def _allergy_hit(row: FlagRow, allergy: Allergy, table: FlagTable) -> Hit | None:
    rule = table.allergy
    if not hypersensitive(allergy, rule):
        return None
    text = _described(allergy, table.words, rule)
    if _to_drug(allergy, rule):
        found = hit(row, text, allergy.reference)
        return _believed(allergy, found, rule)
    for excipient in rule.excipient:
        if not set(allergy.ingredients).isdisjoint(excipient.ingredients):
            found = hit(
                row, text, allergy.reference, esketamine=excipient.esketamine, ketamine=excipient.ketamine
            )
            return _believed(allergy, found, rule)
    return None


def _believed(allergy: Allergy, found: Hit, rule: AllergyRule) -> Hit:
    """Return the hit in full if it may have endangered life, else lowered where unconfirmed or denied."""
    if allergy.disagrees:
        return lowered(found)
    return found if _severe(allergy, rule) else _suspected(allergy, found)


def _suspected(allergy: Allergy, found: Hit) -> Hit:
    return lowered(found) if allergy.verification in _SUSPECTED else found


def _described(allergy: Allergy, words: EntryWords, rule: AllergyRule) -> str:
    substance = allergy.text or ", ".join(allergy.ingredients)
    reactions = ", ".join(filter(None, allergy.reactions)) or rule.no_reaction
    remarks = [
        rule.inactive.format(status=allergy.status) if allergy.status not in ("", "active") else "",
        words.unconfirmed if allergy.verification in _SUSPECTED else "",
        words.disagrees if allergy.disagrees else "",
        rule.filed_as_allergy if allergy.kind == "allergy" and not hypersensitive(allergy, rule) else "",
    ]
    finding = rule.finding.format(substance=substance, reactions=reactions)
    return ", ".join(filter(None, (finding, *remarks)))
