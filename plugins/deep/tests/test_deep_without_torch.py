"""Without torch the detectors are listed with what they need, and nothing imports torch."""

import subprocess
import sys

HIDE = """
import sys
from importlib.machinery import PathFinder

class WithoutTorch(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            return None
        return super().find_spec(name, path, target)

sys.meta_path = [WithoutTorch if f is PathFinder else f for f in sys.meta_path]
"""


def run(code, hide=True):
    done = subprocess.run(
        [sys.executable, "-c", (HIDE if hide else "") + code],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_each_detector_says_how_to_get_torch():
    printed = run("""
from ad_core.load import availability
from ad_core.registry import get_registry
for entry in get_registry().detectors:
    if entry.distribution == "ad-deep":
        print(entry.spec.name, availability(entry.spec).message)
assert "torch" not in sys.modules
""")
    assert printed.splitlines() == [
        f"{name} needs torch: pip install 'ad-deep[torch]'"
        for name in ("autoencoder", "deep_svdd", "usad")
    ]


def test_building_one_says_so_too():
    printed = run("""
from ad_core import create
from ad_core.errors import BackendMissingError
try:
    create("usad")
except BackendMissingError as error:
    print(error)
""")
    assert printed == "usad needs torch: pip install 'ad-deep[torch]'"


def test_listing_imports_neither_torch_nor_numpy_where_they_are_installed():
    printed = run(
        """
import sys
import ad_deep.plugin
from ad_core.registry import get_registry
assert {p.name: p.state for p in get_registry().plugins}["deep"] == "ok"
print(sorted({"torch", "numpy", "safetensors", "rich"} & {*sys.modules}))
""",
        hide=False,
    )
    assert printed == "[]"
