def augment(images, op):
    images = op.horizontal_flip(images, p=0.5)
    images = op.random_crop(images, size=1.0, padding=0.125)
    return images
