"""Large bodies at once: what the workers grow to, what the answers are, what stays a minute later.

    python -m bench.large [BODIES] [MEGABYTES]

Ends with code 1 when the peak is above what the limits in deploy/ leave room for, or when too much stays.
"""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import islice
from threading import Event, Thread
from time import sleep

from bench.servers import FIRST_PORT, Server, service

BODIES, MEGABYTES = 20, 33
MOST_MB = 1536
MOST_GROWTH = 0.2

_HEAD = (
    '{"hook":"patient-view","hookInstance":"4e0a3a1e-3283-4575-ab82-028d55fe2719","context":{"userId":'
    '"Practitioner/p","patientId":"p"},"prefetch":{"patient":{"resourceType":"Patient","id":"p"},'
    '"conditions":{"resourceType":"Bundle","type":"searchset","entry":['
)
_ENTRY = (
    '{{"resource":{{"resourceType":"Condition","id":"c{number}","subject":{{"reference":"Patient/p"}},'
    '"code":{{"text":"entry {number} of many","coding":[{{"system":"http://hl7.org/fhir/sid/icd-10-cm",'
    '"code":"F10.2{digit}","display":"Alcohol dependence"}}]}}}}}}'
)


def body(size: int) -> bytes:
    """A call with as many problems as make it `size` bytes long, each with words of its own."""
    entry = len(_ENTRY.format(number=100_000, digit=0)) + 1
    entries = (_ENTRY.format(number=number, digit=number % 2) for number in range(size // entry))
    return (_HEAD + ",".join(entries) + "]}}}").encode()


def ask(server: Server, sent: bytes) -> int:
    """The status of the answer."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=600)
    try:
        path = f"{server.path}patient-view"
        connection.request("POST", path, sent, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except OSError:
        return 0
    finally:
        connection.close()


def main(bodies: int, megabytes: int) -> int:
    """Send the bodies; return the exit code."""
    sent, ended, sizes = body(megabytes * 1_000_000), Event(), list[float]()
    with service(FIRST_PORT) as server, ThreadPoolExecutor(bodies) as callers:
        for _ in range(50):
            ask(server, body(2_000))
        before = server.pss_mb()

        def look() -> None:
            while not ended.wait(0.1):
                sizes.append(server.pss_mb())

        looking = Thread(target=look)
        looking.start()
        statuses = Counter(callers.map(lambda _: ask(server, sent), range(bodies)))
        ended.set()
        looking.join()
        sleep(60)
        after = server.pss_mb()
    told = ", ".join(f"{number} with {status}" for status, number in sorted(statuses.items()))
    print(f"{bodies} bodies of {megabytes} MB at once: {told}; workers {before:.0f} MB before, ", end="")
    print(f"{max(sizes):.0f} MB at most, {after:.0f} MB a minute later ({after / before - 1:+.0%})")
    return 1 if max(sizes) > MOST_MB or after > before * (1 + MOST_GROWTH) else 0


if __name__ == "__main__":
    given = [int(text) for text in islice(sys.argv, 1, 3)]
    sys.exit(main(*given, *(BODIES, MEGABYTES)[len(given) :]))
