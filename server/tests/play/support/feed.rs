//! A feed of prices on a free loopback port, which answers what a test says, and when it says so.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How long a test waits for what must happen before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a question is answered.
#[derive(Debug)]
pub(crate) enum Reply {
    /// By these bytes, after which it hangs up.
    Raw(Vec<u8>),
    /// By these bytes, and then by more of them without end, until who asked hangs up.
    Endless(Vec<u8>),
    /// Not at all, until the other end sends the bytes, or is gone: then it hangs up.
    Held(Receiver<Vec<u8>>),
}

/// See the module. It ends with the process of the test.
#[derive(Debug)]
pub(crate) struct FeedServer {
    pub(crate) url: String,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    asked: Receiver<()>,
    hung_up: Receiver<()>,
}

impl FeedServer {
    /// Starts one, which answers this JSON where nothing else is said.
    pub(crate) fn start(json: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/prices", listener.local_addr().unwrap());
        let replies: Arc<Mutex<VecDeque<Reply>>> = Arc::default();
        let (shared, (tell_asked, asked), (tell_hung_up, hung_up)) =
            (Arc::clone(&replies), channel(), channel());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (replies, asked, hung_up) =
                    (Arc::clone(&shared), tell_asked.clone(), tell_hung_up.clone());
                thread::spawn(move || serve(stream, &replies, json, &asked, &hung_up));
            }
        });
        Self { url, replies, asked, hung_up }
    }

    /// The next question that nothing is said of is answered like this.
    pub(crate) fn next(&self, reply: Reply) {
        self.replies.lock().unwrap().push_back(reply);
    }

    /// Waits until a question has come that was not waited for before.
    pub(crate) fn wait_for_question(&self) {
        self.asked.recv_timeout(PATIENCE).unwrap();
    }

    /// Waits until who asked has hung up on an answer without end.
    pub(crate) fn wait_for_hanging_up(&self) {
        self.hung_up.recv_timeout(PATIENCE).unwrap();
    }

    /// How many questions have come that were not waited for.
    pub(crate) fn questions(&self) -> usize {
        self.asked.try_iter().count()
    }
}

/// An answer of this status and body, and these headers besides.
pub(crate) fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    (head + body).into_bytes()
}

fn serve(
    mut stream: TcpStream,
    replies: &Mutex<VecDeque<Reply>>,
    json: &str,
    asked: &Sender<()>,
    hung_up: &Sender<()>,
) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4_096];
    while !seen.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    let reply = replies.lock().unwrap().pop_front();
    // A test that has ended waits for nothing; and who asked may have hung up.
    let _ = asked.send(());
    match reply {
        None => drop(stream.write_all(&http("200 OK", "", json))),
        Some(Reply::Raw(bytes)) => drop(stream.write_all(&bytes)),
        Some(Reply::Held(held)) => {
            if let Ok(bytes) = held.recv() {
                let _ = stream.write_all(&bytes);
            }
        }
        Some(Reply::Endless(bytes)) => {
            while stream.write_all(&bytes).is_ok() {}
            let _ = hung_up.send(());
        }
    }
}
