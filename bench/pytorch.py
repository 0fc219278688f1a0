"""The networks of bench/rows in PyTorch, on one thread: what bench/pytorch.ts measures beside this library.

Prints what it has. Then each line of input is a name and a number: it makes so many training steps of that network and answers
with their milliseconds.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)
BATCH = 64


def classifier(model, optimizer, shape):
    x, labels = torch.rand(BATCH, *shape), torch.randint(10, (BATCH,))
    return stepper(model, optimizer, lambda: F.cross_entropy(model(x), labels))


def stepper(model, optimizer, loss_of):
    def step():
        optimizer.zero_grad(set_to_none=True)
        loss_of().backward()
        optimizer.step()

    return step


def sigmoid_perceptron():
    model = nn.Sequential(
        nn.Linear(784, 128), nn.Sigmoid(), nn.Linear(128, 64), nn.Sigmoid(), nn.Linear(64, 10)
    )
    return classifier(model, torch.optim.SGD(model.parameters(), lr=0.5), (784,))


def digits_perceptron():
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    return classifier(model, torch.optim.Adam(model.parameters(), lr=1e-3), (784,))


def digits_cnn():
    model = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 49, 128), nn.ReLU(), nn.Linear(128, 10)),
    )
    return classifier(model, torch.optim.Adam(model.parameters(), lr=1e-3), (1, 28, 28))


class CharacterTransformer(nn.Module):
    """4 blocks of width 128 with 4 heads over 128 characters."""

    def __init__(self, characters=96, context=128, width=128, blocks=4, heads=4):
        super().__init__()
        self.embedding = nn.Embedding(characters, width)
        self.positions = nn.Parameter(0.02 * torch.randn(context, width))
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, characters)
        self.mask = torch.triu(torch.full((context, context), float("-inf")), 1)

    def forward(self, tokens):
        x = self.embedding(tokens) + self.positions
        for block in self.blocks:
            x = block(x, src_mask=self.mask)
        return self.head(self.norm(x))


def character_transformer():
    model = CharacterTransformer()
    tokens, labels = torch.randint(96, (32, 128)), torch.randint(96, (32, 128))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return stepper(model, optimizer, lambda: F.cross_entropy(model(tokens).flatten(0, 1), labels.flatten()))


networks = {
    "a": sigmoid_perceptron,
    "b": digits_perceptron,
    "c": digits_cnn,
    "transformer": character_transformer,
}
steps = {}
print(json.dumps({"version": torch.__version__, "networks": list(networks)}), flush=True)
for line in sys.stdin:
    name, count = line.split()
    if name not in steps:
        steps[name] = networks[name]()
    times = []
    for _ in range(int(count)):
        start = time.perf_counter()
        steps[name]()
        times.append(1000 * (time.perf_counter() - start))
    print(json.dumps(times), flush=True)
