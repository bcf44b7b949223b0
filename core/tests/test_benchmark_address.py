"""What is not a cluster: nobody, a stranger, no address, no library, a cluster without workers."""

import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from clusters import free_port

from ad_core.benchmark.engines import ClusterExecutor, _address
from ad_core.benchmark.engines._address import check_dask, check_ray
from ad_core.errors import EngineError

TRIAL = "datasets: [wine]\ndetectors: [random]\n"


def dask_check(address):
    pytest.importorskip("distributed", reason="needs the extra ad-core[dask]")
    check_dask(address)


CHECKS = pytest.mark.parametrize("check", [dask_check, check_ray], ids=["dask", "ray"])


class Stranger(BaseHTTPRequestHandler):
    """Answers nothing but HTTP."""

    def log_message(self, *_):
        pass


@pytest.fixture
def http():
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent():
    """Return the address of a server that accepts and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def brief(monkeypatch):
    monkeypatch.setattr(_address, "PATIENCE", 0.5)


@CHECKS
def test_nobody_answers(check):
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(EngineError, match=f"answers at {address} .Connection refused.; see that"):
        check(address)


@CHECKS
@pytest.mark.parametrize(
    "address", ["", "host", "host:", "host:port", "tcp://", ":8786", "1:99999"]
)
def test_what_is_not_an_address(check, address):
    with pytest.raises(EngineError, match=r"the address of a .* is HOST:PORT, got "):
        check(address)


@CHECKS
def test_a_stranger_answers(check, http, brief):
    with pytest.raises(EngineError, match=f"what answers at {http} is not a "):
        check(http)


@CHECKS
def test_somebody_says_nothing(check, silent, brief):
    with pytest.raises(EngineError, match=f"what answers at {silent} is not a "):
        check(silent)


class Empty:
    """A cluster without workers."""

    name, address = "dask", "tcp://somewhere:8786"

    def __init__(self):
        self.stopped = threading.Event()

    def open(self):
        pass

    def n_slots(self):
        return 0

    def call(self, order):
        raise AssertionError

    def stop(self, driver):
        self.stopped.set()

    def close(self):
        pass


def test_a_cluster_that_stays_without_workers_is_given_up():
    cluster = Empty()
    with ClusterExecutor(cluster, patience=0.2) as executor:
        found = executor.map(lambda _: cluster.stopped.wait(60), [1])
        with pytest.raises(EngineError, match="at tcp://somewhere:8786 has had no worker for 0 s"):
            list(found)
    assert cluster.stopped.is_set()


class Pressed(Empty):
    """Ctrl-C is pressed while it starts or ends."""

    def __init__(self, when):
        super().__init__()
        self.when, self.done = when, []

    def open(self):
        self._do("open")

    def close(self):
        self._do("close")

    def _do(self, what):
        if what == self.when:
            os.kill(os.getpid(), signal.SIGINT)
        self.done.append(what)


@pytest.mark.skipif(os.name != "posix", reason="sends itself SIGINT")
def test_ctrl_c_waits_for_the_start_of_a_cluster_and_ends_it():
    cluster = Pressed("open")
    with pytest.raises(KeyboardInterrupt), ClusterExecutor(cluster):
        pytest.fail("it goes on")
    assert cluster.done == ["open", "close"]


@pytest.mark.skipif(os.name != "posix", reason="sends itself SIGINT")
def test_a_second_ctrl_c_does_not_keep_a_cluster_from_its_end():
    cluster = Pressed("close")
    with ClusterExecutor(cluster):
        pass
    assert cluster.done == ["open", "close"]
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_the_command_says_in_one_line_that_nobody_answers(engine, tmp_path, ad_process):
    pytest.importorskip({"dask": "distributed"}.get(engine, engine))
    (tmp_path / "trial.yaml").write_text(TRIAL)
    address = f"127.0.0.1:{free_port()}"
    arguments = ("--engine", engine, "--address", address, "-o", tmp_path / "runs")
    done = ad_process("benchmark", tmp_path / "trial.yaml", *arguments)
    assert done.status == 1
    assert f"answers at {address} (Connection refused)" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("engine: spark", "spark"),
        ("address: 127.0.0.1:1", "address"),
        ("engine: local\naddress: 127.0.0.1:1", "address"),
    ],
)
def test_a_wrong_engine_in_the_file_is_an_error(lines, message, tmp_path, ad):
    path = tmp_path / "trial.yaml"
    path.write_text(f"{TRIAL}{lines}\n")
    done = ad("benchmark", path, "-o", tmp_path / "runs")
    assert done.status != 0
    assert message in done.err
    assert str(path) in done.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--engine", "spark"), "no engine is called 'spark'; known are local, dask, ray"),
        (("--address", "127.0.0.1:1"), "address"),
        (("--engine", "local", "--address", "127.0.0.1:1"), "address"),
    ],
)
def test_a_wrong_engine_among_the_options_is_an_error(arguments, message, tmp_path, ad):
    path = tmp_path / "trial.yaml"
    path.write_text(TRIAL)
    done = ad("benchmark", path, "-o", tmp_path / "runs", *arguments)
    assert done.status != 0
    assert message in done.err


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_an_engine_whose_library_is_missing_names_the_extra(engine, tmp_path, ad, monkeypatch):
    monkeypatch.setattr("ad_core.benchmark.engines.find_spec", lambda _: None)
    path = tmp_path / "trial.yaml"
    path.write_text(TRIAL)
    done = ad("benchmark", path, "-o", tmp_path / "runs", "--engine", engine)
    assert done.status == 1
    assert f"pip install 'ad-core[{engine}]'" in done.err
