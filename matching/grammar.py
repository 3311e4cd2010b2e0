"""The name grammar: a raw string becomes identity tokens, a variant and a deployment.

`[host/]*[org/] family generation [tier] [size [active]] [domain] [mode] [effort|budget] [tune]
[date] [rolling] [quant] [:routing]`, in any order after the family. `parse` never raises.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from matching.dates import Date, merge_dates
from matching.tokens import State, Token, tokenise
from matching.vocabulary import Vocabulary, squash

MAX_LENGTH = 300

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")

_FOOTNOTE = re.compile(r"[\u00b9\u00b2\u00b3\u2070-\u2079\u2020\u2021]+")

_V_ZERO = re.compile(r"-v0:(\d)$")

_QUOTES = re.compile(r"[’‘`´]")

_SYSTEM = re.compile(r"\s\+\s")

_TRAILING_ZERO = re.compile(r"\.0(?!\d)")

_NUMBER_GAP = re.compile(r"(?<=\d)[^a-z0-9]+(?=\d)")

_NOT_WORD = re.compile(r"[^\w]+")

_PATH = re.compile(r"(?<!\d)/|/(?=\d+-)|/(?!\d)")

_LEADING_ZERO = re.compile(r"^0(\d)$")

_ROUTE_VERSION = re.compile(r"-v?(\d+):(\d+)(?::\w+)?$")

_ROUTE_MAJOR = re.compile(r"-v(\d)$")

_WEAK_WORD = re.compile(r"[a-z]\d(?:\.\d)?")

_FIRST_WORD = re.compile(r"[a-z0-9]+(?:\.\d+)?")

_DIGIT = re.compile(r"\d")

_SIZES = re.compile(r"\d+(?:\.\d+)?b(?:-(?:to-)?\d+(?:\.\d+)?b)+")

_DOTTED = re.compile(r"([a-z][a-z0-9_-]*)\.(?=[a-z])")

_MARKUP = re.compile(r"[<>{}\\]|\.\.[/\\]|^[=#]|^@\w+\(")

_STATEMENT = re.compile(r"[;=]")

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


class Identity(NamedTuple):
    """The tokens that make a release; absent tokens are None or empty."""

    provider: str | None = None
    words: tuple[str, ...] = ()
    generation: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    size: str | None = None
    active: str | None = None
    base: tuple[str, str | None] | None = None
    tune: str | None = None
    mode: str | None = None
    stage: tuple[str, ...] = ()
    revision: str | None = None
    context: str | None = None
    date: Date | None = None
    rolling: bool = False


@dataclass
class Parsed:
    """A parsed name.

    flat: spelling without punctuation, hosts and variants (digit groups stay apart); pieces:
    (kind, text) in reading order, for slugs; hub_style: the path names an organisation of the
    weights hub; last_tier: a tier at the end that may be an effort ('max'); problem: why the text
    is not one model's name, or ''.
    """

    identity: Identity
    variant: str = ""
    deployment: str = ""
    flat: str = ""
    pieces: tuple[tuple[str, str], ...] = ()
    family_known: bool = False
    hub_style: bool = False
    vendor_path: bool = False
    mode_inline: bool = False
    speed: tuple[str, ...] = ()
    last_tier: str = ""
    problem: str = ""


def parse(
    name: str,
    source: str,
    org: str | None,
    vocabulary: Vocabulary,
    role: str | None = None,
    ends_in_effort: bool = False,
) -> Parsed:
    """Read one name. Any text gives a `Parsed`; what is no model's name has a `problem`.

    role: the name's own role; the org of a host's name is the host, whatever the source's rule.
    ends_in_effort: a last 'max' or 'medium' is how hard the model thought, and no tier.
    """
    text = name or ""
    if not (text.isascii() and text.isprintable()):
        text = _FOOTNOTE.sub("", text)
        text = _CONTROL.sub(" ", unicodedata.normalize("NFKC", text))
    text = text.strip()
    if not text:
        return Parsed(Identity(), problem="empty name")
    if len(text) > MAX_LENGTH:
        return Parsed(Identity(), problem=f"longer than {MAX_LENGTH} characters")
    cased = text != text.lower()
    text = _QUOTES.sub("'", text.lower()).lstrip("* ")
    if "+" in text and _SYSTEM.search(text):
        return Parsed(Identity(), problem="several models working as one system")
    plain = _BRACKETS.sub("", text) if "(" in text or "[" in text else text
    if squash(text) in vocabulary.nothing or squash(plain) in vocabulary.nothing:
        return Parsed(Identity(), problem="a word for nothing")
    # What the registry lists is a model whatever it is called.
    if role != "registry" and (_MARKUP.search(text) or _STATEMENT.search(plain)):
        return Parsed(Identity(), problem="holds markup or code, as no model's name does")
    rule = vocabulary.source_rule(source)
    state = State(rule=rule, ends_in_effort=ends_in_effort, rolls=text.startswith("~"))
    text = text.lstrip("*~ ")
    if role == "host" and rule.org_is == "creator":
        state.rule, state.names_makers = replace(rule, role="host", org_is="host"), True
    _read_org(org, state, vocabulary)
    core = _strip_prefixes(text, state, vocabulary)
    core = _strip_suffixes(core, state, vocabulary)
    state.hub_style = state.hub_style and (cased or state.rule.hub)
    tokenise(core, state, vocabulary)
    return _assemble(state, vocabulary)


def _read_org(org: str | None, state: State, vocabulary: Vocabulary) -> None:
    """A creator's org names the provider; a host's org only when it is a maker's own route."""
    if not org:
        return
    key = squash(org)
    provider = vocabulary.providers.get(key) or vocabulary.providers.get(squash(org.split(",")[0]))
    if state.rule.org_is == "creator" or state.rule.role == "vendor":
        state.provider = provider or (None if key in vocabulary.hosts else key)
    elif state.rule.org_is == "host":
        state.hosts.append(org.lower())


def _strip_prefixes(text: str, state: State, vocabulary: Vocabulary) -> str:
    """Take off 'host/org/', 'Org: ', 'region.org.' and 'hf:'; what is left names the model."""
    head, colon, rest = text.partition(": ")
    if colon and squash(head) in vocabulary.providers:
        state.provider = vocabulary.providers[squash(head)]
        text = rest
    elif colon and "(" not in head and len(head) < 30:
        state.foreign, text = squash(head), rest
    head, colon, rest = text.partition(":")
    if colon and rest and head in vocabulary.host_words:
        state.hosts.append(head)
        text = rest
    *path, text = _split_path(text)
    for part in path:
        _read_path_part(part.strip().lstrip("~"), state, vocabulary)
    if state.rule.role == "host":
        text = _strip_host_prefix(text, state, vocabulary)
    while match := _DOTTED.match(text):
        part = match.group(1)
        key = squash(part)
        if part in vocabulary.regions or key in vocabulary.hosts:
            state.hosts.append(part)
        elif key in vocabulary.providers and part not in ("z",):
            state.provider, state.vendor_path = vocabulary.providers[key], True
            state.foreign = None
            text = _house_word(key, text[match.end() :], vocabulary)
            return _strip_route_major(text)
        else:
            break
        text = text[match.end() :]
    return text


def _strip_host_prefix(text: str, state: State, vocabulary: Vocabulary) -> str:
    """Take off what a reseller puts before a maker's name: its own name, a plan, 'spot'."""
    hosts = {squash(host) for host in state.hosts}
    while True:
        parts = text.split("-")
        for length in (3, 2, 1):
            head, rest = "-".join(parts[:length]), "-".join(parts[length:])
            key = squash(head)
            family = f"{head}-{parts[length]}" if rest else ""
            named = key in vocabulary.providers or {head, family} & vocabulary.families.keys()
            is_name = rest[:1].isalpha() or _SIZES.fullmatch(rest)
            own = key in hosts and is_name and not named
            if rest and (own or (head in vocabulary.host_prefixes and rest[0].isalpha())):
                break
        else:
            return text
        state.hosts.append(head)
        text = rest


def _house_word(key: str, text: str, vocabulary: Vocabulary) -> str:
    """'deepseek.r1' is 'deepseek-r1' where the maker's name is a family and none else follows."""
    first = _FIRST_WORD.match(text)
    word = first.group() if first else ""
    strong = word in vocabulary.families and not _WEAK_WORD.fullmatch(word)
    if key not in vocabulary.families or strong or not _WEAK_WORD.fullmatch(word):
        return text
    return f"{key}-{text}"


def _strip_route_major(text: str) -> str:
    """Take off a host's '-v1', if another number tells the release ('claude-v1' has none)."""
    match = _ROUTE_MAJOR.search(text)
    return text[: match.start()] if match and _DIGIT.search(text[: match.start()]) else text


def _strip_route_version(text: str) -> str:
    """Take off '-v1:0'; where no other number tells the release, '-v2:1' is its version 2.1."""
    match = _ROUTE_VERSION.search(text)
    if match is None:
        return text
    rest, major, minor = text[: match.start()], *match.group(1, 2)
    first = (major, minor) == ("1", "0") and "-" in rest
    if first or _DIGIT.search(rest):
        return rest
    return f"{rest}-v{major}" + (f".{minor}" if minor != "0" else "")


def _split_path(text: str) -> list[str]:
    """Split at '/', but not inside brackets or between digits ('05/28', '64B/64E')."""
    if "/" not in text:
        return [text]
    opened = text.find("(")
    head, tail = (text, "") if opened < 0 else (text[:opened], text[opened:])
    parts = _PATH.split(head)
    parts = [p for p in parts if p] or [head]
    parts[-1] += tail
    return parts


def _read_path_part(part: str, state: State, vocabulary: Vocabulary) -> None:
    key = squash(part)
    tail = squash(part.rsplit(".", 1)[-1])
    if key in vocabulary.reuploaders:
        state.hosts.append(part)
    elif key in vocabulary.providers and (key not in vocabulary.hosts or not state.vendor_path):
        state.provider, state.foreign = vocabulary.providers[key], None
        state.vendor_path = True
        state.hub_style = key in vocabulary.hub_orgs
    elif tail in vocabulary.providers and "." in part:
        state.provider, state.vendor_path = vocabulary.providers[tail], True
    elif key in vocabulary.hosts or state.rule.org_is == "host":
        if state.names_makers and key not in vocabulary.hosts and part not in state.hosts:
            state.path_maker = key
        state.hosts.append(part)
    elif part:
        state.foreign = key if state.rule.role != "host" else None
        state.hosts.append(part)


def _strip_suffixes(text: str, state: State, vocabulary: Vocabulary) -> str:
    """Take off route versions, ':routing' and '@date'; a tag of a local runner stays."""
    if ":" in text:
        text = _V_ZERO.sub(r"-v0.\1", text)
        text = _strip_route_version(text)
    base, colon, tag = text.rpartition(":")
    if colon and base:
        kind, value = vocabulary.words.get(tag.strip(), ("", ""))
        if kind not in ("tune", "mode", "stage", "rolling") and tag.isalpha():
            state.hosts.append(":" + tag)
            text = base
        elif tag.isdigit():
            state.budget, text = tag, base
        elif kind == "mode":
            state.mode, text = value, base
        elif kind == "stage":
            state.hosts.append(":" + tag)
            text = base
        elif kind == "rolling":
            text = base
        else:
            text = f"{base}-{tag}"
    base, at, tag = text.rpartition("@")
    if at and base:
        text = base if tag in ("default", "latest") else f"{base}-{tag}"
    return text


def _assemble(state: State, vocabulary: Vocabulary) -> Parsed:
    """Tokens to slots: who is the family, who is the base, whose number is whose."""
    tokens = _drop_host_words(state, vocabulary)
    tokens = _drop_provider_words(tokens, state, vocabulary)
    provider, main, bases = _find_family(tokens, state, vocabulary)
    tokens = _settle_efforts(tokens, main or bases, state, vocabulary)
    tokens = _drop_servings(tokens, main or bases, state, vocabulary)
    base = _base_word(main, bases, provider, vocabulary)
    slots = _fill_slots(tokens, main, bases, base, provider, vocabulary)
    known = any(w in vocabulary.families for w in (*main, *bases))
    if not main and not bases:
        implied = {
            vocabulary.families[t].implies for t in slots["tier"] if t in vocabulary.families
        }
        slots["word"] += [w for w in implied if w]
        known = known or bool(implied)
    identity = _identity(slots, provider, base, tokens, state)
    strong = any(w in vocabulary.families and not _WEAK_WORD.fullmatch(w) for w in (*main, *bases))
    kinds = {} if identity.revision else {"version": "number"}
    pieces = tuple(
        (kinds.get(t.kind, t.kind), t.raw) for t in [*([] if strong else state.maker), *tokens]
    )
    has_word = known or _has_own_word(state, identity, vocabulary)
    return Parsed(
        identity=identity,
        variant=_variant(state),
        deployment=" ".join(sorted(set(state.hosts))),
        flat=_flat(pieces),
        pieces=pieces,
        family_known=known,
        hub_style=state.hub_style,
        vendor_path=state.vendor_path,
        mode_inline=state.mode_inline,
        speed=tuple(slots["speed"]),
        last_tier=state.last_tier,
        problem=_problem(identity, has_word, bool(bases), vocabulary.tools),
    )


def _has_own_word(state: State, identity: Identity, vocabulary: Vocabulary) -> bool:
    """Whether the text holds a word that could be a name's own: '7b' alone, or 'null 7b', does not.

    Two words of the vocabulary, or one and a number, can be a name ('Coder Large', 'Code-33B').
    """
    words = (t.value for t in (*state.maker, *state.tokens) if t.kind == "word")
    if any(squash(word) not in vocabulary.nothing for word in words):
        return True
    shared = len(identity.tier) + len(identity.domain)
    numbered = identity.generation or identity.size or identity.date
    return shared > 1 or bool(shared and (numbered or identity.provider))


def _problem(identity: Identity, has_word: bool, built_on: bool, tools: frozenset[str]) -> str:
    """'deepseek-reasoner' is a mode of whatever its family serves that day: no release."""
    if identity.words and set(identity.words) <= tools:
        return "a tool, no model"
    slots = (identity.words, identity.generation, identity.size, identity.tier, identity.domain)
    named = any(slots)
    rest = (identity.stage, identity.revision, identity.date, identity.context)
    if not named and built_on and identity.mode and not any(rest):
        return "a family and its mode, no release"
    if built_on or (named and has_word):
        return ""
    return "no word of its own" if named else "no model named"


def _identity(
    slots: dict[str, list[str]],
    provider: str | None,
    base: str | None,
    tokens: list[Token],
    state: State,
) -> Identity:
    def first(kind: str) -> str | None:
        return slots[kind][0] if slots[kind] else None

    return Identity(
        provider=provider,
        words=tuple(sorted(set(slots["word"]))),
        generation=tuple(slots["number"]),
        tier=tuple(sorted({*slots["tier"], *slots["effort_maybe"], *slots["speed"]})),
        domain=tuple(sorted(set(slots["domain"]))),
        size="+".join(dict.fromkeys(slots["size"])) or None,
        active=first("active"),
        base=(base, first("base")) if base else None,
        tune=first("tune"),
        mode=state.mode or None,
        stage=tuple(sorted(set(slots["stage"]))),
        revision=first("version"),
        context=first("context"),
        date=_one_date([state.dates[int(t.value)] for t in tokens if t.kind == "date"]),
        rolling=bool(slots["rolling"]) or state.rolls,
    )


def _drop_host_words(state: State, vocabulary: Vocabulary) -> list[Token]:
    """Drop a host's name in front ('databricks-claude-...'), if a family still follows."""
    tokens = state.tokens
    if not tokens or tokens[0].value not in vocabulary.host_words:
        return tokens
    while (
        len(tokens) > 1
        and tokens[0].kind == "word"
        and tokens[0].value in vocabulary.host_words
        and any(t.value in vocabulary.families for t in tokens[1:])
    ):
        state.hosts.append(tokens[0].value)
        tokens = tokens[1:]
    return tokens


def _drop_provider_words(tokens: list[Token], state: State, vocabulary: Vocabulary) -> list[Token]:
    """Drop the maker's name where it stands in front of a family ('z-ai-glm', 'C4AI-Command')."""
    if not tokens or tokens[0].kind != "word" or tokens[0].value in vocabulary.families:
        return tokens
    for length in (3, 2, 1):
        head = tokens[:length]
        if len(head) < length or len(tokens) == length or any(t.kind != "word" for t in head):
            continue
        if _has_family(head, vocabulary):
            continue
        key = "".join(t.value for t in head)
        if key in vocabulary.families or key not in vocabulary.providers:
            continue
        rest = tokens[length:]
        if length == 1 and rest[0].kind != "word" and not _has_family(rest, vocabulary):
            continue
        provider = vocabulary.providers[key]
        makers = {
            vocabulary.families[t.value].provider for t in rest if t.value in vocabulary.families
        }
        if makers and provider not in makers:
            continue
        if state.provider is None or not state.vendor_path or makers:
            state.provider = provider
        if provider == state.provider:
            state.maker = [t._replace(kind="maker") for t in head]
            return rest
    return tokens


def _has_family(tokens: list[Token], vocabulary: Vocabulary) -> bool:
    return any(t.value in vocabulary.families for t in tokens)


def _find_family(
    tokens: list[Token], state: State, vocabulary: Vocabulary
) -> tuple[str | None, list[str], list[str]]:
    """(provider, words of the model itself, words of families that others build on)."""
    families = vocabulary.families
    bases: list[str] = []
    main: list[str] = []
    for token in tokens:
        if token.kind == "word":
            family = families.get(token.value)
            (bases if family and family.is_base else main).append(token.value)
    if not main and not bases:
        tiers = [t.value for t in tokens if t.kind == "tier" and t.value in families]
        known = [families[t].provider for t in tiers]
    else:
        known = [families[w].provider for w in main if w in families]
    if state.foreign and state.rule.role != "host":
        return state.foreign, main, bases
    pairs = [f"{a}-{b}" for a, b in pairwise(main)]
    known = [families[p].provider for p in pairs if p in families] + known
    weak = bool(known) and all(_WEAK_WORD.fullmatch(w) for w in main if w in families)
    if bases and (not main or (weak and tokens[0].value == bases[0])):
        known, weak = [families[bases[0]].provider], False
    if known and not (weak and state.provider):
        return known[0], main, bases
    makers = {vocabulary.providers[w] for w in main if w in vocabulary.providers}
    provider = state.provider or (makers.pop() if len(makers) == 1 and len(main) == 1 else None)
    provider = provider or (state.path_maker if not bases else None)
    return provider, [w for w in main if not _is_alias(w, provider, vocabulary)], bases


def _is_alias(word: str, provider: str | None, vocabulary: Vocabulary) -> bool:
    """The maker's name inside the model's name says nothing more."""
    same = provider is not None and vocabulary.providers.get(word) == provider
    return same and word not in vocabulary.families


def _base_word(
    main: list[str], bases: list[str], provider: str | None, vocabulary: Vocabulary
) -> str | None:
    """The family a derivative builds on; the maker's own house word gives way to another."""
    if not main or not bases:
        return bases[1] if len(bases) > 1 else None
    others = [b for b in bases if vocabulary.families[b].provider != provider]
    return others[-1] if others else bases[-1]


def _settle_efforts(
    tokens: list[Token], family: list[str], state: State, vocabulary: Vocabulary
) -> list[Token]:
    """Decide for each 'medium' and 'max' outside brackets whether it is a tier or an effort."""
    if not any(t.kind == "effort_maybe" for t in tokens):
        return tokens
    known = [vocabulary.families[w] for w in family if w in vocabulary.families]
    efforts = {w for f in known for w in f.effort_words}
    tiers = {w for f in known for w in f.tier_words}
    kept = []
    for index, token in enumerate(tokens):
        if token.kind == "effort_maybe" and token.value not in tiers:
            last = all(t.kind in ("date", "mode") for t in tokens[index + 1 :])
            numbered = any(
                t.kind in ("number", "size", "version", "date") or _WEAK_WORD.fullmatch(t.value)
                for t in tokens[:index]
            )
            if (
                token.value in efforts
                or (token.value != "max" and last and numbered)
                or (last and state.ends_in_effort)
            ):
                state.effort = token.value
                continue
            if last:
                state.last_tier = token.value
        kept.append(token)
    return kept


def _drop_servings(
    tokens: list[Token], family: list[str], state: State, vocabulary: Vocabulary
) -> list[Token]:
    """Take off the word by which a maker serves one release faster ('kimi-k2-thinking-turbo')."""
    words = {
        w for f in family if f in vocabulary.families for w in vocabulary.families[f].speed_words
    }
    served = [t for t in tokens[1:] if t.raw in words]
    state.hosts += [t.raw for t in served]
    return [t for t in tokens if t not in served] if served else tokens


def _fill_slots(
    tokens: list[Token],
    main: list[str],
    bases: list[str],
    base: str | None,
    provider: str | None,
    vocabulary: Vocabulary,
) -> dict[str, list[str]]:
    """Sort tokens into slots; a number belongs to the family word before it."""
    slots: dict[str, list[str]] = defaultdict(list)
    on_base = base is not None and bool(tokens) and tokens[0].value == base
    own_words = main or [b for b in bases if vocabulary.providers.get(b) != provider]
    for token in tokens:
        if token.kind == "word":
            on_base = token.value == base
            if token.value in own_words and not on_base:
                slots["word"].append(token.value)
        elif token.kind == "number":
            number = token.value.removesuffix(".0")
            late = bool(slots["size"]) and not slots["number"] and token.value.isdigit()
            slots["base" if on_base else "version" if late else "number"].append(number)
        elif token.kind == "version":
            _add_version(token.value, on_base, slots)
        else:
            slots[token.kind].append(token.value)
    return slots


def _add_version(value: str, on_base: bool, slots: dict[str, list[str]]) -> None:
    """'v3' is the generation where none stands yet, before size and tune; else a revision."""
    number = _LEADING_ZERO.sub(r"0.\1", value.removesuffix(".0"))
    if on_base and not slots["base"] and not slots["size"]:
        slots["base"].append(number)
    elif not slots["number"] and not slots["size"] and number[:2] != "0.":
        slots["version" if value.startswith("00") else "number"].append(number)
    else:
        slots["version"].append(number)


def _one_date(dates: list[Date]) -> Date | None:
    """The most precise date; 'R1 0528 (May 2025)' is 2025-05-28."""
    if not dates:
        return None
    merged = dates[0]
    for other in dates[1:]:
        merged = merge_dates(merged, other) or merged
    return merged


def _variant(state: State) -> str:
    """Effort, mode, budget and quantisation in one canonical text, e.g. 'thinking-16k'.

    An effort says more than the budget beside it, so that one effort is one variant.
    """
    parts = []
    mode, effort = state.mode, state.effort
    if effort == "none":
        mode, effort = "nonthinking", ""
    if state.budget:
        mode = mode or "thinking"
    if mode == "nonthinking":
        parts.append("non-thinking")
    elif mode and not effort:
        parts.append("thinking")
    if effort or state.budget:
        parts.append(effort or state.budget)
    parts += sorted(set(state.quant))
    return "-".join(parts)


def _flat(pieces: tuple[tuple[str, str], ...]) -> str:
    """The spelling with punctuation gone; only digits keep a space between them."""
    text = " ".join(raw for kind, raw in pieces if kind not in ("mode", "maker"))
    text = _TRAILING_ZERO.sub("", text)
    text = _NUMBER_GAP.sub("_", text)
    return _NOT_WORD.sub("", text)
