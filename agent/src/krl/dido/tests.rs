//! Against `didcomm-node`, and between two picos in memory.

mod bench;
mod between;
mod vectors;

use super::*;
use bench::Bench;
