"""The key set of an issuer: which keys are taken from it, and when it is read again."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier, Event
from time import sleep

import pytest

from cds_hooks.keys import MOST_KEYS, KeySetError, PublicKeys, PublishedKeys, read_keys
from tests.trust.minting import CLINIC_KEY, EC, LEFT_OUT, RSA, STRANGER, WEAK_PUBLIC, key_set, public

HOUR, DAY = 3600.0, 86400.0


@dataclass
class Publisher:
    """An issuer that publishes keys, or cannot, and a clock; it counts how often it is read."""

    published: PublicKeys | None
    now: float = 1000.0
    reads: int = 0
    before: Callable[[], None] = field(default=lambda: None)

    def read(self) -> PublicKeys | None:
        """The key set as it is now."""
        self.reads += 1
        self.before()
        return self.published

    def keys(self) -> PublishedKeys:
        """The keys as the service keeps them."""
        return PublishedKeys(self.read, lambda: self.now)


OLD, NEW = read_keys(key_set(RSA)), read_keys(key_set(EC))
BOTH = read_keys(key_set(RSA, EC))


def test_a_known_key_is_read_once() -> None:
    """As long as it is fresh, nobody asks for it again."""
    issuer = Publisher(OLD)
    keys = issuer.keys()
    assert [len(keys("rsa")) for _ in range(5)] == [1] * 5
    assert issuer.reads == 1


def test_a_new_key_is_found_at_once() -> None:
    """A client that rotates its keys is not refused: the unknown id has the set read again."""
    issuer = Publisher(OLD)
    keys = issuer.keys()
    assert keys("rsa")
    issuer.published = NEW
    assert keys("ec")
    assert not keys("rsa")
    issuer.published = BOTH
    issuer.now += 5
    assert keys("rsa")


def test_made_up_ids_have_the_set_read_ever_more_seldom() -> None:
    """The pause begins with 5 seconds, doubles, and ends at a minute; known keys are not affected."""
    issuer = Publisher(OLD)
    keys = issuer.keys()
    assert keys("rsa")
    start, read_at = issuer.now, []
    for second in range(300):
        issuer.now = start + second
        reads = issuer.reads
        assert not keys(f"made-up-{second}")
        assert keys("rsa")
        read_at += [second] * (issuer.reads - reads)
    assert read_at == [0, 5, 15, 35, 75, 135, 195, 255]


def test_a_key_that_was_found_ends_the_pauses() -> None:
    """The next rotation is as quick as the first one."""
    issuer = Publisher(OLD)
    keys = issuer.keys()
    for _ in range(4):
        keys("made-up")
        issuer.now += 60
    issuer.published = BOTH
    assert keys("ec")
    issuer.published = read_keys(key_set(RSA, EC, CLINIC_KEY))
    assert keys("clinic")


def test_keys_stay_while_the_set_cannot_be_read() -> None:
    """An issuer's web server may fail for a while without its calls being refused."""
    issuer = Publisher(OLD)
    keys = issuer.keys()
    assert keys("rsa")
    issuer.published = None
    issuer.now += DAY - 1
    assert [len(keys("rsa")) for _ in range(5)] == [1] * 5
    assert issuer.reads == 2


def test_keys_do_not_stay_for_more_than_a_day() -> None:
    """Who keeps the set from being read cannot keep a withdrawn key alive for ever."""
    issuer = Publisher(OLD)
    keys = issuer.keys()
    assert keys("rsa")
    issuer.published = None
    issuer.now += DAY + 1
    assert not keys("rsa")


def test_a_set_that_cannot_be_read_is_left_alone_for_a_while() -> None:
    """A dead server is asked after 5 seconds, and comes back into use without a restart."""
    issuer = Publisher(None)
    keys = issuer.keys()
    assert [len(keys("rsa")) for _ in range(5)] == [0] * 5
    assert issuer.reads == 1
    issuer.published = OLD
    issuer.now += 5
    assert keys("rsa")


def test_a_withdrawn_key_is_gone_within_the_hour() -> None:
    """After an hour the set is read again although the key is known."""
    issuer = Publisher(BOTH)
    keys = issuer.keys()
    assert keys("rsa")
    issuer.published = NEW
    issuer.now += HOUR
    assert keys("rsa")
    issuer.now += 1
    assert not keys("rsa")


def test_many_calls_at_once_read_the_set_once() -> None:
    """At the start every thread needs the key; one reads, the others wait for it."""
    ready = Barrier(8)
    issuer = Publisher(OLD, before=lambda: sleep(0.2))  # long enough for all to stand in line
    keys = issuer.keys()

    def asked() -> int:
        ready.wait(10)
        return len(keys("rsa"))

    with ThreadPoolExecutor(8) as threads:
        found = [one.result(10) for one in [threads.submit(asked) for _ in range(8)]]
    assert found == [1] * 8
    assert issuer.reads == 1


def test_nobody_with_a_known_key_waits_while_the_set_is_read() -> None:
    """Only the call that came first after an hour spends time on it."""
    asked, answered = Event(), Event()
    issuer = Publisher(OLD)
    keys = issuer.keys()
    assert keys("rsa")
    issuer.now += HOUR + 1

    def slow() -> None:
        asked.set()
        answered.wait(10)

    issuer.before = slow
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(keys, "rsa")
        assert asked.wait(10)
        assert keys("rsa")
        assert not first.done()
        answered.set()
        assert first.result(10)


OFF_THE_CURVE = public(EC, x=public(CLINIC_KEY)["x"])


@pytest.mark.parametrize(
    "unusable",
    [
        pytest.param(dict(STRANGER.as_dict(private=True)), id="a private key"),
        pytest.param({"kty": "oct", "kid": "stranger", "k": "c2VjcmV0"}, id="a shared secret"),
        pytest.param({**public(STRANGER), "k": "c2VjcmV0"}, id="a public key with a secret"),
        pytest.param(public(STRANGER, use="enc"), id="for encryption"),
        pytest.param(public(STRANGER, use=["sig"]), id="a use that is no text"),
        pytest.param(public(STRANGER, key_ops=["sign"]), id="for signing, not for checking"),
        pytest.param(public(STRANGER, key_ops=7), id="operations that are none"),
        pytest.param(public(STRANGER, kid=LEFT_OUT), id="without an id"),
        pytest.param(public(STRANGER, kid=""), id="with an empty id"),
        pytest.param(public(STRANGER, kid=1), id="with a number as id"),
        pytest.param(public(STRANGER, kty="rsa"), id="of no known type"),
        pytest.param(public(STRANGER, kty=["RSA"]), id="with a type that is no text"),
        pytest.param(public(STRANGER, n="!"), id="with a number that is none"),
        pytest.param(public(STRANGER, n=LEFT_OUT), id="without its number"),
        pytest.param(public(STRANGER, e="AQ"), id="with an exponent of one"),
        pytest.param(public(EC, kid="stranger", crv="P-999"), id="on no known curve"),
        pytest.param({**OFF_THE_CURVE, "kid": "stranger"}, id="off its curve"),
        pytest.param({**WEAK_PUBLIC, "kid": "stranger"}, id="of 1024 bits"),
        pytest.param({"kty": "OKP", "kid": "stranger", "crv": "Ed25519", "x": "AA"}, id="of another kind"),
    ],
)
def test_a_key_that_cannot_be_trusted_is_passed_over(unusable: dict[str, object]) -> None:
    """The good key beside it counts nonetheless."""
    assert set(read_keys(json.dumps({"keys": [unusable, public(RSA)]}).encode())) == {"rsa"}


@pytest.mark.parametrize("odd", [None, 1, "key", [], {}])
def test_a_member_that_is_no_key_is_passed_over(odd: object) -> None:
    """Whatever stands in the list."""
    assert set(read_keys(json.dumps({"keys": [odd, public(RSA)]}).encode())) == {"rsa"}


def test_keys_of_two_types_may_share_an_id() -> None:
    """RFC 7517 allows it, so both are tried."""
    keys = read_keys(key_set(RSA, public(EC, kid="rsa")))
    assert [key.key_type for key in keys["rsa"]] == ["RSA", "EC"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"<html>503</html>", id="a page of HTML"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="an array"),
        pytest.param(b"{}", id="no keys"),
        pytest.param(b'{"keys": {}}', id="keys in an object"),
        pytest.param(b'{"keys": null}', id="keys that are null"),
        pytest.param(b'{"keys": [' + b"[" * 5000, id="great depth"),
        pytest.param(b'{"keys": ["\xff"]}', id="not UTF-8"),
        pytest.param(json.dumps({"keys": [{}] * (MOST_KEYS + 1)}).encode(), id="too many keys"),
    ],
)
def test_what_is_no_key_set_is_refused(text: bytes) -> None:
    """It is not read as a set without keys."""
    with pytest.raises(KeySetError):
        read_keys(text)


def test_a_set_without_keys_withdraws_all() -> None:
    """An issuer may publish an empty set."""
    issuer = Publisher(OLD)
    keys = issuer.keys()
    assert keys("rsa")
    issuer.published = read_keys(b'{"keys": []}')
    issuer.now += HOUR + 1
    assert not keys("rsa")
