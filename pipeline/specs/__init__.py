"""What people write (job files, kinds), from text to checked values that know their line.

`nodes` turns text into a tree with lines, `wording` cleans what is written, `fields` reads checked values and
collects faults, `checks`, `job` and `kind_file` build records, `template` and `kind` fill a kind's places.
Judges nothing and opens no file but the one it is given.
"""
