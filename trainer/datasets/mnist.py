"""MNIST: the handwritten digits that everybody compares on."""

from trainer.like_mnist import LikeMnist


class Mnist(LikeMnist):
    """70,000 handwritten digits of 28x28 pixels in 10 classes, 10,000 of them for the test.

    Each pixel is a grey from 0 to 255. Inputs are images: (1, 28, 28). As given: trained on the first 50,000,
    validated on the last 10,000 of the training images, in their own order. The first half of the test images is
    the harder one, so say how many were tested on. Downloaded when first needed: 12 MB.

    Source: LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition,
        https://doi.org/10.1109/5.726791
    """

    title = "MNIST"
    download = "mnist"
    CLASSES = [str(digit) for digit in range(10)]
