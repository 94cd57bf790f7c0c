"""Learners of linear decoders on random and compiled teachers (specification 2C)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.learning.ar_perceptron import learn, vote
from numerics.learning.curves import Teacher, teacher
from numerics.learning.erm import consistent, constraints, least_gap
from numerics.learning.features import Chain, Decoder, IntArray, OneHot, Signs, contexts_of, decoders, predictions
from numerics.learning.hinge_sgd import descend
from numerics.learning.perceptron import learn_position
from numerics.learning.sizes import m_voted
from numerics.machines.compiled import Compiled
from numerics.machines.library import machine
from numerics.machines.parity import kautz, scan, sign_form, sign_mistake_bound
from numerics.machines.routes import Route, compile_machine
from verify.instance import Instance, NotApplicable, Number
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space
from verify.statistics import binomial_interval, hoeffding_mean

PASSES = 400  # cap on passes of perceptrons that must converge


# ------------------------------------------------------------------------------------------------- one gate, all inputs
@dataclass(frozen=True)
class DecisionList:
    """The last bit that is 1 decides: outputs[i] for bit i, 0 where no bit is 1. Always one linear threshold gate."""

    outputs: tuple[int, ...]

    @property
    def inputs(self) -> IntArray:
        """All words of bits (2^n, n)."""
        return np.array(list(itertools.product((0, 1), repeat=len(self.outputs))), dtype=np.int64)

    @property
    def values(self) -> IntArray:
        """The output on every word (2^n,)."""
        found = np.zeros(2 ** len(self.outputs), dtype=np.int64)
        for i, output in enumerate(self.outputs):
            found[self.inputs[:, i] == 1] = output
        return found


decision_lists = Space(
    "decision lists",
    lambda claim: st.lists(st.integers(0, 1), min_size=2, max_size=8).map(lambda o: DecisionList(tuple(o))),
    lambda claim: (DecisionList(o) for o in itertools.product((0, 1), repeat=6)),
)


@measures("autoregressive/linear_decoder_as_stated", over=decision_lists, examples=(20, 100))
def linear_decoder_as_stated(task: DecisionList, context: Context) -> Iterator[Instance]:
    n = len(task.outputs)
    found = learn_position(Signs(np.arange(n)), task.inputs, task.values, context.rng, passes=10**5)
    if not found.converged:
        raise NotApplicable("the perceptron did not converge within 100 000 passes")
    values = {"n": n, "degree": 2, "M": found.mistakes}
    shown = "".join(map(str, task.outputs))
    yield Instance(values, exact(found.mistakes), "updates", label=f"decision list {shown}", witness={"outputs": shown})


# ------------------------------------------------------------------------------------------- random linear teachers
@dataclass(frozen=True)
class Teaching:
    """Contexts of a random linear decoder, labelled by it; its ties go to the first token.

    Attributes
        K, length  tokens, and positions of the context
        weights    (features, live tokens) for one-hot features, small integers; live tokens are the first ones
        signs      the one row of weights instead (length + 1), on bits
        order      seed of the order in which examples are presented
    """

    K: int
    length: int
    weights: tuple[tuple[int, ...], ...]
    signs: bool
    order: int

    @property
    def decoder(self) -> Decoder:
        """Its features, no position left out."""
        positions = np.arange(self.length)
        return Signs(positions) if self.signs else OneHot(self.K, np.arange(len(self.weights[0])), positions)

    @property
    def matrix(self) -> IntArray:
        """The weights as an array."""
        return np.array(self.weights, dtype=np.int64)

    @property
    def contexts(self) -> IntArray:
        """All contexts (K^length, length)."""
        return np.array(list(itertools.product(range(self.K), repeat=self.length)), dtype=np.int64)

    @property
    def tokens(self) -> IntArray:
        """The decoder's outputs on all contexts."""
        return predictions(self.decoder, self.matrix, self.contexts)


@st.composite
def teachings(draw: st.DrawFn, signs: bool | None = None) -> Teaching:
    """K <= 3, contexts of 1..4 tokens, 2..3 live tokens, weights -3..3; shrinks to weights 0."""
    signed = draw(st.booleans()) if signs is None else signs
    K = 2 if signed else draw(st.integers(2, 3))
    length = draw(st.integers(1, 4 if K == 2 else 3))
    columns = 1 if signed else draw(st.integers(2, 3))
    rows = length + 1 if signed else length * K + 1
    row = st.tuples(*[st.integers(-3, 3)] * columns)
    return Teaching(K, length, tuple(draw(row) for _ in range(rows)), signed, draw(st.integers(0, 9)))


teachers = Space("linear decoders", lambda claim: teachings())
one_hot_teachers = Space(
    "linear decoders with ties",
    lambda claim: teachings(signs=False),
    lambda claim: (Teaching(2, 2, ((0, 0), (0, 1), (0, 0), (0, 1), (0, -1)), False, 0),),  # or of two bits, a tie
)


def _clear(task: Teaching) -> tuple[IntArray, IntArray]:
    """The contexts on which the decoder has gap at least 1, with its outputs."""
    scores = np.sort(task.decoder.scores(task.matrix, task.decoder.encode(task.contexts)), axis=1)
    clear = scores[:, -1] > scores[:, -2]
    return task.contexts[clear], task.tokens[clear]


@measures("autoregressive/linear_decoder_perceptron", over=teachers)
def linear_decoder_perceptron(task: Teaching, context: Context) -> Iterator[Instance]:
    contexts, tokens = _clear(task)
    if not len(contexts):
        raise NotApplicable("the decoder has a tie on every context")
    order = np.random.default_rng(task.order)
    found = learn_position(task.decoder, contexts, tokens, order, passes=PASSES)
    values = {
        "kappa": 1 if task.signs else 2,
        "R2": task.decoder.squared_length,
        "B2": max(int((task.matrix**2).sum()), 1),
        "M": found.mistakes,
    }
    kind = "signs" if task.signs else f"one-hot, K = {task.K}"
    yield Instance(values, exact(found.mistakes), label=f"{kind}, {len(contexts)} contexts, {found.passes} passes")


@measures("autoregressive/linear_decoder_lp", over=one_hot_teachers)
def linear_decoder_lp(task: Teaching, context: Context) -> Iterator[Instance]:
    contexts, tokens, decoder = task.contexts, task.tokens, task.decoder
    A, m = len(decoder.live), len(contexts)
    label = f"K = {task.K}, {task.length} positions, {A} live tokens"
    scores = decoder.scores(task.matrix, decoder.encode(contexts))
    ahead = scores[np.arange(m), tokens][:, None] - scores  # (m, A), the live tokens are 0..A-1
    least = min((int(x) for row, y in zip(ahead, tokens, strict=True) for x in row[:y]), default=1)
    eta = Fraction(least, A)
    given: dict[str, Number | Measured] = {
        "A": A,
        "K": task.K,
        "n": task.length,
        "t": 1,
        "m": m,
        "eta": eta,
        "least": least,
    }
    lowered = {
        side: [
            (int(ahead[j, a]) + eta * (a - int(tokens[j]))) / eta
            for j in range(m)
            for a in range(A)
            if (a > tokens[j] if side == "ties" else a < tokens[j])
        ]
        for side in ("ties", "strict")
    }
    for side, rows in lowered.items():
        if rows:
            yield Instance(given, exact(min(rows)), side, label=label)
    weights = consistent(decoder, contexts, tokens)
    solved = -1.0 if weights is None else least_gap(decoder, weights, contexts, tokens)
    yield Instance(given, floating(solved, absolute=2e-7), "ties", label=f"{label}, solved")
    program = constraints(decoder, contexts, tokens)
    yield Instance(given, exact(int(program.shape[1])), "variables", label=label)
    yield Instance(given, exact(int(program.shape[0])), "rows", label=label)


# ---------------------------------------------------------------------------------------------------- whole chains
@dataclass(frozen=True)
class ChainTask:
    """A compiled predictor that teaches, the features of the learner, and its rule of updates."""

    name: str
    compiled: Compiled
    signs: bool
    update: str

    @property
    def teacher(self) -> Teacher:
        """Prompts and true chains."""
        return teacher(self.compiled.model, self.compiled.inputs)

    @property
    def bound(self) -> Fraction:
        """sum_t (n + t) B_t^2 with the factor 2 for one row a token."""
        model = self.compiled.model
        return sign_mistake_bound(model) if self.signs else Fraction(self.compiled.mistake_bound)

    def learner(self, prompts: IntArray, chains: IntArray) -> tuple[Decoder, ...]:
        """Decoders of all positions, none left out."""
        source = self.teacher
        return decoders(prompts, chains, source.K, signs=self.signs, live=source.live, drop_constant=False)


def _machine(name: str, n: int, tau: int, route: Route) -> Compiled:
    """A machine of the library on inputs of n symbols, tau steps, inside the light cone where there is one."""
    return compile_machine(machine(name), n, tau, route, cone=route == "dictionary").compiled


@st.composite
def chain_tasks(draw: st.DrawFn, largest: int = 5) -> ChainTask:
    """Parity of some of n <= `largest` bits by Kautz' chain or by a scan; shrinks to one bit."""
    n = draw(st.integers(1, largest))
    update = draw(st.sampled_from(("first", "all")))
    if draw(st.booleans()):
        return ChainTask(f"scan, n = {n}", scan(n), False, update)
    chosen = sorted(draw(st.sets(st.integers(0, n - 1), min_size=1)))
    signs = draw(st.booleans())
    return ChainTask(f"parity of {chosen} of {n} bits", kautz(n, chosen), signs, update)


chains = Space(
    "compiled chains",
    lambda claim: chain_tasks(),
    lambda claim: (
        ChainTask("parity of 2 bits", kautz(2), True, "first"),
        ChainTask("parity of 2 bits", kautz(2), True, "all"),
        ChainTask("parity of 4 bits", kautz(4), False, "first"),
        ChainTask("ones_mod_2, oblivious", _machine("ones_mod_2", 3, 4, "oblivious"), False, "all"),
        ChainTask("find_11, dictionary", _machine("find_11", 4, 4, "dictionary"), False, "first"),
    ),
)
VOTED = (Fraction(1, 2), Fraction(1, 5))  # epsilon, delta
MOST_VOTERS = 700  # chains of a run whose vote is taken


@measures("autoregressive/ar_perceptron", over=chains, examples=(12, 60))
def ar_perceptron(task: ChainTask, context: Context) -> Iterator[Instance]:
    source = task.teacher
    prompts = source.every_prompt()
    true = source.chains(prompts)
    learner = task.learner(prompts, true)
    label = f"{task.name}, {'signs' if task.signs else 'one-hot'}, update {task.update}"
    order = np.concatenate([context.rng.permutation(len(prompts)) for _ in range(context.pick(30, 200))])
    run = learn(learner, prompts, true, update=task.update, order=order)  # type: ignore[arg-type]  # drawn from both
    yield Instance({"m": len(order)}, exact(run.mistakes), "mistakes", bound=exact(task.bound), label=label)
    epsilon, delta = VOTED
    m = m_voted(task.bound, epsilon, delta)
    if m > MOST_VOTERS:
        return
    trials, failures = context.pick(30, 200), 0
    for _ in range(trials):
        drawn = context.rng.integers(0, len(prompts), m)
        run = learn(learner, prompts, true, update=task.update, order=drawn)  # type: ignore[arg-type]
        wrong = (vote(run, prompts) != true).any(axis=1).mean()
        failures += bool(wrong > float(epsilon))
    found = Measured(*binomial_interval(failures, trials), "monte carlo")
    values: dict[str, Number | Measured] = {"m": m, "epsilon": epsilon, "delta": delta}
    yield Instance(values, found, "voted", label=f"{label}, m = {m}")


# ----------------------------------------------------------------------------------------------------- hinge descent
def _norms(task: ChainTask) -> list[float]:
    """B_t of every step."""
    model = task.compiled.model
    if not task.signs:
        return [math.sqrt(norm) for norm in model.squared_norms]
    forms = (sign_form(step, model.n + t) for t, step in enumerate(model.steps))
    return [math.sqrt(float(sum(w * w for w in weights) + bias * bias)) for weights, bias in forms]


descents = Space(
    "compiled chains, one-hot",
    lambda claim: st.integers(1, 2).map(lambda n: ChainTask(f"parity of {n} bits", kautz(n), False, "all")),
    lambda claim: (ChainTask("parity of 2 bits", kautz(2), False, "all"),),
)


@measures("autoregressive/linear_decoder_sgd", over=descents, examples=(1, 8))
def linear_decoder_sgd(task: ChainTask, context: Context) -> Iterator[Instance]:
    source = task.teacher
    prompts = source.every_prompt()
    true = source.chains(prompts)
    learner, norms = task.learner(prompts, true), _norms(task)
    n, T = prompts.shape[1], true.shape[1]
    lengths = [math.sqrt(n + t) for t in range(1, T + 1)]
    products = [b * r for b, r in zip(norms, lengths, strict=True)]
    m = math.ceil(2 * sum(products) ** 2 / 0.64)  # the bound of the chain is 0.8
    trials = context.pick(60, 400)
    position, chain = np.zeros((trials, T)), np.zeros(trials)
    for trial in range(trials):
        drawn = context.rng.integers(0, len(prompts), m)
        weights = tuple(
            descend(d, contexts_of(prompts, true, t)[drawn], true[drawn, t - 1], b).average
            for t, (d, b) in enumerate(zip(learner, norms, strict=True), start=1)
        )
        predictor = Chain(learner, weights)
        position[trial] = (predictor.teacher_force(prompts, true) != true).mean(axis=0)
        chain[trial] = (predictor.rollout(prompts) != true).any(axis=1).mean()
    for t in range(1, T + 1):
        values = {"B": norms[t - 1], "R": lengths[t - 1], "m": m, "T": T}
        yield Instance(values, hoeffding_mean(position[:, t - 1]), "position", label=f"{task.name}, token {t}")
    whole = floating(math.sqrt(2 / m) * sum(products), relative=1e-12)
    yield Instance({"m": m, "T": T}, hoeffding_mean(chain), "chain", bound=whole, label=task.name)
    epsilon = 0.1
    yield Instance(
        {"T": T, "epsilon": epsilon},
        floating(2 * sum(products) ** 2 / epsilon**2, relative=1e-12),
        "dominated",
        bound=floating(2 * sum(p * p for p in products) / epsilon, relative=1e-12),
        label=task.name,
    )
