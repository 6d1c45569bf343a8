//! The way from a faucet to a pair of database servers: each has a free loopback port of its own, at which a faucet finds
//! it as it would by the names of two machines. Both ways know PostgreSQL's protocol well enough to tell when a batch of
//! withdrawals is about to be committed, and when that has been done and nobody has been told.
//!
//! Source: the chapter "Frontend/Backend Protocol" of PostgreSQL's documentation.

use std::collections::HashSet;
use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::site::Site;
use crate::fault::When;

/// How the statement begins that writes batches, whatever becomes of them.
const WRITES_BATCHES: &[u8] = b"INSERT INTO batches ";
/// What a server answers to a commit.
const COMMITTED: &[u8] = b"COMMIT\0";

/// Opens a way to the server at this socket, and gives its port. It goes with the process.
pub(crate) fn open(site: &Arc<Site>, server: std::path::PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let site = Arc::clone(site);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A server that is not there refuses: so does the way to it.
            let Ok(server) = UnixStream::connect(&server) else { continue };
            let way =
                Arc::new(Way { site: Arc::clone(&site), client, server, is_ending: AtomicBool::new(false) });
            let back = Arc::clone(&way);
            thread::spawn(move || {
                // Whoever hangs up ends both directions.
                let _ = way.there();
                way.hang_up();
            });
            thread::spawn(move || {
                let _ = back.back();
                back.hang_up();
            });
        }
    });
    port
}

/// A connection.
struct Way {
    site: Arc<Site>,
    client: TcpStream,
    server: UnixStream,
    /// Whether the answer to a commit is what comes next, after which the database goes away.
    is_ending: AtomicBool,
}

impl Way {
    fn hang_up(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }

    /// Passes on what the faucet says.
    fn there(&self) -> io::Result<()> {
        let (mut client, mut server) = (BufReader::new(&self.client), &self.server);
        // The first message has no kind.
        server.write_all(&message(&mut client, 0)?)?;
        let mut writing = HashSet::new();
        let mut is_of_batches = false;
        loop {
            let message = message(&mut client, 1)?;
            let body = &message[5..];
            match message[0] {
                // Parse: a statement's name, and the statement.
                b'P' if contains(body, WRITES_BATCHES) => {
                    writing.insert(text(body).to_vec());
                }
                // Bind: a portal's name, and that of a statement.
                b'B' => is_of_batches |= writing.contains(text(&body[text(body).len() + 1..])),
                // Query: what has no parameters, such as the end of a transaction.
                b'Q' if is_of_batches => {
                    is_of_batches = false;
                    if contains(body, b"COMMIT") {
                        let step = self.site.committing();
                        if self.site.strike(step, When::Before) {
                            return Ok(());
                        }
                        self.is_ending.store(self.site.is_to_strike(step, When::After), Ordering::SeqCst);
                    }
                }
                _ => {}
            }
            server.write_all(&message)?;
        }
    }

    /// Passes on what the database says.
    fn back(&self) -> io::Result<()> {
        let (mut client, mut server) = (&self.client, &self.server);
        let mut buffer = [0; 16_384];
        let mut kept = Vec::new();
        loop {
            let length = server.read(&mut buffer)?;
            if length == 0 {
                return Ok(());
            }
            kept.extend_from_slice(&buffer[..length]);
            if self.is_ending.load(Ordering::SeqCst) {
                if contains(&kept, COMMITTED) {
                    self.site.strike_now();
                    return Ok(());
                }
                continue;
            }
            client.write_all(&std::mem::take(&mut kept))?;
        }
    }
}

/// The next message, which begins with its length, after so many bytes that tell its kind.
fn message(from: &mut impl Read, kind: usize) -> io::Result<Vec<u8>> {
    let mut message = vec![0; kind + 4];
    from.read_exact(&mut message)?;
    let length = u32::from_be_bytes(message[kind..].try_into().unwrap());
    message.resize(kind + usize::try_from(length).unwrap(), 0);
    from.read_exact(&mut message[kind + 4..])?;
    Ok(message)
}

/// A text that ends with a zero byte, without it.
fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
