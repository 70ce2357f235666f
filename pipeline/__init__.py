"""Praman: what a proof is and what happens to it.

A proof passes a few stages; each is one verb, and the verb is the file's name in every room:

    submit       bytes and a claim            -> Proof, its row in the ledger
    fingerprint  Picture                      -> Fingerprint; two sketches -> Resemblance
    read         Picture, what is asked       -> Reading: the words, as cheaply as they can be read
    judge        Job, Readings, Resemblances  -> Verdict
    publish      Verdict                      -> Notices, one a target

`flow` alone knows their order. `actors` (the queue doors) import this package; it never imports them.

What the stages stand on, each module's first sentence says what it does:

    taking in    manifest, claims, magic, picture; jobs, catalogue, lint over `specs` and the files of `kinds`
    likeness     sketch, keypoints, bars; align, views, tiles, traces; compare, contrast, sheet
    reading      desk, enhance, scales, lines, lengths, wanted, rounds, closer, one_line, segments, settled,
                 recalling, budget; seeing, a role
    judging      match, phrases, labels, scripts; names, states, addresses, codes, moments, one a check
    fakes        items, styles, surround, scene: what is there; places, typed, painted: what it means
    answering    reason_codes, reasons, brake, review, deliver, annotate
    rooms        records (values), policy (every threshold), ports (roles), ledger and adapters (outside
                 libraries), platforms (job sites), web (API and console), commands and cli (the console
                 script), wiring (all of it joined)
"""
