"""What a card says of policies: one line about those that a site names, and that its definition is old."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from mappings.policies import PolicyTable
from mappings.policy_editions import STALE
from mappings.wording import Wording
from service.clinical.criteria import ReadCriterion, ReadPolicy, Standing
from service.render.escape import plain

_OPEN = (Standing.UNKNOWN, Standing.TO_DOCUMENT)
_SHORT = (Standing.NOT_MET, Standing.PARTIAL)


class PolicyWords(Struct, frozen=True, kw_only=True, gc=False):
    """The line about policies, and what warns of the definition that the card uses; each may be empty."""

    line: str = ""
    definition: str = ""


SILENT = PolicyWords()
"""What a card says of policies unless a site asks for it."""


def policy_words(
    found: Sequence[ReadPolicy], profile: str, on: date, table: PolicyTable, wording: Wording
) -> PolicyWords:
    """Return the words about policies that were read, and about the definition `profile` on a day."""
    definition = table.policies.get(profile)
    stale = definition and STALE in table.warnings(definition, on)
    return PolicyWords(
        line=_line(found, table, wording), definition=table.texts[f"warning.{STALE}"] if stale else ""
    )


def _line(found: Sequence[ReadPolicy], table: PolicyTable, wording: Wording) -> str:
    """Return which policies the record meets as far as it tells, and what the others lack first."""
    told = {
        "shown": [_item(read, table, wording) for read in found if _short_of(read) is None],
        "lacking": [_item(read, table, wording) for read in found if _short_of(read)],
    }
    parts = [
        table.say(f"card.{name}", policies=", ".join(policies)) for name, policies in told.items() if policies
    ]
    return table.say("card.line", told="; ".join(parts)) if parts else ""


def _short_of(read: ReadPolicy) -> ReadCriterion | None:
    """Return the first criterion that is not met, else in part, else trials of which nothing is known."""
    trials = {row.id for row in read.policy.criterion if row.trials}
    short = [one for standing in _SHORT for one in read.criteria if one.shown.standing is standing]
    unknown = [one for one in read.criteria if one.id in trials and one.shown.standing is not Standing.MET]
    return next(iter((*short, *unknown)), None)


def _item(read: ReadPolicy, table: PolicyTable, wording: Wording) -> str:
    policy, longest = read.policy, wording.limits.policy
    remarks = (*_remarks(read, table, longest), *(table.texts[f"warning.{name}"] for name in read.warnings))
    return table.say(
        "card.item", title=plain(policy.title, longest), policy=policy.id, remarks="; ".join(remarks)
    )


def _remarks(read: ReadPolicy, table: PolicyTable, longest: int) -> Iterator[str]:
    """Yield what a policy that is not met lacks, or else how many of its criteria are open."""
    if short := _short_of(read):
        lacks = next(iter(short.shown.lacking), table.texts[f"status.{short.shown.standing.value}"])
        yield table.say("card.lacks", title=short.title, lacks=plain(lacks, longest))
    else:
        count = sum(one.shown.standing in _OPEN for one in read.criteria)
        yield table.say("card.open", count=count, all=len(read.criteria))
