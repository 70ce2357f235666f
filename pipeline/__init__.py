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
    likeness     sketch, keypoints, bars, clocks; align, straighten, views, tiles, traces; compare, originals,
                 contrast, sheet
    reading      desk, enhance, scales, lines, lengths, wanted, rounds, closer, second_look, one_line,
                 segments, glyphs, dots, settled, recalling, budget; seeing, a role
    judging      match, phrases, labels, scripts; names, states, addresses, codes, moments, one a check
    fakes        items, styles, surround, ink, cuts, patches, scene, frames: what is there; places, typed,
                 queries, glimpsed, painted, penned, denied, longer: what it means
    answering    reason_codes, reasons, confidence, brake, hold, review, quality, deliver, outward, annotate
    rooms        records (values), policy (every threshold), ports (roles), ledger and adapters (outside
                 libraries), platforms (job sites), web (API and console), commands and cli (the console
                 script), wiring (all of it joined)
"""
