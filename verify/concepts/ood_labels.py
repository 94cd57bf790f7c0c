"""Tests with the labels of another concept, measured on learned networks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from numerics.concepts.prompts import Sampler
from verify.concepts.composed import ROUNDING, Task, dictionary_of, network_of, rounded_off, tasks
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact


@measures("concepts/ood_switched_labels", over=tasks, examples=(40, 400))
def ood_switched_labels(task: Task, context: Context) -> Iterator[Instance]:
    from numerics.concepts.learned import margin

    network, atoms = network_of(task), dictionary_of(task.seed)
    neurons = network.W_O[0].numpy()
    eta = float(context.rng.uniform(-1, 1))
    for k in range(2):
        for side, row in ((1, neurons[0]), (-1, neurons[-1])):
            read = float(row @ (atoms.c[k] + eta * atoms.d[k]))
            values = {"C": task.q[k], "D": task.p[k], "eta": eta, "side": side}
            yield Instance(values, rounded_off(read), "reading", scale=1.0)
    for tau in ((0, 1), (1, 0)):
        prompts = Sampler(2 * task.matches, "balanced", label_permutation=tau).enumerate(atoms)
        margins = margin(network, prompts)
        for k, found in zip(prompts.concepts[:, 0], margins, strict=True):
            values = {"b": task.beta[k], "C": task.q[tau[k]], "D": task.p[tau[k]]}
            yield Instance(values, rounded_off(float(found)), "margin", scale=1.0)
        missed = Fraction(int((margins <= ROUNDING).sum()), len(margins))
        yield Instance({}, exact(missed), "no error", label=f"tau = {tau}")
