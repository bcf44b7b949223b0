"""``ad benchmark protocols``: what an experiment can follow, step by step."""

import click

from ad_core.cli._options import json_option
from ad_core.cli._output import print_json, print_table, print_text

__all__ = ["command"]


@click.command(name="protocols")
@click.argument("name", required=False)
@json_option
def command(*, name: str | None, as_json: bool) -> None:
    """List the protocols, or the steps of one by its NAME.

    An experiment says `protocol: NAME`. Name and version enter the key and the
    record of every run.
    """
    from ad_core.benchmark.protocols import DEFAULT, PROTOCOLS, get_protocol

    chosen = PROTOCOLS if name is None else (get_protocol(name),)
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "version": one.version,
                    "default": one is DEFAULT,
                    "summary": one.summary,
                    "steps": list(one.steps),
                }
                for one in chosen
            ]
        )
        return
    if name is None:
        rows = [
            (one.full_name, "yes" if one is DEFAULT else "no", one.summary) for one in PROTOCOLS
        ]
        print_table(("protocol", "default", "summary"), rows)
        return
    (only,) = chosen
    print_text(f"{only.full_name}: {only.summary}.")
    for place, step in enumerate(only.steps, start=1):
        print_text(f"{place}. {step}")
