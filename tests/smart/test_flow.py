"""The sealed cookie of a launch: it can be read by this service alone, and for ten minutes."""

import base64
import json
from dataclasses import replace

import pytest
from flask import Flask, Request, Response
from joserfc import jwe
from joserfc.jwk import OctKey

from service.web.smart.authorization import READ_TYPES, SCOPE, authorization_request
from service.web.smart.cookie import FlowCookie
from service.web.smart.flow import LIFE_SECONDS, begun, opened, sealed, sealing_key

NOW = 1_800_000_000.0
KEY = sealing_key(b"a hash key of this service")
FLOW = begun("https://ehr.example.org/fhir", "https://login.example.org/token", NOW)


def test_a_launch_comes_back_as_it_was() -> None:
    """All of it."""
    assert opened(sealed(FLOW, KEY), KEY, NOW) == FLOW


def test_nothing_of_it_can_be_read() -> None:
    """Neither in the cookie nor in what a log would show of it."""
    cookie = sealed(FLOW, KEY)
    parts = [base64.urlsafe_b64decode(part + "==") for part in cookie.split(".")]
    for secret in (FLOW.state, FLOW.verifier, FLOW.token_endpoint):
        assert all(secret.encode() not in part for part in parts)
    assert FLOW.verifier not in repr(FLOW)
    assert FLOW.state not in repr(FLOW)


def test_it_ends_after_ten_minutes() -> None:
    """By our clock, whatever the browser keeps."""
    cookie = sealed(FLOW, KEY)
    assert opened(cookie, KEY, NOW + LIFE_SECONDS - 1) == FLOW
    assert opened(cookie, KEY, NOW + LIFE_SECONDS) is None


def test_a_changed_cookie_is_none() -> None:
    """Any character of it."""
    cookie = sealed(FLOW, KEY)
    for place in range(0, len(cookie) - 1, 7):
        other = "A" if cookie[place] != "A" else "B"
        assert opened(cookie[:place] + other + cookie[place + 1 :], KEY, NOW) is None


def test_a_cookie_of_another_key_is_none() -> None:
    """As of another installation."""
    assert opened(sealed(FLOW, sealing_key(b"another")), KEY, NOW) is None


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c.d.e", "....", "é" * 9, "e30.e30.e30.e30.e30"])
def test_anything_else_is_none(cookie: str) -> None:
    """Whoever made it."""
    assert opened(cookie, KEY, NOW) is None


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "dir", "enc": "A256GCM", "zip": "DEF"},
        {"alg": "A256KW", "enc": "A256GCM"},
        {"alg": "A256GCMKW", "enc": "A256GCM"},
    ],
)
def test_other_ways_of_sealing_are_refused(header: dict[str, str]) -> None:
    """Even with the right key."""
    everything = ["dir", "A256GCM", "A256KW", "A256GCMKW", "DEF"]
    made = jwe.encrypt_compact(header, b"{}", KEY, algorithms=everything)
    assert opened(made, KEY, NOW) is None


def test_the_sealing_key_is_not_the_hash_key() -> None:
    """A cookie sealed with the hash key itself is nobody's."""
    hash_key = b"k" * 32
    assert opened(sealed(FLOW, OctKey.import_key(hash_key)), sealing_key(hash_key), NOW) is None


def test_each_launch_has_its_own_state_and_verifier() -> None:
    """Long enough to be guessed by nobody; the challenge is that of RFC 7636."""
    other = begun(FLOW.base, FLOW.token_endpoint, NOW)
    assert other.state != FLOW.state
    assert 43 <= len(FLOW.verifier) <= 128
    example = replace(FLOW, verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert example.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert FLOW.began_with(FLOW.state)
    assert not FLOW.began_with("")
    assert not FLOW.began_with("é")


def test_what_is_asked_for_is_the_data_of_the_hooks() -> None:
    """Reading and searching, of this patient, and nothing else."""
    scopes = SCOPE.split()
    assert scopes[:3] == ["launch", "openid", "fhirUser"]
    assert scopes[3:] == [f"patient/{kind}.rs" for kind in READ_TYPES]
    assert "*" not in SCOPE


def test_an_endpoint_with_a_query_keeps_it() -> None:
    """As some authorization servers have it."""
    for endpoint, begins in (
        ("https://e/a", "https://e/a?resp"),
        ("https://e/a?p=1", "https://e/a?p=1&resp"),
    ):
        address = authorization_request(endpoint, FLOW, iss="i", launch="l", client="c", back="b")
        assert address.startswith(begins)


@pytest.mark.parametrize(
    ("secure", "expected"),
    [
        (True, {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned", "Max-Age=600"}),
        (False, {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"}),
    ],
)
def test_how_browsers_keep_it(secure: bool, expected: set[str]) -> None:
    """Out of reach of scripts; over https also in the frame of an EHR, its name bound to the host."""
    cookie, response = FlowCookie(secure=secure), Response()
    cookie.set(response, "sealed")
    first, *attributes = response.headers["Set-Cookie"].split("; ")
    assert {each for each in attributes if not each.startswith("Expires")} == expected
    assert first == f"{cookie.name}=sealed"
    assert cookie.name.startswith("__Host-") == secure


def test_forgetting_says_the_same_as_keeping() -> None:
    """Or browsers would forget another cookie."""
    cookie, response = FlowCookie(secure=True), Response()
    cookie.forget(response)
    attributes = set(response.headers["Set-Cookie"].split("; ")[1:])
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned", "Max-Age=0"} <= attributes
    with Flask(__name__).test_request_context():
        assert cookie.value(Request({"REQUEST_METHOD": "GET"})) == ""


def test_the_cookie_is_small() -> None:
    """Browsers keep four thousand bytes."""
    assert len(sealed(replace(FLOW, base="https://e/" + "f" * 500), KEY)) < 2000
    assert json.loads(base64.urlsafe_b64decode(sealed(FLOW, KEY).split(".")[0] + "==")) == {
        "alg": "dir",
        "enc": "A256GCM",
    }
