"""A data set under test is read from files at hand, and from nowhere else."""

import socket
from urllib.request import urlopen

import pytest
from attrs import evolve
from reference import POINTS

from ad_contracts import DatasetSubject, Status, cases, run
from ad_contracts._offline import no_network

STATIC = ("dataset_says_whose_it_is", "dataset_files_are_pinned")


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setenv("AD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AD_DATA_MIRROR", raising=False)
    return tmp_path


def test_names_and_connections_are_refused_and_noted():
    with no_network() as asked:
        with pytest.raises(OSError, match="no network in a contract check"):
            urlopen("https://example.org/set.npz")
        with socket.socket(socket.AF_INET) as one, pytest.raises(ConnectionRefusedError):
            one.connect(("192.0.2.1", 80))
    assert asked == ["example.org", "192.0.2.1"]


def test_connections_between_processes_and_afterwards_are_allowed(tmp_path):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "pipe"))
        server.listen()
        with no_network() as asked:
            client.connect(str(tmp_path / "pipe"))
    assert asked == []
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_without_its_file_a_case_is_skipped_and_says_how_to_get_it(empty):
    loading = [
        one for one in cases([evolve(POINTS, name="absent")]) if one.check.name not in STATIC
    ]
    assert len(loading) == 10
    for case in loading:
        outcome = run(case)
        assert outcome.status is Status.SKIPPED
        assert outcome.message == (
            "points.npz is not at hand: load the data set once with a network, place the file "
            f"below {empty / 'cache'}, or set AD_DATA_MIRROR to a folder that holds it"
        )


def test_a_cache_that_cannot_be_written_skips_as_well(empty, monkeypatch):
    (empty / "file").write_text("")
    monkeypatch.setenv("AD_CACHE", str(empty / "file"))
    (case,) = cases([evolve(POINTS, name="cannot-be-kept")], only=["dataset_uses_no_network"])
    assert run(case).status is Status.SKIPPED


def test_a_loader_that_fails_for_another_reason_fails(empty):
    spec = evolve(POINTS, target="test_offline:stops")
    (case,) = cases([spec], only=["dataset_uses_no_network"])
    outcome = run(case)
    assert outcome.status is Status.FAILED
    assert "KeyError: 'X'" in outcome.message


def stops(_spec, _seed):
    raise KeyError("X")


def test_a_small_set_is_kept_and_a_large_one_is_not(monkeypatch):
    monkeypatch.setattr("ad_contracts._subject.KEPT", 60 * 2 * 8)
    small = DatasetSubject(evolve(POINTS, target="reference:cloud", files=()))
    assert small.loaded("train") is small.loaded("train")
    assert small.loaded("all") is small.loaded("all")
    assert small.loaded("train") is not small.loaded("test")
    monkeypatch.setattr("ad_contracts._subject.KEPT", 60 * 2 * 8 - 1)
    large = DatasetSubject(evolve(POINTS, target="reference:cloud", files=()))
    assert large.loaded("all") is not large.loaded("all")
