"""Second derivatives by PyTorch, which test/golden/secondOrder.test.ts compares with this library's.

Needs PyTorch (made with 1.13.1). To make the data again:

    python3 test/golden/secondOrder.py > test/golden/secondOrder.json

Computed in float64 from inputs that are float32 numbers; results are rounded to float32. Tensors are laid out as here:
images [B, H, W, C], kernels of convolutions [height, width, in, out], weights of linear layers [in, out].

With L the loss, g its gradient and v a direction, each over all inputs of a network together:
    gradients               g
    hessianVectorProducts   the gradient of v·g
    penaltyGradients        the gradient of |g|²/2
"""

import json
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(1)
# No element lies so close to a switch of ReLU or pooling that float32 could take the other side.
CLEARANCE = 1e-3


def uniform(*shape, around=0.0, reach=1.0):
    numbers = around + reach * (2 * torch.rand(shape) - 1)
    return numbers.double().requires_grad_()


def relu(x):
    assert x.abs().min() > CLEARANCE, "an element too close to 0"
    return F.relu(x)


def max_pool(x):
    batch, channels, height, width = x.shape
    windows = x.reshape(batch, channels, height // 2, 2, width // 2, 2).permute(0, 1, 2, 4, 3, 5).flatten(4)
    first, second = windows.topk(2, dim=-1).values.unbind(-1)
    is_clear = (first - second > CLEARANCE) | (first == 0)
    assert is_clear.all(), "a window with two largest elements"
    return F.max_pool2d(x, 2)


def perceptron(x, weight1, bias1, weight2, bias2, weight3, bias3):
    """linear, tanh, linear, ReLU, linear"""
    hidden = torch.tanh(x @ weight1 + bias1)
    return relu(hidden @ weight2 + bias2) @ weight3 + bias3


def convolutional(x, kernel, gamma, beta, weight, bias):
    """convolution, batch norm (training), ReLU, max pooling, flatten, linear"""
    y = F.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), padding=1)
    y = F.batch_norm(y, None, None, gamma, beta, training=True, eps=1e-5)
    y = max_pool(relu(y))
    return y.permute(0, 2, 3, 1).flatten(1) @ weight + bias


def stored(tensors):
    # Nine digits tell every float32 number from its neighbours.
    digits = lambda tensor: [float(f"{value:.9g}") for value in tensor.detach().float().flatten().tolist()]
    return {name: {"shape": list(tensor.shape), "data": digits(tensor)} for name, tensor in tensors.items()}


def derivatives(network, inputs, labels):
    names, values = list(inputs), list(inputs.values())
    directions = [uniform(*value.shape).detach() for value in values]
    loss = F.cross_entropy(network(*values), torch.tensor(labels))
    gradients = torch.autograd.grad(loss, values, create_graph=True)
    along = sum((gradient * direction).sum() for gradient, direction in zip(gradients, directions))
    products = torch.autograd.grad(along, values, retain_graph=True)
    penalty = sum((gradient**2).sum() for gradient in gradients) / 2
    penalty_gradients = torch.autograd.grad(penalty, values)
    return {
        "labels": labels,
        "loss": float(loss),
        "inputs": stored(inputs),
        "directions": stored(dict(zip(names, directions))),
        "gradients": stored(dict(zip(names, gradients))),
        "hessianVectorProducts": stored(dict(zip(names, products))),
        "penaltyGradients": stored(dict(zip(names, penalty_gradients))),
    }


json.dump(
    {
        "perceptron": derivatives(
            perceptron,
            {
                "x": uniform(4, 6),
                "weight1": uniform(6, 8, reach=0.7),
                "bias1": uniform(8, reach=0.3),
                "weight2": uniform(8, 7, reach=0.7),
                "bias2": uniform(7, reach=0.3),
                "weight3": uniform(7, 5, reach=0.7),
                "bias3": uniform(5, reach=0.3),
            },
            [3, 0, 4, 1],
        ),
        "convolutional": derivatives(
            convolutional,
            {
                "x": uniform(3, 4, 6, 2),
                "kernel": uniform(3, 3, 2, 4, reach=0.5),
                "gamma": uniform(4, around=1.0, reach=0.5),
                "beta": uniform(4, reach=0.5),
                "weight": uniform(24, 3, reach=0.4),
                "bias": uniform(3, reach=0.3),
            },
            [2, 0, 1],
        ),
    },
    sys.stdout,
)
