"""One file a job platform: how proofs come in, how a verdict goes out, what limits hold."""
