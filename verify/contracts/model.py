"""Laws of language models: the protocol of `numerics.models.protocol`, on contexts drawn with a fixed seed.

Weights in float32 round differently with the shape of a batch: values of one context are compared within 5e-5 nats.
Models that give no law for short contexts may refuse them, with a ValueError.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.models.protocol import ASSUMPTIONS, LanguageModel
from numerics.models.wrappers.restriction import restrict
from numerics.models.wrappers.temperature import with_temperature
from numerics.models.wrappers.truncation import top_k, top_p
from numerics.models.wrappers.window import with_window
from verify.contracts.law import LawResult, Suite, agree, check_laws, require
from verify.instance import NotApplicable

SINGLE = 5e-5  # nats
BATCH = 6
LONGEST = 40  # tokens of the contexts tried
suite: Suite[LanguageModel] = Suite()

Contexts = NDArray[np.int64]
LogProbs = NDArray[np.float64]


def check_model(model: LanguageModel) -> list[LawResult]:
    """Every law of MODEL_LAWS on one model."""
    return check_laws(MODEL_LAWS, model)


def _contexts(model: LanguageModel, length: int | None = None, seed: int = 0) -> Contexts:
    longest = _longest(model)
    return np.random.default_rng(seed).integers(
        0, model.vocabulary.size, (BATCH, longest if length is None else length)
    )


def _longest(model: LanguageModel) -> int:
    """A length that the model answers: its window, if that is not huge."""
    return min(model.context_window, LONGEST)


def _same(model: LanguageModel, other: LanguageModel) -> None:
    contexts = _contexts(model)
    agree(
        other.next_token_log_probs(contexts), model.next_token_log_probs(contexts), "log-probability", absolute=SINGLE
    )


def _refuses(model: LanguageModel, contexts: NDArray[np.generic], what: str) -> None:
    try:
        model.next_token_log_probs(contexts)  # type: ignore[arg-type]  # wrong on purpose
    except ValueError as refusal:
        require(str(refusal), f"{what} is refused without a message")
        return
    require(False, f"{what} is accepted, expected a ValueError")


@suite.law
def satisfies_the_protocol(model: LanguageModel) -> None:
    """It has every member of the protocol."""
    require(isinstance(model, LanguageModel), f"{type(model).__name__} lacks members of LanguageModel")


@suite.law
def is_named(model: LanguageModel) -> None:
    """Its name is a non-empty string."""
    require(isinstance(model.name, str) and model.name, f"name {model.name!r}")


@suite.law
def vocabulary_has_tokens(model: LanguageModel) -> None:
    """There are at least two tokens (D1)."""
    require(model.vocabulary.size >= 2, f"{model.vocabulary.size} tokens")


@suite.law
def labels_are_read_back(model: LanguageModel) -> None:
    """The index of a token's label is a token with that label."""
    vocabulary = model.vocabulary
    for token in {0, 1, vocabulary.size - 1}:
        label = vocabulary.label(token)
        require(vocabulary.label(vocabulary.index(label)) == label, f"token {token} is labelled {label!r}")


@suite.law
def window_is_positive(model: LanguageModel) -> None:
    """The context window is at least one token."""
    require(model.context_window >= 1, f"context window {model.context_window}")


@suite.law
def shape_and_type(model: LanguageModel) -> None:
    """Contexts (B, k) give float64 (B, T)."""
    found = model.next_token_log_probs(_contexts(model))
    require(found.dtype == np.float64, f"type {found.dtype}")
    require(found.shape == (BATCH, model.vocabulary.size), f"shape {found.shape}")


@suite.law
def rows_are_normalised(model: LanguageModel) -> None:
    """Every row of probabilities sums to 1 within 1e-12."""
    sums = np.exp(model.next_token_log_probs(_contexts(model))).sum(axis=1)
    agree(sums, np.ones(BATCH), "row sums", absolute=1e-12)


@suite.law
def log_probabilities_are_at_most_zero(model: LanguageModel) -> None:
    """No value is nan or exceeds 0 by more than a rounding."""
    found = model.next_token_log_probs(_contexts(model))
    require(not np.isnan(found).any(), "a log-probability is nan")
    require(found.max() <= 1e-12, f"largest log-probability {found.max()}")


@suite.law
def every_length_is_answered_or_refused(model: LanguageModel) -> None:
    """Contexts of each length up to the window give laws, or a ValueError with a message."""
    for length in sorted({1, 2, _longest(model) - 1, _longest(model)} & set(range(1, model.context_window + 1))):
        contexts = _contexts(model, length)
        try:
            found = model.next_token_log_probs(contexts)
        except ValueError as refusal:
            require(str(refusal) and length < model.context_window, f"length {length} is refused: {refusal}")
            continue
        agree(np.exp(found).sum(axis=1), np.ones(BATCH), f"row sums at length {length}", absolute=1e-12)


@suite.law
def is_deterministic(model: LanguageModel) -> None:
    """The same call gives the same numbers, bit for bit."""
    contexts = _contexts(model)
    first, second = model.next_token_log_probs(contexts), model.next_token_log_probs(contexts)
    agree(first, second, "log-probability", absolute=0.0)


@suite.law
def contexts_are_not_changed(model: LanguageModel) -> None:
    """The array of contexts is left as it was."""
    contexts = _contexts(model)
    before = contexts.copy()
    model.next_token_log_probs(contexts)
    require((contexts == before).all(), "contexts were overwritten")


@suite.law
def results_are_not_shared(model: LanguageModel) -> None:
    """Writing into a result does not change later results."""
    contexts = _contexts(model)
    first = np.array(model.next_token_log_probs(contexts))
    again = model.next_token_log_probs(contexts)
    if again.flags.writeable:
        again[:] = 0.0
    agree(model.next_token_log_probs(contexts), first, "log-probability", absolute=0.0)


@suite.law
def rows_do_not_influence_each_other(model: LanguageModel) -> None:
    """A context alone gives what it gives in a batch."""
    contexts = _contexts(model)
    alone = np.concatenate([model.next_token_log_probs(contexts[i : i + 1]) for i in range(BATCH)])
    agree(alone, model.next_token_log_probs(contexts), "log-probability", absolute=SINGLE)


@suite.law
def permuted_batches_permute(model: LanguageModel) -> None:
    """Reversing the batch reverses the result."""
    contexts = _contexts(model)
    reverse = model.next_token_log_probs(contexts[::-1])
    agree(reverse[::-1], model.next_token_log_probs(contexts), "log-probability", absolute=SINGLE)


@suite.law
def repeated_contexts_agree(model: LanguageModel) -> None:
    """Equal contexts in one batch give equal laws."""
    found = model.next_token_log_probs(np.repeat(_contexts(model)[:1], 4, axis=0))
    agree(found, np.repeat(found[:1], 4, axis=0), "log-probability", absolute=SINGLE)


@suite.law
def memory_layout_does_not_matter(model: LanguageModel) -> None:
    """Column-major and strided contexts give what row-major ones give."""
    contexts = _contexts(model)
    expected = model.next_token_log_probs(contexts)
    agree(model.next_token_log_probs(np.asfortranarray(contexts)), expected, "column-major", absolute=SINGLE)
    strided = np.repeat(contexts, 2, axis=1)[:, ::2]
    agree(model.next_token_log_probs(strided), expected, "strided", absolute=SINGLE)


@suite.law
def integer_width_does_not_matter(model: LanguageModel) -> None:
    """Contexts as int32 give what int64 gives."""
    contexts = _contexts(model)
    found = model.next_token_log_probs(contexts.astype(np.int32).astype(np.int64))
    narrow = model.next_token_log_probs(contexts.astype(np.int32))
    agree(narrow, found, "log-probability", absolute=SINGLE)


@suite.law
def long_contexts_are_refused(model: LanguageModel) -> None:
    """A context longer than the window is refused."""
    if model.context_window > 10_000:
        raise NotApplicable("the window is too long to exceed it here")
    _refuses(model, np.zeros((1, model.context_window + 1), dtype=np.int64), "a context longer than the window")


@suite.law
def empty_contexts_are_refused(model: LanguageModel) -> None:
    """A context of no tokens is refused (states have length 1..K, D2)."""
    _refuses(model, np.zeros((1, 0), dtype=np.int64), "an empty context")


@suite.law
def foreign_tokens_are_refused(model: LanguageModel) -> None:
    """Tokens -1 and T are refused."""
    for token in (-1, model.vocabulary.size):
        contexts = _contexts(model)
        contexts[1, -1] = token
        _refuses(model, contexts, f"token {token}")


@suite.law
def flat_contexts_are_refused(model: LanguageModel) -> None:
    """A one-dimensional array is refused."""
    _refuses(model, np.zeros(_longest(model), dtype=np.int64), "a one-dimensional context")


@suite.law
def fractional_tokens_are_refused(model: LanguageModel) -> None:
    """Contexts of floats are refused."""
    _refuses(model, np.full((1, _longest(model)), 0.5), "a context of floats")


@suite.law
def broken_assumptions_are_known(model: LanguageModel) -> None:
    """Broken assumptions have names that claims know, each with a reason."""
    for name, reason in model.broken_assumptions.items():
        require(name in ASSUMPTIONS, f"assumption {name!r} is none of {', '.join(ASSUMPTIONS)}")
        require(reason, f"assumption {name!r} is broken without a reason")


@suite.law
def zeros_are_declared(model: LanguageModel) -> None:
    """A model that gives some token probability 0 says that it breaks `positive`."""
    found = model.next_token_log_probs(_contexts(model))
    if np.isneginf(found).any():
        require("positive" in model.broken_assumptions, "a token is impossible, and `positive` is not declared broken")


@suite.law
def temperature_is_declared(model: LanguageModel) -> None:
    """A temperature that is not positive is declared broken."""
    require(model.temperature >= 0, f"temperature {model.temperature}")
    if model.temperature == 0:
        require("temperature_positive" in model.broken_assumptions, "temperature 0 is not declared")


@suite.law
def temperature_one_changes_nothing(model: LanguageModel) -> None:
    """Rescaling by temperature 1 gives the same laws."""
    _same(model, with_temperature(model, 1.0))


@suite.law
def temperature_raises_entropy(model: LanguageModel) -> None:
    """The entropy of every law is non-decreasing in temperature."""
    contexts = _contexts(model)
    entropies = []
    for temperature in (0.5, 1.0, 2.0):
        logs = with_temperature(model, temperature).next_token_log_probs(contexts)
        entropies.append(-(np.exp(logs) * np.where(np.isneginf(logs), 0.0, logs)).sum(axis=1))
    rises = np.diff(entropies, axis=0)
    require(rises.min() >= -SINGLE, f"entropy falls by {-rises.min()} nats")


@suite.law
def whole_vocabulary_changes_nothing(model: LanguageModel) -> None:
    """Restricting to all tokens gives the same laws."""
    if model.vocabulary.size > 5000:
        raise NotApplicable(f"{model.vocabulary.size} tokens, expected at most 5000")
    _same(model, restrict(model, range(model.vocabulary.size)))


@suite.law
def keeping_all_tokens_changes_nothing(model: LanguageModel) -> None:
    """top-k with k = T and top-p with p = 1 give the same laws."""
    _same(model, top_k(model, model.vocabulary.size))
    _same(model, top_p(model, 1.0))


@suite.law
def whole_window_changes_nothing(model: LanguageModel) -> None:
    """Truncating to the model's own window gives the same laws."""
    if model.context_window > 10_000:
        raise NotApplicable("the window is too long to be tried here")
    _same(model, with_window(model, model.context_window))


@suite.law
def restriction_is_conditioning(model: LanguageModel) -> None:
    """Restricted to two tokens, odds stay as they are."""
    first, last = 0, model.vocabulary.size - 1
    contexts = np.full((1, _longest(model)), first, dtype=np.int64)
    whole = model.next_token_log_probs(contexts)[0]
    if not (np.isfinite(whole[first]) and np.isfinite(whole[last])):
        raise NotApplicable("one of the two tokens is impossible there")
    part = restrict(model, [first, last]).next_token_log_probs(np.zeros_like(contexts))[0]
    agree(part[1] - part[0], whole[last] - whole[first], "log odds", absolute=SINGLE)


MODEL_LAWS = tuple(suite.laws)
