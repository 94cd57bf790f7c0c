"""Tests on composed concepts, measured on learned networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from verify.concepts.composed import Task, network_of, prompt_of, rounded_off, tasks, vectors_of
from verify.instance import Instance
from verify.measurement import Context, measures


@measures("concepts/ood_conic_dictionary", over=tasks, examples=(60, 600))
def ood_conic_dictionary(task: Task, context: Context) -> Iterator[Instance]:
    from numerics.concepts.learned import correct_attention_of, margin

    network, prompt = network_of(task), prompt_of(task)
    values = {
        "np": task.matches,
        "nm": task.others,
        "bs": task.strength,
        "C": task.concept,
        "D": task.difference,
    }
    shown = {"t": task.t, "t'": task.t1, "t''": task.t2}
    b_star = vectors_of(task)[1]
    form = float(b_star @ (network.W_K[0].T @ network.W_Q[0]).numpy() @ b_star)
    yield Instance(values, rounded_off(form), "strength", bound=rounded_off(task.strength), witness=shown)
    attention = rounded_off(float(correct_attention_of(network, prompt)[0]))
    yield Instance(values, attention, "attention", witness=shown, scale=1.0)
    found = rounded_off(float(margin(network, prompt)[0]))
    for statement in ("output", "right", "wrong"):
        yield Instance(values, found, statement, witness=shown, scale=1.0)
    conic = replace(task, t1=tuple(abs(x) for x in task.t1))
    d_star = vectors_of(conic)[3]
    read = float(network.W_O[0, 0].numpy() @ d_star)  # a neuron of positive output weight
    for t, p in zip(conic.t1, conic.p, strict=True):
        yield Instance(values, rounded_off(read), "conic differences", bound=rounded_off(t * p), scale=1.0)
    if task.signal > 0 and task.q[0] > 0:
        deficit = context.rng.uniform(0, 2)
        silent = replace(task, t2=(-(task.signal + deficit) / task.q[0], 0.0))
        quantity = rounded_off(float(margin(network_of(silent), prompt_of(silent))[0]))
        yield Instance({**values, "deficit": deficit}, quantity, "negative concept is silent", scale=1.0)
