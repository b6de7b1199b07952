"""What a rule reads of the record, and by which codes it is recognised."""

from collections.abc import Iterable, Iterator, Sequence

from mappings.basis import InputRow, Sentences
from mappings.flags import FlagRow
from mappings.knowledge import Knowledge
from mappings.matching import Finding
from service.web.basis.codebook import Codebook
from service.web.basis.page import BasisCode, CodeList, Input
from service.web.basis.values import icd10

MEDICATIONS = "MedicationRequest, MedicationDispense, MedicationStatement, MedicationAdministration"


def inputs(ids: Iterable[str], knowledge: Knowledge, book: Codebook) -> tuple[Input, ...]:
    """Return the inputs `ids` of `basis.toml` with their codes."""
    rows = {row.id: row for row in knowledge.basis.input}
    return tuple(_input(rows[name], knowledge, book) for name in ids)


def flag_inputs(row: FlagRow, book: Codebook, said: Sentences) -> Iterator[Input]:
    """Yield what the rules of a flag itself name."""
    diagnoses = _diagnoses(row.condition, book, said)
    if diagnoses:
        yield Input(name=said["problems"], resource="Condition", recognised_by=diagnoses)
    medicines = [
        name
        for rule in row.medicine
        for name in (
            *rule.ingredients,
            *(ingredient for group in rule.groups for ingredient in book.groups.get(group, ())),
        )
    ]
    if medicines:
        yield Input(
            name=said["medicines-in-use"],
            resource=MEDICATIONS,
            recognised_by=_medicines(medicines, book, said),
        )
    done = [name for rule in row.procedure for name in rule.interventions]
    if done:
        yield Input(
            name=said["procedures"], resource="Procedure", recognised_by=_procedures(done, book, said)
        )


def _input(row: InputRow, knowledge: Knowledge, book: Codebook) -> Input:
    groups = [knowledge.diagnoses[diagnosis] for diagnosis in row.diagnoses]
    said = knowledge.basis.page
    grouped = [name for group in row.drug_groups for name in book.groups.get(group, ())]
    return Input(
        name=row.name,
        resource=row.resource,
        recognised_by=(
            *_diagnoses(groups, book, said),
            *_measurements(row.loinc, book),
            *_medicines((*row.ingredients, *grouped), book, said),
            *_procedures(row.procedures, book, said),
        ),
    )


def _diagnoses(findings: Sequence[Finding], book: Codebook, said: Sentences) -> tuple[CodeList, ...]:
    named = [code for finding in findings for code in icd10(finding.codes)]
    groups = sorted({group for finding in findings for group in finding.snomed})
    unnamed = [code for group in groups for code in book.conditions.get(group, ())]
    return (*_list("ICD-10-CM", named, said["prefixes"]), *_list("SNOMED CT", unnamed, said["unnamed-codes"]))


def _measurements(concepts: Iterable[str], book: Codebook) -> tuple[CodeList, ...]:
    """Return the LOINC codes of concepts; a concept also covers names that extend it after a colon."""
    found = [
        code
        for concept in concepts
        for known, codes in book.measurements.items()
        if known.partition(":")[0] == concept
        for code in codes
    ]
    return _list("LOINC", found)


def _medicines(names: Iterable[str], book: Codebook, said: Sentences) -> tuple[CodeList, ...]:
    found = [
        code
        for name in sorted(set(names))
        for code in book.ingredients.get(name, (BasisCode(code=said["by-name"], name=name),))
    ]
    return _list("RxNorm", found, said["products"])


def _procedures(concepts: Iterable[str], book: Codebook, said: Sentences) -> tuple[CodeList, ...]:
    found = [
        BasisCode(code=f"{code.name} {code.code}", name=concept.replace("_", " "))
        for concept in concepts
        for code in book.procedures.get(concept, ())
    ]
    return _list(said["procedure-codes"], found, said["prefixes"])


def _list(system: str, codes: Iterable[BasisCode], note: str = "") -> tuple[CodeList, ...]:
    once = tuple(dict.fromkeys(codes))
    return (CodeList(system=system, codes=once, note=note),) if once else ()
