"""Where the checks of saved files damage them."""

from ad_contracts.checks.state import flipped, middles, packed


def test_one_bit_of_one_byte_is_flipped():
    data = b"\x00\x11\xff"
    assert flipped(data, 0) == b"\x10\x11\xff"
    assert flipped(data, 1) == b"\x00\x01\xff"
    assert flipped(data, 2) == b"\x00\x11\xef"


def test_every_member_is_damaged_at_its_quarters():
    data = packed({"first.bin": b"-" * 40, "manifest.json": b"+" * 9})
    minus, plus = data.index(b"-" * 40), data.index(b"+" * 9)
    assert [*middles(data)] == [
        *(("first.bin", minus + place) for place in (10, 20, 30)),
        *(("manifest.json", plus + place) for place in (2, 4, 6)),
    ]
