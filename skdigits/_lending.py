"""Keep what is costly to make, for the next who needs the like."""

import threading
from collections import OrderedDict
from contextlib import contextmanager


class Lender:
    """Lends things made to a key, each to one borrower at a time.

    Parameters
    ----------
    make : callable
        Makes a thing, given its key.

    max_kept : int
        The number of idle things that are kept: those given back last.
    """

    def __init__(self, make, max_kept):
        self.make = make
        self.max_kept = max_kept
        self._idle = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, key):
        """Lend a thing; one whose borrower raised is not lent again."""
        with self._lock:
            thing = self._idle.pop(key, None)
        if thing is None:
            thing = self.make(key)
        yield thing
        with self._lock:
            self._idle[key] = thing
            while len(self._idle) > self.max_kept:
                self._idle.popitem(last=False)
