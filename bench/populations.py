"""Measures the screening of a made-up population: `python -m bench.populations [PATIENTS]`.

The yardstick is a bare loop that decodes the same lines into the same types and does nothing with them.
"""

import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter

from service.cli import main
from service.fhir.decode import read_reply
from service.settings import read_settings

PATIENTS = 2_000


def run(patients: int) -> None:
    """Print patients a second, of each way to screen, and of the bare loop."""
    folder = Path(tempfile.mkdtemp())
    try:
        export, rows = folder / "export", folder / "rows"
        main(["synth", str(patients), "-o", str(export), "--plain"])
        shutil.rmtree(export / "truth", ignore_errors=True)
        files = sorted(export.glob("*.ndjson"))
        size = sum(file.stat().st_size for file in files)
        print(f"{patients} patients, {size / 1e6:.0f} MB")
        bare = _bare(files)
        _told("bare typed decode loop, 1 process", patients, bare, bare)
        today = read_settings({}).today()
        for processes in ("1", "2"):
            kept = ["--keep-rows", str(rows)] if processes == "1" else []
            seconds = _screened(files, folder / processes, today, processes, kept)
            _told(f"screen, {processes} process(es)", patients, seconds, bare)
        earlier = date.fromordinal(today.toordinal() - 1)
        seconds = _screened(files, folder / "again", earlier, "1", ["--keep-rows", str(rows)])
        _told("screen from kept rows, 1 process", patients, seconds, bare)
    finally:
        shutil.rmtree(folder)


def _bare(files: list[Path]) -> float:
    begun = perf_counter()
    for file in files:
        with file.open("rb") as lines:
            for line in lines:
                read_reply(line)
    return perf_counter() - begun


def _screened(files: list[Path], out: Path, day: date, processes: str, more: list[str]) -> float:
    begun = perf_counter()
    given = [str(file) for file in files]
    main(["screen", *given, "-o", str(out), "--as-of", str(day), "--processes", processes, *more])
    return perf_counter() - begun


def _told(what: str, patients: int, seconds: float, bare: float) -> None:
    share = f"{bare / seconds:.2f} of the bare loop"
    print(f"{what}: {seconds:.1f} s, {patients / seconds:,.0f} patients/s, {share}")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS)
