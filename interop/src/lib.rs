//! Foreign agents over the network.
