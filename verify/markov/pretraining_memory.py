"""Measurement of the bound for models with known memory (2.F).

For a source of memory <= K, changing block i changes block i+k with probability at most dbar((k-1) B) (the window at
the start of block i+k decides its future), dbar(t) <= kappa(A)^floor(t/K); changing token i changes token j with
probability at most dbar'(j-i-1). Norms are bounded by row sums (Schur).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from numerics.chains.mixing_matrix import toeplitz_norm_limit
from numerics.risk.gap import total_variation_loss
from numerics.risk.memory_profile import memory_profile
from verify.instance import Case, Frequency, NotApplicable
from verify.markov.pretraining import DELTAS
from verify.markov.pretraining_sources import LONGEST, count, fixed_model, median, source_of
from verify.measurement import Context, measures
from verify.spaces import chains
from verify.subject import ChainSubject

MODEL_SCALE = 0.3  # of the logits: losses differ less, so the bound bites earlier
LEVEL = 0.8


@measures("markov/pretraining_gap_memory", over=chains)
def pretraining_gap_memory(subject: ChainSubject, context: Context) -> Iterator[Case]:
    source = source_of(subject)
    _, model = fixed_model(source, context.rng, MODEL_SCALE)
    loss = total_variation_loss(source.table, model)
    profile = memory_profile(loss, source.T, source.K)
    w0, W = float(profile.w[0]), profile.effective_memory
    omega = min(profile.total_influence, float(source.K))
    tokens = 1.0 + toeplitz_norm_limit(source.curve)
    candidates = [source.K * 2**q for q in range(8)]

    def block_norm(block: int) -> float:
        forgets = subject.kappa ** (block // source.K)
        return 1 + 1 / (1 - forgets) if forgets < 1 else math.inf

    def cost(block: int) -> float:
        return block_norm(block) * (block * w0 + W) / math.sqrt(block)

    block = min(candidates, key=cost)
    scale = min(cost(block), tokens * omega)
    N = math.ceil(scale**2 * math.log(1 / DELTAS[1]) / (2 * LEVEL**2)) + block
    if N > LONGEST:
        raise NotApplicable(f"the source mixes too slowly: a bound below {LEVEL} needs {N} tokens")
    N = max(N, 20)
    tokens += max(0, N - source.curve.size) * float(source.curve[-1])
    gaps = source.gaps(loss[:, None], N, context.rng)[:, 0]
    for delta in DELTAS:
        values = {
            "N": N,
            "delta": delta,
            "block": block,
            "K": source.K,
            "w0": w0,
            "W": W,
            "Gamma_block": block_norm(block),
            "Omega": omega,
            "Gamma_tokens": tokens,
        }
        for statement in ("blocks", "tokens"):
            yield Frequency(
                values,
                count(gaps),
                gaps.size,
                statement,
                label=f"N = {N}, delta = {delta}",
                quantity=median(gaps),
            )
