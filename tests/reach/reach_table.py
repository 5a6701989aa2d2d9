"""The table of all results, for the end of the run and for the documentation."""

from dataclasses import dataclass, field

HEADINGS = ["digits", "network", "raw", "normalised", "target", ""]


@dataclass(frozen=True)
class Line:
    """How many digits of a kind are right, in per cent."""

    digits: str
    network: str
    # As the network gets them without the normaliser
    raw: float | None
    normalized: float
    target: float

    @property
    def met(self):
        # What is half a digit of ten thousand is rounding
        return self.normalized >= self.target - 0.005

    def to_cells(self):
        return [
            self.digits,
            self.network,
            "" if self.raw is None else f"{self.raw:.2f}%",
            f"{self.normalized:.2f}%",
            f"≥ {self.target:.2f}%",
            "met" if self.met else "missed",
        ]


@dataclass
class Table:
    """Collects lines."""

    lines: list = field(default_factory=list)

    def add(self, *figures):
        """Add a line, made of `figures`, and return whether it meets its target."""
        self.lines.append(Line(*figures))
        return self.lines[-1].met

    def to_markdown(self):
        return markdown(HEADINGS, [line.to_cells() for line in self.lines])


@dataclass
class Comparison:
    """Collects what each engine gets right of each kind of picture."""

    lines: dict = field(default_factory=dict)

    def add(self, kind, engine, digits, pictures):
        """Keep what fraction of the digits, and of whole pictures, is right."""
        cell = f"{digits:.0%} ({pictures:.0%})"
        self.lines.setdefault(kind, {})[engine] = cell

    def to_markdown(self):
        engines = list(
            {engine: None for line in self.lines.values() for engine in line}
        )
        rows = [
            [kind, *(line.get(engine, "") for engine in engines)]
            for kind, line in self.lines.items()
        ]
        return markdown(["pictures", *engines], rows)


def markdown(headings, rows):
    rows = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
