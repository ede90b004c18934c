//! What happens, told to whoever listens now. Nothing is kept for those who come later.

use picomesh_pico::PicoId;
use serde::Serialize;
use tokio::sync::broadcast;

/// Happenings that a slow listener may lag behind before it misses some.
const FEED_LAG_MAX: usize = 1024;

/// An event that a pico took in and committed. It carries no attributes: those may be secret.
#[derive(Clone, Debug, Serialize)]
pub struct Happening {
    /// The pico.
    pub pico: PicoId,
    /// The event's id.
    pub event: String,
    /// The event's domain.
    pub domain: String,
    /// The event's name.
    pub name: String,
    /// When it was taken in, in unix milliseconds.
    pub at: i64,
    /// How many rules did their work.
    pub fired: usize,
    /// Directives and notes that rules made public, by name.
    pub directives: Vec<String>,
    /// Why the turn ended early, if it did.
    pub fault: Option<String>,
}

/// What happens, as it happens.
#[derive(Clone, Debug)]
pub struct Feed(broadcast::Sender<Happening>);

impl Default for Feed {
    fn default() -> Self {
        Self(broadcast::channel(FEED_LAG_MAX).0)
    }
}

impl Feed {
    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Happening> {
        self.0.subscribe()
    }

    /// Whether anybody listens: if not, nothing needs to be made.
    pub(super) fn has_listeners(&self) -> bool {
        self.0.receiver_count() > 0
    }

    pub(super) fn tell(&self, happening: Happening) {
        // Nobody listening any more is no fault.
        let _ = self.0.send(happening);
    }
}
