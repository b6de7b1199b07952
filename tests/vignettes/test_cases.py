"""The vignettes themselves: valid FHIR, read strictly, complete."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.vignettes.build import bundle, request
from tests.vignettes.cases import Case, UnreadableCaseError, all_cases, levels, read_cases, table
from tests.vignettes.fhir import Dialect, Json

DAY = date(2026, 11, 2)
BLOCK = '[[case]]\ntitle = "a"\nclause = "b"\n{more}\n[case.expect]\nconclusion = "none"\n'


def resources(case: Case) -> Iterator[Json]:
    """Everything that is sent for a case: the record in every dialect, and the drafts."""
    for dialect in Dialect:
        yield from (entry["resource"] for entry in bundle(case, DAY, dialect)["entry"])
    if case.drafts:
        drafts = request(case, DAY, "order-sign", {})["context"]["draftOrders"]
        yield from (entry["resource"] for entry in drafts["entry"])


def test_every_resource_is_valid_fhir() -> None:
    """What the builder writes is FHIR R4, so that a wrong answer is not the builder's fault."""
    different = {
        json.dumps({**one, "id": "x"}, sort_keys=True) for case in all_cases() for one in resources(case)
    }
    assert len(different) > 1000
    for text in different:
        resource = json.loads(text)
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_the_thirty_published_vignettes_are_there() -> None:
    """The published vignettes are numbered 1 to 30."""
    published = [case.title for case in all_cases() if case.name.startswith("01-published")]
    assert [int(title.partition(":")[0]) for title in published] == list(range(1, 31))


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ('histroy = "x"', "does not know ['histroy']"),
        ('without = ["blood sugar"]', "`without` knows"),
        ('history = """\ndrug | dose\nx | 1\n"""', "history has the columns"),
        ('history = """\ndrug | from\nx\n"""', "2 columns are named"),
    ],
)
def test_a_mistyped_case_is_refused(tmp_path: Path, more: str, complaint: str) -> None:
    """A key or column that is not known stops the reading instead of being left out of the patient."""
    file = tmp_path / "mistyped.toml"
    file.write_text(BLOCK.format(more=more), encoding="utf-8")
    with pytest.raises(UnreadableCaseError) as refused:
        read_cases(file)
    assert complaint in str(refused.value)
    assert "mistyped: a" in str(refused.value)


def test_a_table_of_cases_is_one_case_a_row(tmp_path: Path) -> None:
    """`{column}` stands for the value of the row; what comes out empty is left out."""
    file = tmp_path / "rows.toml"
    each = 'each = """\n  n | flag\n  1 |\n  2 | AGE65\n"""\npatient = {{ age = "{{n}}" }}'
    text = BLOCK.format(more=each.replace("{{", "{").replace("}}", "}"))
    file.write_text(text.replace('"a"', '"{n}"') + 'flags = { "{flag}" = "info" }\n', encoding="utf-8")
    one, two = read_cases(file)
    assert (one.title, one.patient, one.expected.flags) == ("1", {"age": "1"}, {})
    assert (two.title, two.patient, two.expected.flags) == ("2", {"age": "2"}, {"AGE65": ("info", "info")})


def test_levels_and_tables_read_as_written() -> None:
    """One level is for both routes, `-` is none; a table has a header and rows."""
    assert levels("caution") == ("caution", "caution")
    assert levels("contraindication / -") == ("contraindication", None)
    assert table("here", "a | b\n1 | 2\n") == ({"a": "1", "b": "2"},)
