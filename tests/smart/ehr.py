"""A small EHR on this machine: a FHIR server, and an authorization server of another origin that checks PKCE.

It answers as SMART App Launch 2 wants it. A test may have it answer otherwise, and reads what it was asked.
"""

import json
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

Json = dict[str, Any]

CLIENT = "evidence-view"
USER = "Practitioner/dr-example"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is sent back."""

    body: bytes = b""
    status: int = 200
    media: str = "application/json"
    fields: Mapping[str, str] = field(default_factory=dict)


def of_json(value: Any, status: int = 200) -> Answer:
    """An answer of JSON."""
    return Answer(body=json.dumps(value).encode(), status=status)


@dataclass(kw_only=True, slots=True)
class Ehr:
    """The EHR as it is now. `instead` has answers by the path they are given at, `heard` all paths asked."""

    fhir: str
    auth: str
    patient_id: str = "vignette"
    resources: list[Json] = field(default_factory=list)
    instead: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    launches: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    framed: str = ""

    @property
    def base(self) -> str:
        """The base of the FHIR server, which is the `iss` of a launch."""
        return f"{self.fhir}/fhir"

    def launch(self, service: str) -> str:
        """The address that opens the app of `service`, as a click on its link in this EHR makes it."""
        launch = secrets.token_urlsafe(8)
        self.launches.add(launch)
        return f"{service}/smart/launch?{urlencode({'iss': self.base, 'launch': launch})}"

    def calm(self) -> None:
        """Answer as it should, and forget what was."""
        self.instead.clear()
        self.heard.clear()
        self.faults.clear()
        self.launches.clear()
        self.tokens.clear()


@contextmanager
def ehr() -> Iterator[Ehr]:
    """An EHR that answers."""
    with _server() as fhir, _server() as auth:
        made = Ehr(fhir=_origin(fhir), auth=_origin(auth))
        for server in (fhir, auth):
            server.ehr = made  # type: ignore[attr-defined]  # so the handler finds it
        yield made


@contextmanager
def _server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _origin(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a read, or let a user in."""
        self._send(self._answer({}))

    def do_POST(self) -> None:
        """Exchange a code."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._send(self._answer(_single(body)))

    def _answer(self, form: Mapping[str, str]) -> Answer:
        ehr: Ehr = self.server.ehr  # type: ignore[attr-defined]  # as above
        parts = urlsplit(self.path)
        ehr.heard.append(parts.path)
        if parts.path in ehr.instead:
            return ehr.instead[parts.path]()
        asked = _single(parts.query)
        match parts.path.split("/")[1:]:
            case ["fhir", ".well-known", "smart-configuration"]:
                return of_json(configuration(ehr))
            case ["auth", "authorize"]:
                return _authorize(ehr, asked)
            case ["auth", "token"]:
                return _token(ehr, form)
            case ["favicon.ico"]:
                return Answer(status=204)
            case ["chart"]:
                page = f"<!doctype html><title>chart</title><iframe src='{ehr.framed}'></iframe>"
                return Answer(body=page.encode(), media="text/html")
            case ["fhir", *path] if self.headers.get("Authorization", "")[7:] in ehr.tokens:
                return _resources(ehr, path)
            case ["fhir", *_]:
                return Answer(status=401)
            case _:
                return Answer(status=404)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Type": answer.media, **answer.fields}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)


def configuration(ehr: Ehr) -> Json:
    """What the EHR says of its authorization server."""
    return {
        "authorization_endpoint": f"{ehr.auth}/auth/authorize",
        "token_endpoint": f"{ehr.auth}/auth/token",
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["launch-ehr", "client-public", "context-ehr-patient", "sso-openid-connect"],
    }


def _authorize(ehr: Ehr, asked: Mapping[str, str]) -> Answer:
    ehr.faults += [
        f"authorize: {name}"
        for name, right in {
            "response_type": "code",
            "client_id": CLIENT,
            "aud": ehr.base,
            "code_challenge_method": "S256",
        }.items()
        if asked.get(name) != right
    ]
    if asked.get("launch") not in ehr.launches:
        ehr.faults.append("authorize: launch")
    code = secrets.token_urlsafe(16)
    ehr.codes[code] = asked
    back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
    return Answer(status=302, fields={"Location": back})


def _token(ehr: Ehr, form: Mapping[str, str]) -> Answer:
    asked = ehr.codes.pop(form.get("code", ""), None)  # good for one use
    if asked is None or not _verified(form, asked):
        return of_json({"error": "invalid_grant"}, status=400)
    token = secrets.token_urlsafe(32)
    ehr.tokens.add(token)
    return of_json(token_answer(ehr, token))


def token_answer(ehr: Ehr, token: str) -> Json:
    """What the EHR gives for a code."""
    identity = urlsafe_b64encode(json.dumps({"fhirUser": f"{ehr.base}/{USER}"}).encode()).decode().rstrip("=")
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "launch openid fhirUser patient/*.rs",
        "patient": ehr.patient_id,
        "id_token": f"e30.{identity}.",
    }


def _verified(form: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Whether a code comes from who asked for it."""
    made = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
    same = [form.get(name) == asked[name] for name in ("client_id", "redirect_uri")]
    return made == asked["code_challenge"] and all(same) and form.get("grant_type") == "authorization_code"


def _resources(ehr: Ehr, path: list[str]) -> Answer:
    """A resource by its id, or all of a type."""
    kind, identity = path[0], path[1:]
    found = [one for one in ehr.resources if one["resourceType"] == kind]
    if identity:
        matching = [one for one in found if [one["id"]] == identity]
        return of_json(matching[0]) if matching else Answer(status=404)
    entry = [{"resource": one, "fullUrl": f"{ehr.base}/{kind}/{one['id']}"} for one in found]
    return of_json({"resourceType": "Bundle", "type": "searchset", "total": len(entry), "entry": entry})


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
