"""Did-you-mean."""

from collections.abc import Iterable

from ad_core.errors import UnknownNameError

__all__ = ["nearest", "unknown_name"]


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three known names that resemble `name`, best first.

    Names that contain `name` (or the other way round) count as resembling it
    when the spelling alone is too far away.
    """
    from difflib import get_close_matches

    names = sorted(set(known))
    lowered = {candidate.lower(): candidate for candidate in reversed(names)}
    close = get_close_matches(name.lower(), lowered, n=3, cutoff=0.6)
    inside = [
        low for low in lowered if len(name) > 2 and (name.lower() in low) and low not in close
    ]
    return [lowered[low] for low in (*close, *sorted(inside))][:3]


def unknown_name(kind: str, name: str, known: Iterable[str], remedy: str) -> UnknownNameError:
    """Build the error for a name that nothing answers to.

    Parameters
    ----------
    kind
        What was looked for, for example ``"detector"``.
    name
        What was asked for.
    known
        Every name that would have been understood.
    remedy
        Where to look, for example ``"see: ad list-detectors"``.
    """
    close = nearest(name, known)
    hint = f"; did you mean {' or '.join(close)}?" if close else ";"
    return UnknownNameError(f"no {kind} is called {name!r}{hint} {remedy}")
