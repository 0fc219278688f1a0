"""The samples that PyTorch tests its own operations on (OpInfo), for operations that this library has: see test/golden/golden.py."""

import os
import sys
import types
import unittest

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

# The samples import a package that only their own tests need.
sys.modules["expecttest"] = types.ModuleType("expecttest")
sys.modules["expecttest"].TestCase = unittest.TestCase
sys.modules["expecttest"].ACCEPT = False
from torch.testing._internal.common_methods_invocations import op_db  # noqa: E402

torch.manual_seed(7)
cases = Cases(__file__, seed=7)
infos = {}
for info in op_db:
    infos.setdefault((info.name, info.variant_test_name), info)

# Samples of one operation, elements of one tensor: the data stays small.
MOST_SAMPLES = 8
MOST_ELEMENTS = 2000


class Other(Exception):
    """A sample that this library has no call for."""


def samples_of(name, variant=""):
    return infos[name, variant].sample_inputs("cpu", torch.float32, requires_grad=False)


def tensors_in(values):
    return [x for x in values if isinstance(x, torch.Tensor)]


def convert(name, call_of, variant="", second=True, elementwise=False, names=("x", "a", "b", "c", "d")):
    """
    call_of  takes a stand-in for the first tensor, and the other arguments of a sample, in which tensors are stand-ins, too;
             returns the call. Raises Other for what has none
    """
    op = infos[name, variant].op
    count = 0
    for sample in samples_of(name, variant):
        if count == MOST_SAMPLES:
            break
        args = [sample.input, *sample.args]
        kwargs = dict(sample.kwargs)
        flat = tensors_in(args) + tensors_in(kwargs.values())
        if isinstance(sample.input, (list, tuple)):
            flat = list(sample.input) + tensors_in(sample.args)
        if any(x.numel() > MOST_ELEMENTS or x.is_complex() for x in flat):
            continue
        if name in ("gather", "scatter_add", "index_select") and sample.input.dim() == 0:
            continue
        if any(x.dtype not in (torch.float32, torch.int64, torch.bool) for x in flat):
            continue
        label = {id(x): f"{names[i] if i < len(names) else 't' + str(i)}" for i, x in enumerate(flat)}
        marked = lambda x: T(label[id(x)]) if isinstance(x, torch.Tensor) else x
        first = [marked(x) for x in sample.input] if isinstance(sample.input, (list, tuple)) else marked(sample.input)
        try:
            call = call_of(first, *[marked(x) for x in sample.args], **{k: marked(x) for k, x in kwargs.items()})
        except (Other, TypeError, ZeroDivisionError):
            continue
        inputs = {label[id(x)]: x.int() if x.dtype == torch.int64 else x for x in flat}

        def compute(**given):
            value = lambda x: (
                given[label[id(x)]].long() if x.dtype == torch.int64 else given[label[id(x)]]
            ) if isinstance(x, torch.Tensor) else x
            head = [value(x) for x in sample.input] if isinstance(sample.input, (list, tuple)) else value(sample.input)
            y = op(head, *[value(x) for x in sample.args], **{k: value(x) for k, x in kwargs.items()})
            return tuple(y) if isinstance(y, (list, tuple)) else y

        shapes = " ".join(str(list(x.shape)) for x in flat)
        rest = [x for x in sample.args if not isinstance(x, torch.Tensor)]
        options = {k: x for k, x in kwargs.items() if not isinstance(x, torch.Tensor)}
        title = f"{name} {shapes} {rest if rest else ''} {options if options else ''}".strip()
        try:
            cases.function(title, call, inputs, compute, second=second, elementwise=elementwise)
        except RuntimeError as error:
            print(f"{title}: {error}", file=sys.stderr)
            continue
        count += 1
    if count == 0:
        print(f"{name}: no sample fits", file=sys.stderr)


def axes(dim):
    return {} if dim is None or dim == [] or dim == () else {"axes": list(dim) if isinstance(dim, (list, tuple)) else dim}


def number(x):
    return {"number": "Infinity" if x > 0 else "-Infinity"} if x in (float("inf"), float("-inf")) else x


def plain(ours):
    def call(x):
        return [f"ops.{ours}", x]

    return call


def binary(ours):
    def call(a, b, alpha=1):
        if alpha != 1 or isinstance(b, complex):
            raise Other
        return [f"ops.{ours}", a, b]

    return call


def over_axes(ours, **fixed):
    def call(x, dim=None, keepdim=False, dtype=None):
        if dtype is not None or isinstance(dim, bool):
            raise Other
        return [f"ops.{ours}", x, {**axes(dim), "keepDims": keepdim, **fixed}]

    return call


for theirs, ours in {
    **{name: name for name in "abs ceil cos erf exp expm1 floor log log1p reciprocal round rsqrt sigmoid".split()},
    **{name: name for name in "sign sin sqrt square tan tanh".split()},
    "neg": "negate",
    "nn.functional.relu": "relu",
}.items():
    convert(theirs, plain(ours), elementwise=True)
for theirs, ours in {
    **{"add": "add", "sub": "subtract", "mul": "multiply", "pow": "pow", "maximum": "maximum", "minimum": "minimum"},
    **{"eq": "equal", "ne": "notEqual", "lt": "less", "le": "lessEqual", "gt": "greater", "ge": "greaterEqual"},
    **{"remainder": "remainder", "floor_divide": "floorDivide"},
}.items():
    convert(theirs, binary(ours))
convert("div", lambda a, b, rounding_mode=None: ["ops.divide", a, b], variant="no_rounding_mode")
convert("matmul", lambda a, b: ["ops.matmul", a, b])
convert("where", lambda a, c, b: ["ops.where", c, a, b])
for theirs, ours in {"sum": "sum", "mean": "mean", "amax": "max", "amin": "min"}.items():
    convert(theirs, over_axes(ours))
convert("logsumexp", lambda x, dim, keepdim=False: ["ops.logSumExp", x, {**axes(dim), "keepDims": keepdim}])
convert("prod", over_axes("prod"))


def deviation(ours):
    def call(x, dim=None, unbiased=True, correction=None, keepdim=False):
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        correction = int(unbiased) if correction is None else correction
        return [f"ops.{ours}", x, {**axes(dim), "keepDims": keepdim, "correction": correction}]

    return call


for theirs, ours in {"var": "variance", "std": "std"}.items():
    convert(theirs, deviation(ours))
for theirs, ours in {"argmax": "argMax", "argmin": "argMin"}.items():
    convert(
        theirs,
        lambda x, dim=None, keepdim=False: [f"ops.{ours}", x, {**({} if dim is None else {"axis": dim}), "keepDims": keepdim}],
    )
for theirs, ours in {"softmax": "softmax", "log_softmax": "logSoftmax", "nn.functional.softmin": "softmin"}.items():
    convert(theirs, lambda x, dim, dtype=None: [f"ops.{ours}", x, {"axis": dim}] if dtype is None else 1 / 0)
convert("cat", lambda all, dim=0: ["ops.concat", all, dim])
convert("stack", lambda all, dim=0: ["ops.stack", all, dim])
convert("cumsum", lambda x, dim: ["ops.cumulativeSum", x, {"axis": dim}])
convert("expand", lambda x, shape: ["ops.expand", x, list(shape)])
convert("flip", lambda x, dims: ["ops.flip", x, list(dims)])
convert("gather", lambda x, dim, index: ["ops.gather", x, index, dim])
convert("scatter_add", lambda x, dim, index, source: ["ops.scatterAdd", x, index, source, dim])
convert("index_select", lambda x, dim, index: ["ops.take", x, index, dim])
convert("permute", lambda x, dims: ["ops.permute", x, list(dims)])
convert("transpose", lambda x, a, b: ["ops.transpose", x, a, b])
convert("reshape", lambda x, shape: ["ops.reshape", x, list(shape)])
convert("unsqueeze", lambda x, dim: ["ops.unsqueeze", x, dim])
convert("squeeze", lambda x, dim=None: ["ops.squeeze", x] if dim is None else ["ops.squeeze", x, [dim]])
convert("tile", lambda x, dims: ["ops.tile", x, list(dims)])
convert("chunk", lambda x, chunks, dim=0: ["ops.chunk", x, chunks, dim])
convert("split", lambda x, size, dim=0: ["ops.split", x, size, dim])

cases.write()
