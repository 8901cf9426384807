//! The file, and its index in memory: what is durable, who takes turns, and what a crash leaves.
//!
//! All this blocks, and runs on threads that may: see [`JsonLines`](super::JsonLines).

use governance_persistence::{Backplane, Commit, Error, InMemoryBackplane, LogEntry, Receipt, Replicated, Result};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;

/// One open file of log entries.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// What the file says, as far as it was read. It decides, and it answers all reads.
    index: InMemoryBackplane,
    /// How many bytes of the file the index holds: whole lines.
    indexed: u64,
}

impl Journal {
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        let file = open(&path).map_err(|error| failed("the file cannot be opened", error))?;
        let mut journal = Self { path, file, index: InMemoryBackplane::new(), indexed: 0 };
        journal.catch_up()?;
        Ok(journal)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn index(&self) -> &InMemoryBackplane {
        &self.index
    }

    /// Commits, all or nothing: the index decides, and gives the answers in the contract's order.
    pub(crate) fn commit(&mut self, commit: &Commit) -> Result<Receipt> {
        self.exclusively(|journal| {
            journal.read_lines()?;
            let receipt = wait(journal.index.commit(commit))?;
            if !receipt.replayed {
                journal.append(&LogEntry::of(commit, receipt.sequence, receipt.recorded_at))?;
            }
            Ok(receipt)
        })
    }

    /// Applies an entry of another backplane as it is.
    pub(crate) fn replicate(&mut self, entry: &LogEntry) -> Result<Replicated> {
        self.exclusively(|journal| {
            journal.read_lines()?;
            let replicated = wait(journal.index.replicate(entry))?;
            if replicated == Replicated::Applied {
                journal.append(entry)?;
            }
            Ok(replicated)
        })
    }

    /// Brings the index level with the file. No writer is in the middle of a line meanwhile.
    pub(crate) fn catch_up(&mut self) -> Result<()> {
        self.file.lock_shared().map_err(|error| failed("the file cannot be locked", error))?;
        let read = self.read_lines();
        self.unlock();
        read
    }

    /// Lets nobody else read or write meanwhile, in this process or another.
    pub(crate) fn exclusively<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.file.lock().map_err(|error| failed("the file cannot be locked", error))?;
        let done = work(self);
        self.unlock();
        done
    }

    fn unlock(&self) {
        // Should it fail, the lock ends with the handle.
        let _ = self.file.unlock();
    }

    /// Takes the lines into the index that others have added.
    fn read_lines(&mut self) -> Result<()> {
        let cannot = |error| failed("the file cannot be read", error);
        if self.file.metadata().map_err(cannot)?.len() == self.indexed {
            return Ok(());
        }
        // Who wrote them may have been killed before they were synced. What we show is durable.
        self.file.sync_data().map_err(cannot)?;
        self.file.seek(SeekFrom::Start(self.indexed)).map_err(cannot)?;
        let (mut reader, mut line) = (BufReader::new(&self.file), Vec::new());
        while reader.read_until(b'\n', &mut line).map_err(cannot)? > 0 && line.ends_with(b"\n") {
            let entry: LogEntry = serde_json::from_slice(&line).map_err(|error| Error::Backend {
                reason: format!("the line at byte {} is no log entry", self.indexed).into(),
                source: Some(error.into()),
            })?;
            let replicated = wait(self.index.replicate(&entry))?;
            if replicated != Replicated::Applied {
                let problem = format!("the line at byte {} does not follow those before it", self.indexed);
                return Err(Error::corrupt(&entry.key, entry.sequence, problem));
            }
            self.indexed += line.len() as u64;
            line.clear();
        }
        Ok(())
    }

    /// Adds the line of an entry that the index holds already.
    fn append(&mut self, entry: &LogEntry) -> Result<()> {
        let written = serde_json::to_vec(entry).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            // What is behind the last whole line was left by a crash, and nobody was told of it.
            self.file.set_len(self.indexed)?;
            self.file.write_all(&line)?;
            self.file.sync_data()?;
            Ok(line.len() as u64)
        });
        match written {
            Ok(length) => {
                self.indexed += length;
                Ok(())
            }
            Err(error) => Err(self.undo(error)),
        }
    }

    /// Takes a line back that may be there in part, and says whether that was possible. The index
    /// is ahead of the file: it is made anew, by whoever comes next.
    fn undo(&mut self, error: io::Error) -> Error {
        let undone = self.file.set_len(self.indexed).and_then(|()| self.file.sync_data());
        (self.index, self.indexed) = (InMemoryBackplane::new(), 0);
        match undone {
            Ok(()) => failed("the line cannot be written", error),
            Err(_) => Error::unknown("the line may have been written", Some(error.into())),
        }
    }
}

/// Opens the file, or makes it; its name too is to survive a power cut.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(file)
}

/// The index never waits for anything.
fn wait<T>(answer: impl Future<Output = T>) -> T {
    Handle::current().block_on(answer)
}

/// Nothing was written: it may be tried again.
pub(crate) fn failed(what: &str, error: io::Error) -> Error {
    Error::not_applied(format!("{what}: {error}"), Some(error.into()))
}
