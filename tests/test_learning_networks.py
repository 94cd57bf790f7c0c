"""Masked networks, their training with checkpoints, held-out measures, and the two claims about them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
import torch

from numerics.icl.adamw import AdamW
from numerics.learning.held_out import held_out, ngram_perplexity, position_losses
from numerics.learning.multiplication_data import Texts, training_pairs
from numerics.learning.networks import (
    IntArray,
    MaskedNetwork,
    NetworkError,
    NetworkSize,
    collapsed,
    from_tables,
    table_norms,
)
from numerics.learning.training import CHECKPOINT_NAME, CheckpointError, Recipe, load, train
from numerics.machines.multiplication_text import LONG_FORM_VOCABULARY, long_form
from theory.autoregressive.network_parameters import linear_net_parameters
from theory.autoregressive.networks import linear_net_collapse
from theory.claim import Claim
from theory.verdict import Grade, Verdict
from verify.autoregressive.networks import networks
from verify.bounds import enclosure
from verify.falsify import with_bound
from verify.measure import measure_claim, measurement_of
from verify.measurement import context
from verify.space import draw
from verify.verdict import as_expected, judge

TEXT, MULTIPLICATION = NetworkSize(50258, 64, 256), NetworkSize(117, 307, 128, hidden=True)
RECIPE = Recipe(NetworkSize(5, 6, 4, hidden=True), "random walks", 12, 8, 1e-2, prompt=2, accumulation=2, seed=3)


def walks(rng: np.random.Generator, given: int, count: int) -> IntArray:
    """Texts of 6 tokens that go up or down by one, modulo 5."""
    steps = rng.integers(0, 2, (count, 6)) * 2 - 1
    return np.asarray(np.cumsum(steps, axis=1) % 5)


def naive_logits(network: MaskedNetwork, text: list[int]) -> torch.Tensor:
    """D15 as it is written."""
    found = []
    for t in range(len(text)):
        y = sum(network.block(t, i) @ network.embedding[text[i]] for i in range(t + 1))
        if network.hidden is not None:
            y = torch.relu(network.hidden.weight @ torch.relu(torch.as_tensor(y)) + network.hidden.bias)
        found.append(network.unembedding.weight @ y + network.unembedding.bias)
    return torch.stack(found)


@pytest.mark.parametrize("hidden", [False, True])
def test_rows_of_blocks_and_their_gradients_are_those_of_the_definition(hidden: bool) -> None:
    network = MaskedNetwork(NetworkSize(7, 5, 3, hidden), seed=1).double()
    text = [3, 0, 6, 3]
    naive = naive_logits(network, text)
    weights = torch.from_numpy(np.random.default_rng(0).normal(size=naive.shape))
    expected = torch.autograd.grad((naive * weights).sum(), list(network.parameters()))
    found = network(torch.tensor([text]))[:, 0]
    assert torch.allclose(found, naive, atol=1e-12)
    gradients = torch.autograd.grad((found * weights).sum(), list(network.parameters()))
    for one, other in zip(gradients, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-12)


@pytest.mark.parametrize(
    ("size", "trained", "stored"), [(TEXT, 162097234, 294238290), (MULTIPLICATION, 774649333, 1544355742)]
)
def test_counts_of_the_published_networks(size: NetworkSize, trained: int, stored: int) -> None:
    assert (size.parameter_count, size.dense_count) == (trained, stored)
    assert sum(parameter.numel() for parameter in MaskedNetwork(size, device="meta").parameters()) == trained


def test_the_specified_small_network_has_its_count() -> None:
    assert NetworkSize(117, 77, 32, hidden=True).parameter_count == 3083733


def test_initialisation_is_that_of_the_published_code() -> None:
    size = NetworkSize(400, 20, 16)
    network, again = MaskedNetwork(size, seed=2), MaskedNetwork(size, seed=2)
    assert torch.equal(network.blocks, again.blocks)
    reach = (20 * 16) ** -0.5
    assert 0.99 * reach < network.blocks.abs().max() <= reach
    assert abs(float(network.embedding.std()) - 1) < 0.05
    assert 0.99 / 4 < network.unembedding.weight.abs().max() <= 1 / 4
    assert not torch.equal(network.blocks, MaskedNetwork(size, seed=4).blocks)


def test_bfloat16_products_are_close_to_those_in_float32() -> None:
    size = NetworkSize(7, 5, 8)
    text = torch.tensor([[1, 2, 3, 4, 5]])
    whole, low = MaskedNetwork(size, 1), MaskedNetwork(size, 1, precision="bfloat16")
    losses, lower = whole.losses(text), low.losses(text)
    assert torch.allclose(losses, lower, atol=0.05)
    assert not torch.equal(losses, lower)
    (gradient,) = torch.autograd.grad(losses.sum(), [whole.blocks])
    (rounded,) = torch.autograd.grad(lower.sum(), [low.blocks])
    assert torch.allclose(gradient, rounded, atol=0.05)


def test_tables_and_their_norms() -> None:
    network = MaskedNetwork(NetworkSize(6, 4, 3), seed=5)
    norms = table_norms(network)
    for t in range(4):
        for i in range(4):
            expected = np.linalg.norm(collapsed(network, t, i)) if i <= t else 0.0
            assert norms[t, i] == pytest.approx(expected, abs=1e-9)


def test_greedy_chains_are_the_teachers_until_the_first_miss() -> None:
    network = train(RECIPE, walks).network
    texts = walks(np.random.default_rng(9), 0, 500)
    found = held_out(network, texts, 2)
    with torch.no_grad():
        forced = network(torch.from_numpy(texts[:, :-1])).argmax(dim=2).numpy()[1:].T  # (B, 4)
    missed, differs = forced != found.chains, found.greedy != found.chains
    assert (missed.any(axis=1) == differs.any(axis=1)).all()
    assert (missed.argmax(axis=1) == differs.argmax(axis=1)).all()
    assert 0 < found.error <= found.bound <= found.total_bits
    assert (found.bits[missed] >= 1 - 1e-6).all()


def test_drawn_tokens_follow_the_softmax() -> None:
    network = MaskedNetwork(NetworkSize(3, 2, 4), seed=0)
    prompts = np.full((20_000, 1), 1)
    drawn = network.continued(prompts, 1, temperature=2.0, rng=np.random.default_rng(1))[:, 1]
    with torch.no_grad():
        law = torch.softmax(network(torch.tensor([[1]]))[0, 0].double() / 2, dim=0).numpy()
    assert np.abs(np.bincount(drawn, minlength=3) / 20_000 - law).max() < 0.02


def test_a_killed_run_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole = train(RECIPE, walks)
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_learning_networks import RECIPE, walks
from numerics.learning.training import train
def progress(update, updates, loss):
    if update == 7:
        os.kill(os.getpid(), signal.SIGKILL)
train(RECIPE, walks, Path({str(tmp_path)!r}), progress=progress, checkpoint_seconds=0)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(load(tmp_path).losses) == 7
    resumed = train(RECIPE, walks, tmp_path)
    assert resumed.finished
    assert np.array_equal(whole.losses, resumed.losses) and np.array_equal(whole.bits, resumed.bits)
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_ctrl_c_leaves_a_checkpoint_from_which_the_run_goes_on(tmp_path: Path) -> None:
    def press(update: int, updates: int, loss: float) -> None:
        if update == 5:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(RECIPE, walks, tmp_path, progress=press)
    assert len(load(tmp_path).losses) == 5
    assert np.array_equal(train(RECIPE, walks, tmp_path).losses, train(RECIPE, walks).losses)


def test_a_checkpoint_of_another_recipe_or_half_a_file_is_refused(tmp_path: Path) -> None:
    train(RECIPE, walks, tmp_path, until=1)
    with pytest.raises(CheckpointError, match="made with batch = 8, expected 9"):
        train(replace(RECIPE, batch=9), walks, tmp_path)
    path = tmp_path / CHECKPOINT_NAME
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        load(tmp_path)


def test_schedules() -> None:
    recipe = replace(RECIPE, updates=101, accumulation=8, learning_rate=1.0)
    rates = [recipe.rate(update) for update in range(101)]
    assert rates[:2] == [0.0, 1.0] and rates[-1] == 0.01
    published = replace(recipe, schedule="batches", updates=10_001)
    assert published.rate(10_000) == pytest.approx(7 / 8, abs=1e-4)


def test_the_first_update_changes_nothing_and_biases_do_not_decay() -> None:
    fresh = MaskedNetwork(RECIPE.size, RECIPE.seed)
    for one, other in zip(fresh.parameters(), train(RECIPE, walks, until=1).network.parameters(), strict=True):
        assert torch.equal(one, other)
    optimiser = AdamW(fresh, 0.5, 1.0, undecayed=fresh.bias_names)
    before = {name: parameter.detach().clone() for name, parameter in fresh.named_parameters()}
    for parameter in fresh.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimiser.step(0.1)
    for name, parameter in fresh.named_parameters():
        assert torch.allclose(parameter, before[name] * (1 if name.endswith("bias") else 0.95))


def test_training_learns_what_can_be_learned() -> None:
    found = train(replace(RECIPE, size=NetworkSize(5, 6, 8), updates=200, learning_rate=3e-2), walks)
    assert found.losses[-20:].mean() < 0.75  # a step up or down is one bit, 0.693 nats
    assert found.losses[0] > 1.2
    assert found.bits[-20:].mean() == pytest.approx(4 * found.losses[-20:].mean() / np.log(2), rel=0.05)
    losses = position_losses(found.network, walks(np.random.default_rng(5), 0, 300))
    assert losses.shape == (5,) and (losses > 0.6).all()


@pytest.mark.parametrize("chain", [True, False])
@pytest.mark.parametrize("d", [1, 2, 4])
def test_columns_of_tokens_spell_the_long_form(d: int, chain: bool) -> None:
    texts, layout = Texts(d, chain), long_form(d)
    rng = np.random.default_rng(d)
    a, b = training_pairs(texts.split, rng, 20)
    assert texts.split.trains(a, b).all() and a.shape == b.shape == (20,)
    for row, x, y in zip(texts.tokens(a, b), a.tolist(), b.tolist(), strict=True):
        written = layout.chain(x, y)
        expected = layout.prompt(x, y) + (written if chain else ("=", *written[-2 * d :]))
        assert tuple(LONG_FORM_VOCABULARY[token] for token in row) == expected
    assert texts.tokens(a, b).shape == (20, texts.length)


def test_ngram_perplexity_by_hand() -> None:
    training, test = np.array([0, 1, 0, 1, 0, 0]), np.array([0, 1, 0])
    assert ngram_perplexity(training, test, 1, 2, 1.0) == pytest.approx(((5 / 8) ** 2 * (3 / 8)) ** (-1 / 3))
    # After 0: two 1 and one 0; after 1: two 0.
    assert ngram_perplexity(training, test, 2, 2, 1.0) == pytest.approx((3 / 5 * 3 / 4) ** -0.5)
    with pytest.raises(ValueError, match="63 bits"):
        ngram_perplexity(training, test, 4, 10**6)


def test_what_does_not_fit_is_named() -> None:
    network = MaskedNetwork(NetworkSize(5, 3, 2))
    with pytest.raises(NetworkError, match="a text of 4 tokens, expected 1 to 3"):
        network(torch.zeros(1, 4, dtype=torch.int64))
    with pytest.raises(NetworkError, match="no block"):
        network.block(1, 2)
    with pytest.raises(NetworkError, match="temperature"):
        network.continued(np.zeros((1, 1), dtype=np.int64), 1, temperature=1.0)
    with pytest.raises(NetworkError, match="width 2 is below the vocabulary of 3"):
        from_tables({}, np.zeros((1, 3)), 0, 2)
    with pytest.raises(NetworkError, match="no sum of tables"):
        collapsed(MaskedNetwork(NetworkSize(5, 3, 2, hidden=True)), 0, 0)


@pytest.mark.parametrize("claim", [linear_net_collapse, linear_net_parameters], ids=lambda claim: claim.id)
def test_verdicts_are_as_expected(claim: Claim) -> None:
    for record in measure_claim(claim):
        assert as_expected(record.verdict, record.expected), record


def test_derivations() -> None:
    assert linear_net_parameters.check().grade is Grade.PROVED
    report = linear_net_collapse.check()
    # Rank and nullity are cited; everything else is proved.
    assert report.grade is Grade.CITED
    assert [step.name for step in report.steps if step.grade is not Grade.PROVED] == ["rank"]


@pytest.mark.parametrize(
    ("label", "size", "count"),
    [
        ("linear", (64, 256, 50258), 162097234),
        ("MLP", (307, 128, 117), 774649333),
        ("MLP", (77, 32, 117), 3083733),
        ("dense linear", (64, 256, 50258), 294238290),
        ("dense MLP", (307, 128, 117), 1544355742),
    ],
)
def test_the_formulas_at_the_printed_sizes(label: str, size: tuple[int, int, int], count: int) -> None:
    bound = next(s.bound for s in linear_net_parameters.statements if s.label == label)
    assert enclosure(bound, dict(zip(("T", "d", "V"), size, strict=True))).value == count


def test_a_rank_a_tenth_smaller_is_exceeded() -> None:
    bound = next(s.bound for s in linear_net_collapse.statements if s.label == "rank")
    smaller = with_bound(linear_net_collapse, "rank", bound * sp.Rational(9, 10))
    measure = measurement_of(linear_net_collapse)
    cases = [
        case
        for network in draw(networks, linear_net_collapse, 1, 0)
        for case in measure(network, context(0, "rank"))
        if case.statement == "rank"
    ]
    assert judge(smaller, cases).verdict is Verdict.REFUTED
