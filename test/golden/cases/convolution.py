"""Convolutions and transposed convolutions: see test/golden/golden.py."""

import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

cases = Cases(__file__)


def first(x):
    return x.movedim(-1, 1).contiguous()


def last(x):
    return x.movedim(1, -1)


def kernel(weight):
    """[k…, a, b] to (b, a, k…), which is what PyTorch wants of both kinds: (out, in, k…) or, transposed, (in, out, k…)."""
    rank = weight.dim() - 2
    return weight.permute(rank + 1, rank, *range(rank)).contiguous()


def convolution(title, x, weight, options, bias=True, scale=1.0, mean=0.0, before=None, transposed=False, **torch_options):
    """`before` are zeros at the beginning of each axis that PyTorch has no word for."""
    rank = len(weight) - 2
    groups = options.get("groups", 1)
    out = weight[-2] * groups if transposed else weight[-1]
    name = f"{'convTranspose' if transposed else 'conv'}{rank}d"
    inputs = {"x": mean + scale * cases.normal(*x), "weight": cases.normal(*weight)}
    if bias:
        inputs["bias"] = cases.normal(out)
    f = getattr(F, f"conv_transpose{rank}d" if transposed else f"conv{rank}d")

    def compute(x, weight, bias=None):
        x = first(x)
        if before:
            x = F.pad(x, before)
        return last(f(x, kernel(weight), bias, groups=groups, **torch_options))

    # A tensor that the case does not have is undefined.
    call = [f"ops.{name}", T("x"), T("weight"), T("bias"), options]
    # Of no images PyTorch has no second gradients.
    cases.function(f"{name} {title}", call, inputs, compute, second=x[0] > 0)


for rank in (1, 2, 3):
    lengths = (7, 5, 4)[:rank]
    each = lambda n: (n,) * rank
    convolution("plain", (2, *lengths, 3), (*each(3), 3, 5), {})
    convolution("of one position", (1, *each(1), 2), (*each(1), 2, 3), {})
    convolution(
        "with stride, padding and dilation",
        (2, *lengths, 4),
        (*(3, 2, 2)[:rank], 4, 3),
        {"stride": [2, 1, 3][:rank], "padding": [2, 1, 1][:rank], "dilation": [2, 1, 2][:rank]},
        stride=(2, 1, 3)[:rank],
        padding=(2, 1, 1)[:rank],
        dilation=(2, 1, 2)[:rank],
    )
    convolution('padding "same", an even kernel', (1, *lengths, 2), (*each(2), 2, 3), {"padding": "same"}, padding="same")
    convolution(
        "in groups", (2, *lengths, 6), (*each(3), 3, 4), {"groups": 2, "padding": 1}, padding=1
    )
    convolution("depthwise", (2, *lengths, 5), (*each(3), 1, 5), {"groups": 5, "padding": 1, "stride": 2}, padding=1, stride=2)
    convolution("depthwise, three outputs each", (2, *lengths, 3), (*each(2), 1, 9), {"groups": 3})
    convolution("of numbers around 1e4", (2, *lengths, 3), (*each(3), 3, 4), {"padding": 1}, mean=1e4, padding=1)
    convolution("of numbers around 1e-40", (2, *lengths, 3), (*each(3), 3, 4), {}, scale=1e-40)
    convolution("of no images", (0, *lengths, 3), (*each(3), 3, 4), {"padding": 1}, padding=1)

    convolution("plain", (2, *lengths, 3), (*each(3), 5, 3), {}, transposed=True)
    convolution("of one position", (1, *each(1), 2), (*each(3), 3, 2), {"stride": 4, "outputPadding": 3}, transposed=True, stride=4, output_padding=3)
    convolution(
        "with stride, padding and outputPadding",
        (2, *(4, 3, 2)[:rank], 3),
        (*each(3), 2, 3),
        {"stride": 2, "padding": 1, "outputPadding": [1, 0, 1][:rank]},
        transposed=True,
        stride=2,
        padding=1,
        output_padding=(1, 0, 1)[:rank],
    )
    convolution(
        "in groups, with dilation",
        (1, *(4, 3, 2)[:rank], 4),
        (*each(2), 3, 4),
        {"groups": 2, "dilation": 3, "outputPadding": 2},
        transposed=True,
        dilation=3,
        output_padding=2,
    )
    convolution("depthwise", (2, *(3, 3, 2)[:rank], 4), (*each(3), 1, 4), {"groups": 4, "stride": 2}, transposed=True, stride=2)

convolution("that is causal", (2, 7, 3), (3, 3, 4), {"padding": "causal", "dilation": 2}, before=(4, 0), dilation=2)
convolution("without bias", (2, 5, 4, 3), (3, 3, 3, 4), {"stride": 2}, bias=False, stride=2)
convolution("without bias", (2, 2, 3, 3), (3, 3, 4, 3), {"stride": 2}, bias=False, transposed=True, stride=2)
convolution("that is causal, with stride", (2, 8, 2), (2, 2, 3), {"padding": "causal", "stride": 3}, before=(1, 0), stride=3)

cases.write()
