from __future__ import annotations

import pytest
from matching_support import SEEDS

from matching import CanonicalModel, Vocabulary, load_vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary(SEEDS)


@pytest.fixture(scope="session")
def small_registry() -> list[CanonicalModel]:
    return [
        CanonicalModel("gpt-4o-2024-08-06", provider="openai", released_on="2024-08-06"),
        CanonicalModel(
            "claude-opus-4-5-20251101",
            provider="anthropic",
            api_alias="claude-opus-4-5",
            released_on="2025-11-24",
        ),
        CanonicalModel("deepseek-v3", provider="deepseek", released_on="2024-12-26"),
        CanonicalModel("deepseek-v3-0324", provider="deepseek", released_on="2025-03-24"),
    ]
