"""The short form of tests/faults/kill_extract.py."""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "faults" / "kill_extract.py"


def test_a_killed_first_landing_heals_itself():
    result = runpy.run_path(str(SCRIPT))["run"](6)
    assert result.kills == 6
    assert result.too_late < 6
