"""The Python in the README runs."""

import re
from pathlib import Path

import numpy as np

README = Path(__file__).parents[1] / "README.md"


def test_the_readmes_python_runs_and_does_what_it_says():
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    detector = names["detector"]
    np.testing.assert_array_equal(detector.predict([[0.0] * 3, [9.0] * 3]), [0, 1])
