"""Links from an estimator's HTML representation to its page of the reference."""

from skdigits import __version__

# Read the Docs calls the newest release "stable" and the main branch "latest"
_EDITION = "latest" if "dev" in __version__ else "stable"


class DocLinkMixin:
    """Tell scikit-learn where the reference describes an estimator.

    In a notebook, the link is the "?" of the diagram. Without it, the table of
    parameters would not show their descriptions either.
    """

    _doc_link_module = "skdigits"
    _doc_link_template = (
        f"https://skdigits.readthedocs.io/en/{_EDITION}/generated/"
        "skdigits.{estimator_name}.html"
    )
