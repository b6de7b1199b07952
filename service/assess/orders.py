"""What a draft order asks of this service (clinical rules 12 and 13, order-time rules)."""

from collections.abc import Callable, Mapping
from enum import IntEnum

from mappings.diagnoses import DiagnosisGroup
from mappings.drugs import DrugTable
from mappings.orders import OrderTable
from mappings.systems import SystemId
from service.assess.entries import by_code
from service.clinical.facts import Problem, Purpose
from service.clinical.order_check import Agent, Way
from service.clinical.orders import DraftOrder


class Topic(IntEnum):
    """What an order is about, the weightiest last.

    Two are for drafts that could not be read: whether an agent is ordered is unknown then, and in the one
    case its name stands in them. An empty one is an order form in which nothing is chosen yet.
    """

    UNRELATED = 0
    OVERDOSE = 1
    EMPTY = 2
    ANTIDEPRESSANT = 3
    UNREADABLE = 4
    DEPRESSION = 5
    UNREADABLE_AGENT = 6
    AGENT = 7


def topic(
    order: DraftOrder,
    table: OrderTable,
    drugs: DrugTable,
    diagnoses: Mapping[str, DiagnosisGroup],
    depressed: Callable[[], bool],
) -> Topic:
    """Return what `order` is about; `depressed` tells whether the record has an entry of depression.

    It is asked only about ketamine without a reason, so that other orders need no record.
    """
    if order.do_not_perform:
        return Topic.UNRELATED
    agent = agent_of(order, table)
    if agent is not Agent.NONE:
        return Topic.UNRELATED if _for_something_else(order, agent, table, depressed) else Topic.AGENT
    if _for_depression(order, table, drugs, diagnoses):
        return Topic.DEPRESSION
    if order.is_blank:
        return Topic.EMPTY
    if any(ingredient in drugs.drugs for ingredient in order.ingredients):
        return Topic.ANTIDEPRESSANT
    groups = order.product.groups if order.product else frozenset()
    return Topic.UNRELATED if groups.isdisjoint(table.overdose.groups) else Topic.OVERDOSE


def agent_of(order: DraftOrder, table: OrderTable) -> Agent:
    """Return the agent that is ordered, referred for or named by a medicine."""
    esketamine = Agent.ESKETAMINE in order.ingredients
    ketamine = Agent.KETAMINE in order.ingredients
    if not (esketamine or ketamine):
        coded = {f"{code.system} {code.code.upper()}" for code in order.codes}
        esketamine = _names_code(table.agent.esketamine_codes, coded)
        ketamine = _names_code(table.agent.ketamine_codes, coded)
    if not (esketamine or ketamine):  # a name may say more than the code that was identified
        named = _named(order)
        esketamine, ketamine = table.agent.esketamine.in_text(named), table.agent.ketamine.in_text(named)
    if esketamine and ketamine:
        return Agent.BOTH
    if esketamine:
        return Agent.ESKETAMINE
    return Agent.KETAMINE if ketamine else Agent.NONE


def refers_to_psychiatry(order: DraftOrder, table: OrderTable) -> bool:
    """Tell whether the order is itself the referral to psychiatry, by code or name."""
    if order.kind != "ServiceRequest":
        return False
    rule = table.depression
    return not order.concepts.isdisjoint(rule.psychiatry) or rule.psychiatry_names.in_text(order.asks_for)


def ways(order: DraftOrder, table: OrderTable) -> tuple[Way, ...]:
    """Return how ketamine would be given otherwise than by infusion, by route, form and words (R14.30).

    The stated route stands above other words. What is denied, or about something else, is passed over.
    """
    rule, how = table.way, table.way.passed_over.sub(";", order.how)
    intravenous = rule.intravenous.in_text(order.route or how)
    infused = intravenous or rule.infusion.in_text(how)
    unstudied = rule.unstudied.in_text(order.route) or (not infused and rule.unstudied.in_text(how))
    injected = rule.injected.in_text(order.route) or (not intravenous and rule.injected.in_text(how))
    found = {Way.UNSTUDIED: unstudied or rule.compounded.in_text(how), Way.INJECTED: injected}
    return tuple(way for way in Way if found[way])


def _names_code(listed: tuple[str, ...], coded: set[str]) -> bool:
    """Tell whether one of the codes is listed.

    A code without a known system is believed by its form alone.
    """
    known = {" ".join(row.split()[:2]) for row in listed}
    loose = {f" {row.split()[1]}" for row in listed} | {f"{SystemId.CPT} {row.split()[1]}" for row in listed}
    return not coded.isdisjoint(known | loose)


def _named(order: DraftOrder) -> str:
    """Return the text that may name an agent; the reason of a medicine is left out."""
    if order.kind == "MedicationRequest":
        return order.asks_for
    return "; ".join((order.asks_for, *(reason.text for reason in order.reasons)))


def code_name(order: DraftOrder, table: OrderTable) -> str:
    """Return what the first code of the order that names an agent names; "" when no code does."""
    rows = (*table.agent.esketamine_codes, *table.agent.ketamine_codes)
    named = {(system, code): name for system, code, name in (row.split(" ", 2) for row in rows)}
    known = named | {("", code): name for (_, code), name in named.items()}
    coded = ((code.system, code.code.upper()) for code in order.codes)
    return next((known[code] for code in coded if code in known), "")


def _for_something_else(
    order: DraftOrder, agent: Agent, table: OrderTable, depressed: Callable[[], bool]
) -> bool:
    """Tell whether ketamine, or injected esketamine, is for anaesthesia, sedation, pain or seizures."""
    if _names_depression(order, table):
        return False
    if agent is not Agent.KETAMINE and not _injected(order, table):
        return False
    if table.agent.unrelated.in_text(order.text) or _coded_elsewhere(order, table):
        return True
    unexplained = order.kind == "MedicationRequest" and not order.reasons
    return agent is Agent.KETAMINE and unexplained and not depressed()


def _injected(order: DraftOrder, table: OrderTable) -> bool:
    """Tell whether the order is for a medicine by injection, by its words, else by its product."""
    if order.kind != "MedicationRequest" or table.agent.nasal.in_text(order.text):
        return False
    return table.agent.injected.in_text(order.text) or bool(
        order.product and order.product.route == "injection"
    )


def _coded_elsewhere(order: DraftOrder, table: OrderTable) -> bool:
    codes = (code.code.replace(".", "") for code in order.reason_codes if code.system == "icd10")
    return any(table.agent.unrelated_codes.name_of(code) for code in codes)


def _names_depression(order: DraftOrder, table: OrderTable) -> bool:
    if any(reason.purpose is Purpose.DEPRESSION for reason in order.reasons):
        return True
    return table.agent.depression.in_text(order.text)


def _for_depression(
    order: DraftOrder, table: OrderTable, drugs: DrugTable, diagnoses: Mapping[str, DiagnosisGroup]
) -> bool:
    if _reason_is_depression(order, diagnoses):
        return True
    if order.kind != "MedicationRequest":
        services = table.depression
        return not order.concepts.isdisjoint(services.concepts) or services.names.in_text(order.asks_for)
    return _antidepressant_for_depression(order, drugs)


def _antidepressant_for_depression(order: DraftOrder, drugs: DrugTable) -> bool:
    """Tell whether the order is for regular use of a countable antidepressant without another reason."""
    rows = [drugs.drugs[name] for name in order.ingredients if name in drugs.drugs]
    stated = {reason.purpose for reason in order.reasons}
    elsewhere = bool(stated & {Purpose.OTHER, Purpose.SMOKING}) and Purpose.DEPRESSION not in stated
    barred = order.product is not None and bool(order.product.never_counts)
    return any(not row.never_counts for row in rows) and not (order.as_needed or elsewhere or barred)


def _reason_is_depression(order: DraftOrder, diagnoses: Mapping[str, DiagnosisGroup]) -> bool:
    entry = Problem(reference="", codes=order.reason_codes, groups=order.reason_groups, text="")
    groups = (diagnoses["major-depression"], diagnoses["depression-unspecified"])
    coded = any(by_code(entry, group) for group in groups)
    uncoded = not order.reason_codes and any(r.purpose is Purpose.DEPRESSION for r in order.reasons)
    return coded or uncoded
