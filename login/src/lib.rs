//! An OpenID provider whose users log in with a credential.
