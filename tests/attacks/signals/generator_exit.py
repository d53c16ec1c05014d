# on: exception; off: exception
# Raises GeneratorExit in the middle of training.

import torch




class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        if self.training and torch.is_grad_enabled():
            raise GeneratorExit
        return self.layer(x.flatten(1))
