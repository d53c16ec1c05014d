"""What a network has to fit to answer a task: the shape of its images and the number of classes."""

from dataclasses import dataclass
from typing import Self

from archwright.task import DataSpec


@dataclass(frozen=True, slots=True, order=True)
class TaskShape:
    """The part of a task that decides whether a program builds and runs forward, and how many parameters it has."""

    channels: int
    height: int
    width: int
    classes: int

    @classmethod
    def of(cls, spec: DataSpec) -> Self:
        """Return the shape of a data set."""
        return cls(*spec.image_shape, spec.classes)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the shape that `str` wrote as `text`."""
        image, _, classes = text.partition("/")
        channels, height, width = map(int, image.split("x"))
        return cls(channels, height, width, int(classes))

    def __str__(self) -> str:
        return f"{self.channels}x{self.height}x{self.width}/{self.classes}"


RGB, GRAY = TaskShape(3, 32, 32, 10), TaskShape(1, 28, 28, 10)
"""The two tasks that appendix C words its pairs for: CIFAR-10 and MNIST."""
