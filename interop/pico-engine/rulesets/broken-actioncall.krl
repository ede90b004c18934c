ruleset try.broken.actioncall {
  global { x = send_directive("x") }
}
