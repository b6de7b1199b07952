"""Writes a report on agreement as JSON and as a page, and reads the JSON again."""

from pathlib import Path

import msgspec

from service.population.files import write
from service.population.pages import page
from service.settings import PREFIX, Settings, SettingsError
from service.validation.agreement import VERSION, AgreementReport
from service.validation.errors import ReportError
from service.validation.kappa import Kappa

JSON, HTML = "agreement.json", "agreement.html"


def write_report(report: AgreementReport, folder: Path) -> None:
    """Write both forms into a folder; an earlier report there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / HTML, page(HTML, "service.validation").render(report=report, told=told).encode())
    write(folder / JSON, msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")


def read_report(path: Path) -> AgreementReport:
    """Return a report; raise ReportError for any other file."""
    try:
        report = msgspec.json.decode(path.read_bytes(), type=AgreementReport)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: expected {JSON} of `ketamine-cds validate`") from error
    if report.version != VERSION:
        raise ReportError(f"{path}: expected a report of version {VERSION}")
    return report


def site_report(settings: Settings) -> AgreementReport | None:
    """Return the report of this site, if it has one; raise SettingsError where it cannot be used."""
    if settings.validation_report is None:
        return None
    try:
        return read_report(settings.validation_report)
    except ReportError as error:
        raise SettingsError(f"{PREFIX}VALIDATION_REPORT: {error}") from error


def told(kappa: Kappa) -> str:
    """Return kappa with its interval, in two decimals."""
    if kappa.kappa is None or kappa.low is None or kappa.high is None:
        return "not defined"
    return f"{kappa.kappa:.2f} ({kappa.low:.2f} to {kappa.high:.2f})"
