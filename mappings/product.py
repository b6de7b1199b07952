"""What a code or a name says a medicine is."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """What a code or a name says a medicine is.

    `ingredients` are lower-case ingredient names without salt, in alphabetical order; `groups` are the
    drug groups of all of them ("antidepressant", "benzodiazepine", "opioid" ...). `strengths` are mg of
    each ingredient in one `unit` (tablet, capsule, mL, patch per 24 hours, device), in the order of
    `ingredients`; empty when the code or name states none. `form` is "IR", "SR", "XL", "ER", "CR",
    "DR", "weekly", "ODT", "patch" or ""; `route` "oral", "nasal", "transdermal", "injection",
    "topical" ... or "". `never_counts` says why this product can never be an antidepressant trial.
    `matched` is how it was identified: "code", "ndc" or "name".
    """

    ingredients: tuple[str, ...]
    groups: frozenset[str] = frozenset()
    strengths: tuple[float, ...] = ()
    unit: str = ""
    form: str = ""
    route: str = ""
    salt: str = ""
    brand: str = ""
    never_counts: str = ""
    matched: str = "code"
    code: str = ""
    name: str = ""
