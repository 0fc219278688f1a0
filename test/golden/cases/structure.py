"""Operations that sort, pick, move and contract, and distances: see test/golden/golden.py."""

import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

cases = Cases(__file__)
INF, NAN = float("inf"), float("nan")


def int32(results):
    return tuple(x.int() if x.dtype == torch.int64 else x for x in results)


special = torch.tensor([0.0, NAN, -0.0, INF, -1e-40, 3.0, -INF, 1e-40, 3.0, NAN, -3.0, 80.0, -1e4, 1e4, 0.0])
for descending in (False, True):
    options = {"descending": descending}
    run = lambda x, axis=-1, descending=descending: int32(torch.sort(x, dim=axis, descending=descending, stable=True))
    cases.function(f"sort of special numbers {options}", ["ops.sort", T("x"), options], {"x": special}, run, elementwise=True)
    for shape, axis in [((9,), 0), ((3, 7), 1), ((3, 7), 0), ((2, 50, 3), 1), ((4, 300), -1), ((1,), 0), ((), -1), ((3, 0), 1), ((0, 3), 0)]:
        x = cases.normal(*shape)
        # Some equal ones, which keep their order.
        x = torch.where(x.abs() < 0.3, torch.zeros(()), x)
        given = {"axis": axis, **options}
        bound = lambda x, axis=axis, run=run: run(x, axis)
        cases.function(f"sort of {shape} {given}", ["ops.sort", T("x"), given], {"x": x}, bound)
        cases.function(f"argsort of {shape} {given}", ["ops.argsort", T("x"), given], {"x": x}, lambda x, b=bound: b(x)[1], second=False)
    integers = cases.integers(4, 60, low=-(2**31), high=2**31 - 1)
    cases.function(f"argsort of integers {options}", ["ops.argsort", T("x"), options], {"x": integers}, lambda x, run=run: run(x)[1])
for shape, k, axis, largest in [((9,), 3, 0, True), ((3, 7), 7, 1, False), ((3, 7), 2, 0, True), ((2, 100), 5, -1, False), ((), 1, -1, True), ((2, 4), 0, 1, True)]:
    given = {"axis": axis, "largest": largest}
    run = lambda x, k=k, axis=axis, largest=largest: int32(torch.topk(x, k, dim=axis, largest=largest))
    cases.function(f"topK of {shape}, {k} {given}", ["ops.topK", T("x"), k, given], {"x": cases.normal(*shape)}, run)

for indices, classes in [(cases.integers(5, high=4), 4), (cases.integers(2, 3, high=7), 9), (cases.integers(0, 3, high=2), 2)]:
    run = lambda x, classes=classes: F.one_hot(x.long(), classes).int()
    cases.function(f"oneHot of {tuple(indices.shape)}, {classes}", ["ops.oneHot", T("x"), classes], {"x": indices}, run)

for name in ("tril", "triu"):
    for shape, diagonal in [((3, 4), 0), ((4, 3), 1), ((2, 5, 5), -2), ((3, 3), 7), ((2, 0, 3), 0)]:
        run = lambda x, f=getattr(torch, name), diagonal=diagonal: f(x, diagonal)
        cases.function(f"{name} of {shape}, {diagonal}", [f"ops.{name}", T("x"), diagonal], {"x": cases.normal(*shape)}, run)
for shape, shifts, axes in [((7,), 3, 0), ((3, 4), [1, -6], [0, 1]), ((2, 3, 4), [5], [-1]), ((0, 3), 1, 0)]:
    run = lambda x, shifts=shifts, axes=axes: torch.roll(x, shifts, axes)
    cases.function(f"roll of {shape}, {shifts} along {axes}", ["ops.roll", T("x"), shifts, axes], {"x": cases.normal(*shape)}, run)
cases.function("roll of all elements", ["ops.roll", T("x"), 4], {"x": cases.normal(2, 3)}, lambda x: torch.roll(x, 4))
for shape, repeats in [((3,), [2]), ((2, 3), [2, 1]), ((2, 3), [2, 1, 3]), ((2, 3), [0, 1])]:
    run = lambda x, repeats=repeats: x.repeat(*repeats)
    cases.function(f"repeat of {shape}, {repeats}", ["ops.repeat", T("x"), repeats], {"x": cases.normal(*shape)}, run)
for shape, repeats, axis in [((3,), 2, 0), ((2, 3), 3, 1), ((2, 3), [1, 0, 4], 1), ((2, 1, 2), [2], -2), ((2, 3), 0, 0)]:
    times = torch.tensor(repeats) if isinstance(repeats, list) else repeats
    run = lambda x, times=times, axis=axis: x.repeat_interleave(times, axis)
    cases.function(f"repeatInterleave of {shape}, {repeats} along {axis}", ["ops.repeatInterleave", T("x"), repeats, axis], {"x": cases.normal(*shape)}, run)
cases.function("repeatInterleave of all", ["ops.repeatInterleave", T("x"), 2], {"x": cases.normal(2, 3)}, lambda x: x.repeat_interleave(2))

for equation, *shapes in [
    ("ij,jk->ik", (3, 4), (4, 5)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("ij,jk", (3, 4), (4, 5)),
    ("ij->ji", (3, 4)),
    ("ba", (3, 4)),
    ("ii->i", (4, 4)),
    ("ii", (4, 4)),
    ("iij->j", (3, 3, 2)),
    ("ijij->ij", (2, 3, 2, 3)),
    ("i,i", (5,), (5,)),
    ("i,j->ij", (3,), (4,)),
    ("ij->", (3, 4)),
    ("ij->i", (3, 4)),
    ("ij,ij->ij", (3, 4), (3, 4)),
    ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)),
    ("...i->...", (2, 3, 4)),
    ("i...,i...", (3, 4), (3, 2, 1)),
    ("bn,anm,bm->ba", (2, 3), (4, 3, 5), (2, 5)),
    ("ij,jk,kl,lm->im", (2, 3), (3, 4), (4, 2), (2, 3)),
    ("bhqd,bhkd->bhqk", (2, 3, 5, 4), (2, 3, 6, 4)),
    ("ij,jk->ik", (3, 1), (4, 5)),
    ("ij,ij->i", (3, 4), (1, 4)),
    ("ii,i->i", (3, 3), (3,)),
    ("a b , b -> a", (3, 4), (4,)),
    ("Ab,bA", (2, 3), (3, 2)),
    (",i->i", (), (3,)),
    ("ij,jk->ik", (0, 3), (3, 2)),
    ("ij,jk->ik", (2, 0), (0, 2)),
    ("ijk,jil->kl", (3, 4, 2), (4, 3, 5)),
]:
    inputs = {f"x{i}": cases.normal(*shape) for i, shape in enumerate(shapes)}
    run = lambda equation=equation, **given: torch.einsum(equation, *given.values())
    cases.function(f"einsum {equation} of {shapes}", ["ops.einsum", equation] + [T(name) for name in inputs], inputs, run)

for a, b, axis in [((3, 5), (3, 5), 1), ((2, 3, 4), (3, 1), -1), ((4,), (4,), 0), ((2, 3, 4), (2, 3, 4), 1), ((0, 3), (0, 3), 1)]:
    inputs = {"a": cases.normal(*a), "b": cases.normal(*b)}
    run = lambda a, b, axis=axis: F.cosine_similarity(a, b, dim=axis)
    cases.function(f"cosineSimilarity of {a} {b} along {axis}", ["ops.cosineSimilarity", T("a"), T("b"), {"axis": axis}], inputs, run)
extreme = torch.tensor([[0.0, 0.0, 0.0], [1e-9, 0.0, 2e-9], [1e4, -1e4, 3.0], [80.0, 1e-8, 1.0]])
inputs = {"a": extreme, "b": cases.normal(4, 3)}
cases.function("cosineSimilarity of extremes", ["ops.cosineSimilarity", T("a"), T("b")], inputs, lambda a, b: F.cosine_similarity(a, b), second=False)
for a, b, options in [
    ((3, 5), (3, 5), {}),
    ((3, 5), (5,), {"p": 1.0}),
    ((2, 3, 4), (3, 4), {"p": 3.0, "epsilon": 0.01, "keepDims": True}),
    ((5,), (5,), {}),
    ((0, 3), (0, 3), {}),
]:
    inputs = {"a": cases.normal(*a), "b": cases.normal(*b)}
    names = {"p": "p", "epsilon": "eps", "keepDims": "keepdim"}
    given = {names[name]: option for name, option in options.items()}
    run = lambda a, b, given=given: F.pairwise_distance(a, b, **given)
    cases.function(f"pairwiseDistance of {a} {b} {options}", ["ops.pairwiseDistance", T("a"), T("b"), options], inputs, run)

cases.write()
