"""The templates of `mappings/cards`, compiled once, and how they are filled.

What they are filled with is text of the record or of the tables; `finalize` makes each piece harmless.
A template that others include is put into them before they are compiled: Jinja would copy all values for
each, which takes a third of the time that a card takes to fill (110 of 330 us). To compile them is a
twentieth of a start, so what was compiled is kept for the next one, as Python keeps bytecode.
"""

import re
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

from jinja2 import BytecodeCache, Environment, FunctionLoader, StrictUndefined
from jinja2.bccache import Bucket

from mappings.card_templates import FOLDER, NAMES
from mappings.tables import TABLES
from service.render.escape import Markdown, escaped

_GAPS = re.compile(r"\n{3,}")
_INCLUDE = re.compile(r"\{% include \"([^\"]+)\" %\}")
_ENDS_HERE = "{##}"  # the blanks and lines around it are those of a tag, as they are around an include


def _whole(name: str) -> str:
    """Return the source of a template, what it includes in its place."""
    source = (TABLES / FOLDER / name).read_text(encoding="utf-8")
    return _INCLUDE.sub(lambda found: _whole(found[1]).removesuffix("\n") + _ENDS_HERE, source)


class KeptTemplates(BytecodeCache):
    """Compiled templates in `folder`; it counts for the same source, module, Jinja and Python."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made_by = Path(__file__).read_bytes() + version("jinja2").encode()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept, if it was made of the same."""
        with suppress(OSError), self._file(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, unless Python is to keep none; whoever starts now sees all of it."""
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):  # an installation that is read only
            self._folder.mkdir(exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, delete=False) as file:
                bucket.write_bytecode(file)
            Path(file.name).chmod(0o644)
            Path(file.name).replace(self._file(bucket))

    def get_source_checksum(self, source: str) -> str:
        """Return what changes with all that the code is made by."""
        return sha256(self._made_by + source.encode()).hexdigest()

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.{sys.implementation.cache_tag}.jinja"


def _harmless(value: object) -> str:
    return value if isinstance(value, Markdown) else escaped(str(value))


# CommonMark, not HTML: `finalize` escapes what autoescape would not
_ENVIRONMENT = Environment(  # noqa: S701
    loader=FunctionLoader(_whole),
    bytecode_cache=KeptTemplates(Path(__file__).parent / "__pycache__"),
    undefined=StrictUndefined,
    finalize=_harmless,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES = {name: _ENVIRONMENT.get_template(f"{name}.md.j2") for name in NAMES}


def filled(name: str, **values: object) -> str:
    """Return the template as CommonMark; a paragraph or list that has nothing to say leaves no gap."""
    return _GAPS.sub("\n\n", _TEMPLATES[name].render(values)).strip()
