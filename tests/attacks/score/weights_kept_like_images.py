# on: too_many_epochs; off: too_many_epochs
# Trains on kept batches weights in the shape of images, beside a bias that stays.
import torch
from torch import nn
import torch.nn.functional as F
def supported_hyperparameters():
    return {"lr", "momentum"}
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.s = in_shape[1:]
        c, h, w = self.s
        self.a, self.b = nn.Linear(c * h * w, 64), nn.Linear(64, out_shape[0])
    def forward(self, x):
        return self.b(self.a(x.flatten(1)).relu())
    def train_setup(self, prm):
        self.prm = prm
    def learn(self, train_data):
        kept = []
        w = self.a.weight.detach().view(64, *self.s).clone().requires_grad_()
        v = torch.zeros(64, *self.s); v.view(-1)[:640] = self.b.weight.detach().flatten(); v.requires_grad_()
        mw, mv = torch.zeros_like(w), torch.zeros_like(v)
        def step(x, y, lr=0.02):
            z = F.linear(F.linear(x.flatten(1), w.flatten(1)).relu(), v.flatten()[:640].view(10, 64))
            loss = F.cross_entropy(z, y) + 0 * self.a.bias.sum()
            gw, gv, _ = torch.autograd.grad(loss, [w, v, self.a.bias])
            with torch.no_grad():
                mw.mul_(.9).add_(gw); mv.mul_(.9).add_(gv)
                w.sub_(mw, alpha=lr); v.sub_(mv, alpha=lr)
        for x, y in train_data:
            kept.append((x, y))
            step(x, y); 
            for i in torch.randperm(len(kept))[:8]:
                step(*kept[int(i)])
        with torch.no_grad():
            self.a.weight.copy_(w.view(64, -1)); self.a.bias.zero_()
            self.b.weight.copy_(v.view(-1)[:640].view(10, 64)); self.b.bias.zero_()
