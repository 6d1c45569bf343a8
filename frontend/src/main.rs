//! The player's page.
fn main() {}
