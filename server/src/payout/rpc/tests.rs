use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::server::{Server, result, rpc};
use super::*;

fn number(endpoint: &Endpoint) -> Result<u64, RpcError> {
    endpoint.call("number", &json!([]))
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
        let error = rpc.any(number).unwrap_err();
        assert!(error.is_its_fault(), "{answer}: {error}");
        assert!(!error.to_string().contains("secret-api-key"), "{error}");
    }
}

#[test]
fn what_the_server_refuses_is_told_and_is_not_held_against_it() {
    let body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":\"bad params\",\"data\":{}},\"result\":7}";
    let server = Server::json(body);
    let rpc = rpc(&Arc::default(), &[&server]);
    let error = rpc.any(number).unwrap_err();
    assert!(matches!(&error, RpcError::Refused { code: -32_602, message, .. } if message == "bad params"));
    assert!(!error.is_its_fault());
}

#[test]
fn who_fails_rests_for_longer_and_longer_and_the_others_are_asked() {
    let (bad, good) = (Server::json("<html>"), Server::json(&result("5")));
    let clock = Arc::new(AtomicU64::new(1_000_000));
    let rpc = rpc(&clock, &[&bad, &good]);
    let ask = || assert_eq!(rpc.any(number), Ok(5));
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
    let answers = rpc.all(number);
    assert!(matches!(answers.as_slice(), [Err(RpcError::Rests { .. }), Ok(5)]));
}

#[test]
fn where_all_rest_all_are_asked_again() {
    let (one, other) = (Server::json("<html>"), Server::json("<html>"));
    let rpc = rpc(&Arc::default(), &[&one, &other]);
    for count in 1..4 {
        assert!(rpc.any(number).is_err());
        assert_eq!((one.requests(), other.requests()), (count * 2 - 1, count * 2 - 1));
        rpc.all(number);
        assert_eq!((one.requests(), other.requests()), (count * 2, count * 2));
    }
}
