//! Just enough of an HTTP/1.1 client to keep a connection busy: what is measured is the server.

use anyhow::{Context as _, Result, bail};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// Bodies up to this are sent with their head in one piece.
const ONE_PIECE: usize = 4_096;

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    authorization: String,
    out: Vec<u8>,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects with a ledger key.
    pub fn open(address: SocketAddr, key: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).context("the server does not take connections")?;
        stream.set_nodelay(true)?;
        let authorization = format!("Bearer {key}");
        Ok(Self { stream, authorization, out: Vec::new(), buffer: Vec::new() })
    }

    /// Sends a body and gives the answer's.
    ///
    /// # Errors
    /// Anything but status 200.
    pub fn post(&mut self, path: &str, media: &str, body: &[u8]) -> Result<&[u8]> {
        self.out.clear();
        let authorization = &self.authorization;
        let length = body.len();
        write!(
            self.out,
            "POST {path} HTTP/1.1\r\nhost: ledger\r\nauthorization: {authorization}\r\n\
             content-type: {media}\r\ncontent-length: {length}\r\n\r\n"
        )?;
        if length <= ONE_PIECE {
            self.out.extend_from_slice(body);
            self.stream.write_all(&self.out)?;
        } else {
            self.stream.write_all(&self.out)?;
            self.stream.write_all(body)?;
        }
        self.answer()
    }

    fn answer(&mut self) -> Result<&[u8]> {
        self.buffer.clear();
        let head = loop {
            self.read()?;
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head])?.to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.context("an answer without length")?.trim().parse()?;
        while self.buffer.len() < head + length {
            self.read()?;
        }
        let body = &self.buffer[head..];
        if !text.starts_with("http/1.1 200") {
            bail!("the server refused: {}", String::from_utf8_lossy(body));
        }
        Ok(body)
    }

    fn read(&mut self) -> Result<()> {
        let mut piece = [0; 16 << 10];
        let count = self.stream.read(&mut piece)?;
        if count == 0 {
            bail!("the server closed the connection");
        }
        self.buffer.extend_from_slice(&piece[..count]);
        Ok(())
    }
}
