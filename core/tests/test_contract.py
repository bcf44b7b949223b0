"""Everything that ad-core registers keeps the contract."""

from ad_contracts.testing import contract_tests

test_contract = contract_tests("ad-core")
