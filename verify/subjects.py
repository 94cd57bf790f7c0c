"""A model as a user writes it, as a window chain to be measured.

Main definitions
    ModelSpec       the parts of "names@2|temperature=0.5"
    parse_spec      text to parts
    model_named     the language model with its wrappers
    subject_named   the window chain; built once in a process
    DEFAULT_MODELS  what a campaign runs on when it names no model

A specification is MODEL, then @K for the window of the last K tokens, then wrappers, each after a bar:
temperature=X, top_k=N, top_p=X, tokens=a,b,c (a vocabulary of these tokens only). MODEL may hold a path
(`table:rows.npy`, `hf:folder`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from numerics.chains.window_chain import WindowChain
from numerics.models import LanguageModel, ModelError, load
from numerics.models.table import TableModel
from numerics.models.wrappers.restriction import restrict
from numerics.models.wrappers.temperature import with_temperature
from numerics.models.wrappers.truncation import top_k, top_p
from verify.subject import ChainSubject

DEFAULT_MODELS = ("names@1", "names@2", "names@3", "carroll@1", "phones@2", "lfsr@3", "toy_gpt@3")
TABLE_LIMIT = 3e8  # entries T^K * T of a next-token table: 2.4 GB
KEPT = 8  # subjects held in memory

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ModelSpec:
    """The parts of a model's specification; None where a part is not given."""

    model: str
    order: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    tokens: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [self.model if self.order is None else f"{self.model}@{self.order}"]
        if self.tokens:
            parts.append(f"tokens={','.join(self.tokens)}")
        parts += [f"temperature={self.temperature:g}"] if self.temperature is not None else []
        parts += [f"top_k={self.top_k}"] if self.top_k is not None else []
        parts += [f"top_p={self.top_p:g}"] if self.top_p is not None else []
        return "|".join(parts)


def parse_spec(text: str) -> ModelSpec:
    """The parts of a specification; ModelError for a malformed one."""
    head, *wrappers = text.split("|")
    model, at, order = head.rpartition("@")
    if not at or not order.isdecimal():
        model, order = head, ""
    if not model:
        raise ModelError(f"model {text!r}: expected MODEL, MODEL@K or MODEL@K|temperature=X")
    options: dict[str, str] = {}
    for wrapper in wrappers:
        name, sign, value = wrapper.partition("=")
        if name not in ("temperature", "top_k", "top_p", "tokens") or not sign or name in options:
            raise ModelError(f"model {text!r}: {wrapper!r} is none of temperature=X, top_k=N, top_p=X, tokens=a,b,c")
        options[name] = value
    return ModelSpec(
        model,
        int(order) if order else None,
        _number(options, "temperature", text),
        int(_whole(options["top_k"], "top_k", text)) if "top_k" in options else None,
        _number(options, "top_p", text),
        tuple(options["tokens"].split(",")) if "tokens" in options else (),
    )


def _number(options: dict[str, str], name: str, text: str) -> float | None:
    if name not in options:
        return None
    try:
        return float(options[name])
    except ValueError:
        raise ModelError(f"model {text!r}: {name} is {options[name]!r}, expected a number") from None


def _whole(value: str, name: str, text: str) -> str:
    if not value.isdecimal():
        raise ModelError(f"model {text!r}: {name} is {value!r}, expected a whole number")
    return value


@lru_cache(maxsize=KEPT)
def model_named(text: str) -> LanguageModel:
    """The model with its wrappers, the window aside. ModelError for an unknown model, unreadable weights, a wrong token
    or a wrapper's value out of range."""
    spec = parse_spec(text)
    model = _base(spec.model)
    if spec.tokens:
        model = restrict(model, [model.vocabulary.index(token) for token in spec.tokens])
    if spec.temperature is not None:
        model = with_temperature(model, spec.temperature)
    if spec.top_k is not None:
        model = top_k(model, spec.top_k)
    if spec.top_p is not None:
        model = top_p(model, spec.top_p)
    return model


def order_of(spec: ModelSpec, model: LanguageModel) -> int:
    """The window: as asked, else the model's own. ModelError if the chain or the window would be too large."""
    T, window = model.vocabulary.size, model.context_window
    order = window if spec.order is None else spec.order
    if not 1 <= order <= window:
        raise ModelError(f"window {order} of model {spec.model!r}: expected 1 to {window} tokens")
    largest = math.floor(math.log(TABLE_LIMIT) / math.log(T) + 1e-9) - 1
    if order > largest:
        smaller = f"a window of at most {largest}: {spec.model}@{largest}" if largest else "a smaller vocabulary"
        raise ModelError(
            f"the window chain of {spec.model!r} with {T} tokens and window {order} has about 10^"
            f"{order * math.log10(T):.0f} states and {T} transitions from each; expected {smaller} "
            "(or fewer tokens: tokens=a,b,c)"
        )
    return order


@lru_cache(maxsize=KEPT)
def subject_named(text: str, progress: Progress | None = None) -> ChainSubject:
    """The window chain of a specification. Raises ModelError, and ValueError for rows that are no laws."""
    model = model_named(text)
    spec = parse_spec(text)
    order = order_of(spec, model)
    short = not _only_full_contexts(spec.model)
    chain = WindowChain.from_model(model, order, short_contexts=short, progress=progress)
    return ChainSubject(text, chain, model)


@lru_cache(maxsize=KEPT)
def _base(name: str) -> LanguageModel:
    return load(name)


def _only_full_contexts(name: str) -> bool:
    """Whether the model is a table that gives no laws after contexts shorter than its window."""
    base = _base(name)
    return isinstance(base, TableModel) and base.first_row > 0
