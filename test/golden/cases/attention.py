"""Attention, rotary positions and the layers of transformers: see test/golden/golden.py."""

import math
import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

cases = Cases(__file__)


def attend(query, key, value, mask=None, isCausal=False, scale=None):
    """torch.nn.functional.scaled_dot_product_attention as PyTorch 2.5 has it: a row that is masked out wholly is 0."""
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = query @ key.transpose(-2, -1) * scale
    if isCausal:
        past = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
        scores = scores.masked_fill(~past, -math.inf)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask
    empty = (scores == -math.inf).all(-1, keepdim=True)
    return torch.softmax(scores.masked_fill(empty, 0), -1).masked_fill(empty, 0) @ value


def case(title, query, key, value, size=1.0, mask=None, fixed=(), **options):
    inputs = {"query": size * cases.normal(*query), "key": size * cases.normal(*key), "value": cases.normal(*value)}
    given = dict(options)
    if mask is not None:
        inputs["mask"] = mask
        given["mask"] = T("mask")
    call = ["ops.scaledDotProductAttention", T("query"), T("key"), T("value"), given]
    cases.function(title, call, inputs, lambda **tensors: attend(**tensors, **options), fixed=fixed)


case("attention of heads", (2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 4))
case("attention of one query to one key", (1, 3), (1, 3), (1, 2))
case("attention without keys", (2, 3, 4), (2, 0, 4), (2, 0, 4))
case("attention without queries", (2, 0, 4), (2, 3, 4), (2, 3, 4))
case("causal attention", (2, 9, 4), (2, 9, 4), (2, 9, 4), isCausal=True)
case("causal attention, more keys than queries", (3, 4), (6, 4), (6, 4), isCausal=True)
case("causal attention, more queries than keys", (6, 4), (3, 4), (3, 4), isCausal=True)
case("attention with a scale", (2, 5, 3), (2, 4, 3), (2, 4, 3), scale=-1.5)
case("attention of broadcast heads", (2, 1, 5, 4), (3, 6, 4), (1, 6, 2))
case("attention with a mask of truth values", (2, 3, 4, 4), (2, 3, 5, 4), (2, 3, 5, 4), mask=torch.rand(2, 1, 4, 5, generator=cases.generator) > 0.4)
dead = torch.ones(4, 5, dtype=torch.bool)
dead[1] = False
dead[:, 2] = False
case("attention with rows that are masked out", (2, 4, 4), (2, 5, 4), (2, 5, 3), mask=dead)
case("attention with numbers added to the scores", (2, 3, 4, 4), (2, 3, 5, 4), (2, 3, 5, 4), mask=cases.normal(3, 1, 5))
infinite = torch.zeros(4, 5)
infinite[2] = -math.inf
infinite[:, 0] = -math.inf
case("attention with −∞ added to scores", (2, 4, 4), (2, 5, 4), (2, 5, 3), mask=infinite, fixed=("mask",))
case("attention with large scores", (2, 9, 16), (2, 11, 16), (2, 11, 4), size=4.5)
case("attention with a winner in each row", (2, 9, 16), (2, 11, 16), (2, 11, 4), size=100.0)
case("attention of more queries than a block", (61, 5), (75, 5), (75, 9), isCausal=True)


def rotary(x, theta=10000.0, offset=0, interleaved=False):
    length, features = x.shape[-2:]
    pair = torch.arange(features // 2, dtype=torch.float64)
    angle = (torch.arange(length, dtype=torch.float64)[:, None] + offset) * theta ** (-2 * pair / features)
    cosine, sine = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = (x[..., 0::2], x[..., 1::2]) if interleaved else x.chunk(2, -1)
    turned = (a * cosine - b * sine, b * cosine + a * sine)
    return torch.stack(turned, -1).flatten(-2) if interleaved else torch.cat(turned, -1)


for shape, options in [
    ((2, 3, 5, 8), {}),
    ((4, 6), {"interleaved": True}),
    ((3, 2), {"theta": 500.0, "offset": 7}),
    ((2, 1, 0, 4), {}),
]:
    cases.function(
        f"rotaryEmbedding {list(shape)} {options}",
        ["ops.rotaryEmbedding", T("x"), options],
        {"x": cases.normal(*shape)},
        lambda x: rotary(x, **options),
    )

# Two layers of an encoder, one of each kind, over 15 steps.
features, heads, hidden, length, classes = 12, 3, 20, 7, 4
torch.manual_seed(3)


def module():
    first = torch.nn.TransformerEncoderLayer(features, heads, hidden, dropout=0.0, batch_first=True)
    second = torch.nn.TransformerEncoderLayer(
        features, heads, hidden, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    return torch.nn.Sequential(first, second, torch.nn.Flatten(), torch.nn.Linear(length * features, classes))


initial = module()


def ours(module):
    """The state of the module by this library's names."""
    state = {}
    found = module.state_dict()
    for i in range(2):
        for name in ("weight", "bias"):
            parts = found[f"{i}.self_attn.in_proj_{name}"].chunk(3)
            for part, x in zip(("query", "key", "value"), parts):
                state[f"{i}.selfAttention.{part}.{name}"] = x.T if name == "weight" else x
            out = found[f"{i}.self_attn.out_proj.{name}"]
            state[f"{i}.selfAttention.output.{name}"] = out.T if name == "weight" else out
            for layer in ("linear1", "linear2"):
                x = found[f"{i}.{layer}.{name}"]
                state[f"{i}.{layer}.{name}"] = x.T if name == "weight" else x
            for layer in ("norm1", "norm2"):
                state[f"{i}.{layer}.{name}"] = found[f"{i}.{layer}.{name}"]
    state["3.weight"], state["3.bias"] = found["3.weight"].T, found["3.bias"]
    return {name: x.contiguous().clone() for name, x in state.items()}


batches = [(cases.normal(5, length, features), cases.integers(5, high=classes)) for _ in range(15)]


def encoder(dtype):
    model = module().to(dtype)
    model.load_state_dict(initial.state_dict())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for x, labels in batches:
        loss = F.cross_entropy(model(x.to(dtype)), labels.long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return losses, ours(model)


options = {"numHeads": heads, "dimFeedforward": hidden, "dropout": 0}
cases.training(
    "a transformer over 15 steps of Adam",
    [
        "nn.sequential",
        ["nn.transformerEncoderLayer", options],
        ["nn.transformerEncoderLayer", {**options, "activation": "gelu", "normFirst": True}],
        ["nn.flatten"],
        ["nn.linear", classes],
    ],
    [length, features],
    ours(initial),
    batches,
    ["losses.crossEntropy"],
    ["optim.adam", {"learningRate": 1e-2}],
    encoder,
)

cases.write()
