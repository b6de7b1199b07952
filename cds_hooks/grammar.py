"""The small grammars of the standard: what is a UUID, an id, a web address, a member's name."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""In the lower case that FHIR wants; callers may send capitals."""

LOGICAL_ID = r"[A-Za-z0-9._-]{1,64}"
"""The id of a resource: that of FHIR, and the underscore that servers use nonetheless."""

RESOURCE_TYPE = r"[A-Z][A-Za-z]+"

REFERENCE = rf"{RESOURCE_TYPE}/{LOGICAL_ID}"
"""A relative reference."""

_URL_CHARACTERS = re.compile(r"https?://[!-~]+", re.IGNORECASE)


def is_web_address(text: str) -> bool:
    """Tell whether `text` is an absolute http or https URL of a host, without a user's name in it."""
    if not _URL_CHARACTERS.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        return False


def is_origin(value: str) -> bool:
    """Tell whether `value` is scheme, host and port, as a browser writes them in the Origin header."""
    parts = urlsplit(value)
    plain = f"{parts.scheme}://{parts.netloc}".lower()
    named = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    return named and "@" not in value and value == plain


def is_base_url(value: str) -> bool:
    """Tell whether `value` is an origin with or without a path, and nothing else."""
    try:
        parts = urlsplit(value)
        origin = f"{parts.scheme}://{parts.netloc}"
        return value == f"{origin}{parts.path}" and is_origin(origin)
    except ValueError:  # no port, no IPv6 address
        return False


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`, an address or a name."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def camel_case(name: str) -> str:
    """Return the name of a member in JSON, from our own name of it: `patientId` from `patient_id`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
