"""Who may call this service, and which FHIR servers may be read for them: what the settings say, at work."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

from cds_hooks.jwt import TrustedIssuer, UseOnce, jwt_trust
from cds_hooks.keys import KeySetError, KeySource, PublicKeys, PublishedKeys, read_keys
from cds_hooks.prefetch import referring
from cds_hooks.trust import CdsClient, Trust
from cds_hooks.web import everyone
from mappings.prefetch import PrefetchTable
from mappings.wording import Wording
from service.access.issuers import Issuer, IssuersError, public_sandbox, read_issuers
from service.access.sites import USUAL, Site
from service.access.used_tokens import UsedTokens
from service.clock import now
from service.fetch.http_client import Outbound, OutboundError
from service.fhir.prefetch import Asked, site_asked, usual
from service.settings import Auth, Settings

_KEY_SET_SECONDS = 2.0
_KEY_SET_BYTES = 256 * 1024
_KEY_SET_TYPES = "application/jwk-set+json, application/json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Callers:
    """`trust` tells who calls; `bases` are the FHIR servers by the name of the issuer, None where open.

    `everywhere` is what an EHR is asked for, unless `by_issuer` has something else for it; so it is with
    `usual` and `sites`.
    """

    trust: Trust
    bases: Mapping[str | None, tuple[str, ...]]
    everywhere: Asked
    by_issuer: Mapping[str, Asked] = field(default_factory=dict)
    usual: Site = USUAL
    sites: Mapping[str, Site] = field(default_factory=dict)

    def fhir_servers(self, caller: CdsClient) -> tuple[str, ...]:
        """Return the base URLs that may be read for a call of `caller`, without a trailing slash."""
        return self.bases.get(caller.issuer, ())

    def asked(self, caller: CdsClient) -> Asked:
        """Return what the EHR of `caller` is asked for."""
        return self.by_issuer.get(caller.issuer or "", self.everywhere)

    def site(self, caller: CdsClient) -> Site:
        """Return the site of the EHR of `caller`: what its cards and discovery look like."""
        return self.sites.get(caller.issuer or "", self.usual)

    def asked_at(self, base: str) -> Asked:
        """Return what is asked of the EHR that has the FHIR server at `base`."""
        owners = (name for name, bases in self.bases.items() if name in self.by_issuer and base in bases)
        return self.by_issuer.get(next(owners, None) or "", self.everywhere)


def open_callers(settings: Settings, outbound: Outbound, use_once: UseOnce, asking: PrefetchTable) -> Callers:
    """Return who may call by these settings.

    Raise IssuersError. All processes share the memory of `use_once`.
    """
    if settings.auth is Auth.OPEN:
        return Callers(
            trust=everyone,
            bases={None: settings.fhir_servers},
            everywhere=usual(asking),
            usual=_at_least(USUAL, settings),
        )
    known = issuers(settings)
    trust = jwt_trust(
        [_trusted(issuer, outbound) for issuer in known],
        algorithms=settings.algorithms,
        base_url=settings.public_url,
        now=_now,
        use_once=UsedTokens(use_once, _now).use_once,
    )
    return Callers(
        trust=trust,
        bases={issuer.name: issuer.fhir_servers for issuer in known},
        everywhere=usual(asking),
        by_issuer=asked_by_issuer(known, asking),
        usual=_at_least(USUAL, settings),
        sites=sites_by_issuer(known, settings),
    )


def sites_by_issuer(known: Iterable[Issuer], settings: Settings) -> dict[str, Site]:
    """Return the site of each issuer: what its cards and discovery look like."""
    return {issuer.name: _at_least(issuer.site, settings) for issuer in known}


def _at_least(site: Site, settings: Settings) -> Site:
    """Return the site with the silent hooks and, unless it has its own, the links of the settings."""
    links = settings.links if site.links is None else site.links
    return replace(site, silent=site.silent | settings.silent, links=links)


def site_notes(
    by_issuer: Mapping[str, Asked], sites: Mapping[str, Site], wording: Wording
) -> tuple[str, ...]:
    """Return in words which data an issuer never offers, which have site templates, and what is not shown."""
    asked = [note for issuer, own in by_issuer.items() for note in _notes(issuer, own, wording)]
    silent = [
        wording.sentence("site.silent").format(issuer=issuer, hooks=", ".join(sorted(site.silent)))
        for issuer, site in sites.items()
        if site.silent
    ]
    return (*asked, *silent)


def _notes(issuer: str, asked: Asked, wording: Wording) -> Iterator[str]:
    if asked.not_offered:
        lists = ", ".join(wording.words["list"][kind] for kind in sorted(asked.not_offered))
        yield wording.sentence("site.not_offered").format(issuer=issuer, lists=lists)
    if asked.replaced:
        keys = ", ".join(sorted(asked.replaced))
        yield wording.sentence("site.templates").format(issuer=issuer, keys=keys)


def asked_by_issuer(known: Iterable[Issuer], asking: PrefetchTable) -> dict[str, Asked]:
    """Return what is asked of issuers for which it differs from the usual."""
    asked = {
        issuer.name: site_asked(asking, issuer.templates, issuer.not_offered)
        for issuer in known
        if issuer.templates or issuer.not_offered
    }
    if faults := [fault for name, own in asked.items() for fault in _unknown_keys(name, own)]:
        raise IssuersError(faults)
    return asked


def _unknown_keys(name: str, asked: Asked) -> Iterator[str]:
    """Yield a fault for each template that looks for references where no data come or no hook has any."""
    known = {"context.draftOrders", *(f"%{key}" for key in asked.templates)}
    for key, template in asked.referring.items():
        for place in referring(template) - known:
            yield f"{name}, prefetch, {key}: expected a key that is asked for, not {place}"


def issuers(settings: Settings) -> tuple[Issuer, ...]:
    """Return those who may call; raise IssuersError.

    An entry of the operator's for the public sandbox comes later and so stands.
    """
    listed = read_issuers(settings.issuers, settings.mode) if settings.issuers else ()
    sandbox = (public_sandbox(settings.fhir_servers),) if settings.trust_public_sandbox else ()
    return (*sandbox, *listed)


def _trusted(issuer: Issuer, outbound: Outbound) -> TrustedIssuer:
    return TrustedIssuer(
        name=issuer.name,
        keys=_keys(issuer, outbound),
        jku=issuer.jku,
        tenants=issuer.tenants,
        lifetime=issuer.token_lifetime,
        skew=issuer.clock_skew,
    )


def _keys(issuer: Issuer, outbound: Outbound) -> KeySource:
    pinned = issuer.keys
    if pinned is not None:
        return lambda kid: pinned.get(kid, ())
    assert issuer.jku is not None, "an issuer without pinned keys has an address of keys"
    return PublishedKeys(partial(_fetched, issuer.name, issuer.jku, outbound), monotonic)


def _fetched(name: str, jku: str, outbound: Outbound) -> PublicKeys | None:
    try:
        deadline = monotonic() + _KEY_SET_SECONDS
        text = outbound.get(jku, deadline=deadline, max_bytes=_KEY_SET_BYTES, accept=_KEY_SET_TYPES)
        return read_keys(text)
    except (OutboundError, KeySetError) as error:
        _log.warning("the keys of issuer %s were not read: %s", name, error)
        return None


def _now() -> float:
    return now().timestamp()
