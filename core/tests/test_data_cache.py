import errno
import hashlib
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import ad_core.data._cache as cache
from ad_core.data import cache_folder, fetch_file, find_file
from ad_core.errors import DownloadError, IntegrityError
from ad_core.spec import RemoteFile

CONTENT = bytes(range(256)) * 400


class Server(ThreadingHTTPServer):
    """Serves `files` and counts the requests for each."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {"/set.npz": CONTENT}
        self.requests = []
        self.stated_length = None
        self.delay = 0.0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        time.sleep(self.server.delay)
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(self.server.stated_length or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AD_DATA_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache"


def remote(server=None, **fields):
    port = 1 if server is None else server.server_port  # nothing listens on port 1
    given = {
        "path": "group/set.npz",
        "url": f"http://127.0.0.1:{port}/set.npz",
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "size": len(CONTENT),
    }
    return RemoteFile(**(given | fields))


def files_in(folder):
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and file.suffix != ".lock"
    )


def test_downloads_once_then_reads_the_cache(server, folder):
    path = fetch_file(remote(server))
    assert path == folder / "group" / "set.npz"
    assert path.read_bytes() == CONTENT
    assert fetch_file(remote(server)) == path
    assert server.requests == ["/set.npz"]
    assert files_in(folder) == ["group/set.npz"]


def test_cache_folder_is_the_platforms_unless_named(monkeypatch):
    monkeypatch.delenv("AD_CACHE")
    assert cache_folder().name == "ad-core"
    monkeypatch.setenv("AD_CACHE", "~/there")
    assert cache_folder() == Path.home() / "there"


def test_mirror_comes_first_and_is_not_copied(folder, tmp_path, monkeypatch):
    mirror = tmp_path / "mirror"
    (mirror / "group").mkdir(parents=True)
    (mirror / "group" / "set.npz").write_bytes(CONTENT)
    monkeypatch.setenv("AD_DATA_MIRROR", str(mirror))
    assert fetch_file(remote()) == mirror / "group" / "set.npz"
    assert not folder.exists()


def test_a_mirror_without_the_file_falls_to_the_network(server, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path))
    assert fetch_file(remote(server)) == folder / "group" / "set.npz"


def test_a_file_is_found_in_mirror_or_cache_without_a_download(
    server, folder, tmp_path, monkeypatch
):
    assert find_file(remote(server)) is None
    assert not folder.exists()
    assert server.requests == []
    cached = fetch_file(remote(server))
    assert find_file(remote()) == cached
    cached.write_bytes(b"?" * len(CONTENT))
    assert find_file(remote()) is None
    mirrored = tmp_path / "group" / "set.npz"
    mirrored.parent.mkdir()
    mirrored.write_bytes(CONTENT)
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path))
    assert find_file(remote()) == mirrored


def test_a_damaged_file_in_the_mirror_is_an_error(tmp_path, monkeypatch):
    path = tmp_path / "group" / "set.npz"
    path.parent.mkdir()
    path.write_bytes(CONTENT[:-1])
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path))
    with pytest.raises(IntegrityError) as caught:
        fetch_file(remote())
    assert str(caught.value) == (
        f"{path}: expected 102400 bytes, got 102399; "
        "replace the file in the mirror or unset AD_DATA_MIRROR"
    )


def test_a_mirror_that_is_no_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AD_DATA_MIRROR", str(tmp_path / "nowhere"))
    with pytest.raises(DownloadError) as caught:
        fetch_file(remote())
    assert str(caught.value) == (
        f"AD_DATA_MIRROR names '{tmp_path / 'nowhere'}', which is no folder; correct or unset it"
    )


def test_wrong_hash_names_both_and_leaves_nothing(server, folder):
    changed = b"\xff" + CONTENT[1:]
    server.files["/set.npz"] = changed
    with pytest.raises(IntegrityError) as caught:
        fetch_file(remote(server))
    assert str(caught.value) == (
        f"http://127.0.0.1:{server.server_port}/set.npz: expected sha256 "
        f"{hashlib.sha256(CONTENT).hexdigest()}, got {hashlib.sha256(changed).hexdigest()}; "
        f"try again, or place the right file at {folder}/group/set.npz"
    )
    assert files_in(folder) == []


def test_another_file_of_another_size(server, folder):
    server.files["/set.npz"] = b"<html>moved</html>"
    with pytest.raises(IntegrityError, match="expected 102400 bytes, got 18; try again"):
        fetch_file(remote(server))
    assert files_in(folder) == []


def test_a_connection_that_breaks_off(server, folder):
    server.stated_length = len(CONTENT) + 1
    with pytest.raises(DownloadError) as caught:
        fetch_file(remote(server))
    assert f"cannot download http://127.0.0.1:{server.server_port}/set.npz (" in str(caught.value)
    assert files_in(folder) == []


def test_no_network_says_how_to_go_on(folder):
    with pytest.raises(DownloadError) as caught:
        fetch_file(remote())
    assert str(caught.value) == (
        "cannot download http://127.0.0.1:1/set.npz (ConnectionError); connect to the network, "
        f"place the file at {folder}/group/set.npz, or set AD_DATA_MIRROR to a folder that holds "
        "group/set.npz"
    )


def test_an_address_without_the_file(server):
    with pytest.raises(DownloadError, match=r"/gone \(HTTP status 404\); connect to the network"):
        fetch_file(remote(server, url=f"http://127.0.0.1:{server.server_port}/gone"))


def test_a_server_that_says_nothing(server, monkeypatch):
    monkeypatch.setattr(cache, "TIMEOUT", 0.05)
    server.delay = 0.5
    with pytest.raises(DownloadError, match=r"\(ReadTimeout\); connect to the network"):
        fetch_file(remote(server))


@pytest.mark.parametrize("damaged", [CONTENT[:100], b"\xff" + CONTENT[1:], b""])
def test_a_damaged_file_in_the_cache_is_fetched_again(server, folder, damaged, caplog):
    path = folder / "group" / "set.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(damaged)
    assert fetch_file(remote(server)).read_bytes() == CONTENT
    assert "fetching it again" in caplog.text


def test_a_damaged_file_in_the_cache_without_network(folder):
    path = folder / "group" / "set.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"short")
    with pytest.raises(DownloadError) as caught:
        fetch_file(remote())
    assert f"the file at {path} (the one there is damaged), or set" in str(caught.value)
    assert path.read_bytes() == b"short"


def test_a_full_disk_is_named(server, folder, monkeypatch):
    def full(self, url, output, pooch):
        Path(output).write_bytes(b"some")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", full)
    with pytest.raises(DownloadError) as caught:
        fetch_file(remote(server))
    assert str(caught.value) == (
        f"the disk is full: group/set.npz needs 102400 bytes below {folder}; "
        "free space or set AD_CACHE to another folder"
    )
    assert files_in(folder) == []


def test_a_cache_that_cannot_be_written(server, folder):
    folder.write_text("a file where the folder should be")
    with pytest.raises(DownloadError) as caught:
        fetch_file(remote(server))
    assert str(caught.value).startswith(f"cannot write {folder}/group/set.npz (")
    assert str(caught.value).endswith("); set AD_CACHE to a folder that can be written")


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
    fetch_file(remote(server), progress=bar)
    assert (bar.total, bar.done, bar.closed) == (len(CONTENT), len(CONTENT), True)


FETCH = """
import sys
from ad_core.data import fetch_file
from ad_core.spec import RemoteFile
path, url, sha256, size = sys.argv[1:]
print(fetch_file(RemoteFile(path=path, url=url, sha256=sha256, size=int(size))))
"""


def test_several_processes_download_once(server, folder):
    server.delay = 2.0  # long enough for all of them to have asked
    file = remote(server)
    command = [sys.executable, "-c", FETCH, file.path, file.url, file.sha256, str(file.size)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = [worker.communicate(timeout=60)[0].strip() for worker in workers]
    assert printed == [str(folder / "group" / "set.npz")] * 3
    assert server.requests == ["/set.npz"]
    assert files_in(folder) == ["group/set.npz"]


def test_a_killed_download_leaves_no_file_and_no_lock(server, folder):
    server.delay = 5.0
    file = remote(server)
    command = [sys.executable, "-c", FETCH, file.path, file.url, file.sha256, str(file.size)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE)
    while not server.requests:
        time.sleep(0.02)
    worker.kill()
    worker.communicate()
    server.delay = 0.0
    assert not (folder / "group" / "set.npz").exists()
    assert fetch_file(file).read_bytes() == CONTENT
    assert files_in(folder) == ["group/set.npz"]
