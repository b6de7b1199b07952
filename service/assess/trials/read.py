"""Reading a trial history: from the facts to the trials, the augmentations and the counts."""

import re
from datetime import date

from msgspec import Struct

from mappings.criteria import Criteria
from mappings.knowledge import Knowledge
from service.assess.trials.augmentations import added_courses, adequate_drugs, augmentations, starts
from service.assess.trials.context import TrialContext, dispenses
from service.assess.trials.examine import examined_courses, with_endings
from service.assess.trials.ledger import counts, judged, trial
from service.assess.trials.outcomes import OutcomeContext
from service.clinical.assessment import Augmentation, Counts, Episode, Trial
from service.clinical.facts import PatientFacts, Score


class TrialHistory(Struct, frozen=True, kw_only=True, gc=False):
    """Every judged course of an antidepressant, the augmentations and the counts."""

    trials: tuple[Trial, ...]
    augmentations: tuple[Augmentation, ...]
    counts: Counts


def read_trials(
    facts: PatientFacts,
    episode: Episode,
    latest: Score | None,
    knowledge: Knowledge,
    criteria: Criteria,
    as_of: date,
) -> TrialHistory:
    """Return the trial history; `latest` is the depression score that shows its severity now."""
    context = TrialContext(
        criteria=criteria,
        drugs=knowledge.drugs,
        as_of=as_of,
        dispenses=dispenses(facts),
        child_pugh=re.compile(knowledge.flags.liver.class_pattern),
    )
    found = examined_courses(facts, context)
    added = added_courses(facts, found, knowledge.augmentations, context)
    around = OutcomeContext(
        starts=starts(found, added, as_of),
        scores=facts.scores,
        scores_not_read=facts.scores_not_read,
        latest=latest,
        scales=knowledge.scales,
        as_of=as_of,
    )
    verdicts = judged(with_endings(found, around, context), episode, context)
    reported = augmentations(added, verdicts, facts, episode, knowledge.augmentations, knowledge.findings)
    return TrialHistory(
        trials=tuple(trial(verdict, knowledge.findings, context) for verdict in verdicts),
        augmentations=reported,
        counts=counts(verdicts, adequate_drugs(reported, knowledge.augmentations)),
    )
