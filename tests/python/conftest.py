"""Property tests try the same examples on every run: a red run is about the change that made it."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, print_blob=True)
# To look for examples that nobody has tried: pytest --hypothesis-profile=exploring
settings.register_profile("exploring", derandomize=False)
settings.load_profile("repeatable")
