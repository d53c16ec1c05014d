"""RandAugment (Cubuk et al. 2020) with N = 2 operations of strength M = 9 of 30 for each image, either way."""

STRENGTH = 9 / 30


def augment(images, op):
    for _ in range(2):
        images = op.one_of(images, changes(op))
    return images


def changes(op):
    turn, shear, move, colour = 30 * STRENGTH, 16.7 * STRENGTH, 0.45 * STRENGTH, 0.9 * STRENGTH

    def either(change):
        return lambda x: op.one_of(x, [lambda y: change(y, 1), lambda y: change(y, -1)])

    return [
        lambda x: x,
        either(lambda x, s: op.affine(x, shear=(s * shear, s * shear))),
        either(lambda x, s: op.affine(x, shear_y=(s * shear, s * shear))),
        either(lambda x, s: op.affine(x, shift=(s * move, 0.0))),
        either(lambda x, s: op.affine(x, shift=(0.0, s * move))),
        either(lambda x, s: op.rotation(x, degrees=(s * turn, s * turn))),
        either(lambda x, s: op.color_jitter(x, brightness=(1 + s * colour, 1 + s * colour))),
        either(lambda x, s: op.color_jitter(x, saturation=(1 + s * colour, 1 + s * colour))),
        either(lambda x, s: op.color_jitter(x, contrast=(1 + s * colour, 1 + s * colour))),
        either(lambda x, s: op.sharpness(x, factor=(1 + s * colour, 1 + s * colour), p=1.0)),
        lambda x: op.posterize(x, bits=8 - round(4 * STRENGTH), p=1.0),
        lambda x: op.solarize(x, threshold=round(255 * (1 - STRENGTH)), p=1.0),
        lambda x: op.autocontrast(x, p=1.0),
        lambda x: op.equalize(x, p=1.0),
    ]
