"""The pages that a screening and its validation write: files of one look, which load nothing."""

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

_HERE = "service.population"


@cache
def page(name: str, package: str = _HERE) -> Template:
    """Return the template of a page; those of another `package` extend the page of this one."""
    templates = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(_HERE)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template(name)
