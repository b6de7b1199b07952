"""The rules as the settings ask for them: with the shipped code tables, or with those of the site."""

from mappings.knowledge import Knowledge, load_knowledge
from mappings.tables import TableError
from mappings.terminology import load_terminology
from service.settings import Settings, SettingsError

VARIABLE = "KETAMINE_CDS_TERMINOLOGY_DIR"


def read_rules(settings: Settings) -> Knowledge:
    """Read every table; raise SettingsError, naming variable, file and row, when a site's cannot be used."""
    if settings.terminology_dir is None:
        return load_knowledge()
    try:
        terminology = load_terminology(settings.terminology_dir)
    except TableError as error:
        raise SettingsError(f"{VARIABLE}: {error}") from error
    return load_knowledge(terminology)
