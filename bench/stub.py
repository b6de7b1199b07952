"""A FHIR server on this machine for the bench: each search answers after a delay, or never.

python -m bench.stub PORT DELAY_MS RESOURCES     a negative delay never answers
"""

import asyncio
import json
import sys
from datetime import UTC, datetime

from bench.calls import COURSES, KEYS, PERSON, searchset
from bench.charts import ChartMaker

START = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"


def bodies(resources: int) -> dict[str, bytes]:
    """The answers by resource type."""
    today = datetime.now(UTC).date()
    chart = ChartMaker(today, courses=COURSES).chart(resources)
    made = {kind: searchset(chart[kind]) for kind in KEYS.values()} | {"Patient": PERSON}
    return {kind: json.dumps(value).encode() for kind, value in made.items()}


async def serve(port: int, delay_ms: float, resources: int) -> None:
    """Answer until the process ends."""
    answers = bodies(resources)
    none = json.dumps(searchset([])).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            if delay_ms < 0:
                await asyncio.sleep(3600)
            await asyncio.sleep(delay_ms / 1000)
            kind = head.split(b" ")[1].rpartition(b"/fhir/")[2].split(b"?")[0].split(b"/")[0].decode()
            body = answers.get(kind, none)
            writer.write(START + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
