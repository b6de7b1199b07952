"""Whom nothing is ever sent to, in every way of writing an address."""

import pytest

from service.fetch.address_guard import is_forbidden, is_loopback

METADATA = ("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192")
AIMLESS = ("0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1")
ORDINARY = ("10.1.2.3", "172.16.0.9", "192.168.1.1", "127.0.0.1", "100.64.0.1", "8.8.8.8", "169.253.0.1")


def wrapped(address: str) -> list[str]:
    """The IPv6 addresses that mean an IPv4 address."""
    first, second, third, fourth = (int(part) for part in address.split("."))
    high, low = f"{first << 8 | second:x}", f"{third << 8 | fourth:x}"
    flipped = f"{(first << 8 | second) ^ 0xFFFF:x}:{(third << 8 | fourth) ^ 0xFFFF:x}"
    return [
        f"::ffff:{high}:{low}",
        f"64:ff9b::{high}:{low}",
        f"64:ff9b:1::{high}:{low}",
        f"2002:{high}:{low}::1",
        f"2001:0:808:808::{flipped}",
    ]


@pytest.mark.parametrize("address", [*METADATA, *AIMLESS])
def test_metadata_and_aimless_addresses_are_forbidden(address: str) -> None:
    """Also where an IPv6 address leads to them: mapped, translated, 6to4 and Teredo."""
    assert all(is_forbidden(each) for each in [address, *wrapped(address)])


@pytest.mark.parametrize(
    "address",
    ["fe80::1", "fe80::1%eth0", "ff02::1", "::", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"],
)
def test_forbidden_ipv6_addresses(address: str) -> None:
    """Link-local, multicast and unspecified ones, and where clouds hand out credentials."""
    assert is_forbidden(address)


@pytest.mark.parametrize("address", ORDINARY)
def test_the_addresses_of_hospitals_are_allowed(address: str) -> None:
    """A base is on an exact list, so it may well be on a private network."""
    assert not any(is_forbidden(each) for each in [address, *wrapped(address)])


@pytest.mark.parametrize("address", ["fd12:3456::1", "2001:db8::1", "::1", "2600:1f18::5"])
def test_the_ipv6_addresses_of_hospitals_are_allowed(address: str) -> None:
    """Private, global and loopback ones."""
    assert not is_forbidden(address)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_which_addresses_are_this_machine(address: str, here: bool) -> None:
    """Without TLS nothing else may be spoken to, so what is not quite loopback is not."""
    assert is_loopback(address) is here
