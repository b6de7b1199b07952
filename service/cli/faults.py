"""What a user can do wrong, or find in disorder: told in one line instead of a stack trace."""

FAULTS = frozenset(
    {
        "builtins.OSError",
        "cds_hooks.errors.CallerError",
        "mappings.tables.TableError",
        "service.cli.agents.AgentError",
        "service.cli.arguments.CriteriaError",
        "service.cli.arguments.NotForTerminalError",
        "service.cli.files.FileError",
        "service.cli.kept.NothingKeptError",
        "service.cli.population.MissingExtraError",
        "service.doctor.captures.CaptureError",
        "service.explain.codes.UnknownSystemError",
        "service.population.errors.InputError",
        "service.serve.AddressError",
        "service.settings.SettingsError",
        "service.store.errors.StoreError",
        "service.store.hash_key.HashKeyError",
        "service.synth.export.FolderTakenError",
        "service.validation.errors.KeyFileError",
        "service.validation.errors.ReportError",
        "service.validation.errors.ResultsError",
    }
)
"""By name: to import them all would take longer than most commands, and only one can have been raised."""


def is_fault(error: Exception) -> bool:
    """Tell whether `error` is one of these."""
    return any(f"{kind.__module__}.{kind.__qualname__}" in FAULTS for kind in type(error).__mro__)


def one_line(error: Exception) -> str:
    """Return what is wrong; a file that cannot be opened comes first, as everywhere else."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return " ".join(f"{error.filename}: {error.strerror}".split())
    return " ".join(str(error).split())
