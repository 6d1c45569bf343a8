//! A wire that keeps what goes over it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Method;
use dripline_tests::answer::Answer;
use dripline_tests::faucet::LocalFaucet;
use dripline_tests::request::Message;
use dripline_tests::wire::{InProcess, Wire};

/// A request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    pub(crate) answer: Answer,
}

/// Everything so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Exchange>>>);

impl Log {
    pub(crate) fn add(&self, exchange: Exchange) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    pub(crate) fn all(&self) -> Vec<Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A recorded wire to a faucet.
    pub(crate) fn wire(&self, faucet: &LocalFaucet) -> Recorder {
        Recorder { inner: faucet.wire(), log: self.clone() }
    }
}

/// A wire to a faucet in this process whose traffic is kept.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    inner: InProcess,
    log: Log,
}

impl Recorder {
    /// The same, asked from another network.
    pub(crate) fn elsewhere(&self, last: u8) -> Self {
        let peer = SocketAddr::from((Ipv4Addr::new(198, 51, 100, last), 50_000));
        Self { inner: self.inner.from(peer), log: self.log.clone() }
    }
}

impl Wire for Recorder {
    async fn send(&mut self, request: Message) -> io::Result<Answer> {
        let (method, path) = (request.method().clone(), request.uri().to_string());
        let body = request.body().clone();
        let answer = self.inner.send(request).await?;
        self.log.add(Exchange { method, path, body, answer: answer.clone() });
        Ok(answer)
    }
}
