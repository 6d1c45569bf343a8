//! A connection that fails when nothing moves on it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_io_timeout::TimeoutStream;

/// A stream that fails where what is sent is not taken for a while, or nothing comes: unless something was sent meanwhile and
/// taken, as to whoever listens to events and says nothing. Who listens is found to have gone within twice that while.
#[derive(Debug)]
pub(super) struct Moving<S> {
    stream: Pin<Box<TimeoutStream<S>>>,
    /// Whether something was taken since it was last found that nothing had come.
    has_sent: bool,
}

impl<S: AsyncRead + AsyncWrite> Moving<S> {
    /// A stream that fails when nothing moves for `stall_timeout`.
    pub(super) fn new(stream: S, stall_timeout: Duration) -> Self {
        let mut stream = TimeoutStream::new(stream);
        stream.set_read_timeout(Some(stall_timeout));
        stream.set_write_timeout(Some(stall_timeout));
        Self { stream: Box::pin(stream), has_sent: false }
    }

    fn noted(&mut self, sent: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.has_sent |= matches!(sent, Poll::Ready(Ok(1..)));
        sent
    }
}

impl<S: AsyncRead + AsyncWrite> AsyncRead for Moving<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.stream.as_mut().poll_read(context, buffer) {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::TimedOut && self.has_sent => {
                self.has_sent = false;
                // It waits anew.
                self.stream.as_mut().poll_read(context, buffer)
            }
            read => read,
        }
    }
}

impl<S: AsyncRead + AsyncWrite> AsyncWrite for Moving<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = self.stream.as_mut().poll_write(context, bytes);
        self.noted(sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = self.stream.as_mut().poll_write_vectored(context, slices);
        self.noted(sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::timeout;

    use super::*;

    const STALL: Duration = Duration::from_secs(30);
    const MOMENT: Duration = Duration::from_millis(1);

    /// Something fails then, and not before.
    async fn fails_within<T: std::fmt::Debug>(
        after: Duration,
        within: Duration,
        mut work: Pin<&mut impl Future<Output = io::Result<T>>>,
    ) {
        assert!(timeout(after.checked_sub(MOMENT).unwrap(), work.as_mut()).await.is_err(), "not before");
        let failed = timeout(within.checked_sub(after).unwrap() + 2 * MOMENT, work).await;
        assert_eq!(failed.expect("by then").unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_moves_reading_fails() {
        let (near, _far) = duplex(64);
        let mut moving = Moving::new(near, STALL);
        fails_within(STALL, STALL, std::pin::pin!(moving.read_u8())).await;
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_what_is_sent_need_say_nothing_and_has_to_once_nothing_is_sent() {
        let (near, mut far) = duplex(64);
        let mut moving = Moving::new(near, STALL);
        for _ in 0..10 {
            moving.write_all(b"event").await.unwrap();
            let mut taken = [0; 5];
            far.read_exact(&mut taken).await.unwrap();
            assert!(timeout(STALL.checked_sub(MOMENT).unwrap(), moving.read_u8()).await.is_err());
        }
        fails_within(MOMENT, 2 * STALL, std::pin::pin!(moving.read_u8())).await;
    }

    #[tokio::test(start_paused = true)]
    async fn where_what_is_sent_is_not_taken_writing_fails() {
        let (near, _far) = duplex(8);
        let mut moving = Moving::new(near, STALL);
        fails_within(STALL, STALL, std::pin::pin!(moving.write_all(b"more than fits"))).await;
    }
}
