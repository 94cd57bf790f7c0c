"""All routes from a Turing machine to a verified linear predictor.

Main definitions
    ROUTES            binary, dictionary, oblivious, sweep
    MachineChain      a compiled machine: its evidence, prompts and decoded layers
    compile_machine   a machine, an input length, a number of steps and a route to a MachineChain

Source: specification `autoregressive`, 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from numerics.machines.binary import (
    BITS,
    binary_chain,
    binary_layers,
    binary_length,
    binary_meanings,
    bits,
    check_bits,
    compile_binary,
)
from numerics.machines.compiled import Compiled, verified
from numerics.machines.dictionary import (
    compile_dictionary,
    dictionary_chain,
    dictionary_layers,
    dictionary_length,
    dictionary_meanings,
)
from numerics.machines.linear_ar import LinearAR
from numerics.machines.oblivious import (
    Schedule,
    check_schedule,
    compile_oblivious,
    head_schedule,
    oblivious_layers,
    oblivious_meanings,
    true_chain,
)
from numerics.machines.sweep import compile_sweep, sweep_chain, sweep_layers, sweep_length, sweep_meanings
from numerics.machines.tableau import Tableau, single_tape
from numerics.machines.turing import Configuration, MachineError, TuringMachine, check_sizes

Route = Literal["binary", "dictionary", "oblivious", "sweep"]
ROUTES: tuple[Route, ...] = get_args(Route)
MOST_TOKENS = 50_000  # a longer chain takes minutes and gigabytes to compile


@dataclass(frozen=True)
class MachineChain:
    """A machine as a predictor.

    Attributes
        compiled  model, meanings, length, gaps and how it was verified
        schedule  cells of the heads before each step, for the oblivious route
    """

    machine: TuringMachine
    n: int
    tau: int
    route: Route
    cone: bool
    compiled: Compiled
    schedule: Schedule | None = None

    @property
    def model(self) -> LinearAR:
        """The exact predictor."""
        return self.compiled.model

    def prompt(self, x: Sequence[str]) -> tuple[str, ...]:
        """The prompt of an input: the input itself, or its bits. MachineError for a wrong length or symbol."""
        self.machine.check_input(x, self.tau)
        if len(x) != self.n:
            raise MachineError(self.machine.name, f"the input has {len(x)} symbols, compiled for {self.n}")
        return bits(self.machine, x) if self.route == "binary" else tuple(x)

    def layers(self, x: Sequence[str], chain: Sequence[str]) -> tuple[Configuration, ...]:
        """Configurations after 0..tau steps read off a chain. ValueError for a chain that is no tableau."""
        if self.route == "binary":
            return binary_layers(self.machine, x, self.tau, chain, cone=self.cone)
        if self.route == "dictionary":
            return dictionary_layers(self.machine, x, self.tau, chain, cone=self.cone)
        if self.route == "sweep":
            return sweep_layers(self.machine, x, self.tau, chain)
        assert self.schedule is not None
        return oblivious_layers(self.machine, x, chain, self.schedule)

    def tokens_of_step(self, t: int) -> range:
        """Which chain tokens (0-based) belong to step t = 1..tau."""
        if self.route == "oblivious":
            return range(t - 1, t)
        if self.route == "sweep":
            each = 2 * len(Tableau(self.machine, self.n, self.tau).window) - 1
            return range((t - 1) * each, t * each)
        length = binary_length if self.route == "binary" else dictionary_length
        if self.cone:  # with the cone a shorter run has the same first layers
            ends = [length(self.machine, self.n, s, cone=True) - 1 if s else 0 for s in (t - 1, t)]
            return range(*ends)
        each = (length(self.machine, self.n, self.tau) - 1) // self.tau
        return range((t - 1) * each, t * each)


def expected_length(machine: TuringMachine, n: int, tau: int, route: Route, *, cone: bool = False) -> tuple[int, str]:
    """The specification's number of tokens, and its formula."""
    check_sizes(machine, n, tau)
    if route == "oblivious":
        return tau + 1, "tau + 1"
    single_tape(machine)
    one = machine.tape == "one_sided"
    if route == "sweep":
        return sweep_length(machine, n, tau), "tau (2C - 1) + 1"
    if route == "dictionary":
        formula = ("(tau + 1)(tau + 2)/2" if one else "(tau + 1)^2") if cone else "tau C + 1"
        return dictionary_length(machine, n, tau, cone=cone), formula
    with_cone = (
        "tau(tau + 1)/2 (|Q||A| + |A|) + tau(tau + 3)/2 |Q| + 1"
        if one
        else "tau^2 (|Q||A| + |A|) + (tau^2 + 2 tau) |Q| + 1"
    )
    return binary_length(machine, n, tau, cone=cone), with_cone if cone else "tau C (|Q||A| + |Q| + |A|) + 1"


def compile_machine(
    machine: TuringMachine,
    n: int,
    tau: int,
    route: Route,
    *,
    cone: bool = False,
    schedule: Schedule | None = None,
    most_tokens: int = MOST_TOKENS,
) -> MachineChain:
    """Compile, and compare with direct simulation on all inputs or on 1000 seeded ones.

    Raises MachineError for what the route cannot take and for chains of more than `most_tokens` tokens, NotOblivious
    for the oblivious route on a machine whose heads follow the input or leave the schedule that is given.
    """
    if route not in ROUTES:
        raise MachineError(machine.name, f"route {route!r}, expected one of {', '.join(ROUTES)}")
    if cone and route not in ("binary", "dictionary"):
        raise MachineError(machine.name, f"the route {route} has no cone, expected binary or dictionary")
    if schedule is not None and route != "oblivious":
        raise MachineError(machine.name, f"the route {route} takes no schedule, only oblivious does")
    if route == "binary":
        check_bits(machine)
    count, formula = expected_length(machine, n, tau, route, cone=cone)
    if count > most_tokens:
        raise MachineError(
            machine.name,
            f"{count} tokens = {formula} by the route {route} for {tau} steps, expected at most {most_tokens}: "
            "give fewer steps or another route",
        )
    notes: tuple[str, ...] = ()
    if route == "oblivious":
        if schedule is None:
            schedule = head_schedule(machine, n, tau)
        else:
            notes = (f"schedule given, checked: {check_schedule(machine, schedule, n)}",)
    model, reference, meanings = _built(machine, n, tau, route, cone, schedule)
    symbols = BITS if route == "binary" else machine.input_alphabet
    compiled = verified(
        model,
        reference,
        [symbols] * n,
        route=f"{route}, cone" if cone else route,
        formula=formula,
        count=count,
        meanings=meanings,
        notes=notes,
    )
    return MachineChain(machine, n, tau, route, cone, compiled, schedule)


def _built(
    machine: TuringMachine, n: int, tau: int, route: Route, cone: bool, schedule: Schedule | None
) -> tuple[LinearAR, Callable[[Sequence[str]], tuple[str, ...]], tuple[str, ...]]:
    """Model, direct reference and meanings."""
    if route == "binary":

        def of_bits(prompt: Sequence[str]) -> tuple[str, ...]:
            x = [machine.input_alphabet[BITS.index(bit)] for bit in prompt]
            return binary_chain(machine, x, tau, cone=cone)

        return compile_binary(machine, n, tau, cone=cone), of_bits, binary_meanings(machine, n, tau, cone=cone)
    if route == "dictionary":
        model, meanings = (
            compile_dictionary(machine, n, tau, cone=cone),
            dictionary_meanings(machine, n, tau, cone=cone),
        )
        return model, lambda x: dictionary_chain(machine, x, tau, cone=cone), meanings
    if route == "sweep":
        return compile_sweep(machine, n, tau), lambda x: sweep_chain(machine, x, tau), sweep_meanings(machine, n, tau)
    return compile_oblivious(machine, n, tau, schedule), lambda x: true_chain(machine, x, tau), oblivious_meanings(tau)
