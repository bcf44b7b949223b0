"""What pytest loads wherever ad-contracts is installed: one option."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["REQUIRE_BACKENDS", "pytest_addoption"]

REQUIRE_BACKENDS = "--require-backends"


def pytest_addoption(parser: "pytest.Parser") -> None:
    """Add the option."""
    parser.getgroup("ad-contracts").addoption(
        REQUIRE_BACKENDS,
        action="store_true",
        help="fail, instead of skipping, contract tests whose backend is not installed",
    )
