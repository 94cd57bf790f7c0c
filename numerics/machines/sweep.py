"""The sweep route: any one-tape machine made oblivious by walking over all cells once a step.

Main definitions
    compile_sweep    the linear predictor: one token a visit of a cell, then the answer
    sweep_chain      the chain by simulating the visits directly
    sweep_layers     a chain decoded to (tape, head, state) after 0..tau steps

A step visits the leftmost cell and then, for every further cell c, c ("main") and c - 1 ("back"). A cell holds `a` or
`[q]a`; a control travels along: scan, done, R.q (drop the head in state q on the next main visit), L.q (drop it on the
next back visit). A token is control before the visit and content read, `control:content`. Control is a function of the
token before, content one of the token of the cell's last visit: the rule of the oblivious route, with transition
functions that depend on the kind of visit. Source: specification `autoregressive`, turing_sweep and 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from numerics.machines.dictionary import cell_token, cell_tokens
from numerics.machines.linear_ar import LinearAR, LinearStep
from numerics.machines.tableau import Tableau
from numerics.machines.turing import Configuration, MachineError, TuringMachine, moved

Kind = Literal["first", "main", "back"]  # `first` is a main visit at which a step starts
KINDS: tuple[Kind, ...] = ("first", "main", "back")
Content = tuple[str, str | None]  # a symbol, and the state of the head where it is here
Token = tuple[str, Content]  # control and content
Row = Mapping[str, int]
SCAN, DONE = "scan", "done"


def visits(tableau: Tableau) -> Iterator[tuple[int, Kind]]:
    """Cell and kind of every visit of one step: 2C - 1 of them."""
    left = tableau.window.start
    yield left, "first"
    for cell in range(left + 1, tableau.window.stop):
        yield cell, "main"
        yield cell - 1, "back"


def act(machine: TuringMachine, kind: Kind, cell: int, control: str, content: Content) -> Token:
    """Control and content after a visit."""
    symbol, state = content
    if kind == "back":
        if control.startswith("L.") and state is None:
            return DONE, (symbol, control[2:])
    elif control == SCAN and state is not None:
        done = machine.transitions[state, (symbol,)]
        step = moved(machine, cell, done.moves[0]) - cell
        if step == 0:
            return DONE, (done.writes[0], done.state)
        return f"{'R' if step > 0 else 'L'}.{done.state}", (done.writes[0], None)
    elif control.startswith("R.") and state is None:
        return DONE, (symbol, control[2:])
    return control, content


def controls(machine: TuringMachine) -> tuple[str, ...]:
    """The 2|Q| + 2 controls."""
    return (SCAN, DONE, *(f"{side}.{q}" for side in "RL" for q in machine.states))


def sweep_tokens(machine: TuringMachine) -> dict[str, Token]:
    """Every token with its control and content. MachineError where two are spelled alike."""
    contents = cell_tokens(machine).values()
    pairs = [(control, content) for control in controls(machine) for content in contents]
    found = {_spelled(*pair): pair for pair in pairs}
    if len(found) != len(pairs):
        twice = next(_spelled(*p) for p in pairs if found[_spelled(*p)] != p)
        raise MachineError(machine.name, f"the token {twice!r} has two meanings: rename a symbol or a state")
    return found


def compile_sweep(machine: TuringMachine, n: int, tau: int) -> LinearAR:
    """The chain of all visits, then the answer `0` or `1`. Raises MachineError."""
    tableau, tokens = Tableau(machine, n, tau), sweep_tokens(machine)
    live = tuple(tokens)
    by_control: dict[str, Row] = {c: {} for c in controls(machine)}
    by_content: dict[Content, Row] = {content: {} for content in cell_tokens(machine).values()}
    for name, (control, content) in tokens.items():
        by_control[control] = {**by_control[control], name: 1}
        by_content[content] = {**by_content[content], name: 1}
    left = tableau.window.start
    # The end of a one-sided tape is its first cell, which only `first` and `back` visit: one table a kind is enough.
    after = {
        kind: {
            name: act(machine, kind, left if kind == "first" else left + 1, *token) for name, token in tokens.items()
        }
        for kind in KINDS
    }
    last: dict[int, tuple[int, Kind]] = {}  # position and kind of the last visit of a cell
    steps: list[LinearStep] = []
    before: Kind = "first"
    for cell, kind in (visit for _ in range(tau) for visit in visits(tableau)):
        here = n + len(steps)
        weights: dict[tuple[int, str], Row] = {}
        bias: Row = by_control[SCAN] if kind == "first" else {}
        if kind != "first":
            weights |= {(here - 1, name): by_control[then[0]] for name, then in after[before].items()}
        if cell in last:
            position, was = last[cell]
            weights |= {(position, name): by_content[then[1]] for name, then in after[was].items()}
        elif 0 <= cell < n:
            state = machine.start if cell == 0 else None
            weights |= {(cell, a): by_content[a, state] for a in machine.input_alphabet}
        else:
            bias = _sum(bias, by_content[machine.blank, None])
        steps.append(LinearStep(live, weights, bias))
        last[cell], before = (here, kind), kind
    answer: dict[tuple[int, str], Row] = {
        (position, name): {"1": 2}
        for position, kind in last.values()
        for name, (_, (_, state)) in after[kind].items()
        if state in machine.accept
    }
    steps.append(LinearStep(("0", "1"), answer, {"1": -1}))
    return LinearAR(n, tuple(steps))


def sweep_chain(machine: TuringMachine, x: Sequence[str], tau: int) -> tuple[str, ...]:
    """The chain by simulating the visits one after the other."""
    machine.check_input(x, tau)
    tableau = Tableau(machine, len(x), tau)
    cells: dict[int, Content] = {c: (tableau.initial(x, c), machine.start if c == 0 else None) for c in tableau.window}
    chain = []
    for _ in range(tau):
        control = SCAN
        for cell, kind in visits(tableau):
            chain.append(_spelled(control, cells[cell]))
            control, cells[cell] = act(machine, kind, cell, control, cells[cell])
    return (*chain, str(int(any(state in machine.accept for _, state in cells.values()))))


def sweep_meanings(machine: TuringMachine, n: int, tau: int) -> tuple[str, ...]:
    """What each token of the chain says."""
    tableau = Tableau(machine, n, tau)
    lines = [f"step {t}: {kind} visit of cell {cell}" for t in range(1, tau + 1) for cell, kind in visits(tableau)]
    return (*lines, "answer")


def sweep_layers(machine: TuringMachine, x: Sequence[str], tau: int, chain: Sequence[str]) -> tuple[Configuration, ...]:
    """Configurations after 0..tau steps read off a chain. ValueError for a sweep that leaves not exactly one head."""
    tableau, tokens = Tableau(machine, len(x), tau), sweep_tokens(machine)
    found = [tableau.configuration(x, {}, 0, machine.start)]
    rest = iter(chain)
    for t in range(1, tau + 1):
        cells: dict[int, Content] = {}
        for cell, kind in visits(tableau):
            cells[cell] = act(machine, kind, cell, *tokens[next(rest)])[1]
        heads = [(c, state) for c, (_, state) in cells.items() if state is not None]
        if len(heads) != 1:
            raise ValueError(f"sweep {t} of the chain leaves {len(heads)} heads, expected one")
        found.append(tableau.configuration(x, {c: a for c, (a, _) in cells.items()}, *heads[0]))
    return tuple(found)


def sweep_length(machine: TuringMachine, n: int, tau: int) -> int:
    """tau (2C - 1) + 1."""
    return tau * (2 * len(Tableau(machine, n, tau).window) - 1) + 1


def sweep_dictionary_size(machine: TuringMachine) -> int:
    """(2|Q| + 2) |A| (|Q| + 1)."""
    states = len(machine.states)
    return (2 * states + 2) * len(machine.alphabet) * (states + 1)


def _spelled(control: str, content: Content) -> str:
    return f"{control}:{cell_token(*content)}"


def _sum(one: Row, other: Row) -> Row:
    found = dict(one)
    for output, weight in other.items():
        found[output] = found.get(output, 0) + weight
    return found
