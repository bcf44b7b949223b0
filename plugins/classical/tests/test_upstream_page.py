"""Every fault that docs/upstream.md states is still there: its snippets run."""

import re
import warnings
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "upstream.md"
FIRST, *SNIPPETS = re.findall(
    r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda one: one.split("\n")[0])
def test_the_fault_is_still_there(snippet):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(FIRST + snippet, {})


def test_every_section_on_a_detector_has_a_snippet():
    sections = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert [one.split("\n")[0] for one in sections if "```python" not in one] == []
