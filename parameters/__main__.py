"""`python -m parameters [FOLDER]`: check every parameter table.

Exit status: 0 sound, 1 faults, 2 the YAML files make no sense.
"""

import sys
from pathlib import Path

from parameters.check import find_faults
from parameters.declaration import DeclarationError

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def main(arguments: list[str]) -> int:
    """Print every fault, one line each; return the exit status (2: the YAML files are wrong)."""
    try:
        faults = find_faults(Path(arguments[0]) if arguments else SEEDS)
    except DeclarationError as error:
        print(f"parameters: {error}", file=sys.stderr)
        return 2
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
