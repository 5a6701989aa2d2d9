"""What a stored estimator carries besides its attributes, and what loading checks."""

import zlib

import numpy as np
from sklearn.utils.fixes import parse_version

from skdigits import __version__

_VERSION = "_skdigits_version"
_CHECKSUM = "_skdigits_checksum"

# Arrays of these kinds are bytes; others hold Python objects or pointers to text
_KINDS_OF_BYTES = frozenset("biufcSU")


class StoredStateMixin:
    """Store an estimator with its version and a checksum, and check both on loading.

    pickle, joblib, skops and copy all go through the two methods here.

    A state of a newer release raises, where scikit-learn warns: what that release means
    by its attributes cannot be known here, a warning is lost in the log of a service,
    and whoever reads the error can install the newer release. A state of an older one
    loads, and every release is tested to load those before it.

    pickle finds most damage itself, but not a bit that flipped within a weight, which
    would go on to make predictions that are a little or utterly wrong. The checksum
    finds that for half a millisecond per megabyte. It is no protection from somebody
    who means harm, and can compute it, too.
    """

    # Attributes that are made again when they are needed
    _not_stored = frozenset()

    def __getstate__(self):
        attributes = super().__getstate__().items()
        state = {
            name: value for name, value in attributes if name not in self._not_stored
        }
        state[_VERSION] = __version__
        state[_CHECKSUM] = _checksum(state)
        return state

    def __setstate__(self, state):
        super().__setstate__(_checked(state, type(self).__name__))


def _checked(state, name):
    """Return what of a stored state are attributes, or raise ValueError."""
    if not isinstance(state, dict) or not isinstance(state.get(_VERSION), str):
        raise ValueError(
            f"The stored {name} does not say which version of skdigits stored it: it "
            "is damaged, or something else wrote it."
        )
    stored_by = state[_VERSION]
    if _is_newer(stored_by):
        raise ValueError(
            f"The {name} was stored by skdigits {stored_by}, and this is the older "
            f"skdigits {__version__}, which cannot know what it means. Load it with "
            f"skdigits {stored_by} or later, or train and store it with {__version__}."
        )
    content = {key: value for key, value in state.items() if key != _CHECKSUM}
    if state.get(_CHECKSUM) != _checksum(content):
        raise ValueError(
            f"The stored {name} is damaged: its checksum is not that of its content. "
            "Get another copy of the file, or store the model again."
        )
    del content[_VERSION]
    return content


def _is_newer(version):
    try:
        return parse_version(version) > parse_version(__version__)
    except ValueError:
        return False  # damaged, which the checksum is to find


def _checksum(state):
    checksum = 0
    for part in _parts(state):
        checksum = zlib.crc32(part, checksum)
    return checksum


def _parts(value):
    """Yield the bytes of a value, the same whatever stored it and on any machine.

    Tuples and lists are alike, and numbers of Python and of NumPy. Objects of other
    kinds, such as callbacks, are for their own classes to check.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in _KINDS_OF_BYTES:
        dtype = value.dtype.newbyteorder("<")
        yield f"{dtype.str} {value.shape}".encode()
        yield value.astype(dtype, copy=False).tobytes()
    elif isinstance(value, dict):
        yield f"{len(value)} keys".encode()
        for key, content in value.items():
            yield from _parts(key)
            yield from _parts(content)
    elif isinstance(value, list | tuple | np.ndarray):
        yield f"{len(value)} values".encode()
        for content in value:
            yield from _parts(content)
    elif isinstance(value, np.generic):
        yield from _parts(value.item())
    elif value is None or isinstance(value, bool | int | float | complex | str | bytes):
        yield repr(value).encode()
