"""Multiplication: tokens counted in the texts, gaps and norms of the compiled predictors, the split over all pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise

from hypothesis import strategies as st

from numerics.machines.compiled import Compiled
from numerics.machines.linear_ar import LinearStep, scores
from numerics.machines.multiplication import compile_long_form, compile_ripple, compile_short
from numerics.machines.multiplication_split import Split, leakage, published_split
from numerics.machines.multiplication_text import Layout, long_form, ripple, short
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space

SEGMENTS = ("prompt", "factors", "joint terms", "products", "answer")
Pair = tuple[int, int, int]  # (d, a, b)


def _pairs(most: int) -> st.SearchStrategy[Pair]:
    """Numbers of digits up to `most`, and two operands with at most as many; shrinks to 0 times 0 of one digit."""
    return st.integers(1, most).flatmap(
        lambda d: st.tuples(st.just(d), st.integers(0, 10**d - 1), st.integers(0, 10**d - 1))
    )


pairs = Space("pairs of operands", lambda claim: _pairs(8), lambda claim: [(d, 10**d - 1, 1) for d in range(1, 6)])


@measures("autoregressive/multiplication_cot_length", over=pairs, examples=(20, 100))
def multiplication_cot_length(pair: Pair, context: Context) -> Iterator[Instance]:
    d, a, b = pair
    values, label = {"d": d}, f"{a} x {b}"
    layout, split = long_form(d), long_form(d, joined=False)
    prompt, chain = layout.prompt(a, b), layout.chain(a, b)
    ends = [at for at, token in enumerate(chain) if token == "="]
    cuts = [*ends, len(chain)]
    segments = (len(prompt), *(after - before - 1 for before, after in pairwise(cuts)))
    for name, tokens in zip(SEGMENTS, segments, strict=True):
        yield Instance(values, exact(tokens), name, label=label)
    yield Instance(values, exact(len(prompt) + len(chain)), "all", label=label)
    yield Instance(values, exact(len(split.prompt(a, b)) + len(split.chain(a, b))), "all, split", label=label)


published = Space("the published split", lambda claim: st.just(published_split(4)))


@measures("autoregressive/multiplication_split_leakage", over=published, examples=(1, 1))
def multiplication_split_leakage(split: Split, context: Context) -> Iterator[Instance]:
    """Every one of the 79 million pairs, by another road than the derivation's."""
    found = leakage(split)
    share = exact(Fraction(found.leaked, found.test_off_diagonal))
    yield Instance({}, exact(found.training), "training")
    yield Instance({}, share, "leaked, at least")
    yield Instance({}, share, "leaked, at most")


@cache
def _compiled(name: str, d: int) -> Compiled:
    compilers = {"long form": compile_long_form, "short": compile_short, "ripple": compile_ripple}
    return compilers[name](d)


@dataclass(frozen=True)
class _Seen:
    """A step of a compiled predictor on the text of a pair: its true token, and the scores of all live tokens."""

    meaning: str
    step: LinearStep
    true: str
    scores: dict[str, int]

    @property
    def gap(self) -> int:
        """Score of the true token minus the best other score."""
        return self.scores[self.true] - max(score for token, score in self.scores.items() if token != self.true)


def _steps(name: str, layout: Layout, pair: Pair) -> Iterator[_Seen]:
    """The steps with more than one live token, in order, on the true text as context."""
    d, a, b = pair
    compiled = _compiled(name, d)
    prompt, chain = layout.prompt(a, b), layout.chain(a, b)
    context = [*prompt, *chain]
    for t, (meaning, step) in enumerate(zip(compiled.meanings, compiled.model.steps, strict=True)):
        if len(step.live) > 1:
            yield _Seen(meaning, step, chain[t], scores(step, context[: len(prompt) + t]))


def _over_others(seen: _Seen, product: int) -> Iterator[Instance]:
    """The least advantages of a final digit over smaller and over larger ones."""
    place, true = int(seen.meaning.split()[1]), int(seen.true)
    values = {"place": place, "digit": true, "left": product % 10**place}
    for direction, name, label in ((-1, "less", "over a smaller one"), (1, "more", "over a larger one")):
        rivals = [abs(y - true) for y in range(10) if (y - true) * direction > 0]
        if rivals:
            nearest = min(rivals, key=lambda e: seen.scores[seen.true] - seen.scores[str(true + direction * e)])
            advantage = seen.scores[seen.true] - seen.scores[str(true + direction * nearest)]
            yield Instance({**values, name: nearest}, exact(advantage), f"digit, {label}")


def _joint(seen: _Seen) -> Instance:
    rival = max((token for token in seen.scores if token != seen.true), key=seen.scores.__getitem__)
    same = {"same_a": int(rival[0] == seen.true[0]), "same_b": int(rival[2] == seen.true[2])}
    return Instance(same, exact(seen.gap), "joint token")


small_pairs = Space(
    "pairs of operands", lambda claim: _pairs(4), lambda claim: [(4, 9999, 9999), (4, 1000, 1001), (1, 0, 0)]
)


@measures("autoregressive/multiplication_linear_exact", over=small_pairs, examples=(12, 60))
def multiplication_linear_exact(pair: Pair, context: Context) -> Iterator[Instance]:
    d, a, b = pair
    compiled, layout = _compiled("long form", d), long_form(d)
    constants = sum(len(step.live) == 1 for step in compiled.model.steps)
    yield Instance({"d": d}, exact(constants), "constants")
    for seen in _steps("long form", layout, pair):
        if seen.meaning.startswith("digit"):
            yield from _over_others(seen, a * b)
        elif ", b" in seen.meaning:
            yield _joint(seen)
        else:
            yield Instance({}, exact(seen.gap), "copies and products", label=seen.meaning)
    if d == 4:
        first, last = compiled.squared_norms[-8], compiled.squared_norms[-1]
        yield Instance({}, exact(first), "norm of the first digit")
        yield Instance({}, exact(last), "norm of the last digit")
        reach = compiled.model.n + compiled.token_count
        yield Instance({}, exact(Fraction(1, reach * last)), "squared margin of the last digit")


@measures("autoregressive/multiplication_short", over=small_pairs, examples=(12, 60))
def multiplication_short(pair: Pair, context: Context) -> Iterator[Instance]:
    d, a, b = pair
    yield Instance({"d": d}, exact(_compiled("short", d).token_count), "length")
    for seen in _steps("short", short(d), pair):
        if seen.meaning.startswith("digit"):
            yield from _over_others(seen, a * b)
        else:
            yield _joint(seen)


smaller_pairs = Space("pairs of operands", lambda claim: _pairs(3), lambda claim: [(3, 999, 999), (1, 0, 0)])


@measures("autoregressive/multiplication_constant_margin", over=smaller_pairs, examples=(10, 60))
def multiplication_constant_margin(pair: Pair, context: Context) -> Iterator[Instance]:
    d, _, _ = pair
    compiled = _compiled("ripple", d)
    yield Instance({"d": d}, exact(compiled.token_count), "length")
    yield Instance({"d": d}, exact(compiled.mistake_bound), "mistakes")
    carries = [int(token[1:]) for step in compiled.model.steps for token in step.live if token.startswith("C")]
    if d > 1:  # one product alone is added to nothing
        yield Instance({}, exact(max(carries)), "carry")
    for seen in _steps("ripple", ripple(d), pair):
        norm = exact(seen.step.squared_norm)
        if seen.meaning.endswith("added"):
            tuples = [token.split("+") for token in seen.step.live]
            sizes = [len({parts[k] for parts in tuples}) for k in range(3)]
            values = dict(zip(("digits_a", "digits_b", "carries"), sizes, strict=True))
            yield Instance(values, norm, "norm of a tuple")
            true = seen.true.split("+")
            shared = max(sum(x == y for x, y in zip(parts, true, strict=True)) for parts in tuples if parts != true)
            yield Instance({"agreeing": shared}, exact(seen.gap), "gap of a tuple")
        elif ", b" in seen.meaning:
            found = _joint(seen)
            yield Instance(found.values, found.quantity, "gap of a joint token")
        else:
            yield Instance({}, norm, "norm of a lookup")
            yield Instance({}, exact(seen.gap), "gap of a lookup", label=seen.meaning)
