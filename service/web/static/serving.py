"""The files of this folder under /static/<name>: read once at the start, checked by browsers by ETag."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from flask import Blueprint, Response, abort, request

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}


class StaticFile(NamedTuple):
    """A file as it is sent."""

    content: bytes
    content_type: str
    etag: str


def static_files() -> Blueprint:
    """Return the route of the files; anything else is answered with 404."""
    routes = Blueprint("static_files", __name__)
    known = read_files()

    @routes.get("/static/<path:name>")
    def static_file(name: str) -> Response:
        if name not in known:
            abort(404)
        content, content_type, etag = known[name]
        response = Response(content, content_type=content_type)
        response.cache_control.no_cache = True
        response.set_etag(etag)
        response.make_conditional(request)
        return response

    return routes


def read_files() -> Mapping[str, StaticFile]:
    """Return the files by their names below /static/."""
    return dict(_walk(files("service.web.static"), ""))


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, StaticFile]]:
    for entry in folder.iterdir():
        name = path + entry.name
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
        elif content_type := TYPES.get("." + name.rpartition(".")[2]):
            content = entry.read_bytes()
            yield name, StaticFile(content, content_type, sha256(content).hexdigest()[:32])
