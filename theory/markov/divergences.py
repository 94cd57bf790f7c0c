"""Divergences of laws with bounded log-ratio (specification 2.D).

Main statements
    tv_log_ratio_as_stated   the printed bound sqrt(2B)
    tv_log_ratio             tanh(B/2), attained, and its two-sided form
    kl_log_ratio_as_stated   the printed bound B
    kl_log_ratio             B tanh(B/2), attained, and log(1/min Q)

P and Q are positive laws on the tokens 0..T-1; B bounds |log(P/Q)|.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact
from theory.lemma import Lemma
from theory.lemmas.divergence import (
    B1,
    B2,
    B,
    kl_largest,
    kl_symmetric,
    kullback_leibler,
    laws,
    least,
    log_ratio_within,
    p,
    q,
    total,
    total_variation,
    tv_symmetric,
    tv_two_sided,
    two_sided_bound,
    within,
)
from theory.lemmas.pinsker import pinsker, x, y
from theory.markov.parameters import T
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source
from theory.verdict import Verdict

_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_last, _B = T.symbol - 1, B.symbol
_tv, _kl = total_variation(_last), kullback_leibler(_last)
_absolute = total(q(_k) * sp.Abs(sp.log(p(_k) / q(_k))), _last)

_half = Parameter("x", "x", "half a log-ratio", reals(0), (0, 10))
tanh_below_root = Lemma(
    "markov/tanh_below_root",
    "tanh x <= sqrt x",
    (_half,),
    le(sp.tanh(_half.symbol), sp.sqrt(_half.symbol)),
    backing=derive().have("signs", le(sp.tanh(_half.symbol), sp.sqrt(_half.symbol)), by=decide),
)
_x, _y = x.symbol, y.symbol
reversed_term = Lemma(
    "markov/reversed_term",
    "A term q log(q/p) is at most q |log(p/q)|",
    (x, y),
    le(_y * sp.log(_y / _x), _y * sp.Abs(sp.log(_x / _y))),
    backing=derive()
    .have("reverse", eq(sp.log(_y / _x), -sp.log(_x / _y)), by=algebra)
    .have("absolute value", le(-sp.log(_x / _y), sp.Abs(sp.log(_x / _y))), by=decide)
    .have("term", le(_y * sp.log(_y / _x), _y * sp.Abs(sp.log(_x / _y))), by=["reverse", "absolute value", decide]),
)

_distance = Parameter("t", "t", "a distance", reals(), (0, 1))
_divergence = Parameter("a", "a", "a divergence", reals(), (0, 1))
root_of_twice = Lemma(
    "markov/root_of_twice",
    "2 t^2 <= a gives t <= sqrt a",
    (_distance, _divergence),
    le(_distance.symbol, sp.sqrt(_divergence.symbol)),
    hypotheses=(le(2 * _distance.symbol**2, _divergence.symbol),),
    backing=derive().have("root", le(_distance.symbol, sp.sqrt(_divergence.symbol)), by=["hypothesis 1", decide]),
)

tv_log_ratio_as_stated = Claim(
    id="markov/tv_log_ratio_as_stated",
    title="Total variation from a log-ratio, as printed",
    kind=Kind.UPPER,
    text=(
        "|log(P/Q)| <= B implies d_TV(P, Q) <= sqrt(2B); also d_TV(P, Q) <= (2 int |log sqrt(P/Q)| dQ)^(1/2), which "
        "already gives sqrt(B)"
    ),
    parameters=(T, B),
    functions=(p, q),
    hypotheses=(*laws(_last), *log_ratio_within(_B, _B, _last)),
    statements=(upper(_tv, sp.sqrt(2 * _B), trivial=1),),
    source=Source("zekri2024", "Lemma F.6", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.VACUOUS,
    why="the paper uses it with B >= log T >= log 2, where sqrt(2B) >= 1.177 exceeds 1",
    remarks=("informative for B < 1/2 only; the printed proof loses a factor sqrt(2) in its last line",),
    derivation=derive(_tv)
    .have("Pinsker", le(2 * _tv**2, total(q(_k) * sp.log(q(_k) / p(_k)), _last)), by=pinsker.at(top=_last, p=q, q=p))
    .have(
        "absolute value",
        Forall((_l,), le(q(_l) * sp.log(q(_l) / p(_l)), q(_l) * sp.Abs(sp.log(p(_l) / q(_l)))), within(_l, _last)),
        by=[fact("hypothesis 1", k=_l), fact("hypothesis 2", k=_l), reversed_term.at(x=p(_l), y=q(_l))],
    )
    .have(
        "termwise",
        le(total(q(_k) * sp.log(q(_k) / p(_k)), _last), _absolute),
        by=[Termwise(), "absolute value"],
    )
    .have("square", le(2 * _tv**2, _absolute), by=["Pinsker", "termwise", decide])
    .have("integral", le(_tv, sp.sqrt(_absolute)), by=["square", decide])
    .have(
        "each",
        Forall((_l,), le(q(_l) * sp.Abs(sp.log(p(_l) / q(_l))), _B * q(_l)), within(_l, _last)),
        by=[*(fact(f"hypothesis {h}", k=_l) for h in (1, 2, 5, 6)), decide],
    )
    .have("average", le(_absolute, total(_B * q(_k), _last)), by=[Termwise(), "each"])
    .have("linear", eq(total(_B * q(_k), _last), _B), by=["hypothesis 4", algebra])
    .have("twice the square", le(2 * _tv**2, _B), by=["square", "average", "linear", decide])
    .le(sp.sqrt(_B), by=["twice the square", root_of_twice.at(t=_tv, a=_B)], name="root of B")
    .le(sp.sqrt(2 * _B), by=decide, name="factor lost"),
)

_positive = tuple(fact(f"hypothesis {h}", k=_l) for h in (1, 2))
tv_log_ratio = Claim(
    id="markov/tv_log_ratio",
    title="Total variation from a log-ratio",
    kind=Kind.UPPER,
    text=(
        "|log(P/Q)| <= B implies d_TV(P, Q) <= tanh(B/2), attained; -B_1 <= log(P/Q) <= B_2 implies "
        "d_TV <= (e^B_2 - 1)(1 - e^-B_1)/(e^B_2 - e^-B_1), attained by the pair with Q = (1 - e^-B_1)/(e^B_2 - e^-B_1) "
        "on the first of two atoms; tanh(B/2) <= min(1, sqrt(B/2)) <= sqrt(B) <= sqrt(2B)"
    ),
    parameters=(T, B, B1, B2),
    functions=(p, q),
    hypotheses=(*laws(_last), *log_ratio_within(_B, _B, _last), *log_ratio_within(B1.symbol, B2.symbol, _last)),
    statements=(
        upper(_tv, sp.tanh(_B / 2), trivial=1, label="one bound"),
        upper(_tv, two_sided_bound, trivial=1, label="two bounds"),
        upper(sp.tanh(_B / 2), sp.sqrt(_B / 2), label="below the root"),
        upper(sp.tanh(_B / 2), 1, label="below one"),
        upper(sp.sqrt(_B / 2), sp.sqrt(2 * _B), label="printed bound"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("markov/tv_log_ratio_as_stated",),
    derivation=derive(_tv)
    .le(sp.tanh(_B / 2), by=tv_symmetric.at(top=_last), name="chord", note="the convex (r - 1)_+ below its chord")
    .have("two bounds", le(_tv, two_sided_bound), by=tv_two_sided.at(top=_last))
    .have("below the root", le(sp.tanh(_B / 2), sp.sqrt(_B / 2)), by=tanh_below_root.at(x=_B / 2))
    .have("below one", le(sp.tanh(_B / 2), 1), by=decide)
    .have("printed bound", le(sp.sqrt(_B / 2), sp.sqrt(2 * _B)), by=decide),
)

kl_log_ratio_as_stated = Claim(
    id="markov/kl_log_ratio_as_stated",
    title="Kullback-Leibler divergence from a log-ratio, as printed",
    kind=Kind.UPPER,
    text="|log(P/Q)| <= B implies d_KL(P || Q) <= B",
    parameters=(T, B),
    functions=(p, q),
    hypotheses=(*laws(_last), *log_ratio_within(_B, _B, _last)),
    statements=(upper(_kl, _B),),
    source=Source("zekri2024", "Lemma E.4", "v2"),
    status=Status.AS_STATED,
    derivation=derive(_kl)
    .have(
        "each",
        Forall((_l,), le(p(_l) * sp.log(p(_l) / q(_l)), _B * p(_l)), within(_l, _last)),
        by=[*_positive, fact("hypothesis 6", k=_l), decide],
    )
    .le(total(_B * p(_k), _last), by=[Termwise(), "each"], name="termwise")
    .eq(_B * total(p(_k), _last), by=algebra, name="linear")
    .eq(_B, by=["hypothesis 3", algebra], name="law"),
)

kl_log_ratio = Claim(
    id="markov/kl_log_ratio",
    title="Kullback-Leibler divergence from a log-ratio",
    kind=Kind.UPPER,
    text=(
        "|log(P/Q)| <= B implies d_KL(P || Q) <= B tanh(B/2), attained by the two-point pair of markov/tv_log_ratio; "
        "and d_KL(P || Q) <= log(1/min Q), without any lower bound on P"
    ),
    parameters=(T, B, least),
    functions=(p, q),
    hypotheses=(
        *laws(_last),
        *log_ratio_within(_B, _B, _last),
        Forall((_k,), ge(q(_k), least.symbol), within(_k, _last)),
    ),
    statements=(
        upper(_kl, _B * sp.tanh(_B / 2), trivial=_B, label="log-ratio"),
        upper(_kl, sp.log(1 / least.symbol), label="floor of Q"),
        upper(_B * sp.tanh(_B / 2), _B, label="printed bound"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("markov/kl_log_ratio_as_stated",),
    derivation=derive(_kl)
    .le(_B * sp.tanh(_B / 2), by=kl_symmetric.at(top=_last), name="chord", note="the convex r log r below its chord")
    .have("floor", le(_kl, sp.log(1 / least.symbol)), by=kl_largest.at(top=_last))
    .have("printed bound", le(_B * sp.tanh(_B / 2), _B), by=decide),
)
