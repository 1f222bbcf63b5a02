"""What came of a scan: which codes hold a pass, the verdict on each, and how it is put into words, in any language, or into JSON.

It stands on the decision and the store. Only :mod:`check` looks at pictures, when it is given one. It knows no terminal.
"""
