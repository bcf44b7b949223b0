"""The command ``ad``: parse, call, print. The only room that prints or exits."""

from ad_core.cli._app import app
from ad_core.cli._main import main

__all__ = ["app", "main"]
