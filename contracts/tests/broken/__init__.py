"""Deliberately broken subjects: for each check at least one that it must catch.

One module a question, as in `ad_contracts.checks`; each has a list ``BROKEN``.
"""

from attrs import frozen

from ad_core.spec import DetectorSpec


@frozen(kw_only=True)
class Broken:
    """A subject that fails a check.

    `message` is a regular expression for what the check says of it; `scenario`
    is the name of the scenario to use, where it matters.
    """

    check: str
    spec: object
    message: str
    scenario: str = ""


def detector(kind, /, **fields):
    """Return the spec of a stub class; capabilities are those of a plain good detector."""
    given = {
        "name": kind.__name__.lower(),
        "summary": "A stub",
        "family": "rule",
        "capabilities": ("novelty", "multivariate", "deterministic", "serializable"),
        **fields,
    }
    return DetectorSpec(target=f"{kind.__module__}:{kind.__name__}", **given)
