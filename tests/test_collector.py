"""The search for garbage is put off, and goes on whatever happens."""

import gc

import pytest

from kanhe.adapters.collector import uncollected


def test_the_search_is_put_off_and_goes_on_afterwards():
    """Planted fault caught: an inner block that turns it on within the outer one."""
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="x"), uncollected():
        raise ValueError("x")
    assert gc.isenabled()
