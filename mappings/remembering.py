"""What a text was understood as is kept, so that a text that comes again is not read again.

Records repeat themselves: the same few hundred names of medicines and sentences of dosage fill nearly every
chart, and to read them word by word is most of the work of reading a record. Only pure functions may be kept:
their answer depends on the text and the tables alone. A caller who sends ever new texts gains nothing and
costs no memory: so many entries at most are kept, the one not asked for longest makes room, and a text that
is longer than a name or a sentence is read each time and never kept.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

MOST_ENTRIES = 4096  # of one function: a few megabytes
LONGEST_TEXT = 300  # characters

P = ParamSpec("P")
Answer = TypeVar("Answer")


def remembered(
    function: Callable[Concatenate[str, P], Answer],
) -> Callable[Concatenate[str, P], Answer]:
    """Return `function` with its answers kept; the arguments after the text are hashable, best by identity.

    >>> read = []
    >>> letters = remembered(lambda text: read.append(text) or len(text))
    >>> letters("sertraline"), letters("sertraline"), read
    (10, 10, ['sertraline'])
    """
    kept = lru_cache(maxsize=MOST_ENTRIES)(function)

    @wraps(function)
    def recalled(text: str, /, *others: P.args, **named: P.kwargs) -> Answer:
        if len(text) > LONGEST_TEXT:
            return function(text, *others, **named)
        return kept(text, *others, **named)  # type: ignore[arg-type]  # hashable is not in the type

    return recalled
