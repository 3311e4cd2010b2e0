"""The declared passes of the completion, each watched while it works on real names."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import pytest
from matching_support import REGISTRY, ROOT, make_name

from extract.__main__ import SNAPSHOTS
from matching import Identity, Name, completion, load_registry, load_vocabulary, resolve
from matching.__main__ import read_names, read_vendor_hosts
from matching.completion import FAMILY_PASSES, NAME_PASSES, Pass
from matching.identity import Form

HERE = Path(__file__).parent
PASSES = (*NAME_PASSES, *FAMILY_PASSES)
#: A form keeps a journal of what was done to it; every pass writes there.
JOURNAL = {"filled", "rules"}
STATE = [*Identity._fields, *(f.name for f in fields(Form) if f.name not in {"identity", *JOURNAL})]


@dataclass
class Seen:
    """What one pass changed: in groups that have all that it needs, and in others."""

    changed: set[str] = field(default_factory=set)
    changed_in_need: set[str] = field(default_factory=set)
    groups_in_need: int = 0


def state_of(form: Form) -> dict[str, object]:
    own = {name: copy.copy(value) for name, value in vars(form).items()}
    return own | form.identity._asdict()


def watched(step: Pass, seen: Seen) -> Pass:
    """The pass without its guard, so that it also meets names that lack what it needs."""

    def settle(group, given):
        before = [state_of(form) for form in group]
        in_need = not all(completion.has(group, need) for need in step.needs)
        step.settle(group, given)
        changed = {
            name
            for old, form in zip(before, group, strict=True)
            for name, new in state_of(form).items()
            if name in STATE and old[name] != new
        }
        seen.groups_in_need += in_need
        (seen.changed_in_need if in_need else seen.changed).update(changed)

    return replace(step, needs=(), settle=settle)


def shipped_spellings() -> Iterator[tuple[str, str, str]]:
    """(source, name, organisation) of what the shipped files of four sources list."""
    (routes,) = (SNAPSHOTS / "litellm").glob("*.json")
    for name, route in json.loads(routes.read_text(encoding="utf-8")).items():
        if route.get("mode") in ("chat", "completion", "responses"):
            yield "litellm", name, route.get("litellm_provider") or ""
    (hosts,) = (SNAPSHOTS / "models_dev").glob("*.json")
    for host, listed in json.loads(hosts.read_text(encoding="utf-8")).items():
        yield from (("models_dev", name, host) for name in listed["models"])
    (results,) = (SNAPSHOTS / "evalplus").glob("*.json")
    yield from (("evalplus", name, "") for name in json.loads(results.read_text(encoding="utf-8")))
    for file in sorted((SNAPSHOTS / "epoch").rglob("*.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                for column in ("Model version", "Name"):
                    yield "epoch", row.get(column) or "", row.get("Organization") or ""


@pytest.fixture(scope="module")
def names(vocabulary, tmp_path_factory) -> list[Name]:
    """Shipped names with the roles that the command line gives them, and those labelled by hand."""
    asked = tmp_path_factory.mktemp("names") / "names.csv"
    with asked.open("w", newline="", encoding="utf-8") as lines:
        out = csv.writer(lines)
        out.writerow(("source", "name", "org"))
        out.writerows(sorted(set(shipped_spellings())))
    hosts = read_vendor_hosts(str(ROOT / "seeds" / "sources" / "vendor_hosts.csv"))
    labelled = set()
    with (HERE / "gold_pairs.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            labelled |= {(row[f"source_{s}"], row[f"name_{s}"], row[f"org_{s}"]) for s in "ab"}
    return [
        *read_names(str(asked), vocabulary, hosts),
        *(make_name(spelling, vocabulary) for spelling in sorted(labelled)),
        # A host that leaves out the generation as well, which none of the shipped files does.
        Name("epoch", "zeta-3-super-120b-a12b"),
        Name("litellm", "deepinfra/zeta-120b-a12b", "deepinfra", role="host"),
    ]


@pytest.fixture(scope="module")
def seen(vocabulary, names) -> list[Seen]:
    """What each of `PASSES` did while the names were resolved."""
    found = [Seen() for _ in PASSES]
    steps = [watched(*pair) for pair in zip(PASSES, found, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(completion, "NAME_PASSES", steps[: len(NAME_PASSES)])
        patch.setattr(completion, "FAMILY_PASSES", steps[len(NAME_PASSES) :])
        resolve(names, load_registry(REGISTRY), vocabulary, fuzzy=False)
    return found


every_pass = pytest.mark.parametrize(
    "number", range(len(PASSES)), ids=[step.settle.__name__ for step in PASSES]
)


@every_pass
def test_a_pass_changes_something_and_only_what_it_declares(seen, number):
    changed, declared = seen[number].changed, set(PASSES[number].fills)
    assert changed
    # A row of the vocabulary may rewrite any token; every other pass changes all that it declares.
    assert changed <= declared if declared == set(Identity._fields) else changed == declared


@every_pass
def test_a_pass_changes_nothing_without_what_it_needs(seen, number):
    assert seen[number].changed_in_need == set()
    # Otherwise nothing would have been asked.
    assert seen[number].groups_in_need or not PASSES[number].needs


@every_pass
def test_what_is_declared_is_there(number):
    step = PASSES[number]
    assert set(step.needs) | set(step.fills) <= set(STATE)
    assert step.why.endswith(".")


def test_leaving_out_what_lacks_its_needs_changes_no_decision(names, monkeypatch):
    """Without any guard the passes decide the same, only more slowly."""
    vocabulary = load_vocabulary(ROOT / "seeds" / "matching")
    guarded = resolve(names, [], vocabulary, fuzzy=False)
    for table in ("NAME_PASSES", "FAMILY_PASSES"):
        steps = [replace(step, needs=()) for step in getattr(completion, table)]
        monkeypatch.setattr(completion, table, steps)
    assert resolve(names, [], vocabulary, fuzzy=False).decisions == guarded.decisions


def test_a_pass_that_changes_more_than_it_declares_or_needs_less_is_seen():
    step = replace(PASSES[0], needs=("date",), settle=lambda group, _: group[0].set("size", "7b"))
    seen = Seen()
    watched(step, seen).settle([Form(Identity())], None)
    assert (seen.changed, seen.changed_in_need, seen.groups_in_need) == (set(), {"size"}, 1)
    watched(step, seen).settle([Form(Identity(rolling=True), speed=("turbo",))], None)
    watched(replace(step, needs=("speed",)), seen).settle([Form(Identity(), speed=("x",))], None)
    assert seen.changed == {"size"}
