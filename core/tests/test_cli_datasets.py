"""``ad datasets``: fetch and verify, with every fault a line that says what mends it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DatasetSpec, RemoteFile

FILES = {files!r}
SETS = {sets!r}


@hookimpl
def ad_datasets():
    return [
        DatasetSpec(
            name=name,
            target="web_plugin:load",
            summary="s",
            construction="c",
            citation="c",
            licence="MIT",
            files=[RemoteFile(**FILES[file]) for file in files],
        )
        for name, files in SETS.items()
    ]
"""


@pytest.fixture
def web(site, server, cache):
    """Data sets whose files are on the server; two of them share a file."""
    server.files = {f"/{name}": name.encode() * 50_000 for name in ("one", "two", "shared")}
    files = {}
    for name in ("one", "two", "shared"):
        remote = server.remote(name)
        files[name] = {
            "path": remote.path,
            "url": remote.url,
            "sha256": remote.sha256,
            "size": remote.size,
        }
    sets = {"web/one": ["one", "shared"], "web/two": ["two", "shared"]}
    site.add("web", PLUGIN.format(files=files, sets=sets))
    return server


def rows(result):
    return {row["path"].rpartition("/")[2]: row for row in json.loads(result.out)}


# -- fetch --------------------------------------------------------------------------------------


def test_fetch_downloads_each_file_once_and_says_so(ad, web, cache):
    result = ad("datasets", "fetch", "web/*")
    assert result.status == 0
    assert result.out == "2 data sets, 3 files: 3 downloaded (0.6 MB)\n"
    assert sorted(line[6:] for line in result.err.splitlines()) == [
        "downloaded group/one (0.1 MB)",
        "downloaded group/shared (0.3 MB)",
        "downloaded group/two (0.1 MB)",
    ]
    assert sorted(web.requests) == ["/one", "/shared", "/two"]
    again = ad("datasets", "fetch", "web/*")
    assert (again.status, again.err) == (0, "")
    assert again.out == "2 data sets, 3 files: 3 in the cache\n"
    assert len(web.requests) == 3


def test_fetch_goes_on_after_a_file_that_fails(ad, web, cache):
    web.status["/one"] = 404
    result = ad("datasets", "fetch", "web/*")
    assert result.status == 1
    assert result.out == "2 data sets, 3 files: 2 downloaded (0.5 MB), 1 failed\n"
    (failure,) = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert failure == (
        f"error: cannot download {web.url('one')} (HTTP status 404); see whether its package has "
        f"a newer release, place the file at {cache}/group/one, or set AD_DATA_MIRROR to a folder "
        "that holds group/one"
    )


def test_fetch_as_json_has_a_row_for_each_file(ad, web, cache, tmp_path, monkeypatch):
    (tmp_path / "mirror" / "group").mkdir(parents=True)
    (tmp_path / "mirror" / "group" / "shared").write_bytes(web.files["/shared"])
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path / "mirror"))
    web.status["/two"] = 500
    result = ad("datasets", "fetch", "web/*", "--json", "--n-jobs", "1")
    assert result.status == 1
    found = rows(result)
    assert [*found] == ["one", "shared", "two"]
    assert {name: row["status"] for name, row in found.items()} == {
        "one": "downloaded",
        "shared": "mirror",
        "two": "failed",
    }
    assert found["shared"]["datasets"] == ["web/one", "web/two"]
    assert found["shared"]["location"] == str(tmp_path / "mirror" / "group" / "shared")
    assert found["one"]["location"] == str(cache / "group" / "one")
    assert "HTTP status 500" in found["two"]["error"]
    assert found["two"]["location"] is None


def test_fetch_replaces_a_damaged_file(ad, web, cache):
    ad("datasets", "fetch", "web/one")
    (cache / "group" / "one").write_bytes(b"damaged")
    result = ad("datasets", "fetch", "web/one")
    assert result.out == "1 data set, 2 files: 1 in the cache, 1 downloaded (0.1 MB)\n"
    assert (cache / "group" / "one").read_bytes() == web.files["/one"]


CONVERTED = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DatasetSpec, PinnedFile, RemoteFile


@hookimpl
def ad_datasets():
    return [
        DatasetSpec(
            name="old/set",
            target="old_plugin:load",
            summary="s",
            construction="c",
            citation="c",
            licence="MIT",
            files=[RemoteFile(path="old/a", url="http://127.0.0.1:1/a", sha256="0" * 64)],
            converted=PinnedFile(path="old/all.npz", sha256="0" * 64, size=3),
        )
    ]
"""


def test_a_converted_file_in_the_mirror_stands_for_the_others(
    ad, site, cache, tmp_path, monkeypatch
):
    site.add("old", CONVERTED)
    assert "missing: old/a; fetch it with: ad datasets fetch old/set" in (
        ad("datasets", "verify", "old/*").err
    )
    mirrored = tmp_path / "mirror" / "old" / "all.npz"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(b"four")
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path / "mirror"))
    for command in ("fetch", "verify"):
        result = ad("datasets", command, "old/set")
        assert result.status == 1
        assert f"{mirrored}: expected 3 bytes, got 4; replace the file in the mirror" in result.err
    assert f"mirror: {mirrored} is damaged" in ad("describe", "old/set").out
    described = json.loads(ad("describe", "old/set", "--json").out)
    assert described["converted"]["status"] == "damaged"
    assert described["files"][0]["status"] == "missing"


def test_embedded_sets_need_no_file(ad, web):
    assert ad("datasets", "fetch", "wine", "iris/*").out == "4 data sets: no file is needed\n"
    assert web.requests == []


def test_a_mirror_that_is_no_folder_is_one_error_and_not_one_for_each_file(ad, web, monkeypatch):
    monkeypatch.setenv("AD_DATA_MIRROR", "/nowhere/at/all")
    for command in ("fetch", "verify"):
        result = ad("datasets", command, "web/*")
        assert (result.status, result.out) == (1, "")
        assert result.err == (
            "error: AD_DATA_MIRROR names '/nowhere/at/all', which is no folder; "
            "correct or unset it\n"
        )


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("fetch",), 2, "Missing argument 'NAME|GLOB...'"),
        (("fetch", "web/on"), 1, "no data set is called 'web/on'; did you mean web/one"),
        (("fetch", "wbe/*"), 1, "no data set is called 'wbe/*'; did you mean web/*"),
        (
            ("fetch", "web/one", "--n-jobs", "0"),
            2,
            "Invalid value for '--n-jobs': 0 is not in the range x>=1",
        ),
        (("verify", "web/on"), 1, "no data set is called 'web/on'; did you mean web/one"),
        (("ferch",), 2, "no command is called 'ferch'; did you mean fetch?"),
    ],
)
def test_wrong_usage_is_answered_in_one_line(ad, web, arguments, status, message):
    result = ad("datasets", *arguments)
    assert (result.status, result.out) == (status, "")
    assert result.err.startswith(f"error: {message}")
    assert result.err.count("\n") == 1
    assert web.requests == []


# -- interruption and the terminal --------------------------------------------------------------


def files_below(folder):
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return [path.name for path in found]


def fetching_process(site):
    return subprocess.Popen(
        [sys.executable, "-m", "ad_core", "datasets", "fetch", "web/*"],
        env={**os.environ, "PYTHONPATH": str(site.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_fetch_the_same_files_download_each_once(site, web, cache):
    web.stall_after = 1000
    processes = [fetching_process(site) for _ in range(2)]
    web.wait_for_request(3)
    web.go.set()
    printed = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], printed
    assert sorted(web.requests) == ["/one", "/shared", "/two"]
    assert sorted(files_below(cache)) == ["one", "shared", "two"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("fault", ["silent", "stalled"])
def test_ctrl_c_ends_at_once_and_leaves_nothing(site, web, cache, fault):
    web.silent = fault == "silent"
    web.stall_after = 1000 if fault == "stalled" else None
    process = fetching_process(site)
    web.wait_for_request(3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=25)  # the server would be waited for longer
    assert (process.returncode, out, err) == (130, "", "\ninterrupted\n")
    assert files_below(cache) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_of_a_waiting_process_leaves_the_other_ones_download_alone(site, web, cache):
    web.stall_after = 1000
    downloading = fetching_process(site)
    web.wait_for_request(3)
    begun = sorted(files_below(cache))
    waiting = subprocess.Popen(
        [sys.executable, "-c", WAITING, "datasets", "fetch", "web/*"],
        env={**os.environ, "PYTHONPATH": str(site.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.stdout.readline() == "waits\n"
    waiting.send_signal(signal.SIGINT)
    waiting.communicate(timeout=25)
    assert waiting.returncode == 130
    assert sorted(files_below(cache)) == begun
    web.go.set()
    assert downloading.communicate(timeout=60)[0].endswith("3 downloaded (0.6 MB)\n")
    assert len(web.requests) == 3


WAITING = """
import sys, threading
from filelock import FileLock
from ad_core.cli import main

acquire, first = FileLock.acquire, threading.Lock()


def watched(*arguments, **more):
    if first.acquire(blocking=False):
        print("waits", flush=True)
    return acquire(*arguments, **more)


FileLock.acquire = watched
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no pseudo-terminal on Windows")
@pytest.mark.parametrize("columns", [50, 80])
def test_a_terminal_gets_bars_that_fit_it(site, web, columns):
    import pty
    import re

    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(site.path), "COLUMNS": str(columns)}
    web.stall_after = 1000
    with subprocess.Popen(
        [sys.executable, "-m", "ad_core", "datasets", "fetch", "web/*"],
        stderr=theirs,
        stdout=subprocess.PIPE,
        env=environment | {"TERM": "xterm"},
        text=True,
    ) as process:
        os.close(theirs)
        web.wait_for_request(3)
        seen = ""
        deadline = time.monotonic() + 60
        while "0 of 3 files" not in seen or "shared" not in seen:
            assert time.monotonic() < deadline, seen
            seen += os.read(ours, 65536).decode()
        web.go.set()
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side has closed
                break
            if not chunk:
                break
            seen += chunk.decode()
        out = process.stdout.read()
    os.close(ours)
    assert out == "2 data sets, 3 files: 3 downloaded (0.6 MB)\n"
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen).replace("\r", "\n").splitlines()
    assert any(line.strip().startswith("shared") for line in lines)
    assert any("kB" in line and "3 of 3 files" in line for line in lines)
    assert max(map(len, lines)) <= columns


# -- verify -------------------------------------------------------------------------------------


def test_verify_counts_by_group_and_names_what_is_missing(ad, web, cache):
    ad("datasets", "fetch", "web/one")
    result = ad("datasets", "verify", "web/*")
    assert result.status == 0
    assert [line.split() for line in result.out.splitlines()[:2]] == [
        ["data", "sets", "ok", "missing", "damaged"],
        ["web", "2", "1", "0"],
    ]
    assert result.out.splitlines()[2] == "3 files: 2 ok, 1 missing, 0 damaged"
    assert result.err == "missing: group/two; fetch it with: ad datasets fetch web/two\n"


def test_verify_of_everything_only_counts_what_is_missing(ad, web):
    result = ad("datasets", "verify")
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines()[-1] == "3 files: 0 ok, 3 missing, 0 damaged"


def test_verify_names_each_damaged_copy_and_what_mends_it(ad, web, cache, tmp_path, monkeypatch):
    ad("datasets", "fetch", "web/*")
    mirror = tmp_path / "mirror" / "group"
    mirror.mkdir(parents=True)
    monkeypatch.setenv("AD_DATA_MIRROR", str(mirror.parent))
    (mirror / "one").write_bytes(web.files["/one"][:-1])
    (cache / "group" / "two").write_bytes(b"x" * len(web.files["/two"]))
    (cache / "group" / "shared").unlink()
    (cache / "group" / "shared").mkdir()
    result = ad("datasets", "verify")
    assert result.status == 1
    assert "3 files: 0 ok, 0 missing, 3 damaged" in result.out
    one, shared, two = result.err.splitlines()
    assert one == (
        f"damaged: {mirror}/one: expected 150000 bytes, got 149999; "
        "replace the file in the mirror or unset AD_DATA_MIRROR"
    )
    assert shared == f"damaged: {cache}/group/shared: a folder, not a file; remove it"
    assert two.startswith(f"damaged: {cache}/group/two: expected sha256 ")
    assert two.endswith("; replace it with: ad datasets fetch web/two")
    found = rows(ad("datasets", "verify", "--json"))
    assert {name: row["status"] for name, row in found.items()} == dict.fromkeys(
        ("one", "shared", "two"), "damaged"
    )
    assert [(copy["place"], copy["problem"]) for copy in found["one"]["copies"]] == [
        ("mirror", "expected 150000 bytes, got 149999"),
        ("cache", None),
    ]
    (cache / "group" / "shared").rmdir()
    (mirror / "one").unlink()
    assert ad("datasets", "fetch", "web/*").status == 0
    assert ad("datasets", "verify").status == 0


def test_verify_reads_each_file_once(ad, web, cache, monkeypatch):
    from ad_core.data import _cache

    ad("datasets", "fetch", "web/*")
    read = []
    true = _cache._hash_fault
    monkeypatch.setattr(
        _cache, "_hash_fault", lambda path, *more: read.append(path) or true(path, *more)
    )
    assert ad("datasets", "verify").status == 0
    assert sorted(path.name for path in read) == ["one", "shared", "two"]
