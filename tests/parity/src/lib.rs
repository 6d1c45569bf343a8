//! Digests of generated rounds.
