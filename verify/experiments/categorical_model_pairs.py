"""Draft and verify with real transformers: the whole model verifies, an early exit or a shorter window drafts (E3).

Main definitions
    pair_records      all pairs of a model: acceptance against κ for every context, means, accepted lengths
    early_exits, short_windows   the drafters of a model
    text_contexts     contexts that end at random places of a text
    continuity_bound  from above: laws whose entropies differ are not close (L5)
    ContinuedRows     the laws of a model after contexts and drafted tokens, evaluated when asked for

α and κ of every context are exact sums over the vocabulary; their means over contexts are Monte Carlo with a 95 %
interval. δ is not known here: the bound from above is α <= 1 - φ_V^{-1}(|E H(p) - E H(q)|), by L5 and concavity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from numerics.drafting.acceptance import acceptance, lower_bounds, upper_bound_kl
from numerics.drafting.accepted_length import constant_formula
from numerics.drafting.simulate import Uniforms, draw_uniforms, estimate, simulate
from numerics.information.divergences import kl
from numerics.models import LanguageModel, load
from numerics.models.wrappers.window import with_window
from verify.experiments.experiment import Record
from verify.precision import sample_mean

if TYPE_CHECKING:
    from numerics.models.networks.llama import LlamaModel
    from verify.experiments.categorical_drafting import PairSizes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ERROR = 1e-9  # of an acceptance or a bound on rows of a thousand tokens and more
LEVEL = 0.95
CHECK_LEVEL = 0.9999  # of the interval that a simulated acceptance must have its exact value in
LAYER, WINDOW = "early exit", "short window"

ALICE = """\
Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do: once or twice \
she had peeped into the book her sister was reading, but it had no pictures or conversations in it, "and what is the \
use of a book," thought Alice "without pictures or conversations?" So she was considering in her own mind (as well as \
she could, for the hot day made her feel very sleepy and stupid), whether the pleasure of making a daisy-chain would \
be worth the trouble of getting up and picking the daisies, when suddenly a White Rabbit with pink eyes ran close by \
her. There was nothing so very remarkable in that; nor did Alice think it so very much out of the way to hear the \
Rabbit say to itself, "Oh dear! Oh dear! I shall be late!" (when she thought it over afterwards, it occurred to her \
that she ought to have wondered at this, but at the time it all seemed quite natural); but when the Rabbit actually \
took a watch out of its waistcoat-pocket, and looked at it, and then hurried on, Alice started to her feet, for it \
flashed across her mind that she had never before seen a rabbit with either a waistcoat-pocket, or a watch to take \
out of it, and burning with curiosity, she ran across the field after it, and fortunately was just in time to see it \
pop down a large rabbit-hole under the hedge. In another moment down went Alice after it, never once considering how \
in the world she was to get out again."""  # L. Carroll, 1865


class ContinuedRows:
    """Rows of a model after contexts (n, L) and drafted tokens: rows[place, w_1, .., w_i] has shape (.., V).

    The rows after the contexts alone are kept: every simulation asks for them.
    """

    def __init__(self, model: LanguageModel, contexts: IntArray) -> None:
        self.model, self.contexts = model, contexts
        self.first: FloatArray = rows_of(model, contexts)

    def __getitem__(self, prefix: tuple[IntArray, ...]) -> FloatArray:
        place, *tokens = prefix
        if not tokens:
            return np.asarray(self.first[place])
        return rows_of(self.model, np.concatenate([self.contexts[place], np.stack(tokens, axis=1)], axis=1))


def rows_of(model: LanguageModel, contexts: IntArray) -> FloatArray:
    """Next-token laws (n, V), summing to 1 in float64."""
    rows = np.exp(model.next_token_log_probs(contexts))
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def early_exits(model: LlamaModel) -> dict[int, LanguageModel]:
    """By number of layers, the whole model last; about eight of a deep one."""
    from numerics.geometry.model_states import early_exit

    depth = len(model.blocks)
    chosen = sorted({round(layers) for layers in np.linspace(1, depth, min(depth, 8)).tolist()})
    return {layers: early_exit(model, layers) for layers in chosen}


def short_windows(model: LlamaModel, length: int) -> dict[int, LanguageModel]:
    """By number of tokens read: powers of two below `length`, and `length` itself."""
    tokens = [2**k for k in range(length.bit_length()) if 2**k < length] + [length]
    return {count: with_window(model, count) for count in tokens}


def text_contexts(name: str, model: LanguageModel, sizes: PairSizes, rng: np.random.Generator) -> IntArray:
    """Contexts (n, L) that end at independent uniform places of a text: of Carroll's for `carroll`, of the model's own
    for any other model."""
    if name == "carroll":
        from numerics.models.glass import encode

        text = np.array(encode("en", ALICE), dtype=np.int64)
    else:
        text = own_text(model, 4 * sizes.length, sizes.length, rng)
    starts = rng.integers(len(text) - sizes.length + 1, size=sizes.contexts)
    return np.asarray(text[starts[:, None] + np.arange(sizes.length)])


def own_text(model: LanguageModel, tokens: int, window: int, rng: np.random.Generator) -> IntArray:
    """A text drawn from the model, which reads its last `window` tokens; the first token is uniform."""
    text = [int(rng.integers(model.vocabulary.size))]
    while len(text) < tokens:
        row = rows_of(model, np.array([text[-window:]], dtype=np.int64))[0]
        text.append(int(rng.choice(len(row), p=row)))
    return np.array(text, dtype=np.int64)


def pair_records(name: str, sizes: PairSizes, seed: int) -> list[Record]:
    """Records of all drafters of a Llama-style model against the whole model: same contexts, same random numbers."""
    model = cast("LlamaModel", load(name))  # early_exit asks for its blocks
    rng = np.random.default_rng([seed, 0xD2AF])
    contexts = text_contexts(name, model, sizes, rng)
    uniforms = draw_uniforms(rng, sizes.draws, sizes.drafted)
    verifier = ContinuedRows(model, contexts)
    records: list[Record] = []
    for family, drafters in ((LAYER, early_exits(model)), (WINDOW, short_windows(model, sizes.length))):
        for parameter, drafter in drafters.items():
            head: Record = {"model": name, "drafter": family, "parameter": parameter, "length": sizes.length}
            head |= {"whole": parameter == max(drafters)}
            drafted = ContinuedRows(drafter, contexts)
            records.append(head | acceptance_record(verifier.first, drafted.first, whole=head["whole"]))
            if not head["whole"]:
                alpha = records[-1]["alpha"]
                records += [head | found for found in length_records(verifier, drafted, uniforms, alpha)]
    return records


def acceptance_record(p: FloatArray, q: FloatArray, *, whole: bool) -> Record:
    """α and κ of every context and their means; all must lie between the bounds, and be 1 and 0 for the whole model."""
    alpha, kappa = acceptance(p, q), np.maximum(kl(p, q), 0.0)
    verifier, drafter = entr(p).sum(axis=1), entr(q).sum(axis=1)
    size = p.shape[1]
    below = np.array([max(lower_bounds(float(k))) for k in kappa])
    above = np.array([continuity_bound(float(a), float(b), size) for a, b in zip(verifier, drafter, strict=True)])
    mean, spent = sample_mean(alpha, level=LEVEL), sample_mean(kappa, level=LEVEL)
    lower = lower_bounds(float(kappa.mean()))
    upper = continuity_bound(float(verifier.mean()), float(drafter.mean()), size)
    value = float(alpha.mean())
    inside = bool(
        (below <= alpha + ERROR).all()
        and (alpha <= above + ERROR).all()
        and max(lower) <= value + ERROR
        and value <= upper + ERROR
    )
    if whole:
        inside = inside and bool(alpha.min() >= 1 - ERROR and kappa.max() <= ERROR)
    return {
        "name": "acceptance",
        "claim": "categorical/acceptance_bounds",
        "contexts": len(alpha),
        "alpha": value,
        "alpha_interval": [float(mean.lower), float(mean.upper)],
        "kappa": float(kappa.mean()),
        "kappa_interval": [float(spent.lower), float(spent.upper)],
        "level": LEVEL,
        "pinsker": lower.pinsker,
        "bretagnolle_huber": lower.bretagnolle_huber,
        "upper": upper,
        "entropy": float(drafter.mean()),
        "verifier_entropy": float(verifier.mean()),
        "alphas": alpha.tolist(),
        "kappas": kappa.tolist(),
        "uppers": above.tolist(),
        "expected": "every context and the mean between the bounds" + (", alpha = 1" if whole else ""),
        "as_expected": inside,
    }


def continuity_bound(first: float, second: float, vocabulary: int) -> float:
    """1 - φ_V^{-1}(|H(p) - H(q)|) >= α, from entropies in nats; for means over contexts too, by concavity."""
    return upper_bound_kl(min(abs(first - second), math.log(vocabulary)), vocabulary)


def length_records(verifier: ContinuedRows, drafter: ContinuedRows, uniforms: Uniforms, alpha: float) -> list[Record]:
    """Simulated accepted length, the i.i.d. formula beside it; the first token must be accepted as often as α says."""
    count, drafted = len(verifier.contexts), uniforms.token.shape[1]
    weights = np.full(count, 1 / count)
    # `simulate` only asks its laws for rows at prefixes; the tables they stand for would have V^γ entries.
    p, q = (cast("Sequence[FloatArray]", [rows] * drafted) for rows in (verifier, drafter))
    accepted = simulate(weights, p, q, uniforms)
    found = estimate(accepted)
    first = sample_mean((accepted >= 1).astype(np.float64), level=CHECK_LEVEL)
    return [
        {
            "name": "accepted length",
            "claim": "categorical/accepted_length",
            "drafted": drafted,
            "draws": found.draws,
            "value": found.mean,
            "interval": [found.low, found.high],
            "level": LEVEL,
            "constant": constant_formula(min(alpha, 1.0), drafted) - 1,  # the formula counts the verifier's token too
            "as_expected": None,
        },
        {
            "name": "first token accepted",
            "claim": "categorical/accepted_length",
            "value": float((accepted >= 1).mean()),
            "interval": [float(first.lower), float(first.upper)],
            "level": CHECK_LEVEL,
            "alpha": alpha,
            "expected": "alpha in the interval",
            "as_expected": bool(first.lower <= alpha <= first.upper),
        },
    ]
