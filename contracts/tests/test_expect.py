"""What a check says when something does not hold, to the letter."""

import numpy as np
import pytest

from ad_contracts import expect as module
from ad_contracts.expect import (
    ContractViolation,
    expect,
    expect_close,
    expect_error,
    expect_same,
    violation,
)
from ad_core.errors import AdError, InputError


def said(call, *arguments, **options):
    with pytest.raises(ContractViolation) as caught:
        call(*arguments, **options)
    return str(caught.value)


def raises(error):
    def call():
        raise error

    return call


def test_a_violation_says_what_was_expected_and_what_came():
    assert str(violation("a cat", 3)) == "expected a cat, got 3"
    assert said(expect, [], "a cat", "a dog") == "expected a cat, got a dog"
    expect([0], "a cat", "a dog")


def test_a_violation_is_an_assertion():
    assert issubclass(ContractViolation, AssertionError)
    assert "ContractViolation" in module.__all__


def test_the_same_is_the_same_bit_for_bit():
    expect_same([1.0, np.nan], [1.0, np.nan], "these", "those")
    expect_same([], [], "these", "those")
    expect_same(1.5, 1.5, "this", "that")
    assert said(expect_same, [1.0, 2.0, 3.0], [1.0, 2.0000000000000004, 4.0], "these", "those") == (
        "expected these to equal those bit for bit, "
        "got 2.0 instead of 2.0000000000000004 at 1, 2 of 3 values differ"
    )
    assert said(expect_same, [1.0, 0.0], [1.0, 5e-324], "these", "those").endswith(
        "got 0.0 instead of 5e-324 at 1, 1 of 2 values differ"
    )
    assert said(expect_same, [np.nan], [1.0], "these", "those").endswith(
        "got nan instead of 1.0 at 0, 1 of 1 values differ"
    )


def test_another_shape_is_not_the_same():
    assert said(expect_same, [1.0, 1.0], 1.0, "these", "that") == (
        "expected these to equal that bit for bit, got shape (2,) instead of ()"
    )
    assert said(expect_close, [[1.0]], [1.0], "these", "those") == (
        "expected these to equal those, got shape (1, 1) instead of (1,)"
    )


def test_a_single_value_has_no_place_and_a_table_has_two_numbers():
    assert said(expect_same, 1.0, 2.0, "this", "that") == (
        "expected this to equal that bit for bit, got 1.0 instead of 2.0, 1 of 1 values differ"
    )
    assert said(expect_same, [[1, 2], [3, 4]], [[1, 2], [5, 4]], "these", "those").endswith(
        "got 3 instead of 5 at (1, 0), 1 of 4 values differ"
    )


def test_close_is_measured_by_the_value_and_by_the_largest_of_all():
    expect_close([1e6, 1e-4], [1e6, 0.0], "these", "those")
    expect_close([1e-3 + 0.9e-12], [1e-3], "these", "those")
    for actual, wanted in (([1e6, 3e-3], [1e6, 0.0]), ([1e-3 + 3e-12], [1e-3])):
        assert "expected these to equal those, got " in said(
            expect_close, actual, wanted, "these", "those"
        )


def test_close_to_nothing_is_measured_by_one():
    expect_close([0.9e-9], [0.0], "these", "those")
    expect_close([], [], "these", "those")
    said(expect_close, [1.1e-9], [0.0], "these", "those")


def test_each_tolerance_counts_alone():
    expect_close([1.09, 100.0], [1.0, 100.0], "these", "those", rtol=0.1, atol=0)
    said(expect_close, [1.11, 100.0], [1.0, 100.0], "these", "those", rtol=0.1, atol=0)
    expect_close([10.9, -100.0], [1.0, -100.0], "these", "those", rtol=0, atol=0.1)
    said(expect_close, [11.1, -100.0], [1.0, -100.0], "these", "those", rtol=0, atol=0.1)


def test_an_error_of_the_kind_that_names_the_words_is_right():
    expect_error(AdError, raises(InputError("The Knn wants 3 columns")), when="X is narrow")
    expect_error(
        InputError,
        raises(InputError("The Knn wants 3 columns")),
        when="X is narrow",
        naming=("knn", "3"),
    )


@pytest.mark.parametrize(
    ("call", "naming", "message"),
    [
        (lambda: None, (), "expected InputError when X is narrow, got no error"),
        (
            raises(ValueError("two\n  lines")),
            (),
            "expected InputError when X is narrow, got ValueError: two lines",
        ),
        (
            raises(InputError("knn is wrong")),
            ("KNN", "column", "row"),
            (
                "expected InputError when X is narrow, naming 'column' and 'row', "
                "got the message 'knn is wrong'"
            ),
        ),
        (
            raises(InputError("one\ntwo")),
            (),
            "expected InputError when X is narrow, with a message of one line, got 'one\\ntwo'",
        ),
    ],
)
def test_no_error_or_another_or_a_poor_one_is_wrong(call, naming, message):
    assert said(expect_error, InputError, call, when="X is narrow", naming=naming) == message


def test_the_error_that_came_is_the_cause():
    cause = ValueError("no")
    with pytest.raises(ContractViolation) as caught:
        expect_error(InputError, raises(cause), when="X is narrow")
    assert caught.value.__cause__ is cause
