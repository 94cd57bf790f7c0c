"""What `boundlab compile` says of a predictor: records for JSON, and the same as tables.

Main definitions
    evidence         token count and formula, gaps, B_t^2, verification, arithmetic
    machine_record   the chain of a machine lined up with the steps of direct simulation
    chain_record     any other chain, token by token with its meaning
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from verify.cli.output import number, table

if TYPE_CHECKING:
    from rich.console import Console

    from numerics.machines.compiled import Compiled
    from numerics.machines.routes import MachineChain

EXACT_FLOAT32 = 2**24  # integers up to it are exact in float32
ERROR = Fraction(1, 20)  # error and probability of failure for which sample sizes are given
MOST_ROWS = 120  # of a printed trace; JSON has all of it
MOST_SHOWN = 96  # characters of a step's tokens


def evidence(compiled: Compiled) -> dict[str, Any]:
    """What is known of a predictor without running it."""
    from numerics.learning.sizes import m_voted

    norms = compiled.squared_norms
    check = compiled.verification
    return {
        "route": compiled.route,
        "input_tokens": compiled.model.n,
        "dictionary_size": len(compiled.tokens),
        "token_count": compiled.token_count,
        "formula": compiled.formula,
        "least_gap": compiled.least_gap,
        "squared_norm_least": min(norms),
        "squared_norm_most": max(norms),
        "squared_norm_answer": norms[-1],
        "mistake_bound": compiled.mistake_bound,
        "sample_size": {"epsilon": ERROR, "delta": ERROR, "voted": m_voted(compiled.mistake_bound, ERROR, ERROR)},
        "verified": {
            "how": str(check),
            "exhaustive": check.exhaustive,
            "prompts": check.prompts,
            "of": check.of,
            "seed": check.seed,
        },
        "notes": list(compiled.notes),
    }


def decoded(compiled: Compiled, prompt: Sequence[str]) -> dict[str, Any]:
    """The chain in exact arithmetic, and whether float64 and float32 give the same one."""
    from numerics.machines.compiled import check_prompt
    from numerics.machines.dense import decode, dense, encode, rollout

    check_prompt(compiled.inputs, prompt)
    chains: dict[str, tuple[str, ...]] = {}
    largest = 0
    for backend in ("exact", "float64", "float32"):
        model = dense(compiled.model, compiled.tokens, backend)
        chains[backend] = decode(model, rollout(model, encode(model, [prompt])))[0]
        largest = max(largest, *(step.bound for step in model.steps))
    exact = chains["exact"]
    return {
        "prompt": list(prompt),
        "chain": list(exact),
        "float64_differs_at": _first_difference(exact, chains["float64"]),
        "float32_differs_at": _first_difference(exact, chains["float32"]),
        "largest_sum": largest,
        "float32_exact_up_to": EXACT_FLOAT32,
        "float32_certain": largest <= EXACT_FLOAT32,
    }


def _first_difference(one: Sequence[str], other: Sequence[str]) -> int | None:
    return next((t for t, (a, b) in enumerate(zip(one, other, strict=True), start=1) if a != b), None)


def float32_size(chain: MachineChain) -> str:
    """From which size the sums of this route can leave the integers that float32 holds."""
    states = max(len(chain.machine.accept), 1)
    if chain.route == "oblivious":
        return "at no size: a score has one indicator a tape and one for the state"
    # the sums 2 sum_c [accepting head on c] - 1 of the answer are the largest; they grow with the number of cells
    cells = -(-(EXACT_FLOAT32 + 1) // (2 * states if chain.route == "binary" else 2))
    where = "on contexts that are no chain of the machine; on its chains partial sums stay in -3..3"
    return f"from {cells} cells a layer on, {where}"


def machine_record(chain: MachineChain, x: Sequence[str] | None, steps_by: str) -> dict[str, Any]:
    """Everything about a compiled machine; with an input, its run beside the chain's layers."""
    from numerics.machines.tableau import shown
    from numerics.machines.turing import configurations

    machine = chain.machine
    record: dict[str, Any] = {
        "machine": machine.name,
        "states": list(machine.states),
        "alphabet": list(machine.alphabet),
        "blank": machine.blank,
        "tape": machine.tape,
        "tapes": machine.tapes,
        "cone": chain.cone,
        "n": chain.n,
        "steps": chain.tau,
        "steps_by": steps_by,
        **evidence(chain.compiled),
        "float32_fails": float32_size(chain),
    }
    if x is None:
        return record
    run = decoded(chain.compiled, chain.prompt(x))
    layers = chain.layers(x, run["chain"])
    simulated = configurations(machine, x, chain.tau)
    record |= {"input": list(x), **run}
    record["trace"] = [
        {
            "step": t,
            "state": direct.state,
            "heads": list(direct.heads),
            "tapes": [dict(tape) for tape in direct.cells],
            "shown": shown(machine, direct),
            "chain_shown": shown(machine, layer),
            "agrees": direct == layer,
            "tokens": [run["chain"][i] for i in chain.tokens_of_step(t)] if t else [],
        }
        for t, (direct, layer) in enumerate(zip(simulated, layers, strict=True))
    ]
    record["agrees"] = simulated == layers
    record["answer"] = run["chain"][-1]
    record["final_tapes"] = [dict(tape) for tape in layers[-1].cells]
    record["halted"] = _halted(chain, x)
    return record


def _halted(chain: MachineChain, x: Sequence[str]) -> bool:
    from numerics.machines.turing import StepLimit, steps_to_halt

    try:
        return steps_to_halt(chain.machine, x, chain.tau) <= chain.tau
    except StepLimit:
        return False


def chain_record(compiled: Compiled, prompt: Sequence[str] | None, source: str) -> dict[str, Any]:
    """Everything about a predictor; with a prompt, its chain with the meaning of each token."""
    record: dict[str, Any] = {"source": source, **evidence(compiled)}
    if prompt is None:
        return record
    run = decoded(compiled, prompt)
    meanings = zip(run["chain"], compiled.meanings, strict=True)
    record |= run
    record["trace"] = [{"token": token, "meaning": meaning} for token, meaning in meanings]
    record["answer"] = run["chain"][-1]
    return record


def print_machine(record: dict[str, Any], out: Console) -> None:
    """The trace beside the machine's steps, then the evidence."""
    tapes = "" if record["tapes"] == 1 else f", {record['tapes']} tapes"
    out.print(f"{record['machine']} by the route {record['route']}, {record['tape']}{tapes}", style="bold")
    if "trace" in record:
        rows = table(
            "step",
            "tape of the machine, [state] before the symbol under the head",
            "chain",
            "its tokens",
            right=("step",),
        )
        for entry in _ends(record["trace"]):
            if entry is None:
                rows.add_row("...", "...", "", "")
                continue
            said = "agrees" if entry["agrees"] else f"DIFFERS: {entry['chain_shown']}"
            tokens = _trimmed(entry["tokens"], record["blank"]) if "dictionary" in record["route"] else entry["tokens"]
            rows.add_row(str(entry["step"]), entry["shown"], said if entry["step"] else "prompt", _cut(tokens))
        out.print(rows)
        stopped = "halted" if record["halted"] else "not halted yet"
        out.print(f"answer {record['answer']} after {record['steps']} steps ({record['steps_by']}; {stopped})")
    _print_evidence(record, out)
    out.print(f"float32 can fail: {record['float32_fails']}")


def print_chain(record: dict[str, Any], out: Console) -> None:
    """Each token with its meaning, then the evidence."""
    out.print(f"{record['source']} by the route {record['route']}", style="bold")
    if "trace" in record:
        rows = table("t", "token", "meaning", right=("t",))
        for entry in _ends([{**e, "t": t} for t, e in enumerate(record["trace"], start=1)]):
            rows.add_row(
                *(("...", "...", "") if entry is None else (str(entry["t"]), entry["token"], entry["meaning"]))
            )
        out.print(rows)
        out.print(f"prompt {' '.join(record['prompt'])}: answer {record['answer']}")
    _print_evidence(record, out)


def _print_evidence(record: dict[str, Any], out: Console) -> None:
    rows = table("quantity", "value")
    rows.add_row("tokens of the chain", f"{record['token_count']} = {record['formula']}")
    rows.add_row("prompt tokens; dictionary", f"{record['input_tokens']}; {record['dictionary_size']} tokens")
    rows.add_row("least gap (integer weights)", number(record["least_gap"]))
    norms = f"{record['squared_norm_least']} .. {record['squared_norm_most']}"
    rows.add_row("squared norms B_t^2; of the answer", f"{norms}; {record['squared_norm_answer']}")
    rows.add_row("perceptron: chains with a mistake", f"at most {number(record['mistake_bound'])}")
    size = record["sample_size"]
    rows.add_row("its vote errs at most 5 %, 95 % sure", f"after {number(size['voted'])} chains")
    check = record["verified"]
    how = "all" if check["exhaustive"] else f"{check['prompts']} seeded (seed {check['seed']}) of"
    rows.add_row("compared token by token", f"{how} {number(check['of'])} prompts")
    if "chain" in record:
        certain = "certainly, no sum passes" if record["float32_certain"] else "not certainly, sums may pass"
        rows.add_row("float64; float32 on this input", f"{_same(record, 'float64')}; {_same(record, 'float32')}")
        rows.add_row("float32 on every input", f"{certain} 2^24 (largest possible {number(record['largest_sum'])})")
    out.print(rows)
    for note in record["notes"]:
        out.print(note)
    if record.get("out"):
        out.print(f"saved: {record['out']} (as a model: compiled:{record['out']})")


def _same(record: dict[str, Any], backend: str) -> str:
    at = record[f"{backend}_differs_at"]
    return "the same chain" if at is None else f"another chain from token {at} on"


def _ends(entries: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """All entries, or the first and last ones with None between."""
    if len(entries) <= MOST_ROWS:
        return list(entries)
    return [*entries[: MOST_ROWS // 2], None, *entries[-MOST_ROWS // 2 :]]


def _trimmed(tokens: Sequence[str], blank: str) -> list[str]:
    """The tokens with long runs of blank cells at both ends counted, e.g. `12 B ...`."""
    plain = [i for i, token in enumerate(tokens) if token != blank]
    if not plain:
        return list(tokens)
    before, after = plain[0], len(tokens) - 1 - plain[-1]
    ends = [[f"{count}*{blank}"] if count > 3 else [blank] * count for count in (before, after)]
    return [*ends[0], *tokens[before : len(tokens) - after], *ends[1]]


def _cut(tokens: Sequence[str]) -> str:
    text = ("" if all(token in ("0", "1") for token in tokens) else " ").join(tokens)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}... ({len(tokens)} tokens)"
