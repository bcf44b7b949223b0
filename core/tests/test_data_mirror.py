"""The embedded copies of well-known sets against the published files, where these are at hand."""

import os
from pathlib import Path

import numpy as np
import pytest

from ad_core.data import MIRROR_VARIABLE, fetch_file, load_dataset
from ad_core.spec import RemoteFile

pytestmark = pytest.mark.skipif(
    not os.environ.get(MIRROR_VARIABLE), reason=f"{MIRROR_VARIABLE} names no folder of data files"
)

BASE = (
    "https://raw.githubusercontent.com/Minqi824/ADBench/"
    "3dac8221081e190f157d78e93bfa8867f90d0965/adbench/datasets/Classical"
)
FILES = {
    "wine": "45_wine.npz",
    "breast_cancer/wdbc": "43_WDBC.npz",
}


def remote(file):
    path = Path(os.environ[MIRROR_VARIABLE]) / "adbench" / "Classical" / file
    sums = Path(os.environ[MIRROR_VARIABLE]) / "SHA256SUMS"
    stated = dict(reversed(line.split()) for line in sums.read_text().splitlines())
    return RemoteFile(
        path=f"adbench/Classical/{file}",
        url=f"{BASE}/{file}",
        sha256=stated[f"./adbench/Classical/{file}"],
        size=path.stat().st_size,
    )


@pytest.mark.parametrize("name", FILES)
def test_embedded_set_equals_the_one_of_adbench(name):
    file = fetch_file(remote(FILES[name]))
    assert file.is_relative_to(os.environ[MIRROR_VARIABLE])
    with np.load(file) as archive:
        X, y = archive["X"], archive["y"]
    ours = load_dataset(name, split="all")
    np.testing.assert_allclose(ours.X, X, rtol=1e-12)
    assert np.array_equal(ours.y, y)
