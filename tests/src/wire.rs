//! How requests reach a server: in this process, or over a connection.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use dripline_server::http::Peer;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::ServiceExt;

use crate::answer::Answer;
use crate::request::Message;

/// Somewhere to send requests to.
pub trait Wire: Send {
    /// Sends one, and gives its answer; an error where none came.
    fn send(&mut self, request: Message) -> impl Future<Output = io::Result<Answer>> + Send;
}

/// A server in this process, asked from this address.
#[derive(Debug, Clone)]
pub struct InProcess {
    router: Router,
    peer: SocketAddr,
}

impl InProcess {
    /// Asks `router` as a client at `peer`.
    pub fn new(router: Router, peer: SocketAddr) -> Self {
        Self { router, peer }
    }

    /// The same server, asked from another address.
    #[must_use]
    pub fn from(&self, peer: SocketAddr) -> Self {
        Self { router: self.router.clone(), peer }
    }
}

impl Wire for InProcess {
    async fn send(&mut self, request: Message) -> io::Result<Answer> {
        let mut request = request.map(Body::from);
        request.extensions_mut().insert(Peer(self.peer));
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes().to_vec();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

/// A server at an address, over one connection that is made anew when it broke.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    /// To the server at `address`; connects with the first request.
    pub fn to(address: SocketAddr) -> Self {
        Self { address, sender: None }
    }

    async fn sender(&mut self) -> io::Result<&mut SendRequest<Full<Bytes>>> {
        let usable = self.sender.take().filter(|sender| !sender.is_closed());
        let sender = match usable {
            Some(sender) => sender,
            None => connect(self.address).await?,
        };
        Ok(self.sender.insert(sender))
    }
}

async fn connect(address: SocketAddr) -> io::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    // It ends with the sender; how it broke is told by the request that it broke under.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

impl Wire for Connection {
    async fn send(&mut self, request: Message) -> io::Result<Answer> {
        let host = self.address.to_string().try_into().map_err(io::Error::other)?;
        let sender = self.sender().await?;
        let mut request = request.map(|body| Full::new(Bytes::from(body)));
        request.headers_mut().insert(hyper::header::HOST, host);
        sender.ready().await.map_err(io::Error::other)?;
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes().to_vec();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}
