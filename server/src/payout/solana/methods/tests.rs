use std::sync::Arc;

use super::*;
use crate::payout::rpc::ANSWER_BYTES_MAX;
use crate::payout::rpc::server::{Server, result, rpc};

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
fn an_endpoint_of_another_chain_is_not_asked_further() {
    let rpc =
        rpc(&Arc::default(), &[&Server::json(&result("\"5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d\""))]);
    let check = |expected: &str| rpc.any(|endpoint| endpoint.check_chain(expected));
    assert_eq!(check("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"), Ok(()));
    let error = check("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG").unwrap_err();
    assert!(matches!(&error, RpcError::OtherChain { what, .. } if what.contains("5eykt")));
    assert!(error.is_its_fault());
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
