"""The shipped machines compute what their descriptions say."""

import pytest

from numerics.machines import library
from numerics.machines.automata import END, as_machine, automaton_of_table, dfa_to_ar
from numerics.machines.oblivious import NotOblivious, check_schedule, compile_oblivious, head_schedule
from numerics.machines.table import machine_of_table
from numerics.machines.turing import MachineError, StepLimit, simulate, steps_to_halt, words


def halted(name, x, limit=10_000):
    """(answer, tape as text) when the machine stops."""
    machine = library.machine(name)
    run = simulate(machine, x, steps_to_halt(machine, x, limit))
    cells = run.cells[0]
    return run.answer, "".join(
        cells.get(c, machine.blank) for c in range(min(cells, default=0), max(cells, default=-1) + 1)
    )


BITS = [x for n in range(1, 7) for x in words("01", n)]


@pytest.mark.parametrize("x", BITS)
def test_decisions(x):
    text = "".join(x)
    assert halted("ones_mod_2", x)[0] == text.count("1") % 2
    assert halted("find_11", x)[0] == ("11" in text)
    assert halted("palindrome", x)[0] == (text == text[::-1])


@pytest.mark.parametrize("x", BITS)
def test_functions(x):
    text = "".join(x)
    assert halted("binary_increment", x) == (1, format(int(text, 2) + 1, f"0{len(text)}b"))
    assert halted("copy", x) == (1, f"{text}={text}")


def test_unary_multiplication():
    for a in range(5):
        for b in range(5):
            answer, tape = halted("unary_multiplication", "1" * a + "x" + "1" * b)
            assert answer == 1
            assert tape.partition("=")[0] == "1" * a + "x" + "1" * b
            assert tape.partition("=")[2] == "1" * (a * b)
    for wrong in ("11", "1x1x", "x1x"):
        assert halted("unary_multiplication", wrong)[0] == (wrong == "x1x")  # 0 times anything: nothing is read


def test_busy_beavers():
    for name, steps, ones in (("busy_beaver_3", 14, 6), ("busy_beaver_4", 107, 13)):
        machine = library.machine(name)
        assert steps_to_halt(machine, "0") == steps
        assert halted(name, "0")[1].count("1") == ones


def cyclic_tag(productions, data, steps):
    """Data after at most `steps` deletions, and whether nothing is left; the definition, without a tape."""
    for t in range(steps):
        if not data:
            return data, True
        data = data[1:] + (productions[t % len(productions)] if data[0] == "1" else "")
    return data, not data


@pytest.mark.parametrize(
    ("productions", "data"),
    [
        (["0"], "1"),
        (["0", "1"], "11"),
        (["", "10", ""], "111"),
        (["011", "", "0"], "101"),
        (["", ""], "10110"),
        (["11", "0", ""], "1"),
        (["11", "0"], "101"),
    ],
)
def test_the_interpreter_runs_cyclic_tag_systems(productions, data):
    word = "".join(f"{p}," for p in productions) + ":" + data
    _, ended = cyclic_tag(productions, data, 40)
    if ended:
        answer, tape = halted("cyclic_tag", word)
        assert answer == 1
        assert set(tape.partition(":")[2]) <= {"x"}
        return
    # It does not stop: after every deletion the data on the tape are those of the definition.
    machine = library.machine("cyclic_tag")
    with pytest.raises(StepLimit):
        steps_to_halt(machine, word, 3000)
    run = simulate(machine, word, 3000)
    deleted = sum(a == "x" for a in run.cells[0].values())
    assert deleted > 5
    fronts = [t for t in range(3000) if run.states[t] == "front" and run.reads[t] in (("0",), ("1",))]
    for made, t in enumerate(fronts[:8]):
        cells = simulate(machine, word, t).cells[0] if t else dict(enumerate(word))
        assert (
            "".join(a for c, a in sorted(cells.items()) if c > word.index(":") and a != "x")
            == cyclic_tag(productions, data, made)[0]
        )


def test_unknown_machines_are_named():
    with pytest.raises(library.UnknownMachine, match="no machine 'enigma'"):
        library.machine("enigma")


EVEN = {
    "states": ["even", "odd"],
    "alphabet": ["0", "1"],
    "start": "even",
    "accept": ["even"],
    "transitions": [["even", "0", "even"], ["even", "1", "odd"], ["odd", "0", "odd"], ["odd", "1", "even"]],
}


@pytest.mark.parametrize("n", [1, 2, 5])
def test_automata_take_one_token_a_symbol(n):
    compiled = dfa_to_ar(EVEN, n)
    assert compiled.token_count == n + 1
    assert compiled.least_gap == 1
    assert compiled.verification.exhaustive
    assert {len(step.live) for step in compiled.model.steps[:-1]} == {4}  # |Q| |Sigma|
    machine = as_machine(EVEN)
    assert head_schedule(machine, n, n) == tuple((t,) for t in range(n))
    for x in words("01", n):
        chain = [line.token for line in compiled.trace(x)]
        assert chain[-1] == str(simulate(machine, x, n).answer) == str(int(x.count("1") % 2 == 0))
    assert END in machine.alphabet


@pytest.mark.parametrize(
    ("change", "at", "message"),
    [
        ({"transitions": EVEN["transitions"][1:]}, ("transitions",), "no transition for state 'even' reading 0"),
        ({"transitions": [["even", "0"]]}, ("transitions", 0), "expected \\[state, symbol, new_state\\]"),
        ({"accept": ["none"]}, ("accept", 0), "accepting state 'none'"),
        ({"alphabet": "01"}, ("alphabet",), "alphabet is '01', expected a list"),
    ],
)
def test_faulty_automata(change, at, message):
    with pytest.raises(MachineError, match=message) as found:
        automaton_of_table({**EVEN, **change})
    assert found.value.at == at


def test_schedules_given_by_hand():
    machine = library.machine("ones_mod_2")
    walk = tuple((t,) for t in range(20))
    assert check_schedule(machine, walk, 20) == "sampled"
    assert check_schedule(machine, ((0,), (1,), (2,), (2,)), 2) == "exhaustive"
    assert len(compile_oblivious(machine, 20, 20, walk).steps) == 21
    with pytest.raises(NotOblivious, match="after 2 steps on input 0 0 the heads are on 2, the schedule says 1"):
        check_schedule(machine, ((0,), (1,), (1,)), 2)
    with pytest.raises(MachineError, match="too many to compare"):
        head_schedule(machine, 20, 20)
    with pytest.raises(MachineError, match="entry 1 of the schedule has 2 cells"):
        check_schedule(machine, ((0,), (1, 2)), 2)
    with pytest.raises(MachineError, match="the schedule has 3 entries, expected one for each of 4 steps"):
        compile_oblivious(machine, 2, 4, walk[:3])


def test_names_that_would_be_spelled_alike_are_refused():
    table = {
        "states": ["q"],
        "alphabet": ["a", "[q]a", "_"],
        "blank": "_",
        "input_alphabet": ["a"],
        "start": "q",
        "accept": ["q"],
        "tape": "one_sided",
        "transitions": [["q", s, "q", s, "S"] for s in ("a", "[q]a", "_")],
    }
    from numerics.machines.dictionary import compile_dictionary

    with pytest.raises(MachineError, match=r"the cell token '\[q\]a' has two meanings"):
        compile_dictionary(machine_of_table(table), 1, 1)
