"""Methods that leave an estimator as it was when they raise."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np

E = TypeVar("E")
P = ParamSpec("P")
R = TypeVar("R")


def all_or_nothing(
    method: Callable[Concatenate[E, P], R],
) -> Callable[Concatenate[E, P], R]:
    """Let a method that raises leave the estimator as it was before the call."""

    @wraps(method)
    def restoring_method(estimator: E, *args: P.args, **kwargs: P.kwargs) -> R:
        before = vars(estimator).copy()
        try:
            # Interrupted as it enters a library's errstate, NumPy would stay as that is
            with np.errstate():
                return method(estimator, *args, **kwargs)
        except BaseException:
            # In this order another thread, predicting, never finds it unfitted
            vars(estimator).update(before)
            for name in set(vars(estimator)) - set(before):
                delattr(estimator, name)
            raise

    return restoring_method
