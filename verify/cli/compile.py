"""`boundlab compile`: machines, circuits, parities and products as linear next-token predictors.

`compile machine FILE|NAME --route R --run INPUT` and `compile circuit FILE --run BITS` print the chain of thought
beside what it stands for, the token count beside its formula, the gaps, and how the predictor was verified.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.cli.errors import BadInput, at_least, refusing
from verify.cli.output import console, emit_json

if TYPE_CHECKING:
    from numerics.machines.compiled import Compiled
    from numerics.machines.turing import TuringMachine

app = typer.Typer(
    help="Compile machines, circuits, parities and products to linear next-token predictors; run them token by token.",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Run = Annotated[str | None, typer.Option("--run", metavar="INPUT", help="Decode the chain on this input.")]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Save the predictor as JSON: the model compiled:FILE.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file of --out if there is one.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.command("machine")
def machine(
    source: Annotated[str, typer.Argument(metavar="FILE|NAME", help="A YAML or JSON table, or a shipped machine.")],
    route: Annotated[str, typer.Option(help="binary, dictionary, oblivious or sweep.")] = "dictionary",
    cone: Annotated[bool, typer.Option("--cone", help="Only the cells that the head can have reached.")] = False,
    steps: Annotated[int | None, typer.Option(metavar="TAU", help="Steps (default: until it halts on INPUT).")] = None,
    length: Annotated[int | None, typer.Option(metavar="N", help="Input length (default: that of INPUT).")] = None,
    run: Run = None,
    schedule: Annotated[
        str | None, typer.Option(metavar="0,1,2,...", help="Head cells before each step, for long oblivious inputs.")
    ] = None,
    step_limit: Annotated[int, typer.Option(help="A machine that runs for longer is said not to halt.")] = 100_000,
    out: Out = None,
    force: Force = False,
    json: Json = False,
) -> int:
    """A Turing machine: trace of the chain beside the machine's steps, answer, token count, gaps."""
    from numerics.machines.compiled import CompilerError
    from numerics.machines.oblivious import NotOblivious
    from numerics.machines.routes import ROUTES, compile_machine
    from numerics.machines.turing import MachineError, steps_to_halt
    from verify.cli.compiled_report import machine_record, print_machine

    at_least(1, steps=steps, length=length, step_limit=step_limit)
    named = next((r for r in ROUTES if r == route), None)
    if named is None:
        raise BadInput(f"--route {route!r}: expected {', '.join(ROUTES)}")
    check_target(out, force)
    table = table_named(source)
    with refusing(MachineError):
        x = None if run is None else symbols(table, run)
        if x is not None and length is not None and len(x) != length:
            raise BadInput(f"--run has {len(x)} symbols and --length is {length}")
        n = length if x is None else len(x)
        if n is None:
            raise BadInput("give --run INPUT, or --length N and --steps TAU")
        if steps is None and x is None:
            raise BadInput("give --steps TAU, or --run INPUT to take as many as the machine needs there")
        tau = steps_to_halt(table, x, step_limit) if steps is None and x is not None else steps
        assert tau is not None
        heads = None if schedule is None else [(cell,) for cell in cells(schedule)]
        if heads is not None and len(heads) != tau:
            raise BadInput(f"--schedule has {len(heads)} cells, expected one for each of {tau} steps")
    with refusing(MachineError, NotOblivious, CompilerError):
        chain = compile_machine(table, n, tau, named, cone=cone, schedule=None if heads is None else tuple(heads))
    record = machine_record(chain, x, "given" if steps is not None else "until it halts")
    record["out"] = save(chain.compiled, out)
    if json:
        emit_json(record)
    else:
        print_machine(record, console())
    return 0


@app.command("circuit")
def circuit(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A threshold circuit as YAML or JSON.")],
    run: Run = None,
    out: Out = None,
    force: Force = False,
    json: Json = False,
) -> int:
    """A threshold circuit: one token a gate."""
    from numerics.machines.circuit_files import load_circuit
    from numerics.machines.circuits import CircuitError, compile_circuit
    from numerics.machines.files import FileError

    check_target(out, force)
    with refusing(FileError, CircuitError):
        compiled = compile_circuit(load_circuit(source))
    return finish(compiled, None if run is None else tuple(run), out, json, str(source))


@app.command("parity")
def parity(
    length: Annotated[int, typer.Option(metavar="N", help="Number of bits.")],
    positions: Annotated[str | None, typer.Option(metavar="0,2,5", help="Bits that count (default: all).")] = None,
    method: Annotated[str, typer.Option(help="kautz (shortest) or scan (one token a bit).")] = "kautz",
    run: Run = None,
    out: Out = None,
    force: Force = False,
    json: Json = False,
) -> int:
    """A parity: binary digits of the number of ones, or a scan."""
    from numerics.machines.parity import ParityError, kautz, scan

    at_least(1, length=length)
    check_target(out, force)
    if method not in ("kautz", "scan"):
        raise BadInput(f"--method {method!r}: expected kautz, scan")
    if method == "scan" and positions is not None:
        raise BadInput("--positions: the scan takes all bits")
    with refusing(ParityError):
        chosen = None if positions is None else cells(positions, "--positions")
        compiled = scan(length) if method == "scan" else kautz(length, chosen)
    return finish(compiled, None if run is None else tuple(run), out, json, f"parity of {length} bits")


@app.command("multiplication")
def multiplication(
    digits: Annotated[int, typer.Option(metavar="D", help="Digits of each operand.")] = 2,
    layout: Annotated[str, typer.Option(help="long, short, low-carry or ripple.")] = "ripple",
    run: Annotated[str | None, typer.Option("--run", metavar="AxB", help="Decode the chain, e.g. 12x56.")] = None,
    out: Out = None,
    force: Force = False,
    json: Json = False,
) -> int:
    """A product of two D-digit numbers, with its chain of thought in one of the layouts."""
    from numerics.machines.multiplication import compile_long_form, compile_low_carry, compile_ripple, compile_short
    from numerics.machines.multiplication_text import OperandError, long_form, low_carry, ripple, short

    layouts: dict[str, tuple[Any, Any]] = {
        "long": (long_form, compile_long_form),
        "short": (short, compile_short),
        "low-carry": (low_carry, compile_low_carry),
        "ripple": (ripple, compile_ripple),
    }
    if layout not in layouts:
        raise BadInput(f"--layout {layout!r}: expected {', '.join(layouts)}")
    if not 1 <= digits <= 6:
        raise BadInput(f"--digits {digits}: expected 1..6")
    check_target(out, force)
    prompt = None
    with refusing(OperandError):
        if run is not None:
            left, times, right = run.partition("x")
            if not (times and left.isascii() and left.isdigit() and right.isascii() and right.isdigit()):
                raise BadInput(f"--run {run!r}: expected two numbers as in 12x56")
            if max(len(left), len(right)) > digits:
                raise BadInput(f"--run {run!r}: expected numbers of at most {digits} digits, or another --digits")
            prompt = tuple(layouts[layout][0](digits).prompt(int(left), int(right)))
        compiled = layouts[layout][1](digits)
    product = layouts[layout][0](digits).product
    return finish(compiled, prompt, out, json, f"product of two {digits}-digit numbers", product)


def finish(
    compiled: Compiled,
    prompt: tuple[str, ...] | None,
    out: Path | None,
    json: bool,
    source: str,
    answer: Callable[[tuple[str, ...]], object] | None = None,
) -> int:
    """Decode, save and print what every compiler returns; `answer` reads it off the chain (default: the last token)."""
    from verify.cli.compiled_report import chain_record, print_chain

    with refusing(ValueError, prefix="--run: "):
        record = chain_record(compiled, prompt, source)
        if answer is not None and prompt is not None:
            record["answer"] = answer(tuple(record["chain"]))
    record["out"] = save(compiled, out)
    if json:
        emit_json(record)
    else:
        print_chain(record, console())
    return 0


def table_named(source: str) -> TuringMachine:
    """A shipped machine by name, else the machine of a file."""
    from numerics.machines import library
    from numerics.machines.files import FileError, load_machine

    if source in library.NAMES:
        return library.machine(source)
    path = Path(source)
    if not path.exists():
        raise BadInput(f"{source}: no such file, and no shipped machine; those are {', '.join(library.NAMES)}")
    with refusing(FileError):
        return load_machine(path)


def symbols(machine: TuringMachine, text: str) -> tuple[str, ...]:
    """The symbols of an input: its characters, or its words where a symbol has several characters."""
    if all(len(symbol) == 1 for symbol in machine.input_alphabet):
        found = tuple(text) if " " in machine.input_alphabet else tuple("".join(text.split()))
    else:
        found = tuple(text.split())
    machine.check_input(found, 1)
    return found


def cells(text: str, option: str = "--schedule") -> list[int]:
    """Whole numbers separated by commas."""
    try:
        return [int(part) for part in text.split(",")] if text.strip() else []
    except ValueError:
        raise BadInput(f"{option} {text!r}: expected whole numbers separated by commas") from None


def check_target(out: Path | None, force: bool) -> None:
    """BadInput for a file that cannot be written, or that is there already and not to be replaced."""
    if out is None:
        return
    if out.suffix.lower() != ".json":
        raise BadInput(f"--out {out}: expected a name that ends in .json")
    if out.is_dir() or not out.parent.is_dir():
        raise BadInput(f"--out {out}: " + ("is a folder" if out.is_dir() else f"there is no folder {out.parent}"))
    if out.exists() and not force:
        raise BadInput(f"--out {out}: the file exists; --force replaces it")


def save(compiled: Compiled, out: Path | None) -> str | None:
    """Save the predictor; returns the file's name."""
    if out is None:
        return None
    from numerics.machines.saved import save as save_predictor

    with refusing(OSError, prefix=f"--out {out}: "):
        save_predictor(compiled, out)
    return str(out)
