"""Drafting and entropies experiments: complete records in tiny sizes, and broken statements are noticed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import verify.experiments.categorical_drafting as drafting
import verify.experiments.categorical_entropies as entropies
import verify.experiments.categorical_model_pairs as pairs
from numerics.information.divergences import KL, renyi_divergence
from numerics.sources.finite import Terms
from numerics.sources.fixtures import K1_MU, K1_ROWS, t1
from verify.experiments.categorical_drafting import PairSizes
from verify.experiments.experiment import Record, experiments_of

TINY = PairSizes(contexts=6, length=4, drafted=2, draws=12)


def of(records: list[Record], name: str) -> list[Record]:
    return [r for r in records if r["name"] == name]


def test_both_belong_to_categorical() -> None:
    assert {"categorical_drafting", "categorical_entropies"} <= {e.name for e in experiments_of("categorical")}


def test_smollm2_is_drafted_on_a_full_budget_only() -> None:
    assert drafting.sizes_of("quick").models == ("carroll",)
    assert drafting.sizes_of("full").models == ("carroll", "smollm2")


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Record], Path]:
    out = tmp_path_factory.mktemp("drafting")
    sizes = drafting.Sizes((("names", 2, 2, (8,)), ("names", 1, 3, (2,))), ("carroll",), TINY)
    return drafting.run_sizes(out, sizes, seed=1), out


def test_drafting_records_are_complete(drafted: tuple[list[Record], Path]) -> None:
    records, out = drafted
    json.dumps(records, allow_nan=False)
    assert all(r["experiment"] == "categorical_drafting" and r["seed"] == 1 for r in records)
    assert len(of(records, "terms")) == (3 + 1) + (2 + 1)
    assert {r["as_expected"] for r in records} == {True, None}
    exact = [r for r in of(records, "acceptance") if "source" in r]
    assert [r["drafter"] for r in exact] == 3 * [
        "best",
        "KL-optimal",
        "representative",
    ]  # not for the injective encoder
    model = [r for r in of(records, "acceptance") if "model" in r]
    assert [(r["drafter"], r["parameter"]) for r in model] == [
        *(("early exit", layers) for layers in (1, 2, 3, 4)),
        *(("short window", tokens) for tokens in (1, 2, 4)),
    ]
    assert all(len(r["alphas"]) == len(r["kappas"]) == len(r["uppers"]) == 6 for r in model)
    assert len(of(records, "accepted length")) == 3 + 2  # the whole model drafts for nobody
    for name in of(records, "plots")[0]["files"]:
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_terms_of_names(drafted: tuple[list[Record], Path]) -> None:
    found = {(r["source"], r["encoder"], r["parameter"]): r for r in of(drafted[0], "terms")}
    blind, last, cells = (found["names, m = 2", *key] for key in (("suffix", 0), ("suffix", 1), ("k-means", 8)))
    assert blind["surplus"] == pytest.approx(0, abs=1e-12) and blind["deficit"] == pytest.approx(0.339407, abs=1e-6)
    assert last["deficit"] == pytest.approx(0, abs=1e-12) and last["surplus"] == pytest.approx(blind["deficit"])
    assert 0.1 < cells["deficit"] < blind["deficit"]


def test_a_missing_deficit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drafting.terms_record(t1(), 3, lossless=False)["as_expected"]
    assert not drafting.terms_record(t1(), 3, lossless=True)["as_expected"]  # its encoder is not injective
    monkeypatch.setattr(drafting, "block_terms", lambda *_: Terms(0.1, 0.3, 0.2 - 1e-8))
    assert not drafting.terms_record(t1(), 3, lossless=False)["as_expected"]


@pytest.mark.parametrize(
    ("alpha", "kappa", "delta", "inside"),
    [
        (0.938383, 0.023140, 0.023140, True),
        (0.88, 0.023140, 0.023140, False),  # below Pinsker's bound
        (0.998, 0.023140, 0.023140, False),  # above the bound for the KL-optimal drafter
        (0.938383, 0.02, 0.023140, False),  # κ < δ
    ],
)
def test_the_sandwich_of_t1(alpha: float, kappa: float, delta: float, inside: bool) -> None:
    found = drafting.bounds_record(drafting.MEAN, alpha, kappa, delta, 3)
    assert found["as_expected"] is inside
    if inside:
        assert [found["pinsker"], found["bretagnolle_huber"], found["upper"]] == pytest.approx(
            [0.892435, 0.848756, 0.996902],
            abs=3e-6,  # kappa is given to 6 digits, the bounds grow as its root
        )


def test_drafters_of_t1_and_a_best_drafter_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    found = drafting.acceptance_records(t1())
    assert [r["as_expected"] for r in found] == [True] * 5 + [None]
    assert [found[0]["alpha"], found[1]["alpha"]] == pytest.approx([0.955330, 0.938383], abs=1e-6)
    drafters = drafting.drafters_of
    monkeypatch.setattr(
        drafting, "drafters_of", lambda *a: (d := drafters(*a)) | {drafting.BEST: np.roll(d[drafting.BEST], 1, axis=1)}
    )
    assert of(drafting.acceptance_records(t1()), "optimal drafter")[0]["as_expected"] is False


def test_pairs_notice_rows_outside_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(5), size=4), rng.dirichlet(np.ones(5), size=4)
    assert pairs.acceptance_record(p, q, whole=False)["as_expected"]
    assert not pairs.acceptance_record(p, q, whole=True)["as_expected"]
    assert pairs.acceptance_record(p, p, whole=True)["as_expected"]
    monkeypatch.setattr(pairs, "acceptance", lambda a, b: np.full(len(a), 0.01))
    assert not pairs.acceptance_record(p, q, whole=False)["as_expected"]


def test_a_first_token_accepted_too_often_is_noticed() -> None:
    model = pairs.load("uniform", T=4, K=3)
    rows = pairs.ContinuedRows(model, np.zeros((3, 1), dtype=np.int64))
    uniforms = pairs.draw_uniforms(np.random.default_rng(0), 50, 2)
    length, first = pairs.length_records(rows, rows, uniforms, 1.0)
    assert length["value"] == 2 == length["constant"] and first["as_expected"]
    assert not pairs.length_records(rows, rows, uniforms, 0.9)[1]["as_expected"]


def test_own_text_is_drawn_from_the_model() -> None:
    model = pairs.load("uniform", T=4, K=8)
    contexts = pairs.text_contexts("uniform", model, TINY, np.random.default_rng(0))
    assert contexts.shape == (6, 4) and set(np.unique(contexts)) <= set(range(4))


def test_entropies_records_are_complete(tmp_path: Path) -> None:
    records = entropies.run_sizes(tmp_path, entropies.Sizes((("names", 1),), (0.5, 1.0, 2.0), (1.0,)), seed=2)
    json.dumps(records, allow_nan=False)
    assert len(of(records, "readings")) == 30 and all(r["as_expected"] for r in records[:-1])
    assert sum("joint_from_tables" in r for r in records) == 10
    shannon = [r for r in of(records, "readings") if r["divergence"] == "KL"]
    assert [r["average"] for r in shannon] == sorted(r["average"] for r in shannon)
    assert shannon[1]["average"] == pytest.approx(2.00202090, abs=1e-8)  # the entropy rate
    for name in records[-1]["files"]:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_readings_of_k1_and_a_wrong_joint_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    half, two = renyi_divergence(0.5), renyi_divergence(2)
    found = entropies.reading_record(half, K1_ROWS, K1_MU, tables=True)
    assert found["as_expected"]
    assert [found[r] for r in ("joint", "average", "sup")] == pytest.approx([0.777781, 0.842152, 1.134997], abs=1e-6)
    joint = entropies.entropies.joint_closed_form
    monkeypatch.setattr(entropies.entropies, "joint_closed_form", lambda d, *a: joint(two if d is half else half, *a))
    assert not entropies.reading_record(half, K1_ROWS, K1_MU, tables=False)["as_expected"]
    assert not entropies.reading_record(KL, K1_ROWS, K1_MU, tables=False)["as_expected"]


def test_a_renyi_order_out_of_place_is_noticed() -> None:
    rows = {d.name: entropies.reading_record(d, K1_ROWS, K1_MU, tables=False) for d in entropies.RENYI}
    assert entropies.order_record(rows)["as_expected"]
    rows["KL"], rows["renyi 2"] = rows["renyi 2"], rows["KL"]
    assert not entropies.order_record(rows)["as_expected"]
