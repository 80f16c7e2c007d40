"""Fashion-MNIST: clothes in place of digits, as many and as large."""

from trainer.like_mnist import LikeMnist


class FashionMnist(LikeMnist):
    """70,000 pictures of clothes of 28x28 pixels in 10 classes, 10,000 of them for the test.

    Made to take MNIST's place where that is too easy: what gets 98 % there gets 89 % here, mostly for shirts. Each
    class has 6,000 samples to train on and 1,000 to test on. Downloaded when first needed: 31 MB.

    Source: Xiao, Rasul & Vollgraf 2017, https://arxiv.org/abs/1708.07747
    """

    title = "Fashion-MNIST"
    download = "fashion_mnist"
    CLASSES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
