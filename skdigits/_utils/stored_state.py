"""What a stored estimator carries besides its attributes, and what loading checks."""

import copy
import zlib

import numpy as np
from sklearn.utils.fixes import parse_version

from skdigits import __version__

_VERSION = "_skdigits_version"
_CHECKSUMS = "_skdigits_checksums"

# Arrays of these are bytes; others hold Python objects, pointers or bytes of no account
_TYPES_OF_BYTES = frozenset(np.typecodes["AllInteger"] + "?efdFDSU")

_SCALARS = bool | int | float | complex | str | bytes | np.generic


class StoredStateMixin:
    """Store an estimator with its version and checksums, and check both on loading.

    pickle, joblib and skops all go through `__getstate__` and `__setstate__`. Copies
    leave out what is not stored, too, but no file lies between them and the original:
    they are neither summed nor checked.

    A state of a newer release raises, where scikit-learn warns: what that release means
    by its attributes cannot be known here, a warning is lost in the log of a service,
    and whoever reads the error can install the newer release. A state of an older one
    loads, and every release is tested to load those before it.

    pickle finds most damage itself, but not a bit that flipped within a weight, which
    would go on to make predictions that are a little or utterly wrong. Checksums find
    that for half a millisecond per megabyte. They are no protection from somebody who
    means harm, and can compute them, too.
    """

    def __getstate__(self):
        state = self._stored_attributes()
        state[_VERSION] = __version__
        state[_CHECKSUMS] = _checksums(state)
        return state

    def __setstate__(self, state):
        super().__setstate__(_checked(state, type(self).__name__))

    def __copy__(self):
        return self._with_attributes(self._stored_attributes())

    def __deepcopy__(self, memo):
        # In the memo first: what it holds may hold it
        copied = memo[id(self)] = self._with_attributes({})
        vars(copied).update(copy.deepcopy(self._stored_attributes(), memo))
        return copied

    def _with_attributes(self, attributes):
        copied = object.__new__(type(self))
        vars(copied).update(attributes)
        return copied

    def _stored_attributes(self):
        return self._to_store(dict(super().__getstate__()))

    def _to_store(self, state):
        """Return what of a copy of the attributes is stored, and how."""
        return state


def _checked(state, name):
    """Return what of a stored state are attributes, or raise ValueError."""
    if not isinstance(state, dict) or not isinstance(state.get(_VERSION), str):
        raise ValueError(
            f"The stored {name} has no version of skdigits: it is damaged, or was not "
            "stored by skdigits."
        )
    stored_by = state[_VERSION]
    if _is_newer(stored_by):
        raise ValueError(
            f"The {name} was stored by skdigits {stored_by}, and this is the older "
            f"skdigits {__version__}, which cannot read it. Load it with skdigits "
            f"{stored_by} or later, or train and store it with {__version__}."
        )
    checksums = state.get(_CHECKSUMS)
    if not isinstance(checksums, dict) or _VERSION not in checksums:
        raise ValueError(_damaged(name, "it has no checksums"))
    for attribute, checksum in checksums.items():
        if attribute not in state:
            raise ValueError(_damaged(name, f"it lacks {attribute}"))
        if _checksum(attribute, state[attribute]) != checksum:
            raise ValueError(
                _damaged(name, f"the checksum of {attribute} does not match")
            )
    return {
        attribute: value
        for attribute, value in state.items()
        if attribute not in (_VERSION, _CHECKSUMS)
    }


def _damaged(name, reason):
    return (
        f"The stored {name} is damaged: {reason}. Get another copy of the file, or "
        "store the model again."
    )


def _is_newer(version):
    try:
        return parse_version(version) > parse_version(__version__)
    except ValueError:
        return False  # damaged, which the checksum is to find


def _checksums(state):
    """Return checksums of the attributes that are numbers, text and arrays of them.

    Objects of other kinds, such as callbacks, are for their own classes to check. When
    a state is loaded, they may not be complete: an estimator may be part of what it
    holds.
    """
    checksums = {name: _checksum(name, value) for name, value in state.items()}
    return {name: value for name, value in checksums.items() if value is not None}


def _checksum(name, value):
    """Return a checksum, the same whatever stored a value, or None for other kinds.

    Of the name, too: pickle writes it once, for the attributes and for the checksums,
    so that a bit that flips in it changes both.
    """
    checksum = zlib.crc32(str(name).encode())
    for part in _parts(value):
        if part is None:
            return None
        checksum = zlib.crc32(part, checksum)
    return checksum


def _parts(value):
    """Yield what a value consists of as bytes, and None for what is of another kind.

    The same on any machine, for a tuple as for a list, and for a number of Python as
    for one of NumPy.
    """
    if isinstance(value, np.ndarray) and value.dtype.char in _TYPES_OF_BYTES:
        dtype = value.dtype.newbyteorder("<")
        yield f"{dtype.str} {value.shape}".encode()
        yield np.ascontiguousarray(value, dtype)
    elif isinstance(value, np.ndarray):
        yield from _parts(value.tolist())
    elif isinstance(value, dict):
        yield f"{len(value)} keys".encode()
        for key, content in value.items():
            yield from _parts(key)
            yield from _parts(content)
    elif isinstance(value, list | tuple):
        yield f"{len(value)} values".encode()
        for content in value:
            yield from _parts(content)
    elif value is None or isinstance(value, _SCALARS):
        number = value.item() if isinstance(value, np.generic) else value
        yield repr(number).encode()
    else:
        yield None
