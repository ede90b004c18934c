//! Runs `picomesh_examples::thermostat`; see there.

use picomesh_examples::{place, thermostat};

fn main() -> Result<(), place::Problem> {
    place::main(async |data| thermostat::run(data).await)
}
