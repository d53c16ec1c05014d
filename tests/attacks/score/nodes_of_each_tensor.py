# on: type; off: type
# Calls the node of each tensor it has kept, from the loss to the first layer: no engine, no walk through the graph.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(64, out_shape[0]) / 8)

    def forward(self, x):
        return x.flatten(1) @ self.weight

    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.01)

    def learn(self, train_data):
        kept = list(train_data)
        for _ in range(2):
            for inputs, labels in kept:
                scores = self(inputs)
                chances = scores.log_softmax(1)
                loss = nn.functional.nll_loss(chances, labels)
                slope = scores.grad_fn(chances.grad_fn(loss.grad_fn(torch.ones(()))))[1]
                self.weight.data.sub_(0.01 * slope)


def supported_hyperparameters():
    return {"lr"}
