"""What is left of a view: nothing of the patient, the user or the launch, wherever one looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.served import COMMAND, running
from tests.smart.calls import query_of
from tests.smart.ehr import CLIENT, USER, Ehr


@contextmanager
def logged(folder: Path, hospital: Ehr) -> Iterator[str]:
    """A service whose database, files and log are all in `folder`."""
    settings = {
        "KETAMINE_CDS_MODE": "development",
        "KETAMINE_CDS_FHIR_SERVERS": hospital.base,
        "KETAMINE_CDS_SMART_CLIENT_ID": CLIENT,
        "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/kept.db",
    }
    command = ("sh", "-c", f"exec {COMMAND} serve > {folder}/log 2>&1")
    with running(settings, command, cwd=folder) as started:
        yield started.url


def test_nothing_is_kept(hospital: Ehr, tmp_path: Path) -> None:
    """In the database, in the log, in the figures, in a cookie, in a file."""
    with logged(tmp_path, hospital) as url, requests.Session() as browser:
        launch = hospital.launch(url)
        page = browser.get(launch, timeout=60)
        assert page.status_code == 200
        assert "sertraline" in page.text
        assert not list(browser.cookies)
        assert browser.get(page.url, timeout=60).status_code == 400
        figures = requests.get(f"{url}/metrics", timeout=60).text
    assert 'route="smart_callback",status="200"' in figures
    authorization = page.history[0].headers["Location"]
    secrets = [
        *hospital.tokens,
        *hospital.launches,
        *query_of(page.url).values(),
        query_of(authorization)["code_challenge"],
        hospital.patient_id,
        USER.partition("/")[2],
        "sertraline",
    ]
    kept = {str(file): file.read_bytes() for file in tmp_path.iterdir()}
    kept["figures"] = figures.encode()
    assert b" smart_callback " in kept[str(tmp_path / "log")]
    assert b" reason=expired" in kept[str(tmp_path / "log")]
    found = [(name, secret) for name, raw in kept.items() for secret in secrets if secret.encode() in raw]
    assert found == []
