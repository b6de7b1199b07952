"""What a card needs besides the assessment: wording, the caller's patient, and how ids are made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from msgspec import Struct, field

from mappings.wording import Wording
from service.clinical.order_check import OrderCheck
from service.render.escape import plain
from service.render.policy_line import SILENT, PolicyWords


class RenderContext(Struct, frozen=True, kw_only=True, gc=False):
    """What the edge knows of this call.

    `patient_id`, `encounter_id` (bare ids) and `requester` (`Practitioner/..`) come from the hook's
    context. `source_url` is where this service explains its cards: the kind of card follows it.
    `received` counts the entries that came, by resource type, so that a card can say how many of them
    could not be read. `app_url` launches the evidence view; without it no card has a link to it.
    `pages` are the addresses of sources by their id, to which cards link; None: they link to no page.
    With `tasks` the client takes a Task as a reminder. First lines open with the one of the `openings` that
    fits, where there are any. `policies` is what cards say of policies.
    """

    wording: Wording
    patient_id: str
    source_url: str
    new_uuid: Callable[[], str]
    encounter_id: str | None = None
    requester: str | None = None
    received: Mapping[str, int] = field(default_factory=dict)
    app_url: str | None = None
    pages: Mapping[str, str] | None = None
    tasks: bool = False
    openings: Sequence[str] = ()
    policies: PolicyWords = SILENT


def say_plain(wording: Wording, key: str, **values: object) -> str:
    """Return the sentence `section.name` as one line of plain text."""
    filled = {name: plain(str(value), wording.limits.text) for name, value in values.items()}
    return wording.sentence(key).format(**filled)


def of_order(wording: Wording, order: OrderCheck) -> Wording:
    """Return the words for a card about `order`: ketamine that is not infused is not called an infusion."""
    if not order.ways:
        return wording
    routes = wording.words["route"]
    named = {**routes, "ketamine": routes["ketamine-otherwise"]}
    return replace(wording, words={**wording.words, "route": named})
