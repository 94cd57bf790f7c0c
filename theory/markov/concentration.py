"""McDiarmid's inequality for dependent sequences (specification 2.E).

Main statements
    mcdiarmid_marton   E f - f <= |Gamma c| sqrt(log(1/delta)/2) with probability at least 1 - delta
    mcdiarmid_chain    the same with |Gamma c| replaced by sqrt(tau_min) |c|, for a Markov chain

"With probability at least 1 - delta, E f - f <= u" is shortfall(f, delta) <= u, see `parameters_concentration`.
How to apply mcdiarmid_marton to a function with |c| <= s and |Gamma| <= G, where the step holds the facts
`difference_norm(f) <= s` and `mixing_norm(f) <= G`: the lemma `confident_by_norms.at(f=f, Gamma=G, c_norm=s)`, or the
claim itself, `mcdiarmid_marton.at("norms", f=f, Gamma=G, c_norm=s, reach=G * s)`, after `influence_by_norms.at(f=f)`.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Gap, algebra, decide, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.markov.mixing_matrix import geometric_sum
from theory.markov.parameters import Gamma, delta
from theory.markov.parameters_concentration import (
    above_shortfall,
    block,
    block_count,
    blocked,
    c_norm,
    difference_norm,
    f,
    influence,
    lam,
    log_mgf,
    lower_tail,
    mixing_norm,
    optimal_block,
    pair_distance,
    reach,
    shortfall,
    spare,
    tau,
    tau_min,
    u,
)
from theory.proposition import Forall, eq, ge, le, lt
from theory.source import Source

_F, _U, _L, _D = f.symbol, u.symbol, lam.symbol, delta.symbol
_R, _G, _C = reach.symbol, Gamma.symbol, c_norm.symbol
_B, _W, _S = block.symbol, spare.symbol, tau.symbol
_x, _y = sp.symbols("x y", real=True)
_t = sp.Symbol("t", integer=True, nonnegative=True)
_level = _R * sp.sqrt(sp.log(1 / _D) / 2)
_real_level = _R * sp.sqrt(sp.Max(0, sp.log(1 / _D)) / 2)  # the same number, real also where delta >= 1
_best = 4 * _U / _R**2

influence_by_norms = Lemma(
    "markov/influence_by_norms",
    "The spectral norm bounds how much Gamma stretches c",
    (f,),
    le(influence(_F), mixing_norm(_F) * difference_norm(_F)),
    backing=Citation(Source("hornjohnson2012", "section 5.6")),
)
marton_mgf = Lemma(
    "markov/marton_mgf",
    "Moment generating function of a function with bounded differences, under a Marton coupling",
    (f, lam),
    le(log_mgf(_F, _L), _L**2 * influence(_F) ** 2 / 8),
    backing=Citation(
        Source("paulin2015", "Thm 2.9", recheck=True),
        "for the trivial partition; its tail form with these hypotheses is quoted in Zekri et al. (2024), eq. (13)",
    ),
)
chernoff = Lemma(
    "markov/chernoff",
    "Markov's inequality for exp(lambda (E f - f))",
    (f, lam, u),
    le(lower_tail(_F, _U), sp.exp(log_mgf(_F, -_L) - _L * _U)),
    hypotheses=(ge(_L, 0),),
    backing=Citation(Source("boucheron2013", "section 2.2")),
)
_increasing = Forall((_x, _y), le(sp.exp(_x), sp.exp(_y)), (le(_x, _y),))
lower_tail_bound = Lemma(
    "markov/lower_tail_bound",
    "P(E f - f >= u) <= exp(-2 u^2/|Gamma c|^2)",
    (f, u, reach),
    le(lower_tail(_F, _U), sp.exp(-2 * _U**2 / _R**2)),
    hypotheses=(le(influence(_F), _R),),
    backing=derive(lower_tail(_F, _U))
    .have("exp increases", _increasing, by=quick)
    .have(
        "log mgf",
        le(log_mgf(_F, -_best), _best**2 * _R**2 / 8),
        by=[marton_mgf.at(f=_F, lambda_=-_best), "hypothesis 1", quick],
    )
    .have(
        "optimal lambda",
        le(log_mgf(_F, -_best) - _best * _U, -2 * _U**2 / _R**2),
        by=["log mgf", quick],
        note="lambda = 4 u/|Gamma c|^2",
    )
    .le(sp.exp(log_mgf(_F, -_best) - _best * _U), by=chernoff.at(f=_F, lambda_=_best, u=_U), name="Chernoff")
    .le(
        sp.exp(-2 * _U**2 / _R**2),
        by=["optimal lambda", fact("exp increases", x=log_mgf(_F, -_best) - _best * _U, y=-2 * _U**2 / _R**2)],
        name="choose lambda",
    ),
)

confident = Lemma(
    "markov/confident",
    "E f - f <= |Gamma c| sqrt(log(1/delta)/2) with probability at least 1 - delta",
    (f, reach, delta),
    le(shortfall(_F, _D), _level),
    hypotheses=(le(influence(_F), _R),),
    backing=derive()
    .have("same level", eq(_real_level, _level), by=quick, note="log(1/delta) > 0")
    .have("exponent", eq(sp.exp(-2 * _level**2 / _R**2), _D), by=algebra, note="exp(-2 u^2/|Gamma c|^2) = delta")
    .have("solved", le(sp.exp(-2 * _real_level**2 / _R**2), _D), by=["same level", "exponent", quick])
    .have(
        "at the level",
        le(lower_tail(_F, _real_level), _D),
        by=["hypothesis 1", "solved", lower_tail_bound.at(u=_real_level), quick],
    )
    .have(
        "smallest level",
        le(shortfall(_F, _D), _real_level),
        by=["at the level", unfold(above_shortfall, f_=_F, delta_=_D, u_=_real_level), quick],
    )
    .have("conclusion", le(shortfall(_F, _D), _level), by=["smallest level", "same level", quick]),
)
confident_by_norms = Lemma(
    "markov/confident_by_norms",
    "E f - f <= |Gamma| |c| sqrt(log(1/delta)/2) with probability at least 1 - delta",
    (f, Gamma, c_norm, delta),
    le(shortfall(_F, _D), _G * _C * sp.sqrt(sp.log(1 / _D) / 2)),
    hypotheses=(le(mixing_norm(_F), _G), le(difference_norm(_F), _C)),
    statement="mcdiarmid_marton for a function known by bounds on its norms",
    backing=derive()
    .have("norms", le(influence(_F), _G * _C), by=["hypothesis 1", "hypothesis 2", influence_by_norms.at(), quick])
    .have(
        "tail",
        le(shortfall(_F, _D), _G * _C * sp.sqrt(sp.log(1 / _D) / 2)),
        by=["norms", confident.at(reach=_G * _C)],
    ),
)

mcdiarmid_marton = Claim(
    id="markov/mcdiarmid_marton",
    title="McDiarmid's inequality under a Marton coupling",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "If f(x) - f(y) <= sum c_i [x_i != y_i], then log E exp(lambda (f - E f)) <= lambda^2 |Gamma c|^2/8, and with "
        "probability at least 1 - delta, E f - f <= |Gamma c| sqrt(log(1/delta)/2) <= |Gamma| |c| sqrt(log(1/delta)/2)"
    ),
    parameters=(f, reach, delta, Gamma, c_norm, u, lam),
    hypotheses=(le(influence(_F), _R), le(mixing_norm(_F), _G), le(difference_norm(_F), _C)),
    statements=(
        upper(shortfall(_F, _D), _level, label="tail"),
        upper(shortfall(_F, _D), _G * _C * sp.sqrt(sp.log(1 / _D) / 2), label="norms"),
        upper(lower_tail(_F, _U), sp.exp(-2 * _U**2 / _R**2), trivial=1, label="probability"),
        upper(log_mgf(_F, _L), _L**2 * _R**2 / 8, label="mgf"),
    ),
    source=Source("zekri2024", "Prop. F.5", "v2"),
    status=Status.SHARPENED,
    confidence=delta,
    derivation=derive()
    .have("mgf", le(log_mgf(_F, _L), _L**2 * _R**2 / 8), by=[marton_mgf.at(), "hypothesis 1", quick])
    .have(
        "probability",
        le(lower_tail(_F, _U), sp.exp(-2 * _U**2 / _R**2)),
        by=["hypothesis 1", lower_tail_bound.at()],
        note="Chernoff with lambda = 4 u/|Gamma c|^2",
    )
    .have("tail", le(shortfall(_F, _D), _level), by=["hypothesis 1", confident.at()])
    .have(
        "norms",
        le(shortfall(_F, _D), _G * _C * sp.sqrt(sp.log(1 / _D) / 2)),
        by=["hypothesis 2", "hypothesis 3", confident_by_norms.at()],
    ),
)

_powers = sp.Sum((1 - _W) ** _t, (_t, 0, block_count(_F, _B) - 1))
block_entries = Lemma(
    "markov/block_entries",
    "Blocks of B steps of a Markov chain: Gamma_{i,i} = 1 and Gamma_{i,i+k} <= a^(k-1)",
    (f, block, spare),
    le(mixing_norm(blocked(_F, _B)), 1 + _powers),
    hypotheses=(le(pair_distance(_F, _B), 1 - _W),),
    statement="rows and columns of Gamma sum to at most 1 + 1 + a + a^2 + ...; the norm is at most such a sum",
    backing=Citation(
        Source("paulin2015", "Marton coupling of a partition of a Markov chain, behind Cor. 2.11", recheck=True),
        "Cor. 2.11 itself is the tail bound with tau_min that follows",
    ),
)
block_mixing = Lemma(
    "markov/block_mixing",
    "Blocks of B steps of a Markov chain: |Gamma| <= 1 + 1/(1-a)",
    (f, block, spare),
    le(mixing_norm(blocked(_F, _B)), (1 + 1 / _W)),
    hypotheses=(le(pair_distance(_F, _B), 1 - _W),),
    backing=derive()
    .have("entries", le(mixing_norm(blocked(_F, _B)), 1 + _powers), by=["hypothesis 1", block_entries.at()])
    .have("series", le(_powers, 1 / _W), by=geometric_sum.at(theta=1 - _W, N=block_count(_F, _B)))
    .have("sum", le(mixing_norm(blocked(_F, _B)), 1 + 1 / _W), by=["entries", "series", quick]),
)
block_differences = Lemma(
    "markov/block_differences",
    "(sum of c over a block)^2 <= B (sum of c^2 over the block)",
    (f, block),
    le(difference_norm(blocked(_F, _B)), sp.sqrt(_B) * difference_norm(_F)),
    statement="a change of a block changes f by at most the sum of c over it; then Cauchy and Schwarz, block by block",
    backing=Citation(Source("hornjohnson2012", "Theorem 5.1.4"), "Cauchy-Schwarz with the vector of ones of length B"),
)
_O = optimal_block(_F)
_at_best = pair_distance(_F, _O)
same_as_blocks = Lemma(
    "markov/same_as_blocks",
    "Blocks are another way to read the same sequence: E f - f does not change",
    (f, block, delta),
    eq(shortfall(_F, _D), shortfall(blocked(_F, _B), _D)),
    backing=derive().have(
        "same number",
        eq(shortfall(_F, _D), shortfall(blocked(_F, _B), _D)),
        by=Gap("f is the same random variable as a function of blocks; that numbers of functions share it is not said"),
    ),
)
confident_by_blocks = Lemma(
    "markov/confident_by_blocks",
    "E f - f <= (2-a)/(1-a) sqrt(B) |c| sqrt(log(1/delta)/2) with probability at least 1 - delta",
    (f, block, spare, c_norm, delta),
    le(shortfall(_F, _D), (1 + 1 / _W) * (sp.sqrt(_B) * _C) * sp.sqrt(sp.log(1 / _D) / 2)),
    hypotheses=(le(pair_distance(_F, _B), 1 - _W), le(difference_norm(_F), _C)),
    backing=derive(shortfall(_F, _D))
    .have("mixing", le(mixing_norm(blocked(_F, _B)), (1 + 1 / _W)), by=["hypothesis 1", block_mixing.at()])
    .have("range", ge(1 + 1 / _W, 1), by=quick)
    .have(
        "differences",
        le(difference_norm(blocked(_F, _B)), sp.sqrt(_B) * _C),
        by=["hypothesis 2", block_differences.at(), quick],
    )
    .eq(shortfall(blocked(_F, _B), _D), by=same_as_blocks.at(), name="as blocks")
    .le(
        (1 + 1 / _W) * (sp.sqrt(_B) * _C) * sp.sqrt(sp.log(1 / _D) / 2),
        by=[
            "mixing",
            "range",
            "differences",
            confident_by_norms.at(f=blocked(_F, _B), Gamma=1 + 1 / _W, c_norm=sp.sqrt(_B) * _C),
        ],
        name="McDiarmid for blocks",
    ),
)

mcdiarmid_chain = Claim(
    id="markov/mcdiarmid_chain",
    title="McDiarmid's inequality for a Markov chain",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "For a function f of a Markov chain with bounded differences c, E f - f <= |c| sqrt(tau_min log(1/delta)/2) "
        "with probability at least 1 - delta"
    ),
    parameters=(f, tau, c_norm, delta),
    hypotheses=(lt(_at_best, 1), le(tau_min(_F), _S), le(difference_norm(_F), _C)),
    statements=(upper(shortfall(_F, _D), _C * sp.sqrt(_S * sp.log(1 / _D) / 2), label="tail"),),
    source=Source("zekri2024", "Prop. F.18", "v2"),
    status=Status.SHARPENED,
    confidence=delta,
    derivation=derive(shortfall(_F, _D))
    .have("block", ge(_O, 1), by=[unfold(optimal_block), quick])
    .have("distance", ge(_at_best, 0), by=[unfold(pair_distance), quick])
    .have(
        "least",
        eq(tau_min(_F), _O * ((2 - _at_best) / (1 - _at_best)) ** 2),
        by=unfold(tau_min, f_=_F),
    )
    .le(
        (1 + 1 / (1 - _at_best)) * (sp.sqrt(_O) * _C) * sp.sqrt(sp.log(1 / _D) / 2),
        by=["block", "distance", "hypothesis 1", "hypothesis 3", confident_by_blocks.at(block=_O, spare=1 - _at_best)],
        name="best block",
        note="blocks as long as the best t, a = dbar(t)",
    )
    .le(
        _C * sp.sqrt(_S * sp.log(1 / _D) / 2),
        by=["block", "distance", "hypothesis 1", "hypothesis 2", "least", decide],
        name="tau_min",
    ),
)
