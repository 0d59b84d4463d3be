//! A load generator that costs little: bytes made beforehand, connections kept alive, answers read by their length.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request and how long the body of its answer is.
pub struct Exchange {
    /// The whole request.
    pub request: Vec<u8>,
    /// Bytes of the answer's body.
    pub length: usize,
    /// Clients it discloses.
    pub clients: usize,
}

/// One connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Opens one.
    pub async fn open(to: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(to).await.map_err(|e| e.to_string())?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and reads its answer, which must be 200; where its body begins in the buffer.
    async fn exchange(&mut self, request: &[u8]) -> Result<usize, String> {
        self.stream.write_all(request).await.map_err(|e| e.to_string())?;
        self.buffer.clear();
        let mut whole = usize::MAX;
        let mut body = 0;
        while self.buffer.len() < whole {
            if self.stream.read_buf(&mut self.buffer).await.map_err(|e| e.to_string())? == 0 {
                return Err("the server hung up".into());
            }
            if body == 0
                && let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n")
            {
                let head = std::str::from_utf8(&self.buffer[..end]).map_err(|e| e.to_string())?;
                if !head.starts_with("HTTP/1.1 200") {
                    return Err(format!("answered {}", head.lines().next().unwrap_or_default()));
                }
                let length =
                    head.lines().find_map(|l| l.strip_prefix("content-length: ")).and_then(|n| n.parse().ok());
                body = end + 4;
                whole = body + length.unwrap_or(0_usize);
            }
        }
        Ok(body)
    }

    /// The body of an answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let body = self.exchange(request).await?;
        Ok(self.buffer[body..].to_vec())
    }
}

/// What a round measured.
pub struct Measured {
    /// Answers.
    pub answers: usize,
    /// How long it took.
    pub took: Duration,
    /// Latency of each, in microseconds.
    pub latencies: Vec<u32>,
    /// Clients disclosed, each as often as it was.
    pub disclosed: usize,
}

/// Asks on so many connections for so long, each going through all exchanges from a place of its own.
pub async fn round(
    to: SocketAddr,
    exchanges: &Arc<Vec<Exchange>>,
    connections: usize,
    long: Duration,
) -> Result<Measured, String> {
    let mut opened = Vec::with_capacity(connections);
    for _ in 0..connections {
        opened.push(Connection::open(to).await?);
    }
    let begin = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for (n, mut connection) in opened.into_iter().enumerate() {
        let exchanges = Arc::clone(exchanges);
        let mut next = n * exchanges.len() / connections;
        tasks.spawn(async move {
            let mut latencies = Vec::with_capacity(16 * 1024);
            let mut disclosed = 0;
            while begin.elapsed() < long {
                let exchange = &exchanges[next];
                next = (next + 1) % exchanges.len();
                let sent = Instant::now();
                let body = connection.exchange(&exchange.request).await?;
                latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                if connection.buffer.len() - body != exchange.length {
                    return Err("an answer has another length than expected".to_owned());
                }
                disclosed += exchange.clients;
            }
            Ok((latencies, disclosed))
        });
    }
    let (mut latencies, mut disclosed) = (Vec::new(), 0);
    while let Some(done) = tasks.join_next().await {
        let (mut of_one, clients) = done.map_err(|e| e.to_string())??;
        latencies.append(&mut of_one);
        disclosed += clients;
    }
    Ok(Measured { answers: latencies.len(), took: begin.elapsed(), latencies, disclosed })
}
