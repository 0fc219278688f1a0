"""Normalisations: see test/golden/golden.py."""

import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from golden import Cases, T  # noqa: E402

cases = Cases(__file__)


def first(x):
    """Channels behind the batch, as PyTorch has them."""
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


rows = {
    "[3, 5]": cases.normal(3, 5),
    "[2, 1, 1]": cases.normal(2, 1, 1),
    "[9, 70]": cases.normal(9, 70),
    "of mean 1e4": cases.normal(4, 33) + 1e4,
    "of ±1e4": cases.normal(4, 33) * 1e4,
    "nearly constant": cases.normal(4, 9) * 1e-6 + 0.5,
    "[0, 4]": cases.normal(0, 4),
}
for title, x in rows.items():
    width = x.shape[-1]
    gamma, beta = cases.normal(width), cases.normal(width)
    run = lambda x, gamma, beta, width=width: F.layer_norm(x, (width,), gamma, beta)
    cases.function(f"layerNorm {title}", ["ops.layerNorm", T("x"), T("gamma"), T("beta")], {"x": x, "gamma": gamma, "beta": beta}, run)
    rms = lambda x, gamma: x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 2**-23) * gamma
    cases.function(f"rmsNorm {title}", ["ops.rmsNorm", T("x"), T("gamma")], {"x": x, "gamma": gamma}, rms)
x, gamma, beta = cases.normal(4, 2, 3), cases.normal(2, 3), cases.normal(2, 3)
given = {"normalizedShape": [2, 3], "epsilon": 1e-2}
run = lambda x, gamma, beta: F.layer_norm(x, (2, 3), gamma, beta, 1e-2)
cases.function("layerNorm over two axes", ["ops.layerNorm", T("x"), T("gamma"), T("beta"), given], {"x": x, "gamma": gamma, "beta": beta}, run)

for shape, groups in [((2, 3, 6), 3), ((2, 3, 6), 1), ((2, 3, 6), 6), ((3, 8), 2), ((2, 2, 3, 4), 2)]:
    x, gamma, beta = cases.normal(*shape) + 3, cases.normal(shape[-1]), cases.normal(shape[-1])
    run = lambda x, gamma, beta, groups=groups: last(F.group_norm(first(x), groups, gamma, beta))
    call = ["ops.groupNorm", T("x"), T("gamma"), T("beta"), {"numGroups": groups}]
    cases.function(f"groupNorm {list(shape)}, {groups}", call, {"x": x, "gamma": gamma, "beta": beta}, run)
for shape, offset in [((2, 5, 3), 0), ((2, 2, 3, 4), 1e3), ((1, 2, 1), 0)]:
    x, gamma, beta = cases.normal(*shape) + offset, cases.normal(shape[-1]), cases.normal(shape[-1])
    run = lambda x, gamma, beta: last(F.instance_norm(first(x), weight=gamma, bias=beta))
    call = ["ops.instanceNorm", T("x"), T("gamma"), T("beta")]
    cases.function(f"instanceNorm {list(shape)} + {offset}", call, {"x": x, "gamma": gamma, "beta": beta}, run)
for size in (1, 2, 5, 9):
    given = {"size": size, "alpha": 0.3, "beta": 0.6, "k": 1.5}
    run = lambda x, size=size: last(F.local_response_norm(first(x), size, 0.3, 0.6, 1.5))
    cases.function(f"localResponseNorm of {size}", ["ops.localResponseNorm", T("x"), given], {"x": cases.normal(2, 3, 7)}, run)

# Lookups: rows of a table, and bags of them.
table = cases.normal(6, 4)
indices = torch.tensor([[1, 0, 5], [1, 1, 2]], dtype=torch.int32)
run = lambda table, indices: F.embedding(indices.long(), table, padding_idx=1)
cases.function("embedding", ["ops.embedding", T("indices"), T("table"), {"paddingIndex": 1}], {"table": table, "indices": indices}, run, second=False)
flat, offsets = indices.reshape(-1), torch.tensor([0, 2, 2, 5], dtype=torch.int32)
for mode in ("sum", "mean", "max"):
    for padding in (None, 1):
        given = {"mode": mode, **({} if padding is None else {"paddingIndex": padding})}
        run = lambda table, indices, mode=mode, padding=padding: F.embedding_bag(indices.long(), table, mode=mode, padding_idx=padding)
        cases.function(f"embeddingBag {given}", ["ops.embeddingBag", T("indices"), T("table"), T("none"), T("none"), given], {"table": table, "indices": indices}, run, second=False)
        run = lambda table, indices, offsets, mode=mode, padding=padding: F.embedding_bag(indices.long(), table, offsets.long(), mode=mode, padding_idx=padding)
        call = ["ops.embeddingBag", T("indices"), T("table"), T("offsets"), T("none"), given]
        cases.function(f"embeddingBag with offsets {given}", call, {"table": table, "indices": flat, "offsets": offsets}, run, second=False)

cases.write()
