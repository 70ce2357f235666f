"""What the console commands do; `pipeline.cli` only declares them."""
