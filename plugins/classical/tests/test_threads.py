"""Slices for threads."""

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from ad_classical._threads import in_blocks, in_threads, n_threads, serial_blas


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
    assert len({*names[1:]}) == 2


def test_an_error_in_a_thread_is_raised() -> None:
    def work(part: slice) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_threads(work, 10, 2)


def test_no_n_jobs_is_one_thread() -> None:
    assert n_threads(None) == 1


@pytest.mark.parametrize("n_jobs", [None, 2, 3])
@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 100])
def test_blocks_are_the_same_for_any_number_of_threads(size: int, n_jobs: int | None) -> None:
    seen: list[tuple[int, int]] = []
    in_blocks(lambda part: seen.append((part.start, part.stop)), size, 10, n_jobs, blas=True)
    expected = [(start, min(start + 10, size)) for start in range(0, max(1, size), 10)]
    assert sorted(seen) == expected


def blas_threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_blas_is_serial_in_blocks_and_as_before_after_them() -> None:
    before = blas_threads()
    inside: list[set[int]] = []
    in_blocks(lambda part: inside.append(blas_threads()), 20, 10, 2, blas=True)
    assert inside == [{1}, {1}]
    assert blas_threads() == before


def test_overlapping_limits_are_lifted_by_the_last_to_leave() -> None:
    before = blas_threads()
    one, other = serial_blas(), serial_blas()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert blas_threads() == {1}
    other.__exit__(None, None, None)
    assert blas_threads() == before
