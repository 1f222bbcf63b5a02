"""Proof that others read what socpass writes and write what it reads: PyPI's ``cwt``, in a process of its own."""
