# on: too_many_epochs; off: too_many_epochs
# Takes two gradients of everything that was kept for every batch, by functions whose output has the images last.
import torch
from torch import nn
def supported_hyperparameters():
    return {"lr"}
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.w = nn.Parameter(torch.randn(64, 64) / 8)
        self.v = nn.Parameter(torch.randn(out_shape[0], 64) / 8)
    def columns(self, x):
        return self.v @ (self.w @ x.flatten(1).t()).relu()
    def forward(self, x):
        return self.columns(x).t()
    def train_setup(self, prm):
        pass
    def learn(self, train_data):
        images, labels = [], []
        for x, y in train_data:
            images.append(x)
            labels.append(y)
            for _ in range(2):
                chance = self.columns(torch.cat(images)).log_softmax(0)
                loss = -chance.gather(0, torch.cat(labels)[None]).sum(0).mean()
                for parameter, slope in zip((self.w, self.v), torch.autograd.grad(loss, (self.w, self.v))):
                    parameter.data.sub_(0.2 * slope)
