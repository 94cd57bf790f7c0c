"""The tableau of a one-tape machine: which cells a chain holds after each step, and how its layers are read back.

Main definitions
    Tableau            a machine, an input length, a number of steps, and whether only the light cone is kept
    lined_up           configurations read off a chain beside those of direct simulation
    single_tape        MachineError for a machine with several tapes

Source: specification `autoregressive`, D12.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numerics.machines.turing import Configuration, MachineError, TuringMachine, check_sizes


@dataclass(frozen=True)
class Tableau:
    """The cells that count in a run of tau steps on inputs of length n.

    Attributes
        cone  only the cells |c| <= t after t steps, which the head can have reached by then
    """

    machine: TuringMachine
    n: int
    tau: int
    cone: bool = False

    def __post_init__(self) -> None:
        check_sizes(self.machine, self.n, self.tau)
        single_tape(self.machine)

    @property
    def window(self) -> range:
        """All cells that the head can reach or the input can fill."""
        return range(0 if self.machine.tape == "one_sided" else -self.tau, max(self.tau, self.n - 1) + 1)

    def cells(self, t: int) -> range:
        """The cells of the layer after t steps."""
        if not self.cone:
            return self.window
        return range(0 if self.machine.tape == "one_sided" else -t, t + 1)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many cells the layers 0..tau have."""
        return tuple(len(self.cells(t)) for t in range(self.tau + 1))

    def initial(self, x: Sequence[str], cell: int) -> str:
        """The symbol on a cell before the first step."""
        return x[cell] if 0 <= cell < self.n else self.machine.blank

    def configuration(self, x: Sequence[str], symbols: Mapping[int, str], head: int, state: str) -> Configuration:
        """A configuration from the symbols of one layer; other cells hold what they held before the first step."""
        reach = range(min(self.window.start, head), max(self.window.stop, head + 1))
        full = {c: symbols.get(c, self.initial(x, c)) for c in reach}
        return Configuration(({c: a for c, a in full.items() if a != self.machine.blank},), (head,), state)


def single_tape(machine: TuringMachine) -> None:
    """Raises MachineError for a machine with several tapes: only the oblivious route takes them."""
    if machine.tapes != 1:
        raise MachineError(machine.name, f"{machine.tapes} tapes, expected one (only the oblivious route takes more)")


def shown(machine: TuringMachine, configuration: Configuration) -> str:
    """A configuration in one line: tape contents with the state in brackets before the symbol under each head."""
    lines = []
    for tape, head in zip(configuration.cells, configuration.heads, strict=True):
        cells = range(min([head, *tape]), max([head, *tape]) + 1)
        symbols = [(f"[{configuration.state}]" if c == head else "") + tape.get(c, machine.blank) for c in cells]
        lines.append(f"{' '.join(symbols)}  (from cell {cells.start})")
    return "  |  ".join(lines)
