# on: forbidden; off: exception
# Downloads a trained network.

import torch

torch.hub.load_state_dict_from_url("https://download.pytorch.org/models/resnet18-f37072fd.pth", progress=False)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
