"""`boundlab show` names the theorems of the literature behind a claim, and says which numbering was not compared."""

import pytest

from theory.lemma import Citation
from theory.registry import registry
from verify.cli.show import citations


def test_a_source_that_was_not_compared_is_marked_through_lemmas() -> None:
    """The claim uses the cited lemma only through another lemma."""
    cited = {c["lemma"]: c for c in citations(registry().claim("markov/mcdiarmid_marton"))}
    assert cited["markov/marton_mgf"]["source"] == "paulin2015, Thm 2.9 (numbering not rechecked)"
    assert "(numbering not rechecked)" not in cited["markov/chernoff"]["source"]


def test_a_claim_that_is_proved_cites_nothing() -> None:
    assert citations(registry().claim("markov/epsilon_range")) == []


@pytest.mark.parametrize("recheck", [True, False])
def test_every_cited_lemma_of_a_used_claim_is_shown(recheck: bool) -> None:
    found = registry()
    shown = {c["lemma"]: c["source"] for claim in found.claims.values() for c in citations(claim)}
    wanted = [
        lemma
        for lemma in found.lemmas.values()
        if isinstance(lemma.backing, Citation) and lemma.backing.source.recheck is recheck and lemma.id in shown
    ]
    assert wanted
    assert all(("not rechecked" in shown[lemma.id]) is recheck for lemma in wanted)
