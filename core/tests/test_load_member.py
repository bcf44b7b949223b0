"""A detector inside another one."""

import pytest

from ad_core.errors import ParameterError, UnknownNameError
from ad_core.load import build_member
from ad_core.spec import DataKind


def test_a_member_is_named_alone_or_with_its_arguments():
    assert build_member("random", seed=3, whose="it").random_state == 3
    member = {"name": "random", "params": {"contamination": 0.2}}
    assert build_member(member, seed=3, whose="it").contamination == 0.2
    assert (
        build_member(member, seed=3, whose="it", params={"contamination": 0.3}).contamination == 0.3
    )


def test_a_seed_of_its_own_stays():
    member = {"name": "random", "params": {"random_state": 9}}
    assert build_member(member, seed=3, whose="it").random_state == 9


@pytest.mark.parametrize("member", [{}, {"nome": "random"}, {"name": "random", "x": 1}, 3, None])
def test_another_form_is_refused_with_an_example(member):
    with pytest.raises(
        ParameterError, match="it: a detector is given by its name or by a mapping such as"
    ):
        build_member(member, seed=0, whose="it")


def test_unknown_names_and_other_kinds_of_data_are_refused():
    with pytest.raises(UnknownNameError, match="did you mean random"):
        build_member("randm", seed=0, whose="it")
    with pytest.raises(
        ParameterError, match="it: random takes tabular data, and would be given image data"
    ):
        build_member("random", seed=0, whose="it", data=DataKind.IMAGE)
