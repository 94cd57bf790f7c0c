"""Tests on prompts of several co-concepts with one sign (specification `concepts` 2.D).

Main statements
    ood_co_concepts   beta is replaced by the sum of beta_k over the co-concepts, which is easier; opposite signs
                      leave an error
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.concepts.attention import COUNTED, SIGNS, agree, attention_weight, cj, correct, dj, eq_, score, value
from theory.concepts.composed import (
    LEARNED,
    SCORED,
    WORDS,
    b_star,
    composed,
    composed_scores,
    composed_strength,
    form,
    mix,
    rho,
    spare,
    strength,
)
from theory.concepts.ood_cross_term import share_grows
from theory.concepts.ood_dictionary import bs, correct_share, theta_of, value_closed
from theory.concepts.parameters import b, nm, np
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, decide, fact, quick
from theory.lemmas.orthogonal import chosen, over_family
from theory.lemmas.sums import last, top
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

output = Parameter("f", "f", "output of the network", reals(), (-2, 2))
_l, _y = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ly")
_np, _nm, _b, _bs, _q, _k, _f = (p.symbol for p in (np, nm, b, bs, eq_, chosen, output))
together = over_family(mix(_y) * strength(_y))  # sum of beta_k over the co-concepts
_n = len(WORDS) + len(LEARNED) + 1
_model = tuple(f"hypothesis {k}" for k in range(1, _n + 1))
_prompt = tuple(f"hypothesis {k}" for k in (_n + 1, _n + 2, _n + 3))
_value = cj.symbol + _q * theta_of(_np, _nm, _bs) * dj.symbol
ood_co_concepts = Claim(
    id="concepts/ood_co_concepts",
    title="Tests with several co-concepts",
    kind=Kind.EQUALITY,
    text=(
        "Words that carry every concept of a set with one sign have the scores of sum beta_k over the set and the "
        "value sum c_k + e_q theta sum d_k: at least as easy as each of its concepts. With opposite signs no output is "
        "right for both labels, and the sampler refuses to draw such prompts"
    ),
    parameters=(top, last, rho, eq_, np, nm, bs, b, chosen, cj, dj, output),
    hypotheses=(
        *WORDS,
        *LEARNED,
        SCORED,
        *SIGNS,
        COUNTED,
        Forall((_y,), eq(mix(_y) ** 2, mix(_y))),
        eq(_bs, together),
        eq(_b, mix(_k) * strength(_k)),
        Forall((_y,), ge(mix(_y) * strength(_y), 0)),
    ),
    statements=(
        equal(form(b_star, b_star), together, label="strength"),
        equal(correct, correct_share(_np, _nm, _bs), label="attention"),
        equal(value, _value, label="value"),
        lower(correct, correct_share(_np, _nm, _b), label="easier than each"),
        upper(sp.Min(_q * _f, -_q * _f), 0, label="opposite signs leave an error"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "strength of the word",
        eq(form(b_star, b_star), composed),
        by=["hypothesis 1", "hypothesis 3", "hypothesis 5", "hypothesis 6", composed_strength.at()],
    )
    .have("members", eq(composed, together), by=[Termwise(), fact(f"hypothesis {_n + 4}", y=_y), quick])
    .have("strength", eq(form(b_star, b_star), together), by=["strength of the word", "members"])
    .have("all scores", Forall((_l,), eq(score(_l), spare + agree * composed)), by=[*_model, composed_scores.at()])
    .have(
        "scores",
        Forall((_l,), eq(score(_l), spare + agree * _bs)),
        by=[fact("all scores", l=_l), "members", f"hypothesis {_n + 5}", quick],
    )
    .have(
        "attention",
        eq(correct, correct_share(_np, _nm, _bs)),
        by=["scores", *_prompt, attention_weight.at("correct attention", al=spare, b=_bs, cj=0, dj=0)],
    )
    .have("value", eq(value, _value), by=["scores", *_prompt, value_closed.at(al=spare, b=_bs)])
    .have("one of them", ge(together, mix(_k) * strength(_k)), by=[SingleTerm(_k), f"hypothesis {_n + 7}"])
    .have("stronger", ge(_bs, _b), by=["one of them", f"hypothesis {_n + 5}", f"hypothesis {_n + 6}", quick])
    .have(
        "share",
        ge(correct_share(_np, _nm, _bs), correct_share(_np, _nm, _b)),
        by=["stronger", share_grows.at(u=_bs, v=_b)],
    )
    .have("easier", ge(correct, correct_share(_np, _nm, _b)), by=["attention", "share", quick])
    .have("opposite signs", le(sp.Min(_q * _f, -_q * _f), 0), by=decide),
)
