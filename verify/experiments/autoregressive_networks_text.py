"""Text by the linear masked network, against n-gram counts on the same held-out text (experiment E5).

Main definitions
    TextResult     the trained network, perplexities by position, of n-grams, norms of its tables, samples
    measure_text   train, or go on, and measure
    text_records   what is expected, and what is only shown

Every window of T tokens stands alone: at position t the network has t tokens to predict from, and none of the windows
before. N-grams always have their n - 1. The last twentieth of the text is held out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.data.text import TokenSequence, read_text, word_tokens
from verify.experiments.autoregressive_networks import TextPlan, trained
from verify.experiments.experiment import Progress, Record

if TYPE_CHECKING:
    from numerics.learning.training import Trained

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
CHARACTERS = " abcdefghijklmnopqrstuvwxyz.,;'-"
HELD_OUT = 20  # one token in so many
GRAMS = (1, 2, 3, 4)
PROMPTS = 4
TEMPERATURE = 0.5


@dataclass(frozen=True, eq=False)
class TextResult:
    """Losses (T - 1,) by position (nats) of the trained network and of the untrained one, perplexities of n-grams."""

    plan: TextPlan
    tokens: int
    trained: Trained
    losses: FloatArray
    before: FloatArray
    grams: Mapping[int, float]
    norms: FloatArray  # (T - 1, T - 1): nothing is asked of the last position
    samples: tuple[str, ...]

    @property
    def perplexity(self) -> float:
        """exp of the mean loss over all positions."""
        return float(np.exp(self.losses.mean()))

    @property
    def norms_by_lag(self) -> FloatArray:
        """Mean norm of U M_{t,i} E^T over the positions t with t - i = lag, (T - 1,)."""
        positions = len(self.norms)
        return np.array([np.diagonal(self.norms, -lag).mean() for lag in range(positions)])


def printed_tokens(content: str) -> TokenSequence:
    """The text in 32 characters: lower case, runs of other signs as one space."""
    kept = re.sub(f"[^{re.escape(CHARACTERS)}]+", " ", content.lower())
    cleaned = re.sub(" +", " ", kept).strip()
    index = np.full(128, -1, dtype=np.int64)
    index[[ord(character) for character in CHARACTERS]] = np.arange(len(CHARACTERS))
    return TokenSequence(index[np.frombuffer(cleaned.encode("ascii"), dtype=np.uint8)], tuple(CHARACTERS))


def windows(tokens: IntArray, length: int, padding: int | None = None) -> IntArray:
    """Consecutive windows (W, length); an incomplete last one is dropped, or filled with the token `padding`."""
    missing = -len(tokens) % length
    if missing and padding is None:
        return tokens[: len(tokens) - len(tokens) % length].reshape(-1, length)
    return np.concatenate([tokens, np.full(missing, padding or 0, dtype=np.int64)]).reshape(-1, length)


def measure_text(plan: TextPlan, out: Path, seed: int, progress: Progress | None = None) -> TextResult:
    """Train on the first nineteen twentieths, or go on, and measure on the last."""
    from numerics.learning.held_out import ngram_perplexity, position_losses
    from numerics.learning.networks import MaskedNetwork, table_norms

    content = read_text(plan.text).content
    text = word_tokens(content, _words(content, plan)) if plan.words else printed_tokens(content)
    vocabulary = plan.vocabulary or len(text.names) + plan.pad
    cut = len(text.tokens) - len(text.tokens) // HELD_OUT
    training, test = text.tokens[:cut], text.tokens[cut:]
    run = trained(*_recipe(plan, training, vocabulary, seed), out, "text, linear network", progress)
    held = windows(test, plan.positions)
    untrained = MaskedNetwork(run.recipe.size, run.recipe.seed)
    return TextResult(
        plan,
        len(text.tokens),
        run,
        position_losses(run.network, held),
        position_losses(untrained, held[:64]),
        {n: ngram_perplexity(training, test, n, len(text.names)) for n in GRAMS},
        table_norms(run.network)[:-1, :-1],
        _samples(run, text, held, seed),
    )


def _words(content: str, plan: TextPlan) -> int:
    """As many words as there are, and never more than the vocabulary."""
    distinct = len(set(re.findall("[a-z]+", content.lower()))) + 1
    return min(distinct, (plan.vocabulary or distinct) - plan.pad)


def _recipe(plan: TextPlan, training: IntArray, vocabulary: int, seed: int) -> tuple[Any, Any]:
    from numerics.learning.networks import NetworkSize
    from numerics.learning.training import Recipe

    length = plan.positions
    whole = windows(training, length, vocabulary - 1 if plan.pad else None)
    in_order = plan.updates is None
    updates = max(1, len(whole) // (plan.batch * plan.accumulation)) if plan.updates is None else plan.updates
    recipe = Recipe(
        NetworkSize(vocabulary, length, plan.width),
        f"{plan.text}: {'words' if plan.words else 'characters'}, {len(training)} tokens, "
        f"{'consecutive windows' if in_order else 'windows drawn at random'}",
        updates,
        plan.batch,
        plan.rate,
        accumulation=plan.accumulation,
        schedule="batches",  # as published: without accumulation it is the same
        seed=seed,
    )

    def source(rng: np.random.Generator, given: int, count: int) -> IntArray:
        if in_order:
            return whole[np.arange(given, given + count) % len(whole)]
        starts = rng.integers(0, len(training) - length + 1, count)
        return np.asarray(training[starts[:, None] + np.arange(length)])

    return recipe, source


def _samples(run: Trained, text: TokenSequence, held: IntArray, seed: int) -> tuple[str, ...]:
    """Windows continued from their first quarter; every later half window reads the half before it."""
    rng = np.random.default_rng([seed, 0x5A3])
    length = run.recipe.size.positions
    start = max(1, length // 4)
    found = held[rng.permutation(len(held))[:PROMPTS], :start]
    window = found
    for _ in range(4):
        window = run.network.continued(window, length - window.shape[1], temperature=TEMPERATURE, rng=rng)
        found = np.concatenate([found, window[:, -(length - start) :]], axis=1)
        start = max(1, length // 2)
        window = window[:, -start:]
    between = " " if len(max(text.names, key=len)) > 1 else ""
    names = [*text.names, *["[PAD]"] * (run.recipe.size.vocabulary - len(text.names))]
    return tuple(between.join(names[token] for token in row) for row in found)


def text_records(result: TextResult) -> list[Record]:
    """Perplexity against n-grams and against position, norms by lag, samples."""
    run = result.trained
    by_position = np.exp(result.losses)
    quarters = [float(part.mean()) for part in np.array_split(result.losses, 4)]
    bigram = result.grams[2]
    records: list[Record] = [
        {
            "name": "training",
            "parameters": run.recipe.size.parameter_count,
            "data": run.recipe.data,
            "updates": len(run.losses),
            "windows an update": run.recipe.batch * run.recipe.accumulation,
            "losses": run.losses.tolist(),
            "bits": run.bits.tolist(),
            "as_expected": None,
        },
        {
            "name": "perplexity on the held-out text",
            "value": result.perplexity,
            "untrained": float(np.exp(result.before.mean())),
            "n-grams": {str(n): value for n, value in result.grams.items()},
            "expected": f"below {bigram:.2f}, the bigram",
            "as_expected": result.perplexity < bigram,
        },
        {
            "name": "perplexity against position",
            "tokens read": list(range(1, len(by_position) + 1)),
            "value": by_position.tolist(),
            "mean loss of each quarter": quarters,
            "expected": "lower at the last position than at the first",
            "as_expected": bool(by_position[-1] < by_position[0]),
        },
        {
            "name": "norm of U M E^T against t - i",
            "lag": list(range(len(result.norms))),
            "value": result.norms_by_lag.tolist(),
            "as_expected": None,
        },
        {"name": "samples", "temperature": TEMPERATURE, "texts": list(result.samples), "as_expected": None},
    ]
    return [{"task": "text"} | record for record in records]
