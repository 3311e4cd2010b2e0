"""What landed records state of models' abilities, read from their JSON without the dbt models.

Written against what the sources publish, not against the seeds: what a build makes of the same
records must come out equal.
"""

import math
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

Record = dict[str, Any]
#: None where the record does not state it.
Stated = bool | float | str | frozenset[str] | None
Reader = Callable[[Record], Stated]


def at(record: Record, path: str) -> Any:
    found: Any = record
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def flag(*paths: str) -> Reader:
    """The first of the flags that is there."""
    return lambda record: next(
        (value for path in paths if isinstance(value := at(record, path), bool)), None
    )


def size(path: str) -> Reader:
    """A number; 0 is a way of writing "unknown"."""

    def read(record: Record) -> Stated:
        value = at(record, path)
        return float(value) if isinstance(value, int | float) and value else None

    return read


def word(path: str) -> Reader:
    def read(record: Record) -> Stated:
        value = at(record, path)
        return value.strip() or None if isinstance(value, str) else None

    return read


def words(path: str) -> Reader:
    def read(record: Record) -> Stated:
        value = at(record, path)
        return frozenset(value) or None if isinstance(value, list) else None

    return read


def holds(path: str, name: str, *, lacking: bool | None = False) -> Reader:
    """Whether a list holds a word."""

    def read(record: Record) -> Stated:
        value = at(record, path)
        return (True if name in value else lacking) if isinstance(value, list) and value else None

    return read


def day(path: str) -> Reader:
    """A day or the first of a month, where there is such a day."""

    def read(record: Record) -> Stated:
        value = at(record, path)
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value.strip()):
            return None
        try:
            return date.fromisoformat((value.strip() + "-01")[:10]).isoformat()
        except ValueError:
            return None

    return read


def first(*readers: Reader) -> Reader:
    return lambda record: next(
        (value for read in readers if (value := read(record)) is not None), None
    )


def only(wanted: bool, read: Reader) -> Reader:
    """A flag that says something where it is `wanted`, and nothing else."""
    return lambda record: wanted if read(record) is wanted else None


def litellm_efforts(record: Record) -> Stated:
    levels = record.get("reasoning_effort_levels")
    if levels:
        return frozenset(levels)
    flagged = {
        name
        for name in ("none", "minimal", "low", "xhigh", "max")
        if record.get(f"supports_{name}_reasoning_effort") is True
    }
    return frozenset(flagged | {"low", "medium", "high"}) if flagged else None


def models_dev_options(member: str) -> Reader:
    def read(record: Record) -> Stated:
        found: set[str] = set()
        for option in record.get("reasoning_options") or []:
            value = option.get(member) or []
            found.update([value] if isinstance(value, str) else value)
        return frozenset(found) or None

    return read


def llm_stats_weights(record: Record) -> Stated:
    if record.get("source_weights_link"):
        return True
    return record["license_id"] != "proprietary"


THINKS = first(
    flag("supports_reasoning"),
    only(True, flag("thinking_always_on")),
    only(True, flag("thinking_on_by_default")),
)


def litellm_input(name: str, *flags: str) -> Reader:
    return first(flag(*flags), holds("supported_modalities", name))


#: (source, entity) -> attribute -> what a record states of it.
READERS: dict[tuple[str, str], dict[str, Reader]] = {
    ("litellm", "routes"): {
        "has_reasoning": THINKS,
        "reasoning_efforts": litellm_efforts,
        "default_reasoning_effort": word("default_reasoning_effort"),
        "has_image_input": litellm_input("image", "supports_vision", "supports_image_input"),
        "has_audio_input": litellm_input("audio", "supports_audio_input"),
        "has_video_input": litellm_input("video", "supports_video_input"),
        "has_pdf_input": flag("supports_pdf_input"),
        "has_tool_calling": flag("supports_function_calling", "supports_tool_choice"),
        "has_structured_output": flag(
            "supports_response_schema", "supports_native_structured_output"
        ),
        "has_prompt_caching": flag("supports_prompt_caching"),
        "has_web_search": flag("supports_web_search"),
        "max_input_tokens": size("max_input_tokens"),
        "max_output_tokens": size("max_output_tokens"),
        "successor": word("successor_model"),
    },
    ("models_dev", "models"): {
        "has_reasoning": flag("reasoning"),
        "reasoning_efforts": models_dev_options("values"),
        "reasoning_controls": models_dev_options("type"),
        "has_image_input": holds("modalities.input", "image"),
        "has_audio_input": holds("modalities.input", "audio"),
        "has_video_input": holds("modalities.input", "video"),
        "has_pdf_input": holds("modalities.input", "pdf"),
        "has_attachments": flag("attachment"),
        "has_tool_calling": flag("tool_call"),
        "has_structured_output": flag("structured_output"),
        "is_open_weights": flag("open_weights"),
        "knowledge_cutoff_on": day("knowledge"),
        "max_input_tokens": size("limit.input"),
        "max_output_tokens": size("limit.output"),
        "status": word("status"),
    },
    ("openrouter", "models"): {
        "has_reasoning": first(
            holds("supported_parameters", "reasoning"),
            only(True, flag("reasoning.mandatory")),
            only(True, flag("reasoning.default_enabled")),
        ),
        "reasoning_efforts": words("reasoning.supported_efforts"),
        "default_reasoning_effort": word("reasoning.default_effort"),
        "is_reasoning_mandatory": flag("reasoning.mandatory"),
        "has_image_input": holds("architecture.input_modalities", "image"),
        "has_audio_input": holds("architecture.input_modalities", "audio"),
        "has_video_input": holds("architecture.input_modalities", "video"),
        "has_pdf_input": holds("architecture.input_modalities", "file"),
        "has_tool_calling": holds("supported_parameters", "tools"),
        "has_structured_output": holds("supported_parameters", "structured_outputs"),
        "is_open_weights": lambda record: True if word("hugging_face_id")(record) else None,
        "knowledge_cutoff_on": day("knowledge_cutoff"),
        "max_output_tokens": size("top_provider.max_completion_tokens"),
    },
    ("llm_stats", "models"): {
        "has_image_input": only(False, flag("multimodal")),
        "is_open_weights": llm_stats_weights,
        "licence": word("license_id"),
        "parameter_count": size("param_count"),
        "knowledge_cutoff_on": day("knowledge_cutoff"),
    },
    ("llm_stats", "provider_models"): {
        "has_image_input": flag("input_modality_image"),
        "has_audio_input": flag("input_modality_audio"),
        "has_video_input": flag("input_modality_video"),
        "has_tool_calling": flag("feature_function_calling"),
        "has_structured_output": flag("feature_structured_output"),
    },
    ("static_registry", "models"): {"is_open_weights": flag("open_source")},
}


def statements(records: dict[str, Record], readers: dict[str, Reader]) -> Iterator:
    """Every (record, attribute) that is stated, with its value."""
    for key, record in records.items():
        for attribute, read in readers.items():
            if "_error" not in record and (value := read(record)) is not None:
                yield (key, attribute), value


def times(factor: float, path: str, *unknown: float) -> Reader:
    """A number in another unit; some figures are a way of writing "unknown"."""

    def read(record: Record) -> Stated:
        value = at(record, path)
        try:
            found = float(str(value)) if not isinstance(value, bool) else math.nan
        except ValueError:
            return None
        return found * factor if math.isfinite(found) and found not in unknown else None

    return read


def first_tier(factor: float, field: str) -> Reader:
    """The same; a route with tiers only has the price of the first one."""
    plain = times(factor, field)

    def read(record: Record) -> Stated:
        stated = plain(record)
        tiers = record.get("tiered_pricing") or []
        if stated is not None or not tiers:
            return stated
        first = min(tiers, key=lambda tier: tier["range"][0] if "range" in tier else math.inf)
        return plain(first) if first.get("range", [1])[0] == 0 else None

    return read


def litellm_context(record: Record) -> Stated:
    most, longest = record.get("max_input_tokens"), record.get("max_tokens")
    if most not in (None, ""):
        return float(most) or None
    if longest in (None, "", record.get("max_output_tokens")):
        return None
    return float(longest) or None


AA_PRICES = {
    "input_price_usd_per_1m": "pricing.price_1m_input_tokens",
    "output_price_usd_per_1m": "pricing.price_1m_output_tokens",
}

#: (source, entity) -> column of deployments -> what a record states of it.
FIGURES: dict[tuple[str, str], dict[str, Reader]] = {
    ("litellm", "routes"): {
        "input_price_usd_per_1m": first_tier(1e6, "input_cost_per_token"),
        "output_price_usd_per_1m": first_tier(1e6, "output_cost_per_token"),
        "cache_read_price_usd_per_1m": first_tier(1e6, "cache_read_input_token_cost"),
        "context_window_tokens": litellm_context,
        "max_output_tokens": size("max_output_tokens"),
    },
    ("models_dev", "models"): {
        "input_price_usd_per_1m": times(1, "cost.input"),
        "output_price_usd_per_1m": times(1, "cost.output"),
        "cache_read_price_usd_per_1m": times(1, "cost.cache_read"),
        "context_window_tokens": size("limit.context"),
        "max_output_tokens": size("limit.output"),
    },
    ("openrouter", "models"): {
        "input_price_usd_per_1m": times(1e6, "pricing.prompt", -1),
        "output_price_usd_per_1m": times(1e6, "pricing.completion", -1),
        "cache_read_price_usd_per_1m": times(1e6, "pricing.input_cache_read", -1),
        "context_window_tokens": size("context_length"),
        "max_output_tokens": size("top_provider.max_completion_tokens"),
    },
    ("llm_stats", "provider_models"): {
        "input_price_usd_per_1m": times(0.01, "input_cents_per_million_tokens"),
        "output_price_usd_per_1m": times(0.01, "output_cents_per_million_tokens"),
        "context_window_tokens": size("max_input_tokens"),
        "max_output_tokens": size("max_output_tokens"),
    },
    ("artificial_analysis", "legacy_models"): {
        **{column: times(1, path, 0) for column, path in AA_PRICES.items()},
        "tokens_per_second": times(1, "median_output_tokens_per_second", 0),
        "ttft_ms": times(1000, "median_time_to_first_token_seconds", 0),
    },
    ("artificial_analysis", "models"): {
        **{column: times(1, path) for column, path in AA_PRICES.items()},
        "tokens_per_second": times(1, "performance.median_output_tokens_per_second"),
        "ttft_ms": times(1000, "performance.median_time_to_first_token_seconds"),
        "context_window_tokens": times(1, "context_window_tokens"),
    },
}
