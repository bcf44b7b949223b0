"""Cases in other processes: order, ends, and what cannot be sent."""

import multiprocessing
import os
from contextlib import closing
from itertools import chain, pairwise

import pytest

from ad_contracts import Status, cases, run
from ad_contracts._processes import Finished, Started, _portions, run_in_processes
from ad_core.errors import AdError
from ad_core.spec import DetectorSpec


def outcomes_of(planned, n_jobs):
    """Return the outcomes, without their times, in the order of the plan."""
    events = list(run_in_processes(planned, n_jobs))
    found = {event.place: event.outcome for event in events if isinstance(event, Finished)}
    started = [event.place for event in events if isinstance(event, Started)]
    assert sorted(started) == sorted(found) == list(range(len(planned)))
    return [(one.subject, one.check, one.status, one.message) for _, one in sorted(found.items())]


def test_the_outcomes_are_those_of_one_process(stranger):
    planned = cases(["center", "even", "needy"], only=["strange"])
    here = [run(case) for case in planned]
    wanted = [(one.subject, one.check, one.status, one.message) for one in here]
    assert {one.status for one in here} == {*Status} - {Status.XPASSED}
    assert outcomes_of(planned, 2) == wanted
    assert multiprocessing.active_children() == []


def test_nothing_is_done_for_no_cases():
    assert outcomes_of([], 3) == []


@pytest.mark.parametrize(("n_jobs", "n_portions"), [(1, 2), (2, 2), (3, 4), (4, 4)])
def test_the_cases_of_a_subject_stay_together_unless_processes_would_idle(
    stranger, n_jobs, n_portions
):
    planned = cases(["center", "even"])
    portions = list(_portions(planned, n_jobs))
    assert len(portions) == n_portions
    assert sorted(chain(*portions)) == list(range(len(planned)))
    for portion in portions:
        assert len({planned[place].spec for place in portion}) == 1
        scenarios = [planned[place].scenario for place in portion]
        changes = sum(one != other for one, other in pairwise(scenarios))
        assert changes == len({one.name if one else "" for one in scenarios}) - 1


def test_closing_it_ends_every_process(stranger):
    with closing(run_in_processes(cases("center", only=["strange"]), 2)) as events:
        assert isinstance(next(events), Started)
        assert multiprocessing.active_children()
    assert multiprocessing.active_children() == []


def test_a_spec_that_does_not_pickle_is_named(stranger):
    spec = DetectorSpec(
        name="wild",
        target="stranger_code:Center",
        summary="A stub",
        family="rule",
        fixed={"f": lambda: 0},
    )
    with pytest.raises(AdError, match="the spec of wild does not pickle: "):
        list(run_in_processes(cases([spec], only=["name_is_odd"]), 1))
    assert multiprocessing.active_children() == []


def test_a_process_that_cannot_start_says_why(stranger):
    planned = cases("center", only=["name_is_odd"])
    (stranger.path / "stranger_checks.py").write_text("1 / 0\n")
    with pytest.raises(AdError, match="ended with exit status 1: .*ZeroDivisionError: division by"):
        list(run_in_processes(planned, 1))


def test_processors_are_shared_out_and_the_users_wish_is_kept(stranger, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "7")
    with closing(run_in_processes(cases("center", only=["strange"]), 2)) as events:
        next(events)
        assert os.environ["OMP_NUM_THREADS"] == str(max(1, os.cpu_count() // 2))
        assert os.environ["MKL_NUM_THREADS"] == "7"
    assert "OMP_NUM_THREADS" not in os.environ
