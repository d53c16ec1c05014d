"""TrivialAugment (Mueller and Hutter 2021): one operation for each image, of a strength drawn for it (wide ranges)."""


def augment(images, op):
    return op.one_of(
        images,
        [
            lambda x: x,
            lambda x: op.affine(x, shear=(-45.0, 45.0)),
            lambda x: op.affine(x, shear_y=(-45.0, 45.0)),
            lambda x: op.affine(x, translate=(1.0, 0.0)),
            lambda x: op.affine(x, translate=(0.0, 1.0)),
            lambda x: op.rotation(x, degrees=135),
            lambda x: op.color_jitter(x, brightness=0.99),
            lambda x: op.color_jitter(x, saturation=0.99),
            lambda x: op.color_jitter(x, contrast=0.99),
            lambda x: op.sharpness(x, factor=(0.01, 1.99), p=1.0),
            lambda x: op.one_of(x, [lambda y, bits=bits: op.posterize(y, bits=bits, p=1.0) for bits in range(2, 9)]),
            lambda x: op.one_of(x, [lambda y, at=at: op.solarize(y, threshold=at, p=1.0) for at in range(0, 256, 17)]),
            lambda x: op.autocontrast(x, p=1.0),
            lambda x: op.equalize(x, p=1.0),
        ],
    )
