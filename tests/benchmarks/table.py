"""The table of all results, for the end of the run and for the documentation."""

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

import joblib
from cpuinfo import get_cpu_info

PACKAGES = ["numpy", "scikit-learn", "tensorflow", "keras", "scikeras", "skorch"]
PACKAGES += ["torch", "skdigits"]
HEADINGS = ["", "skdigits", "peer", "peer's", "ratio", "target", ""]
NOTHING = "–"  # noqa: RUF001


@dataclass(frozen=True)
class Target:
    """A limit for a figure, and how the figure must compare with it."""

    limit: float
    sign: str = "≤"

    def is_met_by(self, figure):
        compare = {"≤": operator.le, "<": operator.lt, "≥": operator.ge}[self.sign]
        return compare(figure, self.limit)


def at_most(limit):
    return Target(limit)


def below(limit):
    return Target(limit, "<")


def at_least(limit):
    return Target(limit, "≥")


def show_ratio(ratio):
    return f"{ratio:.3f}"


def show_time(seconds):
    units = {"s": 1, "ms": 1e-3, "µs": 1e-6}
    unit = next((unit for unit in units if abs(seconds) >= units[unit]), "µs")
    return f"{seconds / units[unit]:.3g} {unit}"


def show_megabytes(n_bytes):
    return f"{n_bytes / 1e6:.3g} MB"


def show_number(number):
    return f"{number:.3g}"


@dataclass
class Line:
    """A figure of ours, alone or compared with a peer's."""

    name: str
    figure: float
    show: Callable
    target: Target | None = None
    peer: str | None = None
    # None for a peer that is not installed.
    peer_figure: float | None = None

    @property
    def ratio(self):
        return None if self.peer_figure is None else self.figure / self.peer_figure

    @property
    def met(self):
        judged = self.ratio if self.peer else self.figure
        if self.target is None or judged is None:
            return None
        return bool(self.target.is_met_by(judged))

    def to_cells(self):
        def text(value, show):
            return NOTHING if value is None else show(value)

        limit = self.target and self.target.limit
        show_limit = show_ratio if self.peer else self.show
        return [
            self.name,
            self.show(self.figure),
            self.peer or NOTHING,
            text(self.peer_figure, self.show),
            text(self.ratio, show_ratio),
            text(limit, lambda limit: f"{self.target.sign} {show_limit(limit)}"),
            {True: "met", False: "missed", None: ""}[self.met],
        ]

    def to_json(self):
        return {
            "name": self.name,
            "figure": self.figure,
            "peer": self.peer,
            "peer_figure": self.peer_figure,
            "ratio": self.ratio,
            "target": self.target and f"{self.target.sign} {self.target.limit}",
            "met": self.met,
        }


@dataclass
class Table:
    """Collects lines, and tells which of them miss their target."""

    lines: list = field(default_factory=list)

    def compare(self, name, figures, targets, *, show=show_time):
        """Add a line for each peer: the ratio of our figure to the peer's.

        Parameters
        ----------
        name : str

        figures : dict of str to float or None
            The first is ours. None for a peer that is not installed.

        targets : dict of str to Target
            For the ratios to some of the peers.

        show : callable
            Turns a figure into text.

        Returns
        -------
        list of str
            The lines that miss their target.
        """
        (_, ours), *peers = figures.items()
        return self._add(
            Line(name, ours, show, targets.get(peer), peer, figure)
            for peer, figure in peers
        )

    def limit(self, name, figure, target, *, show):
        """Add a line for a figure of ours that has a target itself, in the same way."""
        return self._add([Line(name, figure, show, target)])

    def _add(self, lines):
        lines = list(lines)
        self.lines += lines
        return [" | ".join(line.to_cells()) for line in lines if line.met is False]

    def to_markdown(self):
        rows = [HEADINGS, ["---"] * len(HEADINGS)]
        previous = None
        for line in self.lines:
            cells = line.to_cells()
            if line.name == previous:
                cells[:2] = "", ""
            previous = line.name
            rows.append(cells)
        return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)

    def to_json(self):
        return [line.to_json() for line in self.lines]


def describe_machine():
    """Say on what, and with what, the figures were taken."""
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    cpu = get_cpu_info().get("brand_raw", "unknown processor")
    return (
        f"{cpu}, {joblib.cpu_count()} cores, Python {python_version()}, "
        f"{', '.join(versions)}."
    )
