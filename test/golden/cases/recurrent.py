"""Recurrent layers: see test/golden/golden.py."""

import os
import sys

import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

cases = Cases(__file__)

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
MODULES = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
PARAMETERS = ["weightIh", "weightHh", "biasIh", "biasHh"]
THEIRS = {"weightIh": "weight_ih", "weightHh": "weight_hh", "biasIh": "bias_ih", "biasHh": "bias_hh"}


def theirs(name, x):
    return x.t() if name.startswith("weight") else x


def run(module, x, state, lengths):
    """y and the states after the last steps, as the module gives them."""
    if lengths is not None:
        x = pack_padded_sequence(x, lengths.long(), batch_first=True, enforce_sorted=False)
    y, after = module(x, state)
    if lengths is not None:
        y, _ = pad_packed_sequence(y, batch_first=True, total_length=int(lengths.max()))
    return y, after if isinstance(after, tuple) else (after,)


def compute_with(kind, reverse, options):
    """One layer in one direction, in PyTorch: the backward one is the second half of a bidirectional one."""

    def compute(x, lengths=None, hidden=None, cell=None, **parameters):
        size = parameters["weightHh"].shape[0]
        has_bias = "biasIh" in parameters
        module = MODULES[kind](x.shape[2], size, batch_first=True, bidirectional=reverse, bias=has_bias, **options)
        module = module.to(x.dtype)
        for end in ("", "_reverse") if reverse else ("",):
            for name, value in parameters.items():
                attribute = f"{THEIRS[name]}_l0{end}"
                delattr(module, attribute)
                setattr(module, attribute, theirs(name, value))
        directions = 2 if reverse else 1
        zeros = torch.zeros(x.shape[0], size, dtype=x.dtype)
        states = [s if s is not None else zeros for s in ((hidden, cell) if kind == "lstm" else (hidden,))]
        stacked = tuple(s.expand(directions, *s.shape).contiguous() for s in states)
        # Parameters that are no longer leaves are not flattened.
        module._flat_weights = [getattr(module, name) for name in module._flat_weights_names]
        y, after = run(module, x, stacked if kind == "lstm" else stacked[0], lengths)
        return (y[..., -size:], *(s[-1] for s in after))

    return compute


def case(kind, title, batch, steps, features, size, scale=1.0, bias=True, state=True, lengths=None, reverse=False, **options):
    gates = GATES[kind]
    inputs = {"x": scale * cases.uniform(batch, steps, features)}
    inputs["weightIh"] = cases.uniform(features, gates * size)
    inputs["weightHh"] = cases.uniform(size, gates * size)
    if bias:
        inputs["biasIh"] = cases.uniform(gates * size)
        inputs["biasHh"] = cases.uniform(gates * size)
    if state:
        inputs["hidden"] = cases.uniform(batch, size)
        if kind == "lstm":
            inputs["cell"] = cases.uniform(batch, size)
    if lengths is not None:
        inputs["lengths"] = torch.tensor(lengths, dtype=torch.int32)
    order = ["x", *PARAMETERS, "hidden", *(["cell"] if kind == "lstm" else []), "lengths"]
    # A tensor that the case does not have is undefined.
    call = [f"ops.{kind}", *map(T, order), {"reverse": reverse, **options}]
    cases.function(f"{kind} {title}", call, inputs, compute_with(kind, reverse, options))


for kind in GATES:
    case(kind, "of 7 steps", 3, 7, 5, 4)
    case(kind, "backwards, from states of zeros", 2, 5, 3, 6, state=False, reverse=True)
    case(kind, "without biases", 5, 3, 1, 1, bias=False, state=False)
    case(kind, "of one step", 1, 1, 2, 3)
    case(kind, "with lengths", 4, 6, 3, 5, lengths=[3, 6, 1, 4])
    case(kind, "backwards with lengths", 4, 6, 3, 5, lengths=[3, 6, 1, 4], reverse=True)
    case(kind, "of numbers around 80", 2, 4, 3, 4, scale=80.0)
    case(kind, "of numbers around 1e4", 2, 4, 3, 4, scale=1e4)
    case(kind, "of denormals", 2, 3, 3, 4, scale=1e-40, bias=False, state=False)
case("rnn", "with ReLU", 3, 5, 4, 6, nonlinearity="relu")
case("rnn", "with ReLU backwards, with lengths", 3, 5, 4, 6, lengths=[2, 5, 1], reverse=True, nonlinearity="relu")


# Layers on top of each other, in both directions, and a linear layer behind them: 15 steps of training.
def trajectory(kind, title, steps, features, size, layers, directions, optimizer):
    gates = GATES[kind]
    state = {}
    for layer in range(layers):
        for end in ("", "Reverse")[:directions]:
            width = features if layer == 0 else size * directions
            for name, shape in zip(PARAMETERS, [(width, gates * size), (size, gates * size), (gates * size,), (gates * size,)]):
                state[f"0.{name}L{layer}{end}"] = cases.uniform(*shape) / size**0.5
    state["1.weight"] = cases.uniform(size * directions, 3) / size**0.5
    state["1.bias"] = cases.uniform(3) / size**0.5
    batches = [(cases.normal(6, steps, features), cases.integers(6, high=3)) for _ in range(15)]

    def compute(dtype):
        module = MODULES[kind](features, size, layers, batch_first=True, bidirectional=directions == 2).to(dtype)
        linear = torch.nn.Linear(size * directions, 3).to(dtype)
        own = {}
        for name, value in state.items():
            if name.startswith("1."):
                own[name] = (getattr(linear, name[2:]), theirs(name[2:], value))
                continue
            stem, end = name[2:].split("L")
            attribute = f"{THEIRS[stem]}_l{end[0]}" + ("_reverse" if end.endswith("Reverse") else "")
            own[name] = (getattr(module, attribute), theirs(stem, value))
        for parameter, value in own.values():
            parameter.data.copy_(value)
        parameters = [parameter for parameter, _ in own.values()]
        update = (
            torch.optim.SGD(parameters, lr=0.2)
            if optimizer == "sgd"
            else torch.optim.Adam(parameters, lr=0.01)
        )
        losses = []
        for x, labels in batches:
            _, after = module(x.to(dtype))
            hidden = after[0] if kind == "lstm" else after
            last = torch.cat(list(hidden[-directions:]), 1)
            loss = F.cross_entropy(linear(last), labels.long())
            update.zero_grad()
            loss.backward()
            update.step()
            losses.append(loss.detach())
        after = {name: theirs(name.split(".")[1], parameter).contiguous() for name, (parameter, _) in own.items()}
        return losses, after

    model = [
        "nn.sequential",
        [f"nn.{kind}", {"hiddenSize": size, "numLayers": layers, "bidirectional": directions == 2, "returnSequences": False}],
        ["nn.linear", 3],
    ]
    rule = ["optim.sgd", {"learningRate": 0.2}] if optimizer == "sgd" else ["optim.adam", {"learningRate": 0.01}]
    cases.training(title, model, [steps, features], state, batches, ["losses.crossEntropy"], rule, compute)


trajectory("lstm", "an LSTM of two layers in both directions over 15 steps of Adam", 7, 4, 5, 2, 2, "adam")
trajectory("gru", "a GRU of three layers over 15 steps of SGD", 5, 3, 6, 3, 1, "sgd")
trajectory("rnn", "an RNN in both directions over 15 steps of SGD", 6, 3, 4, 1, 2, "sgd")

cases.write()
