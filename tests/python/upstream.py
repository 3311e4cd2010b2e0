"""Where complete files of the sources lie, for tests that prove what the shipped snapshots cannot.

CONTRIBUTING.md ("Test with complete files") says what they prove.
"""

import os
from pathlib import Path

VARIABLE = "LLM_CAPABILITIES_UPSTREAM"
ROOT = Path(__file__).parents[2]
#: One folder per source, as `python -m extract --from` takes it.
UPSTREAM = Path(os.environ.get(VARIABLE) or ROOT.parent / "shared" / "upstream")
NO_UPSTREAM = f"no complete files of the sources: name their folder in {VARIABLE}"
