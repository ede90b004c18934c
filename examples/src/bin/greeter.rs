//! Runs `picomesh_examples::greeter`; see there.

use picomesh_examples::{greeter, place};

fn main() -> Result<(), place::Problem> {
    place::main(async |data| greeter::run(data).await)
}
