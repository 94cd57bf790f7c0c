"""Training on clean populations: what W_Q and W_K become, on random dictionaries, label modes and learning rates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.concepts.prompts import Sampler
from numerics.concepts.schedule import Schedule
from verify.concepts.networks import random_dictionary, same, seeds
from verify.instance import Instance
from verify.measurement import Context, measures

MODES = ("balanced", "iid", "atleast1", "onematch")  # each is invariant under flipping all signs
ERROR = 1e-10  # float64 steps accumulate; found about 1e-14


@measures("concepts/only_b_grows", over=seeds, examples=(8, 80))
def only_b_grows(seed: int, context: Context) -> Iterator[Instance]:
    from numerics.concepts.training import Setting, advance, start

    rng = np.random.default_rng(seed)
    dictionary = random_dictionary(rng)
    mode = MODES[int(rng.integers(len(MODES)))]
    lam, sigma_0 = float(rng.uniform(0.001, 0.05)), float(rng.uniform(0.1, 0.5))
    gamma = float(rng.uniform(40, 2000))
    q_0, p_0 = float(rng.uniform(0.5, 2)), float(rng.uniform(-0.5, 0.5))
    setting = Setting(Sampler(4, mode), (lam,), (sigma_0,), gamma, 4, 0, q_0=q_0, p_0=p_0)
    run = start(setting, dictionary, rng)
    a, b, rest = dictionary.a, dictionary.b, dictionary.nu
    squares = (b**2).sum(1)
    projections = np.einsum("ki,kj,k->kij", b, b, 1 / squares)
    witness = {"mode": mode, "lambda": lam, "gamma": gamma, "sigma_0": sigma_0, "q_0": q_0, "p_0": p_0}
    for t in (1, context.pick(40, 200), context.pick(200, 1200)):
        run = advance(run, t)
        query, key = (getattr(run.parameters, name)[0].numpy() for name in ("W_Q", "W_K"))
        decayed = sigma_0 * Schedule(lam, gamma).decay(t)
        eigenvalues = np.einsum("ki,ij,kj->k", b, query, b) / squares
        expected = decayed * (np.eye(len(query)) - projections.sum(0))
        expected += np.einsum("k,kij->ij", eigenvalues, projections)
        label = f"t = {t}"
        yield same(query, expected, "matrix", ERROR, label, witness)
        yield same(key, query, "keys", ERROR, label, witness)
        yield same(query @ b.T, (eigenvalues[:, None] * b).T, "on b", ERROR, label, witness)
        outside = np.concatenate([a, rest])
        yield same(query @ outside.T, decayed * outside.T, "off b", ERROR, label, witness)
        alpha = np.einsum("ki,ki->k", a @ key.T, a @ query.T)
        yield same(alpha, decayed**2 * (a**2).sum(1), "alpha", ERROR, label, witness)
