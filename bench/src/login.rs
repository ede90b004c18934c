//! Logins from the authorization request to the ID token, with a pico of ours as wallet.
