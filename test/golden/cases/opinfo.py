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


def last(x):
    """Channels from behind the batch to the end."""
    return x.movedim(1, -1)


def first(x):
    return x.movedim(-1, 1)


def kernel(x):
    """[out, in, k…] to [k…, in, out]."""
    return x.movedim(1, -1).movedim(0, -1)


def unkernel(x):
    return x.movedim(-1, 0).movedim(-1, 1)


images = (last, first)
kernels = (kernel, unkernel)


def convert(name, call_of, variant="", second=True, elementwise=False, names=("x", "a", "b", "c", "d"), layouts=(), y=None, fixed=()):
    """
    layouts  for the first tensors how they are laid out here, and back; y the same of the result. None: as in PyTorch
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
        layout = {label[id(x)]: layouts[i] if i < len(layouts) else None for i, x in enumerate(flat)}
        ranks = {"1": 3, "2": 4, "3": 5}
        if layouts and flat[0].dim() != ranks[name.rstrip("d")[-1]]:
            continue
        if any(pair is not None and x.dim() < 3 for pair, x in zip(layouts, flat)):
            continue
        inputs = {label[id(x)]: x.int() if x.dtype == torch.int64 else x for x in flat}
        inputs = {key: layout[key][0](x).contiguous() if layout[key] else x for key, x in inputs.items()}

        def compute(**given):
            def value(x):
                if not isinstance(x, torch.Tensor):
                    return x
                found = given[label[id(x)]]
                pair = layout[label[id(x)]]
                found = pair[1](found) if pair else found
                return found.long() if x.dtype == torch.int64 else found

            head = [value(x) for x in sample.input] if isinstance(sample.input, (list, tuple)) else value(sample.input)
            found = op(head, *[value(x) for x in sample.args], **{k: value(x) for k, x in kwargs.items()})
            if y is not None:
                return y[0](found)
            return tuple(found) if isinstance(found, (list, tuple)) else found

        # Of numbers of this size products cancel.
        sizes = [float(x.abs().max()) for x in flat if x.is_floating_point() and x.numel() > 0]
        floor = 2.0**-24 * max([1.0, *sizes]) ** 2
        shapes = " ".join(str(list(x.shape)) for x in flat)
        rest = [x for x in sample.args if not isinstance(x, torch.Tensor)]
        options = {k: x for k, x in kwargs.items() if not isinstance(x, torch.Tensor)}
        title = f"{name} {shapes} {rest if rest else ''} {options if options else ''}".strip()
        try:
            cases.function(title, call, inputs, compute, second, fixed, elementwise, 0.0 if elementwise else floor)
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

for name in "relu6 selu silu mish hardswish hardsigmoid softsign tanhshrink".split():
    convert(f"nn.functional.{name}", lambda x, inplace=False: [f"ops.{name}", x], second=name not in ("hardswish", "hardsigmoid"))
convert("nn.functional.logsigmoid", lambda x: ["ops.logSigmoid", x])
convert("nn.functional.leaky_relu", lambda x, negative_slope=0.01: ["ops.leakyRelu", x, {"negativeSlope": negative_slope}])
for name in ("elu", "celu"):
    convert(f"nn.functional.{name}", lambda x, alpha=1.0: [f"ops.{name}", x, {"alpha": alpha}])
convert("nn.functional.gelu", lambda x, approximate="none": ["ops.gelu", x, {"approximate": approximate}])
convert("nn.functional.hardtanh", lambda x, min_val=-1.0, max_val=1.0: ["ops.hardtanh", x, {"minVal": min_val, "maxVal": max_val}])
convert("nn.functional.softplus", lambda x, beta=1, threshold=20: ["ops.softplus", x, {"beta": beta, "threshold": threshold}])
convert("nn.functional.softshrink", lambda x, lambd=0.5: ["ops.softshrink", x, {"lambda": lambd}])
convert("nn.functional.hardshrink", lambda x, lambd=0.5: ["ops.hardshrink", x, {"lambda": lambd}])
convert("nn.functional.threshold", lambda x, threshold, value: ["ops.threshold", x, {"threshold": threshold, "value": value}])
convert("nn.functional.glu", lambda x, dim=-1: ["ops.glu", x, {"axis": dim}])
convert("sort", lambda x, dim=-1, descending=False, stable=False: ["ops.sort", x, {"axis": dim, "descending": descending}])
convert("topk", lambda x, k, dim=-1, largest=True, sorted=True: ["ops.topK", x, k, {"axis": dim, "largest": largest, "sorted": sorted}])
convert("roll", lambda x, shifts, dims=(): ["ops.roll", x, shifts, dims] if dims != () else ["ops.roll", x, shifts])
convert("tril", lambda x, diagonal=0: ["ops.tril", x, diagonal])
convert("triu", lambda x, diagonal=0: ["ops.triu", x, diagonal])
convert("repeat", lambda x, repeats: ["ops.repeat", x, list(repeats)])
convert("nn.functional.linear", lambda x, weight, bias=None: ["ops.linear", x, ["ops.transpose", weight], *([] if bias is None else [bias])])
convert("nn.functional.embedding", lambda weight, indices, padding_idx=None, max_norm=None, scale_grad_by_freq=False: (
    ["ops.embedding", indices, weight, {} if padding_idx is None else {"paddingIndex": padding_idx}] if max_norm is None and not scale_grad_by_freq else 1 / 0
))
convert("nn.functional.layer_norm", lambda x, shape, weight=None, bias=None, eps=1e-5: (
    ["ops.layerNorm", x, *[T("none") if v is None else v for v in (weight, bias)], {"normalizedShape": list(shape), "epsilon": eps}] if eps > 0 else 1 / 0
))
convert("nn.functional.mse_loss", lambda x, t, reduction="mean": ["ops.meanSquaredError", x, t, {"reduction": reduction}])
convert(
    "nn.functional.soft_margin_loss",
    lambda x, t, reduction="mean": ["ops.softMargin", x, t, {"reduction": reduction}],
    fixed=("a",),
)
convert("nn.functional.smooth_l1_loss", lambda x, t, beta=1.0, reduction="mean": ["ops.smoothL1", x, t, {"beta": beta, "reduction": reduction}])
convert("nn.functional.huber_loss", lambda x, t, delta=1.0, reduction="mean": ["ops.huber", x, t, {"delta": delta, "reduction": reduction}])
convert("nn.functional.hinge_embedding_loss", lambda x, t, margin=1.0, reduction="mean": ["ops.hingeEmbedding", x, t, {"margin": margin, "reduction": reduction}], second=False, fixed=("a",))
convert("nn.functional.cosine_similarity", lambda a, b, dim=1, eps=1e-8: ["ops.cosineSimilarity", a, b, {"axis": dim}] if eps == 1e-8 else 1 / 0)
for rank, name in ((1, "conv1d"), (2, "conv2d")):

    def convolution(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
        each = lambda value: value if isinstance(value, (int, str)) else value[0] if len(value) == 1 else list(value)
        options = {"stride": each(stride), "padding": each(padding), "dilation": each(dilation), "groups": groups}
        return [f"ops.{name}", x, weight, T("none") if bias is None else bias, options]

    def batched(x, weight, *rest, **options):
        return convolution(x, weight, *rest, **options)

    convert(f"nn.functional.{name}", batched, layouts=(images, kernels), y=images)
for rank in (1, 2, 3):

    def average(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
        each = lambda value: value if isinstance(value, int) else value[0] if len(value) == 1 else list(value)
        if divisor_override is not None and divisor_override < 0:
            raise Other
        options = {"kernelSize": each(kernel_size), "padding": each(padding), "ceilMode": ceil_mode}
        options.update({} if stride in (None, ()) else {"stride": each(stride)})
        options.update({} if divisor_override is None else {"divisorOverride": divisor_override})
        return [f"ops.avgPool{rank}d", x, {**options, "countIncludePad": count_include_pad}]

    convert(f"nn.functional.avg_pool{rank}d", average, layouts=(images,), y=images)

cases.write()
