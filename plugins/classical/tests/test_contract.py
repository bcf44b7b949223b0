"""Every detector of ad-classical keeps the contract."""

from ad_contracts.testing import contract_tests

test_contract = contract_tests("ad-classical")
