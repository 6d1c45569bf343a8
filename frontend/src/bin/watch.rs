//! Starts the page on which operators watch a round.

fn main() {
    dripline_frontend::watch::start();
}
