"""Every data set of ad-datasets-timeseries passes the contract suite."""

from ad_contracts.testing import contract_tests

test_contract = contract_tests("ad-datasets-timeseries")
