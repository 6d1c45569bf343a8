use std::sync::Arc;

use super::*;
use crate::payout::rpc::server::{Server, result, rpc};

const ID: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";

/// What a question comes to where this is answered.
fn ask<T>(body: &str, question: impl Fn(&Endpoint) -> Result<T, RpcError>) -> Result<T, RpcError> {
    rpc(&Arc::default(), &[&Server::json(body)]).any(question)
}

fn refusal(code: i64, message: &str) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message, "data": "0x"}}).to_string()
}

fn receipt(change: impl FnOnce(&mut Value)) -> String {
    let mut receipt = json!({
        "transactionHash": ID,
        "blockNumber": "0x5a",
        "blockHash": ID.replace('1', "2"),
        "status": "0x1",
        "logs": [{
            "address": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
            "topics": [ID.replace('1', "3")],
            "data": "0x0102",
            "removed": false,
        }],
        "type": "0x2",
    });
    change(&mut receipt);
    result(&receipt.to_string())
}

#[test]
fn a_receipt_is_read_with_its_events() {
    let found = ask(&receipt(|_| ()), |endpoint| endpoint.receipt(ID)).unwrap().unwrap();
    assert_eq!((found.block, found.block_hash, found.succeeded), (90, Word([0x22; 32]), true));
    let [event] = found.events.as_slice() else { panic!("{:?}", found.events) };
    assert_eq!(event.contract.to_string(), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    assert_eq!((event.topics.as_slice(), event.data.as_slice()), (&[Word([0x33; 32])][..], &[1, 2][..]));
    let failed = ask(&receipt(|it| it["status"] = json!("0x0")), |endpoint| endpoint.receipt(ID));
    assert!(!failed.unwrap().unwrap().succeeded);
    assert_eq!(ask(&result("null"), |endpoint| endpoint.receipt(ID)), Ok(None));
}

#[test]
fn a_receipt_that_is_not_whole_is_none() {
    let nonsense: [fn(&mut Value); 9] = [
        |it| it["transactionHash"] = json!(ID.replace('1', "4")),
        |it| it["transactionHash"] = json!("0x11"),
        |it| it["status"] = json!("0x2"),
        |it| it["status"] = json!(1),
        |it| it["status"] = Value::Null,
        |it| it["blockNumber"] = Value::Null,
        |it| it["blockNumber"] = json!(format!("0x1{}", "0".repeat(16))),
        |it| it["logs"] = Value::Null,
        |it| it["logs"][0]["address"] = json!("0x01"),
    ];
    for change in nonsense {
        let error = ask(&receipt(change), |endpoint| endpoint.receipt(ID)).unwrap_err();
        assert!(error.is_its_fault(), "{error}");
    }
}

#[test]
fn numbers_that_are_none_are_errors() {
    for body in
        ["<html>".to_owned(), result("7"), result("null"), result("\"7\""), result("\"0x\""), result("[]")]
    {
        let count = ask(&body, |endpoint| endpoint.transaction_count(Address([1; 20]), At::Latest));
        assert!(count.as_ref().is_err_and(RpcError::is_its_fault), "{body}: {count:?}");
    }
    let far = result(&format!("\"0x1{}\"", "0".repeat(16)));
    assert!(ask(&far, |endpoint| endpoint.transaction_count(Address([1; 20]), At::Latest)).is_err());
    assert_eq!(ask(&far, |endpoint| endpoint.balance(Address([1; 20]), At::Latest)), Ok(1 << 64));
}

#[test]
fn a_block_that_a_node_does_not_have_is_told_from_one_that_it_must_have() {
    let ask_for = |at| move |endpoint: &Endpoint| endpoint.block_at(at);
    assert_eq!(ask(&result("null"), ask_for(At::Number(7))), Ok(None));
    assert!(ask(&result("null"), |endpoint| endpoint.known_block(At::Finalized)).is_err());
    let body = result(&json!({"number": "0x7", "hash": ID, "baseFeePerGas": "0x3b9aca00"}).to_string());
    let block = Block { number: 7, hash: Word([0x11; 32]), base_fee: Some(1_000_000_000) };
    assert_eq!(ask(&body, ask_for(At::Latest)), Ok(Some(block)));
    let pending = result(&json!({"number": null, "hash": null}).to_string());
    assert!(ask(&pending, ask_for(At::Latest)).is_err());
}

#[test]
fn an_endpoint_of_another_chain_is_not_believed() {
    let check = |id| ask(&result("\"0x89\""), move |endpoint| endpoint.check_chain_id(id));
    assert_eq!(check(137), Ok(()));
    let error = check(1).unwrap_err();
    assert!(error.to_string().ends_with("of another chain, whose id is 137"), "{error}");
    assert!(error.is_its_fault());
}

const FEES: Fees = Fees { most: 9, priority: 1 };

#[test]
fn a_payout_that_would_fail_is_told_from_a_node_that_fails() {
    let action = Action { to: Address([2; 20]), value: 1, data: Vec::new() };
    let estimate =
        |body: &str| ask(body, |endpoint| endpoint.estimate(Address([1; 20]), &action, FEES, false));
    assert_eq!(estimate(&result("\"0x5208\"")), Ok(Estimate::Takes(21_000)));
    let reverted = estimate(&refusal(3, "execution reverted: no coins, please"));
    let why = "The chain would refuse it: execution reverted: no coins, please.".to_owned();
    assert_eq!(reverted, Ok(Estimate::Fails(why)));
    assert!(estimate(&refusal(-32_000, "missing trie node")).is_err());
    assert!(estimate(&refusal(-32_005, "limit exceeded")).unwrap_err().is_its_fault());
}

#[test]
fn sending_what_is_there_already_is_known_by_its_words() {
    for message in
        ["already known", "nonce too low: next nonce 5, tx nonce 4", "replacement transaction underpriced"]
    {
        let sent = ask(&refusal(-32_000, message), |endpoint| endpoint.send_raw_transaction("0x02"));
        assert!(matches!(&sent, Err(RpcError::Refused { message, .. }) if is_repeat(message)), "{sent:?}");
    }
    assert!(!is_repeat("insufficient funds for gas * price + value"));
    assert_eq!(ask(&result(&format!("\"{ID}\"")), |endpoint| endpoint.send_raw_transaction("0x02")), Ok(()));
}
