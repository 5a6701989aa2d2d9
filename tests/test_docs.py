"""The documentation: tables that say what was measured."""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_tables_on_accuracy_are_of_the_figures_in_results():
    process = subprocess.run(
        [sys.executable, DOCS / "tables.py", "--check"], capture_output=True, text=True
    )

    assert process.returncode == 0, process.stderr
