//! A receiver that goes wrong on demand. It pays a message once, whatever it answers, and remembers what everybody got.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use serde_json::{Value, json};
use standardwebhooks::Webhook;

/// What goes wrong with the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The connection breaks before anything is done.
    DropsBefore,
    /// It is done, and the connection breaks before the answer.
    DropsAfter,
    /// It is done, and half of the answer arrives.
    Tears,
    /// It is done, and the answer comes after the faucet has given up.
    IsSlow,
    /// Nothing is done, and this status is answered.
    Refuses(u16),
    /// It is done, and this status is answered all the same.
    DoesAndRefuses(u16),
    /// Nothing is done, and a page for people is answered.
    Html,
    /// It is done, and a page for people is answered.
    DoesAndHtml,
    /// It is done, and what is answered settles nothing: no transaction is told.
    DoesAndNonsense,
    /// Nothing is done yet, and it is accepted.
    AcceptsFirst,
    /// It is done, and it is said that it was accepted.
    DoesAndAccepts,
}

/// Every fault there is.
pub(crate) const FAULTS: [Fault; 16] = [
    Fault::None,
    Fault::DropsBefore,
    Fault::DropsAfter,
    Fault::Tears,
    Fault::Refuses(301),
    Fault::Refuses(401),
    Fault::Refuses(410),
    Fault::Refuses(429),
    Fault::Refuses(500),
    Fault::DoesAndRefuses(400),
    Fault::DoesAndRefuses(504),
    Fault::Html,
    Fault::DoesAndHtml,
    Fault::DoesAndNonsense,
    Fault::AcceptsFirst,
    Fault::DoesAndAccepts,
];

/// A message as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) id: String,
    /// When it was sent, in seconds since the epoch.
    pub(crate) seconds: i64,
    pub(crate) signatures: String,
    pub(crate) body: Vec<u8>,
}

impl Arrival {
    /// The signature that the specification's own library makes with a secret.
    pub(crate) fn signature(&self, secret: &str) -> String {
        Webhook::new(secret).unwrap().sign(&self.id, self.seconds, &self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Debug, Default)]
struct State {
    /// What it takes messages to be signed with.
    secret: String,
    /// The next first; none once it is empty.
    faults: VecDeque<Fault>,
    arrivals: Vec<Arrival>,
    /// The bodies of messages that were done, and their answers.
    done: BTreeMap<String, (Vec<u8>, String)>,
    /// What everybody got, by address, in ledger units.
    balances: BTreeMap<String, i64>,
    /// How often each withdrawal was paid.
    paid: BTreeMap<String, u32>,
    /// What the faucet did that it must not do.
    offences: Vec<String>,
}

/// See the module. It ends with the process of the test.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Receiver {
    /// Starts one that knows this secret.
    pub(crate) fn start(secret: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let state =
            Arc::new((Mutex::new(State { secret: secret.to_owned(), ..State::default() }), Condvar::new()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &state));
            }
        });
        Self { url, state }
    }

    /// Lets these go wrong, one message after the other.
    pub(crate) fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.0.lock().unwrap().faults = faults.into_iter().collect();
    }

    /// Whether anything is still to go wrong.
    pub(crate) fn has_faults(&self) -> bool {
        !self.state.0.lock().unwrap().faults.is_empty()
    }

    /// Lets it know another secret.
    pub(crate) fn learn(&self, secret: &str) {
        secret.clone_into(&mut self.state.0.lock().unwrap().secret);
    }

    /// Waits until so many messages have arrived.
    pub(crate) fn wait_for(&self, arrivals: usize) {
        let (state, arrived) = &*self.state;
        drop(arrived.wait_while(state.lock().unwrap(), |state| state.arrivals.len() < arrivals).unwrap());
    }

    /// All that arrived, in its order.
    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.state.0.lock().unwrap().arrivals.clone()
    }

    /// What an address got, in ledger units.
    pub(crate) fn balance(&self, address: &str) -> i64 {
        self.state.0.lock().unwrap().balances.get(address).copied().unwrap_or(0)
    }

    /// Checks that no withdrawal was paid twice, and that whatever arrived was signed and the same each time.
    pub(crate) fn assert_sound(&self) {
        let state = self.state.0.lock().unwrap();
        assert_eq!(state.offences, Vec::<String>::new());
        assert!(state.paid.values().all(|times| *times == 1), "{:?}", state.paid);
    }
}

impl State {
    /// Does what a message says, once, and tells the answer. A payout to an address that starts with `bad` fails the whole.
    fn act(&mut self, arrival: &Arrival) -> String {
        if let Some((body, answer)) = self.done.get(&arrival.id) {
            if *body != arrival.body {
                self.offences.push(format!("{} changed", arrival.id));
            }
            return answer.clone();
        }
        let message = arrival.json();
        // An alert has none.
        let payouts = message["data"]["payouts"].as_array().cloned().unwrap_or_default();
        let text = |payout: &Value, field: &str| payout[field].as_str().unwrap().to_owned();
        let fails = payouts.iter().any(|payout| text(payout, "address").starts_with("bad"));
        let answer = if fails {
            json!({"status": "failed", "reason": "No such account"})
        } else {
            for payout in &payouts {
                let units: i64 = text(payout, "units").parse().unwrap();
                *self.balances.entry(text(payout, "address")).or_default() += units;
                *self.paid.entry(text(payout, "withdrawal")).or_default() += 1;
            }
            json!({"status": "settled", "transaction": format!("paid-{}", arrival.id)})
        };
        self.done.insert(arrival.id.clone(), (arrival.body.clone(), answer.to_string()));
        answer.to_string()
    }
}

/// Answers one message, and hangs up.
fn serve(mut stream: TcpStream, (state, arrived): &(Mutex<State>, Condvar)) {
    let Some(arrival) = arrival(&mut stream) else { return };
    let (fault, answer) = {
        let mut state = state.lock().unwrap();
        if !arrival.signatures.split(' ').any(|signature| signature == arrival.signature(&state.secret)) {
            state.offences.push(format!("{} is not signed", arrival.id));
        }
        state.arrivals.push(arrival.clone());
        arrived.notify_all();
        let fault = state.faults.pop_front().unwrap_or(Fault::None);
        let does_nothing =
            matches!(fault, Fault::DropsBefore | Fault::Refuses(_) | Fault::Html | Fault::AcceptsFirst);
        (fault, if does_nothing { String::new() } else { state.act(&arrival) })
    };
    let html = "<!doctype html><h1>Bad gateway</h1>";
    let accepted = json!({"status": "accepted"}).to_string();
    let (status, body) = match fault {
        Fault::DropsBefore | Fault::DropsAfter => return,
        Fault::IsSlow => {
            // Until the faucet hangs up.
            let _ = stream.read(&mut [0]);
            return;
        }
        Fault::None | Fault::Tears => (200, answer.as_str()),
        Fault::Refuses(status) | Fault::DoesAndRefuses(status) => (status, answer.as_str()),
        Fault::Html | Fault::DoesAndHtml => (200, html),
        Fault::DoesAndNonsense => (200, "{\"status\":\"settled\"}"),
        Fault::AcceptsFirst => (202, ""),
        Fault::DoesAndAccepts => (200, accepted.as_str()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Whatever\r\nlocation: /elsewhere\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    let sent = if fault == Fault::Tears { &body[..length / 2] } else { body };
    // The faucet may have ended.
    let _ = stream.write_all((head + sent).as_bytes());
}

/// Reads a message to its end.
fn arrival(stream: &mut TcpStream) -> Option<Arrival> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        if let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(seen[..end].to_vec()).unwrap();
            let body = &seen[end + 4..];
            let header = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
            };
            if body.len() == header("content-length").unwrap().parse::<usize>().unwrap() {
                return Some(Arrival {
                    id: header("webhook-id").unwrap(),
                    seconds: header("webhook-timestamp").unwrap().parse().unwrap(),
                    signatures: header("webhook-signature").unwrap(),
                    body: body.to_vec(),
                });
            }
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}
