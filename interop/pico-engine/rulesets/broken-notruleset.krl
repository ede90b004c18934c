this is no ruleset
