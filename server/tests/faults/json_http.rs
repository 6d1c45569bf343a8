//! JSON by HTTP on a free loopback port, for whatever stands between a faucet and a node or a receiver of messages.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use serde_json::Value;

/// Headers that are passed on begin like this: those of messages, which are signed with them.
const PASSED_ON: &str = "webhook-";

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// The headers that are passed on, with their values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// What comes back.
#[derive(Debug)]
pub(crate) enum Answer {
    /// All of this.
    Whole(String),
    /// The first half of this, and then nothing.
    Half(String),
}

/// Answers every request, each on a connection of its own, by what `answer` makes of it; where that is nothing, it hangs
/// up. Gives its address. It goes with the process.
pub(crate) fn serve(answer: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || {
                let Some(request) = request_of(&mut stream) else { return };
                let (body, sent) = match answer(&request) {
                    None => return,
                    Some(Answer::Whole(body)) => (body.clone(), body),
                    Some(Answer::Half(body)) => {
                        let half = body.chars().take(body.chars().count() / 2).collect();
                        (body, half)
                    }
                };
                let length = body.len();
                let head =
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
                // Who asked may have hung up.
                let _ = stream.write_all((head + &sent).as_bytes());
            });
        }
    });
    url
}

/// What a node answers to a request of these headers and this body; nothing where it is gone.
pub(crate) fn ask(node: &str, headers: &[(String, String)], body: &str) -> Option<String> {
    let request = headers.iter().fold(ureq::post(node), |request, (name, value)| request.header(name, value));
    let mut response = request.content_type("application/json").send(body).ok()?;
    response.body_mut().read_to_string().ok()
}

/// A request, read to its end; nothing where the other side hangs up before.
fn request_of(stream: &mut TcpStream) -> Option<Request> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&seen);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && serde_json::from_str::<Value>(body).is_ok()
        {
            let headers = head.lines().filter_map(|line| line.split_once(": "));
            let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
            let headers = headers.filter(|(name, _)| name.starts_with(PASSED_ON)).collect();
            return Some(Request { headers, body: body.to_owned() });
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}
