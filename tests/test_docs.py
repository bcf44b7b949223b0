"""The documentation says what the code does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OWN_TEST = {
    ROOT / "docs/upstream.md",  # its blocks need warnings; ad-classical's tests run them
    ROOT / "docs/plugin-authors.md",  # its blocks need its files; test_plugin_guide.py runs them
}
PAGES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("*/README.md")),
    *sorted(ROOT.glob("*/*/README.md")),
]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def test_the_generated_pages_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page not in OWN_TEST and blocks(page, "python")],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_the_python_blocks_of_a_page_run(page, tmp_path):
    code = "\n".join(blocks(page, "python"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_command_in_the_readme_exists():
    import click

    from ad_core.cli import app

    known = set(app.list_commands(click.Context(app)))
    text = "\n".join(blocks(ROOT / "README.md", "console"))
    used = set(re.findall(r"(?:^|[\s/])ad ([a-z][a-z-]+)", text))
    assert used
    assert used <= known


def test_every_hook_is_documented_with_an_example_or_a_line():
    from ad_core import hookspecs

    page = (ROOT / "docs/reference/plugins.md").read_text()
    hooks = [name for name in vars(hookspecs) if name.startswith("ad_")]
    assert hooks
    assert all(f"`{hook}`" in page for hook in hooks)


def test_relative_links_lead_somewhere():
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in PAGES
        for link in re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text())
        if not (page.parent / link).exists()
    ]
    assert not broken


def test_every_measured_block_of_the_page_of_speed_has_one_place():
    page = (ROOT / "docs/performance.md").read_text()
    program = (ROOT / "benchmarks/performance.py").read_text()
    names = re.findall(r"^<!-- end of (.+) -->$", page, re.MULTILINE)
    assert names == re.findall(r'^    "(\w+)": ', program, re.MULTILINE)
    assert all(page.count(f"<!-- {name} -->\n") == 1 for name in names)
