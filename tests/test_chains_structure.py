"""Classes, periods, refusals and validation; and the traps that other chain libraries fall into."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numerics.chains.generators import (
    constrained_walk,
    nearly_decomposable,
    noisy_lfsr,
    polygon_walk,
    random_chain,
    two_state,
)
from numerics.chains.mixing import distance_curve, mixing_time, t_min, tau_min
from numerics.chains.operator import csr, dense, left_action
from numerics.chains.spectrum import spectrum
from numerics.chains.stationary import residual, stationary, stationary_laws, stationary_of_matrix
from numerics.chains.structure import ReducibleChainError, chain_structure
from numerics.chains.summary import analyse
from numerics.chains.window_chain import WindowChain


def greedy_register():
    """Parity register without noise: four recurrent classes of periods 1, 4, 2, 1."""
    return noisy_lfsr((1, 1, 1), 0.0)


def test_parity_register_without_noise():
    structure = chain_structure(greedy_register())
    assert [c.tolist() for c in structure.recurrent] == [[0], [1, 3, 4, 6], [2, 5], [7]]
    assert structure.periods == (1, 4, 2, 1)
    assert structure.absorbing == (0, 7)
    assert structure.transient.size == 0


def test_several_recurrent_classes_are_refused_with_their_sizes():
    chain = greedy_register()
    with pytest.raises(ReducibleChainError, match=r"4 recurrent classes \(sizes 1, 4, 2, 1\), expected 1"):
        stationary(chain)
    with pytest.raises(ReducibleChainError):
        mixing_time(chain, 0.1)
    laws = stationary_laws(chain)
    assert len(laws) == 4
    for law in laws:
        assert law.pi.sum() == pytest.approx(1)
        assert residual(chain, law.pi) < 1e-15
    assert t_min(chain) == math.inf
    assert tau_min(chain) == math.inf
    assert not spectrum(chain).certified


def test_absorbing_token_makes_the_other_contexts_transient():
    rows = np.random.default_rng(0).dirichlet(np.ones(3), size=27)
    rows[np.arange(27) % 3 == 0] = [1, 0, 0]  # token 0 ends everything
    chain = WindowChain(3, 3, rows)
    structure = chain_structure(chain)
    assert structure.absorbing == (0,)
    assert structure.transient.size == 26
    assert structure.is_ergodic
    law = stationary(chain)
    assert law.pi.tolist() == [1.0] + [0.0] * 26
    assert mixing_time(chain, 0.01).steps < math.inf
    assert not chain.is_positive
    assert (3, 1) in chain.breaks


@pytest.mark.parametrize("d", [3, 4, 5, 6])
def test_walks_are_periodic_and_never_mix(d):
    assert chain_structure(constrained_walk(d)).periods == (2,)
    assert chain_structure(polygon_walk(d)).periods == (1 if d % 2 else 2,)
    assert t_min(constrained_walk(d)) == math.inf
    capped = mixing_time(constrained_walk(d), 0.01, cap=2**20)
    assert capped.steps == math.inf
    assert capped.capped
    assert "period 2" in capped.note
    pi = stationary_of_matrix(constrained_walk(d))
    assert pi @ constrained_walk(d) == pytest.approx(pi, abs=1e-15)


def test_periodic_window_chain_by_every_method():
    # 0 and 1 alternate, with a random choice between two tokens of each parity: period 2
    rows = np.zeros((16, 4))
    for u in range(16):
        last = u % 4
        p = 0.2 + 0.6 * (u // 4) / 3
        rows[u, [2, 3] if last < 2 else [0, 1]] = [p, 1 - p]
    chain = WindowChain(4, 2, rows)
    structure = chain_structure(chain)
    assert structure.periods == (2,)
    assert structure.transient.size == 8
    eliminated, iterated = stationary(chain, "gth"), stationary(chain, "power")
    assert eliminated.residual_l1 < 1e-15
    assert np.abs(eliminated.pi - iterated.pi).max() < 1e-12
    with pytest.raises(ValueError, match="one aperiodic class"):
        stationary(chain, "multilevel")
    assert mixing_time(chain, 0.1, cap=2**20).steps == math.inf


@settings(deadline=None, max_examples=150)
@given(arrays(np.int64, (7, 7), elements=st.integers(0, 1)))
def test_structure_from_the_definition(adjacency):
    adjacency[adjacency.sum(axis=1) == 0, 0] = 1
    P = adjacency / adjacency.sum(axis=1, keepdims=True)
    n = 7
    reach = np.linalg.matrix_power(np.eye(n, dtype=np.int64) + adjacency, n) > 0
    recurrent = [i for i in range(n) if all(reach[j, i] for j in range(n) if reach[i, j])]
    structure = chain_structure(P)
    assert sorted(int(i) for c in structure.recurrent for i in c) == recurrent
    assert structure.transient.tolist() == [i for i in range(n) if i not in recurrent]
    for states, period in zip(structure.recurrent, structure.periods, strict=True):
        i = int(states[0])
        assert states.tolist() == np.flatnonzero(reach[i]).tolist()
        power, lengths = np.eye(n, dtype=bool), []
        for length in range(1, 2 * n * n):
            power = (power.astype(np.int64) @ adjacency) > 0
            if power[i, i]:
                lengths.append(length)
        assert period == math.gcd(*lengths)


def test_large_graphs_agree_with_small_ones():
    # 512 states: the compiled road; the same register, widened, on the networkx road
    large, small = noisy_lfsr((1, 0, 0, 0, 0, 0, 0, 0, 1), 0.0), noisy_lfsr((1, 0, 1, 0, 0, 0, 0, 1), 0.0)
    for chain in (large, small):
        structure = chain_structure(chain)
        # without noise every state lies on a cycle whose length is its period
        assert sum(c.size for c in structure.recurrent) == chain.n
        assert tuple(c.size for c in structure.recurrent) == structure.periods


@pytest.mark.parametrize(
    ("kernel", "uniform_time", "worst_time"),
    [(dense(noisy_lfsr((1, 1, 1), 0.1)), 1, 11), (two_state(0.07, 0.07), 1, 5), (two_state(0.01, 0.04), 18, 23)],
    ids=["register", "symmetric", "skewed"],
)
def test_trap_worst_start_not_the_uniform_one(kernel, uniform_time, worst_time):
    """Started from the uniform law and measured in l1, a chain looks mixed long before its worst start is."""
    law = stationary_of_matrix(kernel)
    now, steps = np.full(kernel.shape[0], 1 / kernel.shape[0]) @ kernel, 1
    while np.abs(now - law).sum() > 0.25:
        now, steps = now @ kernel, steps + 1
    assert steps == uniform_time
    assert mixing_time(kernel, 0.25).steps == worst_time
    curve = distance_curve(kernel, worst_time)
    assert curve[worst_time] <= 0.25 < curve[worst_time - 1]


def test_trap_classes_of_the_window_chain_with_sixteen_states():
    structure = chain_structure(random_chain(2, 4, 0))
    assert len(structure.recurrent) == 1
    assert structure.is_irreducible
    # also when a zero forces the graph to be searched
    table = np.array(random_chain(2, 4, 0).table)
    table[5] = [1.0, 0.0]
    searched = chain_structure(WindowChain(2, 4, table))
    assert searched.has_unique_law
    assert searched.periods == (1,)


def test_trap_sparse_chains_are_never_made_dense():
    chain = random_chain(2, 16, 0)
    matrix = csr(chain)
    assert matrix.nnz == 2**17
    assert stationary(chain).certified  # 65536 states: 34 GB if it were dense
    with pytest.raises(ValueError, match="dense matrix of 65536 states was asked for, expected at most 8192"):
        dense(chain)
    with pytest.raises(ValueError, match="65536 starts was asked for"):
        mixing_time(chain, 0.1)


@pytest.mark.parametrize(
    ("row", "values", "message"),
    [
        (3, [0.5, 0.48], r"row 3 of the transition matrix sums to 0\.98, expected 1 within 1e-09"),
        (2, [1.2, -0.2], r"row 2 of the transition matrix has the negative entry -0\.2 in column 1"),
        (1, [math.nan, 1.0], r"row 1 of the transition matrix has the entry nan in column 0"),
        (0, [math.inf, 0.0], r"row 0 of the transition matrix has the entry inf in column 0"),
    ],
)
def test_bad_rows_are_named(row, values, message):
    table = np.full((4, 2), 0.5)
    table[row] = values
    with pytest.raises(ValueError, match=message):
        WindowChain.from_table(table, 2, 2)
    square = np.full((4, 4), 0.25)
    square[row, :2] = np.array(values) / 2 if not math.isnan(sum(values)) else values
    with pytest.raises(ValueError, match=f"row {row} of the transition matrix"):
        stationary_of_matrix(square)


def test_bad_shapes_and_sizes_are_named():
    with pytest.raises(ValueError, match=r"has shape \(4, 2\), expected \(8, 2\)"):
        WindowChain.from_table(np.full((4, 2), 0.5), 2, 3)
    with pytest.raises(ValueError, match="T = 1 tokens"):
        WindowChain.from_table(np.ones((1, 1)), 1, 1)
    with pytest.raises(ValueError, match=r"table of shorter contexts has shape \(1, 2\), expected \(2, 2\)"):
        WindowChain.from_table(np.full((4, 2), 0.5), 2, 2, short=[[0.5, 0.5]])
    with pytest.raises(ValueError, match="row 1 of the log-probabilities holds NaN"):
        WindowChain.from_log_table([[math.log(0.5)] * 2, [math.nan, 0.0]], 2, 1)
    with pytest.raises(ValueError, match=r"eta = 1\.5"):
        mixing_time(random_chain(2, 2, 0), 1.5)
    with pytest.raises(ValueError, match="square matrix"):
        stationary_of_matrix(np.ones((2, 3)))


def test_probabilities_that_underflow_keep_their_support():
    chain = random_chain(2, 3, 0, temperature=0.0005)
    assert chain.underflows
    assert chain.is_positive
    assert chain.breaks == ()
    assert chain_structure(chain).is_irreducible
    result = stationary(chain)
    assert result.method == "gth (logarithms)"
    assert left_action(chain, result.pi) == pytest.approx(result.pi, abs=1e-12)
    assert not spectrum(chain).certified
    with pytest.raises(ValueError, match="underflow to 0 in float64"):
        stationary(random_chain(2, 10, 0, temperature=0.0005))


def test_nearly_decomposable_chain_mixes_as_slowly_as_it_should():
    P = nearly_decomposable(2, 3, 1e-9, np.random.default_rng(0))
    # two blocks left at rate 1e-9: d(t) = (1 - 2e-9)^t / 2, and 1/2 <= d(0)
    assert mixing_time(P, 0.1).steps == pytest.approx(math.log(5) / 2e-9, rel=1e-3)


def test_report_of_a_chain():
    report = analyse(random_chain(2, 3, 0))
    assert report.skipped == ()
    assert report.mixing is not None
    assert report.mixing.steps == 9
    steps = {b.name: b.steps for b in report.bounds}
    assert steps["Dobrushin"] == 27
    assert steps["Doeblin"] == 33
    assert steps["minorant"] == 1347
    assert steps["printed"] == 5406
    assert report.distance is not None
    for bound in report.bounds:
        if bound.kind == "lower":
            assert (bound.values <= report.distance + 1e-12).all()
        elif not bound.entrywise:
            assert (bound.values >= report.distance - 1e-12).all()
            assert bound.steps >= report.mixing.steps
    assert report.entropy_rate is not None
    assert 0 < report.entropy_rate < math.log(2)


def test_report_says_what_it_leaves_out(monkeypatch):
    monkeypatch.setattr("numerics.chains.summary.EVERY_START_LIMIT", 6000)
    report = analyse(random_chain(3, 8, 0))
    left_out = {s.what for s in report.skipped}
    assert {"mixing time", "Doeblin coefficient of A", "Dobrushin coefficient of A"} <= left_out
    assert report.alpha is None
    assert report.distance is not None
    assert report.distance_is_lower
    house = next(b for b in report.bounds if b.name == "house of cards")
    assert (house.values[: report.distance.size] >= report.distance - 1e-12).all()
    reducible = analyse(greedy_register())
    assert reducible.stationary is None
    assert any("4 recurrent classes" in s.why for s in reducible.skipped)
