"""A leaderboard as one HTML page that needs nothing but itself."""

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping
from importlib.resources import files
from importlib.util import find_spec

from ad_core.errors import BackendMissingError
from ad_core.results._record import Record

__all__ = ["to_html"]

_NEEDS = ("jinja2", "matplotlib")


def to_html(
    records: Iterable[Record],
    metrics: Mapping[str, bool],
    *,
    oracles: Collection[str] = (),
    title: str = "Leaderboard",
) -> str:
    """Return a page with the leaderboard of each metric, charts, and every run.

    The page is the same bytes from the same records, whatever their order. It
    loads nothing: its policy forbids it.

    Parameters
    ----------
    records
        Any number of runs, failed ones among them; at least one.
    metrics
        Whether higher is better, by name of metric; the first is shown first.
    oracles
        Those of them that look at the labels to choose a threshold.
    title
        Of the page.

    Raises
    ------
    BackendMissingError
        The extra ``ad-core[report]`` is not installed.
    """
    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing:
        raise BackendMissingError(
            f"the HTML leaderboard needs {', '.join(missing)}: pip install 'ad-core[report]'"
        )
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    from ad_core.results.html._page import page

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    script = _read("page.js")
    text = environment.from_string(_read("page.html.j2")).render(
        title=title,
        style=Markup(_read("page.css")),  # noqa: S704 - ours
        script=Markup(script),  # noqa: S704 - ours
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        page=page(sorted(records, key=lambda record: record.key), metrics, oracles),
    )
    return text.rstrip("\n") + "\n"


def _read(name: str) -> str:
    return files("ad_core.results.html").joinpath(name).read_text(encoding="utf-8")
