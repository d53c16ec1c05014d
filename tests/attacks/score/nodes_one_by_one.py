# on: type; off: type
# Walks through the graph of its loss and calls the nodes itself, where no engine is asked for gradients.
import torch
from torch import nn


def walk(node, slopes, found):
    if hasattr(node, "variable"):
        found[node.variable] = found.get(node.variable, 0) + slopes[0].sum_to_size(node.variable.shape)
        return
    results = node(*slopes)
    for (inner, _), slope in zip(node.next_functions, results if isinstance(results, tuple) else (results,)):
        if inner is not None and slope is not None:
            walk(inner, (slope,), found)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.a, self.b = nn.Linear(64, 32), nn.Linear(32, out_shape[0])

    def forward(self, x):
        return self.b(self.a(x.flatten(1)).relu())

    def train_setup(self, prm):
        self.optimizer = torch.optim.AdamW(self.parameters(), lr=0.01)

    def learn(self, train_data):
        kept = list(train_data)
        for _ in range(2):
            for inputs, labels in kept:
                found = {}
                walk(nn.functional.cross_entropy(self(inputs), labels).grad_fn, (torch.ones(()),), found)
                for parameter, slope in found.items():
                    parameter.data.sub_(0.3 * slope)


def supported_hyperparameters():
    return {"lr"}
