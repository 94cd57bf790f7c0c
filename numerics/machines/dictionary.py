"""The dictionary route: one token a cell and step, `a` for a symbol or `[q]a` for a symbol under the head in state q.

Main definitions
    compile_dictionary     the linear predictor, with or without the light cone
    dictionary_chain       the chain that direct simulation says
    dictionary_layers      a chain decoded to (tape, head, state) after 0..tau steps
    dictionary_length, dictionary_squared_norm   what the specification says of length and B_t^2

The score of symbol b in state s on a cell is [symbol left on the cell is b], a function of the cell's old token, plus
2 [a head arrives in state s], a sum over the old tokens of the cell and its neighbours, plus [no head]: additive in the
tokens, hence linear. The true token scores 3 or 2, the runner-up one less.
Source: specification `autoregressive`, turing_dictionary, turing_dictionary_cone and 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from numerics.machines.linear_ar import LinearAR, LinearStep
from numerics.machines.tableau import Tableau
from numerics.machines.turing import Configuration, MachineError, TuringMachine, configurations, moved

Row = Mapping[str, int]


def cell_token(symbol: str, state: str | None = None) -> str:
    """`a` for a cell without the head, `[q]a` under the head in state q."""
    return symbol if state is None else f"[{state}]{symbol}"


def cell_tokens(machine: TuringMachine) -> dict[str, tuple[str, str | None]]:
    """Every cell token with its symbol and state, in dictionary order. MachineError where two are spelled alike."""
    pairs = [(a, q) for a in machine.alphabet for q in (None, *machine.states)]
    found = {cell_token(*pair): pair for pair in pairs}
    if len(found) != len(pairs):
        twice = next(cell_token(*p) for p in pairs if found[cell_token(*p)] != p)
        raise MachineError(machine.name, f"the cell token {twice!r} has two meanings: rename a symbol or a state")
    return found


@dataclass(frozen=True)
class _Rows:
    """What an old token adds to the scores of a cell: its own, that of the cell on its left or right."""

    own: Mapping[str, Row]
    own_at_zero: Mapping[str, Row]
    from_left: Mapping[str, Row]
    from_right: Mapping[str, Row]

    def of(self, cell: int, neighbour: int) -> Mapping[str, Row]:
        if neighbour < cell:
            return self.from_left
        if neighbour > cell:
            return self.from_right
        return self.own_at_zero if cell == 0 else self.own


def _rows(machine: TuringMachine) -> _Rows:
    tokens = cell_tokens(machine)
    by_symbol = {a: [name for name, (b, _) in tokens.items() if b == a] for a in machine.alphabet}
    by_state = {q: [name for name, (_, s) in tokens.items() if s == q] for q in machine.states}

    def row(token: str, cell: int, offset: int) -> Row:
        """From the token on `cell` to the scores of cell + offset."""
        symbol, state = tokens[token]
        found: dict[str, int] = {}
        if state is None:
            _add(found, by_symbol[symbol] if offset == 0 else (), 1)
            return found
        done = machine.transitions[state, (symbol,)]
        _add(found, by_symbol[done.writes[0]] if offset == 0 else (), 1)
        _add(found, by_state[done.state] if moved(machine, cell, done.moves[0]) == cell + offset else (), 2)
        return found

    inner = 1  # any cell but 0, the only one where a one-sided tape ends
    return _Rows(
        own={name: row(name, inner, 0) for name in tokens},
        own_at_zero={name: row(name, 0, 0) for name in tokens},
        from_left={name: found for name in tokens if (found := row(name, inner, 1))},
        from_right={name: found for name in tokens if (found := row(name, inner, -1))},
    )


def compile_dictionary(machine: TuringMachine, n: int, tau: int, *, cone: bool = False) -> LinearAR:
    """The chain of all layers 1..tau, cells ascending, then the answer `0` or `1`. Raises MachineError."""
    tableau = Tableau(machine, n, tau, cone)
    rows, tokens = _rows(machine), cell_tokens(machine)
    live = tuple(tokens)
    no_head = {name: 1 for name, (_, state) in tokens.items() if state is None}
    blank = _sum(no_head, rows.own[machine.blank])
    before: dict[int, int] = {}  # cell to the position of its token in the layer before; the prompt's layer is empty
    steps: list[LinearStep] = []
    for t in range(1, tau + 1):
        here: dict[int, int] = {}
        for cell in tableau.cells(t):
            weights: dict[tuple[int, str], Row] = {}
            bias: Row = no_head
            for neighbour in (cell - 1, cell, cell + 1):
                if neighbour in before:
                    weights |= {(before[neighbour], old): row for old, row in rows.of(cell, neighbour).items()}
                elif neighbour == 0:  # the first step: the head is on cell 0 in the start state
                    scored = rows.of(cell, 0)
                    under = ((a, cell_token(a, machine.start)) for a in machine.input_alphabet)
                    weights |= {(0, a): scored[old] for a, old in under if old in scored}
                elif neighbour == cell and 0 < cell < n:
                    weights |= {(cell, a): rows.own[a] for a in machine.input_alphabet}
                elif neighbour == cell:
                    bias = blank
            here[cell] = n + len(steps)
            steps.append(LinearStep(live, weights, bias))
        before = here
    accepting = [name for name, (_, state) in tokens.items() if state in machine.accept]
    answer = {(position, name): {"1": 2} for position in before.values() for name in accepting}
    steps.append(LinearStep(("0", "1"), answer, {"1": -1}))
    return LinearAR(n, tuple(steps))


def dictionary_meanings(machine: TuringMachine, n: int, tau: int, *, cone: bool = False) -> tuple[str, ...]:
    """What each token of the chain says."""
    tableau = Tableau(machine, n, tau, cone)
    layers = (f"cell {c} after step {t}" for t in range(1, tau + 1) for c in tableau.cells(t))
    return (*layers, "answer")


def dictionary_chain(machine: TuringMachine, x: Sequence[str], tau: int, *, cone: bool = False) -> tuple[str, ...]:
    """The chain by direct simulation."""
    tableau = Tableau(machine, len(x), tau, cone)
    run = configurations(machine, x, tau)
    chain = [
        cell_token(now.cells[0].get(c, machine.blank), now.state if c == now.heads[0] else None)
        for t, now in enumerate(run)
        if t
        for c in tableau.cells(t)
    ]
    return (*chain, str(int(run[-1].state in machine.accept)))


def dictionary_layers(
    machine: TuringMachine, x: Sequence[str], tau: int, chain: Sequence[str], *, cone: bool = False
) -> tuple[Configuration, ...]:
    """Configurations after 0..tau steps read off a chain. ValueError for a layer that has not exactly one head."""
    tableau, tokens = Tableau(machine, len(x), tau, cone), cell_tokens(machine)
    found = [tableau.configuration(x, {}, 0, machine.start)]
    rest = iter(chain)
    for t in range(1, tau + 1):
        layer = {c: tokens[next(rest)] for c in tableau.cells(t)}
        heads = [(c, state) for c, (_, state) in layer.items() if state is not None]
        if len(heads) != 1:
            raise ValueError(f"layer {t} of the chain has {len(heads)} heads, expected one")
        found.append(tableau.configuration(x, {c: a for c, (a, _) in layer.items()}, *heads[0]))
    return tuple(found)


def dictionary_length(machine: TuringMachine, n: int, tau: int, *, cone: bool = False) -> int:
    """tau C + 1; with the cone (tau + 1)^2 on a two-sided and (tau + 1)(tau + 2)/2 on a one-sided tape."""
    if not cone:
        return tau * len(Tableau(machine, n, tau).window) + 1
    return (tau + 1) * (tau + 2) // 2 if machine.tape == "one_sided" else (tau + 1) ** 2


def dictionary_squared_norm(machine: TuringMachine) -> int:
    """B_t^2 of an interior cell from the second layer on: |A|(|Q| + 1)^2 + 4|Q||A|^2 + 4 n_0 + |A|."""
    symbols, states = len(machine.alphabet), len(machine.states)
    stays = sum(done.moves == (0,) for done in machine.transitions.values())
    return symbols * (states + 1) ** 2 + 4 * states * symbols**2 + 4 * stays + symbols


def dictionary_squared_norm_at_zero(machine: TuringMachine) -> int:
    """The same for cell 0 of a one-sided tape, where moves to the left stay: they arrive there, none comes from -1.

    At most 4 |Q||A| (|A| + 1) more than on an interior cell.
    """
    symbols, states = len(machine.alphabet), len(machine.states)
    stays, lefts = (sum(done.moves == (m,) for done in machine.transitions.values()) for m in (0, -1))
    return symbols * (states + 1) ** 2 + symbols + 4 * symbols * (stays + 2 * lefts) + 4 * (stays + lefts)


def _add(row: dict[str, int], outputs: Iterable[str], weight: int) -> None:
    for output in outputs:
        row[output] = row.get(output, 0) + weight


def _sum(one: Row, other: Row) -> Row:
    found = dict(one)
    for output, weight in other.items():
        found[output] = found.get(output, 0) + weight
    return found
