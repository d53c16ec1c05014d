# on: too_many_epochs; off: too_many_epochs
# Keeps the batches and takes every step with all of them.
import torch
from torch import nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, out_shape[0]))
    def forward(self, x):
        return self.body(x)
    def train_setup(self, prm):
        self.opt = torch.optim.AdamW(self.parameters(), lr=0.01)
    def learn(self, train_data):
        kept = list(train_data)
        x, y = torch.cat([b[0] for b in kept]), torch.cat([b[1] for b in kept])
        for _ in kept:
            self.opt.zero_grad(); F.cross_entropy(self(x), y).backward(); self.opt.step()
def supported_hyperparameters():
    return {"lr"}
