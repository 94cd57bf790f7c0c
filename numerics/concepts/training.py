"""Stochastic gradient descent on the concept network: all seeds and settings of a run in one tensor program.

Main definitions
    Setting      what a run is made of
    Run          parameters, generator and records after some steps
    start        the run at step 0
    advance      train up to a step, recording on the way
    fresh        fresh test prompts at every time, the same for a run that was resumed
    save, load   the run in a file; a run that is loaded goes on bit for bit as one that never stopped

lambda and sigma_0 may differ from seed to seed (a phase diagram is one run), gamma may not: 1 - lambda eta_t depends on
gamma alone. All randomness comes from the generator of the run, one draw after another for all seeds together; a finite
training set and the orders in which it is gone through come from one number drawn from it at the start.
This module imports torch. Source: specification `concepts`, D5, D6, numerical objects 4, 7, declared parameters of 5.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from numerics.archive import read_arrays, write_arrays
from numerics.concepts.dictionary import Dictionary
from numerics.concepts.network import Batch, Parameters, batch_of, descend, random_start, symmetric_start
from numerics.concepts.prompts import Prompts, Sampler
from numerics.concepts.recorder import METRICS, RESPONSES, measure, products, responses
from numerics.concepts.schedule import Schedule

Floats = NDArray[np.float64]
Examples = Callable[[int], Prompts]  # prompts by time
FORMAT = "boundlab concept run 1"
DTYPES: dict[str, tuple[torch.dtype, type[np.floating[Any]]]] = {
    "float32": (torch.float32, np.float32),
    "float64": (torch.float64, np.float64),
}


@dataclass(frozen=True)
class Setting:
    """One run of S seeds.

    Attributes
        sampler        law of the training prompts
        lam, sigma_0   weight decay and initial scale, one number for each seed (S); they set the number of seeds
        gamma          of the learning rates
        neurons        m
        batch          B fresh prompts a step; 0 trains on the enumerated population
        sigma_1        scale of a random W_O; None starts symmetric, from q_0 and p_0
        mirrored       start with W_K = -sigma_0 I
        gaussian       start with independent W_Q, W_K of entries N(0, sigma_0^2/d_x)
        training_set   prompts of a finite training set of each seed, gone through again and again in random orders; 0
                       trains on fresh prompts
        probabilities  pi, one law of co-concepts for each seed or one for all; None is uniform
        dtype          float32 or float64
    """

    sampler: Sampler
    lam: tuple[float, ...]
    sigma_0: tuple[float, ...]
    gamma: float = 2000.0
    neurons: int = 20
    batch: int = 32
    sigma_1: float | None = None
    q_0: float = 1.5
    p_0: float = 0.0
    mirrored: bool = False
    gaussian: bool = False
    training_set: int = 0
    probabilities: tuple[tuple[float, ...], ...] | None = None
    dtype: str = "float64"

    def __post_init__(self) -> None:
        if not self.lam or len(self.lam) != len(self.sigma_0):
            raise ValueError(
                f"{len(self.lam)} values of lambda and {len(self.sigma_0)} of sigma_0, expected one of each a seed"
            )
        for lam in self.lam:
            Schedule(lam, self.gamma)  # refuses what does not contract
        if self.batch < 0:
            raise ValueError(f"batch = {self.batch}, expected at least 0")
        if self.mirrored and self.gaussian:
            raise ValueError("a start both mirrored and gaussian, expected at most one of them")
        if self.training_set < 0 or (self.training_set and (not self.batch or self.training_set % self.batch)):
            raise ValueError(
                f"a training set of {self.training_set} prompts for batches of {self.batch}, expected 0, or a multiple "
                "of a positive batch"
            )
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype {self.dtype!r}, expected float32 or float64")
        laws = self.probabilities
        if laws is not None and len(laws) not in (1, self.seeds):
            raise ValueError(f"{len(laws)} laws of co-concepts for {self.seeds} seeds, expected 1 or {self.seeds}")
        if self.batch == 0 and laws is not None and len(laws) > 1:
            raise ValueError("the enumerated population has one law of co-concepts for all seeds")

    @property
    def seeds(self) -> int:
        """S."""
        return len(self.lam)

    def law(self) -> Floats | None:
        """pi as the sampler takes it: (K_1) or (S, K_1)."""
        if self.probabilities is None:
            return None
        law = np.array(self.probabilities)
        return law[0] if len(law) == 1 else law


@dataclass(frozen=True, eq=False)
class Run:
    """A run before step `step`: weights, generator and what was recorded. `advance` changes weights and generator.

    Attributes
        records   arrays (times, S, ...) by the names of METRICS, those on the frozen training sample with the prefix
                  train_, and `time` (times)
        pool      seed of the finite training set and of its orders
    """

    setting: Setting
    dictionary: Dictionary
    step: int
    parameters: Parameters
    rng: np.random.Generator
    records: dict[str, NDArray[Any]]
    pool: int = 0


def start(setting: Setting, dictionary: Dictionary, rng: np.random.Generator, device: str = "cpu") -> Run:
    """The run at step 0; it keeps the generator, whose bit generator must be PCG64 to be saved."""
    common: dict[str, Any] = {
        "mirrored": setting.mirrored,
        "gaussian": rng if setting.gaussian else None,
        "dtype": DTYPES[setting.dtype][0],
        "device": device,
    }
    if setting.sigma_1 is None:
        parameters = symmetric_start(
            dictionary, setting.neurons, setting.sigma_0, q_0=setting.q_0, p_0=setting.p_0, **common
        )
    else:
        parameters = random_start(rng, dictionary, setting.neurons, setting.sigma_0, setting.sigma_1, **common)
    pool = int(rng.integers(2**63)) if setting.training_set else 0
    return Run(setting, dictionary, 0, parameters, rng, {}, pool)


def fresh(
    sampler: Sampler, dictionary: Dictionary, shape: tuple[int, ...], seed: int, probabilities: ArrayLike | None = None
) -> Examples:
    """Test prompts of shape (N), shown to every seed, or (S, N); drawn anew at each time t from the pair (seed, t)."""
    return lambda t: sampler.sample(np.random.default_rng([seed, t]), dictionary, shape, probabilities)


def training_set(run: Run) -> Prompts:
    """The finite training set of a run, (S, training_set) prompts; the same at every call.

    Raises ValueError for a run on fresh prompts.
    """
    setting = run.setting
    if not setting.training_set:
        raise ValueError("the run trains on fresh prompts, expected one with a finite training set")
    shape, numpy_dtype = (setting.seeds, setting.training_set), DTYPES[setting.dtype][1]
    rng = np.random.default_rng([run.pool, 0])
    return setting.sampler.sample(rng, run.dictionary, shape, setting.law(), numpy_dtype)


def advance(
    run: Run,
    until: int,
    every: int = 0,
    test: Examples | None = None,
    train_sample: Prompts | None = None,
    others: Mapping[str, Examples] | None = None,
) -> Run:
    """Train to step `until`; where every > 0 record at the multiples of `every`, `until` included where it is one.

    test: the test prompts at a time, of shape (N) or (S, N); train_sample: frozen prompts of the training law; others:
    test prompts of further laws by name, on which NAME_loss, NAME_error and NAME_attention are recorded. Without test
    prompts the products alone are recorded. The run passed in is used up: its weights are changed in place.
    """
    if until < run.step:
        raise ValueError(f"the run is at step {run.step}, expected a later step than {until}")
    setting, S = run.setting, run.setting.seeds
    dtype, numpy_dtype = DTYPES[setting.dtype]
    device = str(run.parameters.W_Q.device)
    population, draw = None, _batches(run, dtype, numpy_dtype, device)
    if setting.batch == 0:
        listed = setting.sampler.enumerate(run.dictionary, setting.law())
        population = batch_of(listed, S, dtype, device, shared=True)
    lam = torch.tensor(setting.lam, dtype=torch.float64)
    taken: list[dict[str, NDArray[Any]]] = []

    def record(t: int) -> None:
        if every and t % every == 0 and (not len(run.records.get("time", ())) or t > run.records["time"][-1]):
            taken.append({"time": np.array(t), **_metrics(run, t, test, train_sample, others or {})})

    for t in range(run.step, until):
        record(t)
        batch = draw(t) if population is None else population
        rate = (2 / (lam * (setting.gamma + t))).to(device=device, dtype=dtype)
        descend(run.parameters, batch, rate, 1 - 2 / (setting.gamma + t))
    record(until)
    return replace(run, step=until, records=_joined(run.records, taken))


def save(run: Run, path: Path) -> None:
    """Write the run, with its dictionary, generator and records; atomically.

    Raises ValueError where the generator is not PCG64 (that of numpy.random.default_rng).
    """
    state = run.rng.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise ValueError(f"a generator of kind {state['bit_generator']}, expected PCG64 to save a run")
    weights = {name: getattr(run.parameters, name).cpu().numpy() for name in ("W_Q", "W_K", "W_O")}
    atoms = {f"atom/{name}": getattr(run.dictionary, name) for name in ("a", "b", "c", "d", "nu", "omega")}
    records = {f"record/{name}": values for name, values in run.records.items()}
    write_arrays(
        path,
        {
            "format": np.array(FORMAT),
            "step": np.array(run.step),
            "setting": np.array(repr(run.setting)),
            "generator": np.array(json.dumps(state, sort_keys=True)),
            "pool": np.array(run.pool),
            **weights,
            **atoms,
            **records,
        },
    )


def load(path: Path, setting: Setting, device: str = "cpu") -> Run:
    """The run that was saved, to be advanced further.

    Raises ValueError where the file is no run, or one of another setting.
    """
    needed = ("format", "step", "setting", "generator", "pool", "W_Q", "W_K", "W_O")
    arrays = read_arrays(path, "concept run", needed)
    if str(arrays["format"]) != FORMAT:
        raise ValueError(f"{path.name} has format {str(arrays['format'])!r}, expected {FORMAT!r}")
    if str(arrays["setting"]) != repr(setting):
        raise ValueError(f"{path.name} was made with another setting: {arrays['setting']}, expected {setting!r}")
    rng = np.random.default_rng()
    rng.bit_generator.state = json.loads(str(arrays["generator"]))
    parameters = Parameters(*(torch.as_tensor(arrays[name]).to(device) for name in ("W_Q", "W_K", "W_O")))
    dictionary = Dictionary(*(arrays[f"atom/{name}"] for name in ("a", "b", "c", "d", "nu", "omega")))
    records = {name.removeprefix("record/"): values for name, values in arrays.items() if name.startswith("record/")}
    return Run(setting, dictionary, int(arrays["step"]), parameters, rng, records, int(arrays["pool"]))


def _batches(run: Run, dtype: torch.dtype, numpy_dtype: type[np.floating[Any]], device: str) -> Callable[[int], Batch]:
    """The batch of step t: fresh prompts from the generator of the run, or those of a finite training set."""
    setting, S, B = run.setting, run.setting.seeds, run.setting.batch
    if not setting.training_set:
        return lambda t: batch_of(
            setting.sampler.sample(run.rng, run.dictionary, (S, B), setting.law(), numpy_dtype), S, dtype, device
        )
    whole = batch_of(training_set(run), S, dtype, device)
    rows = torch.arange(S, device=device)[:, None]

    @lru_cache(maxsize=1)
    def orders(epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng([run.pool, 1 + epoch]).random((S, setting.training_set)).argsort(axis=1)

    def gone_through(t: int) -> Batch:
        epoch, place = divmod(t * B, setting.training_set)
        chosen = torch.as_tensor(orders(epoch)[:, place : place + B]).to(device)  # (S, B)
        weights = torch.full((S, B), 1 / B, dtype=dtype, device=device)
        return Batch(whole.words[rows, chosen], whole.labels[rows, chosen], whole.target[rows, chosen], weights)

    return gone_through


def _metrics(
    run: Run, t: int, test: Examples | None, train_sample: Prompts | None, others: Mapping[str, Examples]
) -> dict[str, Floats]:
    parameters = run.parameters
    if test is None:
        found = products(parameters, run.dictionary)
    else:
        prompts = test(t)
        measured = measure(parameters, run.dictionary, _batch(run, prompts), torch.as_tensor(prompts.matches))
        found = {name: getattr(measured, name) for name in METRICS}
    further = {name: examples(t) for name, examples in others.items()}
    if train_sample is not None:
        further["train"] = train_sample
    for prefix, prompts in further.items():
        values = responses(parameters, _batch(run, prompts), torch.as_tensor(prompts.matches))
        found |= {f"{prefix}_{name}": values[name] for name in RESPONSES}
    return found


def _batch(run: Run, prompts: Prompts) -> Batch:
    W_Q = run.parameters.W_Q
    return batch_of(prompts, run.setting.seeds, W_Q.dtype, str(W_Q.device), shared=prompts.target.ndim == 1)


def _joined(records: dict[str, NDArray[Any]], taken: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    if not taken:
        return records
    fresh = {name: np.stack([row[name] for row in taken]) for name in taken[0]}
    if not records:
        return fresh
    return {name: np.concatenate([records[name], fresh[name]]) for name in fresh}
