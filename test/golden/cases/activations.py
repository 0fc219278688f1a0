"""Activations: see test/golden/golden.py."""

import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

cases = Cases(__file__)
INF, NAN = float("inf"), float("nan")

# Corners of all of them, where they saturate, overflow and underflow, denormals and both zeros.
sizes = [0.0, 1e-40, 1e-20, 1e-8, 1e-4, 0.1, 0.25, 0.5, 1.0, 2.5, 3.0, 5.0, 6.0, 9.0, 17.0, 20.0, 20.5, 40.0, 80.0, 89.0, 104.0, 1e4]
extreme = torch.tensor([x for size in sizes for x in (size, -size)])
special = torch.tensor([INF, -INF, NAN, 1.0])

functions = [
    ("relu6", {}, F.relu6),
    ("leakyRelu", {}, F.leaky_relu),
    ("leakyRelu", {"negativeSlope": 0.3}, lambda x: F.leaky_relu(x, 0.3)),
    ("elu", {}, F.elu),
    ("elu", {"alpha": 1.7}, lambda x: F.elu(x, 1.7)),
    ("selu", {}, F.selu),
    ("celu", {}, F.celu),
    ("celu", {"alpha": 0.6}, lambda x: F.celu(x, 0.6)),
    ("gelu", {}, F.gelu),
    ("gelu", {"approximate": "tanh"}, lambda x: F.gelu(x, approximate="tanh")),
    ("silu", {}, F.silu),
    ("mish", {}, F.mish),
    ("hardswish", {}, F.hardswish),
    ("hardsigmoid", {}, F.hardsigmoid),
    ("hardtanh", {}, F.hardtanh),
    ("hardtanh", {"minVal": -0.5, "maxVal": 2.5}, lambda x: F.hardtanh(x, -0.5, 2.5)),
    ("hardshrink", {}, F.hardshrink),
    ("softshrink", {}, F.softshrink),
    ("softshrink", {"lambda": 0.1}, lambda x: F.softshrink(x, 0.1)),
    ("tanhshrink", {}, F.tanhshrink),
    ("threshold", {"threshold": 0.1, "value": 20.0}, lambda x: F.threshold(x, 0.1, 20.0)),
    ("softplus", {}, F.softplus),
    ("softplus", {"beta": 2.0, "threshold": 4.5}, lambda x: F.softplus(x, 2.0, 4.5)),
    ("softsign", {}, F.softsign),
    ("logSigmoid", {}, F.logsigmoid),
    ("sigmoid", {}, torch.sigmoid),
    ("tanh", {}, torch.tanh),
    ("relu", {}, F.relu),
]
# These have no gradient of a gradient in PyTorch 1.13.
once = {"hardsigmoid", "hardswish"}
# Of these PyTorch's formula loses what is left of small results, as 1 + erf(x) does: they are compared with the largest.
cancelling = {"elu", "selu", "celu", "gelu", "mish", "softplus", "logSigmoid", "tanhshrink"}
# The gradient of mish's gradient is NaN in PyTorch where eˣ overflows. Infinite x: the gradients of the first two are NaN in PyTorch, which has x/x there. softshrink makes 0 of NaN in 1.13, not in later versions.
without_special = {"mish", "softsign", "softshrink"}
for name, options, function in functions:
    compute = lambda x, function=function: function(x)
    call = [f"ops.{name}", T("x")] + ([options] if options else [])
    second = name not in once
    title = f"{name} {options}" if options else name
    if name in cancelling:
        for part, x in [("small", extreme[:28]), ("large", extreme[28:])]:
            cases.function(f"{title} at {part} extremes", call, {"x": x}, compute, second=(name, part) != ("mish", "large"))
    else:
        cases.function(f"{title} at extremes", call, {"x": extreme}, compute, second=second, elementwise=True)
    fixed = ("x",) if name in without_special else ()
    if name != "softshrink":
        cases.function(f"{title} at what is no number", call, {"x": special}, compute, second=False, elementwise=True, fixed=fixed)
    cases.function(f"{title} of [3, 1, 5]", call, {"x": 2 * cases.normal(3, 1, 5)}, compute, second=second)
    cases.function(f"{title} of nothing", call, {"x": cases.normal(2, 0)}, compute, second=second)

for channels in (1, 4):
    inputs = {"x": torch.stack([extreme] * 4, 1), "weight": cases.uniform(channels)}
    to_prelu = lambda x, weight: F.prelu(x, weight)
    cases.function(f"prelu of {channels}", ["ops.prelu", T("x"), T("weight")], inputs, to_prelu, second=False)

gates = [
    ("glu", lambda x, axis: F.glu(x, axis)),
    ("swiglu", lambda x, axis: F.silu(x.chunk(2, axis)[0]) * x.chunk(2, axis)[1]),
    ("geglu", lambda x, axis: F.gelu(x.chunk(2, axis)[0]) * x.chunk(2, axis)[1]),
    ("reglu", lambda x, axis: F.relu(x.chunk(2, axis)[0]) * x.chunk(2, axis)[1]),
]
for name, compute in gates:
    for shape, axis in [((3, 4), -1), ((2, 6, 3), 1), ((0, 2), -1), ((4, 0), 0)]:
        bound = lambda x, compute=compute, axis=axis: compute(x, axis)
        cases.function(f"{name} of {shape} along {axis}", [f"ops.{name}", T("x"), {"axis": axis}], {"x": cases.normal(*shape)}, bound)

along = [
    ("softmax", F.softmax),
    ("logSoftmax", F.log_softmax),
    ("softmin", F.softmin),
]
for name, compute in along:
    for shape, axis in [((5,), 0), ((3, 4), -1), ((3, 4), 0), ((2, 3, 5), 1), ((2, 1, 33), 1), ((0, 3), 0), ((3, 0), 1), ((), -1)]:
        bound = lambda x, compute=compute, axis=axis: compute(x, dim=axis)
        cases.function(f"{name} of {shape} along {axis}", [f"ops.{name}", T("x"), {"axis": axis}], {"x": 3 * cases.normal(*shape)}, bound)
    rows = torch.tensor(
        [
            [80.0, -80.0, 0.0, 1.0],
            [1e4, -1e4, 1e4, 0.0],
            [0.0, -0.0, 1e-40, -1e-40],
            [1e4, 1e4 + 1, 1e4 - 1, 1e4],
            [1e30, -1e30, 0.0, 3.0],
        ]
    )
    infinite = torch.tensor([[-INF, 0.0, 1.0, -INF], [-INF, -INF, -INF, 5.0], [-INF, -INF, -INF, -INF], [INF, 0.0, 1.0, -INF], [NAN, 1.0, 2.0, 3.0]])
    if name == "softmin":
        infinite = -infinite
    for axis in (0, 1):
        bound = lambda x, compute=compute, axis=axis: compute(x, dim=axis)
        for title, x in [("extremes", rows), ("infinities", infinite)]:
            x = x if axis == 1 else x.t().contiguous()
            call = [f"ops.{name}", T("x"), {"axis": axis}]
            cases.function(f"{name} of {title} along {axis}", call, {"x": x}, bound, second=title == "extremes")

cases.write()
