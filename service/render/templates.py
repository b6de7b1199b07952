"""The templates of `mappings/cards`, compiled once, and how they are filled.

What they are filled with is text of the record or of the tables; `finalize` makes each piece harmless.
"""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined

from service.render.escape import Markdown, escaped

_GAPS = re.compile(r"\n{3,}")


def _harmless(value: object) -> str:
    return value if isinstance(value, Markdown) else escaped(str(value))


# CommonMark, not HTML: `finalize` escapes what autoescape would not
_ENVIRONMENT = Environment(  # noqa: S701
    loader=PackageLoader("mappings", "cards"),
    undefined=StrictUndefined,
    finalize=_harmless,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES = {name: _ENVIRONMENT.get_template(name) for name in _ENVIRONMENT.list_templates()}


def filled(name: str, **values: object) -> str:
    """Return the template as CommonMark; a paragraph or list that has nothing to say leaves no gap."""
    return _GAPS.sub("\n\n", _TEMPLATES[f"{name}.md.j2"].render(values)).strip()
