def augment(images, op):
    return images
