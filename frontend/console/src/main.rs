//! Starts the operators' page.

fn main() {
    dripline_console::start();
}
