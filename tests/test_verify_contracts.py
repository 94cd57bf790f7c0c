"""The contract suites pass on what is right and catch what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from numerics.chains.generators import noisy_lfsr, random_chain
from numerics.chains.window_chain import WindowChain
from numerics.models import load
from numerics.models.protocol import Vocabulary, check_contexts, log_softmax
from verify.contracts import CHAIN_LAWS, MODEL_LAWS, check_chain, check_model
from verify.contracts.law import Law
from verify.strategies import window_chains
from verify.subject import ChainSubject


@pytest.mark.parametrize("law", MODEL_LAWS, ids=str)
def test_models_keep_every_law(law: Law) -> None:  # type: ignore[type-arg]  # laws of models
    for model in (load("uniform", T=3, K=2), load("lfsr"), load("random", T=3, K=2)):
        law(model)


@settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(window_chains(max_T=3, max_K=3, zeros=True))
def test_chains_keep_every_law(chain: WindowChain) -> None:
    broken = [(r.law, r.message) for r in check_chain(chain) if r.holds is False]
    assert not broken


def test_suites_are_large_and_state_their_laws() -> None:
    assert len(MODEL_LAWS) + len(CHAIN_LAWS) >= 60
    names = [law.name for law in (*MODEL_LAWS, *CHAIN_LAWS)]
    assert len(set(names)) == len(names)
    assert all(law.statement for law in (*MODEL_LAWS, *CHAIN_LAWS))


def test_laws_that_say_nothing_are_marked() -> None:
    results = {r.law: r for r in check_chain(noisy_lfsr((1, 1, 1), 0.0))}
    assert results["positive_chains_are_ergodic"].holds is None
    assert "recurrent classes" in results["stationary_law_is_stationary"].message
    assert results["classes_are_closed"].holds is True


@dataclass(frozen=True)
class Faulty:
    """A model with one fault."""

    fault: str
    name: str = "faulty"
    vocabulary: Vocabulary = field(default_factory=lambda: Vocabulary(3))
    context_window: int = 2
    temperature: float = 1.0
    broken_assumptions: Mapping[str, str] = field(default_factory=dict)

    def next_token_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        tokens = np.asarray(contexts) if self.fault == "careless" else check_contexts(contexts, 3, 2)
        logits = np.sin(np.arange(3)[None, :] + tokens.sum(axis=1)[:, None])
        if self.fault == "batch":
            logits = logits + np.arange(3) * tokens.mean()
        found = log_softmax(logits, tokens)
        if self.fault == "normalisation":
            found = found - 1e-6
        if self.fault == "single":
            return found.astype(np.float32)
        if self.fault == "zero":
            found[:, 0] = -np.inf
            found = log_softmax(found, tokens)
        if self.fault == "overwrites" and contexts.flags.writeable:
            contexts[:] = 0
        return found


@pytest.mark.parametrize(
    ("fault", "caught_by"),
    [
        ("normalisation", "rows_are_normalised"),
        ("batch", "rows_do_not_influence_each_other"),
        ("single", "shape_and_type"),
        ("zero", "zeros_are_declared"),
        ("overwrites", "contexts_are_not_changed"),
        ("careless", "foreign_tokens_are_refused"),
    ],
)
def test_faulty_models_are_caught(fault: str, caught_by: str) -> None:
    broken = {r.law: r.message for r in check_model(Faulty(fault)) if r.holds is False}
    assert caught_by in broken
    assert broken[caught_by]


def test_the_model_without_fault_passes() -> None:
    assert [r for r in check_model(Faulty("none")) if r.holds is False] == []


@pytest.mark.parametrize(
    ("quantity", "change", "caught_by"),
    [
        ("kappa", 0.9, "kappa_is_the_block_distance"),
        ("alpha", 1.5, "coefficients_are_ordered"),
        ("entropy_rate", 0.9, "entropy_rate_is_bounded"),
        ("beta", 0.8, "overlaps_are_ordered"),
        ("block", 0.99, "block_is_the_power"),
    ],
)
def test_wrong_quantities_of_chains_are_caught(quantity: str, change: float, caught_by: str) -> None:
    subject = ChainSubject("random", random_chain(2, 3, 0))
    # Seed the cache with a number that is off: every routine then works with it.
    vars(subject)[quantity] = getattr(subject, quantity) * change
    broken = {r.law for r in check_chain(subject) if r.holds is False}
    assert caught_by in broken
