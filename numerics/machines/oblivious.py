"""The oblivious route: one token a step for machines whose heads do not depend on the input.

Main definitions
    head_schedule       where the heads are, for all inputs of a length; NotOblivious names two that differ
    check_schedule      a schedule given by hand, against all inputs or against 1000 seeded ones ("sampled")
    compile_oblivious   the linear predictor: a token `state:symbols` a step, then the answer `0` or `1`
    true_chain          the chain that the direct simulation says
    oblivious_layers    a chain decoded to (tapes, heads, state) after 0..tau steps
    oblivious_squared_norm   what the specification says of B_t^2

Token t is the state before step t and the symbols that step reads. Its state is a function of token t - 1; the symbol
on a tape is a function of the token of the last visit of that cell, or of the prompt token on a first visit. A sum of
such functions is linear in the one-hot features. Source: specification `autoregressive`, turing_oblivious and 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from numerics.machines.linear_ar import Feature, LinearAR, LinearStep
from numerics.machines.turing import (
    Configuration,
    MachineError,
    Symbols,
    TuringMachine,
    check_sizes,
    moved,
    simulate,
    words,
)

MOST_INPUTS = 2**16
SAMPLED_INPUTS = 1000
Schedule = tuple[tuple[int, ...], ...]  # (tau, tapes): cells of the heads before steps 1..tau


class NotOblivious(ValueError):
    """Two inputs of one length move a head differently; the message names them and the first time it happens."""


def head_schedule(machine: TuringMachine, n: int, tau: int) -> Schedule:
    """Head cells before each of the steps 1..tau, the same for all inputs of length n.

    Raises NotOblivious with two inputs and the number of steps already made, and MachineError for more than 2^16 inputs
    (then give a schedule, see `check_schedule`).
    """
    check_sizes(machine, n, tau)
    if len(machine.input_alphabet) ** n > MOST_INPUTS:
        raise MachineError(
            machine.name,
            f"{len(machine.input_alphabet)}^{n} inputs are too many to compare, expected at most 2^16 or a schedule",
        )
    inputs = words(machine.input_alphabet, n)
    first = simulate(machine, inputs[0], tau).heads
    # The earliest time over all pairs: with it, the message does not depend on the order of the inputs' symbols.
    earliest: tuple[int, Symbols] | None = None
    for x in inputs[1:]:
        other = simulate(machine, x, tau).heads
        differs = next((t for t in range(tau) if other[t] != first[t]), None)
        if differs is not None and (earliest is None or differs < earliest[0]):
            earliest = differs, x
    if earliest is not None:
        raise NotOblivious(
            f"{machine.name} is not oblivious on length {n}: inputs {' '.join(inputs[0])} and {' '.join(earliest[1])} "
            f"have their heads on different cells after {earliest[0]} steps"
        )
    return first[:tau]


def check_schedule(machine: TuringMachine, schedule: Schedule, n: int, *, seed: int = 0) -> str:
    """Compare a schedule with the heads' paths: "exhaustive" on all inputs of length n, "sampled" on 1000 seeded ones.

    Raises NotOblivious naming an input that leaves the schedule, MachineError for a schedule of the wrong shape.
    """
    check_sizes(machine, n, len(schedule))
    for t, cells in enumerate(schedule):
        if len(cells) != machine.tapes:
            raise MachineError(
                machine.name, f"entry {t} of the schedule has {len(cells)} cells for {machine.tapes} tapes"
            )
    exhaustive = len(machine.input_alphabet) ** n <= MOST_INPUTS
    for x in words(machine.input_alphabet, n) if exhaustive else _drawn(machine, n, seed):
        heads = simulate(machine, x, len(schedule)).heads
        differs = next((t for t, cells in enumerate(schedule) if heads[t] != tuple(cells)), None)
        if differs is not None:
            raise NotOblivious(
                f"{machine.name}: after {differs} steps on input {' '.join(x)} the heads are on "
                f"{', '.join(map(str, heads[differs]))}, the schedule says {', '.join(map(str, schedule[differs]))}"
            )
    return "exhaustive" if exhaustive else "sampled"


def _drawn(machine: TuringMachine, n: int, seed: int) -> Iterable[Symbols]:
    drawn = np.random.default_rng(seed).integers(len(machine.input_alphabet), size=(SAMPLED_INPUTS, n))
    return (tuple(machine.input_alphabet[i] for i in row) for row in drawn)


def token(state: str, reads: Symbols) -> str:
    """`state:symbol`, symbols of several tapes separated by commas."""
    return f"{state}:{','.join(reads)}"


def pair_tokens(machine: TuringMachine) -> dict[str, tuple[str, Symbols]]:
    """Every token with its state and symbols, in table order. MachineError where two are spelled alike."""
    pairs = [(q, a) for q in machine.states for a in words(machine.alphabet, machine.tapes)]
    found = {token(*pair): pair for pair in pairs}
    if len(found) != len(pairs):
        twice = next(token(*p) for p in pairs if found[token(*p)] != p)
        raise MachineError(machine.name, f"the token {twice!r} has two meanings: rename a symbol or a state")
    return found


def compile_oblivious(machine: TuringMachine, n: int, tau: int, schedule: Schedule | None = None) -> LinearAR:
    """A chain of tau + 1 tokens for prompts of n input symbols. Raises NotOblivious, MachineError.

    A schedule that is given is trusted here: compare it with `check_schedule` first.
    """
    check_sizes(machine, n, tau)
    schedule = head_schedule(machine, n, tau) if schedule is None else schedule
    if len(schedule) != tau:
        raise MachineError(
            machine.name, f"the schedule has {len(schedule)} entries, expected one for each of {tau} steps"
        )
    everything = pair_tokens(machine)
    live = tuple(everything)
    last_visit: dict[tuple[int, int], int] = {}  # (tape, cell) to the position of the token of its last visit
    steps = []
    for t in range(1, tau + 1):
        weights: dict[Feature, dict[str, int]] = {}
        bias: dict[str, int] = {}
        if t == 1:
            _reward(bias, [out for out, (q, _) in everything.items() if q == machine.start])
        else:
            for name, pair in everything.items():
                target = machine.transitions[pair].state
                _reward(
                    weights.setdefault((n + t - 2, name), {}), [o for o, (q, _) in everything.items() if q == target]
                )
        for tape, cell in enumerate(schedule[t - 1]):
            reading = {a: [o for o, (_, reads) in everything.items() if reads[tape] == a] for a in machine.alphabet}
            if (tape, cell) in last_visit:
                for name, pair in everything.items():
                    written = machine.transitions[pair].writes[tape]
                    _reward(weights.setdefault((last_visit[tape, cell], name), {}), reading[written])
            elif tape == 0 and 0 <= cell < n:
                for symbol in machine.input_alphabet:
                    _reward(weights.setdefault((cell, symbol), {}), reading[symbol])
            else:
                _reward(bias, reading[machine.blank])
            last_visit[tape, cell] = n + t - 1
        steps.append(LinearStep(live, weights, bias))
    accepting = [name for name, pair in everything.items() if machine.transitions[pair].state in machine.accept]
    steps.append(LinearStep(("0", "1"), {(n + tau - 1, name): {"1": 2} for name in accepting}, {"1": -1}))
    return LinearAR(n, tuple(steps))


def true_chain(machine: TuringMachine, x: Sequence[str], tau: int) -> tuple[str, ...]:
    """The tau + 1 tokens by direct simulation."""
    run = simulate(machine, x, tau)
    return (*(token(state, reads) for state, reads in zip(run.states, run.reads, strict=False)), str(run.answer))


def oblivious_meanings(tau: int) -> tuple[str, ...]:
    """What each token of the chain says."""
    return (*(f"step {t}: state before it, symbols it reads" for t in range(1, tau + 1)), "answer")


def oblivious_layers(
    machine: TuringMachine, x: Sequence[str], chain: Sequence[str], schedule: Schedule
) -> tuple[Configuration, ...]:
    """Configurations after 0..tau steps that the tokens of a chain say: their states, and what their steps write.

    A tape here holds what the tokens say was read and written; ValueError where a token reads another symbol.
    """
    tokens = pair_tokens(machine)
    cells: list[dict[int, str]] = [dict(enumerate(x))] + [{} for _ in range(machine.tapes - 1)]
    found = []
    state, heads = machine.start, (0,) * machine.tapes
    for t, (name, heads) in enumerate(zip(chain, schedule, strict=False), start=1):
        state, reads = tokens[name]
        found.append(_configuration(machine, cells, heads, state))
        done = machine.transitions[state, reads]
        for tape, cell, read, written in zip(cells, heads, reads, done.writes, strict=True):
            if tape.get(cell, machine.blank) != read:
                raise ValueError(f"token {t} reads {read!r} on cell {cell}, the tokens before it left another symbol")
            tape[cell] = written
        state = done.state
        heads = tuple(moved(machine, cell, move) for cell, move in zip(heads, done.moves, strict=True))
    return (*found, _configuration(machine, cells, heads, state))


def _configuration(
    machine: TuringMachine, cells: Sequence[dict[int, str]], heads: tuple[int, ...], state: str
) -> Configuration:
    kept = tuple({c: a for c, a in sorted(tape.items()) if a != machine.blank} for tape in cells)
    return Configuration(kept, heads, state)


def oblivious_squared_norm(machine: TuringMachine) -> int:
    """No token but the answer has a larger B_t^2: |D|(|Q| + |A| + 2), |D| = |Q||A|, for one tape.

    For k tapes (k + 1)|D|(|A|^k + k |Q||A|^(k-1)) with |D| = |Q||A|^k.
    """
    states, symbols, tapes = len(machine.states), len(machine.alphabet), machine.tapes
    on_others = int(symbols ** (tapes - 1))  # symbols under the heads of all tapes but one
    tokens = states * symbols * on_others
    if tapes == 1:
        return tokens * (states + symbols + 2)
    return (tapes + 1) * tokens * (symbols + tapes * states) * on_others


def _reward(row: dict[str, int], outputs: Sequence[str]) -> None:
    for output in outputs:
        row[output] = row.get(output, 0) + 1
