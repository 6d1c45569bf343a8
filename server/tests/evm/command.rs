//! The binary's commands, run on the data directory of a test.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `dripline` with these words.
pub(crate) fn dripline(words: &[&str]) -> Ran {
    let command = Command::new(env!("CARGO_BIN_EXE_dripline")).args(words).env_clear().output();
    let Output { status, stdout, stderr } = command.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
}

/// An operator, who has a configuration file and a data directory.
#[derive(Debug)]
pub(crate) struct Operator<'a> {
    pub(crate) config: &'a Path,
    pub(crate) data: &'a Path,
}

impl Operator<'_> {
    /// Runs `dripline payouts` with these words.
    pub(crate) fn payouts(&self, words: &[&str]) -> Ran {
        let of_store = ["--config", self.config.to_str().unwrap(), "--data", self.data.to_str().unwrap()];
        dripline(&[&["payouts"], words, &of_store].concat())
    }

    /// The same, which must be done; gives what it prints.
    pub(crate) fn does(&self, words: &[&str]) -> String {
        let ran = self.payouts(words);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    }

    /// The same, which must be refused with this exit code; gives why.
    pub(crate) fn cannot(&self, words: &[&str], code: i32) -> String {
        let ran = self.payouts(words);
        assert_eq!(ran.code, code, "{ran:?}");
        ran.err
    }

    /// What `list` prints of a rail.
    pub(crate) fn list(&self, rail: &str) -> Value {
        let document: Value = serde_json::from_str(&self.does(&["list", rail, "--json"])).unwrap();
        document["rails"][0].clone()
    }

    /// The ids of all withdrawals of a rail that wait or are in a batch under way, by their addresses.
    pub(crate) fn open(&self, rail: &str) -> std::collections::BTreeMap<String, String> {
        let listed = self.list(rail);
        let batched = listed["batches"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|batch| batch["withdrawals"].as_array().unwrap());
        let all = batched.chain(listed["waiting"].as_array().unwrap());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        all.map(|it| (text(&it["address"]), text(&it["id"]))).collect()
    }
}
