"""Buckets, tuples and lookups, on all their inputs, and circuits of arbitrary gates on random truth tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from hypothesis import strategies as st

from numerics.machines.compiled import Compiled, verified
from numerics.machines.linear_ar import LinearAR, LinearStep, gap, scores
from numerics.machines.tokens import bucket, conjunction, form, lookup, whole
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space


@dataclass(frozen=True)
class Division:
    """floor(r/m) for 0 <= r < q m, r being the value of one token."""

    m: int
    q: int


divisions = Space(
    "divisions",
    lambda claim: st.builds(Division, st.integers(1, 12), st.integers(2, 6)),
    lambda claim: (Division(1, 2), Division(1, 10), Division(10, 10)),
)


@measures("autoregressive/bucket_token", over=divisions, examples=(20, 200))
def bucket_token(thing: Division, context: Context) -> Iterator[Instance]:
    m, q = thing.m, thing.q
    step = bucket(form({0: {str(r): r for r in range(q * m)}}), m, q)
    for r in range(q * m):
        found = scores(step, (str(r),))
        best = int(max(step.live, key=lambda token: found[token]))
        left = r % m
        values = {"m": m, "q": q, "digit": best, "left": left}
        true = {"m": m, "digit": r // m, "left": left}
        yield Instance(true, exact(best), "digit", exact(r // m), f"r = {r}")
        for other in range(q):
            if other == best:
                continue
            margin = exact(found[str(best)] - found[str(other)])
            side = "below" if other < best else "above"
            yield Instance({**values, side: other}, margin, side, label=f"r = {r}")
            if abs(other - best) == 1:
                yield Instance(values, margin, f"next {side}", label=f"r = {r}")


@dataclass(frozen=True)
class Parts:
    """Sizes of the alphabets of the context tokens of a tuple, and a function of the first one."""

    sizes: tuple[int, ...]
    values: tuple[int, ...]


@st.composite
def _tuples_of_parts(draw: st.DrawFn) -> Parts:
    sizes = draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    values = [0, 1, *draw(st.lists(st.integers(0, 2), min_size=sizes[0], max_size=sizes[0]))]
    return Parts(tuple(sizes), tuple(values[: sizes[0]]))


parts = Space("tuples of tokens", lambda claim: _tuples_of_parts(), lambda claim: (Parts((2, 3), (0, 1)),))


@measures("autoregressive/conjunction_token", over=parts, examples=(20, 200))
def conjunction_token(thing: Parts, context: Context) -> Iterator[Instance]:
    alphabets = [tuple(f"{j}{v}" for v in range(size)) for j, size in enumerate(thing.sizes)]
    made = conjunction([whole(j, alphabet) for j, alphabet in enumerate(alphabets)])
    names = {values: token for token, values in made.entries.items()}
    last = len(thing.sizes) - 1
    for x in product(*alphabets):
        yield Instance({"r": last, "wrong": 0}, exact(gap(made.step, x, names[x])), "gap of a tuple")
    tuples = prod(thing.sizes)
    norm = exact(made.step.squared_norm)
    yield Instance({"r": last}, norm, "norm of a tuple", exact((last + 1) * tuples))
    g = {token: f"g{thing.values[v]}" for v, token in enumerate(alphabets[0])}
    step = lookup(0, g)
    for token in alphabets[0]:
        yield Instance({}, exact(gap(step, (token,), g[token])), "gap of a lookup")
    yield Instance({"alphabet": len(g)}, exact(step.squared_norm), "norm of a lookup")


@dataclass(frozen=True)
class TableCircuit:
    """Gates of fan-in r over the tokens 0..K-1: positions read, and the value on each of the K^r tuples."""

    K: int
    n: int
    gates: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]


@st.composite
def table_circuits(draw: st.DrawFn) -> TableCircuit:
    """K <= 3, fan-in <= 3, up to 3 gates on the prompt and the values before; shrinks to one constant gate."""
    K, r, size = draw(st.integers(2, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    n = draw(st.integers(r, 4))
    gates = []
    for t in range(size):
        places = draw(st.lists(st.integers(0, n + t - 1), min_size=r, max_size=r, unique=True))
        table = draw(st.lists(st.integers(0, K - 1), min_size=K**r, max_size=K**r))
        gates.append((tuple(places), tuple(table)))
    return TableCircuit(K, n, tuple(gates))


def compile_tables(given: TableCircuit) -> Compiled:
    """Two tokens a gate: the tuple of what it reads, then its value; checked on all prompts."""
    alphabet = tuple(str(v) for v in range(given.K))
    at = {i: i for i in range(given.n)}
    steps: list[LinearStep] = []
    named = []
    for t, (places, table) in enumerate(given.gates):
        made = conjunction([whole(at[place], alphabet) for place in places])
        g = {token: alphabet[value] for token, value in zip(made.entries, table, strict=True)}
        steps += [made.step, lookup(given.n + 2 * t, g, alphabet)]
        named.append((places, {entry: token for token, entry in made.entries.items()}, g))
        at[given.n + t] = given.n + 2 * t + 1

    def reference(prompt: tuple[str, ...]) -> list[str]:
        context, chain = list(prompt), []
        for places, names, g in named:
            token = names[tuple(context[place] for place in places)]
            chain += [token, g[token]]
            context.append(g[token])
        return chain

    return verified(
        LinearAR(given.n, tuple(steps)),
        reference,
        [alphabet] * given.n,
        route="tables",
        formula="2 s",
        count=2 * len(given.gates),
        meanings=["tuple", "value"] * len(given.gates),
    )


def _whole_prompts(claim: Claim) -> Iterator[TableCircuit]:
    """One gate that reads the whole prompt: any function of n tokens in two tokens. Parities and a constant."""
    for K, n in ((2, 1), (2, 3), (3, 2)):
        table = tuple(sum(x) % K for x in product(range(K), repeat=n))
        yield TableCircuit(K, n, ((tuple(range(n)), table),))


tables = Space("circuits of tables", lambda claim: table_circuits(), _whole_prompts)


@measures("autoregressive/dictionary_tradeoff", over=tables, examples=(25, 250))
def dictionary_tradeoff(given: TableCircuit, context: Context) -> Iterator[Instance]:
    found = compile_tables(given)
    r = len(given.gates[0][0])
    values = {"K": given.K, "fan_in": r, "gates": len(given.gates)}
    yield Instance(values, exact(found.token_count), "length")
    alphabet = {str(v) for v in range(given.K)}
    # A tuple of one token has a name of its own in the claim; here it is the token itself.
    names = {token for step in found.model.steps[::2] for token in step.live}
    yield Instance(values, exact(len(alphabet) + len(names)), "dictionary")
    for t, norm in enumerate(found.squared_norms):
        label = "norm of the value" if t % 2 else "norm of the tuple"
        yield Instance(values, exact(norm), label)
