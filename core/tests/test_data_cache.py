"""Files of data sets: mirror, cache, download; every fault is one line with its remedy."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import ad_core.data._download as download
from ad_core.data import Place, cache_folder, copies, fetch_file, fetch_files, find_file
from ad_core.errors import DownloadError, IntegrityError
from ad_core.spec import RemoteFile

CONTENT = bytes(range(256)) * 400
NOWHERE = "http://127.0.0.1:1/set.npz"  # nothing listens on port 1

pytestmark = pytest.mark.usefixtures("cache")


def unreachable(**fields):
    given = {
        "path": "group/set.npz",
        "url": NOWHERE,
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "size": len(CONTENT),
    }
    return RemoteFile(**(given | fields))


def everything_in(folder):
    """Files and folders, but for the locks, which stay."""
    if not folder.exists():
        return []
    found = [path for path in folder.rglob("*") if path.suffix != ".lock"]
    return sorted(str(path.relative_to(folder)) for path in found if path.name != ".downloads")


def failure(kind, remote):
    with pytest.raises(kind) as caught:
        fetch_file(remote)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setenv("AD_DATA_MIRROR", str(folder))
    return folder


# -- where a file is found ----------------------------------------------------------------------


def test_downloads_once_then_reads_the_cache(server, cache):
    path = fetch_file(server.remote())
    assert path == cache / "group" / "set.npz"
    assert path.read_bytes() == CONTENT
    assert fetch_file(server.remote()) == path
    assert server.requests == ["/set.npz"]
    assert everything_in(cache) == ["group", "group/set.npz"]


def test_a_file_known_by_gits_hash_alone_is_verified_by_it(server, cache):
    name = hashlib.sha1(f"blob {len(CONTENT)}\0".encode() + CONTENT).hexdigest()
    remote = server.remote(sha256=None, size=None, git_blob=name)
    path = fetch_file(remote)
    assert find_file(remote) == path
    path.write_bytes(CONTENT[::-1])
    assert find_file(remote) is None
    (copy,) = copies(remote)
    assert copy.fault.startswith(f"expected git blob {name}, got ")


def test_cache_folder_is_the_platforms_unless_named(monkeypatch):
    monkeypatch.delenv("AD_CACHE")
    assert cache_folder().name == "ad-core"
    monkeypatch.setenv("AD_CACHE", "~/there")
    assert cache_folder() == Path.home() / "there"


def test_mirror_comes_first_and_is_not_copied(cache, mirror):
    (mirror / "group").mkdir()
    (mirror / "group" / "set.npz").write_bytes(CONTENT)
    assert fetch_file(unreachable()) == mirror / "group" / "set.npz"
    assert not cache.exists()


def test_a_mirror_without_the_file_falls_to_the_network(server, cache, mirror):
    assert fetch_file(server.remote()) == cache / "group" / "set.npz"


def test_a_file_is_found_in_mirror_or_cache_without_a_download(
    server, cache, tmp_path, monkeypatch
):
    assert find_file(server.remote()) is None
    assert not cache.exists()
    assert server.requests == []
    cached = fetch_file(server.remote())
    assert find_file(unreachable()) == cached
    cached.write_bytes(b"?" * len(CONTENT))
    assert find_file(unreachable()) is None
    mirrored = tmp_path / "group" / "set.npz"
    mirrored.parent.mkdir()
    mirrored.write_bytes(CONTENT)
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path))
    assert find_file(unreachable()) == mirrored
    assert [(copy.place, bool(copy.fault)) for copy in copies(unreachable())] == [
        (Place.MIRROR, False),
        (Place.CACHE, True),
    ]


# -- what is wrong with the mirror --------------------------------------------------------------


def test_a_damaged_file_in_the_mirror_is_an_error(mirror):
    path = mirror / "group" / "set.npz"
    path.parent.mkdir()
    path.write_bytes(CONTENT[:-1])
    assert failure(IntegrityError, unreachable()) == (
        f"{path}: expected 102400 bytes, got 102399; "
        "replace the file in the mirror or unset AD_DATA_MIRROR"
    )


def test_a_folder_in_place_of_the_mirrors_file_is_an_error(mirror):
    path = mirror / "group" / "set.npz"
    path.mkdir(parents=True)
    assert failure(IntegrityError, unreachable()) == (
        f"{path}: a folder, not a file; replace the file in the mirror or unset AD_DATA_MIRROR"
    )


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_that_leads_nowhere_is_an_error_in_the_mirror_and_replaced_in_the_cache(
    server, cache, mirror, monkeypatch
):
    path = mirror / "group" / "set.npz"
    path.parent.mkdir()
    path.symlink_to("gone")
    assert failure(IntegrityError, server.remote()) == (
        f"{path}: a link that leads nowhere; replace the file in the mirror or unset AD_DATA_MIRROR"
    )
    monkeypatch.delenv("AD_DATA_MIRROR")
    (cache / "group").mkdir(parents=True)
    (cache / "group" / "set.npz").symlink_to("gone")
    assert fetch_file(server.remote()).read_bytes() == CONTENT
    assert not (cache / "group" / "set.npz").is_symlink()


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc/self/mem")
def test_a_file_in_the_mirror_that_cannot_be_read_is_an_error(mirror):
    path = mirror / "group" / "set.npz"
    path.parent.mkdir()
    path.symlink_to("/proc/self/mem")  # an ordinary file that gives an I/O error
    assert failure(IntegrityError, unreachable(size=None)) == (
        f"{path}: cannot be read (Input/output error); "
        "replace the file in the mirror or unset AD_DATA_MIRROR"
    )


def test_a_mirror_that_is_no_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path / "nowhere"))
    assert failure(DownloadError, unreachable()) == (
        f"AD_DATA_MIRROR names '{tmp_path / 'nowhere'}', which is no folder; correct or unset it"
    )


# -- what is wrong with the network -------------------------------------------------------------


def test_wrong_hash_names_both_and_leaves_nothing(server, cache):
    remote = server.remote()
    changed = b"\xff" + CONTENT[1:]
    server.files["/set.npz"] = changed
    assert failure(IntegrityError, remote) == (
        f"{server.url()}: expected sha256 "
        f"{hashlib.sha256(CONTENT).hexdigest()}, got {hashlib.sha256(changed).hexdigest()}; "
        f"try again, or place the right file at {cache}/group/set.npz"
    )
    assert everything_in(cache) == []


def test_another_file_of_another_size(server, cache):
    remote = server.remote()
    server.files["/set.npz"] = b"<html>moved</html>"
    assert "expected 102400 bytes, got 18; try again" in failure(IntegrityError, remote)
    assert everything_in(cache) == []


def test_a_connection_that_breaks_off(server, cache):
    server.stated_length = len(CONTENT) + 1
    assert failure(DownloadError, server.remote()) == (
        f"cannot download {server.url()} (the connection broke off); try again, place the file "
        f"at {cache}/group/set.npz, or set AD_DATA_MIRROR to a folder that holds group/set.npz"
    )
    assert everything_in(cache) == []


def test_no_network_says_how_to_go_on_and_leaves_no_folder(cache):
    assert failure(DownloadError, unreachable()) == (
        f"cannot download {NOWHERE} (no connection); connect to the network, "
        f"place the file at {cache}/group/set.npz, or set AD_DATA_MIRROR to a folder that holds "
        "group/set.npz"
    )
    assert everything_in(cache) == []


def test_a_proxy_that_is_not_there_is_named(monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    said = failure(DownloadError, unreachable(url="http://example.invalid/set.npz"))
    assert "(no connection to the proxy); correct its address, place" in said


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (404, "see whether its package has a newer release"),
        (429, "try again later"),
        (500, "try again later"),
    ],
)
def test_an_address_that_answers_with_an_error(server, cache, status, remedy):
    server.status["/set.npz"] = status
    said = failure(DownloadError, server.remote())
    assert said.startswith(f"cannot download {server.url()} (HTTP status {status}); {remedy}, ")
    assert everything_in(cache) == []


@pytest.mark.parametrize("fault", ["silent", "stalled"])
def test_a_server_that_says_nothing(server, cache, monkeypatch, fault):
    monkeypatch.setattr(download, "TIMEOUT", 0.1)
    server.silent = fault == "silent"
    server.stall_after = 1000 if fault == "stalled" else None
    said = failure(DownloadError, server.remote())
    assert f"cannot download {server.url()} (no answer for 0.1 s); try again later" in said
    assert everything_in(cache) == []


# -- what is wrong with the cache ---------------------------------------------------------------


@pytest.mark.parametrize("damaged", [CONTENT[:100], b"\xff" + CONTENT[1:], b""])
def test_a_damaged_file_in_the_cache_is_fetched_again(server, cache, damaged, caplog):
    path = cache / "group" / "set.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(damaged)
    assert fetch_file(server.remote()).read_bytes() == CONTENT
    assert "fetching it again" in caplog.text


def test_a_damaged_file_in_the_cache_without_network(cache):
    path = cache / "group" / "set.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"short")
    said = failure(DownloadError, unreachable())
    assert f"the file at {path} (the one there is damaged), or set" in said
    assert path.read_bytes() == b"short"


def test_a_folder_in_place_of_the_cached_file_is_named_and_left_alone(server, cache):
    (cache / "group" / "set.npz" / "mine").mkdir(parents=True)
    assert failure(DownloadError, server.remote()) == (
        f"{cache}/group/set.npz is a folder; remove it, and group/set.npz can be stored"
    )
    assert server.requests == []
    assert (cache / "group" / "set.npz" / "mine").is_dir()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_named(server, cache):
    (cache / ".downloads").mkdir(parents=True)
    partial = cache / ".downloads" / "group__set.npz.part"
    partial.symlink_to("/dev/full")  # the system answers ENOSPC to every write
    assert failure(DownloadError, server.remote()) == (
        f"the disk is full: group/set.npz needs 102400 bytes below {cache}; "
        "free space or set AD_CACHE to another folder"
    )
    assert everything_in(cache) == []


def test_a_cache_that_cannot_be_written(server, cache):
    cache.write_text("a file where the folder should be")
    said = failure(DownloadError, server.remote())
    assert said.startswith(f"cannot write {cache}/group/set.npz (")
    assert said.endswith("); set AD_CACHE to a folder that can be written")
    assert server.requests == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_cache_that_may_not_be_entered(server, cache):
    cache.mkdir(mode=0)
    said = failure(DownloadError, server.remote())
    assert said.startswith(f"cannot write {cache}/group/set.npz (Permission denied); set AD_CACHE")


# -- many files, and progress -------------------------------------------------------------------


class Watcher:
    def __init__(self):
        self.expected = {}
        self.came = {}

    def expect(self, remote, n_bytes):
        self.expected[remote.path] = n_bytes

    def advance(self, remote, n_bytes):
        self.came[remote.path] = self.came.get(remote.path, 0) + n_bytes


def test_many_files_are_fetched_and_one_that_fails_stops_none(server, cache):
    names = [f"{number}.bin" for number in range(9)]
    server.files = {f"/{name}": name.encode() * 30_000 for name in names}
    remotes = [server.remote(name) for name in names]
    server.status["/3.bin"] = 404
    fetch_file(remotes[5])
    watcher = Watcher()
    ended = {one.remote.path: one for one in fetch_files(remotes, watcher, n_jobs=3)}
    assert set(ended) == {remote.path for remote in remotes}
    failed = ended.pop("group/3.bin")
    assert "HTTP status 404" in str(failed.error)
    assert failed.path is None
    assert not ended.pop("group/5.bin").downloaded
    for path, one in ended.items():
        assert one.downloaded
        assert one.path == cache / path
        assert watcher.expected[path] == watcher.came[path] == one.remote.size
    assert sorted(server.requests) == sorted(f"/{name}" for name in names)


def test_an_error_in_the_program_is_not_taken_for_a_file_that_failed(server):
    class Broken(Watcher):
        def expect(self, remote, n_bytes):
            raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        list(fetch_files([server.remote()], Broken()))


def test_downloads_that_are_given_up_leave_nothing(server, cache):
    server.files = {"/a": b"a", "/b": CONTENT}
    server.files["/a"] = b"a"
    first = next(ended := fetch_files([server.remote("a")], Watcher()))
    assert first.downloaded
    server.stall_after = 10
    ended = fetch_files([server.remote("a"), server.remote("b")], Watcher(), n_jobs=1)
    assert next(ended).place is Place.CACHE
    server.wait_for_request(2)
    ended.close()
    assert everything_in(cache) == ["group", "group/a"]


def test_progress_is_reported(server):
    class Bar:
        total = 0
        done = 0
        closed = False

        def update(self, n):
            self.done += n

        def reset(self):
            self.done = 0

        def close(self):
            self.closed = True

    bar = Bar()
    fetch_file(server.remote(), progress=bar)
    assert (bar.total, bar.done, bar.closed) == (len(CONTENT), len(CONTENT), True)


# -- several processes --------------------------------------------------------------------------

FETCH = """
import sys
from ad_core.data import fetch_file
from ad_core.spec import RemoteFile
path, url, sha256, size = sys.argv[1:]
print("asks", flush=True)
print(fetch_file(RemoteFile(path=path, url=url, sha256=sha256, size=int(size))))
"""


def asking_process(remote):
    """Start a process that is about to ask for the file."""
    command = [sys.executable, "-c", FETCH, remote.path, remote.url, remote.sha256]
    process = subprocess.Popen(
        [*command, str(remote.size)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "asks\n"
    return process


def test_several_processes_download_once(server, cache):
    server.stall_after = 1000
    workers = [asking_process(server.remote()) for _ in range(4)]
    server.wait_for_request()
    server.go.set()
    printed = [worker.communicate(timeout=60)[0].strip() for worker in workers]
    assert printed == [str(cache / "group" / "set.npz")] * 4
    assert server.requests == ["/set.npz"]
    assert everything_in(cache) == ["group", "group/set.npz"]


def test_when_the_downloading_process_is_killed_a_waiting_one_goes_on(server, cache):
    server.stall_after = 1000
    killed = asking_process(server.remote())
    server.wait_for_request()
    waiting = asking_process(server.remote())
    killed.kill()
    killed.communicate()
    server.wait_for_request(2)
    assert not (cache / "group").exists()
    server.go.set()
    assert waiting.communicate(timeout=60)[0].strip() == str(cache / "group" / "set.npz")
    assert waiting.returncode == 0
    assert everything_in(cache) == ["group", "group/set.npz"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_an_interrupted_download_leaves_no_partial_file(server, cache):
    server.stall_after = 1000
    process = asking_process(server.remote())
    server.wait_for_request()
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=60)[1]
    assert everything_in(cache) == []
