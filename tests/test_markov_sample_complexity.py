"""Sample complexity, Table 2 and the token-level bound (2.F): numbers of the specification, verdicts, the oracles."""

import math

import pytest
import sympy as sp

from numerics.chains.generators import noisy_lfsr, random_chain
from theory.checking.kernel import check_claim, check_lemma
from theory.claim import Claim
from theory.markov.pretraining_memory import pretraining_gap_memory
from theory.markov.sample_complexity import (
    length_suffices,
    sample_complexity,
    sample_complexity_as_stated,
    table2_error,
)
from theory.markov.token_level import token_level_gap
from theory.verdict import Grade, Verdict
from verify.bounds import enclosure
from verify.markov.sample_complexity import TABLE_2
from verify.measure import measure_claim
from verify.subject import ChainSubject
from verify.verdict import as_expected

SOURCES = (
    ChainSubject("noisy register", noisy_lfsr([1, 1, 1], 0.3)),
    ChainSubject("random", random_chain(3, 2, seed=0)),
)


def value(expression: sp.Expr, **values: float) -> float:
    return float(enclosure(expression, values).value)


def test_grades() -> None:
    assert check_lemma(length_suffices).grade is Grade.PROVED
    # l1 errors rest on the step from R - R^ to the l1 distance (markov/l1_twice), a gap
    for claim, grade in ((sample_complexity, Grade.GAP), (table2_error, Grade.GAP), (token_level_gap, Grade.CITED)):
        report = check_claim(claim)
        assert report.grade is grade, report.message


def test_printed_sample_size() -> None:
    given = {"T": 10, "B_U": 5, "tau": 1, "c_0": 0.01, "Gamma": 2, "delta": 0.05}
    error = sample_complexity_as_stated.statement.bound
    assert value(error, N=10**6, **given) == pytest.approx(0.0538933782245109, rel=1e-12)
    scale = 2 * math.sqrt(math.log(40) / 10**6)
    assert value(error, N=10**6, **given) / scale == pytest.approx(14.0300164464588, rel=1e-12)
    length = sample_complexity_as_stated.statements[1].quantity.args[1]
    assert value(length, error=0.1, **given) == 290450


def test_sample_sizes() -> None:
    (length,) = sample_complexity.statements[2].quantity.atoms(sp.ceiling)
    assert value(length, Gamma=2, error=0.1, delta=0.05) == 2397
    error = sample_complexity.statement.bound
    assert value(error, N=2397, Gamma=2, delta=0.05) <= 0.1 < value(error, N=2396, Gamma=2, delta=0.05)


def test_independent_tokens_with_a_long_context() -> None:
    """K = 8192, epsilon = 0.01: 1963043445 tokens in blocks of K-1, up to the rounding of the last block."""
    K, N = 8192, 1963043445
    assert math.ceil(8 * (K - 1) * math.log(20) / 1e-4) == N
    bound = pretraining_gap_memory.statement.bound
    at = {"K": K, "block": K - 1, "w0": 1, "W": K - 1, "Gamma_block": 1, "delta": 0.05}
    assert 2 * value(bound, N=N, **at) == pytest.approx(0.01, rel=1e-5)
    assert 2 * value(bound, N=N * 0.9, **at) > 0.0105


EXPECTED_TABLE = {
    "Llama 7B": 0.0155484731137738,
    "Llama2 7B": 0.0109944307758462,
    "Llama3 8B": 0.00802918970468022,
    "Gemma 7B": 0.0167120806549986,
    "Gemma2 9B": 0.0150417319460297,
    "Gemma2 27B": 0.0125648488701656,
}
CONSTANTS = {
    "Llama 7B": 4047.72053061531,
    "Llama2 7B": 4047.72053061531,
    "Llama3 8B": 8095.43371532015,
    "Gemma 7B": 10656.8516635743,
    "Gemma2 9B": 11075.5578811256,
    "Gemma2 27B": 11793.7445823739,
}


@pytest.mark.parametrize("name", EXPECTED_TABLE)
def test_table_2(name: str) -> None:
    N, T, r = TABLE_2[name]
    found = value(table2_error.statement.bound, N=N, T=T, r=r, Gamma=1, delta=0.05)
    assert found == pytest.approx(EXPECTED_TABLE[name], rel=1e-12)
    assert found / (2 * math.sqrt(math.log(40) / N)) == pytest.approx(CONSTANTS[name], rel=1e-12)


def test_table_2_with_the_mixing_norm_of_windows() -> None:
    def at(name: str) -> float:
        N, T, r = TABLE_2[name]
        return value(table2_error.statement.bound, N=N, T=T, r=r, Gamma=8192, delta=0.05)

    assert at("Llama 7B") == pytest.approx(127.4, abs=0.05)
    assert at("Llama3 8B") == pytest.approx(65.8, abs=0.05)


def test_token_level_deviation() -> None:
    found = value(token_level_gap.statement.bound, b=4, rho=1, N=10**6, delta=0.05)
    assert found == pytest.approx(0.00489549366136163, rel=1e-12)


@pytest.mark.parametrize("claim", [sample_complexity, token_level_gap, table2_error], ids=lambda c: c.id)
def test_verdicts_on_small_sources(claim: Claim) -> None:
    for record in measure_claim(claim, SOURCES, seed=1):
        assert as_expected(record.verdict, record.expected), record.message


def test_perfect_training_by_memorising_refutes_the_printed_size() -> None:
    records = measure_claim(sample_complexity_as_stated, (), seed=0, search=200)
    assert [r.verdict for r in records] == [Verdict.REFUTED]
