"""A pool of reusable objects that are costly to make."""

import threading
from contextlib import contextmanager


class Pool:
    """Things made to a key, each lent to one borrower at a time.

    Parameters
    ----------
    make : callable
        Makes a thing, given its key.

    size_of : callable
        Tells the size of a thing.

    max_kept : int
        How many idle things are kept: those given back last.

    max_size : int
        How large they may be together.
    """

    def __init__(self, make, size_of, *, max_kept, max_size):
        self.make = make
        self.size_of = size_of
        self.max_kept = max_kept
        self.max_size = max_size
        # The last given back is last. Not an OrderedDict, which Control-C while it
        # compares keys can leave broken.
        self._idle = {}
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, key):
        """Lend a thing; one whose borrower raised is not lent again."""
        with self._lock:
            thing = self._idle.pop(key, None)
        if thing is None:
            thing = self.make(key)
        yield thing
        if self.size_of(thing) > self.max_size:
            return
        with self._lock:
            self._idle.pop(key, None)
            self._idle[key] = thing
            while self._has_too_much():
                del self._idle[next(iter(self._idle))]

    def _has_too_much(self):
        size = sum(self.size_of(thing) for thing in self._idle.values())
        return len(self._idle) > self.max_kept or size > self.max_size
