"""Cutting the core of a name into tokens; what is no identity goes to the variant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from string import ascii_lowercase
from typing import NamedTuple

from matching.dates import Date, read_dates
from matching.vocabulary import SourceRule, Vocabulary, squash

GLUE = "~"  # in a piece: no separator stood before it

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

_MAY_BE_DATED = re.compile(r"\d\d|(?:ary|june|july|august|ber)$")

_LAST_SUFFIX = re.compile(r"_([a-z]+|\d+k)$")

_BUDGET = ("budget", "")

_SUFFIX_KINDS = ("effort", "effort_maybe", "mode", "noise", "routing", "budget")

_UNDERSCORED_NUMBER = re.compile(r"(?<=\d)_(?=\d(?:\D|$))")

_P_NUMBER = re.compile(r"(?<=\d)p(?=\d)")

_NO_MODE = re.compile(r"\b(?:no|non)[- ]?(?=think|reason)")

_DEEP_WORD = re.compile(r"\bdeep[- ](?=(?:research|think)\b)")

_PLUS = re.compile(r"(?<=[a-z0-9])\+")

_X_HIGH = re.compile(r"(?<![a-z0-9])x-high\b")

_STAGE = re.compile(r"\bstage \d\b")
# A bracket of prices by size names its two ends: "56b-to-176b".
_RANGE = re.compile(r"(?<=\db)[- ]to[- ](?=\d)")

_DATED_VERSION = re.compile(r"\bv(?=\d{4}(?:\d{4})?\b)")


class Token(NamedTuple):
    """One token: its slot, its canonical value, its spelling, how and where it stood."""

    kind: str
    value: str
    raw: str
    joined: bool
    paren: bool


@dataclass
class State:
    """What the reader of one name has collected so far.

    names_makers: a host's name in a source whose paths name makers; path_maker: such a part that
    no seed knows, which is the maker of a name without a known family.
    """

    rule: SourceRule
    provider: str | None = None
    foreign: str | None = None
    path_maker: str | None = None
    names_makers: bool = False
    rolls: bool = False
    ends_in_effort: bool = False
    last_tier: str = ""
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
    tokens: list[Token] = field(default_factory=list)
    maker: list[Token] = field(default_factory=list)


def tokenise(text: str, state: State, vocabulary: Vocabulary) -> None:
    """Cut the core into tokens, left to right; brackets and '_suffix' mark variant material."""
    text, _, manner = _spell_out(text, state, vocabulary).partition(" with ")
    state.settings += manner.split()
    if _MAY_BE_DATED.search(text):
        text, found = read_dates(text, state.rule.listing_dates)
        state.dates = [date for date, _ in found]
        state.date_texts = [spelling for _, spelling in found]
    aside_at = _aside(text)
    paren, last_end, group = False, -1, 0
    chunks = [(m.group(), m.start(), m.end()) for m in _CHUNK.finditer(text)]
    for index, (chunk, start, end) in enumerate(chunks):
        if chunk in "()[]":
            paren = chunk in "(["
            group = _group_size(chunks, index) if paren else 0
        else:
            paren = paren or start > aside_at
            if (
                paren
                and index + 1 < len(chunks)
                and _is_length(chunk, chunks[index + 1], vocabulary)
            ):
                state.settings.append(chunk)
                last_end = end
                continue
            joined = start == last_end + 1 and text[last_end] == "-"
            if not paren and _is_part_of_name(chunk, chunks[index + 1 :], vocabulary):
                state.tokens.append(Token("word", chunk, chunk, joined, paren))
                last_end = end
                continue
            _classify(chunk, joined, paren, paren and group == 1, state, vocabulary)
        last_end = end


def _is_part_of_name(chunk: str, rest: list[tuple[str, int, int]], vocabulary: Vocabulary) -> bool:
    """'auto' before a word that only a name can hold ('codex-auto-review') is no manner."""
    if vocabulary.words.get(chunk) != ("mode", ""):
        return False
    return bool(rest) and rest[0][0].isalpha() and rest[0][0] not in vocabulary.words


def _is_length(chunk: str, after: tuple[str, int, int], vocabulary: Vocabulary) -> bool:
    """'32K seqlen' in brackets is how much was read, no budget to think."""
    length = vocabulary.words.get(after[0]) == ("setting", "length")
    return length and _shape(chunk) in ("context", "number")


def _spell_out(text: str, state: State, vocabulary: Vocabulary) -> str:
    """Undo spellings that hide tokens: '_high', '3p5', '1_5', 'no think', 'R+', 'v0613'."""
    if _QUANT_SPELLED.search(text):
        state.quant += [re.sub(r"[- ]", "", m.group()) for m in _QUANT_SPELLED.finditer(text)]
        text = _QUANT_SPELLED.sub(" ", text)
    if "_" in text:
        match = _LAST_SUFFIX.search(text)
        if match and vocabulary.words.get(match.group(1), _BUDGET)[0] in _SUFFIX_KINDS:
            text = f"{text[: match.start()]} ({match.group(1)})"
        text = _UNDERSCORED_NUMBER.sub(".", text)
    if "to" in text:
        text = _RANGE.sub(" ", text)
    if vocabulary.phrases:
        text = vocabulary.phrases.sub(" ", text)
    if "p" in text:
        text = _P_NUMBER.sub(".", text)
    if "think" in text or "reason" in text:
        text = _NO_MODE.sub("non", text)
    if "deep" in text:
        text = _DEEP_WORD.sub("deep", text)
    if "x-high" in text:
        text = _X_HIGH.sub("xhigh", text)
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


def _classify(
    chunk: str, joined: bool, paren: bool, alone: bool, state: State, vocabulary: Vocabulary
) -> None:
    """Append the token(s) of one chunk, or set the variant it stands for."""
    kind, value = vocabulary.words.get(chunk, ("", chunk))
    if kind == "split":
        _split(chunk, value, paren, alone, state, vocabulary)
        return
    if kind:
        _add_word(kind, value, chunk, joined, paren, alone, state)
        return
    shape = _shape(chunk)
    if shape == "date" and int(chunk[5:-1]) < len(state.dates):
        raw = state.date_texts[int(chunk[5:-1])]
        state.tokens.append(Token("date", chunk[5:-1], raw, joined, paren))
    elif shape == "quant":
        state.quant.append(chunk)
    elif shape == "size":
        _add_size(chunk, joined, paren, state)
    elif shape == "experts":
        state.tokens.append(Token("experts", chunk, chunk, joined, paren))
    elif shape == "context":
        _add_context(chunk, joined, paren, state)
    elif shape == "number" and paren and not alone:
        state.settings.append(chunk)
    elif shape in ("number", "revision"):
        _add_number(chunk, "", joined, paren, state)
    elif shape == "version":
        if not paren:
            state.tokens.append(Token("version", chunk[1:], chunk, joined, paren))
    elif shape == "suffixed" and not paren:
        number = chunk.rstrip(ascii_lowercase)
        _add_number(number, chunk.removeprefix(number), joined, paren, state)
    else:
        _add_unknown(chunk, joined, paren, alone, state, vocabulary)


def _split(
    chunk: str, value: str, paren: bool, alone: bool, state: State, vocabulary: Vocabulary
) -> None:
    """Add the tokens that one word stands for; together they keep its spelling."""
    before = len(state.tokens)
    for part in value.split():
        _classify(part, False, paren, alone, state, vocabulary)
    for index in range(before, len(state.tokens)):
        raw = chunk if index == before else GLUE
        state.tokens[index] = state.tokens[index]._replace(raw=raw)


@lru_cache(maxsize=100_000)
def _shape(chunk: str) -> str:
    """What a chunk looks like, whatever the vocabulary: one of the names in `_SHAPES`, or ''."""
    return next((name for name, pattern in _SHAPES if pattern.fullmatch(chunk)), "")


def _add_word(
    kind: str, value: str, chunk: str, joined: bool, paren: bool, alone: bool, state: State
) -> None:
    if kind == "effort" or (kind == "effort_maybe" and paren):
        state.effort = value
    elif kind == "mode":
        mode, _, effort = value.partition(":")
        state.mode = mode or state.mode
        state.effort = effort or state.effort
        state.mode_inline = state.mode_inline or not paren
        if not paren:
            state.tokens.append(Token("mode", value, chunk, joined, paren))
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
        state.tokens.append(Token(kind, value, chunk, joined, paren))


def _effort_before(state: State) -> None:
    """'medium-effort': the word before 'effort' is an effort whatever it means elsewhere."""
    if state.tokens[-1].kind == "effort_maybe":  # 'medium' in 'medium-effort'
        state.effort = state.tokens.pop().value


def _add_size(chunk: str, joined: bool, paren: bool, state: State) -> None:
    """Add a size; in 'lfm2-5-1-2b' the lone '1' after the generation belongs to it: 1.2b."""
    kind = "active" if chunk[0] == "a" else "size"
    before = [t.kind for t in state.tokens[-2:]]
    if joined and before == ["number", "number"] and len(state.tokens[-1].value) == 1:
        chunk = f"{state.tokens.pop().value}.{chunk}"
    state.tokens.append(Token(kind, re.sub(r"\.0(?=[bmt])", "", chunk), chunk, joined, paren))


def _add_context(chunk: str, joined: bool, paren: bool, state: State) -> None:
    """'16K' is a thinking budget in brackets or beside a mode word, else a context length."""
    if chunk.isdigit():
        state.settings.append(chunk)
    elif paren or state.mode:
        state.budget = chunk
    else:
        state.tokens.append(Token("context", chunk, chunk, joined, paren))


def _add_number(
    number: str, suffix: str, joined: bool, paren: bool, state: State, glue: str = ""
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
    if joined and last is not None and _numbered_word(last) and re.fullmatch(r"\d", number):
        state.tokens[-1] = last._replace(
            value=f"{last.value}.{number}{suffix}", raw=f"{last.raw}-{number}{suffix}"
        )
        return
    kind = "version" if _shape(number) == "revision" else "number"
    state.tokens.append(Token(kind, number + suffix, glue + number + suffix, joined, paren))


def _numbered_word(token: Token) -> bool:
    """Whether a word is a letter with its number ('m2'), which 'm2-5' continues to 'm2.5'."""
    return token.kind == "word" and re.fullmatch(r"[a-z]\d", token.value) is not None


def _add_unknown(
    chunk: str, joined: bool, paren: bool, alone: bool, state: State, vocabulary: Vocabulary
) -> None:
    match = _GLUED.fullmatch(chunk)
    if chunk in vocabulary.families or squash(chunk) in vocabulary.providers:
        match = None
    if paren and not match:
        if alone and chunk in vocabulary.families:
            state.tokens.append(Token("word", chunk, chunk, joined, paren))
        elif squash(chunk) in vocabulary.hosts:
            state.hosts.append(chunk)
        else:
            state.settings.append(chunk)
    elif match and not paren:
        _classify(match.group(1), joined, paren, alone, state, vocabulary)
        _add_number(match.group(2), match.group(3), False, paren, state, GLUE)
    elif not paren:
        state.tokens.append(Token("word", chunk, chunk, joined, paren))
