"""The binary route: the tableau of a machine in bits, one gate a token.

Main definitions
    compile_binary     the linear predictor over {0, 1}, with or without the light cone
    binary_chain       the chain that direct simulation says
    binary_layers      a chain decoded to (tape, head, state) after 0..tau steps
    binary_length      what the specification says of the length

A layer has the bits P(c, q, a) = [H(c, q) + S(c, a) >= 2], "the head is here in state q reading a", then for each cell
the new bits S'(c, a) = [S(c, a) - sum_q H(c, q) + 2 sum P that write a >= 1] and H'(c, q) = [sum P that arrive >= 1].
A gate [v >= theta] scores 2 v - 2 theta + 1 for 1 and 0 for 0. Bit 0 of the prompt is the first input symbol.
Source: specification `autoregressive`, turing_binary, turing_binary_cone and 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from numerics.machines.linear_ar import Feature, LinearAR, LinearStep
from numerics.machines.tableau import Tableau
from numerics.machines.turing import Configuration, MachineError, TuringMachine, configurations, moved

BITS = ("0", "1")
Key = tuple[int, str]  # a cell and a state or symbol
Form = tuple[Mapping[Feature, int], int]  # an affine function of the context: weights on (position, token), constant


def check_bits(machine: TuringMachine) -> None:
    """Raises MachineError unless inputs are words over two symbols."""
    if len(machine.input_alphabet) != 2:
        raise MachineError(
            machine.name,
            f"the input alphabet has {len(machine.input_alphabet)} symbols, expected 2 for the binary route",
        )


def bits(machine: TuringMachine, x: Sequence[str]) -> tuple[str, ...]:
    """The prompt of an input: the first input symbol is bit 0."""
    check_bits(machine)
    return tuple(BITS[machine.input_alphabet.index(symbol)] for symbol in x)


def compile_binary(machine: TuringMachine, n: int, tau: int, *, cone: bool = False) -> LinearAR:
    """The chain of all layers 1..tau, then the answer bit. Raises MachineError."""
    check_bits(machine)
    tableau = Tableau(machine, n, tau, cone)
    steps: list[LinearStep] = []
    heads: dict[Key, int] = {}  # positions of the bits of the layer before; empty before the first layer
    symbols: dict[Key, int] = {}

    def gate(forms: Iterable[tuple[Form, int]], threshold: int) -> int:
        steps.append(_gate(forms, threshold))
        return n + len(steps) - 1

    def head(cell: int, state: str) -> Form:
        if heads:
            return _bit(heads[cell, state])
        return {}, int((cell, state) == (0, machine.start))

    def symbol(cell: int, name: str) -> Form:
        if (cell, name) in symbols:
            return _bit(symbols[cell, name])
        if not 0 <= cell < n:
            return {}, int(name == machine.blank)
        return {(cell, bit): 1 for bit, a in zip(BITS, machine.input_alphabet, strict=True) if a == name}, 0

    for t in range(1, tau + 1):
        changing = tableau.cells(t - 1)
        active = {
            (c, q, a): gate([(head(c, q), 1), (symbol(c, a), 1)], 2)
            for c in changing
            for q in machine.states
            for a in machine.alphabet
        }
        new_heads: dict[Key, int] = {}
        new_symbols: dict[Key, int] = {}
        arriving, writing = _effects(machine, active)
        for c in tableau.cells(t):
            if c in changing:
                gone = [(head(c, q), -1) for q in machine.states]
                for a in machine.alphabet:
                    written = [(_bit(p), 2) for p in writing.get((c, a), ())]
                    new_symbols[c, a] = gate([(symbol(c, a), 1), *gone, *written], 1)
            for q in machine.states:
                new_heads[c, q] = gate([(_bit(p), 1) for p in arriving.get((c, q), ())], 1)
        heads, symbols = new_heads, new_symbols
    gate([(_bit(p), 1) for (_, q), p in heads.items() if q in machine.accept], 1)
    return LinearAR(n, tuple(steps))


def binary_meanings(machine: TuringMachine, n: int, tau: int, *, cone: bool = False) -> tuple[str, ...]:
    """What each token of the chain says when it is 1."""
    found = []
    for kind, t, cell, state, symbol in binary_bits(Tableau(machine, n, tau, cone)):
        if kind == "P":
            found.append(f"step {t}: head on cell {cell} in state {state} reading {symbol}")
        else:
            found.append(f"cell {cell} after step {t}: " + (symbol if kind == "S" else f"head in state {state}"))
    return (*found, "answer")


def binary_chain(machine: TuringMachine, x: Sequence[str], tau: int, *, cone: bool = False) -> tuple[str, ...]:
    """The chain by direct simulation of the machine on its own input x (not on bits)."""
    run = configurations(machine, x, tau)
    found = []
    for kind, t, cell, state, symbol in binary_bits(Tableau(machine, len(x), tau, cone)):
        now = run[t - 1 if kind == "P" else t]
        here = now.heads[0] == cell and now.state == state
        read = now.cells[0].get(cell, machine.blank) == symbol
        found.append({"P": here and read, "S": read, "H": here}[kind])
    return (*(BITS[value] for value in found), str(int(run[-1].state in machine.accept)))


def binary_layers(
    machine: TuringMachine, x: Sequence[str], tau: int, chain: Sequence[str], *, cone: bool = False
) -> tuple[Configuration, ...]:
    """Configurations after 0..tau steps read off a chain for the machine's own input x.

    ValueError for a layer without exactly one head, or a cell without exactly one symbol.
    """
    tableau = Tableau(machine, len(x), tau, cone)
    symbols: list[dict[int, list[str]]] = [{} for _ in range(tau + 1)]
    heads: list[list[tuple[int, str]]] = [[] for _ in range(tau + 1)]
    for (kind, t, cell, state, symbol), bit in zip(binary_bits(tableau), chain, strict=False):
        if kind == "S":
            symbols[t].setdefault(cell, []).extend([symbol] if bit == "1" else [])
        elif kind == "H" and bit == "1":
            heads[t].append((cell, state))
    found = [tableau.configuration(x, {}, 0, machine.start)]
    for t in range(1, tau + 1):
        if len(heads[t]) != 1:
            raise ValueError(f"layer {t} of the chain has {len(heads[t])} heads, expected one")
        for cell, names in symbols[t].items():
            if len(names) != 1:
                raise ValueError(f"layer {t} of the chain has {len(names)} symbols on cell {cell}, expected one")
        found.append(tableau.configuration(x, {c: names[0] for c, names in symbols[t].items()}, *heads[t][0]))
    return tuple(found)


def binary_length(machine: TuringMachine, n: int, tau: int, *, cone: bool = False) -> int:
    """tau C (|Q||A| + |Q| + |A|) + 1; with the cone the sums over its layers, which do not depend on n."""
    states, symbols = len(machine.states), len(machine.alphabet)
    if not cone:
        return tau * len(Tableau(machine, n, tau).window) * (states * symbols + states + symbols) + 1
    if machine.tape == "one_sided":
        return tau * (tau + 1) // 2 * (states * symbols + symbols) + tau * (tau + 3) // 2 * states + 1
    return tau**2 * (states * symbols + symbols) + (tau**2 + 2 * tau) * states + 1


def binary_squared_norm(machine: TuringMachine) -> int:
    """No token but the answer has a larger B_t^2: 16 |Q||A| + 4 |Q| + 9."""
    states, symbols = len(machine.states), len(machine.alphabet)
    return 16 * states * symbols + 4 * states + 9


def binary_bits(tableau: Tableau) -> Iterator[tuple[str, int, int, str, str]]:
    """Kind (P, S or H), layer, cell, state and symbol of every bit before the answer, in order."""
    machine = tableau.machine
    for t in range(1, tableau.tau + 1):
        changing = tableau.cells(t - 1)
        yield from (("P", t, c, q, a) for c in changing for q in machine.states for a in machine.alphabet)
        for c in tableau.cells(t):
            if c in changing:
                yield from (("S", t, c, "", a) for a in machine.alphabet)
            yield from (("H", t, c, q, "") for q in machine.states)


def _effects(
    machine: TuringMachine, active: Mapping[tuple[int, str, str], int]
) -> tuple[dict[Key, list[int]], dict[Key, list[int]]]:
    """Positions of the bits P that bring a head to (cell, state), and of those that write (cell, symbol)."""
    arriving: dict[Key, list[int]] = {}
    writing: dict[Key, list[int]] = {}
    for (c, q, a), position in active.items():
        done = machine.transitions[q, (a,)]
        arriving.setdefault((moved(machine, c, done.moves[0]), done.state), []).append(position)
        writing.setdefault((c, done.writes[0]), []).append(position)
    return arriving, writing


def _bit(position: int) -> Form:
    return {(position, "1"): 1}, 0


def _gate(forms: Iterable[tuple[Form, int]], threshold: int) -> LinearStep:
    """[sum of factor * form >= threshold] with scores 2 v - 2 threshold + 1 for 1 and 0 for 0."""
    weights: dict[Feature, dict[str, int]] = {}
    bias = 1 - 2 * threshold
    for (features, constant), factor in forms:
        bias += 2 * factor * constant
        for feature, weight in features.items():
            row = weights.setdefault(feature, {"1": 0})
            row["1"] += 2 * factor * weight
    return LinearStep(BITS, weights, {"1": bias})
