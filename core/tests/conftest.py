"""A web server on this machine whose files, and whose faults, a test decides."""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ad_core.spec import RemoteFile

CONTENT = bytes(range(256)) * 400


class Server(ThreadingHTTPServer):
    """Serves `files` and keeps the path of every request.

    Attributes
    ----------
    status
        Answered instead of 200, by path.
    stated_length
        Content-Length instead of the true one.
    stall_after
        Bytes of a body after which nothing more comes until `go` is set.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {"/set.npz": CONTENT}
        self.requests = []
        self.status = {}
        self.stated_length = None
        self.stall_after = None
        self.silent = False
        self.go = threading.Event()

    def url(self, name="set.npz"):
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def remote(self, name="set.npz", **fields):
        content = self.files.get(f"/{name}", CONTENT)
        given = {
            "path": f"group/{name}",
            "url": self.url(name),
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
        }
        return RemoteFile(**(given | fields))

    def wait_for_request(self, count=1):
        deadline = time.monotonic() + 60
        while len(self.requests) < count:
            assert time.monotonic() < deadline, f"no request came: {self.requests}"
            time.sleep(0.01)

    def handle_error(self, request, client_address):
        """A client that went away is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.requests.append(self.path)
        if server.silent:
            server.go.wait(60)
        content = server.files.get(self.path)
        status = server.status.get(self.path, 404 if content is None else 200)
        if status != 200:
            self.send_error(status)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(server.stated_length or len(content)))
        self.end_headers()
        if server.stall_after is not None:
            self.wfile.write(content[: server.stall_after])
            self.wfile.flush()
            server.go.wait(60)
            content = content[server.stall_after :]
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.go.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The cache folder, which does not exist yet; there is no mirror."""
    monkeypatch.setenv("AD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AD_DATA_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache"
