"""Pooling, upsampling and pixelShuffle: see test/golden/golden.py."""

import itertools
import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

cases = Cases(__file__)
first = lambda x: x.movedim(-1, 1)
last = lambda x: x.movedim(1, -1)
shapes = {1: (2, 11, 3), 2: (2, 7, 6, 5), 3: (1, 4, 5, 6, 2)}
camel = lambda name: "".join(part.capitalize() if i else part for i, part in enumerate(name.split("_")))


def distinct(*shape):
    """Numbers of which no two are equal, so that no gradient depends on which of two wins."""
    size = torch.Size(shape).numel()
    return (torch.randperm(size, generator=cases.generator) - size / 2).float().reshape(shape) / 8


def ours(options):
    return {camel(name): list(value) if isinstance(value, tuple) else value for name, value in options.items()}


def pool(kind, torch_name, rank, options, x, **more):
    compute = getattr(F, f"{torch_name}{rank}d")
    name = f"{kind}{rank}d"
    case = lambda x: last(compute(first(x), **options))
    cases.function(f"{name} {tuple(x.shape)} {options}", [f"ops.{name}", T("x"), ours(options)], {"x": x}, case, **more)


def flat_indices(kind, torch_name, rank, options, x):
    compute = getattr(F, f"{torch_name}{rank}d")
    name = f"{kind}{rank}dWithIndices"

    def case(x):
        y, indices = compute(first(x), **options, return_indices=True)
        return last(y), last(indices)

    cases.function(f"{name} {tuple(x.shape)} {options}", [f"ops.{name}", T("x"), ours(options)], {"x": x}, case, second=False)


windows = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 2, "stride": 3, "ceil_mode": True},
    {"kernel_size": 4, "stride": 1, "padding": 2},
]
for rank in (1, 2, 3):
    for options in [*windows, {"kernel_size": 2, "dilation": 2, "stride": 1}, {"kernel_size": 3, "dilation": 2, "padding": 1, "ceil_mode": True}]:
        if options.get("dilation", 1) * (options["kernel_size"] - 1) + 1 > min(shapes[rank][1:-1]) + 2 * options.get("padding", 0):
            continue
        # PyTorch has no gradient of the gradient of all of them.
        pool("maxPool", "max_pool", rank, options, distinct(*shapes[rank]), second=False)
        flat_indices("maxPool", "max_pool", rank, options, distinct(*shapes[rank]))
    for options in windows:
        for more in ({}, {"count_include_pad": False}):
            pool("avgPool", "avg_pool", rank, {**options, **more}, cases.normal(*shapes[rank]))
        if rank > 1:
            pool("avgPool", "avg_pool", rank, {**options, "divisor_override": 3}, cases.normal(*shapes[rank]))
    for size in (1, 2, 3, 4):
        pool("adaptiveAvgPool", "adaptive_avg_pool", rank, {"output_size": size}, cases.normal(*shapes[rank]))
        pool("adaptiveMaxPool", "adaptive_max_pool", rank, {"output_size": size}, distinct(*shapes[rank]), second=False)
        flat_indices("adaptiveMaxPool", "adaptive_max_pool", rank, {"output_size": size}, distinct(*shapes[rank]))
for rank in (1, 2):
    for norm, options in itertools.product((1, 2, 3, 2.5), (windows[0], windows[3])):
        pool("lpPool", "lp_pool", rank, {"norm_type": norm, **options}, cases.uniform(*shapes[rank], low=0.1, high=2))
pool("lpPool", "lp_pool", 2, {"norm_type": 2, "kernel_size": (2, 3), "stride": (1, 2)}, cases.normal(1, 4, 5, 2))
# The gradient of a root at 0, and an even power of negative numbers.
pool("lpPool", "lp_pool", 1, {"norm_type": 2, "kernel_size": 2}, torch.tensor([[[0.0], [0.0], [-3.0], [4.0], [0.0], [-1.0]]]), second=False)

# Windows of their own along each axis; axes that stay.
pool("maxPool", "max_pool", 2, {"kernel_size": (3, 2), "stride": (1, 3), "padding": (1, 0), "dilation": (2, 1)}, distinct(2, 7, 8, 4), second=False)
pool("maxPool", "max_pool", 2, {"kernel_size": (17, 16), "stride": (2, 1)}, distinct(1, 19, 18, 2), second=False)
pool("avgPool", "avg_pool", 2, {"kernel_size": (3, 2), "stride": (1, 3), "padding": (1, 0)}, cases.normal(2, 7, 8, 4))
pool("adaptiveAvgPool", "adaptive_avg_pool", 2, {"output_size": (None, 3)}, cases.normal(2, 5, 7, 4))
pool("adaptiveMaxPool", "adaptive_max_pool", 3, {"output_size": (2, None, 9)}, distinct(1, 3, 2, 4, 3), second=False)

# Extreme values: what is largest, ties, signs of zero, infinities and NaN.
nan, inf = float("nan"), float("inf")
extreme = torch.tensor([0.0, -0.0, -0.0, 0.0, 1.0, 1.0, -inf, -inf, nan, 1.0, inf, nan, nan, nan, -1e38, 3e38, 1e-45, -1e-45, -inf, inf])
for options in ({"kernel_size": 2, "stride": 1}, {"kernel_size": 3, "padding": 1}, {"kernel_size": 2, "dilation": 2, "stride": 1}):
    pool("maxPool", "max_pool", 1, options, extreme.reshape(1, -1, 1), second=False)
    pool("maxPool", "max_pool", 2, options, extreme.reshape(1, 4, 5, 1), second=False)
    flat_indices("maxPool", "max_pool", 2, options, extreme.reshape(1, 5, 4, 1))
flat_indices("adaptiveMaxPool", "adaptive_max_pool", 2, {"output_size": 2}, extreme.reshape(1, 5, 4, 1))
pool("avgPool", "avg_pool", 1, {"kernel_size": 2, "stride": 1}, extreme.reshape(1, -1, 1), second=False)
for scale, mean in ((1e4, 0.0), (1.0, 1e4), (1e-38, 0.0)):
    pool("avgPool", "avg_pool", 2, windows[1], cases.normal(1, 6, 5, 4, mean=mean, std=scale))
    pool("adaptiveAvgPool", "adaptive_avg_pool", 2, {"output_size": 3}, cases.normal(1, 5, 7, 4, mean=mean, std=scale))
# Lengths of 1, and an empty batch.
pool("maxPool", "max_pool", 2, {"kernel_size": 1}, distinct(1, 1, 1, 1), second=False)
pool("avgPool", "avg_pool", 2, {"kernel_size": 3, "padding": 1}, cases.normal(1, 1, 1, 1))
pool("avgPool", "avg_pool", 2, {"kernel_size": 2}, cases.normal(0, 4, 4, 3))
pool("adaptiveAvgPool", "adaptive_avg_pool", 1, {"output_size": 3}, cases.normal(1, 1, 2))

for rank, axes in ((1, (2,)), (2, (2, 3)), (3, (2, 3, 4))):
    x = cases.normal(*shapes[rank])
    cases.function(f"globalAvgPool{rank}d", [f"ops.globalAvgPool{rank}d", T("x")], {"x": x}, lambda x: first(x).mean(axes))
    x = distinct(*shapes[rank])
    cases.function(f"globalMaxPool{rank}d", [f"ops.globalMaxPool{rank}d", T("x")], {"x": x}, lambda x: first(x).amax(axes), second=False)

# Unpooling of windows that do not meet, and of those that do: then one place is written several times with the same value.
for rank, options, size in (
    (1, {"kernel_size": 2}, None),
    (1, {"kernel_size": 3, "stride": 2, "padding": 1}, (12,)),
    (2, {"kernel_size": 2}, (7, 6)),
    (2, {"kernel_size": 3, "stride": 2}, (7, 6)),
    (3, {"kernel_size": 2}, (4, 5, 6)),
):
    y, indices = getattr(F, f"max_pool{rank}d")(first(distinct(*shapes[rank])), **options, return_indices=True)
    inputs = {"x": last(y).contiguous(), "indices": last(indices).int().contiguous()}
    unpool = getattr(F, f"max_unpool{rank}d")
    cases.function(
        f"maxUnpool{rank}d {options}, {size}",
        [f"ops.maxUnpool{rank}d", T("x"), T("indices"), {**ours(options), **({"outputSize": list(size)} if size else {})}],
        inputs,
        lambda x, indices: last(unpool(first(x), first(indices.long()), **options, output_size=size)),
    )

modes = {1: ("nearest", "nearest-exact", "linear"), 2: ("nearest", "nearest-exact", "bilinear"), 3: ("nearest", "nearest-exact", "trilinear")}
small = {1: (2, 5, 3), 2: (1, 4, 5, 3), 3: (1, 2, 3, 4, 2)}
for rank in (1, 2, 3):
    sizes = [{"scale_factor": 2}, {"scale_factor": 1.7}, {"scale_factor": 0.6}, {"size": 7}, {"size": 3}, {"size": 1}]
    for mode, size in itertools.product(modes[rank], sizes):
        for corners in ([None] if mode.startswith("nearest") else [False, True]):
            options = {**size, "mode": mode, **({} if corners is None else {"align_corners": corners})}
            mine = {camel(name).replace("scaleFactor", "scale"): value for name, value in options.items()}
            cases.function(
                f"upsample {small[rank]} {options}",
                ["ops.upsample", T("x"), mine],
                {"x": cases.normal(*small[rank])},
                lambda x: last(F.interpolate(first(x), **options)),
            )
for mode in modes[2]:
    for size in ((9, 2), (4, 10)):
        x = cases.normal(1, 4, 5, 3)
        cases.function(f"upsample {mode} to {size}", ["ops.upsample", T("x"), {"size": list(size), "mode": mode}], {"x": x}, lambda x: last(F.interpolate(first(x), size, mode=mode)))
# Places that fall between float32 and float64.
for length in (49, 98, 103, 147):
    for mode in ("nearest", "nearest-exact", "linear"):
        x = cases.normal(1, 7, 1)
        cases.function(f"upsample {mode} from 7 to {length}", ["ops.upsample", T("x"), {"size": length, "mode": mode}], {"x": x}, lambda x: last(F.interpolate(first(x), length, mode=mode)))

for factor in (1, 2, 3):
    x = cases.normal(2, 3, 2, 2 * factor**2)
    cases.function(f"pixelShuffle by {factor}", ["ops.pixelShuffle", T("x"), factor], {"x": x}, lambda x: last(F.pixel_shuffle(first(x), factor)))
    x = cases.normal(2, 3 * factor, 2 * factor, 2)
    cases.function(f"pixelUnshuffle by {factor}", ["ops.pixelUnshuffle", T("x"), factor], {"x": x}, lambda x: last(F.pixel_unshuffle(first(x), factor)))

cases.write()
