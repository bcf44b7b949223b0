"""The last result of a function, shared by forks."""

import subprocess
import sys
from contextlib import ExitStack

import pytest

from ad_core.benchmark._last import LastResult

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")


def test_the_last_result_is_kept_for_forks_until_another_is_asked_for(tmp_path):
    calls = []

    def double(value):
        calls.append(value)
        return 2 * value

    with (tmp_path / "last").open("wb+") as file:
        ones = [LastResult(double) for _ in range(3)]
        for one in ones:
            one.files = (file,)
        assert [one(4) for one in ones] == [8, 8, 8]
        assert calls == [4]
        assert [one(5) for one in ones] == [10, 10, 10]
        assert calls == [4, 5]


def test_what_others_keep_elsewhere_does_not_push_out_the_own_last_result(tmp_path):
    calls = []
    ones = [LastResult(lambda value: calls.append(value) or 2 * value) for _ in range(2)]
    with ExitStack() as stack:
        files = [stack.enter_context((tmp_path / name).open("wb+")) for name in "abc"]
        for one, own in zip(ones, files, strict=False):
            one.files = (own, files[2])
        assert [one(4) for one in ones] == [8, 8]
        assert calls == [4]
        assert ones[0](5) == 10
        assert [ones[1](4), ones[0](5), ones[1](5), ones[1](5)] == [8, 10, 10, 10]
        assert calls == [4, 5]


def test_nobody_waits_for_a_last_result_that_another_is_writing(tmp_path):
    path = tmp_path / "last"
    last = LastResult(lambda value: 2 * value)
    held = (
        "import fcntl, sys; file = open(sys.argv[1], 'wb'); fcntl.lockf(file, fcntl.LOCK_EX); "
        "print(flush=True); sys.stdin.read()"
    )
    with path.open("wb+") as file:
        last.files = (file,)
        assert last(4) == 8
        command = [sys.executable, "-c", held, path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            holder.stdout.readline()
            assert last(4) == 8
            holder.communicate()
        assert last(5) == 10
        assert last(5) == 10


def test_each_call_gets_its_own_copy_of_the_last_result(tmp_path):
    last = LastResult(lambda: [1, 2])
    with (tmp_path / "last").open("wb+") as file:
        last.files = (file,)
        last().append(3)
        assert last() == [1, 2]
