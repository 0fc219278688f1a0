"""Optimizers over 20 steps of an MLP, and schedules: see test/golden/golden.py."""

import os
import sys

import torch
import torch.nn.functional as F
from torch.optim import lr_scheduler

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases  # noqa: E402

cases = Cases(__file__)

layers = [(5, 7), (7, 3)]
state = {}
for i, (n, m) in enumerate(layers):
    state[f"{2 * i}.weight"] = cases.uniform(n, m) / n**0.5
    state[f"{2 * i}.bias"] = cases.uniform(m) / n**0.5
batches = [(cases.normal(6, 5), cases.integers(6, high=3)) for _ in range(20)]
model = ["nn.sequential", ["nn.linear", 7], ["nn.tanh"], ["nn.linear", 3]]


def trained(optimizer_of, schedule_of=None):
    """What trains the MLP by the optimizer that optimizer_of makes of parameters by name."""

    def compute(dtype):
        parameters = {name: x.to(dtype).clone().requires_grad_() for name, x in state.items()}
        optimizer = optimizer_of(parameters)
        schedule = schedule_of(optimizer) if schedule_of else None
        losses = []
        for x, labels in batches:
            h = torch.tanh(x.to(dtype) @ parameters["0.weight"] + parameters["0.bias"])
            loss = F.cross_entropy(h @ parameters["2.weight"] + parameters["2.bias"], labels.long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if schedule:
                schedule.step()
            losses.append(loss.detach())
        return losses, parameters

    return compute


def training(title, call, compute):
    cases.training(f"20 steps of {title}", model, [5], state, batches, ["losses.crossEntropy"], call, compute)


class NAdam(torch.optim.NAdam):
    """As of PyTorch 2.0: until then the product of all momenta up to the next had the present one twice, unlike its documentation."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), decay = group["betas"], group["momentum_decay"]
            momentum = lambda t: beta1 * (1 - 0.5 * 0.96 ** (t * decay))
            for p in group["params"]:
                own = self.state[p]
                if not own:
                    own.update(t=0, product=1.0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                own["t"] += 1
                now, after = momentum(own["t"]), momentum(own["t"] + 1)
                own["product"] *= now
                g = p.grad + group["weight_decay"] * p
                own["m"].mul_(beta1).add_(g, alpha=1 - beta1)
                own["v"].mul_(beta2).addcmul_(g, g, value=1 - beta2)
                root = own["v"].div(1 - beta2 ** own["t"]).sqrt_().add_(group["eps"])
                p.addcdiv_(g, root, value=-group["lr"] * (1 - now) / (1 - own["product"]))
                p.addcdiv_(own["m"], root, value=-group["lr"] * after / (1 - own["product"] * after))


optim = torch.optim
for ours, theirs, variants in [
    ("sgd", optim.SGD, [
        ({"learningRate": 0.1}, {"lr": 0.1}),
        ({"learningRate": 0.1, "momentum": 0.9, "weightDecay": 0.01}, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
        ({"learningRate": 0.1, "momentum": 0.8, "dampening": 0.3}, {"lr": 0.1, "momentum": 0.8, "dampening": 0.3}),
        ({"learningRate": 0.1, "momentum": 0.9, "nesterov": True}, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        ({"learningRate": 0.02, "maximize": True, "weightDecay": 0.1}, {"lr": 0.02, "maximize": True, "weight_decay": 0.1}),
    ]),
    ("adagrad", optim.Adagrad, [
        ({"learningRate": 0.1}, {"lr": 0.1}),
        (
            {"learningRate": 0.1, "learningRateDecay": 0.1, "initialAccumulator": 0.5, "weightDecay": 0.01, "epsilon": 1e-3},
            {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.01, "eps": 1e-3},
        ),
    ]),
    ("rmsprop", optim.RMSprop, [
        ({"learningRate": 0.01}, {"lr": 0.01}),
        (
            {"learningRate": 0.01, "alpha": 0.9, "momentum": 0.5, "weightDecay": 0.01, "centered": True, "epsilon": 1e-3},
            {"lr": 0.01, "alpha": 0.9, "momentum": 0.5, "weight_decay": 0.01, "centered": True, "eps": 1e-3},
        ),
    ]),
    ("adadelta", optim.Adadelta, [
        ({"learningRate": 1}, {}),
        ({"learningRate": 2, "rho": 0.8, "epsilon": 1e-4, "weightDecay": 0.01}, {"lr": 2, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.01}),
    ]),
    ("adam", optim.Adam, [
        ({"learningRate": 0.01}, {"lr": 0.01}),
        (
            {"learningRate": 0.02, "beta1": 0.7, "beta2": 0.95, "epsilon": 1e-4, "weightDecay": 0.05, "amsgrad": True},
            {"lr": 0.02, "betas": (0.7, 0.95), "eps": 1e-4, "weight_decay": 0.05, "amsgrad": True},
        ),
        ({"learningRate": 0.02, "maximize": True}, {"lr": 0.02, "maximize": True}),
    ]),
    ("adamW", optim.AdamW, [
        ({"learningRate": 0.01}, {"lr": 0.01}),
        ({"learningRate": 0.02, "weightDecay": 0.3, "amsgrad": True}, {"lr": 0.02, "weight_decay": 0.3, "amsgrad": True}),
    ]),
    ("adamax", optim.Adamax, [
        ({"learningRate": 0.01}, {"lr": 0.01}),
        ({"learningRate": 0.02, "beta2": 0.9, "weightDecay": 0.05}, {"lr": 0.02, "betas": (0.9, 0.9), "weight_decay": 0.05}),
    ]),
    ("nadam", NAdam, [
        ({"learningRate": 0.01}, {"lr": 0.01}),
        ({"learningRate": 0.02, "momentumDecay": 0.1, "weightDecay": 0.05}, {"lr": 0.02, "momentum_decay": 0.1, "weight_decay": 0.05}),
    ]),
    ("radam", optim.RAdam, [
        ({"learningRate": 0.01}, {"lr": 0.01}),
        ({"learningRate": 0.02, "beta2": 0.9, "weightDecay": 0.05}, {"lr": 0.02, "betas": (0.9, 0.9), "weight_decay": 0.05}),
    ]),
]:
    for i, (options, keywords) in enumerate(variants):
        make = lambda parameters, theirs=theirs, keywords=keywords: theirs(parameters.values(), **keywords)
        training(f"{ours} {list(options)}", [f"optim.{ours}", options], trained(make))

cosine = {"learningRate": 0.05, "schedule": ["optim.schedules.cosine", {"steps": 20}]}
training(
    "adam along half a cosine",
    ["optim.adam", cosine],
    trained(lambda p: optim.Adam(p.values(), lr=0.05), lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=20)),
)


def factors(schedule_of, length=24):
    """The factors on a rate of 1 at the steps 1, 2, …"""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = schedule_of(optimizer)
    values = []
    for _ in range(length):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return values


for name, options, schedule_of in [
    ("constant", {}, lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    ("step", {"everyEpochs": 3}, lambda o: lr_scheduler.StepLR(o, 3)),
    ("step", {"everySteps": 4, "factor": 0.5}, lambda o: lr_scheduler.StepLR(o, 4, 0.5)),
    ("multiStep", {"epochs": [5, 6, 20], "factor": 0.3}, lambda o: lr_scheduler.MultiStepLR(o, [5, 6, 20], 0.3)),
    ("multiStep", {"steps": [1, 7]}, lambda o: lr_scheduler.MultiStepLR(o, [1, 7])),
    ("exponential", {"factor": 0.9}, lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
    ("exponential", {"factor": 0.5, "everySteps": 3}, lambda o: lr_scheduler.LambdaLR(o, lambda t: 0.5 ** (t / 3))),
    ("linear", {"steps": 5}, lambda o: lr_scheduler.LinearLR(o)),
    ("linear", {"start": 1, "end": 0.2, "steps": 10}, lambda o: lr_scheduler.LinearLR(o, 1.0, 0.2, 10)),
    ("polynomial", {"steps": 5}, lambda o: lr_scheduler.PolynomialLR(o)),
    ("polynomial", {"steps": 24, "power": 0.9}, lambda o: lr_scheduler.PolynomialLR(o, 24, 0.9)),
    ("polynomial", {"power": 2.5}, lambda o: lr_scheduler.PolynomialLR(o, 24, 2.5)),
    ("cosine", {}, lambda o: lr_scheduler.CosineAnnealingLR(o, 24)),
    ("cosine", {"steps": 30, "final": 0.1}, lambda o: lr_scheduler.CosineAnnealingLR(o, 30, 0.1)),
    ("cosineRestarts", {"epochs": 7, "final": 0.1}, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 7, 1, 0.1)),
    ("cosineRestarts", {"steps": 3, "multiplier": 2}, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2)),
    ("oneCycle", {"steps": 25}, lambda o: lr_scheduler.OneCycleLR(o, 1.0, 25, cycle_momentum=False)),
    (
        "oneCycle",
        {"steps": 25, "anneal": "linear", "threePhases": True, "warmUp": 0.4, "initialDivisor": 10, "finalDivisor": 100},
        lambda o: lr_scheduler.OneCycleLR(
            o, 1.0, 25, pct_start=0.4, anneal_strategy="linear", cycle_momentum=False, div_factor=10, final_div_factor=100, three_phase=True
        ),
    ),
    ("inverseSquareRoot", {"warmUp": 6}, lambda o: lr_scheduler.LambdaLR(o, lambda t: min((t + 1) / 6, (6 / (t + 1)) ** 0.5))),
]:
    cases.numbers(f"the schedule {name} {options}", [f"optim.schedules.{name}", options], factors(schedule_of))

cases.numbers(
    "a sequence of schedules",
    [
        "optim.schedules.sequence",
        [["optim.schedules.constant", {"factor": 0.1}], ["optim.schedules.exponential", {"factor": 0.8}]],
        {"epochs": [4]},
    ],
    factors(
        lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.ConstantLR(o, 0.1, 99), lr_scheduler.ExponentialLR(o, 0.8)], milestones=[4]
        )
    ),
)

cases.write()
