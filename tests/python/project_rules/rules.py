"""Every rule that the project keeps, by topic."""

import documentation_rules
import lineage_rules
import proof_rules
import structure_rules

RULES = [
    *lineage_rules.RULES,
    *proof_rules.RULES,
    *documentation_rules.RULES,
    *structure_rules.RULES,
]
