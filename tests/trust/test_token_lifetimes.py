"""Tokens as large EHRs make them: how long they live, whose clock is wrong, and what names their keys."""

from datetime import datetime
from typing import Any

import pytest

from cds_hooks.jwt import TrustedIssuer, jwt_trust
from cds_hooks.keys import read_keys
from cds_hooks.token_advice import advice
from cds_hooks.trust import CdsClient, Fault, UnauthorizedError
from tests.trust.minting import BASE, EHR, LEFT_OUT, NOW, RSA, claims, header, key_set, minted, public

PATH = "/cds-services/some-service"
LOOSE = {"tenant": LEFT_OUT}


class Memory:
    """Remembers what it was told of tokens: the digest and the end."""

    def __init__(self) -> None:
        self.ends: dict[str, datetime] = {}

    def __call__(self, _issuer: str, digest: str, ends: datetime) -> bool:
        """Whether a token is new."""
        new = digest not in self.ends
        self.ends[digest] = ends
        return new


def called(memory: Memory | None = None, kid: str = "rsa", now: float = NOW, **entry: Any) -> Any:
    """What becomes of a token, by its claims, at an issuer with this entry."""
    keys = read_keys(key_set(public(RSA, kid=kid)))
    trust = jwt_trust(
        [TrustedIssuer(name=EHR, keys=lambda kid: keys.get(kid, ()), **entry)],
        algorithms=("RS384",),
        base_url=BASE,
        now=lambda: now,
        use_once=memory or Memory(),
    )

    def answered(**changes: Any) -> CdsClient | UnauthorizedError:
        token = minted(header(kid=kid), claims(BASE + PATH, **{**LOOSE, **changes}))
        try:
            return trust(f"Bearer {token}", PATH)
        except UnauthorizedError as refusal:
            return refusal

    return answered


def fault(answer: CdsClient | UnauthorizedError) -> Fault:
    """Why a token was refused."""
    assert isinstance(answer, UnauthorizedError)
    return answer.reason


@pytest.mark.parametrize(("lifetime", "lives"), [(300, 310), (900, 910), (3600, 3610)])
def test_a_token_may_live_as_long_as_the_entry_says(lifetime: int, lives: int) -> None:
    """And ten seconds more, for the clock that rounds; one second beyond is refused with its length."""
    ask = called(lifetime=lifetime)
    assert ask(iat=NOW, exp=NOW + lives) == CdsClient(issuer=EHR)
    refusal = ask(iat=NOW, exp=NOW + lives + 1)
    assert fault(refusal) is Fault.LIFETIME
    assert f"lives {lives + 1} s" in advice(refusal)
    assert refusal.claimed == EHR


def test_a_token_that_holds_before_it_was_made() -> None:
    """A vendor whose tokens live 900 s and name an `nbf` that lies before `iat`."""
    ask = called(lifetime=900)
    assert ask(iat=NOW, nbf=NOW - 60, exp=NOW + 900) == CdsClient(issuer=EHR)


@pytest.mark.parametrize("skew", [0, 45, 300])
def test_a_clock_that_is_ahead(skew: int) -> None:
    """By what the entry says it is let in; a second more is told."""
    ask = called(skew=skew)
    assert ask(iat=NOW + skew, exp=NOW + skew + 60) == CdsClient(issuer=EHR)
    refusal = ask(iat=NOW + skew + 1, exp=NOW + skew + 60)
    assert fault(refusal) is Fault.NOT_YET_VALID
    assert f"begins {skew + 1} s from now" in advice(refusal)
    assert fault(ask(iat=NOW - 10, nbf=NOW + skew + 1, exp=NOW + 600)) is Fault.NOT_YET_VALID


@pytest.mark.parametrize("skew", [45, 300])
def test_a_clock_that_is_behind(skew: int) -> None:
    """Its tokens hold so much longer, and are remembered as long."""
    memory = Memory()
    ask = called(memory, skew=skew)
    assert ask(iat=NOW - 300, exp=NOW - skew + 1) == CdsClient(issuer=EHR)
    assert [ends.timestamp() for ends in memory.ends.values()] == [NOW + 1]
    refusal = ask(iat=NOW - 300, exp=NOW - skew)
    assert fault(refusal) is Fault.EXPIRED
    assert f"ended {skew} s ago" in advice(refusal)


def test_a_clock_of_which_nothing_is_known() -> None:
    """Ten seconds ahead, and nothing beyond the end."""
    ask = called()
    assert ask(iat=NOW + 10, exp=NOW + 60) == CdsClient(issuer=EHR)
    assert fault(ask(iat=NOW + 11, exp=NOW + 60)) is Fault.NOT_YET_VALID
    assert ask(iat=NOW - 60, exp=NOW + 1) == CdsClient(issuer=EHR)
    assert fault(ask(iat=NOW - 60, exp=NOW)) is Fault.EXPIRED


def test_it_is_remembered_as_long_as_it_lives() -> None:
    """A token of an hour is refused a second time, and the memory is told its end."""
    memory = Memory()
    ask = called(memory, lifetime=3600)
    assert ask(iat=NOW, exp=NOW + 3600, jti="one") == CdsClient(issuer=EHR)
    assert fault(ask(iat=NOW, exp=NOW + 3600, jti="one")) is Fault.REPLAYED
    assert {ends.timestamp() for ends in memory.ends.values()} == {NOW + 3600}


@pytest.mark.parametrize(
    "kid", ["a/b+c=", "urn:x:key#1", "Schlüssel 7", "{key}", "../../etc", "🔑", "x" * 900]
)
def test_the_name_of_a_key_may_be_any_text(kid: str) -> None:
    """It is looked up among the issuer's keys, never used as an address or a file."""
    assert called(kid=kid)() == CdsClient(issuer=EHR)


@pytest.mark.parametrize(
    "more",
    [
        {"sub": EHR},
        {"sub": None, "name": "x"},
        {"scope": ["a"], "https://ehr.example/claims": {"deep": [1, {"x": None}]}},
        {"azp": 7, "client_id": "cds", "ver": 1.5, "acr": True},
    ],
)
def test_more_claims_than_are_asked_for(more: dict[str, Any]) -> None:
    """They are passed over, whatever they are."""
    assert called()(**more) == CdsClient(issuer=EHR)


@pytest.mark.parametrize("reason", Fault)
def test_each_refusal_says_what_to_change(reason: Fault) -> None:
    """In words that differ from fault to fault."""
    told = [advice(UnauthorizedError(each, 7)) for each in Fault]
    assert len(set(told)) == len(told)
    assert len(advice(UnauthorizedError(reason, 7))) > 40
