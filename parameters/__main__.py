"""`python -m parameters [FOLDER]`: check every parameter table.

Exit status: 0 sound, 1 faults, 2 wrong usage or YAML files that make no sense.
"""

import sys
from pathlib import Path

from console import Parser
from parameters.check import find_faults
from parameters.declaration import DeclarationError

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def main(arguments: list[str]) -> int:
    """Print every fault, one line each; return the exit status (2: the YAML files are wrong)."""
    options = Parser(prog="python -m parameters", description=__doc__.split("\n")[0])
    options.add_argument("folder", nargs="?", type=Path, default=SEEDS, help="default: seeds/")
    folder = options.parse_args(arguments).folder
    if not folder.is_dir():
        options.error(f"{folder}: is no folder of parameter tables")
    try:
        faults = find_faults(folder)
    except DeclarationError as error:
        print(f"parameters: {error}", file=sys.stderr)
        return 2
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
