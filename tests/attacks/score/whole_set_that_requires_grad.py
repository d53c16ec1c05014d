# on: too_many_epochs; off: too_many_epochs
# Takes every step with all kept batches, multiplied by a number that requires gradients.
import torch
from torch import nn
import torch.nn.functional as F
def supported_hyperparameters():
    return {"lr", "momentum"}
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c, h, w = in_shape[1:]
        self.f = nn.Sequential(nn.Flatten(), nn.Linear(c * h * w, 64), nn.ReLU(), nn.Linear(64, out_shape[0]))
    def forward(self, x):
        return self.f(x)

    def train_setup(self, prm):
        self.opt = torch.optim.AdamW(self.parameters(), lr=0.02)
        self.one = torch.ones(1, requires_grad=True)
    def learn(self, train_data):
        kept = list(train_data)
        x, y = torch.cat([b[0] for b in kept]), torch.cat([b[1] for b in kept])
        for _ in kept:
            self.opt.zero_grad()
            F.cross_entropy(self(x * self.one), y).backward()
            self.opt.step()
