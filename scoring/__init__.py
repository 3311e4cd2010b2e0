"""Abilities, completed baskets and their uncertainty, as plain functions over numpy arrays.

The parts, in the order in which a build uses them:

* ``settings``     every number that a user may change, one documented field each;
* ``cells``        the table of measured cells and its checks;
* ``acceleration`` fixed points of a slow iteration, in fewer rounds;
* ``ability``      the calibration fit: difficulty, slope and noise of every benchmark;
* ``anomaly``      cells that contradict everything else known about their model;
* ``calibration``  all of it for one day's cells, composite indices included;
* ``posterior``    each model's ability and expected cells on a fixed grid;
* ``basket``       completed cells, capability, standard deviation, coverage, confidence;
* ``ranks``        rank intervals;
* ``states``       which subjects have the same cells, to be scored once;
* ``tables``       from tables to arrays and back.

Nothing here reads a file or a database, and nothing knows how names were matched or how well all
of this works (``evidence`` measures that). Models and benchmarks are integer indices; a caller that
numbers them in the order of their sorted ids gets the same result whatever the order of its rows.
"""

import os

# One thread for linear algebra, set before numpy is imported: how sums are split over threads shows
# in the last digits, and these matrices are too small to gain by more.
for _library in ("OPENBLAS", "MKL", "OMP"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
