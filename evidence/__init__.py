"""The published evidence: how well names are matched and scores predict, measured.

* ``settings``  what the measurements go by;
* ``names``     the name matching on labelled pairs, beside simpler ways to compare names;
* ``scores``    the scores on any table of cells;
* ``report``    both on a built warehouse, as rows and as the README's table.

It stands above ``matching`` and ``scoring``, which know nothing of it or of each other.
"""

import scoring  # noqa: F401 - it sets one thread for linear algebra before numpy is imported
