"""What a user can do wrong, or find in disorder: told in one line instead of a stack trace."""

from cds_hooks.errors import CallerError
from mappings.tables import TableError
from service.cli.agents import AgentError
from service.cli.arguments import NotForTerminalError
from service.cli.criteria import CriteriaError
from service.cli.files import FileError
from service.cli.kept import NothingKeptError
from service.cli.population import MissingExtraError
from service.doctor.captures import CaptureError
from service.explain.codes import UnknownSystemError
from service.population.errors import InputError
from service.serve import AddressError
from service.settings import SettingsError
from service.store.errors import StoreError
from service.store.hash_key import HashKeyError
from service.synth.export import FolderTakenError
from service.validation.errors import KeyFileError, ReportError, ResultsError

FAULTS = (
    SettingsError,
    TableError,
    AddressError,
    CallerError,
    FileError,
    UnknownSystemError,
    CaptureError,
    HashKeyError,
    StoreError,
    NothingKeptError,
    NotForTerminalError,
    CriteriaError,
    AgentError,
    InputError,
    MissingExtraError,
    FolderTakenError,
    KeyFileError,
    ResultsError,
    ReportError,
    OSError,
)


def one_line(error: Exception) -> str:
    """Return what is wrong; a file that cannot be opened comes first, as everywhere else."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return " ".join(f"{error.filename}: {error.strerror}".split())
    return " ".join(str(error).split())
