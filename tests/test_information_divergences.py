"""Divergences and categorical entropies: exact, float, logarithmic and torch roads, edge cases, fixture K1."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.information import log_divergences, torch_divergences
from numerics.information.categorical_entropy import (
    average,
    conditional_information,
    conditional_information_by_rows,
    hom_divergence,
    information,
    joint,
    joint_closed_form,
    pointwise,
    psi,
    psi_by_definition,
    renyi_entropy,
    supremum,
)
from numerics.information.divergences import (
    CHI_SQUARE,
    GENERATORS,
    JEFFREYS,
    JENSEN_SHANNON,
    KL,
    REVERSE_KL,
    TEN,
    TV,
    bhattacharyya,
    f_divergence,
    named,
    renyi,
    renyi_divergence,
    squared_hellinger,
)
from numerics.information.exact_divergences import divergence_ball, psi_ball
from numerics.sources.fixtures import K1_MU, K1_ROWS
from verify.strategies.kernels import kernels_at_laws, state_pairs
from verify.strategies.laws import fractions_of, integer_weights

ALL = (*TEN, REVERSE_KL, JEFFREYS)
ids = {"ids": lambda d: d.name if hasattr(d, "name") else str(d)}
some = settings(max_examples=40, deadline=None)


@st.composite
def exact_pairs(draw):
    size = draw(st.integers(1, 5))
    return fractions_of(draw(integer_weights(2, size, zeros=draw(st.booleans()))))


def logs(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


def close(value, wanted, tolerance=1e-12):
    if math.isinf(wanted):
        return value == wanted
    return abs(value - wanted) <= tolerance * max(1, abs(wanted))


@some
@given(exact_pairs())
def test_balls_probabilities_and_logarithms_agree(pair):
    p, q = (np.array([float(x) for x in law]) for law in pair)
    for divergence in ALL:
        exact = divergence_ball(divergence.name, *pair).middle
        assert close(float(divergence(p, q)), exact), divergence
        assert close(float(log_divergences.FROM_LOGS[divergence.name](logs(p), logs(q))), exact), divergence


@some
@given(exact_pairs(), st.sampled_from(["1/1000", "1/4", "999/1000", "999999/1000000", "1000001/1000000", "7/3", "20"]))
def test_renyi_of_any_order_against_balls(pair, order):
    p, q = (np.array([float(x) for x in law]) for law in pair)
    alpha = float(Fraction(order))
    exact = divergence_ball(f"renyi {Fraction(alpha)}", *pair).middle  # at the float's own order
    assert close(float(renyi(p, q, alpha)), exact, 1e-12 * max(1, alpha))
    assert close(float(log_divergences.renyi(logs(p), logs(q), alpha)), exact, 1e-12 * max(1, alpha))


def test_order_near_one_is_continuous_at_kl():
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.5, 0.25, 0.25])
    ratio = np.log(p / q)
    slope = 0.5 * float((p * ratio**2).sum() - (p * ratio).sum() ** 2)  # dD_α/dα at 1 is half the variance
    for step in (1e-3, 1e-6, 1e-9, 1e-13, -1e-13, -1e-6):
        assert float(renyi(p, q, 1 + step)) - float(KL(p, q)) == pytest.approx(step * slope, rel=5e-3, abs=2e-16)


@some
@given(state_pairs())
def test_an_f_divergence_is_its_generator(pair):
    for divergence in [d for d in ALL if d.generator]:
        whole = float(f_divergence(pair.p, pair.q, divergence.generator))
        assert close(whole, float(divergence(pair.p, pair.q)), 1e-11)


def test_generators_are_convex_and_vanish_at_one_with_the_stated_limits():
    t = np.exp(np.linspace(-6, 6, 49))
    for generator in GENERATORS.values():
        f = generator.function
        assert float(f(np.array(1.0))) == 0
        assert (f((t[:-1] + t[1:]) / 2) <= (f(t[:-1]) + f(t[1:])) / 2 + 1e-12).all()
        tiny, huge = f(np.array([1e-300])), f(np.array([1e150])) / 1e150
        assert tiny[0] == pytest.approx(generator.at_zero, abs=1e-9) or (
            math.isinf(generator.at_zero) and tiny[0] > 600
        )
        assert huge[0] == pytest.approx(generator.slope, abs=1e-9) or (math.isinf(generator.slope) and huge[0] > 300)


@pytest.mark.parametrize(
    ("name", "p", "q", "value"),
    [
        ("KL", [0.5, 0.5], [1, 0], math.inf),
        ("KL", [1, 0], [0.5, 0.5], math.log(2)),
        ("chi2", [0.5, 0.5], [1, 0], math.inf),
        ("chi2", [1, 0], [0.5, 0.5], 1.0),
        ("renyi 0", [0.5, 0.5], [1, 0], 0.0),
        ("renyi 0", [1, 0], [0.5, 0.5], math.log(2)),
        ("renyi 0", [1, 0], [0, 1], math.inf),
        ("renyi 1/2", [0.5, 0.5], [1, 0], math.log(2)),
        ("renyi 1/2", [1, 0], [0, 1], math.inf),
        ("renyi 3/2", [0.5, 0.5], [1, 0], math.inf),
        ("renyi 2", [0.5, 0.5, 0], [0.25, 0.25, 0.5], math.log(2)),
        ("renyi inf", [0.5, 0.5], [1, 0], math.inf),
        ("renyi inf", [0.5, 0.5], [0.2, 0.8], math.log(2.5)),
        ("TV", [1, 0], [0, 1], 1.0),
        ("Hel2", [1, 0], [0, 1], 2.0),
        ("JS", [1, 0], [0, 1], math.log(2)),
        ("reverse KL", [1, 0], [0.5, 0.5], math.inf),
        ("Jeffreys", [1, 0], [0.5, 0.5], math.inf),
    ],
)
def test_edge_cases(name, p, q, value):
    assert float(named(name)(p, q)) == pytest.approx(value, rel=1e-15, abs=0)
    assert divergence_ball(name, *([Fraction(str(x)) for x in law] for law in (p, q))).middle == pytest.approx(
        value
    ) or (math.isinf(value))
    assert float(log_divergences.FROM_LOGS[name](logs(p), logs(q))) == pytest.approx(value, rel=1e-15, abs=1e-300)


@some
@given(state_pairs())
def test_zero_exactly_on_equal_laws_and_inside_the_range(pair):
    for divergence in ALL:
        assert float(divergence(pair.p, pair.p)) == 0
        value = float(divergence(pair.p, pair.q))
        assert 0 <= value <= divergence.top
        if divergence.name not in ("renyi 0",) and float(TV(pair.p, pair.q)) > 1e-6:
            assert value > 0


@some
@given(state_pairs())
def test_data_processing(pair):
    for divergence in ALL:
        before = float(divergence(pair.p, pair.q))
        assert float(divergence(pair.p @ pair.rows, pair.q @ pair.rows)) <= before * (1 + 1e-9) + 1e-12


def test_close_laws_do_not_cancel():
    q = np.array([0.25, 0.25, 0.5])
    p = q + 1e-9 * np.array([1, -1, 0])
    half_square = 0.5 * float(((p - q) ** 2 / q).sum())  # KL = ½χ² + O(ε³)
    assert float(KL(p, q)) == pytest.approx(half_square, rel=1e-6)
    assert float(squared_hellinger(p, q)) == pytest.approx(half_square / 2, rel=1e-6)
    assert float(JENSEN_SHANNON(p, q)) == pytest.approx(half_square / 4, rel=1e-6)
    assert float(bhattacharyya(p, q)) == pytest.approx(1, abs=1e-15)


def test_tails_that_underflow_keep_their_logarithms():
    lp, lq = np.array([0.0, -2000.0]), np.array([0.0, -1500.0])
    assert float(log_divergences.kl(np.log([0.5, 0.5]), np.array([0.0, -1000.0]))) == pytest.approx(
        0.5 * math.log(0.5) + 0.5 * (math.log(0.5) + 1000)
    )
    assert float(log_divergences.renyi(lq, lp, math.inf)) == 500
    assert float(log_divergences.chi_square(np.log([0.5, 0.5]), np.array([0.0, -800.0]))) == math.inf
    assert float(log_divergences.chi_square(lp, lq)) == 0


def test_rows_are_vectorised_and_broadcast():
    rows = np.random.default_rng(0).dirichlet(np.ones(5), (3, 4))
    for divergence in ALL:
        grid = divergence(rows[:, None], rows[:1])
        assert grid.shape == (3, 3, 4) or grid.shape == (3, 1, 4)
        assert grid[2, 0, 3] == divergence(rows[2, 3], rows[0, 3])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: KL([0.5, 0.4], [0.5, 0.5]), "the first law sums to 0.9, expected 1"),
        (lambda: TV([[1, 0], [0.5, 0.48]], [0.5, 0.5]), "row 1 of the first law sums to 0.98, expected 1 within 1e-09"),
        (lambda: TV([0.5, 0.5], [1.5, -0.5]), "entry -0.5, expected a probability"),
        (lambda: KL([1.0], [0.5, 0.5]), "do not live on one set"),
        (lambda: renyi([1.0], [1.0], -0.5), "order is -0.5, expected a number in"),
        (lambda: renyi_divergence(math.nan), "order is nan"),
        (lambda: named("renyi -1"), r"order is -1, expected a number in \[0, ∞\]"),
        (lambda: named("renyi x"), "order is x"),
        (lambda: named("Wasserstein"), "no divergence is called 'Wasserstein'; there are KL, TV"),
        (lambda: divergence_ball("KL", ["1/2", "1/3"], [1, 0]), "sums to 5/6, expected exactly 1"),
        (lambda: average(KL, K1_ROWS, [0.5, 0.5]), "has 2 entries, expected 3"),
    ],
)
def test_bad_input_is_one_clear_line(call, said):
    with pytest.raises(ValueError, match=said):
        call()


# name: (row 1, row 3), average, joint, sup: the specification's 4.9
K1 = {
    "KL": ((1.213008, 1.098612), 0.881157, 0.881157, 1.213008),
    "TV": ((0.656250, 0.666667), 0.494792, 0.494792, 0.666667),
    "chi2": ((3, 2), 2, 2, 3),
    "Hel2": ((0.866117, 0.845299), 0.644383, 0.644383, 0.866117),
    "JS": ((0.327212, 0.318257), 0.243170, 0.243170, 0.327212),
    "renyi 0": ((1.067841, 1.098612), 0.808573, 0.682784, 1.098612),
    "renyi 1/2": ((1.134997, 1.098612), 0.842152, 0.777781, 1.134997),
    "renyi 3/2": ((1.298614, 1.098612), 0.923960, 0.989538, 1.298614),
    "renyi 2": ((1.386294, 1.098612), 0.967800, 1.098612, 1.386294),
    "renyi inf": ((2.079442, 1.098612), 1.314374, 2.079442, 2.079442),
}


@pytest.mark.parametrize("divergence", TEN, **ids)
def test_the_four_readings_of_fixture_k1(divergence):
    rows, mean, together, largest = K1[divergence.name]
    at = pointwise(divergence, K1_ROWS)
    assert at[1] == 0
    assert [at[0], at[2]] == pytest.approx(rows, abs=5e-7)
    assert average(divergence, K1_ROWS, K1_MU) == pytest.approx(mean, abs=5e-7)
    assert joint(divergence, K1_ROWS, K1_MU) == pytest.approx(together, abs=5e-7)
    assert joint_closed_form(divergence, K1_ROWS, K1_MU) == pytest.approx(joint(divergence, K1_ROWS, K1_MU), rel=1e-12)
    assert supremum(divergence, K1_ROWS) == pytest.approx(largest, abs=5e-7)


def test_the_table_above_covers_the_ten():
    assert sorted(K1) == sorted(d.name for d in TEN) and len(TEN) == 10


@some
@given(kernels_at_laws())
def test_closed_forms_of_psi_and_of_the_joint_reading(case):
    for divergence in ALL:
        closed, defined = psi(divergence, case.rows), psi_by_definition(divergence, case.rows)
        for a, b in zip(closed, defined, strict=True):
            assert close(float(a), float(b), 1e-11)
        tables, form = joint(divergence, case.rows, case.mu), joint_closed_form(divergence, case.rows, case.mu)
        assert close(form, tables, 1e-11)


@some
@given(exact_pairs())
def test_psi_against_balls(pair):
    law = pair[0]
    for divergence in ALL:
        exact = psi_ball(divergence.name, law).middle
        assert close(float(psi(divergence, [float(x) for x in law])), exact)


@some
@given(kernels_at_laws())
def test_readings_are_ordered(case):
    for divergence in TEN:
        mean, together = average(divergence, case.rows, case.mu), joint_closed_form(divergence, case.rows, case.mu)
        top = supremum(divergence, case.rows)
        slack = 1e-11
        if divergence.generator is not None:
            assert together == pytest.approx(mean, rel=1e-12)
        elif divergence.order < 1:
            assert together <= mean + slack
        else:
            assert mean <= together + slack
        assert max(mean, together) <= top + slack


@pytest.mark.parametrize("order", [-math.inf, -1.0, 0.0, 0.5, 0.999999, 1.0, 1.000001, 1.5, 2.0, math.inf])
def test_renyi_entropies_decrease_in_the_order_and_are_log_n_on_uniform_laws(order):
    assert float(renyi_entropy(np.full(8, 1 / 8), order)) == pytest.approx(math.log(8), rel=1e-12)
    assert float(renyi_entropy([1, 0], order)) == 0
    p = np.array([0.5, 0.3, 0.2])
    assert float(renyi_entropy(p, order)) >= float(renyi_entropy(p, order + 0.5)) - 1e-12


@st.composite
def joints_with_condition(draw):
    a, x, y = (draw(st.integers(1, 3)) for _ in range(3))
    weights = draw(integer_weights(1, a * x * y, zeros=draw(st.booleans())))
    return (weights / weights.sum()).reshape(a, x, y)


@some
@given(joints_with_condition())
def test_conditional_information_by_tables_and_by_rows(table):
    for divergence in ALL:
        by_tables, by_rows = (
            conditional_information(divergence, table),
            conditional_information_by_rows(divergence, table),
        )
        assert close(by_rows, by_tables, 1e-11)
        if len(table) == 1:
            assert close(information(divergence, table[0]), by_tables, 1e-11)


def test_the_chain_rule_is_for_kl_only():
    table = np.random.default_rng(3).dirichlet(np.ones(12)).reshape(2, 2, 3)  # H, W, F
    for divergence, holds in ((KL, True), (TV, False), (CHI_SQUARE, False), (JENSEN_SHANNON, False)):
        whole = information(divergence, table.reshape(2, 6))
        first = information(divergence, table.sum(axis=2))
        rest = conditional_information(divergence, table.transpose(1, 0, 2))
        assert (abs(whole - first - rest) < 1e-12) is holds


def test_hom_divergence_is_the_worst_row():
    f, g = K1_ROWS[:2], K1_ROWS[[2, 2]]
    assert hom_divergence(TV, f, g) == max(float(TV(f[0], g[0])), float(TV(f[1], g[1])))


def test_the_torch_road_agrees_too():
    import torch

    rng = np.random.default_rng(0)
    rows = rng.dirichlet(np.ones(4), 40) * (rng.random((40, 4)) < 0.7) + np.eye(4)[0] * 1e-3
    p, q = (logs(part) for part in np.split(rows / rows.sum(axis=1, keepdims=True), 2))
    for divergence in ALL:
        there = torch_divergences.divergence(divergence.name, torch.tensor(p), torch.tensor(q)).numpy()
        here = divergence(np.exp(p), np.exp(q))
        assert np.isinf(there).tolist() == np.isinf(here).tolist()
        assert there == pytest.approx(here, rel=1e-11, abs=1e-14)
        assert bool(np.isinf(here).any()) == (
            divergence in (KL, CHI_SQUARE, REVERSE_KL, JEFFREYS) or divergence.order in (1.5, 2, math.inf)
        )


def test_torch_gradients_of_kl_are_those_of_the_formula():
    import torch

    z = torch.tensor([0.3, -0.2, 0.5], dtype=torch.float64, requires_grad=True)
    q = torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64)
    torch_divergences.divergence("KL", q.log(), z.log_softmax(-1)).backward()
    assert z.grad.numpy() == pytest.approx((z.softmax(-1) - q).detach().numpy(), abs=1e-15)
    rows = torch.tensor(np.random.default_rng(0).dirichlet(np.ones(4), 3)).log()
    for divergence in TEN:
        there = torch_divergences.psi(divergence.name, rows).numpy()
        assert there == pytest.approx(psi(divergence, rows.exp().numpy()), rel=1e-12)
