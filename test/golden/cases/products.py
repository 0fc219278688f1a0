"""Products, and the first layers: see test/golden/golden.py."""

import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

cases = Cases(__file__)

for a, b in [((3, 4), (4, 5)), ((2, 3, 4), (4, 5)), ((2, 1, 3, 4), (3, 4, 1)), ((4,), (2, 4, 3)), ((1, 1), (1, 1)), ((17, 33), (33, 9))]:
    inputs = {"a": cases.uniform(*a), "b": cases.uniform(*b)}
    cases.function(f"matmul {a} {b}", ["ops.matmul", T("a"), T("b")], inputs, lambda a, b: a @ b)

for scale in (1.0, 1e4):
    inputs = {"x": scale * cases.normal(7, 13), "weight": cases.normal(13, 5), "bias": cases.normal(5)}
    cases.function(
        f"linear of numbers around {scale}",
        ["ops.linear", T("x"), T("weight"), T("bias")],
        inputs,
        lambda x, weight, bias: x @ weight + bias,
    )

# An MLP, 30 steps of SGD with momentum.
layers = [(11, 16), (16, 8), (8, 4)]
state = {}
for i, (n, m) in enumerate(layers):
    state[f"{2 * i}.weight"] = cases.uniform(n, m) / n**0.5
    state[f"{2 * i}.bias"] = cases.uniform(m) / n**0.5
batches = [(cases.normal(9, 11), cases.integers(9, high=4)) for _ in range(30)]


def perceptron(dtype):
    parameters = {name: x.to(dtype).clone().requires_grad_() for name, x in state.items()}
    optimizer = torch.optim.SGD(parameters.values(), lr=0.1, momentum=0.9)
    losses = []
    for x, labels in batches:
        h = torch.tanh(x.to(dtype) @ parameters["0.weight"] + parameters["0.bias"])
        h = torch.relu(h @ parameters["2.weight"] + parameters["2.bias"])
        loss = F.cross_entropy(h @ parameters["4.weight"] + parameters["4.bias"], labels.long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return losses, parameters


model = [
    "nn.sequential",
    ["nn.linear", 16],
    ["nn.tanh"],
    ["nn.linear", 8],
    ["nn.relu"],
    ["nn.linear", 4],
]
cases.training(
    "an MLP over 30 steps of SGD with momentum",
    model,
    [11],
    state,
    batches,
    ["losses.crossEntropy"],
    ["optim.sgd", {"learningRate": 0.1, "momentum": 0.9}],
    perceptron,
)

cases.write()
