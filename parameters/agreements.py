"""What no declaration of one column can say: rows of several seeds that must agree.

Each rule is a function of all rows by seed, and is asked only when every seed is sound by itself.
"""

from collections.abc import Callable, Iterator, Mapping

from parameters.cells import NUMBER, is_day
from parameters.declaration import Seed
from parameters.reading import Fault, Row, fault_of

Seeds = Mapping[str, Seed]
Rows = Mapping[str, list[Row]]
Rule = Callable[[Seeds, Rows], Iterator[Fault]]

#: No model has more parameters or reads more tokens than this, and none is older.
LARGEST_FACT = 1e15
FIRST_FACT_DAY = "2015-01-01"
#: How the address of a page that states a fact begins.
PAGE = "https://"

#: What the rules of each kind may be applied to.
APPLICATIONS = {
    "attributes": ("facts", "routes"),
    "benchmarks": ("one_record", "cells"),
    "makers": ("names",),
    "releases": ("statements",),
    "tiers": ("siblings",),
}
MAKERS = ("family", "stated_maker", "own_host")
#: The rule of kind releases, which int_releases_judged reads by its name.
RELEASE_RULE = "release_fits_id"
#: The kinds of word in matching_words that make a tier.
TIER_KINDS = ("tier", "speed", "effort_maybe")
#: What the attribute rules of routes may compare: macro route_attributes.
ROUTE_ATTRIBUTES = (
    "cache_read_price_usd_per_1m",
    "context_window_tokens",
    "input_price_usd_per_1m",
    "max_output_tokens",
    "output_price_usd_per_1m",
    "tokens_per_second",
    "ttft_ms",
)


def find_disagreements(seeds: Seeds, rows: Rows) -> list[Fault]:
    """Return what every rule finds."""
    return [fault for rule in RULES for fault in rule(seeds, rows)]


def epoch_columns_are_mapped(seeds: Seeds, rows: Rows) -> Iterator[Fault]:
    """Every score column of Epoch has a name in benchmark_names, and the other way round."""
    columns = {f"{r.cells['source_file']}:{r.cells['score_column']}" for r in rows["epoch_columns"]}
    names = {
        row.cells["source_benchmark_name"]: row
        for row in rows["benchmark_names"]
        if row.cells["source_id"] == "epoch"
    }
    for row in rows["epoch_columns"]:
        name = f"{row.cells['source_file']}:{row.cells['score_column']}"
        if name not in names:
            allowed = f"a row of benchmark_names for epoch, {name}"
            yield fault_of(seeds["epoch_columns"], row, None, allowed, "no benchmark is named")
    for name, row in names.items():
        if name not in columns:
            allowed = "a file and column of epoch_columns, as file:column"
            yield fault_of(seeds["benchmark_names"], row, "source_benchmark_name", allowed)


def composites_are_analytics(seeds: Seeds, rows: Rows) -> Iterator[Fault]:
    """Composite indices count in the layer analytics, and nothing else does."""
    composites = {
        row.cells["benchmark_id"]
        for row in rows["benchmark_definitions"]
        if row.cells["is_composite"].lower() == "true"
    }
    for row in rows["layered_benchmarks"]:
        is_composite = row.cells["benchmark_id"] in composites
        if is_composite != (row.cells["layer_id"] == "analytics"):
            allowed = "analytics for composite indices, and only for them"
            yield fault_of(seeds["layered_benchmarks"], row, "layer_id", allowed)
    for row in rows["baskets"]:
        if row.cells["benchmark_id"] in composites:
            allowed = "a benchmark that is no composite index"
            yield fault_of(seeds["baskets"], row, "benchmark_id", allowed)


def thresholds_can_be_compared(seeds: Seeds, rows: Rows) -> Iterator[Fault]:
    """An indicator that is greater or less than something names a number."""
    for row in rows["static_indicators"]:
        is_number = NUMBER.fullmatch(row.cells["threshold"])
        if row.cells["operator"] in ("greater_than", "less_than") and not is_number:
            yield fault_of(seeds["static_indicators"], row, "threshold", "a number")


def every_score_has_an_error(seeds: Seeds, rows: Rows) -> Iterator[Fault]:
    """One row of reporting_sds holds for every source and kind of evidence."""
    if not any(not r.cells["source_id"] + r.cells["evidence_kind"] for r in rows["reporting_sds"]):
        what = "no row with neither source nor kind"
        yield Fault(str(seeds["reporting_sds"].path), "one row for all other scores", what=what)


def doubt_begins_before_the_threshold(seeds: Seeds, rows: Rows) -> Iterator[Fault]:
    """A cell is doubted before it is flagged."""
    return _below(seeds, rows, "anomaly", smaller="doubt_from", larger="threshold")


def a_proposal_scores_below_a_match(seeds: Seeds, rows: Rows) -> Iterator[Fault]:
    """What a person must decide never scores as much as what is decided."""
    return _below(seeds, rows, "matching", smaller="review_score", larger="auto_score")


def _below(seeds: Seeds, rows: Rows, group: str, *, smaller: str, larger: str) -> Iterator[Fault]:
    """The fault of `smaller` if it is not below `larger`, both scoring parameters of `group`."""
    of_group = {
        row.cells["parameter"]: row
        for row in rows["scoring_parameters"]
        if row.cells["parameter_group"] == group
    }
    limit = of_group[larger].cells["value"]
    if float(of_group[smaller].cells["value"]) >= float(limit):
        allowed = f"a number below the parameter {larger} ({limit})"
        yield fault_of(seeds["scoring_parameters"], of_group[smaller], "value", allowed)


def rules_can_be_applied(seeds: Seeds, rows: Rows) -> Iterator[Fault]:
    """The operands of a consistency rule exist where it looks for them.

    A misspelt one would never be applied and never be missed.
    """
    seed = seeds["consistency_rules"]
    for row in rows["consistency_rules"]:
        kind, applies_to = row.cells["kind"], row.cells["applies_to"]
        if applies_to not in APPLICATIONS[kind]:
            yield fault_of(seed, row, "applies_to", f"{' or '.join(APPLICATIONS[kind])} for {kind}")
            continue
        left, right = _operands(kind, applies_to, rows)
        for column, (known, allowed) in (("left_operand", left), ("right_operand", right)):
            if not known(row.cells[column]):
                yield fault_of(seed, row, column, allowed)


def one_rule_judges_releases(seeds: Seeds, rows: Rows) -> Iterator[Fault]:
    """The rule that stated releases are judged by is there, and the only one of its kind."""
    seed = seeds["consistency_rules"]
    for row in rows["consistency_rules"]:
        if (row.cells["kind"] == "releases") != (row.cells["rule_id"] == RELEASE_RULE):
            yield fault_of(seed, row, "kind", f"releases for {RELEASE_RULE}, and only for it")
    if not any(row.cells["rule_id"] == RELEASE_RULE for row in rows["consistency_rules"]):
        yield Fault(str(seed.path), f"a row {RELEASE_RULE}", what="stated releases have no rule")


Operand = tuple[Callable[[str], bool], str]


def _operands(kind: str, applies_to: str, rows: Rows) -> tuple[Operand, Operand]:
    """For the left and the right operand: whether a text is one, and what is allowed in words."""
    if kind == "makers":
        return ("maker".__eq__, "maker"), (MAKERS.__contains__, ", ".join(MAKERS))
    if kind == "releases":
        return ("released_on".__eq__, "released_on"), ("date_in_id".__eq__, "date_in_id")
    if kind == "benchmarks":
        benchmarks = {row.cells["benchmark_id"] for row in rows["benchmark_definitions"]}
        return ((benchmarks.__contains__, "a value of benchmark_definitions.benchmark_id"),) * 2
    if kind == "tiers":
        tiers = {r.cells["value"] for r in rows["matching_words"] if r.cells["kind"] in TIER_KINDS}
        allowed = "full_size, or words for tiers in matching_words.value, sorted"
        return ((lambda text: _is_tier(text, tiers), allowed),) * 2
    attributes = {row.cells["attribute"] for row in rows["attribute_precedence"]}
    known = attributes if applies_to == "facts" else set(ROUTE_ATTRIBUTES)
    allowed = f"a number, or an attribute of {applies_to}: {', '.join(sorted(known))}"
    return ((lambda text: text in known or bool(NUMBER.fullmatch(text)), allowed),) * 2


def _is_tier(text: str, tiers: set[str]) -> bool:
    words = text.split(" ")
    return text == "full_size" or (words == sorted(words) and set(words) <= tiers)


def stated_facts_are_of_their_kind(seeds: Seeds, rows: Rows) -> Iterator[Fault]:
    """What a page states is a flag, a number or a day where its attribute is one, and is heard.

    A fact of an attribute of which pages have no say would be written down and never be seen.
    """
    seed = seeds["stated_facts"]
    kinds = {row.cells["attribute"]: row.cells["kind"] for row in rows["attributes"]}
    heard = {
        row.cells["attribute"]
        for row in rows["attribute_precedence"]
        if row.cells["origin"] == "page"
    }
    for row in rows["stated_facts"]:
        attribute = row.cells["attribute"]
        if attribute not in heard:
            allowed = "an attribute with a row of attribute_precedence for the origin page"
            yield fault_of(seed, row, "attribute", allowed)
        if allowed := _other_than(kinds[attribute], row.cells["value"], row.cells["written_on"]):
            yield fault_of(seed, row, "value", allowed)
        if not row.cells["address"].startswith(PAGE):
            yield fault_of(seed, row, "address", f"an address that begins with {PAGE}")


def _other_than(kind: str, text: str, written_on: str) -> str | None:
    """What is allowed of a fact of the kind, where the text is something else."""
    if kind == "flag" and text not in ("true", "false"):
        return "true or false"
    if kind == "number" and not (NUMBER.fullmatch(text) and 0 < float(text) <= LARGEST_FACT):
        return f"a number above 0, up to {LARGEST_FACT:g}"
    if kind == "day" and not (is_day(text) and FIRST_FACT_DAY <= text <= written_on):
        return f"a day (YYYY-MM-DD) from {FIRST_FACT_DAY} on, up to written_on ({written_on})"
    return None


RULES: tuple[Rule, ...] = (
    epoch_columns_are_mapped,
    composites_are_analytics,
    thresholds_can_be_compared,
    every_score_has_an_error,
    doubt_begins_before_the_threshold,
    a_proposal_scores_below_a_match,
    rules_can_be_applied,
    one_rule_judges_releases,
    stated_facts_are_of_their_kind,
)
