"""One file per outside thing; each fulfils a role of `pipeline.ports`."""
