"""Losses: see test/golden/golden.py."""

import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

cases = Cases(__file__)
one = lambda y: y.reshape(1) if y.dim() == 0 else y
reductions = ["mean", "sum", "none"]
known = set()


def loss(name, values, compute, options=None, fixed=(), shape=None, title="", **further):
    """A loss with each reduction. values: what it takes, in order; compute: the same of PyTorch, given the reduction."""
    options = options or {}
    # All reductions once for each loss, then one after the other.
    chosen = [reductions[len(cases.cases) % 3]] if name in known else reductions
    known.add(name)
    tensors = {key: value for key, value in values.items()}
    tensors.update({key: value for key, value in options.items() if torch.is_tensor(value)})
    given = {key: T(key) if torch.is_tensor(value) else value for key, value in options.items()}
    for reduction in chosen:
        cases.function(
            f"{name} {title or [list(x.shape) for x in values.values()]} {[k for k in given]} {reduction}",
            [f"ops.{name}", *[T(key) for key in values], {**given, "reduction": reduction}],
            tensors,
            lambda reduction=reduction, **x: one(compute(reduction=reduction, **x)),
            fixed=fixed,
            **further,
        )


# Distances.
for shape in [(7,), (3, 5), (2, 3, 1, 4), (1,)]:
    p, t = cases.normal(*shape) * 2, cases.normal(*shape)
    loss("meanSquaredError", {"prediction": p, "target": t}, lambda prediction, target, reduction: F.mse_loss(prediction, target, reduction=reduction))
    loss("meanAbsoluteError", {"prediction": p, "target": t}, lambda prediction, target, reduction: F.l1_loss(prediction, target, reduction=reduction))
    for delta in (1, 0.3):
        loss("huber", {"prediction": p, "target": t}, lambda prediction, target, reduction, delta=delta: F.huber_loss(prediction, target, reduction=reduction, delta=delta), {"delta": delta})
        loss("smoothL1", {"prediction": p, "target": t}, lambda prediction, target, reduction, beta=delta: F.smooth_l1_loss(prediction, target, reduction=reduction, beta=beta), {"beta": delta})
edge = torch.tensor([0.0, -0.0, 1e4, -1e4, 80.0, 1.0, -1.0, 1e-39, 0.5])
zero = torch.zeros(9)
for name, f in [("meanSquaredError", F.mse_loss), ("meanAbsoluteError", F.l1_loss), ("huber", F.huber_loss), ("smoothL1", F.smooth_l1_loss)]:
    loss(name, {"prediction": edge, "target": zero}, lambda prediction, target, reduction, f=f: f(prediction, target, reduction=reduction), title="edges", fixed=["target"])
loss("smoothL1", {"prediction": edge[2:], "target": zero[2:]}, lambda prediction, target, reduction: F.smooth_l1_loss(prediction, target, reduction=reduction, beta=0), {"beta": 0}, title="edges", fixed=["target"])

# Yes or no.
extreme = torch.tensor([0.0, -0.0, 80.0, -80.0, 1e4, -1e4, 20.0, -20.0, 1e-39, 3.0])
halves = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.25, 0.75, 0.5, 1.0])
for shape in [(7,), (3, 5), (2, 3, 4), (1,)]:
    x, t = cases.normal(*shape) * 3, cases.uniform(*shape, low=0, high=1)
    loss("binaryCrossEntropyWithLogits", {"prediction": x, "target": t}, lambda prediction, target, reduction: F.binary_cross_entropy_with_logits(prediction, target, reduction=reduction))
    weights = cases.uniform(*shape, low=0, high=2)
    pos = cases.uniform(shape[-1], low=0.5, high=3)
    loss(
        "binaryCrossEntropyWithLogits",
        {"prediction": x, "target": t},
        lambda prediction, target, weights, posWeight, reduction: F.binary_cross_entropy_with_logits(prediction, target, weights, pos_weight=posWeight, reduction=reduction),
        {"weights": weights, "posWeight": pos},
        fixed=["weights", "posWeight"],
    )
    probabilities = cases.uniform(*shape, low=0.02, high=0.98)
    loss(
        "binaryCrossEntropy",
        {"prediction": probabilities, "target": t},
        lambda prediction, target, weights, reduction: F.binary_cross_entropy(prediction, target, weights, reduction=reduction),
        {"weights": weights},
        fixed=["weights", "target"],
    )
    signs = torch.sign(cases.normal(*shape))
    loss("softMargin", {"prediction": x, "target": signs}, lambda prediction, target, reduction: F.soft_margin_loss(prediction, target, reduction=reduction), fixed=["target"])
    loss("hingeEmbedding", {"prediction": x, "target": signs}, lambda prediction, target, reduction: F.hinge_embedding_loss(prediction, target, reduction=reduction), fixed=["target"])
    y = cases.normal(*shape)
    loss("hingeEmbedding", {"prediction": x, "target": signs}, lambda prediction, target, reduction: F.hinge_embedding_loss(prediction, target, margin=0.4, reduction=reduction), {"margin": 0.4}, fixed=["target"])
    loss(
        "marginRanking",
        {"first": x, "second": y, "target": signs},
        lambda first, second, target, reduction: F.margin_ranking_loss(first, second, target, margin=0.2, reduction=reduction),
        {"margin": 0.2},
        fixed=["target"],
    )
loss("binaryCrossEntropyWithLogits", {"prediction": extreme, "target": halves}, lambda prediction, target, reduction: F.binary_cross_entropy_with_logits(prediction, target, reduction=reduction), title="edges", fixed=["target"])
certain = torch.tensor([0.0, 1.0, 0.0, 1.0, 1e-39, 0.5, 1 - 2**-24])
wrong = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.5, 0.0])
loss("binaryCrossEntropy", {"prediction": certain, "target": wrong}, lambda prediction, target, reduction: F.binary_cross_entropy(prediction, target, reduction=reduction), title="edges", fixed=["target"], second=False)
for x, t in [(cases.normal(3, 5) * 3, torch.round(cases.uniform(3, 5, low=0, high=1)))]:
    w = cases.uniform(5, low=0, high=2)
    loss("multilabelSoftMargin", {"prediction": x, "target": t}, lambda prediction, target, classWeights, reduction: F.multilabel_soft_margin_loss(prediction, target, classWeights, reduction=reduction), {"classWeights": w}, fixed=["classWeights"])
    loss("multilabelSoftMargin", {"prediction": x, "target": t}, lambda prediction, target, reduction: F.multilabel_soft_margin_loss(prediction, target, reduction=reduction))

    def focal(x, t, alpha, gamma, reduction):
        p = torch.sigmoid(x)
        ce = F.binary_cross_entropy_with_logits(x, t, reduction="none")
        y = ce * (1 - (p * t + (1 - p) * (1 - t))) ** gamma
        if alpha >= 0:
            y = (alpha * t + (1 - alpha) * (1 - t)) * y
        return {"mean": y.mean, "sum": y.sum, "none": lambda: y}[reduction]()

    for alpha, gamma in [(0.25, 2), (-1, 1.5), (0.6, 0)]:
        loss("focal", {"prediction": x, "target": t}, lambda prediction, target, reduction, a=alpha, g=gamma: focal(prediction, target, a, g, reduction), {"alpha": alpha, "gamma": gamma}, fixed=["target"])

# Choices between classes, which are the last axis here and the second in PyTorch.
second = lambda x: x.movedim(-1, 1).contiguous()
for places, classes in [((5,), 3), ((2, 4), 7), ((2, 3, 2), 2), ((1,), 1), ((17,), 9)]:
    x = cases.normal(*places, classes) * 3
    labels = cases.integers(*places, high=classes)
    some = torch.where(cases.uniform(*places) < -0.3, torch.tensor(-100, dtype=torch.int32), labels)
    some.view(-1)[0] = 0
    w = cases.uniform(classes, low=0.2, high=2)
    probabilities = torch.softmax(cases.normal(*places, classes), -1)
    for target, extra in [(labels, {}), (some, {}), (labels, {"ignoreIndex": 0})]:
        for weighted in (False, True):
            for name, smoothing in [("nll", 0), ("crossEntropy", 0), ("crossEntropy", 0.1)]:
                options = {**extra, **({"classWeights": w} if weighted else {}), **({"labelSmoothing": smoothing} if smoothing else {})}

                def compute(prediction, target, reduction, classWeights=None, name=name, extra=extra, smoothing=smoothing):
                    ignore = extra.get("ignoreIndex", -100)
                    if name == "nll":
                        return F.nll_loss(second(prediction), target.long(), classWeights, ignore_index=ignore, reduction=reduction)
                    return F.cross_entropy(second(prediction), target.long(), classWeights, ignore_index=ignore, reduction=reduction, label_smoothing=smoothing)

                # Where all labels are ignored, PyTorch's mean is NaN, as ours.
                loss(name, {"prediction": x, "target": target}, compute, options, fixed=["classWeights"])
    for options in [{}, {"classWeights": w}, {"labelSmoothing": 0.2}, {"classWeights": w, "labelSmoothing": 0.2}]:
        loss(
            "crossEntropy",
            {"prediction": x, "target": probabilities},
            lambda prediction, target, reduction, classWeights=None, options=options: F.cross_entropy(second(prediction), second(target), classWeights, reduction=reduction, label_smoothing=options.get("labelSmoothing", 0)),
            options,
            fixed=["classWeights"],
        )
    if len(places) == 1:
        for options in [{}, {"margin": 0.5, "p": 2}, {"classWeights": w}]:
            loss(
                "multiMargin",
                {"prediction": x, "target": labels},
                lambda prediction, target, reduction, classWeights=None, options=options: F.multi_margin_loss(prediction, target.long(), p=options.get("p", 1), margin=options.get("margin", 1), weight=classWeights, reduction=reduction),
                options,
                fixed=["classWeights"],
                second=False,
            )
logits = torch.tensor([[80.0, -80.0, 0.0], [1e4, -1e4, 1e4], [0.0, -0.0, 1e-39], [-float("inf"), 1.0, 2.0], [1.0, -float("inf"), -float("inf")]])
labels = torch.tensor([1, 0, 2, 1, 0], dtype=torch.int32)
loss("crossEntropy", {"prediction": logits, "target": labels}, lambda prediction, target, reduction: F.cross_entropy(prediction, target.long(), reduction=reduction), title="edges", second=False)
nothing = torch.full((3,), -100, dtype=torch.int32)
loss("crossEntropy", {"prediction": cases.normal(3, 4), "target": nothing}, lambda prediction, target, reduction: F.cross_entropy(prediction, target.long(), reduction=reduction), title="nothing counts", second=False)

# Likelihoods.
for shape in [(7,), (3, 5), (2, 3, 4)]:
    q, t = torch.log_softmax(cases.normal(*shape), -1), torch.softmax(cases.normal(*shape), -1)
    for log_target in (False, True):
        for reduction in ["mean", "sum", "none", "batchMean"]:
            cases.function(
                f"klDivergence {list(shape)} {log_target} {reduction}",
                ["ops.klDivergence", T("prediction"), T("target"), {"logTarget": log_target, "reduction": reduction}],
                {"prediction": q, "target": torch.log(t) if log_target else t},
                lambda prediction, target, log_target=log_target, reduction=reduction: one(F.kl_div(prediction, target, reduction=reduction.lower(), log_target=log_target)),
            )
    x, counts = cases.normal(*shape), torch.floor(cases.uniform(*shape, low=0, high=6))
    for log_input, full in [(True, False), (True, True), (False, False), (False, True)]:
        loss(
            "poissonNll",
            {"prediction": x if log_input else x.abs() + 0.1, "target": counts},
            lambda prediction, target, reduction, log_input=log_input, full=full: F.poisson_nll_loss(prediction, target, log_input=log_input, full=full, reduction=reduction),
            {"logInput": log_input, "full": full},
            fixed=["target"],
        )
    mean, variance = cases.normal(*shape), cases.uniform(*shape, low=0.1, high=2)
    loss("gaussianNll", {"prediction": x, "target": mean, "variance": variance}, lambda prediction, target, variance, reduction: F.gaussian_nll_loss(prediction, target, variance, reduction=reduction))
    loss("gaussianNll", {"prediction": x, "target": mean, "variance": variance[..., :1]}, lambda prediction, target, variance, reduction: F.gaussian_nll_loss(prediction, target, variance, full=True, reduction=reduction), {"full": True})
tiny = torch.tensor([0.0, 1e-9, 1e-6, 1e-3])
loss("gaussianNll", {"prediction": torch.zeros(4), "target": torch.tensor([0.0, 1e-3, 1e-2, 1.0]), "variance": tiny}, lambda prediction, target, variance, reduction: F.gaussian_nll_loss(prediction, target, variance, reduction=reduction), title="edges", fixed=["prediction", "target"])
loss("klDivergence", {"prediction": torch.tensor([-1.0, -2.0, -80.0]), "target": torch.tensor([0.0, 1.0, 0.0])}, lambda prediction, target, reduction: F.kl_div(prediction, target, reduction=reduction), title="edges", fixed=["target"])

# Vectors.
for n, d in [(5, 3), (1, 2), (4, 17)]:
    a, b, c = cases.normal(n, d), cases.normal(n, d), cases.normal(n, d)
    signs = torch.sign(cases.normal(n))
    loss("cosineEmbedding", {"first": a, "second": b, "target": signs}, lambda first, second, target, reduction: F.cosine_embedding_loss(first, second, target, margin=-0.2, reduction=reduction), {"margin": -0.2}, fixed=["target"])
    for p, swap in [(2, False), (2, True), (1, False), (3, False)]:
        loss(
            "tripletMargin",
            {"anchor": a, "positive": b, "negative": c},
            lambda anchor, positive, negative, reduction, p=p, swap=swap: F.triplet_margin_loss(anchor, positive, negative, p=p, swap=swap, reduction=reduction),
            {"p": p, "swap": swap},
        )
    loss("tripletMargin", {"anchor": a, "positive": b, "negative": c}, lambda anchor, positive, negative, reduction: F.triplet_margin_loss(anchor, positive, negative, margin=5, reduction=reduction), {"margin": 5})

    def info_nce(query, key, reduction):
        cosines = F.normalize(query, dim=-1) @ F.normalize(key, dim=-1).T
        return F.cross_entropy(cosines / 0.1, torch.arange(len(query)), reduction=reduction)

    loss("infoNce", {"query": a, "key": b}, lambda query, key, reduction: info_nce(query, key, reduction))

    def with_negatives(query, key, negatives, reduction):
        query, key, negatives = (F.normalize(x, dim=-1) for x in (query, key, negatives))
        cosines = torch.cat([(query * key).sum(1, keepdim=True), query @ negatives.T], 1)
        return F.cross_entropy(cosines / 0.5, torch.zeros(len(query), dtype=torch.long), reduction=reduction)

    loss("infoNce", {"query": a, "key": b}, with_negatives, {"temperature": 0.5, "negatives": cases.normal(6, d)})
loss("cosineEmbedding", {"first": torch.tensor([[0.0, 0.0], [1e4, 1e4]]), "second": torch.tensor([[1.0, 0.0], [1e4, 1e4]]), "target": torch.tensor([-1.0, 1.0])}, lambda first, second, target, reduction: F.cosine_embedding_loss(first, second, target, margin=-0.5, reduction=reduction), {"margin": -0.5}, title="edges", fixed=["target"], second=False)

# Connectionist temporal classification: batches first here, steps first in PyTorch. Of logits, since PyTorch's gradient of the
# logarithms themselves is that of logits.
for batch, steps, classes, targets, blank in [(3, 6, 5, 2, 0), (2, 12, 4, 5, 3), (1, 1, 2, 1, 0), (2, 5, 3, 0, 0), (4, 30, 6, 8, 0)]:
    x = cases.normal(batch, steps, classes) * 2
    labels = cases.integers(batch, targets, high=classes - 1) + (1 if blank == 0 else 0)
    if targets > 1:
        labels[0, 1] = labels[0, 0]
    input_lengths = torch.maximum(cases.integers(batch, low=1, high=steps + 1), torch.tensor(steps // 2)).int()
    target_lengths = cases.integers(batch, high=targets + 1)
    for full in (True, False):
        for zero_infinity in (True, False) if not full else (False,):
            options = {"blank": blank, "zeroInfinity": zero_infinity}
            if not full:
                options.update(inputLengths=input_lengths, targetLengths=target_lengths)

            def compute(logits, labels, reduction, inputLengths=None, targetLengths=None, batch=batch, steps=steps, targets=targets, blank=blank, zero_infinity=zero_infinity):
                ours = inputLengths is None
                lengths = (torch.full((batch,), steps), torch.full((batch,), targets)) if ours else (inputLengths.long(), targetLengths.long())
                return F.ctc_loss(torch.log_softmax(logits, -1).movedim(0, 1), labels.long(), *lengths, blank=blank, reduction=reduction, zero_infinity=zero_infinity)

            tensors = {"logits": x, "labels": labels, **({} if full else {"inputLengths": input_lengths, "targetLengths": target_lengths})}
            given = {k: T(k) if torch.is_tensor(v) else v for k, v in options.items()}
            for reduction in reductions:
                cases.function(
                    f"ctc {[batch, steps, classes, targets]} {full} {zero_infinity} {reduction}",
                    ["ops.ctc", ["ops.logSoftmax", T("logits")], T("labels"), {**given, "reduction": reduction}],
                    tensors,
                    lambda reduction=reduction, **x: one(compute(reduction=reduction, **x)),
                    second=False,
                )

cases.write()
