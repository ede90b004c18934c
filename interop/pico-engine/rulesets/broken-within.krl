ruleset try.broken.within {
  rule a { select when a b before c d within "soon" minutes }
}
