"""New processes owe nothing to this one, and say how they failed."""

import os
import sys

import pytest

from ad_contracts._fresh import _nursery, python

forking = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


def test_python_runs_in_a_new_interpreter_with_the_same_modules():
    printed = python("import os, ad_contracts; print(os.getpid())")
    assert int(printed) != os.getpid()


def test_an_interpreter_that_fails_says_its_last_line():
    with pytest.raises(RuntimeError, match=r"ended with status 1: ValueError: no good"):
        python("raise ValueError('no good')")


@forking
def test_each_piece_of_work_has_a_process_of_its_own(tmp_path):
    code = "import os; open('pid', 'w').write(str(os.getpid())); os.environ['AD_LEFT'] = 'behind'"
    pids = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        _nursery(os.getpid()).run(code, tmp_path / name)
        pids.append(int((tmp_path / name / "pid").read_text()))
    assert len({*pids, os.getpid()}) == 3
    assert "AD_LEFT" not in os.environ


@forking
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise ValueError('no good')", "status 1: ValueError: no good"),
        ("import os; os._exit(7)", "status 7: no message"),
        ("import os; os.kill(os.getpid(), 9)", "status -9: no message"),
        ("raise SystemExit(0)", "status 1: SystemExit: 0"),
    ],
)
def test_work_that_fails_says_how_and_the_next_one_runs(code, message, tmp_path):
    with pytest.raises(RuntimeError, match=message):
        _nursery(os.getpid()).run(code, tmp_path)
    _nursery(os.getpid()).run("open('done', 'w').write('x')", tmp_path)
    assert (tmp_path / "done").exists()


@forking
def test_modules_of_this_process_are_found(tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text("VALUE = 5\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("AD_SEEN", "yes")
    code = "import os, only_here; assert only_here.VALUE == 5; assert os.environ['AD_SEEN']"
    _nursery(os.getpid()).run(code, tmp_path)
