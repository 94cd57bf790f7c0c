"""Blocks, paths, ergodicity, windows, exactly solved chains: derivations, numbers, verdicts, and altered claims."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

from numerics.chains.coefficients import block_matrix, log_epsilon
from numerics.chains.exact import exact_of_chain, exact_stationary, exact_transition
from numerics.chains.generators import noisy_lfsr, order_two_chain, random_chain, two_state
from numerics.chains.index import n_states
from numerics.chains.mixing import distance_curve, pair_distance_curve
from numerics.chains.operator import dense_full
from numerics.chains.stationary import stationary
from numerics.chains.structure import chain_structure
from numerics.chains.window_chain import WindowChain
from theory.claim import Claim, Statement
from theory.markov.ergodicity import ergodic_as_stated, ergodic_unichain
from theory.markov.exact import stationary_order2, two_state_exact
from theory.markov.path_product import path_product
from theory.markov.structure import block_structure
from theory.markov.truncated_decoding import truncated_decoding
from theory.markov.windows import window_chain, window_chain_as_stated
from theory.verdict import Grade, Verdict
from verify.bounds import enclosure, statement_of
from verify.falsify import falsify
from verify.markov import ergodicity, exact, structure, windows
from verify.measure import measure_claim
from verify.measurement import Measurement
from verify.strategies import window_chains
from verify.subject import ChainSubject
from verify.verdict import as_expected

MEASURED: list[tuple[Claim, Measurement]] = [
    (block_structure, structure.block_structure),
    (path_product, structure.path_product),
    (ergodic_as_stated, ergodicity.ergodic_as_stated),
    (ergodic_unichain, ergodicity.ergodic_unichain),
    (truncated_decoding, ergodicity.truncated_decoding),
    (window_chain_as_stated, windows.window_chain_as_stated),
    (window_chain, windows.window_chain),
    (two_state_exact, exact.two_state_exact),
    (stationary_order2, exact.stationary_order2),
]
GRADES = [
    (block_structure, Grade.CITED),  # the characteristic polynomial of a block triangular matrix
    (path_product, Grade.PROVED),
    (ergodic_unichain, Grade.GAP),  # the count of transient states; Perron and Frobenius are cited
    (truncated_decoding, Grade.PROVED),
    (window_chain, Grade.PROVED),
    (two_state_exact, Grade.PROVED),
    (stationary_order2, Grade.PROVED),
]


def subjects() -> list[ChainSubject]:
    return [ChainSubject(f"random@{K}", random_chain(T, K, seed=1)) for T, K in ((2, 1), (2, 3), (3, 2))]


@pytest.mark.parametrize(("claim", "grade"), GRADES, ids=lambda x: getattr(x, "name", ""))
def test_derivations_are_accepted(claim: Claim, grade: Grade) -> None:
    report = claim.check()
    assert report.grade is grade, report.message


@pytest.mark.parametrize(("claim", "measurement"), MEASURED, ids=lambda x: getattr(x, "name", ""))
def test_verdicts_are_the_expected_ones(claim: Claim, measurement: Measurement) -> None:
    records = measure_claim(claim, subjects(), measurement=measurement)
    assert records
    for record in records:
        assert record.instances > 0
        assert as_expected(record.verdict, record.expected), (record.model, record.message)
        if record.expected is not claim.expected:
            assert record.reason


@settings(max_examples=20, deadline=None)
@given(window_chains(max_states=27))
def test_blocks_of_powers(chain: WindowChain) -> None:
    K, short = chain.K, n_states(chain.T, chain.K) - chain.n
    Q = dense_full(chain)
    P_T, P_TR, P_R = Q[:short, :short], Q[:short, short:], Q[short:, short:]
    assert not Q[short:, :short].any()
    for k in range(1, K + 3):
        power = np.linalg.matrix_power
        corner = sum((power(P_T, m) @ P_TR @ power(P_R, k - 1 - m) for m in range(k)), np.zeros_like(P_TR))
        whole = power(Q, k)
        assert np.allclose(whole[:short, :short], power(P_T, k), atol=1e-12)
        assert np.allclose(whole[:short, short:], corner, atol=1e-12)
        assert np.allclose(whole[short:, short:], power(P_R, k), atol=1e-12)
        if k >= K:
            assert not whole[:, :short].any()
            assert (whole[:, short:] > 0).all()
    if K >= 2:
        assert not np.linalg.matrix_power(P_T, K - 1).any()
    if K >= 3:
        assert np.linalg.matrix_power(P_T, K - 2).any()


@settings(max_examples=20, deadline=None)
@given(window_chains(max_states=27))
def test_entries_of_the_block_matrix_are_products(chain: WindowChain) -> None:
    A = structure.matrix_power(ChainSubject("chain", chain))
    assert np.allclose(A, block_matrix(chain), rtol=1e-10, atol=0)
    for u in range(0, chain.n, 5):
        for v in range(chain.n):
            end, total = structure.follow(u, v, chain.T, chain.K, chain.log_probs)
            assert end == v
            assert np.exp(total) == pytest.approx(A[u, v], rel=1e-10)
    found = log_epsilon(chain)
    assert found.value == pytest.approx(float(np.log(A.min())), rel=1e-10, abs=1e-10)
    assert A[found.start].min() == pytest.approx(A.min(), rel=1e-10)


def test_characteristic_polynomial_over_the_rationals() -> None:
    chain = random_chain(2, 3, seed=3)
    assert structure.characteristic_mismatch(ChainSubject("chain", chain)) == 0
    assert exact_of_chain(chain, full=True).charpoly().degree() == 14


def test_the_register_without_noise() -> None:
    found = chain_structure(ergodicity.parity_register())
    classes = {tuple(c.tolist()): period for c, period in zip(found.recurrent, found.periods, strict=True)}
    assert classes == {(0b000,): 1, (0b111,): 1, (0b010, 0b101): 2, (0b001, 0b011, 0b100, 0b110): 4}
    assert ergodicity.stationary_dimension() == 3


@pytest.mark.parametrize("p", [0.001, 0.3, 0.9])
def test_noise_restores_uniqueness(p: float) -> None:
    chain = noisy_lfsr((1, 1, 1), p)
    assert chain_structure(chain).is_ergodic
    assert np.allclose(stationary(chain).pi, 1 / 8)


def test_short_contexts_are_never_entered_again() -> None:
    found = ergodicity.structure_of_all_states(ChainSubject("chain", random_chain(2, 2, seed=0)))
    assert found.transient.tolist() == [0, 1]
    assert [c.tolist() for c in found.recurrent] == [[2, 3, 4, 5]]
    Q = dense_full(random_chain(2, 2, seed=0))
    pi = np.concatenate([[0, 0], stationary(random_chain(2, 2, seed=0)).pi])
    assert np.allclose(pi @ Q, pi, atol=1e-14)


def test_the_search_refutes_ergodicity_at_the_smallest_window() -> None:
    report = falsify(ergodic_as_stated, measurement=ergodicity.ergodic_as_stated, examples=100)
    assert report.found
    assert (report.thing.T, report.thing.K) == (2, 2)


@pytest.mark.parametrize("p", [Fraction(1, 10), Fraction(3, 4)])
def test_windows_of_the_exclusive_or(p: Fraction) -> None:
    """K = 1, the next bit is the sum of the last two modulo 2 with probability 1 - p."""
    keep, flip = (1 - p, p), (p, 1 - p)
    source = windows.MemorySource(2, 2, (keep, flip, flip, keep))
    laws = windows.conditional_laws(source, 2)
    assert laws[(1, 0)][1] == 1 - p
    assert laws[(0, 0)][1] == p
    assert windows.dependence(windows.Windowed(source, 1), range(2, 3)) == abs(1 - 2 * p)
    assert windows.dependence(windows.Windowed(source, 2), range(2, 5)) == 0


def test_two_states_in_floating_point() -> None:
    p01, p10 = 0.3, 0.45
    matrix = two_state(p01, p10)
    top, size = max(p01, p10) / (p01 + p10), abs(1 - p01 - p10)
    steps = np.arange(9)
    assert np.allclose(distance_curve(matrix, 8), top * size**steps, atol=1e-14)
    assert np.allclose(pair_distance_curve(matrix, 8), size**steps, atol=1e-14)


@pytest.mark.parametrize(
    ("p01", "p10", "eta", "time"),
    [
        (Fraction(1, 2), Fraction(1, 2), Fraction(1, 100), 1),  # lambda = 0
        (Fraction(1, 10), Fraction(1, 10), Fraction(1, 100), 18),
        (Fraction(9, 10), Fraction(9, 10), Fraction(1, 100), 18),  # lambda < 0
        (Fraction(1, 4), Fraction(1, 2), Fraction(7, 10), 0),  # eta above max pi
    ],
)
def test_mixing_times_of_two_states(p01: Fraction, p10: Fraction, eta: Fraction, time: int) -> None:
    assert exact.mixing_time(p01, p10, eta) == time
    if time > 0:
        bound = enclosure(
            statement_of(two_state_exact, "mixing time").bound, {"p01": p01, "p10": p10, "t": 0, "eta": eta}
        )
        assert bound.lower == bound.upper == time


@pytest.mark.parametrize("values", [(2, 2, 2, 2), (2, 4, 2, Fraction(4, 3))])
def test_stationary_laws_that_are_uniform(values: tuple[Fraction, ...]) -> None:
    a, b, c, e = (1 / Fraction(v) for v in values)
    assert exact_stationary(exact_transition([[1 - x, x] for x in (a, b, c, e)], 2, 2)) == [Fraction(1, 4)] * 4
    chain = order_two_chain(float(a), float(b), float(c), float(e))
    assert np.allclose(stationary(chain).pi, 0.25, atol=1e-15)


@pytest.mark.parametrize(
    ("claim", "measurement", "label"),
    [
        (block_structure, structure.block_structure, "full contexts"),
        (block_structure, structure.block_structure, "short contexts vanish"),
        (ergodic_unichain, ergodicity.ergodic_unichain, "transient"),
        (ergodic_unichain, ergodicity.ergodic_unichain, "one recurrent class"),
        (truncated_decoding, ergodicity.truncated_decoding, "period of class 3"),
        (two_state_exact, exact.two_state_exact, "distance"),
        (two_state_exact, exact.two_state_exact, "pair distance"),
        (two_state_exact, exact.two_state_exact, "mixing time"),
        (stationary_order2, exact.stationary_order2, "00"),
    ],
)
def test_a_statement_that_is_a_tenth_off_is_refuted(claim: Claim, measurement: Measurement, label: str) -> None:
    def altered(statement: Statement) -> Statement:
        factor = sp.Rational(11, 10)
        return replace(statement, bound=statement.bound * factor) if statement.label == label else statement

    wrong = replace(claim, statements=tuple(map(altered, claim.statements)))
    # The uniform model attains every bound of a positive one.
    uniform = ChainSubject("uniform", WindowChain.from_table(np.full((8, 2), 0.5), 2, 3, np.full((6, 2), 0.5)))
    records = measure_claim(wrong, [uniform], measurement=measurement)
    assert [r.verdict for r in records] == [Verdict.REFUTED] * len(records)


def test_a_chain_that_is_not_positive_is_not_judged() -> None:
    subject = ChainSubject("register", ergodicity.parity_register())
    (record,) = measure_claim(ergodic_unichain, [subject], measurement=ergodicity.ergodic_unichain)
    assert record.verdict is Verdict.NOT_APPLICABLE
