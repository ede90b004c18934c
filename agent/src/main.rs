//! The `picomesh` program: reads the command line, starts the parts, tells how it ended.

use picomesh_agent::cli::{self, Action, Parsed};
use picomesh_agent::telemetry;
use std::process::ExitCode;

/// Turns and envelopes are many small allocations, freed on other threads than they were made.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let (action, config) = match cli::parse(std::env::args_os()) {
        Ok(Parsed::Engine(action, config)) => (action, *config),
        Ok(Parsed::Krl(task)) => return cli::krl::run(*task),
        Err(status) => return status,
    };
    telemetry::logs(config.log_format, &config.log);
    // Two providers are linked; whoever asks for the default gets ring.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("a TLS provider was already installed");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("picomesh: cannot start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = match action {
        Action::ConfigCheck => {
            print!("{}", cli::describe(&config));
            Ok(())
        }
        Action::Up => runtime.block_on(cli::up::up(config)),
        Action::Demo { is_once } => runtime.block_on(cli::demo::demo(config, is_once)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("picomesh: {reason}");
            ExitCode::FAILURE
        }
    }
}
