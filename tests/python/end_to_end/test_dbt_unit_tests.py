"""dbt's unit tests pass, each on the made-up rows that it states."""

import json

from .projects import succeed


def test_every_unit_test_of_dbt_passes(scratch):
    succeed(scratch.dbt("test", "--select", "test_type:unit"))
    target = scratch.path / "target"
    declared = json.loads((target / "manifest.json").read_text())["unit_tests"]
    results = json.loads((target / "run_results.json").read_text())["results"]
    statuses = {result["unique_id"]: result["status"] for result in results}
    # Hooks have results too.
    found = {name: said for name, said in statuses.items() if name.startswith("unit_test.")}
    assert found == dict.fromkeys(declared, "pass")
    assert declared
