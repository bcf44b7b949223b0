"""Slices for threads."""

import threading

import numpy as np
import pytest

from ad_classical._threads import in_threads, n_threads


@pytest.mark.parametrize("n_jobs", [None, 1, 2, 3, -1])
@pytest.mark.parametrize("size", [0, 1, 2, 7, 100])
def test_every_place_is_worked_on_once(size: int, n_jobs: int | None) -> None:
    seen = np.zeros(size, dtype=int)

    def work(part: slice) -> None:
        seen[part] += 1

    in_threads(work, size, n_jobs)
    assert (seen == 1).all()


def test_work_goes_to_threads_of_its_own_only_where_it_is_large_enough() -> None:
    names: list[str] = []

    def work(part: slice) -> None:
        names.append(threading.current_thread().name)

    in_threads(work, 10, 2, least=6)
    assert names == [threading.main_thread().name]
    in_threads(work, 10, 2, least=5)
    assert len(names) == 3
    assert threading.main_thread().name not in names[1:]


def test_an_error_in_a_thread_is_raised() -> None:
    def work(part: slice) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_threads(work, 10, 2)


def test_no_n_jobs_is_one_thread() -> None:
    assert n_threads(None) == 1
