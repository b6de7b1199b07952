"""The packet that the evidence view offers: made of what the page holds, for an hour, and nothing else."""

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import OctKey
from pypdf import PdfReader
from werkzeug.test import TestResponse

from service.render.identity import PatientIdentity
from service.web.smart import pages, shown
from service.web.smart.faults import LaunchFault
from service.web.smart.routes import PACKET
from service.web.smart.shown import ShownView, opened_view, sealed_view
from tests.picture.records import RECORDS
from tests.smart.calls import PUBLIC, app, whole
from tests.smart.ehr import Ehr
from tests.smart.test_launch import refused

KEY = OctKey.import_key(b"k" * 32)
ADA = PatientIdentity(name="Ada", born="1968-03-14", gender="female", identifiers=("1",))


def held(page: TestResponse) -> str:
    """Return what the page holds for its download."""
    found = re.search(r'name="view" value="([^"]+)"', page.text)
    assert found
    return found.group(1)


def asked(client: FlaskClient, view: str, policy: str = "cigna") -> TestResponse:
    """Press the button of a policy."""
    return client.post(PACKET, data={"view": view, "policy": policy}, base_url=PUBLIC)


def test_the_packet_is_made_of_what_the_page_shows(hospital: Ehr, tmp_path: Path) -> None:
    """Two pages for one policy, without a further call to the EHR, and the file is kept by nobody."""
    with app(tmp_path, hospital.base) as client:
        page = whole(client, hospital)
        heard = len(hospital.heard)
        answer = asked(client, held(page))
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == 'attachment; filename="cigna-packet.pdf"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert len(hospital.heard) == heard
    made = PdfReader(BytesIO(answer.data))
    assert len(made.pages) == 2
    text = made.pages[0].extract_text()
    for words in ("Psychiatry - Spravato", "sertraline", "venlafaxine", "2 counted, 0 possible"):
        assert words in text


def test_the_page_holds_no_token_and_nothing_to_read(hospital: Ehr, tmp_path: Path) -> None:
    """What it holds is sealed: neither the token of the user nor a word of the record stands in it."""
    with app(tmp_path, hospital.base) as client:
        page = whole(client, hospital)
    assert not any(token in page.text for token in hospital.tokens if len(token) > 8)
    assert "sertraline" not in held(page)
    assert re.fullmatch(r"[\w.-]+", held(page))


def test_what_is_forged_old_or_unknown_gets_a_page_that_says_so(
    hospital: Ehr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another key, a changed letter, a policy that is not there, too long a form, an hour later."""
    with app(tmp_path, hospital.base) as client:
        view = held(whole(client, hospital))
        other = sealed_view(
            ShownView(facts=RECORDS["nothing"], identity=ADA, assessed_on=date(2026, 11, 2), ends=9e9), KEY
        )
        for text, policy in (
            ("", "cigna"),
            (view[:-2], "cigna"),
            (other, "cigna"),
            (view, "nobody"),
            (view, "../../etc/passwd"),
            ("x" * 2_000_000, "cigna"),
        ):
            refused(asked(client, text, policy), LaunchFault.EXPIRED)
        monkeypatch.setattr(pages, "LIFE_SECONDS", -1)
        refused(asked(client, held(whole(client, hospital))), LaunchFault.EXPIRED)


@pytest.mark.parametrize("name", sorted(set(RECORDS) - {"unknowns", "hostile"}))
def test_the_facts_come_back_as_they_were(name: str) -> None:
    """Until the end, and not a second longer."""
    view = ShownView(facts=RECORDS[name], identity=ADA, assessed_on=date(2026, 11, 2), ends=100.0)
    text = sealed_view(view, KEY)
    assert opened_view(text, KEY, 99.9) == view
    assert opened_view(text, KEY, 100.0) is None


def test_a_record_that_is_too_large_has_no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    """A form has a size; half a letter cannot be written either. The page is shown without a button."""
    day = date(2026, 11, 2)
    view = ShownView(facts=RECORDS["nothing"], identity=ADA, assessed_on=day, ends=100.0)
    monkeypatch.setattr(shown, "MOST_CHARACTERS", 10)
    assert sealed_view(view, KEY) == ""
    assert (
        sealed_view(ShownView(facts=RECORDS["hostile"], identity=ADA, assessed_on=day, ends=1.0), KEY) == ""
    )


def test_a_view_shows_nothing_of_the_patient_where_it_is_logged() -> None:
    """Its `repr` is empty."""
    view = ShownView(facts=RECORDS["nothing"], identity=ADA, assessed_on=date(2026, 11, 2), ends=1.0)
    assert repr(view) == "ShownView()"
