"""Things lent to one borrower at a time, and kept for the next."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest

from skdigits._training.keras.pool import Pool


class Thing:
    def __init__(self, key):
        self.key = key


def pool_of(make, max_kept=2, max_size=100):
    return Pool(
        make, lambda thing: len(thing.key), max_kept=max_kept, max_size=max_size
    )


def test_a_thing_given_back_is_lent_again():
    pool = pool_of(Thing)

    with pool.lend("a") as first:
        pass
    with pool.lend("a") as second:
        assert second is first
        assert second.key == "a"


def test_a_thing_is_made_to_its_key():
    pool = pool_of(Thing)

    with pool.lend("a"):
        pass
    with pool.lend("b") as thing:
        assert thing.key == "b"


def test_a_thing_that_is_out_is_not_lent_twice():
    pool = pool_of(Thing)

    with pool.lend("a") as first, pool.lend("a") as second:
        assert first is not second


def test_threads_that_borrow_at_once_get_different_things():
    pool, everyone_has_one = pool_of(Thing), Barrier(8)

    def borrow(_):
        with pool.lend("a") as thing:
            everyone_has_one.wait(timeout=60)
            return thing

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(borrow, range(8)))) == 8


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_thing_whose_borrower_raised_is_not_lent_again(error):
    pool = pool_of(Thing)

    with pytest.raises(error), pool.lend("a") as broken:
        raise error
    with pool.lend("a") as thing:
        assert thing is not broken


def test_no_more_things_are_kept_than_allowed_those_given_back_last():
    pool = pool_of(Thing)
    given_back = {}
    for key in "abc":
        with pool.lend(key) as given_back[key]:
            pass

    with ExitStack() as borrowed:
        lent = {key: borrowed.enter_context(pool.lend(key)) for key in "abc"}

    assert [key for key in "abc" if lent[key] is given_back[key]] == ["b", "c"]


def test_no_larger_things_are_kept_than_allowed_together():
    pool = pool_of(Thing, max_kept=9, max_size=5)
    given_back = {}
    for key in ("aa", "bbb", "cc", "dddddd", "ee"):
        with pool.lend(key) as given_back[key]:
            pass

    with ExitStack() as borrowed:
        lent = {key: borrowed.enter_context(pool.lend(key)) for key in given_back}

    # "dddddd" is too large even alone, and drives nothing else out
    assert [key for key in lent if lent[key] is given_back[key]] == ["cc", "ee"]


def test_a_thing_that_cannot_be_made_leaves_the_pool_working():
    makes = iter([MemoryError, Thing])

    def make(key):
        maker = next(makes)
        if maker is MemoryError:
            raise MemoryError
        return maker(key)

    pool = pool_of(make)

    with pytest.raises(MemoryError), pool.lend("a"):
        pass
    with pool.lend("a") as thing:
        assert thing.key == "a"
