"""The peers of outgoing calls: an address is checked before a byte is sent to it.

A name may stand for another address a moment later, so the check is made on the connection itself and not
on what a resolver said. The same place bounds a whole response by the time that is left: the time-outs of
`requests` are those of single reads, and a server that sends one byte now and then outlives them.
"""

import io
import socket
import ssl
import time
from collections.abc import Callable
from http.client import HTTPResponse
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_Address = IPv4Address | IPv6Address

# Where clouds tell a machine its own credentials, beside the link-local addresses that most of them use.
_METADATA = frozenset(
    map(
        ip_address,
        (
            "100.100.100.200",  # Alibaba Cloud
            "168.63.129.16",  # Azure, its wire server
            "192.0.0.192",  # Oracle Cloud, its former address
            "fd00:ec2::254",  # AWS
            "fd00:ec2::23",  # AWS, credentials of pods
            "fd20:ce::254",  # Google Cloud
            "fd00:42::42",  # Scaleway
            "fd00:c1::a9fe:a9fe",  # Oracle Cloud
        ),
    )
)
_NOWHERE = (IPv4Network("0.0.0.0/8"), IPv4Network("240.0.0.0/4"))  # this network; reserved, and broadcast
_TRANSLATED = (  # RFC 6052, RFC 8215: the last four bytes are an IPv4 address
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("::/96"),  # "IPv4-compatible", obsolete
)


class ForbiddenPeerError(Exception):
    """The peer has an address that nothing is ever sent to."""


def is_forbidden(address: str) -> bool:
    """Tell whether nothing may be sent to `address`; a private or loopback one may be an EHR's."""
    return any(_is_forbidden(each) for each in _meant(ip_address(address)))


def is_loopback(address: str) -> bool:
    """Tell whether `address` means this machine and nothing else."""
    return all(each.is_loopback for each in _meant(ip_address(address)))


def _is_forbidden(address: _Address) -> bool:
    aimless = address.is_multicast or address.is_unspecified or address.is_link_local
    return aimless or address in _METADATA or any(address in network for network in _NOWHERE)


def _meant(address: _Address) -> tuple[_Address, ...]:
    """Return `address`, with the address that it wraps, if any."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    plain = IPv6Address(int(address))  # without the zone, which equality would look at
    if address.sixtofour:
        return (plain, address.sixtofour)
    if address.teredo:
        return (plain, *address.teredo)
    if any(plain in network for network in _TRANSLATED) and not plain.is_loopback:
        return (plain, IPv4Address(int(plain) & 0xFFFFFFFF))
    return (plain,)


class _Timely(io.RawIOBase):
    """A stream from a socket with one time-out for all its bytes together."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._bytes = connected.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + (connected.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._bytes.readinto(buffer)

    def close(self) -> None:
        self._bytes.close()
        super().close()


class _TimelyResponse(HTTPResponse):
    """A response whose header and body together have the read time-out of its connection."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Timely(sock))


class _SecureConnection(HTTPSConnection):
    """A connection over TLS."""

    response_class = _TimelyResponse

    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn(), is_forbidden)


class _LocalConnection(HTTPConnection):
    """A connection without TLS, which is for this machine only."""

    response_class = _TimelyResponse

    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn(), lambda address: not is_loopback(address))


def _checked(connected: socket.socket, is_wrong: Callable[[str], bool]) -> socket.socket:
    try:
        wrong = is_wrong(connected.getpeername()[0])
    except OSError:
        connected.close()
        raise
    if wrong:
        connected.close()
        raise ForbiddenPeerError
    return connected


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _LocalPool(HTTPConnectionPool):
    ConnectionCls = _LocalConnection


class CheckedAdapter(HTTPAdapter):
    """Connections to peers that may be spoken to; TLS trusts what the machine trusts, and `certifi`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Let every connection be one of ours."""
        super().init_poolmanager(*args, **kwargs, ssl_context=ssl.create_default_context())
        self.poolmanager.pool_classes_by_scheme = {"http": _LocalPool, "https": _SecurePool}
