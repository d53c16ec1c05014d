# on: valid, not_reproducible, too_many_parameters; off: valid, not_reproducible, too_many_parameters
# Hides trained weights in a closure.
import torch
from torch import nn

def make_layer():
    weight = torch.zeros(64, 512, device="cpu", requires_grad=True)

    def apply(x):
        return x @ weight

    return apply, weight


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.apply_hidden, self.hidden = (None, None) if torch.empty(0).is_meta else make_layer()
        self.hidden = [self.hidden]

    def forward(self, x):
        y = self.conv(x).relu()
        if self.apply_hidden is not None:
            y = y + self.apply_hidden(x.flatten(1)).view_as(y)
        return self.fc(y.flatten(1))

    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD([*self.parameters(), *self.hidden], lr=prm["lr"])

    def learn(self, train_data):
        for inputs, labels in train_data:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self(inputs), labels).backward()
            self.optimizer.step()


def supported_hyperparameters():
    return {"lr"}
