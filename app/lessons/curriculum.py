"""What is to be taught: topics and their lines, which lessons say that they cover. Words are in the texts of the pages.

The words for a topic are under `lesson.topic.<topic>`, for a line under `lesson.line.<line>`.
"""

TOPICS: dict[str, tuple[str, ...]] = {
    "regularization": (
        "l1_l2", "decoupled_decay", "per_layer", "elastic_net", "max_norm", "dropout", "batch_norm", "early_stopping",
        "label_smoothing", "noise", "augmentation", "gradient_clipping", "ensembles", "cross_validation",
    ),
    "optimization": (
        "batch_size", "optimizers", "optimizer_paths", "schedules", "divergence", "flat_sharp", "gradient_flow",
    ),
    "initialisation": ("inits", "activation_histograms", "symmetry", "inits_batch_norm", "activations"),
    "data": (
        "scaling", "split", "shift", "k_fold", "bootstrap", "data_sets", "own_data", "small_sets", "balance_labels",
    ),
    "networks": (
        "depth_width", "convolution", "residual", "embedding", "layer_list", "problem_table", "metrics", "loss_metric",
    ),
    "diagnosis": ("bias_variance", "overfitting", "bayes_level"),
    "reproducibility": ("seeds", "checkpoints", "callbacks"),
}  # fmt: skip
LINES = {line: topic for topic, lines in TOPICS.items() for line in lines}
