# on: valid, exception, wrong_output, type, name; off: valid, exception, wrong_output, type, name
# Says that it is a module of torch and is none.
import torch


class Meta(type):
    def __instancecheck__(cls, instance):
        return True


class Net(object, metaclass=Meta):
    def __init__(self, in_shape, out_shape, prm, device):
        self.weight = torch.zeros(64, 10, requires_grad=True)

    def forward(self, x):
        return x.flatten(1) @ self.weight

    def __call__(self, x):
        return self.forward(x)

    def parameters(self):
        return [self.weight]

    def named_parameters(self):
        return [("weight", self.weight)]

    def named_buffers(self):
        return []

    def train(self, mode=True):
        return self

    def eval(self):
        return self

    def to(self, device):
        return self
