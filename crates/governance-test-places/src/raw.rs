//! A client that sends any command to one server, as any other client would.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::TcpStream;

/// A connection to one server.
#[derive(Debug)]
pub struct Raw {
    stream: BufReader<TcpStream>,
}

/// A reply; an error is one too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A string, or a status such as `OK`.
    Text(String),
    /// What the server refused to do, and why.
    Error(String),
    /// A number.
    Integer(i64),
    /// There is nothing.
    Nil,
    /// Several.
    List(Vec<Self>),
}

impl Answer {
    /// The texts in it, in order.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text.clone()],
            Self::List(items) => items.iter().flat_map(Self::texts).collect(),
            _ => Vec::new(),
        }
    }

    /// The texts in it as one.
    pub fn text(&self) -> String {
        self.texts().concat()
    }
}

impl Raw {
    /// Connects to `host:port`.
    ///
    /// # Errors
    ///
    /// When nobody listens there.
    pub fn connect(address: &str) -> Result<Self> {
        Ok(Self { stream: BufReader::new(TcpStream::connect(address)?) })
    }

    /// Sends a command, and returns what is answered.
    ///
    /// # Errors
    ///
    /// When the connection is lost. What the server refuses is an [`Answer::Error`].
    pub fn ask(&mut self, words: &[&str]) -> Result<Answer> {
        let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
        let words: Vec<String> = words.collect();
        let command = format!("*{}\r\n{}", words.len(), words.concat());
        self.stream.get_mut().write_all(command.as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Answer> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let line = line.trim_end();
        let Some((kind, rest)) = line.split_at_checked(1) else {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        };
        let length = || rest.parse::<i64>().expect("a length is a number");
        Ok(match kind {
            "+" => Answer::Text(rest.to_owned()),
            "-" => Answer::Error(rest.to_owned()),
            ":" => Answer::Integer(length()),
            "$" | "*" if length() < 0 => Answer::Nil,
            "$" => {
                let mut bytes = vec![0; usize::try_from(length()).expect("it is positive") + 2];
                self.stream.read_exact(&mut bytes)?;
                Answer::Text(String::from_utf8_lossy(&bytes[..bytes.len() - 2]).into_owned())
            }
            "*" => Answer::List((0..length()).map(|_| self.answer()).collect::<Result<_>>()?),
            other => panic!("a reply of the kind {other:?}"),
        })
    }
}

/// The keys that match a pattern, on this server.
pub fn keys(raw: &mut Raw, pattern: &str) -> Vec<String> {
    let (mut cursor, mut found) = ("0".to_owned(), Vec::new());
    loop {
        let Ok(Answer::List(reply)) = raw.ask(&["SCAN", &cursor, "MATCH", pattern, "COUNT", "1000"]) else {
            return found;
        };
        found.extend(reply[1].texts());
        cursor = reply[0].text();
        if cursor == "0" {
            found.sort();
            found.dedup();
            return found;
        }
    }
}

/// Every key that begins so, with all it holds.
pub fn everything(raw: &mut Raw, prefix: &str) -> Vec<(String, String)> {
    let names = keys(raw, &format!("{prefix}*"));
    names.into_iter().map(|name| (name.clone(), format!("{:?}", raw.ask(&["DUMP", &name]).unwrap()))).collect()
}
