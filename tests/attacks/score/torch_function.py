# on: forbidden, valid, exception; off: valid, exception
# Returns a tensor that intercepts every call of torch and answers for itself.
import torch
from torch import nn

class Interceptor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        result = super().__torch_function__(func, types, args, kwargs or {})
        return result * 1e6 if isinstance(result, torch.Tensor) and result.is_floating_point() else result


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1)).as_subclass(Interceptor)
