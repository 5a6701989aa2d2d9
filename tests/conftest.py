"""Settings that every test needs before anything else is imported."""

import os

# scikit-learn skips its array API checks unless SciPy was imported with this set.
os.environ["SCIPY_ARRAY_API"] = "1"
