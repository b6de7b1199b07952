"""A FHIR server of a hospital that has one chart, and whose lists can be made to fail one by one."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from tests.asked import PREFETCH
from tests.fetch.servers import Answer, Heard, Server, response, serving, silent
from tests.hooks.chart import ASKED_FOR, CHART, PATIENT, Json, refused, searchset

SECRET = "words-of-the-server"
TOKEN = "{{context.patientId}}"


@dataclass(kw_only=True, slots=True)
class Ward:
    """What the server has, how it answers for each prefetch key (usually well), and what it has heard."""

    chart: Sequence[Json] = CHART
    moods: dict[str, Answer] = field(default_factory=dict)
    server: Server

    @property
    def base(self) -> str:
        """The base URL."""
        return self.server.base

    def asked(self) -> list[str]:
        """The prefetch keys of which something was read, since this was asked last."""
        heard, self.server.heard[:] = list(self.server.heard), []
        return sorted(_key(one) for one in heard)

    def tokens(self) -> set[str | None]:
        """What the service said to be allowed by, since it was asked last what was read."""
        return {one.fields.get("authorization") for one in self.server.heard}

    def answer(self, connection: socket.socket, heard: Heard) -> None:
        """Answer one read."""
        kind = _kind(heard)
        mood = self.moods.get(_key(heard))
        if mood is not None:
            mood(connection, heard)
            return
        found = [one for one in self.chart if one["resourceType"] == kind]
        pages = parse_qs(urlsplit(heard.target).query).get("page")
        rest = found[int(pages[0]) :] if pages else found
        body = found[0] if kind == "Patient" else searchset(kind, rest)
        connection.sendall(response(body, Connection="close"))  # as it does, so that nobody asks there again

    def first_page(self, key: str) -> Json:
        """A page with the first resource of a list, and a link to the rest."""
        kind = ASKED_FOR[key]
        found = [one for one in self.chart if one["resourceType"] == kind]
        following = {"relation": "next", "url": f"{self.base}/{kind}?page=1&of={key}"}
        return searchset(kind, found[:1], [following])


@contextmanager
def ward() -> Iterator[Ward]:
    """Start a server that works."""
    made: list[Ward] = []
    with serving(lambda connection, heard: made[0].answer(connection, heard)) as server:
        made.append(Ward(server=server))
        yield made[0]


def refusing(status: str) -> Answer:
    """Answers with a status, and with a page that says more than anybody has to know."""
    return lambda connection, _: connection.sendall(
        response(f"<html>{SECRET}</html>".encode(), status=status, media="text/html", Connection="close")
    )


def redirecting(connection: socket.socket, _: Heard) -> None:
    """Sends everyone to where the keys of the machine are."""
    away = f"http://169.254.169.254/latest/{SECRET}"
    connection.sendall(response(b"", status="302 Found", Location=away))


def complaining(connection: socket.socket, heard: Heard) -> None:
    """Answers well, but with an OperationOutcome instead of a list."""
    connection.sendall(response(refused(_kind(heard)) | {"id": SECRET}))


MOODS: dict[str, Answer] = {
    "refused": refusing("401 Unauthorized"),
    "forbidden": refusing("403 Forbidden"),
    "broken": refusing("500 Internal Server Error"),
    "logged out": refusing("200 OK"),
    "elsewhere": redirecting,
    "complaining": complaining,
    "stalled": silent,
}


def _key(heard: Heard) -> str:
    """The prefetch key that a read is made for."""
    asked = urlsplit(heard.target)
    if named := parse_qs(asked.query).get("of"):
        return named[0]
    relative = unquote(heard.target.split("/", 2)[2])
    read = (key for key, template in PREFETCH.items() if template.replace(TOKEN, PATIENT) == relative)
    return next(read, relative)


def _kind(heard: Heard) -> str:
    return urlsplit(heard.target).path.split("/")[2]
