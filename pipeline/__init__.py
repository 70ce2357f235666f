"""Praman: what a proof is and what happens to it.

A proof passes a few stages; each is one verb, and the verb is the file's name in every room:

    submit       bytes and a claim            -> Proof, its row in the ledger
    fingerprint  Picture                      -> Fingerprint; two sketches -> Resemblance
    read         Picture, what is asked       -> Reading: the words, as cheaply as they can be read
    judge        Job, Readings, Resemblances  -> Verdict
    publish      Verdict                      -> Notices, one a target

`flow` alone knows their order. `actors` (the queue doors) import this package; it never imports them.
"""
