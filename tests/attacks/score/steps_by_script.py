# on: too_many_epochs; off: too_many_epochs
# Trains on kept batches with gradients that a script asks C++ for.
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
        pass
    def learn(self, train_data):
        kept = [(x, y) for x, y in train_data]
        ps = list(self.parameters())
        for epoch in range(15):
            for x, y in kept:
                loss = F.cross_entropy(self(x), y)
                grads = gradients(loss, ps)
                with torch.no_grad():
                    for p, g in zip(ps, grads):
                        p.sub_(g, alpha=0.2)
from typing import List, Optional
@torch.jit.script
def gradients(loss: torch.Tensor, ps: List[torch.Tensor]) -> List[torch.Tensor]:
    gs = torch.autograd.grad([loss], ps)
    out: List[torch.Tensor] = []
    for g in gs:
        if g is not None:
            out.append(g)
    return out
