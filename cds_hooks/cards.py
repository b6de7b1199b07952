"""Cards as CDS Hooks 2.0.1 defines them. One that would break the standard refuses to exist."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from cds_hooks.grammar import REFERENCE, RESOURCE_TYPE, UUID, is_web_address

LONGEST_SUMMARY = 139
"""In characters: the standard wants fewer than 140."""

Indicator = Literal["info", "warning", "critical"]
SelectionBehavior = Literal["at-most-one", "any"]
ActionType = Literal["create", "update", "delete"]
LinkType = Literal["absolute", "smart"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Coding:
    """A code of a system. Only a topic may do without `display`."""

    system: str
    code: str
    display: str | None = None

    def __post_init__(self) -> None:
        _must(_filled(self.system, self.code), "a coding has a system and a code")

    def to_json(self) -> dict[str, Any]:
        """Return the Coding as JSON."""
        return _given(system=self.system, code=self.code, display=self.display)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where the advice comes from: the organisation or data set, its page and icon, and the card's topic."""

    label: str
    url: str | None = None
    icon: str | None = None
    topic: Coding | None = None

    def __post_init__(self) -> None:
        _must(_filled(self.label), "a source has a label")
        addresses = [address for address in (self.url, self.icon) if address is not None]
        _must(all(map(is_web_address, addresses)), "url and icon of a source are web addresses")

    def to_json(self) -> dict[str, Any]:
        """Return the Source as JSON."""
        topic = self.topic and self.topic.to_json()
        return _given(label=self.label, url=self.url, icon=self.icon, topic=topic)


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """A change of the record: a new resource, a complete changed one, or the reference of one to delete."""

    type: ActionType
    description: str
    resource: Mapping[str, Any] | None = None
    resource_id: str | None = None

    def __post_init__(self) -> None:
        _must(self.type in get_args(ActionType), "the type of an action is create, update or delete")
        _must(_filled(self.description), "an action has a description")
        if self.type == "delete":
            _must(self.resource is None, "an action that deletes has no resource")
            _must(_matches(REFERENCE, self.resource_id), "an action that deletes has a resourceId, `Type/id`")
        else:
            _must(self.resource_id is None, "only an action that deletes has a resourceId")
            _must(_is_resource(self.resource), "an action that creates or updates has a FHIR resource")

    def to_json(self) -> dict[str, Any]:
        """Return the Action as JSON."""
        return _given(
            type=self.type,
            description=self.description,
            resource=self.resource,
            resourceId=self.resource_id,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """Actions that the user may accept, all together."""

    uuid: str
    label: str
    is_recommended: bool | None = None
    actions: Sequence[Action] = ()

    def __post_init__(self) -> None:
        _must(_matches(UUID, self.uuid), "the uuid of a suggestion is a UUID in lower case")
        _must(_filled(self.label), "a suggestion has a label")

    def to_json(self) -> dict[str, Any]:
        """Return the Suggestion as JSON."""
        return _given(
            uuid=self.uuid,
            label=self.label,
            isRecommended=self.is_recommended,
            actions=[action.to_json() for action in self.actions],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A page to read (`absolute`), or the launch URL of a SMART app, which the client completes (`smart`)."""

    label: str
    url: str
    type: LinkType
    app_context: str | None = None
    autolaunchable: bool | None = None

    def __post_init__(self) -> None:
        _must(_filled(self.label), "a link has a label")
        _must(is_web_address(self.url), "the url of a link is a web address")
        _must(self.type in get_args(LinkType), "the type of a link is absolute or smart")
        _must(self.app_context is None or self.type == "smart", "only a smart link has an appContext")

    def to_json(self) -> dict[str, Any]:
        """Return the Link as JSON."""
        return _given(
            label=self.label,
            url=self.url,
            type=self.type,
            appContext=self.app_context,
            autolaunchable=self.autolaunchable,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One piece of advice: `summary` in one line, `detail` in Markdown, and what the user may do about it.

    `extension` holds what was agreed upon with the client.
    """

    uuid: str
    summary: str
    indicator: Indicator
    source: Source
    detail: str | None = None
    suggestions: Sequence[Suggestion] = ()
    selection_behavior: SelectionBehavior | None = None
    override_reasons: Sequence[Coding] = ()
    links: Sequence[Link] = ()
    extension: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _must(_matches(UUID, self.uuid), "the uuid of a card is a UUID in lower case")
        _must(_filled(self.summary), "a card has a summary")
        _must(self.summary.splitlines() == [self.summary], "the summary of a card is one line")
        _must(len(self.summary) <= LONGEST_SUMMARY, f"a summary has at most {LONGEST_SUMMARY} characters")
        _must(self.indicator in get_args(Indicator), "an indicator is info, warning or critical")
        self._check_suggestions()
        displays = [reason.display or "" for reason in self.override_reasons]
        _must(_filled(*displays), "an override reason has a display")
        _must(not any(map(hollow, self.extension.values())), "no extension is empty")

    def _check_suggestions(self) -> None:
        known = self.selection_behavior in get_args(SelectionBehavior)
        _must(known or not self.suggestions, "a card with suggestions says how many of them may be accepted")
        _must(known or self.selection_behavior is None, "a selectionBehavior is at-most-one or any")
        recommended = sum(bool(suggestion.is_recommended) for suggestion in self.suggestions)
        _must(recommended <= 1 or self.selection_behavior == "any", "of at most one, one can be recommended")

    def to_json(self) -> dict[str, Any]:
        """Return the Card as JSON."""
        return _given(
            uuid=self.uuid,
            summary=self.summary,
            detail=self.detail,
            indicator=self.indicator,
            source=self.source.to_json(),
            suggestions=[suggestion.to_json() for suggestion in self.suggestions],
            selectionBehavior=self.selection_behavior,
            overrideReasons=[reason.to_json() for reason in self.override_reasons],
            links=[link.to_json() for link in self.links],
            extension=dict(self.extension),
        )


def response(cards: Sequence[Card]) -> dict[str, Any]:
    """Return the body that answers a call with `cards`.

    Raise ValueError if feedback could not tell them apart.
    """
    uuids = [card.uuid for card in cards] + [each.uuid for card in cards for each in card.suggestions]
    _must(len(set(uuids)) == len(uuids), "every card and suggestion has a uuid of its own")
    return {"cards": [card.to_json() for card in cards]}


def hollow(value: Any) -> bool:
    """Tell whether `value` is, or holds anywhere, a null or an empty string, array or object."""
    if isinstance(value, Mapping):
        return not value or any(map(hollow, value.values()))
    if isinstance(value, list | tuple):
        return not value or any(map(hollow, value))
    return value is None or (isinstance(value, str) and not value.strip())


def _given(**members: Any) -> dict[str, Any]:
    """Return the members that have a value: the standard has no nulls and no empty values."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def _must(holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(rule)


def _filled(*texts: str) -> bool:
    return all(text.strip() for text in texts)


def _matches(pattern: str, text: str | None) -> bool:
    return text is not None and re.fullmatch(pattern, text) is not None


def _is_resource(resource: Mapping[str, Any] | None) -> bool:
    return (
        resource is not None
        and _matches(RESOURCE_TYPE, resource.get("resourceType"))
        and not hollow(resource)
    )
