"""The command line end to end: exit statuses, JSON documents, and one clear line for every bad input.

The register is a stand-in of four claims, so that these tests speak about the command line and not about a body.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

import theory.graph
import theory.index
import theory.registry
import verify.falsify
import verify.measure
import verify.parametric
from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.index import entries_of
from theory.justification import Gap, decide
from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import ge, le
from theory.registry import Registry
from theory.source import OWN, Source
from theory.verdict import Verdict
from verify.cli.main import main
from verify.instance import Instance
from verify.measurement import Measurement
from verify.precision import rounded
from verify.spaces import chains

x = Parameter("x", "x", "a number", reals(0, sp.oo), (0, 10))
T = Parameter("T", "T", "vocabulary", integers(2), (2, 1000), "tokens")
K = Parameter("K", "K", "window", integers(1), (1, 100), "tokens")
n = Parameter("n", "n", "steps", integers(0), (0, 1000), "steps")
rho = Parameter("rho", r"\rho", "rate", reals(0, 1), (0, 1))
sigma = Parameter("sigma", r"\sigma", "a better rate", reals(0, 1), (0, 1))
distance = sp.Function("distance", real=True, nonnegative=True)
contraction = sp.Function("contraction", real=True, nonnegative=True)

slow = Lemma(
    "toy/slow", "the slow rate", (n, rho), le(contraction(n.symbol), rho.symbol**n.symbol),
    backing=Citation(Source("levin2017", "section 4")),
)  # fmt: skip
fast = Lemma(
    "toy/fast", "the fast rate", (n, sigma), le(contraction(n.symbol), (sigma.symbol / 2) ** n.symbol),
    backing=Citation(Source("levin2017", "section 5")),
)  # fmt: skip
fraction = Claim(
    "toy/fraction", "A fraction", Kind.UPPER, "x/(1+x) <= x", (x,),
    (upper(x.symbol / (1 + x.symbol), x.symbol, trivial=1),), OWN, Status.OWN,
    derivation=derive(x.symbol / (1 + x.symbol)).le(x.symbol, by=decide, name="divide"),
)  # fmt: skip
square = Claim(
    "toy/square", "A false square", Kind.UPPER, "x^2 <= x", (x,), (upper(x.symbol**2, x.symbol),),
    OWN, Status.AS_STATED, expected=Verdict.REFUTED, why="false beyond 1",
)  # fmt: skip
sparsity = Claim(
    "toy/sparsity", "Sparsity", Kind.UPPER, "share of non-zeros", (T, K),
    (upper(distance(K.symbol), (T.symbol - 1) / (T.symbol**K.symbol - 1), trivial=1),), OWN, Status.OWN,
    hypotheses=(ge(T.symbol, K.symbol / 1000000),),
    derivation=derive(distance(K.symbol)).le(
        (T.symbol - 1) / (T.symbol**K.symbol - 1), by=Gap("a stand-in without proof"), name="count"
    ),
)  # fmt: skip
decay = Claim(
    "toy/decay", "Decay", Kind.UPPER, "distance after n steps", (n, rho),
    (upper(distance(n.symbol), rho.symbol**n.symbol, trivial=1),), OWN, Status.SHARPENED, assumptions=(POSITIVE,),
    derivation=derive(distance(n.symbol))
    .le(contraction(n.symbol), by=Gap("stand-in"), name="couple")
    .le(by=slow.at(), name="contract"),
)  # fmt: skip


def _decay(subject: Any, context: Any) -> Iterator[Instance]:
    """1 - p_min <= (1 - p_min)^n at n = 0 and 1: true, and attained at 1."""
    for steps in (0, 1):
        value = 1 - subject.p_min
        yield Instance({"rho": value, "n": steps}, rounded(value, 4), label=f"n = {steps}")


STAND_IN = Registry(
    {c.id: c for c in (fraction, square, sparsity, decay)}, {lemma.id: lemma for lemma in (slow, fast)}, {}
)
MEASURED = {"toy/decay": Measurement("toy/decay", chains, _decay)}


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("BOUNDLAB_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setattr(theory.registry, "registry", lambda: STAND_IN)
    for module in (theory.index, theory.registry, theory.graph, verify.parametric):
        monkeypatch.setattr(module, "index", lambda: entries_of(STAND_IN))
    for module in (verify.measure, verify.falsify):
        monkeypatch.setattr(module, "measurement_alone", MEASURED.get)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def boundlab(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def document(run: tuple[int, str, str]) -> Any:
    def refuse(text: str) -> Any:
        raise AssertionError(f"{text} is no JSON number")

    return json.loads(run[1], parse_constant=refuse)


def test_claims_lists_the_register_with_grades(boundlab: Run) -> None:
    found = {r["claim"]: r for r in document(boundlab("claims", "--json"))}
    assert set(found) == set(STAND_IN.claims)
    assert all({"claim", "body", "kind", "status", "grade", "source"} <= set(r) for r in found.values())
    assert found["toy/fraction"]["grade"] == "proved"
    assert found["toy/decay"]["grade"] == "gap"
    assert found["toy/square"]["grade"] == "none"
    only = document(boundlab("claims", "--status", "as stated", "--json"))
    assert [r["claim"] for r in only] == ["toy/square"]
    status, out, _ = boundlab("claims", "--body", "toy", "--grades")
    assert status == 0 and "proved" in out and "4 claims in 1 bodies" in out


def test_show_prints_statement_domains_grades_and_links(boundlab: Run) -> None:
    found = document(boundlab("show", "toy/decay", "--json"))
    assert found["statements"][0]["statement"] == "distance(n) <= rho**n"
    assert {p["name"]: p["domain"] for p in found["parameters"]} == {"n": "integers >= 0", "rho": "[0, 1]"}
    assert [(s["step"], s["grade"]) for s in found["derivation"]["steps"]] == [("couple", "gap"), ("contract", "cited")]
    assert found["links"]["uses"] == ["toy/slow"]
    status, out, _ = boundlab("show", "toy/square")
    assert status == 0 and "refuted (false beyond 1)" in out and "derivation: none" in out
    status, out, _ = boundlab("show", "toy/decay", "--latex")
    assert status == 0 and r"\rho^{n}" in out


def test_bound_at_sizes_beyond_floats(boundlab: Run) -> None:
    found = document(boundlab("bound", "toy/sparsity", "--set", "T=128256", "--set", "K=131072", "--json"))
    exact = math.log10(128255) - 131072 * math.log10(128256)
    assert found["value"] is None and found["log10"] == pytest.approx(exact, rel=1e-12)
    assert found["vacuous"] is False
    found = document(boundlab("bound", "toy/sparsity", "--set", "T=2", "--set", "K=3", "--json"))
    assert found["exact"] == "1/7" and found["value"] == 1 / 7
    assert document(boundlab("bound", "toy/decay", "--set", "rho=1", "--set", "n=5", "--json"))["vacuous"] is True


def test_bound_is_inverted_on_the_safe_side(boundlab: Run) -> None:
    found = document(boundlab("bound", "toy/decay", "--set", "rho=0.9", "--solve", "n", "--target", "1e-6", "--json"))
    assert found["value"] == math.ceil(math.log(1e-6) / math.log(0.9)) == 132
    none = document(boundlab("bound", "toy/decay", "--set", "rho=1", "--solve", "n", "--target", "0.5", "--json"))
    assert none["solution"] is False and none["value"] is None and none["note"]


def test_bound_is_tabulated_and_drawn(boundlab: Run, tmp_path: Path) -> None:
    plot = tmp_path / "sweep.png"
    found = document(
        boundlab("bound", "toy/decay", "--set", "rho=1/2", "--sweep", "n=1:5:5", "--plot", str(plot), "--json")
    )
    assert [(row["n"], row["value"]) for row in found["rows"]] == [(k, 2.0**-k) for k in range(1, 6)]
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_derive_swaps_a_lemma_and_says_by_how_much_it_wins(boundlab: Run) -> None:
    arguments = ("derive", "toy/decay", "--with", "contract=toy/fast", "--set", "rho=0.8", "--set", "n=100")
    found = document(boundlab(*arguments, "--set", "sigma=0.8", "--json"))
    assert found["bound"] == "(sigma/2)**n" and found["old_bound"] == "rho**n" and found["changed"]
    assert found["at"]["orders"] == pytest.approx(100 * math.log10(2), rel=1e-9)
    assert [p["name"] for p in found["new_parameters"]] == ["sigma"]
    status, out, _ = boundlab(*arguments, "--set", "sigma=0.8")
    assert status == 0 and "30.103 orders of magnitude" in out


def test_verify_judges_and_writes_a_run_folder(boundlab: Run, tmp_path: Path) -> None:
    arguments = ("verify", "toy", "--model", "lfsr", "--out", str(tmp_path / "run"))
    run = boundlab(*arguments, "--json")
    found = {(r["claim"], r["model"]): r for r in document(run)}
    fields = {"claim", "model", "verdict", "expected", "quantity", "bound", "slack", "method", "instances"}
    fields |= {"bites", "witness", "seconds", "versions", "seed"}
    assert all(fields <= set(r) for r in found.values())
    assert found["toy/decay", "lfsr"]["verdict"] in ("holds", "tight")
    assert [r["verdict"] for (claim, _), r in found.items() if claim == "toy/square"] == ["refuted"]
    assert [r["verdict"] for (claim, _), r in found.items() if claim == "toy/sparsity"] == ["inconclusive"]
    assert run[0] == 1  # toy/sparsity has no measurement, which is not what was expected
    status, out, err = boundlab(*arguments, "--resume")
    assert status == 1 and "4 of 4 tasks are done already" in err
    assert "refuted (1)" in out and "unexpected: toy/sparsity" in out and "gap: toy/sparsity, step count" in out
    assert {p.name for p in (tmp_path / "run").iterdir()} >= {"run.json", "records.jsonl", "summary.txt"}
    status, _, err = boundlab(*arguments)
    assert status == 2 and "already holds a run" in err


def test_verify_of_one_claim_as_expected_exits_with_0(boundlab: Run, tmp_path: Path) -> None:
    status, out, _ = boundlab("verify", "toy/decay", "--model", "lfsr@3", "--out", str(tmp_path / "run"))
    assert status == 0, out


def test_temperature_0_is_not_applicable_where_a_theorem_needs_positivity(boundlab: Run, tmp_path: Path) -> None:
    arguments = ("verify", "toy/decay", "--model", "random", "--temperature", "0", "--out", str(tmp_path / "run"))
    found = document(boundlab(*arguments, "--json"))
    assert [r["verdict"] for r in found] == ["not applicable"] and "positive" in found[0]["message"]
    report = document(boundlab("chain", "--model", "random", "--temperature", "0", "--json"))
    assert [(c["claim"], c["assumptions"]) for c in report["not_applicable"]] == [("toy/decay", ["positive"])]


def test_falsify_finds_shrinks_and_prints_code(boundlab: Run) -> None:
    found = document(boundlab("falsify", "toy/square", "--examples", "200", "--json"))
    assert found["found"] and found["as_expected"] and found["snippet"]
    value = found["counterexample"]["values"]["x"]
    assert float(sp.Rational(str(value))) > 1
    status, out, _ = boundlab("falsify", "toy/fraction", "--examples", "200")
    assert status == 0 and "no counterexample" in out and "non-vacuous" in out
    assert boundlab("falsify", "toy/fraction", "--bound", "x/2", "--examples", "200")[0] == 1
    status, out, _ = boundlab("falsify", "x**2 <= x*y", "--examples", "200")
    assert status == 1 and "x in [0, oo) (a number)" in out and "y in the reals" in out


def test_chain_reports_an_exactly_solvable_model(boundlab: Run, tmp_path: Path) -> None:
    plot = tmp_path / "chain.png"
    found = document(boundlab("chain", "--model", "lfsr", "--plot", str(plot), "--json"))
    assert (found["states"], found["classes"], found["periods"]) == (8, 1, [1])
    assert found["slem"] == pytest.approx(math.sqrt(0.8), abs=1e-9)
    assert found["mixing_time"]["steps"] == 40
    assert found["dobrushin"] == pytest.approx(0.944) and found["doeblin"] == pytest.approx(0.008)
    steps = {b["name"]: b["steps"] for b in found["bounds"]}
    assert steps["printed"] == 6906 and steps["Dobrushin"] < steps["printed"]
    assert found["entropy_rate"] == pytest.approx(-0.1 * math.log(0.1) - 0.9 * math.log(0.9))
    assert plot.read_bytes().startswith(b"\x89PNG")
    restricted = document(boundlab("chain", "--model", "random", "--order", "2", "--tokens", "0,1", "--json"))
    assert (restricted["T"], restricted["states"]) == (2, 4)


def test_models_lists_the_catalogue(boundlab: Run) -> None:
    assert {"names", "carroll", "phones", "lfsr", "hf:PATH"} <= {
        r["model"] for r in document(boundlab("models", "--json"))
    }


BAD = [
    (("show", "toy/decya"), "toy/decya.*toy/decay"),
    (("bogus",), "bogus"),
    (("show",), "CLAIM"),
    (("claims", "--body", "nobody"), "nobody.*toy"),
    (("claims", "--status", "proven"), "proven.*as stated"),
    (("bound", "toy/decay"), "needs a value for n .*rho"),
    (("bound", "toy/decay", "--set", "rho=0.5"), "needs a value for n"),
    (("bound", "toy/decay", "--set", "rho=1.5", "--set", "n=3"), r"rho = 1.5.*\[0, 1\]"),
    (("bound", "toy/decay", "--set", "rho=nan", "--set", "n=3"), "rho = 'nan'"),
    (("bound", "toy/decay", "--set", "n=2.5", "--set", "rho=1/2"), "n = 2.5.*integers"),
    (("bound", "toy/decay", "--set", "q=1"), "'q'.*n, rho"),
    (("bound", "toy/decay", "--set", "rho"), "NAME=VALUE"),
    (("bound", "toy/decay", "--set", "n=1", "--set", "n=2"), "twice"),
    (("bound", "toy/decay", "--set", "rho=0.5", "--solve", "n"), "belong together"),
    (("bound", "toy/decay", "--set", "rho=0.5", "--solve", "q", "--target", "1"), "'?q'?.*n, rho"),
    (("bound", "toy/decay", "--set", "rho=0.5", "--sweep", "n=1:2"), "LO:HI:N"),
    (("bound", "toy/decay", "--set", "rho=0.5", "--sweep", "n=-5:2:3"), "n = -5"),
    (("bound", "toy/decay", "--set", "rho=0.5", "--sweep", "n=1:9:3", "--plot", "x.doc"), "x.doc.*png"),
    (("bound", "toy/decay", "--statement", "second"), "second"),
    (("derive", "toy/square"), "no derivation"),
    (("derive", "toy/decay", "--with", "contract=toy/none"), "toy/none"),
    (("derive", "toy/decay", "--with", "nothing=toy/fast"), "nothing.*contract"),
    (("derive", "toy/decay", "--with", "contract"), "STEP=LEMMA"),
    (("verify", "nobody"), "nobody.*toy"),
    (("verify", "toy", "--model", "nmes"), "nmes.*names"),
    (("verify", "toy", "--model", "lfsr", "--engine", "ray"), "ray.*local, dask"),
    (("verify", "toy/square", "--model", "nmes"), "nmes.*names"),  # not a claim over models
    (("verify", "toy", "--budget", "huge"), "huge.*quick or full"),
    (("verify", "toy", "--jobs", "0"), "--jobs 0.*>= 1"),
    (("verify", "toy", "--jobs", "many"), "many"),
    (("verify", "toy", "--seed", "-3"), "--seed -3.*>= 0"),
    (("falsify", "toy/square", "--examples", "0"), "--examples 0.*>= 1"),
    (("chain", "--model", "lfsr", "--top-k", "0"), "--top-k 0.*>= 1"),
    (("verify", "toy", "--resume"), "--out"),
    (("falsify", "__import__('os') <= 1"), "__import__"),
    (("falsify", "x.real <= 1"), "attribute"),
    (("falsify", "x <= oo"), "`oo` is not a name"),
    (("falsify", "nan <= 1"), "`nan` is not a name"),
    (("bound", "toy/decay", "--set", "n=" + "9" * 6000), r"9{39}\.\.\.9{19}"),
    (("falsify", "x <= 1 <= 2"), "single relation"),
    (("falsify", "toy/fraction", "--bound", "__import__('os')"), "__import__"),
    (("falsify", "toy/fraction", "--bound", "y"), "`y`.*x"),
    (("falsify", "toy/sparsity"), "no measurement"),
    (("chain", "--model", "nmes"), "nmes.*names"),
    (("chain", "--model", "carroll"), "carroll@1"),
    (("chain", "--model", "lfsr", "--order", "4"), "4.*1 to 3"),
    (("chain", "--model", "lfsr", "--temperature", "-1"), "-1"),
    (("chain", "--model", "lfsr", "--tokens", "0,zebra"), "zebra"),
    (("chain", "--model", "lfsr", "--eta", "2"), "eta"),
    (("chain", "--model", "hf:no/such/folder"), "no/such/folder"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(a)[:80] for a, _ in BAD])
def test_bad_input_gives_one_clear_line_and_status_2(
    boundlab: Run, arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = boundlab(*arguments)
    lines = err.splitlines()
    assert status == 2, (out, err)
    assert out == ""
    assert len(lines) == 1 and lines[0].startswith("boundlab: "), err
    assert re.search(message, lines[0]), lines[0]
    assert not list(tmp_path.iterdir())  # nothing was begun


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[0.5, 0.5], [0.5, 0.48]], "row 1.*0.98"),
        ([[0.5, 0.5], [math.nan, 1.0]], "row 1.*nan"),
        ([[0.5, 0.5], [1.2, -0.2]], "row 1.*-0.2"),
    ],
)
def test_tables_that_are_no_laws_are_refused_with_row_and_value(
    boundlab: Run, tmp_path: Path, table: list[list[float]], message: str
) -> None:
    file = tmp_path / "rows.npy"
    np.save(file, np.array(table))
    for verb in (("chain",), ("verify", "toy/decay", "--out", str(tmp_path / "run"))):
        status, out, err = boundlab(*verb, "--model", f"table:{file}")
        assert status == 2 and out == "" and len(err.splitlines()) == 1
        assert re.search(message, err), err


def test_unreadable_weights_are_refused(boundlab: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.npy"
    file.write_bytes(b"\x93NUMPY torn")
    status, out, err = boundlab("chain", "--model", f"table:{file}")
    assert status == 2 and out == "" and len(err.splitlines()) == 1 and "rows.npy" in err


def test_a_table_of_full_contexts_only_is_analysed(boundlab: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.npy"
    np.save(file, np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7]]))
    found = document(boundlab("chain", "--model", f"table:{file}", "--json"))
    assert (found["T"], found["K"], found["states"]) == (2, 2, 4)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from verify.cli.main import main; status = main(['--help']); "
        "heavy = {'sympy', 'numpy', 'scipy', 'torch', 'matplotlib', 'hypothesis', 'networkx'} & set(sys.modules); "
        "sys.exit(status or (f'imported {heavy}' if heavy else 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for verb in ("claims", "show", "bound", "derive", "verify", "falsify", "models", "chain"):
        assert f"  {verb} " in done.stdout
