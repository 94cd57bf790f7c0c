"""Drawings: well-formed SVG and TikZ of every diagram, wires that meet, words, PNG."""

import xml.etree.ElementTree as tree
from pathlib import Path

import pytest
from hypothesis import given, settings

from theory.categories import Box, Copy, Discard, Equation, Id, Ob, Swap
from theory.categories.drawing import layout, layout_equation, svg, text, tikz, tikz_equation
from theory.categories.language_model import data_diagram, generator, model_diagram, surplus_diagram
from verify.report.diagram import draw_diagram
from verify.report.plots import PlotError
from verify.strategies.diagrams import diagrams

X, Y = Ob("X"), Ob("Y")
k, f = Box("k", X, Y), Box("f", X, Y, deterministic=True)
SVG = "{http://www.w3.org/2000/svg}"


@settings(max_examples=60, deadline=None)
@given(diagrams())
def test_every_diagram_is_drawn(term):
    root = tree.fromstring(svg(term))
    plan = layout(term)
    boxes = [s for s in plan.shapes if s.kind == "box"]
    names = [e.text for e in root.iter(f"{SVG}text")]
    assert all(names.count(s.label) >= 1 for s in boxes)
    picture = tikz(term)
    assert picture.count("{") == picture.count("}") and picture.count(r"\node[draw") == len(boxes)
    for edge in plan.edges:
        assert min(edge.x0, edge.x1) >= -1e-9 and max(edge.x0, edge.x1) <= plan.width + 1e-9
        assert min(edge.y0, edge.y1) >= 0 and max(edge.y0, edge.y1) <= plan.height


@settings(max_examples=60, deadline=None)
@given(diagrams())
def test_wires_begin_and_end_somewhere(term):
    """Every end of a piece of wire is the end of another, a box's side, a dot, or the border."""
    plan = layout(term)
    ends = [(round(e.x0, 6), round(e.y0, 6)) for e in plan.edges]
    ends += [(round(e.x1, 6), round(e.y1, 6)) for e in plan.edges]
    dots = {(round(s.x, 6), round(s.y, 6)) for s in plan.shapes if s.kind != "box"}
    for x, y in set(ends):
        border = x in (0, round(plan.width, 6))
        side = any(
            s.kind == "box" and abs(abs(x - s.x) - s.width / 2) < 1e-5 and abs(y - s.y) <= s.height / 2 + 0.2
            for s in plan.shapes
        )
        assert border or side or (x, y) in dots or ends.count((x, y)) >= 2


def test_dots_and_double_borders():
    plan = layout(Copy(X) >> f @ Discard(X))
    assert sorted(s.kind for s in plan.shapes) == ["box", "copy", "discard"]
    assert [s.deterministic for s in plan.shapes if s.kind == "box"] == [True]
    assert svg(f).count("<rect") == svg(k).count("<rect") + 1


@pytest.mark.parametrize(("right", "sign"), [(Copy(X) >> k @ k, "≠"), (k >> Copy(Y), "=")])
def test_equations_carry_their_sign(right, sign):
    equation = Equation(k >> Copy(Y), right)
    assert [s.label for s in layout_equation(equation).shapes if s.kind == "sign"] == [sign]
    assert sign in equation._repr_svg_()
    assert (r"$\ne$" in tikz_equation(equation)) == (sign == "≠")


def test_names_are_escaped():
    odd = Box("a<b & 100%_", Ob("X_1"), Y)
    assert tree.fromstring(svg(odd)) is not None and r"100\%\_" in tikz(odd)


def test_words():
    assert text(data_diagram).splitlines() == [
        "X ~ source()",
        "E = emb(X)",
        "H = backbone(E)",
        "W, F ~ data(X)",
        "return X, H, W, F",
    ]
    assert text(Swap(X, Y) >> Discard((Y, X))) == "given X, Y\nreturn ()"


def test_the_language_model_is_drawn():
    root = tree.fromstring(generator._repr_svg_())
    assert [t.text for t in root.iter(f"{SVG}text")] == ["X", "E", "H", "W", "emb", "backbone", "head"]


def test_png(tmp_path):
    for number, drawing in enumerate([data_diagram, Equation(k, f), Id(())]):
        target = draw_diagram(tmp_path / f"{number}.png", drawing, title="drawn")
        assert target.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(PlotError, match="expected a file name ending"):
        draw_diagram(tmp_path / "a.txt", k)


@pytest.mark.parametrize(("name", "term"), [("surplus", surplus_diagram), ("model", model_diagram)])
def test_pictures_of_the_documents_are_what_is_drawn(name, term):
    committed = Path(__file__).parent.parent / "docs" / "pictures" / f"{name}.svg"
    assert committed.read_text(encoding="utf-8") == svg(term) + "\n"


def test_a_wire_between_two_levels_has_no_step():
    plan = layout(model_diagram)
    sloped = [e for e in plan.edges if e.y0 != e.y1]
    assert not [(a, b) for a in sloped for b in sloped if (a.x1, a.y1) == (b.x0, b.y0)]
    assert len(sloped) == 4  # two wires behind each of two copies
