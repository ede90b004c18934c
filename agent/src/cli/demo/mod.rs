//! `picomesh demo`: the whole story once, on a real engine, told step by step.
//!
//! A university issues Alice a credential, a library asks her for it and checks it, and a web
//! application logs her in with it. Everything goes through the doors that everybody else uses:
//! the admin API, DIDComm over HTTP, OpenID Connect.

mod browser;
mod shop;
mod story;
mod world;

use crate::cli::up::stop_signal;
use crate::config::{AllowPrivate, Config};
use crate::running::Running;
use std::time::Instant;
use world::World;

/// Runs the story; stays up afterwards unless `is_once`.
///
/// # Errors
/// When a part cannot start or a step of the story does not come true.
pub async fn demo(mut config: Config, is_once: bool) -> Result<(), String> {
    if config.allow_private_addresses == AllowPrivate::No {
        // The picos of the story post their messages to this very process.
        config.allow_private_addresses = AllowPrivate::Loopback;
    }
    let started = Instant::now();
    let running = Running::start(&config).await.map_err(|error| error.to_string())?;
    let world = World::new(&running, &config)?;
    world.tell("The engine runs", &format!("on {} at {}", world.engine, world.base));
    let result = tell(&running, &world, is_once, started).await;
    running.stop().await;
    result
}

async fn tell(
    running: &Running,
    world: &World,
    is_once: bool,
    started: Instant,
) -> Result<(), String> {
    let cast = story::issue(world).await?;
    story::present(world, &cast).await?;
    let shop = shop::Shop::open(running, world, &cast.alice).await?;
    story::prepare_login(world, &cast, &shop.redirect_uri()).await?;
    browser::log_in(world, &cast, &shop.redirect_uri()).await?;
    println!("\nThe story took {:.1} seconds.", started.elapsed().as_secs_f64());
    if is_once {
        return Ok(());
    }
    println!("\nOpen in a browser:");
    println!("  {}  a web application: log in there as Alice", shop.url);
    println!("  {}v1/docs  the admin API, to try", world.base);
    println!("\nStop with Ctrl-C.");
    stop_signal().await;
    Ok(())
}
