"""What is done once, before the workers start, so that they agree and find everything ready."""

import logging
from dataclasses import replace

from service.callers import issuers
from service.keys import hash_key
from service.settings import Auth, Settings
from service.store.database import open_database
from service.store.errors import StoreError

_log = logging.getLogger(__name__)


def prepared(settings: Settings) -> Settings:
    """The settings with the hash key that all workers share; the database is up to date, if it is there.

    Raises SettingsError or HashKeyError for what would keep every worker from starting. A database that is
    away does not: the workers bring it up to date when it comes.
    """
    if settings.auth is Auth.JWT:
        issuers(settings)
    database = open_database(settings.database_url)
    try:
        database.migrate()
    except StoreError as error:
        _log.error("the database cannot be used, and calls are answered without it: %s", error.reason)
    finally:
        database.close()
    return replace(settings, hash_key=hash_key(settings).decode())
