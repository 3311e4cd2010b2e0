"""One release under two spellings is one model; two releases that look alike are two."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from extract.__main__ import SNAPSHOTS
from matching import Name, resolve
from matching.__main__ import main
from tests.python.upstream import NO_UPSTREAM, UPSTREAM

NEWER = UPSTREAM.parent / "upstream-newer"
LABELLED = Path(__file__).with_name("newer_names.csv")
LINKS = NEWER / "models_dev" / "base_model_links_2026-07-02.json"


def evaluator(name, org=None, **stated):
    return Name("epoch", name, org, **stated)


def host(name, org="fireworks_ai", source="litellm", **stated):
    return Name(source, name, org, role="host", **stated)


def vendor(name, org, source="models_dev", **stated):
    return Name(source, name, org, role="vendor", **stated)


def ids(vocabulary, *names):
    """Model ids in the order of the names; None where one is not decided for certain."""
    found = {
        (d.source, d.source_model_name, d.org): d.model_id if d.status == "auto" else None
        for d in resolve(names, [], vocabulary).decisions
    }
    return [found[(n.source, n.name, n.org)] for n in names]


@pytest.mark.parametrize(
    ("names", "model_id"),
    [
        pytest.param(
            [
                evaluator("starcoder2-3b", "Hugging Face,ServiceNow,NVIDIA,BigCode"),
                host("fireworks_ai/accounts/fireworks/models/starcoder2-3b"),
            ],
            "starcoder2-3b",
            id="a host serves the only weights there are",
        ),
        pytest.param(
            [
                evaluator("Pythia (12B)"),
                host("fireworks_ai/accounts/fireworks/models/pythia-12b"),
            ],
            "pythia-12b",
            id="the same, without an organisation",
        ),
        pytest.param(
            [evaluator("stable-code-3B"), host("accounts/fireworks/models/stablecode-3b")],
            "stable-code-3b",
            id="words written as one",
        ),
        pytest.param(
            [
                evaluator("Mistral-7B-Instruct-v0.3", "Mistral AI"),
                host("accounts/fireworks/models/mistral-7b-instruct-v3"),
            ],
            "mistral-7b-instruct-v0.3",
            id="v3 for v0.3",
        ),
        pytest.param(
            [
                vendor("qwen2-5-omni-7b", "alibaba"),
                Name("llm_stats", "qwen2.5-omni-7b", "qwen"),
            ],
            "qwen2-5-omni-7b",
            id="a dash for a dot",
        ),
        pytest.param(
            [evaluator("grok-3", "xAI"), evaluator("grok-3-beta", "xAI")],
            "grok-3",
            id="a beta that became the release",
        ),
        pytest.param(
            [
                Name("llm_stats", "phi-4-reasoning-plus", "microsoft"),
                host("phi-4-reasoning-plus", "azure", "models_dev"),
            ],
            "phi-4-reasoning-plus",
            id="a mode that is part of the name",
        ),
        pytest.param(
            [
                evaluator("claude-3-opus-20240229", "Anthropic"),
                Name("evalplus", "claude-3-opus (Mar 2024)"),
            ],
            "claude-3-opus-20240229",
            id="the month in brackets",
        ),
        pytest.param(
            [evaluator("kimi-k2-thinking", "Moonshot"), evaluator("kimi-k2-thinking-turbo")],
            "kimi-k2-thinking",
            id="a faster serving",
        ),
        pytest.param(
            [
                Name("openrouter", "nvidia/nemotron-3-super-120b-a12b", "nvidia"),
                host("@cf/nvidia/nemotron-3-120b-a12b", "cloudflare-workers-ai", "models_dev"),
            ],
            "nemotron-3-super-120b-a12b",
            id="all of its size, without the tier",
        ),
        pytest.param(
            [
                vendor("gemma-4-31b-it", "google"),
                host("google/gemma-4-31B-turbo-TEE", "chutes", "models_dev"),
            ],
            "gemma-4-31b-it",
            id="a fast copy spelled like a repository of weights",
        ),
        pytest.param(
            [vendor("glm-5.1", "zai"), host("glm-5.1-fast", "neon", "models_dev")],
            "glm-5.1",
            id="a fast copy of what its maker calls without the word",
        ),
        pytest.param(
            [
                vendor("kimi-k3", "moonshotai"),
                host("fireworks_ai/accounts/fireworks/routers/kimi-k3-us"),
                host("fireworks_ai/accounts/fireworks/routers/kimi-k3-spot"),
            ],
            "kimi-k3",
            id="copies of one region and of spare capacity",
        ),
    ],
)
def test_two_spellings_of_one_release_meet(vocabulary, names, model_id):
    assert set(ids(vocabulary, *names)) == {model_id}


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(
            [
                evaluator("Gemini 3 Deep Think (2/26)", record_id="gemini-3-deep-think-preview"),
                evaluator("Gemini 3 Deep Think (Preview)", record_id="gemini-3-deep-think-preview"),
                evaluator("gemini-3-deep-think-preview", record_id="gemini-3-deep-think-preview"),
            ],
            id="a month in brackets and a preview",
        ),
        pytest.param(
            [Name("llm_stats", "grok-2", "xai"), evaluator("grok-2-1212", "xAI")],
            id="two dated releases, one of which nobody names by its date",
        ),
        pytest.param(
            [
                host("step-3.5-flash", "stepfun", "models_dev", released_on="2026-01-29"),
                host("step-3.5-flash-2603", "stepfun", "models_dev", released_on="2026-04-02"),
            ],
            id="release days of one source that lie apart",
        ),
        pytest.param(
            [
                Name("openrouter", "nvidia/nemotron-3-super-120b-a12b", "nvidia"),
                Name("openrouter", "nvidia/nemotron-3.5-super-120b-a12b", "nvidia"),
                host("baseten/nvidia/Nemotron-120B-A12B", "baseten"),
            ],
            id="a size that two generations have",
        ),
        pytest.param(
            [vendor("grok-4", "xai"), host("grok-4-fast", "azure_ai")],
            id="a product whose last word is also that of fast copies",
        ),
        pytest.param(
            [
                Name("open_llm_leaderboard", "mosaicml/mpt-7b-chat"),
                Name("open_llm_leaderboard", "mosaicml/mpt-7b-instruct"),
            ],
            id="chat and instruct of one list of weights",
        ),
        pytest.param(
            [
                Name("open_llm_leaderboard", "mosaicml/mpt-7b-chat"),
                Name("open_llm_leaderboard", "mosaicml/mpt-7b-8k-chat"),
            ],
            id="a context that one list of weights has with and without",
        ),
        pytest.param(
            [
                Name("open_llm_leaderboard", "lmsys/vicuna-7b"),
                Name("open_llm_leaderboard", "lmsys/vicuna-7b-v1.5"),
            ],
            id="a revision that one list of weights has with and without",
        ),
    ],
)
def test_two_releases_stay_two(vocabulary, names):
    first, *_, last = ids(vocabulary, *names)
    assert None not in (first, last)
    assert first != last


def test_release_days_that_agree_make_a_dated_name_and_its_alias_one(vocabulary):
    dated = vendor("claude-sonnet-4-5-20250929", "anthropic", released_on="2025-09-29")
    alias = vendor("claude-sonnet-4-5", "anthropic", released_on="2025-09-29")
    assert set(ids(vocabulary, dated, alias)) == {"claude-sonnet-4-5-20250929"}


def test_an_id_has_no_day_of_listing_and_no_latest_in_it(vocabulary):
    listed = Name("openrouter", "tencent/hy3-preview-20260421", "tencent", record_id="hy3")
    pinned = vendor("gpt-5.3-chat-latest", "openai")
    assert ids(vocabulary, listed, pinned) == ["hy3-preview", "gpt-5.3-chat"]


def test_the_command_line_takes_what_records_state(tmp_path, capsys):
    """Efforts, aliases and release days decide as they do in a build."""
    asked = tmp_path / "names.csv"
    asked.write_text(
        "source,name,org,efforts,alias_of,released_on\n"
        "openrouter,z-ai/glm-5.3,z-ai,low high,,\n"
        "livebench,glm-5.3-max,,,,\n"
        "openrouter,z-ai/glm-latest,z-ai,,z-ai/glm-5.3,\n"
        "models_dev,step-3.5-flash,stepfun,,,2026-01-29\n"
        "models_dev,step-3.5-flash-2603,stepfun,,,2026-04-02\n",
        encoding="utf-8",
    )
    with (tmp_path / "out.csv").open("w", encoding="utf-8") as out:
        assert main([str(asked), "--no-semantic"], out) == 0
    found = {
        row["name"]: row["model_id"]
        for row in csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8"))
    }
    assert found["glm-5.3-max"] == "glm-5.3-max"
    assert found["z-ai/glm-latest"] == "glm-5.3"
    assert found["step-3.5-flash"] != found["step-3.5-flash-2603"]
    asked.write_text("source,name,org,released_on\nepoch,gpt-5,,soon\n", encoding="utf-8")
    assert main([str(asked)]) == 2
    assert "line 2, column released_on: soon: not a day" in capsys.readouterr().err


@pytest.mark.skipif(not LINKS.is_file(), reason=NO_UPSTREAM)
def test_routes_of_one_canonical_model_meet_and_of_two_do_not(tmp_path, capsys):
    """models.dev's links from other hosts' routes to its canonical models, which no build reads."""
    canonical = read_json("models_dev/models_2026-07-02.json")
    links = read_json("models_dev/base_model_links_2026-07-02.json")
    stated = stated_by(read_json("models_dev/api_2026-07-02.json"))
    asked = {("models_dev", *key): (*said, "", "") for key, said in stated.items()}
    asked |= {("models_dev", name, route): ("", "", "", "") for name, route, _ in links}
    decided = decisions_of(tmp_path, asked)
    folded = aliases_of(canonical)
    others = {model.split("/")[1].lower() for model in canonical}
    counted, slips = [], []
    for name, route, model in links:
        written = route.split("/")[-1].lower()
        if written in others and written != model.split("/")[1].lower():
            slips.append((name, route, model))
        else:
            found = decided[("models_dev", name, route)]
            certain = found["model_id"] if found["status"] == "auto" else None
            counted.append((folded.get(model, model), certain))
    true = pairs(Counter(model for model, _ in counted))
    met = pairs(Counter(found for _, found in counted if found))
    both = pairs(Counter(c for c in counted if c[1]))
    with capsys.disabled():
        print(
            f"\nlinks of models.dev: {len(counted)} routes, {true} pairs of one model; precision"
            f" {both / met:.4f}, recall {both / true:.4f}; {len(folded)} aliases folded,"
            f" {len(slips)} links contradict the canonical id that their route spells"
        )
    assert both / met >= 0.995
    assert both / true >= 0.95


@pytest.mark.skipif(not LINKS.is_file(), reason=NO_UPSTREAM)
def test_names_labelled_before_they_were_asked_are_read_right_or_known_to_be_missed(tmp_path):
    """Forty names of newer files, four a kind; an id may end in the day of its one release."""
    rows = list(csv.DictReader(LABELLED.open(encoding="utf-8")))
    asked = {(r["source"], r["org"], r["name"]): ("", "", "", "") for r in rows}
    decided = decisions_of(tmp_path, evaluated_names() | newer_names() | asked)
    wrong = {}
    for row in rows:
        found = decided[(row["source"], row["org"], row["name"])]
        if not is_as_labelled(row, found):
            wrong[row["name"]] = found["model_id"]
    assert set(wrong) == {row["name"] for row in rows if row["miss"]}, wrong


def is_as_labelled(row, found):
    certain = found["status"] == "auto"
    if row["expected"] == "none":
        return not certain
    if row["expected"] == "rolling":
        return not certain or found["method"] in ("alias", "override")
    released = re.sub(r"-20\d\d-?\d\d-?\d\d$", "", found["model_id"])
    same = spelled(row["expected"]) in (spelled(found["model_id"]), spelled(released))
    effort = row["variant"].split("-")[-1]
    return certain and same and effort in ("", found["variant"].split("-")[-1])


def spelled(model_id):
    return re.sub(r"[^a-z0-9]", "", model_id)


def newer_names():
    """(source, org, name) -> (efforts, release day, alias of, record) of newer files of routes."""
    found = {}
    for model in read_json("openrouter/models_2026-08-01.json")["data"]:
        efforts = " ".join((model.get("reasoning") or {}).get("supported_efforts") or [])
        alias = (model.get("alias_target") or {}).get("slug") or ""
        maker = model["id"].split("/")[0]
        for name in (model["id"], model["canonical_slug"], model["hugging_face_id"]):
            if name:
                found[("openrouter", maker, name)] = (efforts, "", alias, model["id"])
    for route, listed in read_json(
        "litellm/model_prices_and_context_window_2026-11-29.json"
    ).items():
        if listed.get("mode") in ("chat", "completion", "responses"):
            efforts = " ".join(listed.get("reasoning_effort_levels") or [])
            found[("litellm", listed.get("litellm_provider", ""), route)] = (efforts, "", "", "")
    for key, stated in stated_by(read_json("models_dev/api_2026-07-02.json")).items():
        found[("models_dev", *key)] = (*stated, "", "")
    return found


def evaluated_names():
    """The same of the versions that Epoch's shipped files name."""
    found = {}
    for file in sorted((SNAPSHOTS / "epoch").rglob("*.csv")):
        for row in csv.DictReader(file.open(encoding="utf-8")):
            for column in ("Model version", "Name"):
                if row.get(column):
                    found[("epoch", row.get("Organization") or "", row[column])] = ("", "", "", "")
    return found


def read_json(path):
    return json.loads((NEWER / path).read_text(encoding="utf-8"))


def pairs(counted):
    return sum(n * (n - 1) // 2 for n in counted.values())


def stated_by(api):
    """(host, route) -> (efforts, release day) of what models.dev lists itself."""
    found = {}
    for name, listed in api.items():
        for route in listed["models"].values():
            options = route.get("reasoning_options") or []
            efforts = {v for o in options if o.get("type") == "effort" for v in o["values"] if v}
            day = route["release_date"]
            is_day = re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", day)
            found[(name, route["id"])] = (" ".join(sorted(efforts)), day if is_day else "")
    return found


def aliases_of(canonical):
    """Canonical ids that the file itself calls '(latest)' of another: they are one release."""
    named = {}
    for model, listed in canonical.items():
        if "(latest)" not in listed["name"]:
            named.setdefault((model.split("/")[0], listed["name"]), model)
    found = {}
    for model, listed in canonical.items():
        if "(latest)" in listed["name"]:
            name = listed["name"].removesuffix("(latest)").strip()
            for (maker, other), target in named.items():
                same_day = canonical[target]["release_date"] == listed["release_date"]
                if maker == model.split("/")[0] and (
                    other == name or (same_day and other.startswith(name))
                ):
                    found[model] = target
    return found


def decisions_of(tmp_path, stated):
    """(source, org, name) -> the row that the command line answers."""
    asked, answered = tmp_path / "routes.csv", tmp_path / "answers.csv"
    with asked.open("w", newline="", encoding="utf-8") as lines:
        out = csv.writer(lines)
        out.writerow(("source", "org", "name", "efforts", "released_on", "alias_of", "record_id"))
        out.writerows((*key, *said) for key, said in stated.items())
    with answered.open("w", encoding="utf-8") as out:
        assert main([str(asked), "--no-semantic"], out) == 0
    with answered.open(encoding="utf-8") as lines:
        return {(row["source"], row["org"], row["name"]): row for row in csv.DictReader(lines)}
