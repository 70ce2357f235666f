"""What people write (job files, kinds), from text to checked values that know their line.

`nodes` turns text into a tree with lines, `wording` cleans what is written, `fields` reads checked values and
collects faults, `checks` builds check records, `template` fills a kind's places. Judges nothing.
"""
