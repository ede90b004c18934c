//! Runs `picomesh_examples::issue`; see there.

use picomesh_examples::{issue, place};

fn main() -> Result<(), place::Problem> {
    place::main(async |data| issue::run(data).await)
}
