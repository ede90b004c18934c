//! The `picomesh` program.
fn main() {}
