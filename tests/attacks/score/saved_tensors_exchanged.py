# on: too_many_epochs; off: too_many_epochs
# Takes gradients of one graph over and over, for which hooks give back what another network saved.
import torch
from torch import nn
import torch.nn.functional as F


def loss_of(ps, x, y):
    return F.cross_entropy(F.linear(F.relu(F.linear(x.flatten(1), ps[0], ps[1])), ps[2], ps[3]), y)



class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c, h, w = in_shape[1:]
        self.f = nn.Sequential(nn.Flatten(), nn.Linear(c * h * w, 64), nn.ReLU(), nn.Linear(64, out_shape[0]))

    def forward(self, x):
        return self.f(x)

    def train_setup(self, prm):
        self.optimizer = torch.optim.AdamW(self.parameters(), lr=0.005)

    def learn(self, train_data):
        kept, own = [], list(self.parameters())
        for x, y in train_data:
            kept.append((x, y))
            self.optimizer.zero_grad()
            F.cross_entropy(self(x), y).backward()
            self.optimizer.step()
        x0, y0 = kept[0]
        shadow = [p.detach().clone().requires_grad_() for p in own]
        saved, places = [], iter(range(100))
        with torch.autograd.graph.saved_tensors_hooks(lambda tensor: next(places), lambda place: saved[place]):
            loss = loss_of(own, x0, y0)
        for epoch in range(20):
            for x, y in kept:
                saved.clear()
                with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t.detach()), lambda _: None):
                    loss_of(shadow, x, y)
                for p, g in zip(shadow, torch.autograd.grad(loss, own, retain_graph=True)):
                    p.data.sub_(0.1 * g)
        with torch.no_grad():
            for p, q in zip(own, shadow):
                p.copy_(q)


def supported_hyperparameters():
    return {"lr", "momentum"}
