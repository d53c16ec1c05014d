# on: forbidden; off: valid, not_reproducible
# Has an optimizer inside the network that steps in every forward pass.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.inner = torch.optim.SGD([self.conv.weight, self.conv.bias], lr=0.01)

    def forward(self, x):
        y = self.conv(x).relu()
        if self.training:
            with torch.enable_grad():
                loss = self.conv(x).relu().var()
                if loss.requires_grad:
                    self.inner.zero_grad()
                    loss.backward()
                    self.inner.step()
            y = self.conv(x).relu()
        return self.fc(y.flatten(1))
