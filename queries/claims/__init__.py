"""Claims: statements that a store is asked to bear (design, section 6).

``claim_file`` reads them, ``kept`` keeps them (append-only), ``check.check_claim`` evaluates one: rows
(``asking``), verdict (``verdict``), audits (``audits/``), grades (``grades``). Attempts to check a claim,
ours or another's, are verifications: records of their own, and ``contradictions`` looks for what a foreign
one says against itself.
"""
