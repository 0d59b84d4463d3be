//! A request's body as a file that is read while it comes, in bounded memory: a few pieces wait, and no more are taken meanwhile.

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use std::io::{self, Read};
use std::time::Duration;
use tokio::sync::mpsc;

/// A piece of the body; an empty one says that it came to its end.
type Piece = io::Result<Bytes>;

/// The body as a thread reads it. One that breaks off is an error: what came of its last row is no row.
pub struct Upload {
    pieces: mpsc::Receiver<Piece>,
    piece: Bytes,
    ended: bool,
}

/// The body to be read, and the work of taking it off the wire.
pub fn upload(body: Body, patience: Duration) -> (Upload, impl Future<Output = ()> + Send) {
    let (sender, pieces) = mpsc::channel(2);
    (Upload { pieces, piece: Bytes::new(), ended: false }, take(body, patience, sender))
}

async fn take(body: Body, patience: Duration, sender: mpsc::Sender<Piece>) {
    let mut body = body.into_data_stream();
    loop {
        let (piece, ends) = match tokio::time::timeout(patience, body.next()).await {
            Ok(Some(Ok(piece))) if piece.is_empty() => continue,
            Ok(Some(Ok(piece))) => (Ok(piece), false),
            Ok(Some(Err(_))) => (Err(io::ErrorKind::ConnectionAborted.into()), true),
            Ok(None) => (Ok(Bytes::new()), true),
            Err(_) => (Err(io::ErrorKind::TimedOut.into()), true),
        };
        if sender.send(piece).await.is_err() || ends {
            return;
        }
    }
}

impl Read for Upload {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.ended {
            // Without a word that it ended, it broke off.
            self.piece = self.pieces.blocking_recv().unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
            self.ended = self.piece.is_empty();
        }
        let length = out.len().min(self.piece.len());
        let read = self.piece.split_to(length);
        if let Some(place) = out.get_mut(..length) {
            place.copy_from_slice(&read);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    async fn read(body: Body, patience: Duration) -> io::Result<String> {
        let (mut upload, take) = upload(body, patience);
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            upload.read_to_string(&mut text).map(|_| text)
        });
        take.await;
        reader.join().expect("the reader ends")
    }

    #[tokio::test]
    async fn a_body_is_read_in_its_order_to_its_end() {
        let pieces = ["a,b\n", "", "1", ",2\n"].map(|p| Ok::<_, io::Error>(Bytes::from(p)));
        let told = read(Body::from_stream(stream::iter(pieces)), Duration::from_secs(9)).await;
        assert_eq!(told.expect("it reads"), "a,b\n1,2\n");
        assert_eq!(read(Body::empty(), Duration::from_secs(9)).await.expect("it reads"), "");
    }

    #[tokio::test]
    async fn one_that_breaks_off_or_does_not_come_is_an_error() {
        let broken = [Ok(Bytes::from("a,b\n1")), Err(io::Error::other("gone"))];
        let told = read(Body::from_stream(stream::iter(broken)), Duration::from_secs(9)).await;
        assert_eq!(told.expect_err("it broke off").kind(), io::ErrorKind::ConnectionAborted);
        let silent = Body::from_stream(stream::pending::<io::Result<Bytes>>());
        let told = read(silent, Duration::from_millis(5)).await;
        assert_eq!(told.expect_err("nothing comes").kind(), io::ErrorKind::TimedOut);
        let (mut upload, take) = upload(Body::from("a"), Duration::from_secs(9));
        drop(take);
        let told = std::thread::spawn(move || upload.read(&mut [0; 8])).join().expect("the reader ends");
        assert_eq!(told.expect_err("nobody takes it").kind(), io::ErrorKind::UnexpectedEof);
    }
}
