"""Tests with several co-concepts, measured on learned networks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.concepts.prompts import Sampler
from verify.concepts.composed import Task, dictionary_of, network_of, rounded_off, tasks
from verify.instance import Instance
from verify.measurement import Context, measures


@measures("concepts/ood_co_concepts", over=tasks, examples=(40, 400))
def ood_co_concepts(task: Task, context: Context) -> Iterator[Instance]:
    from numerics.concepts.learned import clean_prompt, correct_attention_of, margin
    from numerics.concepts.network import batch_of, forward

    network, atoms = network_of(task), dictionary_of(task.seed)
    length = task.matches + task.others
    prompts = Sampler(length, "counts", task.matches, co_concepts=2).enumerate(atoms)
    attention = correct_attention_of(network, prompts)
    value = forward(network, batch_of(prompts, 1, shared=True)).value[0].numpy()
    b, c, d = (x.sum(0) for x in (atoms.b, atoms.c, atoms.d))
    form = float(b @ (network.W_K[0].T @ network.W_Q[0]).numpy() @ b)
    together = sum(task.beta)
    yield Instance({}, rounded_off(form), "strength", bound=rounded_off(together))
    coordinate = int(context.rng.integers(len(c)))
    for row, target in enumerate(prompts.target):
        values = {
            "np": task.matches,
            "nm": task.others,
            "bs": together,
            "eq": int(target),
            "cj": float(c[coordinate]),
            "dj": float(d[coordinate]),
        }
        yield Instance(values, rounded_off(float(attention[row])), "attention", scale=1.0)
        yield Instance(values, rounded_off(float(value[row, coordinate])), "value", scale=1.0)
        for beta in task.beta:
            yield Instance({**values, "b": beta}, rounded_off(float(attention[row])), "easier than each", scale=1.0)
    # A prompt whose two concepts have opposite signs, which the sampler refuses to draw: its two real labels.
    signs = [task.target] * task.matches + [-task.target] * task.others
    opposite = np.asarray([1.0, -1.0])
    prompt = clean_prompt(
        atoms.a.sum(0), opposite @ atoms.b, atoms.c.sum(0), opposite @ atoms.d, [task.target], [signs]
    )
    output = float(margin(network, prompt)[0])
    yield Instance({"f": output}, rounded_off(min(output, -output)), "opposite signs leave an error", scale=1.0)
