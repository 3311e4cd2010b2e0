"""The parameter tables under `seeds/`: what each cell may hold, checked before anything is built.

`python -m parameters` checks them by itself.
"""

from parameters.check import ParameterError, check_seeds, find_faults
from parameters.declaration import DeclarationError, load_declarations
from parameters.reading import Fault
from parameters.settings import read_parameters, settings_from

__all__ = [
    "DeclarationError",
    "Fault",
    "ParameterError",
    "check_seeds",
    "find_faults",
    "load_declarations",
    "read_parameters",
    "settings_from",
]
