"""Measurements: found by walking, judged per subject, honest about assumptions, and reproducible."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import verify
from numerics.chains.generators import noisy_lfsr, random_chain
from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Statement, Status, lower, upper
from theory.parameter import Parameter, integers, reals
from theory.registry import Registry
from theory.source import OWN
from theory.verdict import Verdict
from verify.instance import Instance, NotApplicable
from verify.measure import Unmeasured, measure_claim
from verify.measurement import Context, MeasurementError, collect, context, measures
from verify.precision import exact, floating
from verify.spaces import chains, once, probability_pairs
from verify.subject import ChainSubject

K = Parameter("K", "K", "window", integers(1), (1, 8))
n = Parameter("n", "n", "steps", integers(0), (0, 100))
kappa = Parameter("kappa", r"\kappa", "Dobrushin coefficient", reals(0, 1), (0, 1))
distance = sp.Function("distance", real=True)
CHAINS = [
    ChainSubject("random", random_chain(2, 3, 0)),
    ChainSubject("noisy register", noisy_lfsr((1, 1, 1), 0.25)),
    ChainSubject("certain register", noisy_lfsr((1, 1, 1), 0.0)),
]


def claim(*statements: Statement, expected: Verdict = Verdict.HOLDS, name: str = "stand_in") -> Claim:
    # A stand-in has no derivation; only its measurement is under test.
    made = Claim(
        f"demo/{name}",
        "stand-in",
        Kind.UPPER,
        "",
        (K, n, kappa),
        statements,
        OWN,
        Status.OWN,
        (POSITIVE,),
        expected=Verdict.REFUTED,
        why="a stand-in",
    )
    object.__setattr__(made, "expected", expected)
    return made


BOUND = upper(distance(n.symbol), kappa.symbol ** sp.floor(n.symbol / K.symbol), trivial=1)


@measures("demo/stand_in", over=chains, expected={"noisy*": (Verdict.TIGHT, "distances are attained there")})
def measure(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    curve = subject.distance_curve(6 * subject.K)
    for steps in range(subject.K, 6 * subject.K + 1):
        values = {"K": subject.K, "n": steps, "kappa": subject.kappa}
        yield Instance(values, floating(curve[steps], absolute=1e-13))


def test_one_record_a_subject() -> None:
    records = measure_claim(claim(BOUND), CHAINS, measurement=measure)
    assert [r.model for r in records] == ["random", "noisy register", "certain register"]
    assert records[0].verdict is Verdict.HOLDS
    assert records[0].as_expected
    assert records[0].instances == 16
    assert records[0].method == "float64"


def test_unmet_assumptions_are_named() -> None:
    record = measure_claim(claim(BOUND), CHAINS[2:], measurement=measure)[0]
    assert record.verdict is Verdict.NOT_APPLICABLE
    assert record.as_expected
    assert record.instances == 0
    assert "positive" in record.reason
    assert "= 0" in record.reason


def test_expectations_by_subject_are_reported_and_can_fail() -> None:
    record = measure_claim(claim(BOUND), CHAINS[1:2], measurement=measure)[0]
    assert record.expected is Verdict.TIGHT
    assert record.reason == "distances are attained there"
    assert record.verdict is Verdict.HOLDS
    assert not record.as_expected
    with pytest.raises(MeasurementError, match="no reason"):
        measures("demo/stand_in", over=chains, expected={"x": (Verdict.HOLDS, "")})


def test_a_vacuous_bound_is_called_vacuous() -> None:
    idle = claim(upper(distance(n.symbol), 1 - kappa.symbol / 10**6, trivial=1))
    record = measure_claim(idle, CHAINS[:1], measurement=measure)[0]
    assert record.verdict is Verdict.VACUOUS
    assert record.bites == 0
    assert not record.as_expected


def test_refuted_claims_carry_a_witness_of_the_search() -> None:
    false = claim(upper(distance(n.symbol), BOUND.bound * sp.Rational(2, 5)), expected=Verdict.REFUTED)
    records = measure_claim(false, CHAINS, measurement=measure, search=300)
    search = records[0]
    assert search.model == "random chains"
    assert search.verdict is Verdict.REFUTED
    assert search.witness is not None
    assert "shrunk" in search.message
    assert "assert" in search.snippet
    # Subjects that satisfy a universal statement are listed, not judged.
    assert all(r.verdict is Verdict.REFUTED for r in records)
    assert "certain register: not applicable" in search.message
    assert measure_claim(false, [], measurement=measure, search=0) == []


def test_a_true_claim_that_should_be_refuted_is_inconclusive() -> None:
    record = measure_claim(claim(BOUND, expected=Verdict.REFUTED), [], measurement=measure, search=40)[0]
    assert record.verdict is Verdict.INCONCLUSIVE
    assert not record.as_expected


def test_records_reproduce_and_are_strict_json() -> None:
    def run(seed: int) -> list[dict[str, object]]:
        records = measure_claim(claim(PINSKER, name="pinsker"), [], seed, measurement=measure_pairs)
        found = [json.loads(json.dumps(r.as_json(), allow_nan=False)) for r in records]
        return [{key: value for key, value in r.items() if key != "seconds"} for r in found]

    assert run(1) == run(1)
    assert run(1) != run(2)
    record = run(1)[0]
    for key in ("claim", "model", "verdict", "expected", "quantity", "bound", "slack", "method", "instances", "bites"):
        assert key in record
    assert {"witness", "versions", "seed"} <= set(record)
    assert record["model"] == "random pairs of laws"
    assert record["verdict"] == "holds"


PINSKER = upper(distance(kappa.symbol), sp.sqrt(kappa.symbol / 2), trivial=1)


@measures("demo/pinsker", over=probability_pairs, examples=(30, 300))
def measure_pairs(pair: tuple[np.ndarray, np.ndarray], context: Context) -> Iterator[Instance]:
    p, q = pair
    divergence = float((p * np.log(p / q)).sum())
    if divergence < 1e-9:
        raise NotApplicable("equal laws")
    yield Instance({"kappa": divergence}, floating(float(np.abs(p - q).sum() / 2), absolute=1e-12))


def test_a_measurement_that_declines_everything_it_draws_shows_nothing() -> None:
    @measures("demo/stand_in", over=once)
    def declines(nothing: None, context: Context) -> Iterator[Instance]:
        raise NotApplicable("no reason to")
        yield Instance({}, exact(0))

    record = measure_claim(claim(BOUND), measurement=declines)[0]
    assert record.verdict is Verdict.INCONCLUSIVE
    assert record.message == "none of 1 objects is admissible: no reason to"


def test_a_single_computation_runs_once() -> None:
    calls: list[None] = []

    @measures("demo/stand_in", over=once)
    def computed(nothing: None, context: Context) -> Iterator[Instance]:
        calls.append(nothing)
        yield Instance({"K": 1, "n": 1, "kappa": 0.5}, exact(0))

    assert measure_claim(claim(BOUND), measurement=computed)[0].verdict is Verdict.HOLDS
    assert calls == [None]


def test_claims_in_parameters_alone_need_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.measure.measurement_alone", lambda name: None)
    parametric = claim(lower(kappa.symbol, kappa.symbol**2, trivial=0), name="nowhere")
    assert measure_claim(parametric)[0].verdict in (Verdict.HOLDS, Verdict.TIGHT)
    with pytest.raises(Unmeasured, match="demo/nowhere"):
        measure_claim(claim(BOUND, name="nowhere"))


def test_chance_depends_on_names_not_on_order() -> None:
    first = context(0, "a", "b").rng.random()
    context(0, "c").rng.random()
    assert context(0, "a", "b").rng.random() == first
    assert context(0, "b", "a").rng.random() != first
    assert context(1, "a", "b").rng.random() != first


FILE = """
from verify.measurement import measures
from verify.spaces import once

@measures("{claim}", over=once)
def {name}(nothing, context):
    yield from ()
"""


def test_measurements_are_found_and_orphans_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "__path__", [*verify.__path__, str(tmp_path)])
    claims = Registry({"demo_body/one": claim(BOUND)}, {}, {})
    object.__setattr__(claims.claims["demo_body/one"], "id", "demo_body/one")
    folder = tmp_path / "demo_body"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    assert collect(claims) == {}
    (folder / "topic.py").write_text(FILE.format(claim="demo_body/one", name="one"))
    assert set(collect(claims)) == {"demo_body/one"}
    (folder / "again.py").write_text(FILE.format(claim="demo_body/one", name="one"))
    with pytest.raises(MeasurementError, match="measured twice"):
        collect(claims)
    (folder / "again.py").unlink()
    (folder / "orphan.py").write_text(FILE.format(claim="demo_body/two", name="two"))
    with pytest.raises(MeasurementError, match="demo_body/two, which is no claim"):
        collect(claims)
