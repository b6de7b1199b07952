"""ECT, magnetic and vagus nerve stimulation, psychotherapy: sessions on record, beside the count (R14.32)."""

from mappings.augmentations import AugmentationTable, OtherTreatment
from mappings.findings import Findings
from service.clinical.assessment import Augmentation, Episode
from service.clinical.facts import Intervention, PatientFacts, ServiceOrder

_GIVEN = frozenset({"", "completed", "in-progress", "active"})
_ORDERED = frozenset({"active", "completed"})


def other_treatments(
    facts: PatientFacts, episode: Episode, table: AugmentationTable, findings: Findings
) -> list[Augmentation]:
    """Return each treatment given in the episode, or else ordered."""
    found = (_given(row, facts, episode, table, findings) for row in table.treatments)
    ordered = (_ordered(row, facts, episode, table, findings) for row in table.treatments)
    return [treatment for pair in zip(found, ordered, strict=True) if (treatment := pair[0] or pair[1])]


def _given(
    row: OtherTreatment, facts: PatientFacts, episode: Episode, table: AugmentationTable, findings: Findings
) -> Augmentation | None:
    """Return the sessions of a treatment; the same day and hour under two codes count once."""
    sessions: dict[object, Intervention] = {}
    for session in facts.interventions:
        since = session.when is None or session.when.last >= episode.start
        if since and session.status in _GIVEN and _is(row, session.concepts, session.affirmed, table):
            sessions.setdefault(session.when or session.reference, session)
    done = list(sessions.values())
    if not done:
        return None
    days = sorted(session.when.first for session in done if session.when)
    return Augmentation(
        name=row.name,
        start=days[0] if days else None,
        end=days[-1] if days else None,
        days=None,
        adequate=len(done) >= row.treatments,
        text=findings.say("augmentation.procedure", count=len(done)),
        evidence=tuple(session.reference for session in done),
        is_procedure=True,
    )


def _ordered(
    row: OtherTreatment, facts: PatientFacts, episode: Episode, table: AugmentationTable, findings: Findings
) -> Augmentation | None:
    """Return a treatment from its orders: named, but not adequate."""
    orders = [order for order in facts.service_orders if _is_order(row, order, episode, table)]
    days = sorted(order.authored.first for order in orders if order.authored)
    if not orders:
        return None
    return Augmentation(
        name=row.name,
        start=days[0] if days else None,
        end=None,
        days=None,
        adequate=False,
        text=findings.say("augmentation.procedure-ordered", count=len(orders)),
        evidence=tuple(order.reference for order in orders),
        is_procedure=True,
    )


def _is_order(
    row: OtherTreatment, service_order: ServiceOrder, episode: Episode, table: AugmentationTable
) -> bool:
    since = service_order.authored is None or service_order.authored.last >= episode.start
    return (
        since
        and service_order.status in _ORDERED
        and _is(row, service_order.concepts, service_order.affirmed, table)
    )


def _is(row: OtherTreatment, concepts: frozenset[str], text: str, table: AugmentationTable) -> bool:
    """Tell whether codes or words name the treatment."""
    return row.concept in concepts or (row.words.in_text(text) and not table.not_words.in_text(text))
