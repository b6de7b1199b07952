"""The command that starts the service: serve."""

import argparse
import os

from service.serve import serve
from service.settings import PREFIX, read_settings


def run(chosen: argparse.Namespace) -> None:
    """Serve with the settings of the environment; an option wins over its variable."""
    given = {f"{PREFIX}{name.upper()}": getattr(chosen, name) for name in ("workers", "threads")}
    options = {variable: value for variable, value in given.items() if value is not None}
    serve(read_settings({**os.environ, **options}))
