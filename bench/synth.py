"""Measures the making of a population on one core: `python -m bench.synth [PATIENTS]`."""

import shutil
import sys
import tempfile
from pathlib import Path
from time import process_time

from service.synth.export import BLOCK, PopulationOrder, write_population

RUNS = 3


def run(patients: int) -> None:
    """Print patients a second and bytes a patient, of the quickest of a few runs."""
    folder = Path(tempfile.mkdtemp())
    try:
        seconds = [_seconds(patients, seed, folder / str(seed)) for seed in range(RUNS)]
        size = sum(path.stat().st_size for path in (folder / "0").rglob("*") if path.is_file())
        print(f"{patients / min(seconds):,.0f} patients a second and core, {size / patients:,.0f} bytes each")
    finally:
        shutil.rmtree(folder)


def _seconds(patients: int, seed: int, folder: Path) -> float:
    """Return the processor time of one run; one block is made by this process."""
    begun = process_time()
    write_population(PopulationOrder(seed=seed, patients=patients, folder=folder, packed=True))
    return process_time() - begun


if __name__ == "__main__":
    run(min(int(sys.argv[1]), BLOCK) if len(sys.argv) > 1 else BLOCK)
