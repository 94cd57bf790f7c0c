"""Every route against direct simulation on 200 random machines, with gaps and norms as stated."""

from hypothesis import given, settings

from numerics.machines.binary import binary_squared_norm
from numerics.machines.dense import decode, dense, encode, rollout
from numerics.machines.dictionary import dictionary_squared_norm, dictionary_squared_norm_at_zero
from numerics.machines.linear_ar import gap
from numerics.machines.linear_ar import rollout as exact_rollout
from numerics.machines.oblivious import NotOblivious, oblivious_squared_norm
from numerics.machines.routes import compile_machine
from numerics.machines.turing import configurations, simulate, words
from verify.strategies.machines import machine_tasks, oblivious_tasks

ROADS = (("binary", False), ("binary", True), ("dictionary", False), ("dictionary", True), ("sweep", False))


def agree_in_floats(chain):
    """float64 and float32 decode the machine's configurations on every input."""
    inputs = words(chain.machine.input_alphabet, chain.n)
    for backend in ("float64", "float32"):
        model = dense(chain.model, chain.compiled.tokens, backend)
        found = decode(model, rollout(model, encode(model, [chain.prompt(x) for x in inputs])))
        for x, said in zip(inputs, found, strict=True):
            assert chain.layers(x, said) == configurations(chain.machine, x, chain.tau)


def norms_as_stated(chain):
    """B_t^2 against the specification's formulas."""
    machine, model = chain.machine, chain.model
    norms, cells = model.squared_norms, len(chain.compiled.model.steps)
    accepting, symbols, states = len(machine.accept), len(machine.alphabet), len(machine.states)
    window = range(0 if machine.tape == "one_sided" else -chain.tau, max(chain.tau, chain.n - 1) + 1)
    if chain.route == "binary":
        assert max(norms[:-1]) <= binary_squared_norm(machine)
        assert norms[-1] <= 4 * len(window) * accepting + 1
    elif chain.route == "dictionary":
        stated = dictionary_squared_norm(machine)
        # Moves to the left on cell 0 of a one-sided tape stay: they weigh 4 |A| more each, and 4 more on the symbol.
        at_zero = dictionary_squared_norm_at_zero(machine) if machine.tape == "one_sided" else stated
        assert at_zero <= stated + 4 * states * symbols * (symbols + 1)
        assert max(norms[:-1]) <= max(stated, at_zero)
        assert norms[-1] <= 4 * len(window) * symbols * accepting + 1
        if not chain.cone and chain.tau >= 2:
            last_layer = norms[cells - 1 - len(window) : -1]
            ends = {} if machine.tape == "two_sided" else {0: at_zero}
            for cell, norm in zip(window, last_layer, strict=True):
                if cell in ends or window[0] < cell < window[-1]:
                    assert norm == ends.get(cell, stated)
    elif chain.route == "oblivious":
        assert max(norms[:-1]) <= oblivious_squared_norm(machine)
        assert norms[-1] <= 4 * states * symbols**machine.tapes + 1


@given(machine_tasks(binary=True))
@settings(max_examples=200, deadline=None)
def test_200_random_machines_by_every_route(task):
    machine = task.machine
    inputs = words(machine.input_alphabet, task.n)
    x = inputs[-1]
    for route, cone in ROADS:
        chain = compile_machine(machine, task.n, task.tau, route, cone=cone)  # raises where a token is wrong
        assert chain.compiled.least_gap == 1
        assert chain.compiled.verification.exhaustive
        norms_as_stated(chain)
        if route == "dictionary":
            agree_in_floats(chain)
            said = exact_rollout(chain.model, chain.prompt(x))
            assert chain.layers(x, said) == configurations(machine, x, task.tau)
            context = (*chain.prompt(x), *said)
            assert all(gap(step, context[: task.n + t], said[t]) >= 1 for t, step in enumerate(chain.model.steps))
    try:
        chain = compile_machine(machine, task.n, task.tau, "oblivious")
    except NotOblivious:
        assert len({simulate(machine, x, task.tau).heads[: task.tau] for x in inputs}) > 1
    else:
        agree_in_floats(chain)


@given(oblivious_tasks())
@settings(max_examples=60, deadline=None)
def test_random_oblivious_machines(task):
    chain = compile_machine(task.machine, task.n, task.tau, "oblivious")
    assert chain.compiled.least_gap == 1
    norms_as_stated(chain)
    agree_in_floats(chain)
