"""What an agent may ask: the verdict on a record with its evidence, a rule with its sources, a medicine."""
