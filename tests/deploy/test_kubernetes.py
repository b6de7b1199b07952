"""deploy/kubernetes: valid for the versions named here, in agreement with each other and with the service."""

import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.access.issuers import read_issuers
from service.fetch import address_guard
from service.serve import STOP_SECONDS
from service.settings import Mode, SettingsError, read_settings
from tests.api.test_openapi import DESCRIPTION
from tests.deploy.manifests import DOCUMENTS, EXAMPLE, FILES, KUBERNETES, KUSTOMIZATION, document

VALIDATE = Path(sys.executable).with_name("kubernetes-validate")
VERSIONS = ("1.33", "1.36")  # the oldest that docs/operate.md names, and a recent one
NAME = {"app.kubernetes.io/name": "ketamine-cds"}
NEVER_REACHED = ("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "127.0.0.1", "::1")


def pod() -> dict[str, Any]:
    """The pods that the Deployment makes."""
    spec: dict[str, Any] = document("Deployment")["spec"]["template"]["spec"]
    return spec


def container() -> dict[str, Any]:
    """The one container of a pod."""
    (only,) = pod()["containers"]
    found: dict[str, Any] = only
    return found


def validated(version: str, *files: Path) -> int:
    """Hold files against the strict schemas of a Kubernetes version; return the exit code."""
    command: list[str | Path] = [VALIDATE, "--strict", "--kubernetes-version", version, *files]
    return subprocess.run(command, capture_output=True).returncode


@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_valid(version: str, tmp_path: Path) -> None:
    """Each manifest fits the strict schema of the version, and one misspelt field would not."""
    assert validated(version, *FILES) == 0
    broken = tmp_path / "service.yaml"
    text = (KUBERNETES / "service.yaml").read_text(encoding="utf-8")
    broken.write_text(text.replace("targetPort", "targetProt"), encoding="utf-8")
    assert validated(version, broken) != 0


def test_the_kustomization_lists_every_file_but_the_example_of_secrets() -> None:
    """No manifest is forgotten, and placeholders are never applied over real secrets."""
    assert sorted(KUSTOMIZATION["resources"]) == [file.name for file in FILES if file != EXAMPLE]
    (image,) = KUSTOMIZATION["images"]
    assert image["name"] == container()["image"]
    assert image["newTag"] not in ("", "latest")


def test_everything_is_in_one_namespace_that_is_restricted() -> None:
    """Each document names the namespace, which admits restricted pods only."""
    namespace = document("Namespace")["metadata"]
    assert namespace["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert KUSTOMIZATION["namespace"] == namespace["name"]
    spaces = {each["metadata"].get("namespace") for each in DOCUMENTS if each["kind"] != "Namespace"}
    assert spaces == {namespace["name"]}


def test_labels_and_selectors_agree() -> None:
    """Service, disruption budget, network policy and spread choose the pods that the Deployment makes."""
    deployment = document("Deployment")["spec"]
    assert deployment["template"]["metadata"]["labels"] == NAME
    assert deployment["selector"]["matchLabels"] == NAME
    assert document("Service")["spec"]["selector"] == NAME
    assert document("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == NAME
    assert document("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == NAME
    for spread in pod()["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"] == NAME


def test_ports_agree() -> None:
    """One port of the container, by name, is what Service, Ingress, probes and network policy mean."""
    (port,) = container()["ports"]
    assert port["containerPort"] == read_settings({}).port
    (offered,) = document("Service")["spec"]["ports"]
    (allowed,) = document("NetworkPolicy")["spec"]["ingress"]
    probes = [container()[probe]["httpGet"]["port"] for probe in ("startupProbe", "livenessProbe")]
    routes = [path["backend"]["service"]["port"]["name"] for path in paths()]
    named = [offered["targetPort"], *probes, *routes, *(each["port"] for each in allowed["ports"])]
    assert set(named) == {port["name"]}
    assert offered["name"] == port["name"]


def paths() -> list[dict[str, Any]]:
    """The paths of the Ingress."""
    (rule,) = document("Ingress")["spec"]["rules"]
    found: list[dict[str, Any]] = rule["http"]["paths"]
    return found


def test_the_autoscaler_scales_the_deployment_and_alone_says_how_many() -> None:
    """There are at least two replicas, one disruption leaves one, and an apply does not undo the scaling."""
    scaler = document("HorizontalPodAutoscaler")["spec"]
    deployment = document("Deployment")
    assert scaler["scaleTargetRef"] == {
        "apiVersion": deployment["apiVersion"],
        "kind": deployment["kind"],
        "name": deployment["metadata"]["name"],
    }
    assert scaler["minReplicas"] >= 2
    assert scaler["maxReplicas"] > scaler["minReplicas"]
    assert "replicas" not in deployment["spec"]
    assert document("PodDisruptionBudget")["spec"]["maxUnavailable"] < scaler["minReplicas"]


@pytest.mark.parametrize("probe", ["startupProbe", "livenessProbe", "readinessProbe"])
def test_probes_ask_whether_the_process_serves(probe: str) -> None:
    """Every probe asks an address of the API that does not depend on the database."""
    path = container()[probe]["httpGet"]["path"]
    assert path in DESCRIPTION["paths"]
    assert path == "/health/live"


def test_a_pod_has_time_to_stop() -> None:
    """What the service takes to stop fits behind the wait in which the ingress forgets the pod."""
    stop = container()["lifecycle"]["preStop"]["exec"]["command"]
    assert pod()["terminationGracePeriodSeconds"] > int(stop[-1]) + STOP_SECONDS


def test_pods_have_no_privileges() -> None:
    """The restricted profile, nothing to write to, limits, and no token of the cluster."""
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert pod()["securityContext"]["runAsUser"] > 0
    assert pod()["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= set(container()["resources"]["requests"])
    assert {"cpu", "memory"} <= set(container()["resources"]["limits"])
    assert pod()["automountServiceAccountToken"] is False
    assert document("ServiceAccount")["automountServiceAccountToken"] is False
    assert pod()["serviceAccountName"] == document("ServiceAccount")["metadata"]["name"]


def test_the_cluster_adds_no_variables() -> None:
    """A Service of this name would set KETAMINE_CDS_PORT to an address, which stops the start."""
    assert pod()["enableServiceLinks"] is False
    with pytest.raises(SettingsError):
        read_settings({"KETAMINE_CDS_PORT": "tcp://10.0.0.1:80"})


def test_volumes_and_settings_have_their_sources() -> None:
    """What the pod mounts and reads is a document here, and the issuers' file is where the setting says."""
    config = document("ConfigMap")["data"]
    names = [each[kind]["name"] for each in container()["envFrom"] for kind in each]
    assert names == [document("ConfigMap")["metadata"]["name"], document("Secret")["metadata"]["name"]]
    mounts = {mount["name"]: mount["mountPath"] for mount in container()["volumeMounts"]}
    assert set(mounts) == {volume["name"] for volume in pod()["volumes"]}
    (file,) = document("ConfigMap", "ketamine-cds-issuers")["data"]
    assert config["KETAMINE_CDS_ISSUERS"] == f"{mounts['issuers']}/{file}"
    assert document("Ingress")["spec"]["tls"][0]["secretName"] == "ketamine-cds-tls"
    assert document("Secret", "ketamine-cds-tls")["type"] == "kubernetes.io/tls"


def test_the_example_of_issuers_can_be_read(tmp_path: Path) -> None:
    """The file that pods get is one that the service starts with."""
    file = tmp_path / "issuers.json"
    file.write_text(document("ConfigMap", "ketamine-cds-issuers")["data"]["issuers.json"], encoding="utf-8")
    (issuer,) = read_issuers(file, Mode.PRODUCTION)
    assert issuer.name == "https://ehr.example.org"
    assert issuer.jku is not None


def test_the_public_url_is_the_host_of_the_ingress() -> None:
    """The `aud` that an EHR writes from the Ingress's host is the one that the service expects."""
    (rule,) = document("Ingress")["spec"]["rules"]
    (tls,) = document("Ingress")["spec"]["tls"]
    assert tls["hosts"] == [rule["host"]]
    assert document("ConfigMap")["data"]["KETAMINE_CDS_PUBLIC_URL"] == f"https://{rule['host']}"


def test_the_placeholders_are_no_secrets() -> None:
    """Nothing in the example looks like a value, and the service refuses to start with each of them."""
    examples = list(yaml.safe_load_all(EXAMPLE.read_text(encoding="utf-8")))
    for example in examples:
        assert "data" not in example
        assert all(re.fullmatch("<.*>", value) for value in example["stringData"].values())
    for name, value in examples[0]["stringData"].items():
        with pytest.raises(SettingsError, match=name):
            read_settings({name: value})


def test_secrets_stand_in_no_other_document() -> None:
    """What is secret comes from the Secret alone."""
    secret = set(document("Secret")["stringData"])
    assert secret.isdisjoint(document("ConfigMap")["data"])
    assert "env" not in container()


def test_metadata_addresses_cannot_be_reached() -> None:
    """No rule of the network policy lets a pod reach what a cloud keeps its credentials behind."""
    policy = document("NetworkPolicy")["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    blocks = [to["ipBlock"] for rule in policy["egress"] for to in rule["to"] if "ipBlock" in to]
    assert blocks
    guarded = {str(address) for address in address_guard._METADATA}
    assert {"fd00:ec2::254", "fd20:ce::254"} < guarded
    for address in (*NEVER_REACHED, *guarded, "fe80::1", "64:ff9b::a9fe:a9fe"):
        assert not any(_lets_through(block, address) for block in blocks), address
    assert any(_lets_through(block, "10.20.30.40") for block in blocks)  # an EHR of the house


def _lets_through(block: dict[str, Any], address: str) -> bool:
    parsed = ip_address(address)
    return parsed in ip_network(block["cidr"]) and not any(
        parsed in ip_network(each) for each in block["except"]
    )


def test_exceptions_lie_in_their_block() -> None:
    """Each excepted range is a part of its block, as the cluster demands."""
    blocks = [
        to["ipBlock"]
        for rule in document("NetworkPolicy")["spec"]["egress"]
        for to in rule["to"]
        if "ipBlock" in to
    ]
    for block in blocks:
        for each in block["except"]:
            inner, outer = ip_network(each), ip_network(block["cidr"])
            assert inner.version == outer.version
            assert inner.network_address in outer


def test_the_policy_opens_only_what_is_needed() -> None:
    """Names, the database and HTTPS are all that a pod reaches; two named places are all that reach it."""
    policy = document("NetworkPolicy")["spec"]
    reached = {(each["protocol"], each["port"]) for rule in policy["egress"] for each in rule["ports"]}
    assert reached == {("UDP", 53), ("TCP", 53), ("TCP", 5432), ("TCP", 443)}
    assert all("namespaceSelector" in each for rule in policy["ingress"] for each in rule["from"])
