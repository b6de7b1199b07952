"""What a record shows of the criteria of policies. Worked out only when asked for."""

from collections.abc import Sequence

from mappings.criteria import Criteria
from mappings.knowledge import Knowledge
from mappings.policies import Policy, PolicyRow
from mappings.policy_rules import AntidepressantRule
from service.assess.criteria.chart import CriteriaChart
from service.assess.criteria.entries import (
    age,
    antidepressant,
    diagnosis,
    earlier,
    exclusion,
    pressure,
)
from service.assess.criteria.severity import severity
from service.assess.criteria.treatments import treatment
from service.assess.criteria.trials import as_counted, trials
from service.clinical.assessment import Assessment, Trial
from service.clinical.criteria import ReadCriterion, ReadPolicy, Shown, Standing
from service.clinical.facts import PatientFacts


def read_criteria(
    facts: PatientFacts, assessment: Assessment, knowledge: Knowledge, ids: Sequence[str]
) -> tuple[ReadPolicy, ...]:
    """Return what the record shows of the policies with these ids, in their order."""
    table = knowledge.policies
    chart = CriteriaChart(facts, assessment, knowledge)
    taken = antidepressant(AntidepressantRule(), frozenset(), chart)
    return tuple(
        ReadPolicy(
            policy=policy,
            warnings=table.warnings(policy, assessment.assessed_on),
            criteria=tuple(_read(criterion, policy, chart) for criterion in policy.criterion),
            trials=_trials(policy, chart),
            definition=_definition(policy, chart),
            earlier=chart.earlier,
            taken=taken,
        )
        for policy in (table.policies[policy_id] for policy_id in ids)
    )


def _read(criterion: PolicyRow, policy: Policy, chart: CriteriaChart) -> ReadCriterion:
    return ReadCriterion(
        id=criterion.id,
        title=chart.knowledge.policies.title(criterion),
        text=criterion.text,
        shown=_shown(criterion, policy, chart),
    )


def _shown(criterion: PolicyRow, policy: Policy, chart: CriteriaChart) -> Shown:
    """Return what the record shows, judged by the one block that the criterion has."""
    if criterion.trials:
        return trials(criterion.trials, policy.counting, chart)
    if criterion.antidepressant:
        return antidepressant(criterion.antidepressant, _failed(policy, chart), chart)
    if criterion.severity:
        return severity(criterion.severity, chart)
    if criterion.treatment:
        return treatment(criterion.treatment, chart)
    if criterion.exclusion:
        return exclusion(criterion.exclusion, chart)
    if criterion.earlier:
        return earlier(criterion.earlier, chart)
    return _plain(criterion, chart)


def _plain(criterion: PolicyRow, chart: CriteriaChart) -> Shown:
    if criterion.diagnosis:
        return diagnosis(criterion.diagnosis, chart)
    if criterion.age:
        return age(criterion.age, chart)
    if criterion.pressure:
        return pressure(criterion.pressure, chart)
    if criterion.closed:
        return Shown(standing=Standing.NOT_MET, lacking=(criterion.closed,))
    return Shown(standing=Standing.TO_DOCUMENT, lacking=(criterion.outside,))


def _trials(policy: Policy, chart: CriteriaChart) -> tuple[Trial, ...]:
    """Return the courses as the policy counts them."""
    rules = (criterion.trials for criterion in policy.criterion if criterion.trials)
    return tuple(trial for rule in rules for trial in as_counted(rule, policy.counting, chart))


def _definition(policy: Policy, chart: CriteriaChart) -> Criteria:
    """Return the counting profile with the figures of the policy."""
    base = chart.knowledge.criteria[policy.counting]
    rules = (criterion.trials.counted_by(base) for criterion in policy.criterion if criterion.trials)
    return next(rules, base)


def _failed(policy: Policy, chart: CriteriaChart) -> frozenset[str]:
    """Return the drugs whose trials the policy counts as failed."""
    return frozenset(trial.ingredient for trial in _trials(policy, chart) if trial.ever)
