"""What every compiler returns: a predictor, what its tokens say, its exact length, its gaps, and how it was checked.

Main definitions
    Compiled       the record; `trace(prompt)` says what each token of a chain means
    Verification   which prompts were compared with the direct reference: all of them, or 1000 seeded ones
    verified       builds the record, comparing the model's chain with the reference's, token by token

Source: specification `autoregressive`, section 3 (head), D8, D9.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod, sqrt

import numpy as np

from numerics.machines.dense import DenseAR, decode, dense, encode, gaps, rollout, teacher_force
from numerics.machines.linear_ar import LinearAR

Word = tuple[str, ...]
Reference = Callable[[Word], Sequence[str]]  # a prompt to the chain that the model must output

MOST_EXHAUSTIVE = 2**12
SAMPLED_PROMPTS = 1000
# Scores or contexts of one batch have at most so many entries: 64 MiB of int64.
BATCH_ENTRIES = 2**23


class CompilerError(ValueError):
    """A compiled model is not what its compiler promised; the message names the prompt and the token."""


@dataclass(frozen=True)
class Verification:
    """How a compiled model was compared with the direct reference.

    Attributes
        prompts  how many prompts were compared, with every token of their chains
        of       how many prompts there are
        seed     of the generator that drew them; None where all were compared
    """

    prompts: int
    of: int
    seed: int | None

    @property
    def exhaustive(self) -> bool:
        """Whether no prompt was left out."""
        return self.seed is None

    def __str__(self) -> str:
        return "exhaustive" if self.exhaustive else f"{self.prompts} seeded prompts"


@dataclass(frozen=True)
class Traced:
    """One chain token of a trace: its position in prompt + chain, the token, and what a token there says."""

    position: int
    token: str
    meaning: str


@dataclass(frozen=True)
class Compiled:
    """A linear predictor with the evidence for it.

    Attributes
        model         the exact model
        route         the compiler's name and the method it used
        inputs        the tokens that can stand at each prompt position (n alphabets)
        meanings      what each chain token says (T)
        formula       the closed form of the token count, as text
        least_gaps    smallest gap of each step over the checked prompts; None where only one token is live (T)
        verification  which prompts were checked
        notes         what the compiler wants to be known, such as gates that were dropped
    """

    model: LinearAR
    route: str
    inputs: tuple[Word, ...]
    meanings: Word
    formula: str
    least_gaps: tuple[int | None, ...]
    verification: Verification
    notes: Word = ()

    @property
    def token_count(self) -> int:
        """T, counted."""
        return len(self.model.steps)

    @property
    def tokens(self) -> Word:
        """The dictionary: input tokens first, then the others in order of first mention."""
        return dictionary(self.model, self.inputs)

    @property
    def squared_norms(self) -> tuple[int, ...]:
        """B_t^2 of every step."""
        return self.model.squared_norms

    @property
    def least_gap(self) -> int | None:
        """Smallest gap of all steps; None where no step has two live tokens."""
        return min((g for g in self.least_gaps if g is not None), default=None)

    @property
    def mistake_bound(self) -> int:
        """2 * sum of R_t^2 B_t^2, R_t^2 = n + t: the perceptron's bound where every gap is at least 1."""
        return 2 * sum((self.model.n + t) * norm for t, norm in enumerate(self.squared_norms, start=1))

    @property
    def normalised_margins(self) -> tuple[float | None, ...]:
        """gamma_t = least gap / (B_t R_t), R_t^2 = n + t; None where only one token is live (T)."""
        sizes = (norm * (self.model.n + t) for t, norm in enumerate(self.squared_norms, start=1))
        return tuple(
            None if g is None else float(g / sqrt(size)) for g, size in zip(self.least_gaps, sizes, strict=True)
        )

    def trace(self, prompt: Sequence[str]) -> tuple[Traced, ...]:
        """The chain on a prompt with the meaning of each token. Raises UnknownToken, ValueError for a wrong prompt."""
        check_prompt(self.inputs, prompt)
        model = dense(self.model, self.tokens)
        chain = decode(model, rollout(model, encode(model, [prompt])))[0]
        places = range(self.model.n, self.model.n + self.token_count)
        return tuple(Traced(*line) for line in zip(places, chain, self.meanings, strict=True))


def verified(
    model: LinearAR,
    reference: Reference,
    inputs: Sequence[Sequence[str]],
    *,
    route: str,
    formula: str,
    count: int,
    meanings: Sequence[str],
    notes: Sequence[str] = (),
    seed: int = 0,
) -> Compiled:
    """The record of a model, after comparing its chains with the reference's.

    model      as compiled
    reference  prompt to true chain, by direct computation
    inputs     the tokens that can stand at each of the n prompt positions
    count      the value of `formula`, the promised number of tokens

    All prompts are compared if there are at most 2^12 of them, else 1000 drawn uniformly with `seed`. Raises
    CompilerError where the number of tokens or of meanings is not `count`, where a token differs (naming the prompt and
    the token), and where two tokens tie.
    """
    alphabets = tuple(tuple(alphabet) for alphabet in inputs)
    if len(alphabets) != model.n or not all(alphabets):
        raise CompilerError(f"{route}: {len(alphabets)} input alphabets, expected {model.n} that are not empty")
    if not model.steps or len(model.steps) != count:
        raise CompilerError(f"{route}: {len(model.steps)} tokens, expected {formula} = {count}")
    if len(meanings) != count:
        raise CompilerError(f"{route}: {len(meanings)} meanings of tokens, expected {count}")
    arrays = dense(model, dictionary(model, alphabets))
    number = prod(map(len, alphabets))
    exhaustive = number <= MOST_EXHAUSTIVE
    prompts: Iterator[Word] = itertools.product(*alphabets) if exhaustive else _drawn(alphabets, seed)
    least: list[int | None] = [None] * count
    checked = 0
    width = max(model.n + count, *(len(step.live) for step in model.steps))
    while batch := list(itertools.islice(prompts, max(1, BATCH_ENTRIES // width))):
        truth = [tuple(reference(prompt)) for prompt in batch]
        for t, found in enumerate(_batch_gaps(arrays, route, batch, truth)):
            if found is not None:
                before = least[t]
                least[t] = found if before is None else min(before, found)
        checked += len(batch)
    return Compiled(
        model,
        route,
        alphabets,
        tuple(meanings),
        formula,
        tuple(least),
        Verification(checked, number, None if exhaustive else seed),
        tuple(notes),
    )


def dictionary(model: LinearAR, inputs: Sequence[Sequence[str]]) -> Word:
    """Input tokens in order of first mention, then the model's other tokens."""
    return tuple(dict.fromkeys([*itertools.chain.from_iterable(inputs), *model.tokens]))


def check_prompt(inputs: Sequence[Sequence[str]], prompt: Sequence[str]) -> None:
    """Raises ValueError for a prompt of another length, or with a token that cannot stand where it does."""
    if len(prompt) != len(inputs):
        raise ValueError(f"the prompt has {len(prompt)} tokens, expected {len(inputs)}")
    for i, (token, alphabet) in enumerate(zip(prompt, inputs, strict=True)):
        if token not in alphabet:
            raise ValueError(f"token {token!r} at position {i} of the prompt, expected one of {', '.join(alphabet)}")


def _drawn(alphabets: Sequence[Word], seed: int) -> Iterator[Word]:
    generator = np.random.default_rng(seed)
    sizes = [len(alphabet) for alphabet in alphabets]
    for _ in range(SAMPLED_PROMPTS):
        yield tuple(alphabet[i] for alphabet, i in zip(alphabets, generator.integers(sizes), strict=True))


def _batch_gaps(model: DenseAR, route: str, prompts: list[Word], truth: list[Word]) -> Iterator[int | None]:
    """Least gap of every step over the prompts, whose true chains the model must output.

    With the true chain as context, gaps above 0 at every step say that the rollout is the true chain.
    """
    live = [{model.tokens[i]: int(i) for i in step.live} for step in model.steps]
    chains = np.empty((len(prompts), len(live)), dtype=np.int64)
    for row, (prompt, chain) in enumerate(zip(prompts, truth, strict=True)):
        if len(chain) != len(live):
            raise CompilerError(f"{route}: on {_shown(prompt)} the reference has {len(chain)} tokens, not {len(live)}")
        try:
            chains[row] = [known[token] for known, token in zip(live, chain, strict=True)]
        except KeyError as error:
            t = next(t for t, (known, token) in enumerate(zip(live, chain, strict=True), start=1) if token not in known)
            raise CompilerError(
                f"{route}: on {_shown(prompt)} token {t} should be {error.args[0]!r}, which is not live"
            ) from None
    contexts = encode(model, prompts)
    for t, found in enumerate(gaps(model, contexts, chains), start=1):
        if found is None:
            yield None
            continue
        row = int(found.argmin())
        if found[row] < 0:
            said = teacher_force(model, contexts[row : row + 1], chains[row : row + 1])[0, t - 1]
            raise CompilerError(
                f"{route}: on {_shown(prompts[row])} token {t} is {model.tokens[said]!r}, "
                f"the reference says {truth[row][t - 1]!r}"
            )
        if found[row] == 0:
            raise CompilerError(f"{route}: on {_shown(prompts[row])} two tokens tie for token {t}, expected a gap")
        yield int(found[row])


def _shown(prompt: Word) -> str:
    return f"prompt {' '.join(prompt)}"
