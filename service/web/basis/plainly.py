"""Ids of rules, flags, gaps and reasons in words, for those who read the basis as one document."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from mappings.knowledge import Knowledge

Told = TypeVar("Told")
Names = Mapping[str, str]

_ID = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]*(?:[-.][A-Z0-9]+)*(?![\w-])")
_GROUP = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")


def names_of(knowledge: Knowledge) -> Names:
    """Return the words for each id; an id in lower-case letters is a word by itself."""
    words = knowledge.wording.words
    named = {
        **{rule.id: rule.title for rule in knowledge.rules.values()},
        **{row.id: row.title for row in knowledge.flags.flag},
        **words["shortfall"],
        **words["gap"],
        **words["gate"],
        **knowledge.basis.names,
    }
    return {name: told for name, told in named.items() if not name.islower()}


def plainly(value: Told, names: Names) -> Told:
    """Return `value` with words in place of ids, in every text of it."""
    if isinstance(value, str):
        return _worded(value, names)  # type: ignore[return-value]  # a str is what came
    if isinstance(value, tuple):
        return tuple(plainly(inner, names) for inner in value)  # type: ignore[return-value]  # as is a tuple
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: plainly(getattr(value, field.name), names) for field in fields(value)}
        )
    return value


def _worded(text: str, names: Names) -> str:
    if text in names:
        return names[text]
    worded = _ID.sub(lambda found: f"“{names[found[0]]}”" if found[0] in names else found[0], text)
    return _GROUP.sub(lambda found: found[0].replace("_", " "), worded)
