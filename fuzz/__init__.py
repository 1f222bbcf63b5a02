"""Whatever a reader is given, it answers or refuses in our words, in bounded memory and time; looked for by guided chance.

``readers`` says what is fed, ``engine`` chooses what to feed next, ``mutation`` and ``coverage`` serve it, ``__main__`` is the
command: ``python -m fuzz --help``. Nothing of the product imports this.
"""
