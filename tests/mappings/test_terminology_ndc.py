"""National Drug Codes: written forms, and what they stand for."""

import pytest

from mappings import ndc
from mappings.terminology import Terminology, load_terminology


@pytest.fixture(scope="module")
def terms() -> Terminology:
    """The shipped tables."""
    return load_terminology()


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("00093-7385-05", "00093738505"),
        ("0093-7385-05", "00093738505"),  # 4-4-2
        ("50090-123-01", "50090012301"),  # 5-3-2
        ("50090-1234-1", "50090123401"),  # 5-4-1
        ("00093738505", "00093738505"),
        (" 00093738505 ", "00093738505"),
        ("0093-7385", "000937385"),  # product without package
    ],
)
def test_written_forms(written: str, digits: str) -> None:
    """The missing zero is put into the segment that is short."""
    assert ndc.digits(written) == digits


@pytest.mark.parametrize(
    "written",
    [
        "0093738505",
        "93738505",
        "000937385050",
        "0093-738-05",
        "0093-7385-5",
        "00093-7385-055",
        "",
        "sertraline",
        "٠٠٠٩٣٧٣٨٥٠٥",
    ],
)
def test_ambiguous_or_broken(written: str) -> None:
    """Ten digits without hyphens, two short segments and other writing name nothing."""
    assert ndc.digits(written) is None


@pytest.mark.parametrize("written", ["00093-7385-05", "0093-7385-05", "00093738505"])
def test_package(terms: Terminology, written: str) -> None:
    """A package code gives the product with its strength, marked as identified by package."""
    found = terms.product("http://hl7.org/fhir/sid/ndc", written)
    assert found is not None
    assert (found.ingredients, found.strengths, found.form, found.matched, found.code) == (
        ("venlafaxine",),
        (75.0,),
        "ER",
        "ndc",
        "00093738505",
    )


def test_another_package_of_the_same_product(terms: Terminology) -> None:
    """An unlisted package size of a listed labeler and product is that product."""
    found = terms.product("ndc", "00093-7385-77")
    assert found is not None
    assert found.strengths == (75.0,)


def test_product_prefix_of_several_strengths() -> None:
    """A labeler and product that stand for several RxNorm codes give all of them, to be compared."""
    lines = ["00001000101,11", "00001000102,22", "00001000201,33"]
    assert ndc.codes_of(lines, "000010001") == ("11", "22")
    assert ndc.codes_of(lines, "00001000102") == ("22",)
    assert ndc.codes_of(lines, "000010003") == ()


def test_unknown_or_ambiguous(terms: Terminology) -> None:
    """Unknown labelers and ambiguous writing stay unidentified."""
    assert terms.product("ndc", "99999-9999-99") is None
    assert terms.product("ndc", "0093738505") is None
