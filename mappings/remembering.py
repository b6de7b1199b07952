"""What a text or a coded entry was understood as is kept, so that one that comes again is not read again.

Records repeat themselves: the same few hundred codes, names of medicines and sentences of dosage fill nearly
every chart, and to read them word by word is most of the work of reading a record: without this module a
chart of 500 resources takes ten times as long. Only pure functions may be kept: their answer depends on what
is asked and the tables alone. A caller who sends ever new texts gains nothing and costs no memory: so many
answers of one function are kept at most, and what is longer than a name, a sentence or a coded entry is read
each time and never kept.
"""

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from msgspec import Struct

MOST_ENTRIES = 4096  # of one function: a few megabytes
LONGEST_TEXT = 300  # characters of a text
MOST_CHARACTERS = 1500  # of all texts in a coded entry, of which every member counts as one more

P = ParamSpec("P")
Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")
_NOTHING = object()


def remembered(
    function: Callable[Concatenate[Question, P], Answer],
) -> Callable[Concatenate[Question, P], Answer]:
    """Return `function` with its answers kept; the arguments after the question are hashable, by identity.

    When the answers are too many, all are forgotten: to find the oldest would cost more than reading again.

    >>> read = []
    >>> letters = remembered(lambda text: read.append(text) or len(text))
    >>> letters("sertraline"), letters("sertraline"), read
    (10, 10, ['sertraline'])
    """
    kept: dict[object, Answer] = {}

    @wraps(function)
    def recalled(question: Question, /, *others: P.args, **named: P.kwargs) -> Answer:
        key = (question, *others, *named.items()) if named else (question, *others)
        answer = kept.get(key, _NOTHING)
        if answer is not _NOTHING:
            return answer  # type: ignore[return-value]  # a kept answer
        found = function(question, *others, **named)
        if _is_short(question):
            if len(kept) >= MOST_ENTRIES:
                kept.clear()
            kept[key] = found
        return found

    return recalled


def _is_short(question: object) -> bool:
    return len(question) <= LONGEST_TEXT if isinstance(question, str) else _size(question) <= MOST_CHARACTERS


def _size(value: object) -> int:
    """Return the number of characters of a text, or of all texts in a structure plus one for each member."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Struct):
        return sum(1 + _size(getattr(value, name)) for name in value.__struct_fields__)
    if is_dataclass(value):
        return sum(1 + _size(getattr(value, member.name)) for member in fields(value))
    return sum(1 + _size(member) for member in value) if isinstance(value, (tuple, frozenset)) else 1
