"""Whole trainings: see test/golden/golden.py."""

import copy
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases  # noqa: E402

cases = Cases(__file__, seed=3)


def image(x):
    """Channels-last to PyTorch's layout."""
    return x.permute(0, 3, 1, 2)


def kernel(x):
    """[out, in, height, width] to [height, width, in, out]."""
    return x.permute(2, 3, 1, 0)


def trained(module, parameters, batches, optimizer_of, loss_of):
    """Trains copies of a module. parameters: (our name, their name, from theirs to ours) of all its state."""

    def run(dtype):
        model = copy.deepcopy(module).to(dtype).train()
        optimizer = optimizer_of(model.parameters())
        losses = []
        for x, target in batches:
            optimizer.zero_grad()
            loss = loss_of(model, x.to(dtype) if x.is_floating_point() else x, target)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        found = model.state_dict()
        return losses, {ours: convert(found[theirs]) for ours, theirs, convert in parameters}

    return run


def state_of(module, parameters):
    found = module.state_dict()
    return {ours: convert(found[theirs]).contiguous().clone() for ours, theirs, convert in parameters}


same = lambda x: x
matrix = lambda x: x.t()

# A convolutional network with batch norm.
torch.manual_seed(5)
module = nn.Sequential(
    *(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
    *(nn.Conv2d(8, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU()),
    *(nn.Flatten(), nn.Linear(6 * 9, 5)),
)


def flattened(x):
    """A weight that reads images with channels first, for images with channels last."""
    return x.reshape(5, 6, 3, 3).permute(2, 3, 1, 0).reshape(54, 5)


statistics = [("runningMean", "running_mean"), ("runningVariance", "running_var")]
parameters = [
    *(("0.weight", "0.weight", kernel), ("0.bias", "0.bias", same), ("4.weight", "4.weight", kernel)),
    *((f"{i}.{ours}", f"{i}.{theirs}", same) for i in (1, 5) for ours, theirs in statistics),
    *((f"{i}.{name}", f"{i}.{name}", same) for i in (1, 5) for name in ("weight", "bias")),
    *(("8.weight", "8.weight", flattened), ("8.bias", "8.bias", same)),
]
batches = [(cases.normal(6, 11, 11, 3), cases.integers(6, high=5)) for _ in range(15)]
cases.training(
    "a convolutional network with batch norm over 15 steps of SGD with Nesterov's momentum and weight decay",
    [
        "nn.sequential",
        ["nn.conv2d", {"outChannels": 8, "kernelSize": 3, "padding": 1}],
        ["nn.batchNorm"],
        ["nn.relu"],
        ["nn.maxPool2d", 2],
        ["nn.conv2d", {"outChannels": 6, "kernelSize": 3, "stride": 2, "padding": 1, "bias": False}],
        ["nn.batchNorm"],
        ["nn.relu"],
        ["nn.flatten"],
        ["nn.linear", 5],
    ],
    [11, 11, 3],
    state_of(module, parameters),
    batches,
    ["losses.crossEntropy"],
    ["optim.sgd", {"learningRate": 0.05, "momentum": 0.9, "nesterov": True, "weightDecay": 0.01}],
    trained(
        module,
        parameters,
        batches,
        lambda all: torch.optim.SGD(all, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
        lambda net, x, labels: F.cross_entropy(net(image(x)), labels.long()),
    ),
)

cases.write()
