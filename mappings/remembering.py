"""What a text or a coded entry was understood as is kept, so that one that comes again is not read again.

Records repeat themselves: the same few hundred codes, names of medicines and sentences of dosage fill nearly
every chart, and to read them word by word is most of the work of reading a record: without this module a
chart of 500 resources takes ten times as long. Only pure functions may be kept: their answer depends on what
is asked and the tables alone. A caller who sends ever new texts gains nothing and costs no memory: so many
answers of one function are kept at most, and what is longer than a name, a sentence or a coded entry is read
each time and never kept.
"""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from msgspec.msgpack import Encoder

MOST_ENTRIES = 4096  # of one function: a few megabytes
LONGEST_TEXT = 300  # characters of a text
MOST_BYTES = 2500  # of a coded entry, packed: to count the characters of its texts takes ten times as long

P = ParamSpec("P")
Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")
_NOTHING = object()
_PACKED = Encoder()


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
    """Tell whether the answer may be kept; what cannot be packed, such as a number without end, may not."""
    if isinstance(question, str):
        return len(question) <= LONGEST_TEXT
    try:
        return len(_PACKED.encode(question)) <= MOST_BYTES
    except (TypeError, ValueError, OverflowError):
        return False
