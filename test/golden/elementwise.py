"""Elementwise functions of PyTorch and their gradients at special values: NaN, infinities, both zeros, ties, bounds.

test/golden/elementwise.test.ts compares this library with them. Needs PyTorch (made with 1.13.1). To make the data again:

    python3 test/golden/elementwise.py > test/golden/elementwise.json

Of several inputs every combination is computed. The gradient of the result is 2 everywhere.
"""

import itertools
import json
import math
import warnings

import torch

warnings.filterwarnings("ignore")
NAN, INF = math.nan, math.inf
NUMBERS = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 0.5, 1.5, -3.0]
INTEGERS = [0, 1, -1, 2, -3, 7, -8, 2**31 - 1, -(2**31)]

UNARY = "abs ceil cos exp expm1 floor log log1p neg reciprocal relu round rsqrt sigmoid sign sin sqrt square tan tanh".split()
BINARY = "maximum minimum mul pow remainder sub add div".split()
COMPARISONS = "eq ne lt le gt ge".split()
NAMES = dict(neg="negate", mul="multiply", sub="subtract", div="divide", eq="equal", ne="notEqual", lt="less",
             le="lessEqual", gt="greater", ge="greaterEqual", isnan="isNaN", isfinite="isFinite")


def shown(numbers):
    def one(number):
        if isinstance(number, float) and (math.isnan(number) or math.isinf(number)):
            return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
        return number if isinstance(number, (bool, int)) else float("%.9g" % number)

    return [one(number) for number in numbers]


def case(name, f, inputs, numbers=None, **settings):
    """Over tensors of float32, or what type their elements have."""
    tensors = [torch.tensor(x) for x in inputs]
    for tensor in tensors:
        if tensor.is_floating_point():
            tensor.requires_grad_()
    y = f(*tensors)
    # PyTorch refuses the gradient of floor_divide, though not that of floor.
    if y.requires_grad and name != "floorDivide":
        y.backward(torch.full_like(y, 2.0))
    gradients = [None if x.grad is None else shown(x.grad.tolist()) for x in tensors]
    types = ["f32" if x.is_floating_point() else "bool" if x.dtype == torch.bool else "i32" for x in tensors]
    return dict(operation=NAMES.get(name, name), types=types, inputs=[shown(x) for x in inputs], y=shown(y.tolist()), gradients=gradients, **settings)


def combined(*lists):
    return [list(column) for column in zip(*itertools.product(*lists))]


def int32(f):
    return lambda *tensors: f(*[tensor.to(torch.int32) for tensor in tensors])


def cases():
    for name in UNARY + ["isnan", "isfinite"]:
        yield case(name, getattr(torch, name), [NUMBERS])
    for name in BINARY + COMPARISONS:
        yield case(name, getattr(torch, name), combined(NUMBERS, NUMBERS))
    yield case("floorDivide", torch.floor_divide, combined(NUMBERS, NUMBERS))
    for exponent in [0, 1, 2, 3, 0.5, -0.5, -1, -2, 1.5, -3]:
        yield case("pow", lambda x: torch.pow(x, exponent), [NUMBERS], second=exponent)
    for bounds in [dict(min=-1.0, max=1.5), dict(min=0.5), dict(max=-1.0), dict(min=2.5, max=-2.5)]:
        yield case("clamp", lambda x: torch.clamp(x, **bounds), [NUMBERS], options=bounds)
    some = [NAN, INF, -INF, 0.0, 1.0, -1.0, 2.5]
    yield case("clamp", torch.clamp, combined(some, some, some))
    yield case("where", torch.where, combined([True, False], some, some))
    for name in ["logical_and", "logical_or", "logical_xor"]:
        yield case("logical" + name[8:].capitalize(), getattr(torch, name), combined([True, False], [True, False]))
    for name in ["abs", "neg", "square", "sign"]:
        yield case(name, int32(getattr(torch, name)), [INTEGERS])
    pairs = combined(INTEGERS, INTEGERS)

    for name in ["add", "sub", "mul", "maximum", "minimum"] + COMPARISONS:
        yield case(name, int32(getattr(torch, name)), pairs)
    # PyTorch refuses to divide integers by 0, and of −2³¹/−1 makes what the processor does.
    divided = [list(x) for x in zip(*[(a, b) for a, b in zip(*pairs) if b != 0 and (a, b) != (-(2**31), -1)])]
    yield case("remainder", int32(torch.remainder), divided)
    yield case("floorDivide", int32(torch.floor_divide), divided)
    yield case("clamp", lambda x: torch.clamp(x.to(torch.int32), min=-2, max=5), [INTEGERS], options=dict(min=-2, max=5))


print("[\n" + ",\n".join(json.dumps(one) for one in cases()) + "\n]")
