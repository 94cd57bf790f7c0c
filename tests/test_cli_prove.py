"""`boundlab prove`: exit status, text, JSON, one line for every kind of bad input."""

from __future__ import annotations

import json

import pytest

from theory.information.checker import accepts
from verify.cli.main import main

DPI = "I(X;Z) <= I(X;Y)"


def test_a_proof_is_printed_term_by_term(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", DPI, "--given", "X -> Y -> Z"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "proved: I(X;Z) <= I(X;Y) given X -> Y -> Z"
    assert "  = I(X;Y|Z) [>= 0]" in out
    assert "  - I(X;Z|Y) [= 0, from X -> Y -> Z]" in out
    assert "accepted by the independent checker" in out
    assert not err


def test_a_refutation_prints_table_and_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "I(X;Y|Z) <= I(X;Y)"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("refuted: I(X;Y|Z) <= I(X;Y)\n")
    assert "X  Y  Z  probability" in out
    assert "law = Distribution(" in out


def test_json_is_what_the_checker_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", f"{DPI} given X -> Y -> Z", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"answer", "certificate", "witness"} <= set(document)
    assert document["answer"] == "proved" and document["witness"] is None
    assert accepts(document)
    assert main(["prove", DPI, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["answer"] == "refuted" and document["certificate"] is None
    assert set(document["witness"]) >= {"cone", "distribution", "gap"}
    assert accepts(document)


def test_copy_variables_are_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    text = "2*I(C;D) <= I(A;B) + I(A;C,D) + 3*I(C;D|A) + I(C;D|B)"
    assert main(["prove", text, "--copy", "1"]) == 0
    out = capsys.readouterr().out
    assert "copy lemma" in out and "accepted by the independent checker" in out


def test_forced_constants_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "I(X;Y) <= H(Z)", "--given", "X _||_ X"]) == 0
    assert "the constraints force X to be constant" in capsys.readouterr().out


BAD = [
    (["H(X"], "position 3 of 'H(X': unbalanced brackets"),
    (["H(X) <= 1"], "position 8"),
    (["H(X) < H(Y)"], "strict '<'"),
    (["G(X) >= 0"], "unknown function 'G'"),
    ([""], "empty input"),
    ([DPI, "--given", "X -> Y"], "--given: position 0 of 'X -> Y': a chain of two nodes"),
    ([DPI, "--given", "X _||_ Y, Y = f(X)"], "'X _||_ Y' and 'Y = f(X)' contradict each other unless Y is constant"),
    ([DPI, "--given", "H(X) >= 2*H(Y), H(Z) = H(Y), H(Y) >= H(X)"], "unless X, Y are constant"),
    (
        [DPI, "--max-variables", "2"],
        "3 variables (X, Z, Y) need 9 elemental inequalities (3 pairs), expected at most 2",
    ),
    ([DPI, "--copy", "-1"], "--copy -1: expected a whole number >= 0"),
    ([DPI, "--max-variables", "0"], "--max-variables 0: expected a whole number >= 1"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert message in err
    assert err.startswith("boundlab: ") and err.count("\n") == 1


@pytest.mark.parametrize(
    "text",
    ["H(Y) = 0 given X _||_ Y, Y = f(X)", "H(Y) <= 0 given X _||_ Y, Y = f(X)", "H(X) >= 0 given H(X) = 2*H(X)"],
)
def test_asking_for_the_constant_itself_is_no_contradiction(text: str) -> None:
    assert main(["prove", text]) == 0


def test_a_saved_answer_is_checked_again(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    from pathlib import Path

    assert main(["prove", f"{DPI} given X -> Y -> Z", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    saved = Path(str(tmp_path)) / "answer.json"
    saved.write_text(json.dumps(document))
    assert main(["prove", "--check", str(saved)]) == 0
    assert "accepted" in capsys.readouterr().out
    document["certificate"][0]["coefficient"] = "2"
    saved.write_text(json.dumps(document))
    assert main(["prove", "--check", str(saved)]) == 1
    assert "refused: the goal and the sum of the terms differ by" in capsys.readouterr().out
    saved.write_text("{")
    assert main(["prove", "--check", str(saved)]) == 2
    assert main(["prove", "--check", str(saved), DPI]) == 2
    assert main(["prove"]) == 2


def test_an_identity_is_written_out_and_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "I(H;W,F) = I(H;W) + I(H;F|W)"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[2:7] == [
        "I(H;W) + I(H;F|W) - I(H;W,F)",
        "  = [H(H) + H(W) - H(H,W)]",
        "  + [H(F,W) + H(H,W) - H(W) - H(F,H,W)]",
        "  - [H(H) + H(F,W) - H(F,H,W)]",
        "  = 0   [identity: every joint entropy cancels]",
    ]
    assert sum("identity" in line for line in out) == 1


def test_the_certificates_of_a_claim_are_shown_as_derivations() -> None:
    from theory.categorical.surplus import surplus_deficit, surplus_identity
    from theory.checking.kernel import check_claim
    from theory.latex import derivation_latex
    from verify.cli.certificates import shannon_records

    for claim, steps in ((surplus_identity, ["chain rule", "token by token"]), (surplus_deficit, ["split", "sign"])):
        assert claim.derivation is not None
        records = shannon_records(claim.derivation, check_claim(claim))
        assert [r["step"] for r in records] == steps
        assert "I(H;" in derivation_latex(claim.derivation) and "mathrm" not in derivation_latex(claim.derivation)
    split, sign = records
    assert split["query"] == "I(X;F|W) = I(H;F|W) + I(X;F|H,W)" and split["given"] == "H = f(X)"
    assert len(split["proof"]) == 2 and all(p.endswith(">= 0") and "from H = f(X)" in p for p in split["proof"])
    assert sign["proof"] == ["I(X;F|H,W)\n  = I(F;X|H,W) [>= 0]\n  >= 0"]
    assert r"\underbrace{H(H\mid X)}_{=0}" in split["latex"][0]
    identity = shannon_records(surplus_identity.derivation, check_claim(surplus_identity))[0]  # type: ignore[arg-type]
    assert identity["proof"][0].endswith("= 0   [identity: every joint entropy cancels]")
    assert identity["latex"][0].startswith(r"I(H;F\mid W) + I(H;W) - I(H;W,F) &= \bigl[")
