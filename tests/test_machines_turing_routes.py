"""Every route against direct simulation: all shipped machines on all inputs up to length 6."""

import pytest

from numerics.machines import library
from numerics.machines.dense import decode, dense, encode, gaps, rollout
from numerics.machines.linear_ar import rollout as exact_rollout
from numerics.machines.oblivious import NotOblivious, head_schedule
from numerics.machines.routes import compile_machine, expected_length
from numerics.machines.sweep import sweep_dictionary_size
from numerics.machines.table import machine_of_table
from numerics.machines.turing import MachineError, configurations, simulate, steps_to_halt, words

ROADS = [
    ("binary", False),
    ("binary", True),
    ("dictionary", False),
    ("dictionary", True),
    ("oblivious", False),
    ("sweep", False),
]


def agree(chain, floats=("float64",)):
    """Exact, float64 and direct chains are the same on every input; each layer is the machine's configuration."""
    machine = chain.machine
    inputs = words(machine.input_alphabet, chain.n)
    prompts = [chain.prompt(x) for x in inputs]
    found = []
    for backend in ("int64", *floats):
        model = dense(chain.model, chain.compiled.tokens, backend)
        indices = encode(model, prompts)
        found.append(decode(model, rollout(model, indices)))
    assert all(other == found[0] for other in found[1:])
    for x, said in zip(inputs, found[0], strict=True):
        assert chain.layers(x, said) == configurations(machine, x, chain.tau)
        assert said[-1] == str(simulate(machine, x, chain.tau).answer)


# Steps of each machine: enough to change something on every input, few enough for chains of some thousand tokens.
STEPS = {
    "ones_mod_2": 7,
    "find_11": 7,
    "binary_increment": 7,
    "palindrome": 7,
    "copy": 5,
    "unary_multiplication": 5,
    "busy_beaver_3": 6,
    "busy_beaver_4": 6,
    "cyclic_tag": 3,
}


@pytest.mark.parametrize("name", library.NAMES)
@pytest.mark.parametrize(("route", "cone"), [("dictionary", True), ("dictionary", False), ("binary", True)])
def test_shipped_machines_on_all_inputs_up_to_length_6(name, route, cone):
    machine = library.machine(name)
    if route == "binary" and len(machine.input_alphabet) != 2:
        with pytest.raises(MachineError, match="expected 2 for the binary route"):
            compile_machine(machine, 2, 2, route, cone=cone)
        return
    for n in range(1, 7):
        tau = STEPS[name] if cone and route == "dictionary" else min(STEPS[name], 4 if len(machine.states) < 6 else 2)
        chain = compile_machine(machine, n, tau, route, cone=cone)
        assert chain.compiled.verification.exhaustive
        assert chain.compiled.token_count == expected_length(machine, n, tau, route, cone=cone)[0]
        assert chain.compiled.least_gap == 1
        agree(chain, floats=("float64",) if n < 6 else ())


@pytest.mark.parametrize("name", library.NAMES)
@pytest.mark.parametrize("route", ["binary", "sweep", "oblivious"])
def test_the_other_routes_of_shipped_machines(name, route):
    """Without the cone in bits, by sweeping, and obliviously: fewer steps, for these chains are longer."""
    machine = library.machine(name)
    if (route == "binary" and len(machine.input_alphabet) != 2) or (route == "sweep" and len(machine.states) > 5):
        return  # covered above; dictionaries of thousands of tokens
    for n in (1, 6) if route == "sweep" else range(1, 7):
        tau = {"binary": 1 if len(machine.states) > 5 else 2, "sweep": 2, "oblivious": n + 2}[route]
        try:
            chain = compile_machine(machine, n, tau, route)
        except NotOblivious:
            assert name not in ("ones_mod_2", "binary_increment")
            continue
        agree(chain, floats=())


@pytest.mark.parametrize(
    ("name", "n"),
    [("palindrome", 3), ("binary_increment", 4), ("copy", 2), ("unary_multiplication", 3), ("find_11", 5)],
)
def test_whole_computations_of_every_input(name, n):
    """With as many steps as the slowest input needs, the last layer is what the machine leaves."""
    machine = library.machine(name)
    inputs = words(machine.input_alphabet, n)
    tau = max(steps_to_halt(machine, x) for x in inputs)
    chain = compile_machine(machine, n, tau, "dictionary", cone=True)
    model = dense(chain.model, chain.compiled.tokens, "int64")
    said = decode(model, rollout(model, encode(model, inputs)))
    for x, tokens in zip(inputs, said, strict=True):
        last = chain.layers(x, tokens)[-1]
        run = simulate(machine, x, steps_to_halt(machine, x))
        assert last.state == run.states[-1] and last.cells == run.cells
        assert tokens[-1] == str(run.answer)


def test_a_whole_computation():
    """From the empty tape to the halt of the busy beaver, read off the chain alone."""
    machine = library.machine("busy_beaver_3")
    chain = compile_machine(machine, 1, 14, "dictionary", cone=True)
    said = exact_rollout(chain.model, "0")
    last = chain.layers("0", said)[-1]
    assert last.state == "H" and said[-1] == "1"
    assert "".join(last.cells[0].values()) == "111111"
    assert chain.compiled.token_count == 15**2


@pytest.mark.parametrize(
    ("route", "cone", "two_sided", "one_sided"),
    [
        ("binary", False, 397, 221),
        ("binary", True, 193, 119),
        ("dictionary", False, 37, 21),
        ("dictionary", True, 25, 15),
        ("sweep", False, 69, 37),
        ("oblivious", False, 5, 5),
    ],
)
def test_token_counts_of_the_specification(route, cone, two_sided, one_sided):
    for tape, count in (("two_sided", two_sided), ("one_sided", one_sided)):
        machine = machine_of_table({**library.table("ones_mod_2"), "tape": tape})
        chain = compile_machine(machine, 3, 4, route, cone=cone)
        assert chain.compiled.token_count == count == expected_length(machine, 3, 4, route, cone=cone)[0]
        agree(chain)


def test_the_541_token_case():
    """|Q| = |A| = 3, tau = 4, n = 3 on a two-sided tape."""
    machine = library.machine("find_11")
    assert compile_machine(machine, 3, 4, "binary").compiled.token_count == 541
    assert compile_machine(machine, 3, 4, "dictionary").compiled.token_count == 37


def test_the_oblivious_oracle():
    machine = library.machine("ones_mod_2")
    chain = compile_machine(machine, 3, 4, "oblivious")
    assert exact_rollout(chain.model, "101") == ("even:1", "odd:0", "odd:1", "even:B", "0")
    with pytest.raises(NotOblivious, match="after 2 steps"):
        compile_machine(library.machine("find_11"), 3, 4, "oblivious")
    assert head_schedule(library.machine("find_11"), 3, 2) == ((0,), (1,))


DAMAGE = {  # a token and another one in its place
    ("binary", False): (-3, None),
    ("binary", True): (-3, None),
    ("dictionary", False): (1, "[odd]1"),
    ("dictionary", True): (1, "[odd]1"),
    ("oblivious", False): (1, "even:0"),
    ("sweep", False): (16, "scan:[odd]1"),  # the last visit of step 1
}


@pytest.mark.parametrize(("route", "cone"), DAMAGE)
def test_a_damaged_layer_is_caught(route, cone):
    """A chain with one token replaced is not read as the machine's run."""
    machine = library.machine("ones_mod_2")
    chain = compile_machine(machine, 3, 4, route, cone=cone)
    said = list(exact_rollout(chain.model, chain.prompt("101")))
    assert chain.layers("101", said) == configurations(machine, "101", 4)
    at, token = DAMAGE[route, cone]
    said[at] = token or ("1" if said[at] == "0" else "0")
    try:
        assert chain.layers("101", said) != configurations(machine, "101", 4)
    except ValueError as error:
        assert "of the chain" in str(error) or "sweep 1" in str(error) or "reads" in str(error)


def test_what_a_route_cannot_take_is_said():
    machine = library.machine("find_11")
    copying = {
        "states": ["c"],
        "alphabet": ["0", "B"],
        "blank": "B",
        "input_alphabet": ["0"],
        "start": "c",
        "accept": ["c"],
        "tape": "two_sided",
        "transitions": [["c", [a, b], "c", [a, a], [1, 1]] for a in "0B" for b in "0B"],
    }
    for route in ("dictionary", "sweep"):
        with pytest.raises(MachineError, match="2 tapes, expected one"):
            compile_machine(machine_of_table(copying), 2, 2, route)
    with pytest.raises(MachineError, match="the route sweep has no cone"):
        compile_machine(machine, 2, 2, "sweep", cone=True)
    with pytest.raises(MachineError, match="takes no schedule"):
        compile_machine(machine, 2, 2, "sweep", schedule=((0,), (1,)))
    with pytest.raises(MachineError, match=r"541 tokens = .* expected at most 500"):
        compile_machine(machine, 3, 4, "binary", most_tokens=500)
    with pytest.raises(MachineError, match="inputs of 0 symbols"):
        compile_machine(machine, 0, 2, "dictionary")
    with pytest.raises(MachineError, match="compiled for 2"):
        compile_machine(machine, 2, 2, "dictionary").prompt("011")
    assert sweep_dictionary_size(machine) == (2 * 3 + 2) * 3 * (3 + 1)


def test_gaps_are_one_on_every_step_and_input():
    chain = compile_machine(library.machine("palindrome"), 3, 6, "dictionary", cone=True)
    model = dense(chain.model, chain.compiled.tokens, "int64")
    prompts = encode(model, words("01", 3))
    for found in gaps(model, prompts, rollout(model, prompts)):
        assert found is not None and found.min() >= 1
