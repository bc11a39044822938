//! A connection that gives up on a client that does not take its answer; under TLS, so that it sees each piece that is taken.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Fails a write, or an end, of which next to nothing was taken for too long: a byte now and then does not keep a
/// connection. Reads pass through: their time-outs are HTTP's.
pub(super) struct Prompt<S> {
    stream: S,
    limit: Duration,
    /// What must be taken within the limit, bytes, unless that is all there is.
    least: usize,
    waiting: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl<S> Prompt<S> {
    pub(super) fn new(stream: S, limit: Duration, least: usize) -> Prompt<S> {
        Prompt { stream, limit, least, waiting: None, taken: 0 }
    }

    /// Passes on what a write came to. Enough was taken: the time begins anew.
    fn count(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(Ok(bytes)) = written else { return self.judge(context, written) };
        self.taken = self.taken.saturating_add(bytes);
        if self.taken >= self.least {
            (self.waiting, self.taken) = (None, 0);
        }
        written
    }

    /// Passes on what an end or a flush came to, unless it has been pending for too long. All was taken once it is ready.
    fn judge<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            (self.waiting, self.taken) = (None, 0);
            return written;
        }
        let limit = self.limit;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(limit)));
        waiting.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.count(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.count(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.judge(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.judge(context, shut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (near, _far) = tokio::io::duplex(4);
        let error =
            Prompt::new(near, Duration::from_millis(30), 1).write_all(b"more than four").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    /// As TLS does, this keeps what is written until it is flushed.
    fn buffered(
        limit: Duration,
    ) -> (Prompt<tokio::io::BufStream<tokio::io::DuplexStream>>, tokio::io::DuplexStream) {
        let (near, far) = tokio::io::duplex(4);
        (Prompt::new(tokio::io::BufStream::new(near), limit, 1), far)
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_given_up_when_the_rest_is_flushed_and_at_the_end() {
        let soon = Duration::from_secs(10);
        let (mut prompt, _far) = buffered(Duration::from_millis(30));
        prompt.write_all(b"more than four").await.unwrap();
        let flushed = tokio::time::timeout(soon, prompt.flush()).await.unwrap();
        assert_eq!(flushed.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let (mut prompt, _far) = buffered(Duration::from_millis(30));
        prompt.write_all(b"more than four").await.unwrap();
        let ended = tokio::time::timeout(soon, prompt.shutdown()).await.unwrap();
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_slow_client_that_takes_something_each_time_gets_everything() {
        let (near, mut far) = tokio::io::duplex(1);
        let mut prompt = Prompt::new(near, Duration::from_millis(100), 1);
        let reading = async {
            let mut all = Vec::new();
            for _ in 0..8 {
                tokio::time::sleep(Duration::from_millis(25)).await;
                all.push(far.read_u8().await.unwrap());
            }
            all
        };
        let (written, all) = tokio::join!(prompt.write_all(b"8 pieces"), reading);
        assert!(written.is_ok());
        assert_eq!(all, b"8 pieces");
    }

    #[tokio::test]
    async fn a_byte_now_and_then_keeps_no_connection() {
        let (near, mut far) = tokio::io::duplex(1);
        let mut prompt = Prompt::new(near, Duration::from_millis(100), 64);
        let dripping = async {
            loop {
                tokio::time::sleep(Duration::from_millis(10)).await;
                drop(far.read_u8().await);
            }
        };
        tokio::select! {
            written = prompt.write_all(&[0; 200]) => assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut),
            () = dripping => {}
        }
    }

    #[tokio::test]
    async fn what_was_taken_whole_counts_anew_however_little_it_is() {
        let (near, mut far) = tokio::io::duplex(4);
        let mut prompt = Prompt::new(near, Duration::from_millis(400), 64);
        for _ in 0..10 {
            let (written, _) = tokio::join!(
                async {
                    prompt.write_all(b"an event").await?;
                    prompt.flush().await
                },
                async {
                    tokio::time::sleep(Duration::from_millis(80)).await;
                    far.read_exact(&mut [0; 8]).await
                },
            );
            assert!(written.is_ok(), "{written:?}");
        }
    }
}
