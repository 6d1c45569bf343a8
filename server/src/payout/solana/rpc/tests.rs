use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use super::*;

/// A server on loopback that gives every request the same answer, whole, and counts them.
struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/secret-api-key", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (counted, answer) = (Arc::clone(&requests), answer.into());
        // It ends with the process of the test.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                serve(stream, &answer);
            }
        });
        Self { url, requests }
    }

    fn json(body: &str) -> Self {
        Self::answering(http(body))
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn http(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Reads a request to the end of its body, and answers.
fn serve(mut stream: TcpStream, answer: &[u8]) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&seen).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                break;
            }
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    // Who has read enough may be gone.
    let _ = stream.write_all(answer);
}

fn rpc(clock: &Arc<AtomicU64>, servers: &[&Server]) -> Rpc {
    let clock = Arc::clone(clock);
    let edge = Edge::new(move || Timestamp(clock.load(Ordering::SeqCst)), |_| ());
    let urls: Vec<String> = servers.iter().map(|server| server.url.clone()).collect();
    Rpc::new(&urls, edge)
}

fn result(json: &str) -> String {
    format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{json}}}")
}

#[test]
fn a_proper_answer_is_read() {
    let body = result(
        r#"{"context":{"slot":70},"value":[null,{"slot":5,"confirmations":null,"err":null,"confirmationStatus":"finalized"},{"slot":6,"confirmations":3,"err":"X","confirmationStatus":"confirmed"}]}"#,
    );
    let rpc = rpc(&Arc::default(), &[&Server::json(&body)]);
    let (slot, statuses) = rpc.any(|endpoint| endpoint.statuses(&["a", "b", "c"])).unwrap();
    assert_eq!(slot, 70);
    let finalized = Found { is_finalized: true, error: None };
    let confirmed = Found { is_finalized: false, error: Some(json!("X")) };
    assert_eq!(statuses, [None, Some(finalized), Some(confirmed)]);
}

#[test]
fn whatever_nonsense_is_answered_is_an_error() {
    let long = "x".repeat(usize::try_from(ANSWER_BYTES_MAX).unwrap() + 1);
    let bodies = [
        String::new(),
        "<!doctype html><title>502</title>".to_owned(),
        result("{\"context\":{\"slot\":7").trim_end_matches('}').to_owned(),
        result("null"),
        result("7"),
        result("[]"),
        result("{\"context\":{\"slot\":-1},\"value\":[null]}"),
        result("{\"context\":{\"slot\":1.5},\"value\":[null]}"),
        result("{\"context\":{\"slot\":18446744073709551616},\"value\":[null]}"),
        result("{\"context\":{},\"value\":[null]}"),
        result("{\"context\":{\"slot\":1},\"value\":[]}"),
        result("{\"context\":{\"slot\":1},\"value\":[null,null]}"),
        result("{\"context\":{\"slot\":1},\"value\":[{}]}"),
        result("{\"context\":{\"slot\":1},\"value\":[{\"confirmations\":null}]}"),
        result(
            "{\"context\":{\"slot\":1},\"value\":[{\"confirmations\":null,\"err\":null,\"confirmationStatus\":\"sure\"}]}",
        ),
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"context\":{\"slot\":1},\"value\":[null]}}".to_owned(),
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{\"context\":{\"slot\":1},\"value\":[null]}}".to_owned(),
        "{\"jsonrpc\":\"2.0\",\"id\":1}".to_owned(),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":\"no\"}".to_owned(),
        "[".repeat(100_000),
        long,
    ];
    for body in bodies {
        let rpc = rpc(&Arc::default(), &[&Server::json(&body)]);
        let answer = rpc.any(|endpoint| endpoint.statuses(&["a"]));
        assert!(
            answer.as_ref().is_err_and(RpcError::is_its_fault),
            "{}: {answer:?}",
            &body[..body.len().min(100)]
        );
    }
}

#[test]
fn a_broken_transport_is_an_error_that_does_not_show_the_providers_key() {
    let answers = [
        String::new(),
        "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"jsonrpc\"".to_owned(),
        "SSH-2.0-OpenSSH\r\n".to_owned(),
    ];
    for answer in answers {
        let rpc = rpc(&Arc::default(), &[&Server::answering(answer.clone())]);
        let error = rpc.any(Endpoint::first_available_slot).unwrap_err();
        assert!(error.is_its_fault(), "{answer}: {error}");
        assert!(!error.to_string().contains("secret-api-key"), "{error}");
    }
}

#[test]
fn an_endpoint_of_another_chain_is_not_asked_further() {
    let rpc =
        rpc(&Arc::default(), &[&Server::json(&result("\"5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d\""))]);
    let check = |expected: &str| rpc.any(|endpoint| endpoint.check_chain(expected));
    assert_eq!(check("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"), Ok(()));
    let error = check("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG").unwrap_err();
    assert!(matches!(&error, RpcError::OtherChain { genesis_hash, .. } if genesis_hash.starts_with("5eykt")));
    assert!(error.is_its_fault());
}

#[test]
fn what_the_server_refuses_is_told_and_is_not_held_against_it() {
    let body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":\"bad params\",\"data\":{}},\"result\":7}";
    let server = Server::json(body);
    let rpc = rpc(&Arc::default(), &[&server]);
    let error = rpc.any(Endpoint::first_available_slot).unwrap_err();
    assert!(matches!(&error, RpcError::Refused { code: -32_602, message, .. } if message == "bad params"));
    assert!(!error.is_its_fault());
}

#[test]
fn sending_what_was_executed_already_is_success() {
    let refusal = |message: &str| {
        format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{{\"code\":-32002,\"message\":\"{message}\"}}}}")
    };
    let send = |message: &str| {
        let server = Server::json(&refusal(message));
        rpc(&Arc::default(), &[&server]).any(|endpoint| endpoint.send_transaction("AAAA"))
    };
    assert_eq!(send("Transaction simulation failed: This transaction has already been processed"), Ok(()));
    assert!(send("Transaction simulation failed: Blockhash not found").is_err());
}

#[test]
fn who_fails_rests_for_longer_and_longer_and_the_others_are_asked() {
    let (bad, good) = (Server::json("<html>"), Server::json(&result("5")));
    let clock = Arc::new(AtomicU64::new(1_000_000));
    let rpc = rpc(&clock, &[&bad, &good]);
    let ask = || assert_eq!(rpc.any(Endpoint::first_available_slot), Ok(5));
    ask();
    assert_eq!((bad.requests(), good.requests()), (1, 1));
    ask();
    assert_eq!((bad.requests(), good.requests()), (1, 2));
    clock.fetch_add(1_000, Ordering::SeqCst);
    ask();
    assert_eq!(bad.requests(), 2);
    clock.fetch_add(1_999, Ordering::SeqCst);
    ask();
    assert_eq!(bad.requests(), 2);
    clock.fetch_add(1, Ordering::SeqCst);
    ask();
    assert_eq!((bad.requests(), good.requests()), (3, 5));
    let answers = rpc.all(Endpoint::first_available_slot);
    assert!(matches!(answers.as_slice(), [Err(RpcError::Rests { .. }), Ok(5)]));
}

#[test]
fn where_all_rest_all_are_asked_again() {
    let (one, other) = (Server::json("<html>"), Server::json("<html>"));
    let rpc = rpc(&Arc::default(), &[&one, &other]);
    for count in 1..4 {
        assert!(rpc.any(Endpoint::first_available_slot).is_err());
        assert_eq!((one.requests(), other.requests()), (count * 2 - 1, count * 2 - 1));
        rpc.all(Endpoint::first_available_slot);
        assert_eq!((one.requests(), other.requests()), (count * 2, count * 2));
    }
}

#[test]
fn of_an_address_only_the_host_is_shown() {
    for (url, name) in [
        ("https://rpc.example/v1/key", "https://rpc.example"),
        ("https://rpc.example:8899?api-key=1", "https://rpc.example:8899"),
        ("https://user:pass@rpc.example/", "https://rpc.example"),
        ("http://[::1]:8899", "http://[::1]:8899"),
    ] {
        assert_eq!(name_of(url), name);
    }
}
