//! Starts the player's page.

fn main() {
    dripline_frontend::start();
}
