"""Names that a text nearly says: one letter too many, too few, another one, or two exchanged; any i for y.

Such a text is never taken for the name, only distinguished from texts that name something else.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mappings.drug_words import drug_words

SHORTEST = 7  # letters; short names are too often one letter away from another drug's


def index(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the names by themselves, by each form with one letter left out, and with every y as i."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(set(names)):
        if len(name) >= SHORTEST:
            for form in {*_shortened(name), _with_i(name)}:
                found[form].append(name)
    return {form: tuple(named) for form, named in found.items()}


def resembled(word: str, names: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the name that `word` misspells; None for a name itself and for everything else."""
    if len(word) < SHORTEST or word in drug_words().other_words or word in names.get(word, ()):
        return None
    near = {name for form in _shortened(word) for name in names.get(form, ()) if _one_mistake(word, name)}
    # Which of i and y is which is the commonest mistake, and often made twice: "amitryptiline".
    near |= {name for name in names.get(_with_i(word), ()) if _with_i(name) == _with_i(word)}
    return min(near, default=None)


def _with_i(word: str) -> str:
    return word.replace("y", "i")


def _shortened(word: str) -> Iterator[str]:
    yield word
    yield from {word[:place] + word[place + 1 :] for place in range(len(word))}


def _one_mistake(text: str, other: str) -> bool:
    """Tell whether adding, dropping or replacing a letter, or swapping two, turns one into the other."""
    if len(text) != len(other):
        longer, shorter = sorted((text, other), key=len, reverse=True)
        return shorter in _shortened(longer)
    places = [place for place in range(len(text)) if text[place] != other[place]]
    if len(places) == 2 and places[1] == places[0] + 1:
        first, second = places
        return text[first] == other[second] and text[second] == other[first]
    return len(places) == 1
