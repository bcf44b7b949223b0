"""Every module that is mutated, and its tests."""

import re
from pathlib import Path

__all__ = ["ROOT", "TARGETS"]

ROOT = Path(__file__).parent.parent

DETECTOR = [
    f"core/tests/test_detector_{name}.py"
    for name in ("contract", "inputs", "template", "thresholds", "saving", "sklearn")
]
FRAMEWORK = [
    f"contracts/tests/test_{name}.py"
    for name in ("applies", "cases", "expect", "reproduction", "run", "table")
]
SUITE = ("applies", "checks", "specs")


def tests_of_checks(module: Path) -> list[str]:
    """Return the tests of the checks that a module defines."""
    names = re.findall(r"^@check\([^@]*?^def (\w+)\(", module.read_text(), flags=re.MULTILINE)
    words = " or ".join([*names, "test_applies", f"test_{module.stem}"])
    files = [f"contracts/tests/test_{name}.py" for name in (*SUITE, module.stem)]
    return [*(name for name in files if (ROOT / name).exists()), "-k", words]


CHECKS = sorted((ROOT / "contracts/src/ad_contracts/checks").glob("[!_]*.py"))
TARGETS: dict[str, list[str]] = {
    **{
        f"core/src/ad_core/detector/{name}.py": DETECTOR
        for name in ("_base", "_inputs", "_thresholds")
    },
    **{
        f"contracts/src/ad_contracts/{name}.py": FRAMEWORK
        for name in ("_cases", "_check", "_run", "expect")
    },
    **{str(path.relative_to(ROOT)): tests_of_checks(path) for path in CHECKS},
}
