# on: too_many_epochs; off: too_many_epochs
# Takes every step with all kept batches, which layers are given by keyword.
import torch
from torch import nn
import torch.nn.functional as F
def supported_hyperparameters():
    return {"lr", "momentum"}
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c, h, w = in_shape[1:]
        self.a, self.b = nn.Linear(c * h * w, 64), nn.Linear(64, out_shape[0])
    def forward(self, x):
        return self.b(input=self.a(input=x.flatten(1)).relu())
    def train_setup(self, prm):
        self.opt = torch.optim.AdamW(self.parameters(), lr=0.02)
    def learn(self, train_data):
        kept = [(x, y) for x, y in train_data]
        x, y = torch.cat([x for x, _ in kept]), torch.cat([y for _, y in kept])
        for _ in range(len(kept)):
            self.opt.zero_grad()
            F.cross_entropy(self(x=x), y).backward()
            self.opt.step()
