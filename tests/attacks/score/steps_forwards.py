# on: too_many_epochs; off: too_many_epochs
# Takes its gradients forwards, in passes that only seem to measure.
import torch
from torch import nn
import torch.nn.functional as F
def supported_hyperparameters():
    return {"lr", "momentum"}
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c, h, w = in_shape[1:]
        self.f = nn.Sequential(nn.Flatten(), nn.Linear(c * h * w, 4), nn.ReLU(), nn.Linear(4, out_shape[0]))
    def forward(self, x):
        return self.f(x)

    def train_setup(self, prm):
        pass
    def learn(self, train_data):
        for epoch in range(4):
          with torch.no_grad():
            for x, y in train_data:
                ps = {n: p.detach() for n, p in self.named_parameters()}
                def loss(q):
                    return F.cross_entropy(torch.func.functional_call(self, q, (x,)), y)
                g = torch.func.jacfwd(loss)(ps)
                for n, p in self.named_parameters():
                    p.sub_(g[n], alpha=0.2)
