"""The examples in the docstrings of the modules that read doses and dates."""

import doctest
import inspect
from types import ModuleType

import pytest

from mappings import dosage_phrases, dosage_text, drug_text
from service.clinical import partial_date
from service.normalise import amounts, dates, schedules, sig, sig_amounts, sig_schedule, sig_words

MODULES = [
    *(amounts, dates, schedules, sig, sig_amounts, sig_schedule, sig_words, partial_date),
    *(dosage_phrases, dosage_text, drug_text),
]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_every_public_function_has_an_example(module: ModuleType) -> None:
    """A reader sees what the function is given and gives, before reading how."""
    public = {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    assert [name for name, function in public.items() if ">>>" not in (function.__doc__ or "")] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_the_examples_are_true(module: ModuleType) -> None:
    """What a docstring shows is what the function gives."""
    tried = doctest.testmod(module)
    assert tried.attempted > 0
    assert tried.failed == 0
