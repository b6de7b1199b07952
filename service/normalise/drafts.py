"""The draft orders of an order hook in the words of the clinic."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec.structs import replace

from mappings.reading import ReadingTables
from service.clinical.facts import Code
from service.clinical.orders import DraftOrder
from service.fhir.resources import (
    CodeableConcept,
    Dosage,
    Draft,
    Drafts,
    Medication,
    MedicationRequest,
    Record,
    Reference,
    Resource,
    Row,
    ServiceRequest,
)
from service.normalise.codes import all_words, codes_of, texts, words
from service.normalise.context import Context, Vocabulary
from service.normalise.dosage import doses, regimen
from service.normalise.identify import forms_of, identified, medication_names
from service.normalise.interventions import concepts_of
from service.normalise.ownership import is_about
from service.normalise.purposes import reasons, referred
from service.normalise.taken import components


def draft_orders(
    drafts: Drafts,
    record: Record,
    vocabulary: Vocabulary,
    tables: ReadingTables,
    as_of: date,
    patient_id: str | None = None,
) -> tuple[DraftOrder, ...]:
    """Return each draft that this service reads, with references followed in the drafts and in the record."""
    everything: Mapping[str, Row[Resource]] = {**record.found, **drafts.record.found}
    medications: tuple[Row[Medication], ...] = (*drafts.record.medications, *record.medications)
    together = replace(record, found=everything, medications=medications)
    context = Context(
        record=together,
        vocabulary=vocabulary,
        tables=tables,
        as_of=as_of,
    )
    return tuple(
        replace(
            _order(draft, context),
            invalid=draft.invalid,
            foreign=not is_about(_subject(draft), record, patient_id),
        )
        for draft in drafts.orders
    )


def _order(draft: Draft, context: Context) -> DraftOrder:
    resource = draft.row.resource
    if isinstance(resource, MedicationRequest):
        return _medicine(draft.row.label, resource, context)
    if isinstance(resource, ServiceRequest):
        return _service(draft.row.label, resource, context)
    raise TypeError(f"no draft order: {draft.row.label}")


def _medicine(label: str, request: MedicationRequest, context: Context) -> DraftOrder:
    naming = medication_names(request, context)
    identity = identified(naming, context.vocabulary, context.tables.dosage)
    product, table = identity.product, context.tables.dosage
    names = context.vocabulary.own_words(product.ingredients) if product else frozenset()
    plan = regimen(request.dosage_instruction, product, table, names) if product else None
    parts = components(product, table) if product else ()
    stated = _reasons(request, context)
    instructions = [*(d.text for d in request.dosage_instruction), *_routes(request.dosage_instruction)]
    codes = codes_of(CodeableConcept(coding=naming.codings))
    how = [*naming.names, *forms_of(request, context), *_manner(request), product.form if product else ""]
    return DraftOrder(
        reference=label,
        kind="MedicationRequest",
        name=identity.name or (product.name if product else _named_code(codes, context)),
        asks_for=_joined(naming.names),
        text=_joined([*naming.names, all_words((*request.category, *stated)), *instructions]),
        product=product,
        concepts=concepts_of(codes, context),
        codes=codes,
        how=_joined(how),
        route=_joined(_routes(request.dosage_instruction)),
        ingredients=tuple(name for name, _ in parts),
        doses=doses(plan, product, parts[0][1], table) if plan and product else (),
        as_needed=plan.as_needed if plan else False,
        reasons=reasons(request.reason_code, request.reason_reference, context, request.contained),
        reason_codes=codes_of(*stated),
        reason_groups=_groups(codes_of(*stated), context),
        do_not_perform=request.do_not_perform,
        fault=identity.fault,
        is_blank=not (naming.names or naming.ingredients or codes)
        and not _points(request.medication_reference),
        notes=identity.notes,
    )


def _service(label: str, request: ServiceRequest, context: Context) -> DraftOrder:
    stated = _reasons(request, context)
    wording = all_words((request.code, *request.order_detail, *request.category, *stated))
    codes = codes_of(request.code, *request.order_detail)
    return DraftOrder(
        reference=label,
        kind="ServiceRequest",
        name=words(request.code) or _named_code(codes, context),
        asks_for=all_words((request.code, *request.order_detail)),
        text=_joined([wording, *(note.text for note in request.note)]),
        concepts=concepts_of(codes, context),
        codes=codes,
        how=_joined(
            [all_words((request.code, *request.order_detail)), *(note.text for note in request.note)]
        ),
        reasons=reasons(request.reason_code, request.reason_reference, context, request.contained),
        reason_codes=codes_of(*stated),
        reason_groups=_groups(codes_of(*stated), context),
        do_not_perform=request.do_not_perform,
    )


def _points(reference: Reference | None) -> bool:
    """Tell whether the reference points to a Medication, sent or not."""
    if reference is None:
        return False
    named = reference.identifier.value if reference.identifier else ""
    return bool((reference.reference or named).strip())


def _manner(request: MedicationRequest) -> Iterator[str]:
    """Return all words for how and where the medicine is given: routes, instructions, notes."""
    for dosage in request.dosage_instruction:
        yield from (dosage.text, dosage.patient_instruction, all_words(dosage.additional_instruction))
        yield from texts(dosage.method)
    yield from _routes(request.dosage_instruction)
    yield from (note.text for note in request.note)


def _routes(instructions: Iterable[Dosage]) -> Iterator[str]:
    for route in (dosage.route for dosage in instructions if dosage.route):
        yield from texts(route)
        yield from (coding.code for coding in route.coding)


def _named_code(codes: Iterable[Code], context: Context) -> str:
    """Return the first code that means a treatment, as the name of an order without words."""
    return next((code.code for code in codes if concepts_of((code,), context)), "")


def _reasons(request: MedicationRequest | ServiceRequest, context: Context) -> tuple[CodeableConcept, ...]:
    named = (referred(reference, context, request.contained) for reference in request.reason_reference)
    return (*request.reason_code, *named)


def _groups(codes: Iterable[Code], context: Context) -> frozenset[str]:
    found = [context.vocabulary.snomed_groups(code.code) for code in codes if code.system == "snomed"]
    return frozenset().union(*found)


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _subject(draft: Draft) -> Reference | None:
    resource = draft.row.resource
    return resource.subject if isinstance(resource, MedicationRequest | ServiceRequest) else None
