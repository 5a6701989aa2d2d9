"""Groups of things that pairs connect."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def connected(pairs, size):
    """Return the members of each group of some things that pairs connect."""
    rows, columns = np.array(pairs, dtype=int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    members = connected_components(graph, directed=False)[1]
    order = np.argsort(members, kind="stable")
    bounds = np.cumsum(np.bincount(members, minlength=1))[:-1]
    return [group for group in np.split(order, bounds) if len(group)]
