"""Writes the columns of each category into the contract of `rankings_wide`.

A contract is read before anything runs, so that it cannot follow the seed by itself:
`python -m macros.wide_contract` does so after a category was added, removed or moved.
"""

import csv
from pathlib import Path

CATEGORIES = Path("seeds/categories/categories.csv")
CONTRACT = Path("models/marts/rankings/_rankings__models.yml")
BEGIN = "      # Written by `python -m macros.wide_contract`, from here\n"
END = "      # to here\n"
COLUMNS = """\
      - name: {category}_score
        description: "Score in {category}, 0-100, before the ranking gate."
        data_type: double
      - name: {category}_rank
        description: "Rank in {category}; null where not ranked."
        data_type: integer
"""


def with_categories(contract: str, categories: list[str]) -> str:
    """Return the contract (YAML) with the columns of these categories between its two marks.

    Raises ValueError where a mark is missing.
    """
    before, begin, rest = contract.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{CONTRACT}: the marks of what is written by this command are missing")
    columns = "".join(COLUMNS.format(category=category) for category in categories)
    return f"{before}{begin}{columns}{end}{after}"


def read_categories(path: Path = CATEGORIES) -> list[str]:
    """The categories of the seed, in the order in which to show them."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["sort_order"]))
    return [row["category"] for row in rows]


def main() -> None:
    """Write the contract anew."""
    contract = CONTRACT.read_text(encoding="utf-8")
    CONTRACT.write_text(with_categories(contract, read_categories()), encoding="utf-8")


if __name__ == "__main__":
    main()
