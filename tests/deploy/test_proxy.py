"""What the outside can reach: an allow-list of paths, the same before both ways of running the service."""

import re

from service.settings import read_settings
from tests.api.test_openapi import DESCRIPTION
from tests.deploy.manifests import CADDYFILE, COMPOSE, document

HIDDEN = ("/metrics", "/health", "/health/ready", "/sandbox")
BYTES = {"m": 1024**2, "MiB": 1024**2}


def offered_by_caddy() -> set[str]:
    """The paths that the proxy of Compose passes on; a folder with what is below it ends with `/*`."""
    (paths,) = re.findall(r"^\t@offered path (.*)$", CADDYFILE, re.M)
    return set(paths.split())


def offered_by_ingress() -> set[str]:
    """The paths of the Ingress, written as the other proxy writes them."""
    (rule,) = document("Ingress")["spec"]["rules"]
    offered = set()
    for path in rule["http"]["paths"]:
        offered |= {path["path"], f"{path['path']}/*"} if path["pathType"] == "Prefix" else {path["path"]}
    return offered


def test_both_proxies_offer_the_same() -> None:
    """Moving from Compose to Kubernetes neither opens nor closes an address."""
    assert offered_by_caddy() == offered_by_ingress()


def test_what_is_for_the_operator_alone_is_not_offered() -> None:
    """Metrics and the state of the database are addresses of the service that no allowed path covers."""
    for path in HIDDEN:
        assert path in DESCRIPTION["paths"]
        assert not any(_covers(pattern, path) for pattern in offered_by_caddy())


def test_everything_else_of_the_api_is_offered() -> None:
    """An EHR, a browser and an uptime check reach each address that openapi.yaml describes for them."""
    hidden = {path for path in DESCRIPTION["paths"] if not any(_covers(p, path) for p in offered_by_caddy())}
    assert hidden == set(HIDDEN)


def _covers(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("/*") else path == pattern


def test_proxies_take_larger_bodies_than_the_service() -> None:
    """A body that is too large is refused by the service, whose answer is an OperationOutcome."""
    annotations = document("Ingress")["metadata"]["annotations"]
    sizes = [annotations["nginx.ingress.kubernetes.io/proxy-body-size"]]
    sizes += re.findall(r"max_size (\w+)", CADDYFILE)
    assert len(sizes) == 2
    for size in sizes:
        number, unit = re.fullmatch(r"(\d+)(\w+)", size).groups()  # type: ignore[union-attr]  # fails loudly
        assert int(number) * BYTES[unit] > read_settings({}).max_body_bytes


def test_proxies_wait_longer_than_a_call_may_fetch() -> None:
    """No proxy gives up while the service still reads from a FHIR server."""
    annotations = document("Ingress")["metadata"]["annotations"]
    seconds = [annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]]
    seconds += re.findall(r"response_header_timeout (\d+)s", CADDYFILE)
    assert len(seconds) == 2
    assert all(int(each) * 1000 > 5 * read_settings({}).fetch_budget_ms for each in seconds)


def test_the_proxy_speaks_modern_tls_with_a_given_certificate() -> None:
    """TLS 1.2 is the oldest version; certificate and key come from the secrets of the container."""
    files = re.findall(
        r"tls /run/secrets/(\w+) /run/secrets/(\w+) \{\n\t+protocols tls1\.2 tls1\.3", CADDYFILE
    )
    assert [list(names) for names in files] == [COMPOSE["services"]["proxy"]["secrets"]]
    assert set(COMPOSE["secrets"]) == set(COMPOSE["services"]["proxy"]["secrets"])


def test_the_proxy_leads_to_the_service() -> None:
    """It asks the container of the service by its name, on the service's port."""
    (target,) = re.findall(r"dynamic a (\w+ \d+)", CADDYFILE)
    assert target == f"service {read_settings({}).port}"
    assert "service" in COMPOSE["services"]


def test_the_proxy_changes_neither_path_nor_host() -> None:
    """What an EHR calls is what the service sees, so that the `aud` of its token fits."""
    assert not re.search(r"\b(rewrite|uri|handle_path|header_up|redir)\b", CADDYFILE)
    assert (
        COMPOSE["services"]["service"]["environment"]["KETAMINE_CDS_PUBLIC_URL"] == "https://${PUBLIC_HOST}"
    )
    assert re.search(r"^https://\{\$PUBLIC_HOST\}:8443 \{$", CADDYFILE, re.M)
