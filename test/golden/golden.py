"""What PyTorch computes, for test/golden/cases.test.ts to compare this library with.

Each script in test/golden/cases makes the data beside it: `python3 test/golden/cases/losses.py` writes losses.safetensors.
Needs PyTorch and NumPy (made with PyTorch 1.13.1). The tests need only the data.

Everything is computed twice from the same float32 numbers: in float64, which is the reference, and in float32. How far the
two are apart is what float32 costs where PyTorch does it; the test allows a small multiple of that.

A case says how this library is called by an expression: a list whose first item is a name of the public API is a call,
`{"tensor": "x"}` a tensor of the case; all else stands for itself.
"""

import json
import os
import struct
import sys

import numpy
import torch

torch.set_num_threads(1)
T = lambda name: {"tensor": name}


class Cases:
    """The cases of one file."""

    def __init__(self, script, seed=1):
        self.path = os.path.splitext(os.path.abspath(script))[0] + ".safetensors"
        self.cases = []
        self.tensors = {}
        self.generator = torch.Generator().manual_seed(seed)

    def uniform(self, *shape, low=-1.0, high=1.0):
        """Random float32 numbers."""
        return low + (high - low) * torch.rand(shape, generator=self.generator)

    def normal(self, *shape, mean=0.0, std=1.0):
        return mean + std * torch.randn(shape, generator=self.generator)

    def integers(self, *shape, low=0, high):
        return torch.randint(low, high, shape, generator=self.generator, dtype=torch.int32)

    def function(self, title, call, inputs, compute, second=True, fixed=(), elementwise=False, floor=0.0):
        """
        One function of tensors: its results, the gradients of Σ u·y with random u, and those of Σ v·gradient with random v.

        call         the expression, with T("x") for an input
        inputs       tensors by name: float32 ones are differentiated unless named in `fixed`; int32 and bool ones are not
        compute      the same in PyTorch: takes the tensors by name, floating ones in the precision at hand; returns one tensor
                     or a tuple of those that the function returns, in this library's layout
        second       whether gradients of gradients are compared
        elementwise  whether errors are relative to each element, not to the largest
        floor        an error that is allowed everywhere: what float32 costs intermediate results that cancel
        """
        case = {"kind": "function", "title": title, "call": call, "elementwise": elementwise, "floor": floor}
        varied = [name for name, x in inputs.items() if x.is_floating_point() and name not in fixed]
        runs = {}
        upstream, directions = {}, {}
        for dtype in (torch.float64, torch.float32):
            given = {name: x.to(dtype) if x.is_floating_point() else x for name, x in inputs.items()}
            for name in varied:
                given[name] = given[name].clone().requires_grad_()
            results = compute(**given)
            results = results if isinstance(results, tuple) else (results,)
            found = {f"y{i}": y for i, y in enumerate(results)}
            smooth = [(name, y) for name, y in found.items() if y.is_floating_point() and y.requires_grad]
            if varied and smooth:
                for name, y in smooth:
                    upstream.setdefault(f"u:{name}", self.uniform(*y.shape))
                total = sum((upstream[f"u:{name}"].to(dtype) * y).sum() for name, y in smooth)
                values = [given[name] for name in varied]
                first = torch.autograd.grad(total, values, create_graph=second, allow_unused=True)
                first = [torch.zeros_like(x) if g is None else g for g, x in zip(first, values)]
                found.update({f"d:{name}": g for name, g in zip(varied, first)})
                if second:
                    for name, x in zip(varied, values):
                        directions.setdefault(f"v:{name}", self.uniform(*x.shape))
                    along = sum((directions[f"v:{name}"].to(dtype) * g).sum() for name, g in zip(varied, first))
                    if along.requires_grad:
                        again = torch.autograd.grad(along, values, allow_unused=True)
                        again = [torch.zeros_like(x) if g is None else g for g, x in zip(again, values)]
                        found.update({f"dd:{name}": g for name, g in zip(varied, again)})
                    else:
                        found.update({f"dd:{name}": torch.zeros_like(x) for name, x in zip(varied, values)})
            runs[dtype] = {name: x.detach() for name, x in found.items()}
        case["inputs"] = list(inputs)
        case["varied"] = varied
        self._add(case, {**inputs, **upstream, **directions}, runs)

    def training(self, title, model, input_shape, state, batches, loss, optimizer, compute, data_type="f32"):
        """
        Steps of training: the loss before each step, and the state after the last.

        model      the expression of a layer; input_shape is that of a sample
        state      float32 tensors by the names and in the layout of this library: where both begin
        batches    list of (inputs, targets), of one size
        compute    takes the precision, returns (losses, state after the last step by the same names)
        """
        case = {"kind": "training", "title": title, "model": model, "inputShape": list(input_shape), "loss": loss}
        case.update({"optimizer": optimizer, "dataType": data_type, "steps": len(batches), "batch": len(batches[0][0])})
        case["state"] = list(state)
        inputs = torch.cat([x for x, _ in batches])
        targets = torch.cat([t for _, t in batches])
        runs = {}
        for dtype in (torch.float64, torch.float32):
            losses, after = compute(dtype)
            found = {"losses": torch.tensor([float(x) for x in losses], dtype=dtype)}
            found.update({f"after:{name}": x.detach() for name, x in after.items()})
            runs[dtype] = found
        self._add(case, {"inputs": inputs, "targets": targets, **{f"state:{k}": x for k, x in state.items()}}, runs)

    def numbers(self, title, call, values):
        """A list of numbers, such as the rates of a schedule at the steps 1, 2, …"""
        case = {"kind": "numbers", "title": title, "call": call}
        x = torch.tensor(values, dtype=torch.float64)
        self._add(case, {}, {torch.float64: {"values": x}, torch.float32: {"values": x}})

    def write(self):
        """Writes the file."""
        header, offset, blobs = {"__metadata__": {"cases": json.dumps(self.cases)}}, 0, []
        for name, x in self.tensors.items():
            kinds = {torch.float64: "F64", torch.float32: "F32", torch.int32: "I32", torch.bool: "BOOL"}
            blob = numpy.ascontiguousarray(x.numpy()).tobytes()
            header[name] = {"dtype": kinds[x.dtype], "shape": list(x.shape), "data_offsets": [offset, offset + len(blob)]}
            offset += len(blob)
            blobs.append(blob)
        text = json.dumps(header, separators=(",", ":")).encode()
        with open(self.path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
        print(f"{os.path.basename(self.path)}: {len(self.cases)} cases, {offset} bytes", file=sys.stderr)

    def _add(self, case, given, runs):
        number = len(self.cases)
        for name, x in given.items():
            self.tensors[f"{number}/{name}"] = x.detach().float() if x.is_floating_point() else x
        case["results"] = list(runs[torch.float64])
        case["errors"] = {}
        for name, exact in runs[torch.float64].items():
            if exact.dtype == torch.int64:
                exact = exact.int()
            elif exact.is_floating_point():
                case["errors"][name] = error_of(exact, runs[torch.float32][name])
                # Trajectories keep their last bits; all else is compared as float32 has it.
                exact = exact if case["kind"] == "numbers" else exact.float()
            self.tensors[f"{number}/{name}"] = exact
        self.cases.append(case)


def error_of(exact, found):
    """The largest distance of finite numbers: [absolute, in relation to the element]."""
    distance = (exact - found.double()).abs()
    both = torch.isfinite(distance) & torch.isfinite(exact.float())
    if not both.any():
        return [0.0, 0.0]
    distance, size = distance[both], exact[both].abs()
    return [float(distance.max()), float((distance / size.clamp_min(1e-30)).max())]


def torch_state(module, names, to_ours=lambda name, x: x):
    """The parameters and buffers of a module by this library's names. names: ours by PyTorch's"""
    found = module.state_dict()
    return {ours: to_ours(theirs, found[theirs].clone()) for theirs, ours in names.items()}
