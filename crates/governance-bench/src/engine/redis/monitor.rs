//! What a server was sent, as its command `MONITOR` tells it.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A command, and whether a script sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Monitor {
    pub(super) words: Vec<Vec<u8>>,
    pub(super) by_script: bool,
}

impl Monitor {
    /// Its name, in capitals.
    pub(super) fn name(&self) -> String {
        self.words.first().map(|name| String::from_utf8_lossy(name).to_uppercase()).unwrap_or_default()
    }
}

/// A word that nobody else sends.
const END: &str = "the end of what was watched";

/// All that the server on this port of 127.0.0.1 is sent while `what` runs.
pub(super) fn watch(port: u16, what: impl FnOnce() -> Result<()>) -> Result<Vec<Monitor>> {
    let connect = || -> Result<_> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(BufReader::new(stream))
    };
    let (mut watching, mut other) = (connect()?, connect()?);
    ask(&mut watching, &["MONITOR"])?;
    what()?;
    ask(&mut other, &["ECHO", END])?;
    let mut seen = Vec::new();
    loop {
        let told = line(&mut watching)?;
        let command = parse(&told).with_context(|| format!("MONITOR told {told:?}"))?;
        if command.words.get(1).is_some_and(|word| word == END.as_bytes()) {
            return Ok(seen);
        }
        seen.push(command);
    }
}

/// Sends a command, and reads the first line of its answer.
fn ask(stream: &mut BufReader<TcpStream>, words: &[&str]) -> Result<()> {
    let words: Vec<String> = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    write!(stream.get_mut(), "*{}\r\n{}", words.len(), words.concat())?;
    let answer = line(stream)?;
    if answer.starts_with('-') {
        bail!("the server refused: {answer}");
    }
    Ok(())
}

fn line(stream: &mut BufReader<TcpStream>) -> Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// Of `+1700000000.123456 [0 127.0.0.1:4711] "GET" "a\x00b"`.
fn parse(line: &str) -> Option<Monitor> {
    let (_, source) = line.split_once('[')?;
    let (source, words) = source.split_once("] ")?;
    let mut parsed = Vec::new();
    let mut rest = words;
    while let Some(quoted) = rest.strip_prefix('"') {
        let (word, behind) = unquoted(quoted)?;
        parsed.push(word);
        rest = behind.trim_start();
    }
    Some(Monitor { words: parsed, by_script: source.ends_with("lua") })
}

/// The bytes up to the closing quote, and what stands behind it.
fn unquoted(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut bytes = Vec::new();
    let mut rest = text;
    loop {
        let next = rest.chars().next()?;
        rest = &rest[next.len_utf8()..];
        if next == '"' {
            return Some((bytes, rest));
        }
        if next != '\\' {
            bytes.extend(next.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let escaped = rest.chars().next()?;
        rest = &rest[escaped.len_utf8()..];
        bytes.push(match escaped {
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'a' => 7,
            'b' => 8,
            'x' => {
                let (code, behind) = rest.split_at_checked(2)?;
                rest = behind;
                u8::from_str_radix(code, 16).ok()?
            }
            other => u8::try_from(other).ok()?,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_what_monitor_tells_then_the_words_are_read_byte_for_byte() {
        let line = r#"+1700000000.123456 [0 127.0.0.1:4711] "set" "a\x00\xffb" "say \"x\\y\"\n""#;
        let words = [&b"set"[..], b"a\x00\xffb", b"say \"x\\y\"\n"].map(<[u8]>::to_vec).into();
        assert_eq!(parse(line), Some(Monitor { words, by_script: false }));
        let inner = parse(r#"+1.2 [0 lua] "HGET" "k" """#).unwrap();
        assert!(inner.by_script && inner.name() == "HGET" && inner.words[2].is_empty());
        assert_eq!(parse("+OK"), None);
        assert_eq!(parse(r#"+1.2 [0 x] "open"#), None);
    }
}
