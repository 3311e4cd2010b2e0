"""The name grammar: a raw string becomes identity tokens, a variant and a deployment.

`[host/]*[org/] family generation [tier] [size [active]] [domain] [mode] [effort|budget] [tune]
[date] [rolling] [quant] [:routing]`, in any order after the family. `parse` never raises.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from matching.vocabulary import SourceRule, Vocabulary, squash

MAX_LENGTH = 300
GLUE = "~"  # in a piece: no separator stood before it
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Date(NamedTuple):
    """A date as far as the name gives it; `alt` is the other reading of '08-24'."""

    year: int | None
    month: int
    day: int | None
    alt: tuple[int | None, int, int | None] | None = None
    listing: bool = False


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
    weights hub; problem: why the text is not one model's name, or ''.
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
    problem: str = ""


@dataclass
class _State:
    """What the reader of one name has collected so far."""

    rule: SourceRule
    provider: str | None = None
    foreign: str | None = None
    vendor_path: bool = False
    hub_style: bool = False
    hosts: list[str] = field(default_factory=list)
    dates: list[Date] = field(default_factory=list)
    date_texts: list[str] = field(default_factory=list)
    effort: str = ""
    mode: str = ""
    mode_inline: bool = False
    budget: str = ""
    quant: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    tokens: list[_Token] = field(default_factory=list)
    maker: list[_Token] = field(default_factory=list)


class _Token(NamedTuple):
    kind: str
    value: str
    raw: str
    joined: bool
    paren: bool


_YMD = r"20\d\d[-_./ ]?(?:0[1-9]|1[0-2])[-_./ ]?(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATES = re.compile(
    rf"(?<![\d.])(?P<ymd>{_YMD})(?!\d)"
    r"|(?<![\d.])(?P<ym>20[12]\d[-_/]?(?:0[1-9]|1[0-2]))(?![\d])"
    r"|(?<![\d.])(?P<my>(?:0[1-9]|1[0-2])[-_/ ]20[12]\d)(?!\d)"
    rf"|(?<![a-z])(?P<mon>{_MONTH}[ .,_-]*'? ?(?:[0-3]\d[ ,]+)?(?:20)?[12]\d)(?![\d.]|[bkm]\b)"
    r"|(?<![\d.])(?P<mmdd>(?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12]\d|3[01]))(?![\d.]|-?\d|[bkm])"
    r"|(?<![\d.])(?P<yysmm>2[3-9]/(?:0[1-9]|1[0-2]))(?!\d)"
    r"|(?<![\d.])(?P<yydmm>2[3-9]\.(?:0[1-9]|1[0-2]))(?![\d.])"
    r"|(?<![\da-z.])(?P<four>\d{4})(?![\d.]|[bkme]\b)"
)
_CHUNK = re.compile(r"[^\W_]+(?:\.\d+[^\W_]*)*|[()\[\]]")
_SIZE = re.compile(r"(?:e|\d+x)?\d+(?:\.\d+)?[bmt]")
_ACTIVE = re.compile(r"a\d+(?:\.\d+)?[bm]")
_CONTEXT = re.compile(r"\d+k|\d{4,}")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_VERSION = re.compile(r"v\d+(?:\.\d+)*")
_SUFFIXED = re.compile(r"(\d+(?:\.\d+)?)([a-z]{1,2})")
_GLUED = re.compile(r"([a-z]{2,})(\d+(?:\.\d+)*)([a-z]?)")
_QUANT = re.compile(r"(?:nv|mx)?fp\d+|bf16|int\d+|w\d+a\d+|i?q\d(?:_[a-z0-9]+)*|\d+bit|res\d+")
_SHAPES = (
    ("date", re.compile(r"dated\d+x")),
    ("quant", _QUANT),
    ("size", re.compile(rf"{_SIZE.pattern}|{_ACTIVE.pattern}")),
    ("experts", re.compile(r"\d+e")),
    ("revision", re.compile(r"00\d")),
    ("context", _CONTEXT),
    ("number", _NUMBER),
    ("version", _VERSION),
    ("suffixed", _SUFFIXED),
)
_QUANT_SPELLED = re.compile(r"(?<![a-z0-9])i?q\d_[a-z0-9_]+|(?<![a-z0-9])\d+[- ]bit(?![a-z])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")
_DIGITS = re.compile(r"\d\d")
_LAST_SUFFIX = re.compile(r"_([a-z]+|\d+k)$")
_UNDERSCORED_NUMBER = re.compile(r"(?<=\d)_(?=\d(?:\D|$))")
_P_NUMBER = re.compile(r"(?<=\d)p(?=\d)")
_NO_MODE = re.compile(r"\b(?:no|non)[- ]?(?=think|reason)")
_DEEP_RESEARCH = re.compile(r"\bdeep[- ](?=research)")
_PLUS = re.compile(r"(?<=[a-z0-9])\+")
_STAGE = re.compile(r"\bstage \d\b")
_DATED_VERSION = re.compile(r"\bv(?=\d{4}\b)")
_V_ZERO = re.compile(r"-v0:(\d)$")
_QUOTES = re.compile(r"[’‘`´]")
_SYSTEM = re.compile(r"\s\+\s")
_TRAILING_ZERO = re.compile(r"\.0(?!\d)")
_NUMBER_GAP = re.compile(r"(?<=\d)[^a-z0-9]+(?=\d)")
_NOT_WORD = re.compile(r"[^\w]+")
_PATH = re.compile(r"(?<!\d)/|/(?=\d+-)|/(?!\d)")
_LEADING_ZERO = re.compile(r"^0(\d)$")
_ROUTE_VERSION = re.compile(r"-v?\d+:\d+(?::[\w]+)?$")
_WEAK_WORD = re.compile(r"[a-z]\d(?:\.\d)?")
_DOTTED = re.compile(r"([a-z][a-z0-9_-]*)\.(?=[a-z])")


def parse(name: str, source: str, org: str | None, vocabulary: Vocabulary) -> Parsed:
    """Read one name. Any text gives a `Parsed`; what is no model's name has a `problem`."""
    text = name or ""
    if not (text.isascii() and text.isprintable()):
        text = _CONTROL.sub(" ", unicodedata.normalize("NFKC", text))
    text = text.strip()
    if not text:
        return Parsed(Identity(), problem="empty name")
    if len(text) > MAX_LENGTH:
        return Parsed(Identity(), problem=f"longer than {MAX_LENGTH} characters")
    cased = text != text.lower()
    text = _QUOTES.sub("'", text.lower()).lstrip("*~ ")
    if "+" in text and _SYSTEM.search(text):
        return Parsed(Identity(), problem="several models working as one system")
    state = _State(rule=vocabulary.source_rule(source))
    _read_org(org, state, vocabulary)
    core = _strip_prefixes(text, state, vocabulary)
    core = _strip_suffixes(core, state, vocabulary)
    state.hub_style = state.hub_style and (cased or state.rule.hub)
    _tokenise(core, state, vocabulary)
    return _assemble(state, vocabulary)


def _read_org(org: str | None, state: _State, vocabulary: Vocabulary) -> None:
    """A creator's org names the provider; a host's org only when it is a maker's own route."""
    if not org:
        return
    key = squash(org)
    provider = vocabulary.providers.get(key) or vocabulary.providers.get(squash(org.split(",")[0]))
    if state.rule.org_is == "creator" or state.rule.role == "vendor":
        state.provider = provider or (None if key in vocabulary.hosts else key)
    elif state.rule.org_is == "host":
        state.hosts.append(org.lower())


def _strip_prefixes(text: str, state: _State, vocabulary: Vocabulary) -> str:
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
    while match := _DOTTED.match(text):
        part = match.group(1)
        key = squash(part)
        if part in vocabulary.regions or key in vocabulary.hosts:
            state.hosts.append(part)
        elif key in vocabulary.providers and part not in ("z",):
            state.provider, state.vendor_path = vocabulary.providers[key], True
        else:
            break
        text = text[match.end() :]
        if state.vendor_path:
            text = re.sub(r"-v\d$", "", text)
    return text


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


def _read_path_part(part: str, state: _State, vocabulary: Vocabulary) -> None:
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
        state.hosts.append(part)
    elif part:
        state.foreign = key if state.rule.role != "host" else None
        state.hosts.append(part)


def _strip_suffixes(text: str, state: _State, vocabulary: Vocabulary) -> str:
    """Take off route versions, ':routing' and '@date'; a tag of a local runner stays."""
    if ":" in text:
        text = _V_ZERO.sub(r"-v0.\1", text)
        if match := _ROUTE_VERSION.search(text):
            text = text[: match.start()]
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


def _tokenise(text: str, state: _State, vocabulary: Vocabulary) -> None:
    """Cut the core into tokens, left to right; brackets and '_suffix' mark variant material."""
    text, _, manner = _spell_out(text, state).partition(" with ")
    state.settings += manner.split()
    if _DIGITS.search(text):
        text = _DATES.sub(lambda m: _take_date(m, state), text)
    aside_at = _aside(text)
    paren, last_end, group = False, -1, 0
    chunks = [(m.group(), m.start(), m.end()) for m in _CHUNK.finditer(text)]
    for index, (chunk, start, end) in enumerate(chunks):
        if chunk in "()[]":
            paren = chunk in "(["
            group = _group_size(chunks, index) if paren else 0
        else:
            paren = paren or start > aside_at
            joined = start == last_end + 1 and text[last_end] == "-"
            _classify(chunk, joined, paren, paren and group == 1, state, vocabulary)
        last_end = end


def _spell_out(text: str, state: _State) -> str:
    """Undo spellings that hide tokens: '_high', '3p5', '1_5', 'no think', 'R+', 'v0613'."""
    if _QUANT_SPELLED.search(text):
        state.quant += [re.sub(r"[- ]", "", m.group()) for m in _QUANT_SPELLED.finditer(text)]
        text = _QUANT_SPELLED.sub(" ", text)
    if "_" in text:
        text = _LAST_SUFFIX.sub(r" (\1)", text)
        text = _UNDERSCORED_NUMBER.sub(".", text)
    if "p" in text:
        text = _P_NUMBER.sub(".", text)
    if "think" in text or "reason" in text:
        text = _NO_MODE.sub("non", text)
    if "deep" in text:
        text = _DEEP_RESEARCH.sub("deep", text)
    if "x-high" in text:
        text = text.replace("x-high", "xhigh")
    if "+" in text:
        text = _PLUS.sub(" plus", text)
    if "stage" in text:
        text = _STAGE.sub(" ", text)
    if "v" in text:
        text = _DATED_VERSION.sub("", text)
    return text


def _aside(text: str) -> int:
    """Where the text turns to remarks: at the first ', ' outside brackets; else its end."""
    comma = text.find(", ")
    bracket = text.find("(")
    return comma if comma >= 0 and not 0 <= bracket < comma else len(text)


def _group_size(chunks: list[tuple[str, int, int]], index: int) -> int:
    size = 0
    for chunk, _, _ in chunks[index + 1 :]:
        if chunk in "()[]":
            break
        size += 1
    return size


def _take_date(match: re.Match[str], state: _State) -> str:
    """Turn a matched date into a placeholder token; undo the match where it is no date."""
    kind, text = match.lastgroup, match.group()
    digits = re.sub(r"\D", "", text)
    date = None
    if kind == "ymd":
        listing = state.rule.listing_dates and len(text) == 8
        date = Date(int(digits[:4]), int(digits[4:6]), int(digits[6:]), listing=listing)
    elif kind == "ym":
        date = Date(int(digits[:4]), int(digits[4:]), None)
    elif kind == "my":
        date = Date(int(digits[2:]), int(digits[:2]), None)
    elif kind == "mon":
        date = _month_date(text, digits)
    elif kind == "mmdd":
        first, second = int(digits[:2]), int(digits[2:])
        other = (2000 + second, first, None) if 23 <= second <= 29 else None
        date = Date(None, first, second, other)
    elif kind in ("yysmm", "yydmm"):
        date = Date(2000 + int(digits[:2]), int(digits[2:]), None)
    else:
        date = _four_digits(digits)
    if date is None:
        return text
    state.dates.append(date)
    state.date_texts.append(text)
    return f" dated{len(state.dates) - 1}x "


def _month_date(text: str, digits: str) -> Date | None:
    month = MONTHS.index(text[:3]) + 1
    word = re.match(r"[a-z]+", text).group()
    full = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "sept",
    ]
    if word not in full and word not in MONTHS:
        return None
    year = int(digits[-2:]) + 2000
    day = int(digits[:-4]) if len(digits) >= 5 and digits[-4:-2] == "20" else None
    return Date(year, month, day)


def _four_digits(digits: str) -> Date | None:
    first, second = int(digits[:2]), int(digits[2:])
    if 23 <= first <= 29 and 1 <= second <= 12:
        return Date(2000 + first, second, None)
    if 1 <= first <= 12 and 1 <= second <= 31:
        return Date(
            None, first, second, (2000 + second, first, None) if second in (24, 25, 26) else None
        )
    return None


def _classify(
    chunk: str, joined: bool, paren: bool, alone: bool, state: _State, vocabulary: Vocabulary
) -> None:
    """Append the token(s) of one chunk, or set the variant it stands for."""
    kind, value = vocabulary.words.get(chunk, ("", chunk))
    if kind == "split":
        for part in value.split():
            _classify(part, False, paren, alone, state, vocabulary)
        return
    if kind:
        _add_word(kind, value, chunk, joined, paren, alone, state)
        return
    shape = _shape(chunk)
    if shape == "date" and int(chunk[5:-1]) < len(state.dates):
        raw = state.date_texts[int(chunk[5:-1])]
        state.tokens.append(_Token("date", chunk[5:-1], raw, joined, paren))
    elif shape == "quant":
        state.quant.append(chunk)
    elif shape == "size":
        _add_size(chunk, joined, paren, state)
    elif shape == "experts":
        state.tokens.append(_Token("experts", chunk, chunk, joined, paren))
    elif shape == "context":
        _add_context(chunk, joined, paren, state)
    elif shape == "number" and paren and not alone:
        state.settings.append(chunk)
    elif shape in ("number", "revision"):
        _add_number(chunk, "", joined, paren, state)
    elif shape == "version":
        if not paren:
            state.tokens.append(_Token("version", chunk[1:], chunk, joined, paren))
    elif shape == "suffixed" and not paren:
        number, suffix = _SUFFIXED.fullmatch(chunk).groups()
        _add_number(number, suffix, joined, paren, state)
    else:
        _add_unknown(chunk, joined, paren, alone, state, vocabulary)


@lru_cache(maxsize=100_000)
def _shape(chunk: str) -> str:
    """What a chunk looks like, whatever the vocabulary: one of the names in `_SHAPES`, or ''."""
    return next((name for name, pattern in _SHAPES if pattern.fullmatch(chunk)), "")


def _add_word(
    kind: str, value: str, chunk: str, joined: bool, paren: bool, alone: bool, state: _State
) -> None:
    if kind == "effort" or (kind == "effort_maybe" and paren):
        state.effort = value
    elif kind == "mode":
        mode, _, effort = value.partition(":")
        state.mode = mode or state.mode
        state.effort = effort or state.effort
        state.mode_inline = state.mode_inline or not paren
        if not paren:
            state.tokens.append(_Token("mode", value, chunk, joined, paren))
    elif kind == "quant":
        state.quant.append(value)
    elif kind == "routing":
        state.hosts.append(value)
    elif kind == "setting":
        state.settings.append(chunk)
    elif kind == "noise":
        if chunk == "effort" and state.tokens:
            _effort_before(state)
    elif paren and not alone and kind in ("tier", "speed"):
        state.settings.append(chunk)
    else:
        state.tokens.append(_Token(kind, value, chunk, joined, paren))


def _effort_before(state: _State) -> None:
    """'medium-effort': the word before 'effort' is an effort whatever it means elsewhere."""
    if state.tokens[-1].kind == "effort_maybe":  # 'medium' in 'medium-effort'
        state.effort = state.tokens.pop().value


def _add_size(chunk: str, joined: bool, paren: bool, state: _State) -> None:
    """Add a size; in 'lfm2-5-1-2b' the lone '1' after the generation belongs to it: 1.2b."""
    kind = "active" if chunk[0] == "a" else "size"
    before = [t.kind for t in state.tokens[-2:]]
    if joined and before == ["number", "number"] and len(state.tokens[-1].value) == 1:
        chunk = f"{state.tokens.pop().value}.{chunk}"
    state.tokens.append(_Token(kind, re.sub(r"\.0(?=[bmt])", "", chunk), chunk, joined, paren))


def _add_context(chunk: str, joined: bool, paren: bool, state: _State) -> None:
    """'16K' is a thinking budget in brackets or beside a mode word, else a context length."""
    if chunk.isdigit():
        state.settings.append(chunk)
    elif paren or state.mode:
        state.budget = chunk
    else:
        state.tokens.append(_Token("context", chunk, chunk, joined, paren))


def _add_number(
    number: str, suffix: str, joined: bool, paren: bool, state: _State, glue: str = ""
) -> None:
    """Add a generation number; '4-5' right after '4' is '4.5'."""
    last = state.tokens[-1] if state.tokens else None
    if (
        joined
        and last is not None
        and last.kind in ("number", "version")
        and last.value.isdigit()
        and number.isdigit()
        and len(last.value) <= 2
        and len(number) <= 2
    ):
        state.tokens[-1] = last._replace(
            value=f"{last.value}.{number}{suffix}", raw=f"{last.raw}-{number}{suffix}"
        )
        return
    kind = "version" if _shape(number) == "revision" else "number"
    state.tokens.append(_Token(kind, number + suffix, glue + number + suffix, joined, paren))


def _add_unknown(
    chunk: str, joined: bool, paren: bool, alone: bool, state: _State, vocabulary: Vocabulary
) -> None:
    match = _GLUED.fullmatch(chunk)
    if chunk in vocabulary.families or squash(chunk) in vocabulary.providers:
        match = None
    if paren and not match:
        if alone and chunk in vocabulary.families:
            state.tokens.append(_Token("word", chunk, chunk, joined, paren))
        elif squash(chunk) in vocabulary.hosts:
            state.hosts.append(chunk)
        else:
            state.settings.append(chunk)
    elif match and not paren:
        _classify(match.group(1), joined, paren, alone, state, vocabulary)
        _add_number(match.group(2), match.group(3), False, paren, state, GLUE)
    elif not paren:
        state.tokens.append(_Token("word", chunk, chunk, joined, paren))


def _assemble(state: _State, vocabulary: Vocabulary) -> Parsed:
    """Tokens to slots: who is the family, who is the base, whose number is whose."""
    tokens = _drop_host_words(state, vocabulary)
    tokens = _drop_provider_words(tokens, state, vocabulary)
    provider, main, bases = _find_family(tokens, state, vocabulary)
    tokens = _settle_efforts(tokens, main or bases, state, vocabulary)
    base = _base_word(main, bases, provider, vocabulary)
    slots = _fill_slots(tokens, main, bases, base, provider, vocabulary)
    known = any(w in vocabulary.families for w in (*main, *bases))
    if not main and not bases:
        implied = {
            vocabulary.families[t].implies for t in slots["tier"] if t in vocabulary.families
        }
        slots["word"] += [w for w in implied if w]
        known = known or bool(implied)
    date = _one_date([state.dates[int(t.value)] for t in tokens if t.kind == "date"])
    identity = Identity(
        provider=provider,
        words=tuple(sorted(set(slots["word"]))),
        generation=tuple(slots["number"]),
        tier=tuple(sorted({*slots["tier"], *slots["effort_maybe"], *slots["speed"]})),
        domain=tuple(sorted(set(slots["domain"]))),
        size="+".join(dict.fromkeys(slots["size"])) or None,
        active=slots["active"][0] if slots["active"] else None,
        base=base and (base, slots["base"][0] if slots["base"] else None),
        tune=slots["tune"][0] if slots["tune"] else None,
        mode=state.mode or None,
        stage=tuple(sorted(set(slots["stage"]))),
        revision=slots["version"][0] if slots["version"] else None,
        context=slots["context"][0] if slots["context"] else None,
        date=date,
        rolling=bool(slots["rolling"]),
    )
    strong = any(w in vocabulary.families and not _WEAK_WORD.fullmatch(w) for w in (*main, *bases))
    pieces = tuple((t.kind, t.raw) for t in [*([] if strong else state.maker), *tokens])
    empty = not (identity.words or identity.generation or identity.size or bases or identity.tier)
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
        problem="no model named" if empty else "",
    )


def _drop_host_words(state: _State, vocabulary: Vocabulary) -> list[_Token]:
    """Drop a host's name in front ('databricks-claude-...'), if a family still follows."""
    tokens = state.tokens
    while (
        len(tokens) > 1
        and tokens[0].kind == "word"
        and tokens[0].value in vocabulary.host_words
        and any(t.value in vocabulary.families for t in tokens[1:])
    ):
        state.hosts.append(tokens[0].value)
        tokens = tokens[1:]
    return tokens


def _drop_provider_words(
    tokens: list[_Token], state: _State, vocabulary: Vocabulary
) -> list[_Token]:
    """Drop the maker's name where it stands in front of a family ('z-ai-glm', 'C4AI-Command')."""
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


def _has_family(tokens: list[_Token], vocabulary: Vocabulary) -> bool:
    return any(t.value in vocabulary.families for t in tokens)


def _find_family(
    tokens: list[_Token], state: _State, vocabulary: Vocabulary
) -> tuple[str | None, list[str], list[str]]:
    """(provider, words of the model itself, words of families that others build on)."""
    families = vocabulary.families
    bases, main = [], []
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
    weak = bool(known) and all(_WEAK_WORD.fullmatch(w) for w in main if w in families)
    if bases and (not main or (weak and tokens[0].value == bases[0])):
        known, weak = [families[bases[0]].provider], False
    if known and not (weak and state.provider):
        return known[0], main, bases
    makers = {vocabulary.providers[w] for w in main if w in vocabulary.providers}
    provider = state.provider or (makers.pop() if len(makers) == 1 and len(main) == 1 else None)
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
    tokens: list[_Token], family: list[str], state: _State, vocabulary: Vocabulary
) -> list[_Token]:
    """Decide for each 'medium' and 'max' outside brackets whether it is a tier or an effort."""
    known = [vocabulary.families[w] for w in family if w in vocabulary.families]
    efforts = {w for f in known for w in f.effort_words}
    tiers = {w for f in known for w in f.tier_words}
    kept = []
    for index, token in enumerate(tokens):
        if token.kind == "effort_maybe" and token.value not in tiers:
            last = all(t.kind in ("date", "mode") for t in tokens[index + 1 :])
            numbered = any(t.kind in ("number", "size", "version") for t in tokens[:index])
            if token.value in efforts or (token.value != "max" and last and numbered):
                state.effort = token.value
                continue
        kept.append(token)
    return kept


def _fill_slots(
    tokens: list[_Token],
    main: list[str],
    bases: list[str],
    base: str | None,
    provider: str | None,
    vocabulary: Vocabulary,
) -> dict[str, list[str]]:
    """Sort tokens into slots; a number belongs to the family word before it."""
    kinds = (
        "mode",
        "speed",
        "word",
        "number",
        "tier",
        "effort_maybe",
        "domain",
        "size",
        "active",
        "tune",
        "stage",
        "version",
        "context",
        "date",
        "rolling",
        "experts",
        "base",
    )
    slots: dict[str, list[str]] = {kind: [] for kind in kinds}
    on_base = base is not None and bool(tokens) and tokens[0].value == base
    seen_main = False
    for token in tokens:
        if token.kind == "word":
            on_base = token.value == base
            seen_main = seen_main or not on_base
            house = (
                not main
                and token.value in bases
                and token.value != base
                and vocabulary.providers.get(token.value) == provider
            )
            if on_base or house or (main and token.value not in main):
                continue
            slots["word"].append(token.value)
        elif token.kind == "number":
            number = token.value.removesuffix(".0")
            slots["base" if on_base else "number"].append(number)
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
    """The most precise date; 'R1 0528 (May '25)' is 2025-05-28."""
    if not dates:
        return None
    merged = dates[0]
    for other in dates[1:]:
        merged = merge_dates(merged, other) or merged
    return merged


def merge_dates(a: Date, b: Date) -> Date | None:
    """The common date of two readings, or None where they contradict each other."""
    best = None
    for x in _readings(a):
        for y in _readings(b):
            if all(p is None or q is None or p == q for p, q in zip(x, y, strict=True)):
                both = tuple(p if p is not None else q for p, q in zip(x, y, strict=True))
                if best is None or sum(v is not None for v in both) > best[0]:
                    best = (sum(v is not None for v in both), both)
    return Date(*best[1], listing=a.listing and b.listing) if best else None


def _readings(date: Date) -> list[tuple[int | None, int, int | None]]:
    first = (date.year, date.month, date.day)
    return [first, date.alt] if date.alt else [first]


def _variant(state: _State) -> str:
    """Effort, mode, budget and quantisation in one canonical text, e.g. 'thinking-16k'."""
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
    parts += [p for p in (state.budget, effort) if p]
    parts += sorted(set(state.quant))
    return "-".join(parts)


def _flat(pieces: tuple[tuple[str, str], ...]) -> str:
    """The spelling with punctuation gone; only digits keep a space between them."""
    text = " ".join(raw for kind, raw in pieces if kind not in ("mode", "maker"))
    text = _TRAILING_ZERO.sub("", text)
    text = _NUMBER_GAP.sub("_", text)
    return _NOT_WORD.sub("", text)
