"""Batched decoding: exact, int64, float64, float32 and torch agree with the definition on every step."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.machines import dense as arrays
from numerics.machines import linear_ar
from numerics.machines.dense import Backend, ScoreOverflow, UnknownToken, decode, dense, encode, step_scores
from numerics.machines.exported import Exported, ExportError, Precision, export
from numerics.machines.exported import load as load_exported
from numerics.machines.exported import save as save_exported
from numerics.machines.linear_ar import LinearAR, LinearStep
from numerics.machines.parity import kautz, qary, scan
from numerics.machines.precision import first_failure, first_inexact_step, largest_sum
from numerics.machines.tokens import bucket, form, gate

ALPHABET = ("a", "b", "c")
BACKENDS: tuple[Backend, ...] = ("exact", "int64", "float64", "float32")


@st.composite
def models(draw: st.DrawFn, largest: int = 4) -> LinearAR:
    """Predictors over three letters with sparse weights; scores tie often."""
    n, T = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    weight = st.integers(-largest, largest)
    steps = []
    for t in range(T):
        live = tuple(draw(st.lists(st.sampled_from(ALPHABET), min_size=1, max_size=3, unique=True)))
        feature = st.tuples(st.integers(0, n + t - 1), st.sampled_from(ALPHABET))
        row = st.dictionaries(st.sampled_from(live), weight)
        steps.append(LinearStep(live, draw(st.dictionaries(feature, row, max_size=6)), draw(row)))
    return LinearAR(n, tuple(steps))


def all_prompts(model: LinearAR) -> list[tuple[str, ...]]:
    return list(itertools.product(ALPHABET, repeat=model.n))


@given(models())
@settings(max_examples=30, deadline=None)
def test_every_backend_rolls_out_the_chain_of_the_definition(model: LinearAR) -> None:
    prompts = all_prompts(model)
    expected = [linear_ar.rollout(model, prompt) for prompt in prompts]
    for backend in BACKENDS:
        batch = dense(model, ALPHABET, backend)
        assert decode(batch, arrays.rollout(batch, encode(batch, prompts))) == expected


@given(models(), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_scores_teacher_forcing_and_gaps_on_any_chain(model: LinearAR, seed: int) -> None:
    generator = np.random.default_rng(seed)
    T = len(model.steps)
    prompts = [tuple(generator.choice(ALPHABET, model.n)) for _ in range(5)]
    chains = [tuple(str(generator.choice(step.live)) for step in model.steps) for _ in prompts]
    module = export(model, ALPHABET)
    for backend in BACKENDS:
        batch = dense(model, ALPHABET, backend)
        x, z = encode(batch, prompts), encode(batch, chains)
        contexts = np.concatenate([x, z], axis=1)
        forced = decode(batch, arrays.teacher_force(batch, x, z))
        assert forced == [
            linear_ar.teacher_force(model, prompt, chain) for prompt, chain in zip(prompts, chains, strict=True)
        ]
        found = arrays.gaps(batch, x, z)
        for t, step in enumerate(model.steps, start=1):
            scores = step_scores(batch, t, contexts)
            assert (module.scores(t, torch.from_numpy(contexts)).numpy() == scores).all()
            for row, (prompt, chain) in enumerate(zip(prompts, chains, strict=True)):
                exact = linear_ar.scores(step, [*prompt, *chain[: t - 1]])
                assert [exact[token] for token in step.live] == scores[row].tolist()
            gap = found[t - 1]
            if len(step.live) == 1:
                assert gap is None
            else:
                assert gap is not None
                expected = [linear_ar.gaps(model, p, c)[t - 1] for p, c in zip(prompts, chains, strict=True)]
                assert gap.tolist() == expected
        assert len(found) == T


@given(models(), st.sampled_from(["float32", "float64"]))
@settings(max_examples=25, deadline=None)
def test_the_torch_module_decodes_the_same_chains(model: LinearAR, precision: Precision) -> None:
    batch, module = dense(model, ALPHABET), export(model, ALPHABET, precision)
    prompts = encode(batch, all_prompts(model))
    assert (module(torch.from_numpy(prompts)).numpy() == arrays.rollout(batch, prompts)).all()
    assert (
        module.steps[0].get_parameter("rows").dtype == {"float32": torch.float32, "float64": torch.float64}[precision]
    )


@given(st.lists(st.floats(-1e3, 1e3), min_size=12, max_size=12), st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_rollout_and_teacher_forcing_share_their_rounding(values: list[float], seed: int) -> None:
    """float32 sums of integers too large for it: forced on its own chain, every backend repeats that chain."""
    weights = {(i, bit): {"1": int(v * 2**40) + i} for i, (v, bit) in enumerate(zip(values, "01" * 6, strict=True))}
    model = LinearAR(8, tuple(LinearStep(("0", "1"), weights, {}) for _ in range(5)))
    model = LinearAR(8, tuple(trimmed(step, 8 + t) for t, step in enumerate(model.steps)))
    prompts = np.random.default_rng(seed).integers(0, 2, (40, 8))
    module = export(model, ("0", "1"), "float32")
    for backend in BACKENDS:
        batch = dense(model, ("0", "1"), backend)
        chains = arrays.rollout(batch, prompts)
        assert (arrays.teacher_force(batch, prompts, chains) == chains).all()
        alone = np.concatenate([arrays.rollout(batch, row[None]) for row in prompts])
        assert (alone == chains).all()
        if backend == "float32":
            assert (module(torch.from_numpy(prompts)).numpy() == chains).all()


def trimmed(step: LinearStep, length: int) -> LinearStep:
    weights = {feature: row for feature, row in step.weights.items() if feature[0] < length}
    return LinearStep(step.live, weights, step.bias)


# ------------------------------------------------------------------ large weights


def test_integers_too_large_for_int64_are_decoded_exactly() -> None:
    huge = 2**70
    model = LinearAR(2, (gate({0: huge, 1: -huge - 1}, 0), gate({0: 1, 2: 1}, 2)))
    prompts = list(itertools.product("01", repeat=2))
    batch = dense(model)
    assert batch.steps[0].rows.dtype == object and batch.steps[1].rows.dtype == np.int64
    chains = arrays.rollout(batch, encode(batch, prompts))
    assert decode(batch, chains) == [linear_ar.rollout(model, prompt) for prompt in prompts]
    found = arrays.gaps(batch, encode(batch, prompts), chains)
    assert found[0] is not None and list(found[0]) == [1, 2 * huge + 1, 2 * huge + 1, 1]
    with pytest.raises(ScoreOverflow, match=r"scores of step 1 can reach \d+, expected less than 2\^62"):
        dense(model, backend="int64")


@pytest.mark.parametrize(("bits", "fits"), [(60, True), (61, False)])
def test_the_limit_of_int64(bits: int, fits: bool) -> None:
    weights = {(0, "1"): {"1": 2**bits}, (0, "0"): {"0": -(2**bits)}}
    model = LinearAR(1, (LinearStep(("0", "1"), weights, {"1": 3 * 2**bits - 1}),))
    if fits:
        assert dense(model, backend="int64").steps[0].bound == 2 ** (bits + 2) - 1
    else:
        with pytest.raises(ScoreOverflow):
            dense(model, backend="int64")


def test_weights_beyond_a_float_format_are_refused() -> None:
    model = LinearAR(1, (gate({0: 10**400}, 0),))
    for backend in BACKENDS[2:]:
        with pytest.raises(ScoreOverflow, match=f"too large for {backend}"):
            dense(model, backend=backend)
    dense(LinearAR(1, (gate({0: 10**60}, 0),)), backend="float64")
    with pytest.raises(ScoreOverflow):
        dense(LinearAR(1, (gate({0: 10**60}, 0),)), backend="float32")


def number_of(d: int) -> LinearAR:
    """The leading digit of a number of d decimal digits, by floor division."""
    value = form({i: {str(v): v * 10 ** (d - 1 - i) for v in range(10)} for i in range(d)})
    return LinearAR(d, (bucket(value, 10 ** (d - 1), 10),))


def test_where_float32_begins_to_decode_wrongly() -> None:
    """Exact below 2^24 by the bound; with seven digits 5 999 999 is read as 6 000 000."""
    inexact = {}
    for d in range(2, 11):
        model = number_of(d)
        edges = [(str(v), *"9" * (d - 1)) for v in range(10)] + [(str(v), *"0" * (d - 1)) for v in range(10)]
        inexact[d] = (first_inexact_step(model), first_failure(model, edges))
        assert first_failure(model, edges, backend="float64") is None
        assert first_inexact_step(model, 53) is None
        if inexact[d][0] is None:
            assert largest_sum(model.steps[0]) <= 2**24 and inexact[d][1] is None
    assert [d for d, (bound, _) in inexact.items() if bound] == [6, 7, 8, 9, 10]
    assert [d for d, (_, failure) in inexact.items() if failure] == [7, 8, 9, 10]
    failure = inexact[7][1]
    assert failure is not None
    assert (failure.prompt, failure.t, failure.exact, failure.found) == (tuple("5999999"), 1, "5", "6")


def test_common_powers_of_two_do_not_cost_digits() -> None:
    coarse = LinearAR(1, (LinearStep(("0", "1"), {(0, "1"): {"1": 2**40}}, {"1": -(2**39)}),))
    fine = LinearAR(1, (LinearStep(("0", "1"), {(0, "1"): {"1": 2**40}}, {"1": -1}),))
    assert first_inexact_step(coarse) is None and first_inexact_step(fine) == 1
    assert first_inexact_step(LinearAR(1, (LinearStep(("0", "1"), {}, {}),))) is None


def test_the_first_failure_in_a_later_batch_is_found() -> None:
    model = number_of(8)
    right = [tuple("12345678")] * 1500
    assert first_failure(model, right) is None
    failure = first_failure(model, [*right, tuple("10000000")])
    assert failure is not None and failure.prompt == tuple("10000000")


# ------------------------------------------------------------------ faults


def test_faults_of_prompts_and_dictionaries_are_named() -> None:
    model = kautz(3).model
    batch = dense(model, ("0", "1"))
    with pytest.raises(UnknownToken, match="token '2' at position 1 of word 1 is not in the dictionary"):
        encode(batch, ["010", "021"])
    with pytest.raises(UnknownToken, match=r"prompts: index 2 at position 2 of row 0, expected 0..1"):
        arrays.rollout(batch, np.array([[0, 1, 2]]))
    with pytest.raises(ValueError, match=r"prompts have shape \(1, 2\), expected \(B, 3\)"):
        arrays.rollout(batch, np.array([[0, 1]]))
    with pytest.raises(ValueError, match=r"chains have shape \(1, 3\), expected \(B, 2\)"):
        arrays.teacher_force(batch, np.zeros((1, 3), dtype=np.int64), np.zeros((1, 3), dtype=np.int64))
    with pytest.raises(ValueError, match="2 prompts but 1 chains"):
        arrays.teacher_force(batch, np.zeros((2, 3), dtype=np.int64), np.zeros((1, 2), dtype=np.int64))
    with pytest.raises(UnknownToken, match="the model names the token '1'"):
        dense(model, ("0", "2"))
    with pytest.raises(UnknownToken, match="the dictionary has 3 entries"):
        dense(model, ("0", "1", "1"))


def test_a_gap_of_a_token_that_is_not_live_is_refused() -> None:
    compiled = scan(2)
    batch = dense(compiled.model, compiled.tokens)
    chains = encode(batch, [("0:0", "0:0", "0"), ("0:0", "1", "0")])
    with pytest.raises(UnknownToken, match="token '1' of chain 1 is not live at step 2"):
        arrays.gaps(batch, encode(batch, ["00", "00"]), chains)


# ------------------------------------------------------------------ files of the torch module


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_saved_module_is_the_same_module(precision: Precision, tmp_path: Path) -> None:
    compiled = qary(7, None, 3)
    module = export(compiled.model, compiled.tokens, precision)
    save_exported(module, tmp_path / "model")
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == ["model.json", "model.safetensors"]
    again = load_exported(tmp_path / "model")
    assert isinstance(again, Exported) and (again.n, again.tokens) == (7, compiled.tokens)
    for name, tensor in module.state_dict().items():
        assert again.state_dict()[name].dtype == tensor.dtype and torch.equal(again.state_dict()[name], tensor)
    batch = dense(compiled.model, compiled.tokens)
    prompts = encode(batch, list(itertools.product("01", repeat=7)))
    assert (again(torch.from_numpy(prompts)).numpy() == arrays.rollout(batch, prompts)).all()
    with pytest.raises(ValueError, match=r"prompts have shape \(1, 6\), expected \(B, 7\)"):
        again(torch.zeros((1, 6), dtype=torch.int64))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.update(format="x"), "expected the format"),
        (lambda r: r.update(n=0), "expected n and steps"),
        (lambda r: r.update(steps=3), "tensor 'steps.2.bias' is missing"),
        (lambda r: r.update(tokens=["0"]), "the tables of step 1 do not fit together"),
        (lambda r: r.update(n=2), "step 1 has an entry of positions outside 0..1"),
    ],
)
def test_faults_of_a_saved_module_are_named(change: Any, message: str, tmp_path: Path) -> None:
    save_exported(export(kautz(3).model), tmp_path)
    record = json.loads((tmp_path / "model.json").read_text())
    change(record)
    (tmp_path / "model.json").write_text(json.dumps(record))
    with pytest.raises(ExportError, match=message):
        load_exported(tmp_path)


def test_a_folder_without_a_module_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="holds no exported predictor"):
        load_exported(tmp_path)
    save_exported(export(kautz(3).model), tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ExportError, match="holds no exported predictor"):
        load_exported(tmp_path)
