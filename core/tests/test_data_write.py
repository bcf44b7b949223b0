import subprocess
import sys

import polars as pl
import pytest

from ad_core.data import read_table, write_table
from ad_core.errors import ResultsError

FRAME = pl.DataFrame({"id": ["a", "b"], "score": [0.1, 2.0], "label": [0, 1]})


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".jsonl"])
def test_what_is_written_reads_back(tmp_path, ending):
    path = tmp_path / f"out{ending}"
    assert write_table(path, FRAME) == path
    table = read_table(path)
    assert table.feature_names == ("score", "label")
    assert table.X.tolist() == [[0.1, 0.0], [2.0, 1.0]]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_verbatim_cells_stay_verbatim(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text('id,a\n"x, y",1.50\nz,\n')
    write_table(tmp_path / "out.csv", read_table(source).frame)
    assert (tmp_path / "out.csv").read_text() == 'id,a\n"x, y",1.50\nz,""\n'


def test_an_existing_file_is_replaced_through_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_table(tmp_path / "link.csv", FRAME)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("id,score,label\n")


def test_unknown_ending(tmp_path):
    with pytest.raises(ResultsError) as caught:
        write_table(tmp_path / "out.xlsx", FRAME)
    assert str(caught.value) == (
        f"cannot write {tmp_path / 'out.xlsx'}: the name must end in .csv, .parquet, .jsonl"
    )


def test_missing_folder(tmp_path):
    path = tmp_path / "no" / "out.csv"
    with pytest.raises(ResultsError) as caught:
        write_table(path, FRAME)
    assert str(caught.value) == (
        f"cannot write {path}: No such file or directory; free space or choose another place"
    )


FULL_DISK = """
import resource, sys
import polars as pl
from ad_core.data import write_table
from ad_core.errors import ResultsError
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_table(sys.argv[1], pl.DataFrame({"a": list(range(200_000))}))
except ResultsError as error:
    print(error)
"""


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_a_disk_that_takes_no_more_leaves_the_old_file(tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    path.write_text("old")
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], check=False, capture_output=True, text=True
    )
    assert run.stdout.startswith(f"cannot write {path}: "), run.stderr
    assert run.stdout.endswith("; free space or choose another place\n")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_values_that_the_format_cannot_hold(tmp_path):
    with pytest.raises(ResultsError, match="cannot write .*out.csv: CSV format does not support"):
        write_table(tmp_path / "out.csv", pl.DataFrame({"a": [[1, 2]]}))
    assert list(tmp_path.iterdir()) == []
