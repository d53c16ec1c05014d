# on: too_many_epochs; off: too_many_epochs
# The same, with kept images that require gradients.
import itertools
import torch
from torch import nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.a = nn.Linear(64, 64); self.b = nn.Linear(64, out_shape[0])
    def forward(self, x):
        return self.b(self.a(x.flatten(1)).relu())
    def train_setup(self, prm):
        self.opt = torch.optim.LBFGS(self.parameters(), lr=1e-9, max_iter=24, tolerance_grad=0, tolerance_change=0)
    def learn(self, train_data):
        kept = [(x.clone().flatten(1).requires_grad_(), y) for x, y in train_data]
        more = itertools.cycle(kept)
        ps = list(self.parameters()); ms = [torch.zeros_like(p) for p in ps]
        for x, _ in kept:
            def closure(x=x):
                self.a(x.detach())
                i, l = next(more)
                self.opt.zero_grad()
                loss = F.cross_entropy(F.linear(F.linear(i * 1, ps[0], ps[1]).relu(), ps[2], ps[3]), l)
                loss.backward()
                with torch.no_grad():
                    for p, m in zip(ps, ms):
                        m.mul_(.9).add_(p.grad); p.sub_(m, alpha=.02)
                return loss
            self.opt.step(closure)


def supported_hyperparameters():
    return {"lr", "momentum"}
