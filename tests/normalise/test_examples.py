"""The examples in the docstrings of the modules that read doses and dates."""

import doctest
from types import ModuleType

import pytest

from mappings import dosage_phrases, dosage_text, drug_text
from service.normalise import amounts, dates, sig, sig_words


@pytest.mark.parametrize(
    "module",
    [amounts, dates, sig, sig_words, dosage_phrases, dosage_text, drug_text],
    ids=lambda m: m.__name__,
)
def test_the_examples_are_true(module: ModuleType) -> None:
    """What a docstring shows is what the function gives."""
    tried = doctest.testmod(module)
    assert tried.attempted > 0
    assert tried.failed == 0
